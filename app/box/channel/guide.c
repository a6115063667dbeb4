/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/guide.h"

#include "base/clock.h"
#include "channel/detail.h"
#include "channel/rows.h"
#include "shell/format.h"
#include "shell/shell.h"
#include "ui/widget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAYS 8
#define DAY_S INT64_C(86400)

/* "19:30 – 20:00" */
static void times_of(const struct programme *programme, char out[2 * FORMAT_SIZE + 8])
{
    char from[FORMAT_SIZE], until[FORMAT_SIZE];
    format_time(programme->start_utc_s, from);
    format_time(programme->start_utc_s + programme->duration_s, until);
    snprintf(out, 2 * FORMAT_SIZE + 8, "%s – %s", from, until);
}

static bool is_on(const struct programme *programme, int64_t utc_s)
{
    return programme->start_utc_s <= utc_s && utc_s < programme->start_utc_s + programme->duration_s;
}

static bool is_over(const struct programme *programme, int64_t utc_s)
{
    return programme->start_utc_s + programme->duration_s <= utc_s;
}

/* ---- the days ---- */

struct guide {
    struct view *view;
    struct shell *shell;
    struct node *service, *scroll;
    uint16_t service_id;
    size_t day;
    int64_t today_utc_s; /* local midnight; 0: the time is not known yet */
    bool placed;         /* the focus has been led to what is on now */
    struct rows rows;
};

static const struct programmes *programmes_of(const struct guide *guide)
{
    const struct programmes *programmes = shell_programmes(guide->shell);
    bool wanted = programmes && programmes->wish.service_id == guide->service_id &&
                  programmes->wish.from_utc_s == guide->today_utc_s + (int64_t)guide->day * DAY_S;
    return wanted ? programmes : NULL;
}

static struct node *add_programme(struct guide *guide, const struct programme *programme)
{
    char id[ROW_ID_SIZE], start[FORMAT_SIZE], title[FORMAT_SIZE + SI_NAME_SIZE];
    enum content_language language = shell_language(guide->shell);
    int64_t now = shell_utc(guide->shell);
    snprintf(id, sizeof(id), "%u", (unsigned)programme->event_id);
    struct row *row = rows_add(&guide->rows, guide->shell, "programme", id);
    if (!row)
        return NULL;
    format_time(programme->start_utc_s, start);
    snprintf(title, sizeof(title), "%s   %s", start, programme->name[language]);
    struct node *node =
        ui_item(guide->scroll,
                &(struct ui_item){.icon = is_on(programme, now) ? "live" : "calendar",
                                  .title = lit(title),
                                  .note = lit(programme->text[language]),
                                  .badge = is_on(programme, now) ? tr("live.now") : lit(""),
                                  .icon_color = is_over(programme, now) ? COLOR_TEXT_SOFT : COLOR_ACCENT,
                                  .activate = rows_open,
                                  .context = row});
    rows_placed(&guide->rows, row, node);
    return node;
}

/* Where the list is shown first, the focus comes to what is on, or to what comes next. */
static void fill(struct guide *guide)
{
    const struct programmes *programmes = programmes_of(guide);
    int64_t now = shell_utc(guide->shell);
    node_clear(guide->scroll);
    if (!programmes || programmes->count == 0) {
        bool waiting = !programmes || !guide->today_utc_s;
        ui_empty(guide->scroll, "calendar", tr(waiting ? "guide.receiving" : "guide.none"),
                 tr(waiting ? "guide.receiving.hint" : "guide.none.hint"));
        return;
    }
    for (size_t i = 0; i < programmes->count; i++) {
        struct node *node = add_programme(guide, &programmes->items[i]);
        if (!node)
            break;
        if (!guide->placed && !is_over(&programmes->items[i], now)) {
            node_focus(node);
            guide->placed = true;
        }
    }
}

static void refill(struct guide *guide)
{
    rows_restart(&guide->rows);
    fill(guide);
}

static void ask(struct guide *guide)
{
    int64_t from = guide->today_utc_s + (int64_t)guide->day * DAY_S;
    const struct programmes_wish wish = {guide->service_id, from, from + DAY_S};
    guide->placed = guide->day > 0;
    if (guide->today_utc_s)
        shell_ask_programmes(guide->shell, &wish);
}

static void select_day(struct node *tabs, size_t index, void *context)
{
    (void)tabs;
    struct guide *guide = context;
    guide->day = index;
    ask(guide);
    refill(guide);
}

/* True where it is another one, or another day has begun: the list must be filled anew. */
static bool follow_service(struct guide *guide)
{
    const struct reception_service *service = shell_service(guide->shell);
    enum content_language language = shell_language(guide->shell);
    char name[SI_NAME_SIZE + 16] = "";
    if (service && service->number)
        snprintf(name, sizeof(name), "%u  %s", service->number, service->name[language]);
    else if (service)
        snprintf(name, sizeof(name), "%s", service->name[language]);
    node_set_words(guide->service, lit(name));
    uint16_t id = service ? service->service_id : 0;
    int64_t now = shell_utc(guide->shell);
    int64_t today = now ? now - (now + CLOCK_CHINA_OFFSET_S) % DAY_S : 0;
    if (id == guide->service_id && today == guide->today_utc_s)
        return false;
    guide->service_id = id;
    guide->today_utc_s = today;
    ask(guide);
    return true;
}

static void build(struct guide *guide)
{
    static const char *const weekdays[] = {"date.weekday.0", "date.weekday.1", "date.weekday.2",
                                           "date.weekday.3", "date.weekday.4", "date.weekday.5",
                                           "date.weekday.6"}; /* from Sunday */
    struct words days[DAYS] = {tr("date.today"), tr("date.tomorrow")};
    int64_t local_day = (shell_utc(guide->shell) + CLOCK_CHINA_OFFSET_S) / DAY_S;
    for (size_t i = 2; i < DAYS; i++)
        days[i] = tr(weekdays[(local_day + (int64_t)i + 4) % 7]); /* 1970 began on a Thursday */
    rows_restart(&guide->rows);
    struct node *screen = view_screen(guide->view);
    ui_header(screen, tr("guide.title"), lit(NULL));
    struct node *body = ui_body(screen);
    guide->service = node_lines(node_text(body, lit(""), TYPE_STRONG, COLOR_ACCENT), 1);
    ui_tabs(body, days, DAYS, guide->day, select_day, guide);
    guide->scroll = ui_scroll(body, 10);
    follow_service(guide);
    fill(guide);
    ui_hints(screen,
             (struct ui_hint[]){{KEY_OK, tr("hint.open")},
                                {KEY_CHANNEL_UP, tr("hint.channel")},
                                {KEY_BACK, tr("hint.back")},
                                {KEY_BLUE, tr("hint.blue")}},
             4);
}

static void *open_guide(struct view *view, const char *argument)
{
    (void)argument;
    struct guide *guide = calloc(1, sizeof(*guide));
    if (!guide)
        return NULL;
    guide->view = view;
    guide->shell = view_shell(view);
    build(guide);
    return guide;
}

static bool key(void *self, struct key_event event)
{
    struct guide *guide = self;
    if (event.key != KEY_CHANNEL_UP && event.key != KEY_CHANNEL_DOWN)
        return false;
    shell_zap(guide->shell, event.key == KEY_CHANNEL_UP ? 1 : -1);
    if (follow_service(guide))
        refill(guide);
    return true;
}

static void changed(void *self, unsigned changes)
{
    struct guide *guide = self;
    if (changes & SHELL_CHANGED_LANGUAGE) {
        build(guide);
        return;
    }
    bool other = (changes & SHELL_CHANGED_NEWS) && follow_service(guide);
    if (other || (changes & SHELL_CHANGED_GUIDE))
        refill(guide);
}

static void close_guide(void *self)
{
    struct guide *guide = self;
    shell_ask_programmes(guide->shell, &(struct programmes_wish){0});
    free(guide);
}

const struct channel channel_guide = {"guide", open_guide, key, NULL, changed, close_guide};

/* ---- one programme ---- */

static const struct programme *find_programme(const struct detail *page)
{
    const struct programmes *programmes = shell_programmes(page->shell);
    unsigned long id = strtoul(page->id, NULL, 10);
    for (size_t i = 0; programmes && i < programmes->count; i++)
        if (programmes->items[i].event_id == id)
            return &programmes->items[i];
    return NULL;
}

static void build_page(struct detail *page)
{
    const struct programme *programme = find_programme(page);
    const struct reception_service *service = shell_service(page->shell);
    enum content_language language = shell_language(page->shell);
    struct node *screen = view_screen(page->view);
    ui_header(screen, tr("guide.programme"), service ? lit(service->name[language]) : lit(NULL));
    struct node *body = ui_body(screen);
    if (programme) {
        char day[FORMAT_SIZE], times[2 * FORMAT_SIZE + 8], age[12];
        struct node *panel = ui_panel(ui_scroll(body, 16), 14);
        node_lines(ui_text(panel, lit(programme->name[language]), TYPE_HEADING), 2);
        format_date(ui_strings(shell_ui(page->shell)), programme->start_utc_s, day);
        times_of(programme, times);
        ui_fact(panel, lit(day), lit(times));
        if (programme->age) {
            snprintf(age, sizeof(age), "%d", programme->age);
            ui_fact(panel, tr("guide.rating"), tr1("guide.rating.from", age));
        }
        ui_line(panel);
        ui_paragraph(panel,
                     *programme->text[language] ? lit(programme->text[language]) : tr("guide.no_text"));
    } else {
        ui_empty(body, "calendar", tr("guide.gone"), tr("guide.gone.hint"));
    }
    ui_hints(screen, (struct ui_hint[]){{KEY_BACK, tr("hint.back")}, {KEY_BLUE, tr("hint.blue")}}, 2);
}

static void *open_page(struct view *view, const char *argument)
{
    return detail_open(view, argument, build_page, SHELL_CHANGED_GUIDE | SHELL_CHANGED_LANGUAGE);
}

const struct channel channel_programme = {"programme", open_page, NULL, NULL, detail_changed, free};
