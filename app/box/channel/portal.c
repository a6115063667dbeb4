/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/portal.h"

#include "shell/format.h"
#include "shell/shell.h"
#include "ui/widget.h"

#include <stdio.h>
#include <stdlib.h>

#define PREVIEW_WIDTH 448
#define PREVIEW_HEIGHT 252
#define CARD_HEIGHT 148

struct door {
    const char *channel, *icon, *title, *hint;
    enum theme_color color;
};

static const struct door doors[] = {
    {"live", "live", "portal.live", "portal.live.hint", COLOR_ACCENT},
    {"shopping", "shop", "portal.shopping", "portal.shopping.hint", COLOR_FOCUS},
    {"orders", "orders", "portal.orders", "portal.orders.hint", COLOR_KEY_GREEN},
    {"credit", "credit", "portal.credit", "portal.credit.hint", COLOR_KEY_BLUE},
    {"community", "community", "portal.community", "portal.community.hint", COLOR_KEY_YELLOW},
    {"settings", "settings", "portal.settings", "portal.settings.hint", COLOR_TEXT_SOFT},
};
#define DOORS (sizeof(doors) / sizeof(doors[0]))

struct portal {
    struct view *view;
    struct shell *shell;
    struct node *video, *service_name, *now_time, *now_title, *next, *state, *date;
    struct slot {
        struct portal *portal;
        const struct door *door;
    } slots[DOORS];
};

static void open_door(struct node *node, void *context)
{
    (void)node;
    struct slot *slot = context;
    shell_open(slot->portal->shell, slot->door->channel, "");
}

static void show_event(struct portal *portal, const struct reception_service *service)
{
    char from[FORMAT_SIZE], until[FORMAT_SIZE], line[2 * FORMAT_SIZE + SI_NAME_SIZE];
    enum content_language language = shell_language(portal->shell);
    const struct reception_event *now = &service->present, *next = &service->following;
    line[0] = 0;
    if (now->exists && now->start_utc_s >= 0 && now->duration_s >= 0) {
        format_time(now->start_utc_s, from);
        format_time(now->start_utc_s + now->duration_s, until);
        snprintf(line, sizeof(line), "%s – %s", from, until);
    }
    node_set_words(portal->now_time, lit(line));
    node_set_words(portal->now_title, now->exists ? lit(now->name[language]) : tr("live.no_programme"));
    line[0] = 0;
    if (next->exists && next->start_utc_s >= 0) {
        format_time(next->start_utc_s, from);
        snprintf(line, sizeof(line), "%s  %s", from, next->name[language]);
    }
    node_set_words(portal->next, lit(line));
}

static void show_news(struct portal *portal)
{
    const struct reception_service *service = shell_service(portal->shell);
    const struct reception_news *news = shell_news(portal->shell);
    enum content_language language = shell_language(portal->shell);
    bool signal = news && news->signal;
    if (!signal)
        node_video_black(portal->video);
    node_lines(portal->next, service ? 1 : ui_text_large(shell_ui(portal->shell)) ? 4 : 2);
    node_hide(portal->state, service && signal);
    node_set_words(portal->state, tr(signal ? "live.searching" : "live.no_signal"));
    node_set_words(portal->service_name, lit(service ? service->name[language] : ""));
    if (service) {
        show_event(portal, service);
    } else {
        node_set_words(portal->now_time, lit(""));
        node_set_words(portal->now_title, lit(""));
        node_set_words(portal->next, tr("live.no_signal.hint"));
    }
}

/* Live picture at the left, with what is on. */
static void build_preview(struct portal *portal, struct node *row)
{
    struct node *column =
        node_place(node_size(ui_column(row, 10), PREVIEW_WIDTH, 0), ALIGN_USUAL, ALIGN_START);
    struct node *stack = node_box(column, &(struct box){.layout = LAYOUT_STACK, .height = PREVIEW_HEIGHT});
    portal->video = node_video(stack, PREVIEW_WIDTH, PREVIEW_HEIGHT);
    portal->state =
        node_place(node_text(stack, lit(""), TYPE_STRONG, COLOR_TEXT_SOFT), ALIGN_CENTER, ALIGN_CENTER);
    struct node *facts = ui_panel(column, 2);
    bool large = ui_text_large(shell_ui(portal->shell));
    struct node *line = large ? ui_column(facts, 2) : ui_row(facts, 12);
    portal->service_name = node_lines(node_text(line, lit(""), TYPE_STRONG, COLOR_ACCENT), 1);
    node_grow(portal->service_name, large ? 0 : 1);
    portal->now_time = node_text(line, lit(""), TYPE_CAPTION, COLOR_TEXT_SOFT);
    portal->now_title = node_lines(node_text(facts, lit(""), TYPE_BODY, COLOR_TEXT), 1);
    portal->next = node_lines(node_text(facts, lit(""), TYPE_CAPTION, COLOR_TEXT_SOFT), 1);
    view_video(portal->view, portal->video, PREVIEW_WIDTH, PREVIEW_HEIGHT);
}

static void build(struct portal *portal)
{
    struct node *screen = view_screen(portal->view);
    ui_header(screen, tr("app.name"), lit(NULL));
    const struct ui *ui = shell_ui(portal->shell);
    struct node *body = ui_body(screen);
    struct node *row = ui_row(ui_text_large(ui) ? ui_scroll(body, 0) : body, 28);
    build_preview(portal, row);
    struct node *grid = node_grow(ui_grid(row, 2, 20), 1);
    for (size_t i = 0; i < DOORS; i++) {
        const struct door *door = &doors[i];
        portal->slots[i] = (struct slot){portal, door};
        struct node *card = ui_card(grid, &(struct ui_card){.icon = door->icon,
                                                            .title = tr(door->title),
                                                            .note = tr(door->hint),
                                                            .color = door->color,
                                                            .number = (int)i + 1,
                                                            .activate = open_door,
                                                            .context = &portal->slots[i]});
        if (!ui_text_large(ui))
            node_size(card, 0, CARD_HEIGHT);
        if (i == 0)
            node_focus(card);
    }
    const struct ui_hint hints[] = {{KEY_OK, tr("hint.open")},       {KEY_0, tr("hint.search")},
                                    {KEY_RED, tr("hint.red")},       {KEY_GREEN, tr("hint.green")},
                                    {KEY_YELLOW, tr("hint.yellow")}, {KEY_BLUE, tr("hint.blue")}};
    size_t left_out = ui_theme(ui)->size == THEME_LARGEST ? 2 : ui_text_large(ui) ? 1 : 0;
    ui_hints(screen, hints + left_out, sizeof(hints) / sizeof(hints[0]) - left_out);
    show_news(portal);
}

static void *open_portal(struct view *view, const char *argument)
{
    (void)argument;
    struct portal *portal = calloc(1, sizeof(*portal));
    if (!portal)
        return NULL;
    portal->view = view;
    portal->shell = view_shell(view);
    build(portal);
    return portal;
}

static bool key(void *self, struct key_event event)
{
    struct portal *portal = self;
    if (event.key == KEY_0)
        return shell_open(portal->shell, "search", "");
    if (event.key < KEY_1 || event.key >= KEY_1 + (int)DOORS)
        return false;
    shell_open(portal->shell, doors[event.key - KEY_1].channel, "");
    return true;
}

static void changed(void *self, unsigned changes)
{
    if (changes & SHELL_CHANGED_LANGUAGE)
        build(self);
    else if (changes & SHELL_CHANGED_NEWS)
        show_news(self);
}

const struct channel channel_portal = {"portal", open_portal, key, NULL, changed, free};
