/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/live.h"

#include "base/clock.h"
#include "channel/live_list.h"
#include "channel/live_menu.h"
#include "channel/live_show.h"
#include "shell/format.h"
#include "shell/shell.h"
#include "ui/widget.h"

#include <stdio.h>
#include <stdlib.h>

#define BANNER_MS 6000
#define ENTRY_MS 2000 /* after the last digit */
#define ZERO_MS 1000  /* after a zero that may stay alone */
#define ENTRY_MAX 999 /* one digit more may follow */
#define INVITE_MS 12000

/* What ends by itself. */
enum timer { TIMER_BANNER, TIMER_ENTRY, TIMER_PRODUCT, TIMER_INVITE, TIMERS };

struct live {
    struct view *view;
    struct shell *shell;
    struct node *video; /* on the video layer */
    bool typing;        /* a number, which is entry so far */
    unsigned entry;
    bool banner_shown;
    struct node *banner, *name, *now, *now_time, *next, *next_time, *progress;
    struct node *message, *message_title, *message_hint;
    struct node *invitation, *product; /* where live_show puts them */
    struct node *middle, *muted, *sound_hint;
    struct live_menu *menu;
    struct live_list *list; /* NULL: closed */
    size_t group;           /* that the list showed last */
    struct programme_offer offers[PROGRAMME_APPLICATIONS];
    size_t offer_count;
    int64_t due_us[TIMERS]; /* 0: not under way */
};

/* ---- timers: the view has one tick ---- */

static void arm(struct live *live)
{
    int64_t first_us = 0;
    for (int i = 0; i < TIMERS; i++)
        if (live->due_us[i] && (!first_us || live->due_us[i] < first_us))
            first_us = live->due_us[i];
    int64_t wait_us = first_us - clock_monotonic_us();
    if (first_us)
        view_tick_in(live->view, wait_us > 0 ? wait_us / 1000 + 1 : 0);
}

/* ms 0: stops it. */
static void set_timer(struct live *live, enum timer timer, int64_t ms)
{
    live->due_us[timer] = ms ? clock_monotonic_us() + ms * 1000 : 0;
    arm(live);
}

static bool take_due(struct live *live, enum timer timer)
{
    if (!live->due_us[timer] || clock_monotonic_us() < live->due_us[timer])
        return false;
    live->due_us[timer] = 0;
    return true;
}

/* ---- what the programme shows and offers ---- */

static const char *product_shown(const struct live *live)
{
    int64_t left_ms;
    return live->product ? shell_product(live->shell, &left_ms) : NULL;
}

static void show_product(struct live *live)
{
    int64_t left_ms;
    const char *id = shell_product(live->shell, &left_ms);
    node_clear(live->product);
    bool shown = id && !live->list && live_show_product(live->product, live->shell, id);
    node_hide(live->product, !shown);
    if (shown && live->due_us[TIMER_PRODUCT] == 0)
        node_arrive(live->product, ARRIVE_BELOW);
    set_timer(live, TIMER_PRODUCT, shown ? left_ms : 0);
}

/* With the banner it says all that there is; by itself only what the programme invites to. */
static void show_invitation(struct live *live)
{
    live->offer_count = shell_offers(live->shell, live->offers);
    bool banner = live->due_us[TIMER_BANNER] != 0;
    bool invites = live->offer_count && live->offers[0].invites;
    node_clear(live->invitation);
    bool shown = live->offer_count && !product_shown(live) && !live->list &&
                 (banner || (invites && live->due_us[TIMER_INVITE])) &&
                 live_show_invitation(live->invitation, live->offers, live->offer_count);
    node_hide(live->invitation, !shown);
}

static void show_programme(struct live *live)
{
    show_product(live);
    show_invitation(live);
}

/* RED does what the screen says of it; false where that is nothing. */
static bool press_red(struct live *live)
{
    char argument[PROGRAMME_ID_MAX + 16];
    const char *id = product_shown(live);
    if (id) {
        snprintf(argument, sizeof(argument), "%s 1 live", id);
        return shell_open(live->shell, "purchase", argument);
    }
    if (live->offer_count == 0)
        return false;
    if (live->offers[0].invites || live->offer_count == 1)
        return shell_open_offer(live->shell, live->offers[0].application);
    live_menu_open_offers(live->menu);
    return true;
}

static bool dismiss_product(struct live *live)
{
    if (!product_shown(live))
        return false;
    shell_dismiss_product(live->shell);
    show_programme(live);
    return true;
}

/* ---- the banner ---- */

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
    if (live->typing)
        snprintf(name, sizeof(name), "%u –", live->entry);
    else if (service && service->number)
        snprintf(name, sizeof(name), "%u  %s", service->number, service->name[language]);
    else if (service)
        snprintf(name, sizeof(name), "%s", service->name[language]);
    node_set_words(live->name, lit(name));
    node_hide(live->sound_hint, !live_menu_has_sounds(live->menu));
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

/* Whoever hears nothing sees why. */
static void show_muted(struct live *live)
{
    node_hide(live->muted, live->list || !shell_muted(live->shell));
}

static void show_banner(struct live *live)
{
    bool shown_before = live->banner_shown;
    fill_banner(live);
    live->banner_shown = shell_service(live->shell) != NULL;
    node_hide(live->banner, !live->banner_shown);
    if (live->banner_shown && !shown_before)
        node_arrive(live->banner, ARRIVE_BELOW);
    set_timer(live, TIMER_BANNER, BANNER_MS);
    show_invitation(live);
}

static void hide_banner(struct live *live)
{
    set_timer(live, TIMER_BANNER, 0);
    live->banner_shown = false;
    node_depart(live->banner, false);
}

/* The first press says what is on, the second what else there will be. */
static void open_banner(struct live *live)
{
    if (live->banner_shown)
        shell_open(live->shell, "guide", "");
    else
        show_banner(live);
}

/* Digits make a number, OK or a pause ends it; a number that no channel has leaves everything as it was. A
 * zero alone is the last channel. */
static void type_digit(struct live *live, unsigned digit)
{
    if (!live->typing || live->entry > ENTRY_MAX)
        live->entry = 0;
    live->typing = true;
    live->entry = live->entry * 10 + digit;
    show_banner(live);
    set_timer(live, TIMER_ENTRY, live->entry ? ENTRY_MS : ZERO_MS);
}

static void forget_entry(struct live *live)
{
    set_timer(live, TIMER_ENTRY, 0);
    live->typing = false;
    live->entry = 0;
}

static void end_entry(struct live *live)
{
    if (live->entry)
        shell_tune(live->shell, live->entry);
    else
        shell_watch_last(live->shell);
    forget_entry(live);
    show_programme(live); /* of another service, maybe */
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
    const struct reception_service *service = shell_service(live->shell);
    if (!service)
        return "live.searching";
    if (!shell_player_status(live->shell, &status))
        return NULL;
    if (!service->elsewhere && !service->video && !service->sound) { /* the player is not even asked */
        *hint = "live.cannot_play.hint";
        return "live.cannot_play";
    }
    switch (status.state) {
    case PLAYER_PLAYING:
        return NULL;
    case PLAYER_NO_SIGNAL:
        *hint = "live.no_signal.hint";
        return "live.no_signal";
    case PLAYER_SCRAMBLED:
        *hint = "live.scrambled.hint";
        return "live.scrambled";
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
    node_hide(live->message, !title || live->list);
    if (!title)
        return;
    node_set_words(live->message_title, tr(title));
    node_hide(live->message_hint, !hint);
    if (hint)
        node_set_words(live->message_hint, tr(hint));
}

/* ---- the list of channels ---- */

static void close_list(struct live *live)
{
    if (!live->list)
        return;
    live->group = live_list_group(live->list);
    live_list_close(live->list);
    live->list = NULL;
    show_muted(live);
    show_trouble(live);
    show_programme(live);
}

static void choose(void *context, const struct reception_key *key)
{
    struct live *live = context;
    const struct reception_key chosen = *key;
    close_list(live);
    shell_watch(live->shell, &chosen);
    show_programme(live);
    show_banner(live);
}

static void open_list(void *context)
{
    struct live *live = context;
    if (live->list)
        return;
    forget_entry(live);
    hide_banner(live);
    live->list = live_list_open(live->middle, live->shell, live->group, choose, live);
    show_muted(live);
    show_trouble(live);
    show_programme(live);
}

/* BACK and OK lead out of it; so do keys that do here what they do without it. */
static bool list_key(struct live *live, struct key_event event)
{
    if (!live->list)
        return false;
    if (live_list_key(live->list, event))
        return true;
    bool leads_out = (event.key >= KEY_0 && event.key <= KEY_9) || event.key == KEY_BACK ||
                     event.key == KEY_INFO || event.key == KEY_MENU || event.key == KEY_RED ||
                     event.key == KEY_CHANNEL_UP || event.key == KEY_CHANNEL_DOWN;
    if (leads_out)
        close_list(live);
    return event.key == KEY_BACK;
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
    bool listing = live->list != NULL;
    close_list(live);
    live_menu_close(live->menu); /* it is of another language */
    struct node *screen = view_overlay(live->view);
    struct node *middle = live->middle =
        node_grow(node_box(screen, &(struct box){.layout = LAYOUT_STACK}), 1);
    live->message = node_box(middle, &(struct box){.padding = INSETS_XY(48, 28),
                                                   .gap = 8,
                                                   .place_x = ALIGN_CENTER,
                                                   .place_y = ALIGN_CENTER,
                                                   .across = ALIGN_CENTER,
                                                   .style = {.fill = COLOR_SCRIM, .radius = 16}});
    live->message_title = node_text(live->message, lit(""), TYPE_TITLE, COLOR_TEXT);
    live->message_hint = node_text(live->message, lit(""), TYPE_BODY, COLOR_TEXT_SOFT);
    live->invitation = node_place(ui_row(middle, 0), ALIGN_END, ALIGN_START);
    live->product = node_place(ui_row(middle, 0), ALIGN_START, ALIGN_END);
    live->muted = node_place(node_box(middle, &(struct box){.layout = LAYOUT_ROW,
                                                            .padding = INSETS_XY(20, 12),
                                                            .gap = 12,
                                                            .across = ALIGN_CENTER,
                                                            .style = {.fill = COLOR_SCRIM, .radius = 16}}),
                             ALIGN_START, ALIGN_START);
    node_icon(live->muted, "mute", 40, COLOR_WARNING);
    node_text(live->muted, tr("live.muted"), TYPE_BODY, COLOR_TEXT);
    live->banner = node_box(
        screen,
        &(struct box){.padding = INSETS_XY(32, 20), .gap = 8, .style = {.fill = COLOR_SCRIM, .radius = 16}});
    struct node *row = ui_row(live->banner, 36);
    live->name = node_grow(node_lines(node_text(row, lit(""), TYPE_HEADING, COLOR_TEXT), 1), 1);
    live->sound_hint = ui_hints(row, (struct ui_hint[]){{KEY_MENU, tr("sound.title")}}, 1);
    ui_hints(row, (struct ui_hint[]){{KEY_OK, tr("live.list")}, {KEY_INFO, tr("guide.open")}}, 2);
    live->now = event_line(live->banner, "live.now", TYPE_STRONG, &live->now_time);
    live->progress = ui_progress(live->banner, 0);
    live->next = event_line(live->banner, "live.next", TYPE_BODY, &live->next_time);
    view_video(live->view, live->video, display_width(ui_display(shell_ui(live->shell))),
               display_height(ui_display(shell_ui(live->shell))));
    show_product(live);
    show_banner(live);
    if (product_shown(live))
        hide_banner(live);
    show_muted(live);
    show_trouble(live);
    if (listing)
        open_list(live);
}

static void *open_live(struct view *view, const char *argument)
{
    (void)argument;
    struct live *live = calloc(1, sizeof(*live));
    if (!live)
        return NULL;
    live->view = view;
    live->shell = view_shell(view);
    live->menu = live_menu_create(live->shell, open_list, live);
    if (!live->menu) {
        free(live);
        return NULL;
    }
    struct ui *ui = shell_ui(live->shell);
    live->video = node_video(ui_layer(ui, UI_LAYER_VIDEO), display_width(ui_display(ui)),
                             display_height(ui_display(ui)));
    set_timer(live, TIMER_INVITE, INVITE_MS);
    build(live);
    return live;
}

static bool key(void *self, struct key_event event)
{
    struct live *live = self;
    if (list_key(live, event))
        return true;
    if (event.key >= KEY_0 && event.key <= KEY_9) {
        type_digit(live, (unsigned)(event.key - KEY_0));
        return true;
    }
    if (event.key == KEY_OK && live->typing) {
        end_entry(live);
        return true;
    }
    switch (event.key) {
    case KEY_OK:
        open_list(live);
        return true;
    case KEY_INFO:
        open_banner(live);
        return true;
    case KEY_UP:
    case KEY_DOWN:
    case KEY_CHANNEL_UP:
    case KEY_CHANNEL_DOWN:
        forget_entry(live);
        shell_zap(live->shell, event.key == KEY_UP || event.key == KEY_CHANNEL_UP ? 1 : -1);
        show_programme(live);
        show_banner(live);
        return true;
    case KEY_RED:
        return press_red(live);
    case KEY_BACK:
        return dismiss_product(live);
    case KEY_MENU:
        live_menu_open(live->menu);
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
    if (take_due(live, TIMER_ENTRY))
        end_entry(live);
    if (take_due(live, TIMER_BANNER))
        hide_banner(live);
    if (take_due(live, TIMER_PRODUCT))
        show_product(live);
    take_due(live, TIMER_INVITE);
    show_invitation(live);
    arm(live);
}

static void changed(void *self, unsigned changes)
{
    struct live *live = self;
    if (changes & SHELL_CHANGED_LANGUAGE) {
        build(live);
        return;
    }
    if (changes & SHELL_CHANGED_PROGRAMME) {
        set_timer(live, TIMER_INVITE, INVITE_MS);
        show_programme(live);
        if (product_shown(live))
            hide_banner(live); /* not two at once, unless the viewer asks */
    } else if (changes & SHELL_CHANGED_CONTENT) {
        show_product(live); /* it may be gone, or have another price */
    }
    if (changes & SHELL_CHANGED_NEWS)
        fill_banner(live);
    if ((changes & SHELL_CHANGED_NEWS) && live->list)
        live_list_refresh(live->list);
    if (changes & SHELL_CHANGED_SOUND)
        show_muted(live);
    if (changes & (SHELL_CHANGED_NEWS | SHELL_CHANGED_PLAYER))
        show_trouble(live);
}

static void close_live(void *self)
{
    struct live *live = self;
    live_list_close(live->list);
    live_menu_destroy(live->menu);
    node_destroy(live->video);
    free(live);
}

const struct channel channel_live = {"live", open_live, key, tick, changed, close_live};
