/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/shell.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "content/area.h"
#include "shell/format.h"
#include "shell/keeper.h"
#include "shell/watching.h"
#include "ui/widget.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VIEWS_MAX 16
#define TRAIL_MAX 16
/* With these a screen may list other things than before. */
#define OTHER_CONTENT (SHELL_CHANGED_CONTENT | SHELL_CHANGED_ORDERS | SHELL_CHANGED_GUIDE)

struct view {
    struct shell *shell;
    const struct channel *channel;
    void *self;
    struct node *screen;
    struct node *video; /* a node of screen, or NULL */
    int video_width, video_height;
    const char *wants[VIEW_WANTS_MAX]; /* see view_wants */
    size_t want_count;
    unsigned missed;    /* changes that came while it was covered */
    int64_t tick_at_us; /* 0: none asked for */
};

/* What of the player's status is worth telling: not what counts on with every frame. */
struct playback {
    enum player_state state;
    const char *decoder;
    int width, height;
};

struct shell {
    struct shell_options options;
    struct spoken *spoken; /* NULL: this box has no voice */
    char area[16], box_id[64];
    struct view *views[VIEWS_MAX];
    size_t count;
    struct reception_news *news;
    struct programmes *programmes;
    enum content_language language;
    struct watching *watching;
    struct programme *programme;
    size_t offer_depth;  /* views above so many belong to what the programme offered; 0: none was opened */
    uint16_t watched_id; /* what programme and reception were told of that */
    struct reception_key playing; /* what reception was asked for */
    int playing_width, playing_height;
    uint64_t frames;
    bool opening;          /* a channel's open is running: the stack stays as it is */
    struct playback seen;  /* what channels were told of the player */
    struct keeper *keeper; /* of the language; NULL: not kept */
    struct keeper *scheme_keeper, *size_keeper;
    struct keeper *area_keeper;
    uv_timer_t *timer; /* freed when closed */
};

static struct view *front(const struct shell *shell)
{
    return shell->count ? shell->views[shell->count - 1] : NULL;
}

/* ---- services ---- */

static struct reception_key key_of(const struct reception_service *service)
{
    return (struct reception_key){service->original_network_id, service->transport_stream_id,
                                  service->service_id};
}

static bool has_stream(const struct reception_key *key)
{
    return key->original_network_id || key->transport_stream_id;
}

static bool same_stream(const struct reception_key *a, const struct reception_key *b)
{
    return a->original_network_id == b->original_network_id &&
           a->transport_stream_id == b->transport_stream_id;
}

/* Before the tables have said which stream it is, a service is known by its service_id alone. */
static bool is_same(const struct reception_key *a, const struct reception_key *b)
{
    return a->service_id == b->service_id && (same_stream(a, b) || !has_stream(a) || !has_stream(b));
}

/* ---- video ---- */

/* What the service that is watched asks for is followed on every screen. */
static void update_watched(struct shell *shell)
{
    const struct reception_service *service = shell_service(shell);
    uint16_t watched = service ? service->service_id : 0;
    if (watched == shell->watched_id)
        return;
    shell->watched_id = watched;
    programme_watch(shell->programme, watched);
    if (shell->options.reception)
        reception_follow(shell->options.reception, watched);
}

/* Asks reception for what the view in front wants to show: nothing is decoded that nobody sees. */
static void update_playing(struct shell *shell)
{
    update_watched(shell);
    struct view *view = front(shell);
    const struct reception_service *service = view && view->video ? shell_service(shell) : NULL;
    struct reception_key wanted = {0};
    if (service)
        wanted = key_of(service);
    int width = service ? view->video_width : 0, height = service ? view->video_height : 0;
    if (!shell->options.reception ||
        (wanted.service_id == shell->playing.service_id && same_stream(&wanted, &shell->playing) &&
         width == shell->playing_width && height == shell->playing_height))
        return;
    reception_watch(shell->options.reception, &wanted, width, height);
    shell->playing = wanted;
    shell->playing_width = width;
    shell->playing_height = height;
}

/* Tells reception what the views show, the one in front first. */
static void update_wanted(const struct shell *shell)
{
    const char *paths[VIEWS_MAX * VIEW_WANTS_MAX];
    size_t count = 0;
    for (size_t i = shell->count; i-- > 0;) {
        const struct view *view = shell->views[i];
        for (size_t j = 0; j < view->want_count; j++)
            paths[count++] = view->wants[j];
    }
    if (shell->options.reception)
        reception_want(shell->options.reception, paths, count);
}

void view_wants(struct view *view, const char *path)
{
    if (view->want_count < VIEW_WANTS_MAX)
        view->wants[view->want_count++] = path;
    update_wanted(view->shell);
}

static bool playback_changed(struct shell *shell)
{
    struct player_status status;
    player_get_status(shell->options.player, &status);
    const struct playback now = {status.state, status.decoder, status.video_width, status.video_height};
    bool changed = now.state != shell->seen.state || now.decoder != shell->seen.decoder ||
                   now.width != shell->seen.width || now.height != shell->seen.height;
    shell->seen = now;
    return changed;
}

void shell_player_wake(struct shell *shell)
{
    struct view *view = front(shell);
    struct player_frame frame;
    if (!shell->options.player)
        return;
    if (player_take_frame(shell->options.player, &frame)) {
        if (view && view->video && shell->playing.service_id) {
            node_video_show(view->video, frame.pixels, frame.width, frame.height,
                            frame.stride * (int)sizeof(uint32_t));
            shell->frames++;
        }
        player_release_frame(shell->options.player, &frame);
    }
    if (playback_changed(shell))
        shell_changed(shell, SHELL_CHANGED_PLAYER);
}

/* ---- views ---- */

/* The way from a screen down to what has the focus there: the nth child of the nth child ... */
struct trail {
    size_t steps[TRAIL_MAX]; /* the last one first */
    size_t count;            /* 0: the focus is elsewhere, or too deep */
    size_t item;             /* the last step leads to this item of a long list; UI_ITEMS_NONE: it does not */
};

static size_t index_in_parent(const struct node *node)
{
    const struct node *parent = node_parent(node);
    size_t index = 0;
    while (node_child(parent, index) != node)
        index++;
    return index;
}

static struct trail trail_to_focus(const struct view *view)
{
    struct trail trail = {.item = UI_ITEMS_NONE};
    const struct node *node = scene_focus(ui_scene(view->shell->options.ui));
    while (node && node != view->screen && trail.count < TRAIL_MAX) {
        struct node *parent = node_parent(node);
        if (ui_items_index(node) != UI_ITEMS_NONE && ui_items_index(parent) == UI_ITEMS_NONE) {
            trail.item = ui_items_index(node);
            trail.count = 0;
        }
        trail.steps[trail.count++] = index_in_parent(node);
        node = parent;
    }
    if (node != view->screen)
        trail.count = 0;
    return trail;
}

static void follow_trail(const struct view *view, const struct trail *trail)
{
    struct node *node = view->screen;
    size_t last = trail->item == UI_ITEMS_NONE ? 0 : 1;
    for (size_t i = trail->count; node && i > last; i--)
        node = trail->steps[i - 1] < node_count(node) ? node_child(node, trail->steps[i - 1]) : NULL;
    if (!node || trail->count == 0)
        return;
    if (trail->item != UI_ITEMS_NONE)
        ui_items_focus(node, trail->item);
    else if (node_first_focusable(node) == node)
        node_focus(node);
}

/* In another language a screen is built anew: the focus stays on what it was on. */
static void tell(struct view *view, unsigned changes)
{
    const struct shell *shell = view->shell;
    struct trail trail = {.count = 0};
    if ((changes & SHELL_CHANGED_LANGUAGE) && !(changes & OTHER_CONTENT))
        trail = trail_to_focus(view);
    view->missed = 0;
    if (changes && view->channel->changed)
        view->channel->changed(view->self, changes);
    if (front(shell) == view) /* it may have gone */
        follow_trail(view, &trail);
}

static void view_destroy(struct view *view)
{
    if (view->self)
        view->channel->close(view->self);
    node_destroy(view->screen);
    free(view);
}

/* Ends the view in front and shows the one below. */
static void pop(struct shell *shell)
{
    struct view *view = front(shell);
    shell->count--;
    view_destroy(view);
    if (shell->offer_depth && shell->count <= shell->offer_depth) {
        shell->offer_depth = 0;
        programme_left(shell->programme);
    }
}

static void arm_timer(struct shell *shell);

static void uncover(struct shell *shell)
{
    struct view *view = front(shell);
    if (!view)
        return;
    node_hide(view->screen, false);
    node_enter_scope(view->screen);
    update_playing(shell);
    update_wanted(shell);
    arm_timer(shell);
    tell(view, view->missed);
}

static const struct channel *find_channel(const struct shell *shell, const char *name)
{
    for (const struct channel *const *channel = shell->options.channels; *channel; channel++)
        if (!strcmp((*channel)->name, name))
            return *channel;
    return NULL;
}

bool shell_open(struct shell *shell, const char *name, const char *argument)
{
    assert(!shell->opening);
    const struct channel *channel = find_channel(shell, name);
    struct view *below = front(shell);
    if (!channel || shell->count == VIEWS_MAX) {
        log_warning(channel ? "%s: too many screens are open" : "%s: no such channel", name);
        return false;
    }
    struct view *view = calloc(1, sizeof(*view));
    if (!view)
        return false;
    view->shell = shell;
    view->channel = channel;
    shell->views[shell->count++] = view;
    shell->opening = true;
    view->self = channel->open(view, argument ? argument : "");
    shell->opening = false;
    if (!view->self) {
        pop(shell);
        uncover(shell);
        return false;
    }
    if (below)
        node_hide(below->screen, true);
    update_playing(shell);
    tell(view, view->missed);
    return true;
}

void shell_back(struct shell *shell)
{
    assert(!shell->opening);
    if (shell->count < 2)
        return;
    pop(shell);
    uncover(shell);
}

void shell_home(struct shell *shell)
{
    assert(!shell->opening);
    if (shell->count < 2)
        return;
    while (shell->count > 1)
        pop(shell);
    uncover(shell);
}

const char *shell_front(const struct shell *shell)
{
    return shell->count ? front(shell)->channel->name : "";
}

struct shell *view_shell(const struct view *view)
{
    return view->shell;
}

static struct node *replace_screen(struct view *view, struct node *screen)
{
    struct node *old = view->screen;
    view->screen = screen;
    view->video = NULL;
    node_destroy(old);
    if (view != front(view->shell)) /* it was built anew while covered */
        node_hide(screen, true);
    return screen;
}

struct node *view_screen(struct view *view)
{
    return replace_screen(view, ui_screen(view->shell->options.ui));
}

struct node *view_overlay(struct view *view)
{
    return replace_screen(view, ui_overlay(view->shell->options.ui));
}

void view_video(struct view *view, struct node *video, int width, int height)
{
    view->video = video;
    view->video_width = width;
    view->video_height = height;
    if (view == front(view->shell))
        update_playing(view->shell);
}

/* ---- keys and changes ---- */

static bool shortcut(struct shell *shell, enum key key)
{
    switch (key) {
    case KEY_BACK:
        shell_back(shell);
        return true;
    case KEY_HOME:
    case KEY_MENU:
        shell_home(shell);
        return true;
    case KEY_RED:
        shell_home(shell);
        return shell_open(shell, "live", "");
    case KEY_GREEN:
        shell_home(shell);
        return shell_open(shell, "shopping", "");
    case KEY_YELLOW:
        shell_home(shell);
        return shell_open(shell, "orders", "");
    case KEY_BLUE:
        shell_set_language(shell, shell->language == CONTENT_ZH ? CONTENT_BO : CONTENT_ZH);
        return true;
    case KEY_VOLUME_UP:
    case KEY_VOLUME_DOWN:
        shell_volume(shell, key == KEY_VOLUME_UP ? 5 : -5);
        return true;
    case KEY_MUTE:
        shell_mute(shell);
        return true;
    default:
        return false;
    }
}

void shell_key(struct shell *shell, struct key_event event)
{
    struct view *view = front(shell);
    spoken_key(shell->spoken, event);
    if (ui_key(shell->options.ui, event))
        return;
    if (view && view == front(shell) && view->channel->key && view->channel->key(view->self, event))
        return;
    if (!event.repeat || event.key == KEY_VOLUME_UP || event.key == KEY_VOLUME_DOWN)
        shortcut(shell, event.key);
}

void shell_changed(struct shell *shell, unsigned changes)
{
    if (changes & SHELL_CHANGED_CONTENT)
        ui_pictures_changed(shell->options.ui, "");
    for (size_t i = 0; i + 1 < shell->count; i++)
        shell->views[i]->missed |= changes;
    struct view *view = front(shell);
    if (view && view->self)
        tell(view, changes);
    else if (view) /* it is being opened */
        view->missed |= changes;
}

static void show_clock(struct shell *shell)
{
    char text[FORMAT_SIZE] = "";
    if (shell_utc(shell))
        format_clock(ui_strings(shell->options.ui), shell_utc(shell), text);
    ui_set_clock(shell->options.ui, text);
}

/* ---- what the programme asks for ---- */

/* Closes what the programme offered and offers no more. */
static void end_offer(struct shell *shell)
{
    enum programme_end end;
    const struct programme_application *ended = programme_take_end(shell->programme, &end);
    size_t depth = shell->offer_depth;
    if (!ended || !depth)
        return;
    while (shell->count > depth)
        pop(shell);
    uncover(shell);
    ui_toast(shell->options.ui, "info",
             tr1(end == PROGRAMME_ENDED ? "programme.ended" : "programme.other_channel",
                 strings_get(ui_strings(shell->options.ui), ended->name)));
}

static bool same_offers(const struct programme_offer *a, size_t a_count, const struct programme_offer *b,
                        size_t b_count)
{
    bool same = a_count == b_count;
    for (size_t i = 0; same && i < a_count; i++)
        same = a[i].application == b[i].application && a[i].invites == b[i].invites;
    return same;
}

static unsigned take_applications(struct shell *shell)
{
    struct programme_offer before[PROGRAMME_APPLICATIONS], now[PROGRAMME_APPLICATIONS] = {{NULL, false}};
    size_t before_count = programme_offers(shell->programme, before);
    programme_take_applications(shell->programme, &shell->news->interaction);
    size_t now_count = programme_offers(shell->programme, now);
    return same_offers(before, before_count, now, now_count) ? 0 : SHELL_CHANGED_PROGRAMME;
}

static bool has_product(void *context, const char *id)
{
    const struct shell *shell = context;
    struct store_scope scope = shell_scope(shell);
    struct store_product *product =
        shell->options.reader ? store_product(shell->options.reader, &scope, id) : NULL;
    store_product_destroy(product);
    return product != NULL;
}

void shell_take_event(struct shell *shell, const struct interaction_event *event)
{
    if (programme_take_event(shell->programme, event, clock_monotonic_us()))
        shell_changed(shell, SHELL_CHANGED_PROGRAMME);
}

const char *shell_product(const struct shell *shell, int64_t *left_ms)
{
    int64_t left_us;
    const char *product = programme_product(shell->programme, clock_monotonic_us(), &left_us);
    *left_ms = product ? left_us / 1000 + 1 : 0;
    return product;
}

void shell_dismiss_product(struct shell *shell)
{
    programme_dismiss_product(shell->programme);
}

size_t shell_offers(const struct shell *shell, struct programme_offer offers[PROGRAMME_APPLICATIONS])
{
    return programme_offers(shell->programme, offers);
}

bool shell_open_offer(struct shell *shell, const struct programme_application *application)
{
    size_t depth = shell->count;
    if (shell->offer_depth || !programme_open(shell->programme, application))
        return false;
    if (!shell_open(shell, application->channel, "")) {
        programme_left(shell->programme);
        return false;
    }
    shell->offer_depth = depth;
    return true;
}

void shell_programme_counts(const struct shell *shell, struct programme_counts *counts)
{
    programme_counts(shell->programme, counts);
}

/* ---- news ---- */

void shell_take_news(struct shell *shell, struct reception_news *news)
{
    struct reception_news *old = shell->news;
    shell->news = news;
    show_clock(shell);
    arm_timer(shell);
    update_playing(shell);
    unsigned programme = take_applications(shell);
    end_offer(shell);
    shell_changed(shell, SHELL_CHANGED_NEWS | programme);
    reception_news_destroy(old);
}

void shell_take_programmes(struct shell *shell, struct programmes *programmes)
{
    struct programmes *old = shell->programmes;
    shell->programmes = programmes;
    shell_changed(shell, SHELL_CHANGED_GUIDE);
    programmes_destroy(old);
}

/* The one timer: the next full minute, for the clock on screen, or the tick that the view in front has asked
 * for. */
static void on_timer(uv_timer_t *timer)
{
    struct shell *shell = timer->data;
    struct view *view = front(shell);
    show_clock(shell);
    if (view && view->tick_at_us && clock_monotonic_us() >= view->tick_at_us) {
        view->tick_at_us = 0;
        if (view->channel->tick)
            view->channel->tick(view->self);
    }
    arm_timer(shell);
}

static void arm_timer(struct shell *shell)
{
    const struct view *view = front(shell);
    if (!shell->timer)
        return;
    int64_t utc_s = shell_utc(shell);
    int64_t wait_ms = (utc_s > 0 ? 60 - utc_s % 60 : 60) * 1000;
    if (view && view->tick_at_us) {
        int64_t tick_ms = (view->tick_at_us - clock_monotonic_us()) / 1000 + 1;
        if (tick_ms < wait_ms)
            wait_ms = tick_ms > 0 ? tick_ms : 0;
    }
    uv_timer_start(shell->timer, on_timer, (uint64_t)wait_ms, 0);
}

void view_tick_in(struct view *view, int64_t ms)
{
    view->tick_at_us = clock_monotonic_us() + ms * 1000;
    if (view == front(view->shell))
        arm_timer(view->shell);
}

/* ---- what channels ask ---- */

struct ui *shell_ui(const struct shell *shell)
{
    return shell->options.ui;
}

struct store_reader *shell_reader(const struct shell *shell)
{
    return shell->options.reader;
}

struct order_book *shell_orders(const struct shell *shell)
{
    return shell->options.orders;
}

struct link *shell_link(const struct shell *shell)
{
    return shell->options.link;
}

const struct reception_news *shell_news(const struct shell *shell)
{
    return shell->news;
}

void shell_ask_programmes(struct shell *shell, const struct programmes_wish *wish)
{
    if (shell->options.reception)
        reception_ask_programmes(shell->options.reception, wish);
}

const struct programmes *shell_programmes(const struct shell *shell)
{
    return shell->programmes;
}

const char *shell_area(const struct shell *shell)
{
    return shell->area;
}

void shell_set_area(struct shell *shell, const char *area)
{
    if (!content_area_is_code(area))
        return;
    text_copy(shell->area, sizeof(shell->area), area);
    keeper_set(shell->area_keeper, area);
    shell_changed(shell, SHELL_CHANGED_CONTENT);
}

const char *shell_box_id(const struct shell *shell)
{
    return shell->box_id;
}

const char *shell_version(const struct shell *shell)
{
    return shell->options.version ? shell->options.version : "";
}

uint64_t shell_frames(const struct shell *shell)
{
    return shell->frames;
}

enum content_language shell_language(const struct shell *shell)
{
    return shell->language;
}

struct store_scope shell_scope(const struct shell *shell)
{
    return (struct store_scope){.area = shell->area, .utc_s = shell_utc(shell)};
}

int64_t shell_utc(const struct shell *shell)
{
    if (shell->options.utc)
        return shell->options.utc(shell->options.utc_context);
    if (shell->news && shell->news->utc_s)
        return shell->news->utc_s + (clock_monotonic_us() - shell->news->utc_at_us) / 1000000;
    return clock_plausible_utc_s();
}

static void prefer_sound(struct shell *shell)
{
    const struct sound_wish wish = watching_sound(shell->watching, shell->language);
    if (shell->options.reception)
        reception_prefer_sound(shell->options.reception, &wish);
}

void shell_set_language(struct shell *shell, enum content_language language)
{
    keeper_set(shell->keeper,
               content_language_str(language)); /* also where it is as it was: it is a choice */
    if (language == shell->language || !ui_set_language(shell->options.ui, content_language_str(language)))
        return;
    shell->language = language;
    show_clock(shell);
    prefer_sound(shell);
    shell_changed(shell, SHELL_CHANGED_LANGUAGE);
}

void shell_set_look(struct shell *shell, enum theme_scheme scheme, enum theme_size size)
{
    struct ui *ui = shell->options.ui;
    if (scheme == ui_scheme(ui) && size == ui_theme(ui)->size)
        return;
    if (scheme != ui_scheme(ui))
        keeper_set(shell->scheme_keeper, theme_scheme_str(scheme));
    if (size != ui_theme(ui)->size)
        keeper_set(shell->size_keeper, theme_size_str(size));
    ui_set_look(ui, scheme, size);
    shell_changed(shell, SHELL_CHANGED_LANGUAGE);
}

/* What was chosen, else the first that is received anyway: nobody asked to tune elsewhere. */
static const struct reception_service *service_at(const struct shell *shell, size_t *index)
{
    const struct reception_news *news = shell->news;
    const struct reception_key *wanted = watching_chosen(shell->watching);
    const struct reception_service *found = NULL;
    for (size_t i = 0; news && i < news->service_count; i++) {
        const struct reception_service *service = &news->services[i];
        const struct reception_key key = key_of(service);
        bool chosen = wanted->service_id && is_same(&key, wanted);
        if (!chosen && (found || service->elsewhere))
            continue;
        found = service;
        *index = i;
        if (chosen)
            break;
    }
    return found;
}

const struct reception_service *shell_service(const struct shell *shell)
{
    size_t index;
    return service_at(shell, &index);
}

void shell_watch(struct shell *shell, const struct reception_key *key)
{
    const struct reception_service *now = shell_service(shell);
    const struct reception_key from = now ? key_of(now) : (struct reception_key){0};
    watching_choose(shell->watching, now ? &from : NULL, key);
    update_playing(shell);
}

/* One that the network does not send any more is passed over. */
bool shell_watch_last(struct shell *shell)
{
    const struct reception_key before = *watching_before(shell->watching);
    for (size_t i = 0; before.service_id && shell->news && i < shell->news->service_count; i++) {
        const struct reception_key key = key_of(&shell->news->services[i]);
        if (!is_same(&key, &before))
            continue;
        shell_watch(shell, &key);
        return true;
    }
    return false;
}

void shell_set_favourite(struct shell *shell, const struct reception_key *key, bool favourite)
{
    if (shell->options.reception)
        reception_set_favourite(shell->options.reception, key, favourite);
}

bool shell_zap(struct shell *shell, int step)
{
    size_t index;
    const struct reception_service *now = service_at(shell, &index);
    int64_t count = shell->news ? (int64_t)shell->news->service_count : 0;
    if (count < (now ? 2 : 1))
        return false;
    int64_t from = now ? (int64_t)index : step > 0 ? -1 : count;
    int64_t to = ((from + step) % count + count) % count;
    const struct reception_key key = key_of(&shell->news->services[to]);
    shell_watch(shell, &key);
    return true;
}

bool shell_tune(struct shell *shell, unsigned number)
{
    for (size_t i = 0; shell->news && i < shell->news->service_count; i++) {
        const struct reception_service *service = &shell->news->services[i];
        if (service->number == 0 || service->number != number)
            continue;
        const struct reception_key key = key_of(service);
        shell_watch(shell, &key);
        return true;
    }
    return false;
}

unsigned shell_scan(struct shell *shell)
{
    return shell->options.reception ? reception_search(shell->options.reception) : 0;
}

void shell_end_scan(struct shell *shell)
{
    if (shell->options.reception)
        reception_end_search(shell->options.reception);
}

bool shell_player_status(const struct shell *shell, struct player_status *status)
{
    if (!shell->options.player)
        return false;
    player_get_status(shell->options.player, status);
    return true;
}

/* Told to the player, and to whoever shows that nothing is heard. */
static void set_volume(struct shell *shell, int volume, bool muted)
{
    bool was_muted = watching_muted(shell->watching);
    watching_set_volume(shell->watching, volume, muted);
    volume = watching_volume(shell->watching);
    if (shell->options.player) {
        player_set_mute(shell->options.player, muted);
        player_set_volume(shell->options.player, volume);
    }
    spoken_set_sound(shell->spoken, volume, muted);
    char number[12];
    snprintf(number, sizeof(number), "%d", volume);
    ui_toast_level(shell->options.ui, muted ? "mute" : "volume",
                   muted ? tr("live.muted") : tr1("live.volume", number),
                   muted ? 0 : volume * 1000 / AUDIO_VOLUME_MAX);
    if (muted != was_muted)
        shell_changed(shell, SHELL_CHANGED_SOUND);
}

int shell_volume(struct shell *shell, int step)
{
    set_volume(shell, watching_volume(shell->watching) + step, false);
    return watching_volume(shell->watching);
}

bool shell_mute(struct shell *shell)
{
    set_volume(shell, watching_volume(shell->watching), !watching_muted(shell->watching));
    return watching_muted(shell->watching);
}

bool shell_muted(const struct shell *shell)
{
    return watching_muted(shell->watching);
}

void shell_choose_sound(struct shell *shell, const struct service_sound *sound)
{
    watching_choose_sound(shell->watching, sound);
    prefer_sound(shell);
}

/* ---- spoken help ---- */

bool shell_can_speak(const struct shell *shell)
{
    return shell->spoken;
}

bool shell_speaks(const struct shell *shell)
{
    return spoken_is_on(shell->spoken);
}

void shell_set_speaks(struct shell *shell, bool on)
{
    spoken_switch(shell->spoken, on);
}

/* Behind the sound: the voice is as loud as the programme. */
static void begin_spoken(struct shell *shell)
{
    const struct shell_options *options = &shell->options;
    if (!options->loop || !options->speech)
        return;
    shell->spoken = spoken_create(&(struct spoken_options){.loop = options->loop,
                                                           .ui = options->ui,
                                                           .settings = options->settings,
                                                           .player = options->player,
                                                           .speech = options->speech});
    spoken_set_sound(shell->spoken, watching_volume(shell->watching), watching_muted(shell->watching));
}

/* ---- life ---- */

static void begin_sound(struct shell *shell)
{
    struct player *player = shell->options.player;
    prefer_sound(shell);
    if (!player)
        return;
    player_set_volume(player, watching_volume(shell->watching));
    player_set_mute(player, watching_muted(shell->watching));
}

struct shell *shell_create(const struct shell_options *options)
{
    struct shell *shell = calloc(1, sizeof(*shell));
    if (!shell)
        return NULL;
    shell->options = *options;
    snprintf(shell->area, sizeof(shell->area), "%s", options->area ? options->area : "");
    snprintf(shell->box_id, sizeof(shell->box_id), "%s", options->box_id ? options->box_id : "");
    content_language_from_str(strings_language(ui_strings(options->ui)), &shell->language);
    shell->programme = programme_create(&(struct programme_options){has_product, shell});
    shell->watching = watching_create(options->loop, options->settings);
    if (!shell->programme || !shell->watching) {
        shell_destroy(shell);
        return NULL;
    }
    begin_sound(shell);
    if (options->loop && options->settings) {
        shell->keeper = keeper_create(options->loop, options->settings, "language");
        shell->scheme_keeper = keeper_create(options->loop, options->settings, "theme");
        shell->size_keeper = keeper_create(options->loop, options->settings, "text_size");
        shell->area_keeper = keeper_create(options->loop, options->settings, "area");
    }
    if (options->loop) {
        shell->timer = malloc(sizeof(*shell->timer));
        if (!shell->timer) {
            shell_destroy(shell);
            return NULL;
        }
        uv_timer_init(options->loop, shell->timer);
        shell->timer->data = shell;
        arm_timer(shell);
    }
    begin_spoken(shell);
    show_clock(shell);
    if (!shell_open(shell, options->channels[0]->name, "")) {
        shell_destroy(shell);
        return NULL;
    }
    return shell;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

void shell_destroy(struct shell *shell)
{
    if (!shell)
        return;
    spoken_destroy(shell->spoken); /* before what it would read goes */
    while (shell->count)
        pop(shell);
    if (shell->timer)
        uv_close((uv_handle_t *)shell->timer, free_handle);
    keeper_destroy(shell->keeper);
    keeper_destroy(shell->scheme_keeper);
    keeper_destroy(shell->size_keeper);
    keeper_destroy(shell->area_keeper);
    reception_news_destroy(shell->news);
    programmes_destroy(shell->programmes);
    programme_destroy(shell->programme);
    watching_destroy(shell->watching);
    free(shell);
}
