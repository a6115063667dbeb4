/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/live.h"

#include "shell/format.h"
#include "shell/shell.h"
#include "ui/widget.h"

#include <stdio.h>
#include <stdlib.h>

#define BANNER_MS 6000
#define ENTRY_MS 2000 /* after the last digit */
#define ENTRY_MAX 999 /* one digit more may follow */

struct live {
    struct view *view;
    struct shell *shell;
    struct node *video; /* on the video layer */
    unsigned entry;     /* the number being typed; 0: none */
    struct node *banner, *name, *now, *now_time, *next, *next_time, *progress;
    struct node *message, *message_title, *message_hint;
};

/* "19:30 – 20:00" */
static void event_times(const struct reception_event *event, char out[2 * FORMAT_SIZE + 8])
{
    char from[FORMAT_SIZE], until[FORMAT_SIZE];
    out[0] = 0;
    if (!event->exists || event->start_utc_s < 0 || event->duration_s < 0)
        return;
    format_time(event->start_utc_s, from);
    format_time(event->start_utc_s + event->duration_s, until);
    snprintf(out, 2 * FORMAT_SIZE + 8, "%s – %s", from, until);
}

static void fill_banner(struct live *live)
{
    char times[2 * FORMAT_SIZE + 8];
    const struct reception_service *service = shell_service(live->shell);
    enum content_language language = shell_language(live->shell);
    char name[SI_NAME_SIZE + 16] = "";
    if (live->entry)
        snprintf(name, sizeof(name), "%u –", live->entry);
    else if (service && service->number)
        snprintf(name, sizeof(name), "%u  %s", service->number, service->name[language]);
    else if (service)
        snprintf(name, sizeof(name), "%s", service->name[language]);
    node_set_words(live->name, lit(name));
    if (!service)
        return;
    node_set_words(live->now,
                   service->present.exists ? lit(service->present.name[language]) : tr("live.no_programme"));
    event_times(&service->present, times);
    node_set_words(live->now_time, lit(times));
    node_set_words(live->next, service->following.exists ? lit(service->following.name[language])
                                                         : tr("live.no_programme"));
    event_times(&service->following, times);
    node_set_words(live->next_time, lit(times));
    const struct reception_event *event = &service->present;
    bool known = event->exists && event->start_utc_s >= 0 && event->duration_s > 0 && shell_utc(live->shell);
    node_hide(live->progress, !known);
    if (known) {
        int64_t permille = (shell_utc(live->shell) - event->start_utc_s) * 1000 / event->duration_s;
        ui_progress_set(live->progress, permille < 0 ? 0 : permille > 1000 ? 1000 : (int)permille);
    }
}

static void show_banner(struct live *live)
{
    fill_banner(live);
    node_hide(live->banner, !shell_service(live->shell));
    view_tick_in(live->view, BANNER_MS);
}

/* Digits make a number, OK or a pause ends it; a number that no channel has leaves everything as it was. */
static void type_digit(struct live *live, unsigned digit)
{
    if (live->entry > ENTRY_MAX)
        live->entry = 0;
    live->entry = live->entry * 10 + digit;
    show_banner(live);
    if (live->entry)
        view_tick_in(live->view, ENTRY_MS);
}

static void end_entry(struct live *live)
{
    shell_tune(live->shell, live->entry);
    live->entry = 0;
    show_banner(live);
}

/* What to say instead of a picture; NULL while there is one. */
static const char *trouble(struct live *live, const char **hint)
{
    struct player_status status;
    const struct reception_news *news = shell_news(live->shell);
    *hint = NULL;
    if (!news || !news->signal) {
        *hint = "live.no_signal.hint";
        return "live.no_signal";
    }
    if (!shell_service(live->shell))
        return "live.searching";
    if (!shell_player_status(live->shell, &status))
        return NULL;
    switch (status.state) {
    case PLAYER_PLAYING:
        return NULL;
    case PLAYER_NO_SIGNAL:
        *hint = "live.no_signal.hint";
        return "live.no_signal";
    case PLAYER_SCRAMBLED:
    case PLAYER_UNDECODABLE:
        *hint = "live.cannot_play.hint";
        return "live.cannot_play";
    default:
        return "live.buffering";
    }
}

static void show_trouble(struct live *live)
{
    const char *hint, *title = trouble(live, &hint);
    node_hide(live->message, !title);
    if (!title)
        return;
    node_set_words(live->message_title, tr(title));
    node_hide(live->message_hint, !hint);
    if (hint)
        node_set_words(live->message_hint, tr(hint));
}

static struct node *event_line(struct node *parent, const char *label, enum theme_type type,
                               struct node **time)
{
    struct node *row = ui_row(parent, 16);
    ui_badge(row, tr(label), COLOR_ACCENT);
    struct node *title = node_grow(node_lines(node_text(row, lit(""), type, COLOR_TEXT), 1), 1);
    *time = node_text(row, lit(""), TYPE_CAPTION, COLOR_TEXT_SOFT);
    return title;
}

static void build(struct live *live)
{
    struct node *screen = view_overlay(live->view);
    struct node *middle = node_grow(node_box(screen, &(struct box){.layout = LAYOUT_STACK}), 1);
    live->message = node_box(middle, &(struct box){.padding = INSETS_XY(48, 28),
                                                   .gap = 8,
                                                   .place_x = ALIGN_CENTER,
                                                   .place_y = ALIGN_CENTER,
                                                   .across = ALIGN_CENTER,
                                                   .style = {.fill = COLOR_SCRIM, .radius = 16}});
    live->message_title = node_text(live->message, lit(""), TYPE_TITLE, COLOR_TEXT);
    live->message_hint = node_text(live->message, lit(""), TYPE_BODY, COLOR_TEXT_SOFT);
    live->banner = node_box(
        screen,
        &(struct box){.padding = INSETS_XY(32, 20), .gap = 8, .style = {.fill = COLOR_SCRIM, .radius = 16}});
    struct node *row = ui_row(live->banner, 16);
    live->name = node_grow(node_lines(node_text(row, lit(""), TYPE_HEADING, COLOR_TEXT), 1), 1);
    live->now = event_line(live->banner, "live.now", TYPE_STRONG, &live->now_time);
    live->progress = ui_progress(live->banner, 0);
    live->next = event_line(live->banner, "live.next", TYPE_BODY, &live->next_time);
    view_video(live->view, live->video, display_width(ui_display(shell_ui(live->shell))),
               display_height(ui_display(shell_ui(live->shell))));
    show_banner(live);
    show_trouble(live);
}

static void *open_live(struct view *view, const char *argument)
{
    (void)argument;
    struct live *live = calloc(1, sizeof(*live));
    if (!live)
        return NULL;
    live->view = view;
    live->shell = view_shell(view);
    struct ui *ui = shell_ui(live->shell);
    live->video = node_video(ui_layer(ui, UI_LAYER_VIDEO), display_width(ui_display(ui)),
                             display_height(ui_display(ui)));
    build(live);
    return live;
}

static bool key(void *self, struct key_event event)
{
    struct live *live = self;
    if (event.key >= KEY_0 && event.key <= KEY_9) {
        type_digit(live, (unsigned)(event.key - KEY_0));
        return true;
    }
    if (event.key == KEY_OK && live->entry) {
        end_entry(live);
        return true;
    }
    switch (event.key) {
    case KEY_OK:
    case KEY_INFO:
        show_banner(live);
        return true;
    case KEY_UP:
    case KEY_DOWN:
    case KEY_CHANNEL_UP:
    case KEY_CHANNEL_DOWN:
        live->entry = 0;
        shell_zap(live->shell, event.key == KEY_UP || event.key == KEY_CHANNEL_UP ? 1 : -1);
        show_banner(live);
        return true;
    case KEY_LEFT:
    case KEY_RIGHT:
        shell_volume(live->shell, event.key == KEY_RIGHT ? 5 : -5);
        return true;
    default:
        return false;
    }
}

static void tick(void *self)
{
    struct live *live = self;
    if (live->entry)
        end_entry(live);
    else
        node_hide(live->banner, true);
}

static void changed(void *self, unsigned changes)
{
    struct live *live = self;
    if (changes & SHELL_CHANGED_LANGUAGE) {
        build(live);
        return;
    }
    if (changes & SHELL_CHANGED_NEWS)
        fill_banner(live);
    if (changes & (SHELL_CHANGED_NEWS | SHELL_CHANGED_PLAYER))
        show_trouble(live);
}

static void close_live(void *self)
{
    node_destroy(((struct live *)self)->video);
    free(self);
}

const struct channel channel_live = {"live", open_live, key, tick, changed, close_live};
