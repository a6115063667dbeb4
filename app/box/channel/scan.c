/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/scan.h"

#include "shell/shell.h"
#include "ui/widget.h"

#include <stdio.h>
#include <stdlib.h>

#define COLUMNS 2

struct scan {
    struct view *view;
    struct shell *shell;
    unsigned run;            /* as reception counts its searches */
    enum search_phase phase; /* that is shown */
    size_t channels;         /* whose names are shown */
    struct node *progress, *frequency, *searched, *found, *names;
};

/* Of this search; until its first news nothing is known. */
static struct search_state state_of(const struct scan *scan)
{
    const struct reception_news *news = shell_news(scan->shell);
    if (news && news->search.run == scan->run && news->search.phase != SEARCH_NONE)
        return news->search;
    return (struct search_state){.phase = SEARCH_RUNNING};
}

/* The newest first, as they come. */
static void show_names(struct scan *scan, const struct search_state *state)
{
    enum content_language language = shell_language(scan->shell);
    node_clear(scan->names);
    for (size_t i = 0; i < state->name_count; i++) {
        const struct search_name *name = &state->names[i];
        struct node *row = ui_row(scan->names, 12);
        ui_icon(row, name->radio ? "volume" : "live", 28, COLOR_ACCENT);
        node_grow(node_lines(node_text(row, lit(name->text[language]), TYPE_BODY, COLOR_TEXT), 1), 1);
    }
    scan->channels = state->channels;
}

static struct node *fact(struct node *parent, const char *label)
{
    struct node *row = ui_row(parent, 16);
    node_grow(node_text(row, tr(label), TYPE_CAPTION, COLOR_TEXT_SOFT), 1);
    return node_text(row, lit(""), TYPE_BODY, COLOR_TEXT);
}

static void show_progress(struct scan *scan, const struct search_state *state)
{
    char text[32] = "";
    size_t total = state->frequencies;
    ui_progress_set(scan->progress, total ? (int)(state->finished * 1000 / total) : -1);
    if (state->frequency_hz)
        snprintf(text, sizeof(text), "%.1f MHz", state->frequency_hz / 1e6);
    node_set_words(scan->frequency, *text ? lit(text) : tr("common.unknown"));
    snprintf(text, sizeof(text), "%zu / %zu", state->finished, total);
    node_set_words(scan->searched, lit(text));
    snprintf(text, sizeof(text), "%zu", state->channels);
    node_set_words(scan->found, lit(text));
    if (state->channels != scan->channels)
        show_names(scan, state);
}

static void build_running(struct scan *scan, struct node *body)
{
    struct node *panel = ui_panel(body, 14);
    ui_text(panel, tr("scan.running"), TYPE_TITLE);
    scan->progress = ui_progress(panel, -1);
    scan->frequency = fact(panel, "settings.diagnostics.frequency");
    scan->searched = fact(panel, "scan.progress");
    scan->found = fact(panel, "scan.found");
}

static void build(struct scan *scan);

static void again(struct node *node, void *context)
{
    struct scan *scan = context;
    (void)node;
    scan->run = shell_scan(scan->shell);
    build(scan);
}

static void build_done(struct scan *scan, struct node *body, const struct search_state *state)
{
    char number[24];
    snprintf(number, sizeof(number), "%zu", state->channels);
    struct node *panel = ui_panel(body, 14);
    struct node *row = ui_row(panel, 20);
    ui_icon(row, "ok", 56, COLOR_ACCENT);
    struct node *words = node_grow(ui_column(row, 4), 1);
    ui_text(words, tr1("scan.done", number), TYPE_TITLE);
    ui_note(words, tr("scan.done.hint"));
    node_focus(ui_button(row, BUTTON_PLAIN, "search", tr("scan.again"), again, scan));
}

static void build_none(struct scan *scan, struct node *body)
{
    struct node *empty = ui_empty(body, "signal", tr("scan.none"), tr("scan.none.hint"));
    struct node *button = ui_button(empty, BUTTON_PRIMARY, "search", tr("scan.again"), again, scan);
    node_focus(node_margin(button, 0, 8, 0, 0));
}

static void build(struct scan *scan)
{
    struct search_state state = state_of(scan);
    struct node *screen = view_screen(scan->view);
    ui_header(screen, tr("scan.title"), lit(NULL));
    struct node *body = ui_body(screen);
    scan->phase = state.phase;
    scan->channels = 0;
    if (state.phase == SEARCH_RUNNING)
        build_running(scan, body);
    else if (state.channels)
        build_done(scan, body, &state);
    else
        build_none(scan, body);
    if (state.phase == SEARCH_RUNNING || state.channels)
        scan->names = node_margin(ui_grid(ui_scroll(body, 0), COLUMNS, 16), 8, 24, 8, 0);
    if (state.phase == SEARCH_RUNNING)
        show_progress(scan, &state);
    else if (state.channels)
        show_names(scan, &state);
    struct words back = tr(state.phase == SEARCH_RUNNING ? "scan.stop" : "hint.back");
    ui_hints(screen, (struct ui_hint[]){{KEY_BACK, back}, {KEY_BLUE, tr("hint.blue")}}, 2);
}

static void *open_scan(struct view *view, const char *argument)
{
    (void)argument;
    struct scan *scan = calloc(1, sizeof(*scan));
    if (!scan)
        return NULL;
    scan->view = view;
    scan->shell = view_shell(view);
    scan->run = shell_scan(scan->shell);
    build(scan);
    return scan;
}

static void changed(void *self, unsigned changes)
{
    struct scan *scan = self;
    struct search_state state = state_of(scan);
    if ((changes & SHELL_CHANGED_LANGUAGE) || state.phase != scan->phase)
        build(scan);
    else if ((changes & SHELL_CHANGED_NEWS) && state.phase == SEARCH_RUNNING)
        show_progress(scan, &state);
}

static void close_scan(void *self)
{
    struct scan *scan = self;
    shell_end_scan(scan->shell);
    free(scan);
}

const struct channel channel_scan = {"scan", open_scan, NULL, NULL, changed, close_scan};
