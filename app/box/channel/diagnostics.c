/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/diagnostics.h"

#include "shell/shell.h"
#include "ui/widget.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 64
#define TICK_MS 1000

/* Lines stay where they are, and only words that are others are drawn again: nothing flickers, and nothing is
 * drawn where nothing changed. */
struct diagnostics {
    struct view *view;
    struct shell *shell;
    struct node *panel;
    struct line {
        struct node *row, *label, *value;
    } lines[LINES_MAX];
    size_t used, made;
    bool ticks;
};

/* ---- lines ---- */

static void add_line(struct diagnostics *page, struct words label, struct words value)
{
    if (page->used == LINES_MAX)
        return;
    struct line *line = &page->lines[page->used++];
    if (page->used > page->made) {
        page->made = page->used;
        line->row = ui_row(page->panel, 24);
        line->label = node_lines(node_text(line->row, lit(""), TYPE_CAPTION, COLOR_TEXT_SOFT), 1);
        line->value =
            node_align(node_grow(node_text(line->row, lit(""), TYPE_CAPTION, COLOR_TEXT), 1), ALIGN_END);
    }
    node_hide(line->row, false);
    node_set_words(line->label, label);
    node_set_words(line->value, value);
}

static void put(struct diagnostics *page, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void put(struct diagnostics *page, const char *label, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    add_line(page, tr(label), lit(text));
}

static void put_number(struct diagnostics *page, const char *label, uint64_t number)
{
    put(page, label, "%" PRIu64, number);
}

/* In the unit that the driver has. */
static void put_level(struct diagnostics *page, const char *label, bool has_db, int mdb, const char *unit,
                      bool has_permille, unsigned permille)
{
    if (has_db)
        put(page, label, "%.1f %s", mdb / 1000.0, unit);
    else if (has_permille)
        put(page, label, "%u %%", permille / 10);
}

/* ---- what they say ---- */

static void put_tuner(struct diagnostics *page, const struct source_state *tuner)
{
    const struct tuner_status *status = &tuner->status;
    if (tuner->condition == SOURCE_BROKEN) {
        add_line(page, tr("settings.diagnostics.tuner"), tr("settings.diagnostics.tuner.broken"));
        add_line(page, lit(""), lit(tuner->problem)); /* English, as all that comes from below */
    }
    if (tuner->frequency_hz)
        put(page, "settings.diagnostics.frequency", "%.1f MHz", tuner->frequency_hz / 1e6);
    if (!tuner->has_status)
        return;
    put_level(page, "settings.diagnostics.strength", status->has_strength_dbm, status->strength_mdbm, "dBm",
              status->has_strength, status->strength_permille);
    put_level(page, "settings.diagnostics.quality", status->has_cnr_db, status->cnr_mdb, "dB",
              status->has_cnr, status->cnr_permille);
    if (status->has_ber)
        put(page, "settings.diagnostics.ber", "%.1e", status->ber);
    if (status->has_uncorrected)
        put_number(page, "settings.diagnostics.uncorrected", status->uncorrected_blocks);
    if (status->datagrams)
        put_number(page, "settings.diagnostics.lost", status->datagrams_lost);
    if (status->overruns)
        put_number(page, "settings.diagnostics.overruns", status->overruns);
}

static void put_stream(struct diagnostics *page, const struct reception_news *news)
{
    const struct ts_demux_counts *counts = &news->counts;
    put_number(page, "settings.diagnostics.services", news->service_count);
    put_number(page, "settings.diagnostics.packets", counts->packets);
    put_number(page, "settings.diagnostics.errors",
               counts->transport_errors + counts->continuity_errors + counts->bad_sections);
    put(page, "diagnostics.modules", "%zu / %zu", news->modules_complete, news->modules);
    put(page, "diagnostics.bytes", "%" PRIu64 " / %" PRIu64 " KiB", news->carousel_bytes_have >> 10,
        news->carousel_bytes >> 10);
    put_number(page, "settings.diagnostics.rejected",
               news->si_rejects + news->carousel_rejects + news->interaction.bad_sections);
}

/* The decision of each role: with the sequence that holds, or why there is none. */
static void put_trust(struct diagnostics *page, const struct reception_news *news)
{
    for (int role = 0; role < CONTENT_ROLES; role++) {
        const struct reception_role *state = &news->roles[role];
        char text[320];
        snprintf(text, sizeof(text), "%s %" PRId64 "%s%s (%" PRIu64 ")",
                 state->seen ? trust_result_str(state->result) : "-", state->sequence,
                 state->reason[0] ? ": " : "", state->reason, state->refused_count);
        add_line(page, tr1("diagnostics.trust", content_role_str(role)), lit(text));
    }
}

static void put_events(struct diagnostics *page, const struct reception_news *news)
{
    struct programme_counts counts;
    uint64_t refused = news->interaction.lost;
    shell_programme_counts(page->shell, &counts);
    for (int i = 0; i < PROGRAMME_REFUSALS; i++)
        refused += counts.refused[i];
    put_number(page, "settings.diagnostics.applications", news->interaction.applications);
    put_number(page, "settings.diagnostics.events", news->interaction.events);
    put_number(page, "settings.diagnostics.events_refused", refused);
}

static void put_return_channel(struct diagnostics *page)
{
    const struct order *const *orders;
    struct order_book *book = shell_orders(page->shell);
    size_t count = book ? order_book_list(book, &orders) : 0, queued = 0;
    bool down = false;
    for (size_t i = 0; i < count; i++) {
        queued += orders[i]->state == ORDER_QUEUED || orders[i]->state == ORDER_SENT;
        down |= orders[i]->waiting;
    }
    const char *state = !shell_link(page->shell) ? "network.gateway.absent"
                        : down                   ? "settings.diagnostics.offline"
                                                 : "diagnostics.no_failure";
    add_line(page, tr("settings.diagnostics.gateway"), tr(state));
    put_number(page, "settings.diagnostics.outbox", queued);
}

/* As the kernel counts; nothing where it does not. */
static void put_memory(struct diagnostics *page)
{
    char line[128];
    unsigned long pss = 0, rss = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, "Pss: %lu", &pss) != 1)
            sscanf(line, "Rss: %lu", &rss);
    if (file)
        fclose(file);
    if (rss)
        put(page, "diagnostics.memory", "%lu / %lu MiB", pss >> 10, rss >> 10);
}

static void show(struct diagnostics *page)
{
    const struct reception_news *news = shell_news(page->shell);
    struct player_status player;
    bool signal = news && news->signal;
    page->used = 0;
    add_line(page, tr("settings.diagnostics.signal"),
             tr(signal ? "settings.diagnostics.locked" : "settings.diagnostics.unlocked"));
    if (news) {
        put_tuner(page, &news->tuner);
        put_stream(page, news);
        put_trust(page, news);
        put_events(page, news);
    }
    put_return_channel(page);
    if (shell_player_status(page->shell, &player) && *player.decoder)
        put(page, "settings.diagnostics.decoder", "%s", player.decoder);
    put(page, "settings.version", "%s · libuv %s", shell_version(page->shell), uv_version_string());
    put(page, "settings.box_id", "%s", shell_box_id(page->shell));
    put(page, "settings.area", "%s", shell_area(page->shell));
    if (page->ticks) /* a picture of the page as it opens is always the same */
        put_memory(page);
    for (size_t i = page->used; i < page->made; i++)
        node_hide(page->lines[i].row, true);
}

/* ---- the page ---- */

static void build(struct diagnostics *page)
{
    struct node *screen = view_screen(page->view);
    ui_header(screen, tr("settings.diagnostics"), lit(NULL));
    page->panel = ui_panel(ui_scroll(ui_body(screen), 0), 4);
    page->made = 0;
    show(page);
    ui_hints(screen, (struct ui_hint[]){{KEY_BACK, tr("hint.back")}, {KEY_BLUE, tr("hint.blue")}}, 2);
}

static void *open_diagnostics(struct view *view, const char *argument)
{
    (void)argument;
    struct diagnostics *page = calloc(1, sizeof(*page));
    if (!page)
        return NULL;
    page->view = view;
    page->shell = view_shell(view);
    build(page);
    view_tick_in(view, TICK_MS);
    return page;
}

/* Once a second, however often the news come. */
static void tick(void *self)
{
    struct diagnostics *page = self;
    page->ticks = true;
    show(page);
    view_tick_in(page->view, TICK_MS);
}

static void changed(void *self, unsigned changes)
{
    struct diagnostics *page = self;
    if (changes & SHELL_CHANGED_LANGUAGE)
        build(page);
}

const struct channel channel_diagnostics = {"diagnostics", open_diagnostics, NULL, tick, changed, free};
