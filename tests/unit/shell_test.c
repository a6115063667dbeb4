/* SPDX-License-Identifier: Apache-2.0 */
/* The shell with channels of the test's own: the stack of views, who gets the key, who is told what, the
 * service that is watched, and what is kept. Without air, player and orders. */
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "shell/keeper.h"
#include "shell/shell.h"
#include "shell/watching.h"
#include "ui/widget.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RESOURCES SOURCE_DIR "/resources"
#define PATIENCE_US INT64_C(20000000)
#define VIEWS 16 /* what the shell allows */

/* ---- channels ---- */

/* What became of the views of a channel; reset before each test. */
struct record {
    int opened, closed, keys, ticks, told;
    unsigned changes; /* of the last time it was told */
    struct view *view;
    char argument[32];
};

enum { PORTAL, FIRST, SECOND, OVERLAY, BROKEN, EAGER, LIVE, CHANNELS };
static struct record records[CHANNELS];
static enum key wanted_key; /* what every channel uses itself */
static bool closes_itself;  /* when it gets that key, or is told of orders */

static void build(struct record *record)
{
    struct node *screen =
        record == &records[OVERLAY] ? view_overlay(record->view) : view_screen(record->view);
    ui_header(screen, tr("app.name"), lit(NULL));
    node_focus(ui_button(ui_body(screen), BUTTON_PRIMARY, NULL, tr("app.name"), NULL, NULL));
}

static void *open_record(struct record *record, struct view *view, const char *argument)
{
    record->opened++;
    record->view = view;
    snprintf(record->argument, sizeof(record->argument), "%s", argument);
    build(record);
    return record;
}

#define OPEN(name, index)                                                                                    \
    static void *name(struct view *view, const char *argument)                                               \
    {                                                                                                        \
        return open_record(&records[index], view, argument);                                                 \
    }
OPEN(open_portal, PORTAL)
OPEN(open_first, FIRST)
OPEN(open_second, SECOND)
OPEN(open_overlay, OVERLAY)
OPEN(open_live, LIVE)

/* Builds half a screen before it finds that it cannot. */
static void *open_broken(struct view *view, const char *argument)
{
    open_record(&records[BROKEN], view, argument);
    shell_changed(view_shell(view), SHELL_CHANGED_CONTENT);
    return NULL;
}

/* Causes a change itself while it opens, as an order book does that answers at once. */
static void *open_eager(struct view *view, const char *argument)
{
    void *self = open_record(&records[EAGER], view, argument);
    shell_changed(view_shell(view), SHELL_CHANGED_ORDERS);
    assert_int_equal(records[EAGER].told, 0);
    return self;
}

static bool on_key(void *self, struct key_event event)
{
    struct record *record = self;
    record->keys++;
    if (event.key != wanted_key)
        return false;
    if (closes_itself)
        shell_back(view_shell(record->view));
    return true;
}

static void on_tick(void *self)
{
    ((struct record *)self)->ticks++;
}

static void on_changed(void *self, unsigned changes)
{
    struct record *record = self;
    record->told++;
    record->changes = changes;
    if (changes & SHELL_CHANGED_LANGUAGE)
        build(record);
    if ((changes & SHELL_CHANGED_ORDERS) && closes_itself)
        shell_back(view_shell(record->view));
}

static void on_close(void *self)
{
    ((struct record *)self)->closed++;
}

static const struct channel portal = {"portal", open_portal, on_key, on_tick, on_changed, on_close};
static const struct channel first = {"first", open_first, on_key, on_tick, on_changed, on_close};
static const struct channel second = {"second", open_second, on_key, on_tick, on_changed, on_close};
static const struct channel overlay = {"overlay", open_overlay, NULL, NULL, NULL, on_close};
static const struct channel broken = {"broken", open_broken, on_key, on_tick, on_changed, on_close};
static const struct channel eager = {"eager", open_eager, on_key, on_tick, on_changed, on_close};
static const struct channel live = {"live", open_live, on_key, on_tick, on_changed, on_close};
static const struct channel *const channels[] = {&portal, &first, &second, &overlay,
                                                 &broken, &eager, &live,   NULL};

/* ---- a box ---- */

struct box_under_test {
    char folder[64];
    uv_loop_t loop;
    struct display *display;
    struct ui *ui;
    struct settings *settings;
    struct shell *shell;
    int64_t utc_s;
};

static int64_t read_utc(void *context)
{
    return ((struct box_under_test *)context)->utc_s;
}

static int set_up(void **state)
{
    struct box_under_test *box = calloc(1, sizeof(*box));
    struct error error = {""};
    char path[128];
    memset(records, 0, sizeof(records));
    wanted_key = KEY_NONE;
    closes_itself = false;
    strcpy(box->folder, "/tmp/kokonor-shell-XXXXXX");
    assert_non_null(mkdtemp(box->folder));
    log_set_level(LOG_LEVEL_ERROR); /* icons are built, nothing here looks at them */
    uv_loop_init(&box->loop);
    snprintf(path, sizeof(path), "%s/household.db", box->folder);
    box->settings = settings_open(path, &error);
    box->display = display_create(&(struct display_options){.presenter = "offscreen"}, &error);
    if (box->settings && box->display)
        box->ui = ui_create(
            &(struct ui_options){.display = box->display, .resources = RESOURCES, .language = "zh"}, &error);
    if (!box->ui)
        fail_msg("%s", error.text);
    box->shell = shell_create(&(struct shell_options){.loop = &box->loop,
                                                      .ui = box->ui,
                                                      .settings = box->settings,
                                                      .area = "632521",
                                                      .box_id = "X",
                                                      .channels = channels});
    assert_non_null(box->shell);
    *state = box;
    return 0;
}

static void end_shell(struct box_under_test *box)
{
    shell_destroy(box->shell);
    box->shell = NULL;
    uv_run(&box->loop, UV_RUN_DEFAULT);
}

static int tear_down(void **state)
{
    struct box_under_test *box = *state;
    end_shell(box);
    ui_destroy(box->ui);
    display_destroy(box->display);
    settings_close(box->settings);
    assert_int_equal(uv_loop_close(&box->loop), 0);
    bool clean = file_remove_tree(box->folder, NULL);
    free(box);
    return clean ? 0 : -1;
}

static void press(struct box_under_test *box, enum key key)
{
    shell_key(box->shell, (struct key_event){.key = key});
}

static size_t screens(struct box_under_test *box)
{
    return node_count(ui_layer(box->ui, UI_LAYER_SCREEN)) + node_count(ui_layer(box->ui, UI_LAYER_OVERLAY));
}

static void assert_front(struct box_under_test *box, const char *name)
{
    assert_string_equal(shell_front(box->shell), name);
}

/* ---- the stack ---- */

static void back_leads_one_step_out(void **state)
{
    struct box_under_test *box = *state;
    assert_front(box, "portal");
    assert_true(shell_open(box->shell, "first", "one"));
    assert_true(shell_open(box->shell, "second", NULL));
    assert_front(box, "second");
    assert_string_equal(records[FIRST].argument, "one");
    assert_string_equal(records[SECOND].argument, "");
    press(box, KEY_BACK);
    assert_front(box, "first");
    assert_int_equal(records[SECOND].closed, 1);
    assert_int_equal(records[FIRST].closed, 0);
    press(box, KEY_BACK);
    assert_front(box, "portal");
    press(box, KEY_BACK); /* there is no further out */
    assert_front(box, "portal");
    assert_int_equal(records[PORTAL].closed, 0);
    assert_int_equal(screens(box), 1);
}

static void home_leads_to_the_portal(void **state)
{
    struct box_under_test *box = *state;
    const enum key ways[] = {KEY_HOME, KEY_MENU};
    for (size_t i = 0; i < 2; i++) {
        assert_true(shell_open(box->shell, "first", ""));
        assert_true(shell_open(box->shell, "overlay", ""));
        assert_true(shell_open(box->shell, "first", ""));
        press(box, ways[i]);
        assert_front(box, "portal");
        assert_int_equal(records[FIRST].closed, records[FIRST].opened);
        assert_int_equal(records[OVERLAY].closed, i + 1);
        assert_int_equal(records[PORTAL].opened, 1);
        assert_int_equal(screens(box), 1);
    }
    press(box, KEY_HOME);
    assert_front(box, "portal");
}

static void a_colour_leads_to_its_channel_from_anywhere(void **state)
{
    struct box_under_test *box = *state;
    assert_true(shell_open(box->shell, "first", ""));
    assert_true(shell_open(box->shell, "second", ""));
    press(box, KEY_RED);
    assert_front(box, "live");
    assert_int_equal(screens(box), 2); /* the portal and it */
    press(box, KEY_GREEN);             /* a channel that this box does not have */
    assert_front(box, "portal");
    assert_false(shell_open(box->shell, "nothing", ""));
    assert_front(box, "portal");
}

static void there_are_only_so_many_views(void **state)
{
    struct box_under_test *box = *state;
    for (int i = 1; i < VIEWS; i++)
        assert_true(shell_open(box->shell, i % 2 ? "first" : "second", ""));
    assert_false(shell_open(box->shell, "second", ""));
    assert_false(shell_open(box->shell, "broken", ""));
    assert_int_equal(records[BROKEN].opened, 0);
    assert_front(box, "first");
    assert_int_equal(screens(box), VIEWS);
    press(box, KEY_BACK);
    assert_true(shell_open(box->shell, "second", ""));
    press(box, KEY_HOME);
    assert_int_equal(screens(box), 1);
}

static void what_does_not_open_leaves_the_stack(void **state)
{
    struct box_under_test *box = *state;
    assert_true(shell_open(box->shell, "first", ""));
    struct node *focus = scene_focus(ui_scene(box->ui));
    assert_non_null(focus);
    assert_false(shell_open(box->shell, "broken", ""));
    assert_int_equal(records[BROKEN].opened, 1);
    assert_int_equal(records[BROKEN].closed, 0); /* it was never open */
    assert_front(box, "first");
    assert_int_equal(screens(box), 2);
    assert_ptr_equal(scene_focus(ui_scene(box->ui)), focus);
    assert_int_equal(records[FIRST].told, 1); /* of what happened meanwhile */
    assert_int_equal(records[FIRST].changes, SHELL_CHANGED_CONTENT);
    press(box, KEY_BACK);
    assert_front(box, "portal");
}

/* ---- keys ---- */

static void the_channel_is_asked_before_the_shell(void **state)
{
    struct box_under_test *box = *state;
    assert_true(shell_open(box->shell, "first", ""));
    wanted_key = KEY_BACK;
    press(box, KEY_BACK);
    assert_front(box, "first");
    assert_int_equal(records[FIRST].keys, 1);
    assert_int_equal(records[PORTAL].keys, 0);
    shell_key(box->shell, (struct key_event){.key = KEY_HOME, .repeat = true}); /* held down */
    assert_front(box, "first");
    closes_itself = true; /* in its own callback */
    press(box, KEY_BACK);
    assert_front(box, "portal");
    wanted_key = KEY_NONE;
    assert_true(shell_open(box->shell, "overlay", "")); /* has no function for keys */
    press(box, KEY_BACK);
    assert_front(box, "portal");
}

static void each_view_has_its_own_focus(void **state)
{
    struct box_under_test *box = *state;
    struct node *below = scene_focus(ui_scene(box->ui));
    assert_true(shell_open(box->shell, "first", ""));
    assert_ptr_not_equal(scene_focus(ui_scene(box->ui)), below);
    press(box, KEY_BACK);
    assert_ptr_equal(scene_focus(ui_scene(box->ui)), below);
}

/* ---- changes ---- */

static void changes_wait_for_covered_views(void **state)
{
    struct box_under_test *box = *state;
    shell_changed(box->shell, SHELL_CHANGED_CONTENT);
    assert_int_equal(records[PORTAL].told, 1);
    assert_true(shell_open(box->shell, "first", ""));
    shell_changed(box->shell, SHELL_CHANGED_CONTENT);
    shell_changed(box->shell, SHELL_CHANGED_ORDERS);
    shell_changed(box->shell, SHELL_CHANGED_ORDERS);
    assert_int_equal(records[FIRST].told, 3);
    assert_int_equal(records[PORTAL].told, 1);
    press(box, KEY_BACK);
    assert_int_equal(records[PORTAL].told, 2); /* once, of all */
    assert_int_equal(records[PORTAL].changes, SHELL_CHANGED_CONTENT | SHELL_CHANGED_ORDERS);
    assert_true(shell_open(box->shell, "first", ""));
    press(box, KEY_BACK);
    assert_int_equal(records[PORTAL].told, 2); /* nothing new */
}

static void a_change_while_opening_is_told_afterwards(void **state)
{
    struct box_under_test *box = *state;
    assert_true(shell_open(box->shell, "eager", ""));
    assert_int_equal(records[EAGER].told, 1);
    assert_int_equal(records[EAGER].changes, SHELL_CHANGED_ORDERS);
    press(box, KEY_BACK);
    assert_int_equal(records[PORTAL].changes, SHELL_CHANGED_ORDERS);
}

static void a_view_may_end_when_it_is_told(void **state)
{
    struct box_under_test *box = *state;
    assert_true(shell_open(box->shell, "first", ""));
    assert_true(shell_open(box->shell, "second", ""));
    closes_itself = true;
    shell_changed(box->shell, SHELL_CHANGED_ORDERS); /* second ends, first is told and ends too */
    assert_front(box, "portal");
    assert_int_equal(records[FIRST].closed + records[SECOND].closed, 2);
}

static void a_screen_built_while_covered_stays_covered(void **state)
{
    struct box_under_test *box = *state;
    assert_true(shell_open(box->shell, "first", ""));
    struct node *focus = scene_focus(ui_scene(box->ui));
    build(&records[PORTAL]);
    assert_ptr_equal(scene_focus(ui_scene(box->ui)), focus);
    assert_int_equal(screens(box), 2);
    press(box, KEY_BACK);
    assert_non_null(scene_focus(ui_scene(box->ui)));
    assert_int_equal(screens(box), 1);
}

/* ---- language ---- */

static void a_language_reaches_covered_views(void **state)
{
    struct box_under_test *box = *state;
    assert_true(shell_open(box->shell, "first", ""));
    press(box, KEY_BLUE);
    assert_int_equal(shell_language(box->shell), CONTENT_BO);
    assert_string_equal(strings_language(ui_strings(box->ui)), "bo");
    assert_int_equal(records[FIRST].changes, SHELL_CHANGED_LANGUAGE);
    assert_int_equal(records[PORTAL].told, 0);
    press(box, KEY_BACK);
    assert_int_equal(records[PORTAL].changes, SHELL_CHANGED_LANGUAGE);
    assert_non_null(scene_focus(ui_scene(box->ui)));
    shell_set_language(box->shell, CONTENT_BO); /* it is that already */
    assert_int_equal(records[PORTAL].told, 1);
    press(box, KEY_BLUE);
    assert_int_equal(shell_language(box->shell), CONTENT_ZH);
}

static void the_last_language_is_kept(void **state)
{
    struct box_under_test *box = *state;
    char kept[8];
    for (int i = 0; i < 21; i++) /* ends in Tibetan, faster than the disk */
        press(box, KEY_BLUE);
    end_shell(box);
    assert_true(settings_get(box->settings, "language", "", kept, sizeof(kept)));
    assert_string_equal(kept, "bo");
}

static void the_look_is_kept(void **state)
{
    struct box_under_test *box = *state;
    char kept[16];
    shell_set_look(box->shell, THEME_CONTRAST, THEME_LARGEST);
    assert_int_equal(records[PORTAL].changes, SHELL_CHANGED_LANGUAGE);
    assert_int_equal(ui_scheme(box->ui), THEME_CONTRAST);
    assert_int_equal(ui_theme(box->ui)->size, THEME_LARGEST);
    shell_set_look(box->shell, THEME_CONTRAST, THEME_LARGEST); /* it is that already */
    assert_int_equal(records[PORTAL].told, 1);
    shell_set_look(box->shell, THEME_CONTRAST, THEME_LARGE);
    end_shell(box);
    assert_true(settings_get(box->settings, "theme", "", kept, sizeof(kept)));
    assert_string_equal(kept, "contrast");
    assert_true(settings_get(box->settings, "text_size", "", kept, sizeof(kept)));
    assert_string_equal(kept, "large");
}

static void a_keeper_writes_what_came_last(void **state)
{
    struct box_under_test *box = *state;
    char kept[80], number[80];
    struct keeper *keeper = keeper_create(&box->loop, box->settings, "number");
    assert_non_null(keeper);
    for (int i = 0; i < 100; i++) {
        snprintf(number, sizeof(number), "%d", i);
        keeper_set(keeper, number);
        if (i % 10 == 0)
            uv_run(&box->loop, UV_RUN_NOWAIT);
    }
    keeper_destroy(keeper); /* with writes still to come */
    end_shell(box);
    assert_true(settings_get(box->settings, "number", "", kept, sizeof(kept)));
    assert_string_equal(kept, "99");
    keeper_set(NULL, "nothing");
    keeper_destroy(NULL);
    keeper_destroy(keeper_create(&box->loop, box->settings, "unused"));
}

/* ---- news ---- */

static struct reception_news *make_news(const uint16_t *services, size_t count)
{
    struct reception_news *news = calloc(1, sizeof(*news) + count * sizeof(news->services[0]));
    assert_non_null(news);
    news->signal = true;
    news->service_count = count;
    for (size_t i = 0; i < count; i++)
        news->services[i].service_id = services[i];
    return news;
}

static uint16_t watched(struct box_under_test *box)
{
    const struct reception_service *service = shell_service(box->shell);
    return service ? service->service_id : 0;
}

static void zapping_goes_round(void **state)
{
    struct box_under_test *box = *state;
    assert_int_equal(watched(box), 0);
    assert_false(shell_zap(box->shell, 1));
    shell_take_news(box->shell, make_news(NULL, 0));
    assert_false(shell_zap(box->shell, 1));
    shell_take_news(box->shell, make_news((const uint16_t[]){5}, 1));
    assert_int_equal(watched(box), 5);
    assert_false(shell_zap(box->shell, 1)); /* no other */
    shell_take_news(box->shell, make_news((const uint16_t[]){5, 7, 65535}, 3));
    static const struct {
        int step;
        uint16_t service;
    } steps[] = {{1, 7},  {1, 65535}, {1, 5}, {-1, 65535}, {-1, 7},    {3, 7},
                 {-3, 7}, {-7, 5},    {7, 7}, {0, 7},      {-1000, 5}, {1000, 7}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        assert_true(shell_zap(box->shell, steps[i].step));
        if (watched(box) != steps[i].service)
            fail_msg("%zu: a step of %d leads to %u", i, steps[i].step, watched(box));
    }
}

static void a_number_leads_to_its_service(void **state)
{
    struct box_under_test *box = *state;
    assert_false(shell_tune(box->shell, 1));
    struct reception_news *news = make_news((const uint16_t[]){5, 7, 65535}, 3);
    news->services[0].number = 3;
    news->services[1].number = 12; /* the third has none yet */
    shell_take_news(box->shell, news);
    assert_true(shell_tune(box->shell, 12));
    assert_int_equal(watched(box), 7);
    assert_false(shell_tune(box->shell, 4));
    assert_false(shell_tune(box->shell, 0));
    assert_int_equal(watched(box), 7);
    assert_true(shell_tune(box->shell, 3));
    assert_int_equal(watched(box), 5);
}

static void the_last_service_is_one_step_away(void **state)
{
    struct box_under_test *box = *state;
    assert_false(shell_watch_last(box->shell));
    shell_take_news(box->shell, make_news((const uint16_t[]){5, 7, 9}, 3));
    assert_false(shell_watch_last(box->shell)); /* nothing was watched before */
    assert_true(shell_zap(box->shell, 1));
    assert_true(shell_watch_last(box->shell));
    assert_int_equal(watched(box), 5);
    assert_true(shell_watch_last(box->shell));
    assert_int_equal(watched(box), 7);
    const struct reception_key nine = {.service_id = 9};
    shell_watch(box->shell, &nine);
    shell_watch(box->shell, &nine); /* once more is no change */
    assert_true(shell_watch_last(box->shell));
    assert_int_equal(watched(box), 7);
    shell_take_news(box->shell, make_news((const uint16_t[]){5, 7}, 2));
    assert_false(shell_watch_last(box->shell)); /* 9 is not sent any more */
    assert_int_equal(watched(box), 7);
}

/* name: a setting that has another value meanwhile; NULL: none. */
static void restart_with(struct box_under_test *box, const char *name, const char *value)
{
    struct error error;
    end_shell(box);
    if (name)
        assert_true(settings_set(box->settings, name, value, &error));
    memset(records, 0, sizeof(records));
    box->shell = shell_create(&(struct shell_options){
        .loop = &box->loop, .ui = box->ui, .settings = box->settings, .channels = channels});
    assert_non_null(box->shell);
}

static void restart(struct box_under_test *box)
{
    restart_with(box, NULL, NULL);
}

/* A box that was switched off goes on as it was. */
static void what_is_watched_is_kept(void **state)
{
    struct box_under_test *box = *state;
    char kept[64];
    struct reception_news *news = make_news((const uint16_t[]){5, 5, 9}, 3);
    for (size_t i = 0; i < 3; i++) {
        news->services[i].original_network_id = 65281;
        news->services[i].transport_stream_id = (uint16_t)(i + 1);
        news->services[i].number = (uint16_t)(i + 1);
    }
    shell_take_news(box->shell, news);
    assert_true(shell_tune(box->shell, 3));
    assert_true(shell_tune(box->shell, 2)); /* faster than the disk */
    restart(box);
    assert_true(settings_get(box->settings, "watched", "", kept, sizeof(kept)));
    assert_string_equal(kept, "65281.2.5");
    news = make_news((const uint16_t[]){5, 5}, 2);
    for (size_t i = 0; i < 2; i++) {
        news->services[i].original_network_id = 65281;
        news->services[i].transport_stream_id = (uint16_t)(i + 1);
    }
    shell_take_news(box->shell, news);
    assert_int_equal(shell_service(box->shell)->transport_stream_id, 2);
    static const char *const nonsense[] = {"", "5", "1.2", "1.2.3.4", "70000.1.1", "x.y.z", "-1.1.1"};
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        restart_with(box, "watched", nonsense[i]);
        shell_take_news(box->shell, make_news((const uint16_t[]){4, 3}, 2));
        assert_int_equal(watched(box), 4);
    }
}

static void volume_and_mute_are_kept(void **state)
{
    struct box_under_test *box = *state;
    assert_false(shell_muted(box->shell));
    int before = shell_volume(box->shell, 0);
    for (int i = 0; i < 6; i++)
        press(box, KEY_VOLUME_DOWN);
    assert_int_equal(shell_volume(box->shell, 0), before - 30);
    press(box, KEY_MUTE);
    assert_int_equal(records[PORTAL].changes, SHELL_CHANGED_SOUND);
    restart(box);
    assert_true(shell_muted(box->shell));
    press(box, KEY_VOLUME_UP); /* ends it, too */
    assert_false(shell_muted(box->shell));
    assert_int_equal(records[PORTAL].changes, SHELL_CHANGED_SOUND);
    restart(box);
    assert_false(shell_muted(box->shell));
    assert_int_equal(shell_volume(box->shell, 0), before - 25);
    static const char *const nonsense[] = {"", "101", "-1", "loud", "999999999999"};
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        restart_with(box, "volume", nonsense[i]);
        assert_int_equal(shell_volume(box->shell, 0), before);
    }
}

static void the_language_of_the_sound_is_kept(void **state)
{
    struct box_under_test *box = *state;
    struct watching *watching = watching_create(&box->loop, box->settings);
    assert_string_equal(watching_sound(watching, CONTENT_ZH).language, "chi"); /* of the screens */
    assert_string_equal(watching_sound(watching, CONTENT_BO).language, "tib");
    const struct service_sound unknown = {.pid = 77, .kind = SOUND_MPEG};
    watching_choose_sound(watching, &unknown);
    assert_int_equal(watching_sound(watching, CONTENT_EN).pid, 77);
    assert_string_equal(watching_sound(watching, CONTENT_EN).language, "eng");
    const struct service_sound described = {
        .pid = 78, .language = "tib", .description = true, .kind = SOUND_MPEG};
    watching_choose_sound(watching, &described);
    watching_destroy(watching);
    uv_run(&box->loop, UV_RUN_NOWAIT);
    char kept[64] = "";
    int64_t until = clock_monotonic_us() + PATIENCE_US;
    while (!settings_get(box->settings, "sound", "", kept, sizeof(kept)) || !*kept) {
        assert_true(clock_monotonic_us() < until);
        uv_run(&box->loop, UV_RUN_NOWAIT);
        clock_sleep_us(1000);
    }
    assert_string_equal(kept, "tib description");
    watching = watching_create(NULL, box->settings);
    const struct sound_wish wish = watching_sound(watching, CONTENT_ZH);
    assert_string_equal(wish.language, "tib");
    assert_true(wish.description);
    assert_int_equal(wish.pid, 0); /* PIDs are of one service and one day */
    watching_destroy(watching);
    watching_destroy(NULL);
}

/* Services of other streams are in the list, but nobody tunes away unasked. */
static void services_of_other_streams_are_chosen(void **state)
{
    struct box_under_test *box = *state;
    struct reception_news *news = make_news((const uint16_t[]){5, 7, 5}, 3);
    for (size_t i = 0; i < 3; i++) {
        news->services[i].original_network_id = 9;
        news->services[i].transport_stream_id = (uint16_t)(i + 1);
        news->services[i].number = (uint16_t)(i + 1);
        news->services[i].elsewhere = i != 1;
    }
    shell_take_news(box->shell, news);
    assert_int_equal(watched(box), 7);
    assert_true(shell_tune(box->shell, 3));
    assert_int_equal(shell_service(box->shell)->transport_stream_id, 3);
    assert_true(shell_zap(box->shell, 1));
    assert_int_equal(shell_service(box->shell)->transport_stream_id, 1);
    /* Of a stream that is received and has not said which it is, the number alone counts. */
    shell_take_news(box->shell, make_news((const uint16_t[]){3, 5}, 2));
    assert_int_equal(watched(box), 5);
    /* With nothing received one can still zap. */
    news = make_news((const uint16_t[]){8, 9}, 2);
    news->services[0].elsewhere = news->services[1].elsewhere = true;
    shell_take_news(box->shell, news);
    assert_int_equal(watched(box), 0);
    assert_true(shell_zap(box->shell, 1));
    assert_int_equal(watched(box), 8);
    assert_int_equal(shell_scan(box->shell), 0); /* without reception */
    shell_end_scan(box->shell);
}

static void a_service_that_comes_back_is_watched_again(void **state)
{
    struct box_under_test *box = *state;
    shell_take_news(box->shell, make_news((const uint16_t[]){5, 7}, 2));
    assert_true(shell_zap(box->shell, 1));
    shell_take_news(box->shell, make_news((const uint16_t[]){5}, 1));
    assert_int_equal(watched(box), 5);
    shell_take_news(box->shell, make_news((const uint16_t[]){3, 5, 7}, 3));
    assert_int_equal(watched(box), 7);
    assert_int_equal(records[PORTAL].changes, SHELL_CHANGED_NEWS);
}

static void the_time_is_the_broadcast_one(void **state)
{
    struct box_under_test *box = *state;
    struct reception_news *news = make_news(NULL, 0);
    news->utc_s = 1000;
    news->utc_at_us = clock_monotonic_us() - 5000000;
    shell_take_news(box->shell, news);
    int64_t utc_s = shell_utc(box->shell);
    assert_true(utc_s >= 1005 && utc_s < 1005 + 60);
    news = make_news(NULL, 0); /* what a time table can say at most, and less than it should */
    news->utc_s = INT64_C(2145916800) * 2;
    shell_take_news(box->shell, news);
    news = make_news(NULL, 0);
    news->utc_s = -1;
    news->utc_at_us = clock_monotonic_us();
    shell_take_news(box->shell, news);
    ui_draw(box->ui);
}

/* ---- ticks ---- */

static void run_until(struct box_under_test *box, const int *ticks)
{
    int64_t until = clock_monotonic_us() + PATIENCE_US;
    while (*ticks == 0) {
        assert_true(clock_monotonic_us() < until);
        uv_run(&box->loop, UV_RUN_NOWAIT); /* ONCE would go on to wait for the next minute */
        clock_sleep_us(1000);
    }
}

static void a_tick_comes_once_and_to_the_view_in_front(void **state)
{
    struct box_under_test *box = *state;
    view_tick_in(records[PORTAL].view, 0);
    assert_true(shell_open(box->shell, "first", ""));
    view_tick_in(records[FIRST].view, 5);
    run_until(box, &records[FIRST].ticks);
    assert_int_equal(records[FIRST].ticks, 1);
    assert_int_equal(records[PORTAL].ticks, 0); /* late, but it is covered */
    press(box, KEY_BACK);
    run_until(box, &records[PORTAL].ticks);
    assert_int_equal(records[PORTAL].ticks, 1);
}

/* ---- without a loop ---- */

static void a_shell_without_a_loop_works(void **state)
{
    struct box_under_test *box = *state;
    end_shell(box);
    memset(records, 0, sizeof(records));
    box->utc_s = 59;
    box->shell = shell_create(
        &(struct shell_options){.ui = box->ui, .channels = channels, .utc = read_utc, .utc_context = box});
    assert_non_null(box->shell);
    assert_int_equal(shell_utc(box->shell), 59);
    assert_string_equal(shell_area(box->shell), "");
    view_tick_in(records[PORTAL].view, 1);
    press(box, KEY_BLUE);
    assert_int_equal(shell_language(box->shell), CONTENT_BO);
    shell_player_wake(box->shell);
    assert_int_equal(shell_volume(box->shell, 1000), AUDIO_VOLUME_MAX);
    assert_int_equal(shell_volume(box->shell, -1000), 0);
    assert_true(shell_mute(box->shell));
    assert_false(shell_mute(box->shell));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(back_leads_one_step_out),
        TEST(home_leads_to_the_portal),
        TEST(a_colour_leads_to_its_channel_from_anywhere),
        TEST(there_are_only_so_many_views),
        TEST(what_does_not_open_leaves_the_stack),
        TEST(the_channel_is_asked_before_the_shell),
        TEST(each_view_has_its_own_focus),
        TEST(changes_wait_for_covered_views),
        TEST(a_change_while_opening_is_told_afterwards),
        TEST(a_view_may_end_when_it_is_told),
        TEST(a_screen_built_while_covered_stays_covered),
        TEST(a_language_reaches_covered_views),
        TEST(the_last_language_is_kept),
        TEST(the_look_is_kept),
        TEST(a_keeper_writes_what_came_last),
        TEST(zapping_goes_round),
        TEST(a_number_leads_to_its_service),
        TEST(the_last_service_is_one_step_away),
        TEST(what_is_watched_is_kept),
        TEST(volume_and_mute_are_kept),
        TEST(the_language_of_the_sound_is_kept),
        TEST(services_of_other_streams_are_chosen),
        TEST(a_service_that_comes_back_is_watched_again),
        TEST(the_time_is_the_broadcast_one),
        TEST(a_tick_comes_once_and_to_the_view_in_front),
        TEST(a_shell_without_a_loop_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
