/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/network.h"

#include "shell/shell.h"
#include "ui/widget.h"

#include <stdio.h>
#include <stdlib.h>

/* Below it 64-QAM of cable breaks up. */
#define WEAK_CNR_MDB 26000

enum verdict { VERDICT_UNKNOWN, VERDICT_GOOD, VERDICT_POOR, VERDICT_BAD };

struct network {
    struct view *view;
    struct shell *shell;
    struct link_call *call; /* NULL: answered, or there is nobody to ask */
    const char *gateway;    /* key of what is known of it */
    enum verdict gateway_verdict;
    struct row {
        struct node *icon, *words;
    } signal, content, order;
};

static void show(const struct row *row, enum verdict verdict, struct words words)
{
    static const struct {
        const char *icon;
        enum theme_color color;
    } looks[] = {[VERDICT_UNKNOWN] = {"clock", COLOR_TEXT_SOFT},
                 [VERDICT_GOOD] = {"ok", COLOR_GOOD},
                 [VERDICT_POOR] = {"warning", COLOR_WARNING},
                 [VERDICT_BAD] = {"bad", COLOR_BAD}};
    node_set_color(node_set_icon(row->icon, looks[verdict].icon), looks[verdict].color);
    node_set_words(row->words, words);
}

static void show_signal(const struct network *network, const struct reception_news *news)
{
    const struct tuner_status *status = news ? &news->tuner.status : NULL;
    if (!news || !news->signal)
        show(&network->signal, VERDICT_BAD, tr("network.signal.none"));
    else if (news->tuner.has_status && status->has_cnr_db && status->cnr_mdb < WEAK_CNR_MDB)
        show(&network->signal, VERDICT_POOR, tr("network.signal.weak"));
    else
        show(&network->signal, VERDICT_GOOD, tr("network.signal.good"));
}

static void show_content(const struct network *network, const struct reception_news *news)
{
    char part[64];
    if (!news || !news->signal || !news->has_carousel || news->modules == 0) {
        show(&network->content, VERDICT_BAD, tr("network.content.none"));
    } else if (news->modules_complete < news->modules) {
        snprintf(part, sizeof(part), "%zu / %zu", news->modules_complete, news->modules);
        show(&network->content, VERDICT_UNKNOWN, tr1("network.content.some", part));
    } else {
        show(&network->content, VERDICT_GOOD, tr("network.content.good"));
    }
}

static void show_all(const struct network *network)
{
    const struct reception_news *news = shell_news(network->shell);
    show_signal(network, news);
    show_content(network, news);
    show(&network->order, network->gateway_verdict, tr(network->gateway));
}

static void on_answer(void *context, const struct link_response *response)
{
    struct network *network = context;
    network->call = NULL;
    if (response->result == LINK_UNTRUSTED || response->status == 401 || response->status == 403) {
        network->gateway_verdict = VERDICT_BAD;
        network->gateway = "network.gateway.untrusted";
    } else if (response->result != LINK_ANSWERED) {
        network->gateway_verdict = VERDICT_BAD;
        network->gateway = "network.gateway.unreachable";
    } else if (response->status != 200) {
        network->gateway_verdict = VERDICT_POOR;
        network->gateway = "network.gateway.busy";
    } else {
        network->gateway_verdict = VERDICT_GOOD;
        network->gateway = "network.gateway.good";
    }
    show_all(network);
}

static void ask(struct network *network)
{
    struct link *link = shell_link(network->shell);
    link_cancel(network->call);
    network->call =
        link ? link_request(link, "GET", "/v1/health", NULL, 0, (struct bytes){NULL, 0}, on_answer, network)
             : NULL;
    network->gateway_verdict = network->call ? VERDICT_UNKNOWN : VERDICT_BAD;
    network->gateway = network->call ? "network.gateway.asking"
                       : link        ? "network.gateway.unreachable"
                                     : "network.gateway.absent";
}

static void again(struct node *node, void *context)
{
    (void)node;
    ask(context);
    show_all(context);
}

static struct row add_row(struct node *parent, const char *title)
{
    struct row row;
    struct node *line = ui_row(parent, 20);
    row.icon = node_icon(line, "clock", 56, COLOR_TEXT_SOFT);
    struct node *words = node_grow(ui_column(line, 2), 1);
    node_lines(node_text(words, tr(title), TYPE_STRONG, COLOR_TEXT), 1);
    row.words = ui_note(words, lit(""));
    return row;
}

static void build(struct network *network)
{
    struct node *screen = view_screen(network->view);
    ui_header(screen, tr("network.title"), lit(NULL));
    struct node *body = ui_body(screen);
    struct node *rows = ui_panel(ui_scroll(body, 0), 10);
    network->signal = add_row(rows, "network.signal");
    ui_line(rows);
    network->content = add_row(rows, "network.content");
    ui_line(rows);
    network->order = add_row(rows, "network.gateway");
    struct node *line = node_margin(ui_row(body, 0), 0, 14, 0, 0);
    ui_spacer(line);
    node_focus(ui_button(line, BUTTON_PRIMARY, "search", tr("network.again"), again, network));
    ui_hints(screen, (struct ui_hint[]){{KEY_BACK, tr("hint.back")}, {KEY_BLUE, tr("hint.blue")}}, 2);
    show_all(network);
}

static void *open_network(struct view *view, const char *argument)
{
    (void)argument;
    struct network *network = calloc(1, sizeof(*network));
    if (!network)
        return NULL;
    network->view = view;
    network->shell = view_shell(view);
    ask(network);
    build(network);
    return network;
}

static void changed(void *self, unsigned changes)
{
    if (changes & SHELL_CHANGED_LANGUAGE)
        build(self);
    else if (changes & SHELL_CHANGED_NEWS)
        show_all(self);
}

static void close_network(void *self)
{
    struct network *network = self;
    link_cancel(network->call);
    free(network);
}

const struct channel channel_network = {"network", open_network, NULL, NULL, changed, close_network};
