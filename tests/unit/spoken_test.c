/* SPDX-License-Identifier: Apache-2.0 */
/* Spoken help: which words a screen has for one who cannot read them, what is said when something moves, and
 * that nothing is there while it is off. The voice is the one in memory; its clock stands still unless a test
 * moves it. */
#include "base/file.h"
#include "base/log.h"
#include "shell/spoken.h"
#include "ui/keypad.h"
#include "ui/widget.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct room {
    char folder[64];
    uv_loop_t loop;
    uv_timer_t alive; /* what a box's loop always waits for */
    struct display *display;
    struct ui *ui;
    struct settings *settings;
    struct spoken *spoken;
    struct node *screen, *body;
    atomic_llong now;
    struct speech_options speech;
};

static int64_t read_clock(void *context)
{
    return atomic_load(&((struct room *)context)->now);
}

static void start_spoken(struct room *room)
{
    room->spoken = spoken_create(&(struct spoken_options){
        .loop = &room->loop, .ui = room->ui, .settings = room->settings, .speech = &room->speech});
    assert_non_null(room->spoken);
}

static int set_up(void **state)
{
    struct room *room = calloc(1, sizeof(*room));
    struct error error = {""};
    char path[128];
    log_set_level(LOG_LEVEL_ERROR);
    strcpy(room->folder, "/tmp/kokonor-spoken-XXXXXX");
    assert_non_null(mkdtemp(room->folder));
    snprintf(path, sizeof(path), "%s/household.db", room->folder);
    uv_loop_init(&room->loop);
    uv_timer_init(&room->loop, &room->alive);
    room->settings = settings_open(path, &error);
    room->display = display_create(&(struct display_options){.presenter = "offscreen"}, &error);
    if (room->settings && room->display)
        room->ui = ui_create(&(struct ui_options){.display = room->display,
                                                  .resources = SOURCE_DIR "/resources",
                                                  .language = "zh"},
                             &error);
    if (!room->ui)
        fail_msg("%s", error.text);
    atomic_init(&room->now, 1000000);
    room->speech = (struct speech_options){
        .engine = "memory", .audio = "memory", .clock = read_clock, .clock_context = room};
    room->screen = ui_screen(room->ui);
    ui_header(room->screen, tr("portal.shopping"), lit("乳品"));
    room->body = ui_body(room->screen);
    *state = room;
    return 0;
}

static int tear_down(void **state)
{
    struct room *room = *state;
    spoken_destroy(room->spoken);
    uv_close((uv_handle_t *)&room->alive, NULL);
    uv_run(&room->loop, UV_RUN_DEFAULT);
    ui_destroy(room->ui);
    display_destroy(room->display);
    settings_close(room->settings);
    assert_int_equal(uv_loop_close(&room->loop), 0);
    bool clean = file_remove_tree(room->folder, NULL);
    free(room);
    return clean ? 0 : -1;
}

static void press(struct node *node, void *context)
{
    (void)node;
    (void)context;
}

/* ---- words ---- */

static struct reading read_screen(struct room *room, const char *language)
{
    struct reading reading;
    scene_read(ui_scene(room->ui), language, &reading);
    return reading;
}

static void expect(struct room *room, struct node *node, const char *zh, const char *en)
{
    node_focus(node);
    struct reading reading = read_screen(room, "zh");
    assert_ptr_equal(reading.focus, node);
    assert_string_equal(reading.text, zh);
    assert_string_equal(read_screen(room, "en").text, en);
}

static void pieces_have_words(void **state)
{
    struct room *room = *state;
    struct node *body = ui_scroll(room->body, 4);
    expect(room, ui_button(body, BUTTON_PRIMARY, "cart", tr("shopping.buy"), press, NULL), "立即购买",
           "Buy now");
    expect(room,
           ui_item(body, &(struct ui_item){.title = lit("牦牛奶"),
                                           .note = lit("海北"),
                                           .badge = tr("orders.state.sent"),
                                           .value = lit("¥18.50"),
                                           .activate = press}),
           "牦牛奶\n已发送\n¥18.50\n海北", "牦牛奶\nSent\n¥18.50\n海北");
    expect(room,
           ui_tile(body, &(struct ui_tile){.icon = "cart",
                                           .title = lit("酸奶"),
                                           .note = lit("一盒"),
                                           .price_fen = 1850,
                                           .old_price_fen = 2000,
                                           .badge = tr("orders.state.sent"),
                                           .activate = press}),
           "酸奶\n已发送\n¥18.50\n一盒\n原价 ¥20.00", "酸奶\nSent\n¥18.50\n一盒\nWas ¥20.00");
    expect(room,
           ui_card(body, &(struct ui_card){.icon = "cart",
                                           .title = tr("portal.orders"),
                                           .note = lit("送到哪里了"),
                                           .number = 3,
                                           .activate = press}),
           "我的订单\n送到哪里了\n按数字键3", "My orders\n送到哪里了\nKey 3");
    const struct words choices[] = {tr("settings.diagnostics.locked"), tr("settings.diagnostics.unlocked")};
    expect(room, ui_choice(body, tr("settings.language"), choices, 2, 1, NULL, NULL),
           "语言\n未锁定\n按左右键更改", "Language\nNot locked\nLeft and right change it");
    expect(room, ui_stepper(body, 2, 1, 9, NULL, NULL), "2\n按左右键更改", "2\nLeft and right change it");
    struct node *tabs = ui_tabs(body, choices, 2, 0, NULL, NULL);
    expect(room, node_child(node_child(tabs, 0), 1), "未锁定", "Not locked");
    struct node *keypad = ui_keypad(body, &(struct ui_keypad){.press = NULL});
    expect(room, node_child(keypad, 6), "7", "7");
    expect(room, node_child(keypad, 9), "清空", "Clear");
    expect(room, node_child(keypad, 11), "删除", "Delete");
}

static void screens_have_titles(void **state)
{
    struct room *room = *state;
    node_focus(ui_button(room->body, BUTTON_PRIMARY, NULL, tr("shopping.buy"), press, NULL));
    ui_paragraph(room->body, lit("高原好货"));
    ui_hints(room->screen, (struct ui_hint[]){{KEY_BACK, tr("hint.back")}}, 1);
    ui_set_clock(room->ui, "11月23日 19:30");
    struct reading reading = read_screen(room, "zh");
    assert_string_equal(reading.title, "高原商城\n乳品");
    assert_string_equal(reading.text, "立即购买");
    assert_string_equal(reading.rest, "高原好货"); /* no clock, no hints */
    ui_dialog(room->ui, &(struct ui_dialog){.title = tr("order.confirm.title"),
                                            .text = lit("合计 ¥37.00"),
                                            .buttons = {{tr("order.confirm.submit"), BUTTON_PRIMARY},
                                                        {tr("common.cancel"), BUTTON_PLAIN}},
                                            .button_count = 2});
    reading = read_screen(room, "zh");
    assert_string_equal(reading.title, "核对订单");
    assert_string_equal(reading.text, "确认下单");
    assert_string_equal(reading.rest, "合计 ¥37.00");
    assert_string_equal(strings_language(ui_strings(room->ui)), "zh");
}

static void tibetan_screens_are_read_in_chinese(void **state)
{
    struct room *room = *state;
    assert_true(ui_set_language(room->ui, "bo"));
    node_focus(ui_button(room->body, BUTTON_PRIMARY, NULL, tr("shopping.buy"), press, NULL));
    assert_string_equal(read_screen(room, "zh").text, "立即购买");
    assert_string_equal(strings_language(ui_strings(room->ui)), "bo");
}

/* A page that is scrolled is what has the focus itself; what is too long is cut at a character. */
static void a_page_is_read_whole(void **state)
{
    struct room *room = *state;
    char line[400] = "";
    struct node *scroll = ui_scroll(room->body, 4);
    for (size_t i = 0; i + 3 < sizeof(line); i += 3)
        memcpy(line + i, "湖", 4);
    ui_paragraph(scroll, lit("第一段"));
    for (int i = 0; i < 10; i++)
        ui_paragraph(scroll, lit(line));
    struct reading reading = read_screen(room, "zh");
    assert_ptr_equal(reading.focus, scroll);
    assert_memory_equal(reading.text, "第一段\n湖湖", 16);
    assert_true(strlen(reading.text) < READING_SIZE && strlen(reading.text) > READING_SIZE - 8);
    assert_string_equal(reading.rest, "");
}

/* ---- what is said ---- */

static struct reading reading(const void *scope, const void *focus, const char *title, const char *text)
{
    struct reading made = {.scope = scope, .focus = focus};
    snprintf(made.title, sizeof(made.title), "%s", title);
    snprintf(made.text, sizeof(made.text), "%s", text);
    snprintf(made.rest, sizeof(made.rest), "rest");
    return made;
}

static void what_changes_is_said(void **state)
{
    (void)state;
    static const char places[4];
    const void *a = places, *b = places + 1, *x = places + 2, *y = places + 3;
    const struct {
        struct reading before, now;
        bool key;
        const char *said;
    } table[] = {
        {reading(NULL, NULL, "", ""), reading(a, x, "T", "one"), false, "T\none\nrest"},
        {reading(a, x, "T", "one"), reading(a, x, "T", "one"), true, ""},
        {reading(a, x, "T", "one"), reading(a, y, "T", "two"), true, "two"},
        {reading(a, x, "T", "one"), reading(a, y, "T", "one"), true, "one"},
        {reading(a, x, "T", "one"), reading(a, y, "T", "one"), false, ""}, /* built anew by itself */
        {reading(a, x, "T", "one"), reading(b, y, "T", "one"), false, ""}, /* the whole screen was */
        {reading(a, x, "T", "one"), reading(b, y, "T", "one"), true, "T\none\nrest"},
        {reading(a, x, "T", "one"), reading(b, y, "U", "one"), false, "U\none\nrest"},
        {reading(a, x, "T", "one"), reading(b, y, "T", "two"), false, "T\ntwo\nrest"},
        {reading(a, x, "T", "q\n1\nkeys"), reading(a, x, "T", "q\n12\nkeys"), true, "12"},
        {reading(a, x, "T", "1"), reading(a, x, "T", "2"), false, ""}, /* it counts by itself */
        {reading(a, x, "T", "one"), reading(a, x, "U", "one"), false, "U\none\nrest"},
        {reading(a, x, "T", "one"), reading(a, x, "", "one"), false, ""}, /* a banner goes */
        {reading(a, x, "T", "one"), reading(a, NULL, "T", ""), true, ""},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char said[ALOUD_SIZE];
        aloud_compose(&table[i].before, &table[i].now, table[i].key, said);
        if (strcmp(said, table[i].said) != 0)
            fail_msg("row %zu: expected \"%s\", found \"%s\"", i, table[i].said, said);
    }
}

static void never(uv_timer_t *timer)
{
    (void)timer;
}

/* One turn of the loop. */
static void turn(struct room *room)
{
    uv_timer_start(&room->alive, never, 1000000, 0);
    uv_run(&room->loop, UV_RUN_NOWAIT);
    uv_timer_stop(&room->alive);
}

static void diary_of(struct room *room, char *diary, size_t size)
{
    speech_diary(aloud_speech(spoken_aloud(room->spoken)), diary, size);
}

/* Until the diary has line; step_us: how far time goes on meanwhile. */
static void wait_line(struct room *room, const char *line, int64_t step_us)
{
    char diary[4096] = "";
    for (int i = 0; i < 20000; i++) {
        diary_of(room, diary, sizeof(diary));
        if (strstr(diary, line))
            return;
        turn(room);
        atomic_fetch_add(&room->now, step_us);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    fail_msg("expected \"%s\" in \"%s\"", line, diary);
}

static void press_key(struct room *room, enum key code)
{
    const struct key_event event = {.key = code};
    spoken_key(room->spoken, event);
    ui_key(room->ui, event);
    turn(room);
}

static void two_buttons(struct room *room)
{
    node_focus(ui_button(room->body, BUTTON_PLAIN, NULL, lit("甲"), press, NULL));
    ui_button(room->body, BUTTON_PLAIN, NULL, lit("乙 ¥2.50"), press, NULL);
}

static void the_focus_interrupts(void **state)
{
    struct room *room = *state;
    two_buttons(room);
    start_spoken(room);
    spoken_switch(room->spoken, true);
    turn(room);
    wait_line(room, "begin 高原商城, 乳品, 甲\n", 0);
    press_key(room, KEY_DOWN);
    wait_line(room, "cut 高原商城, 乳品, 甲\nbegin 乙 两元五角\n", 0);
    press_key(room, KEY_DOWN); /* nothing is below: it falls silent and says no more */
    wait_line(room, "cut 乙 两元五角\n", 0);
    assert_false(speech_speaking(aloud_speech(spoken_aloud(room->spoken))));
    press_key(room, KEY_UP);
    wait_line(room, "begin 甲\nend 甲\n", 50000);
}

static void mute_is_silence(void **state)
{
    struct room *room = *state;
    char diary[4096], after[4096];
    two_buttons(room);
    start_spoken(room);
    spoken_switch(room->spoken, true);
    turn(room);
    wait_line(room, "begin 高原商城", 0);
    spoken_key(room->spoken, (struct key_event){.key = KEY_VOLUME_UP}); /* it goes on */
    assert_true(speech_speaking(aloud_speech(spoken_aloud(room->spoken))));
    spoken_set_sound(room->spoken, 60, true);
    assert_false(speech_speaking(aloud_speech(spoken_aloud(room->spoken))));
    wait_line(room, "cut 高原商城", 0);
    diary_of(room, diary, sizeof(diary));
    press_key(room, KEY_DOWN);
    assert_false(speech_speaking(aloud_speech(spoken_aloud(room->spoken))));
    diary_of(room, after, sizeof(after));
    assert_string_equal(after, diary);
    spoken_set_sound(room->spoken, 60, false);
    press_key(room, KEY_UP);
    wait_line(room, "begin 甲\n", 0);
}

/* ---- on and off ---- */

static int count_threads(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/task");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void off_is_nothing(void **state)
{
    struct room *room = *state;
    two_buttons(room);
    int threads = count_threads();
    start_spoken(room);
    assert_false(spoken_is_on(room->spoken));
    assert_null(spoken_aloud(room->spoken));
    press_key(room, KEY_DOWN);
    spoken_set_sound(room->spoken, 50, true);
    assert_int_equal(count_threads(), threads);
    assert_int_equal(uv_loop_alive(&room->loop), 0);
    spoken_switch(room->spoken, true);
    assert_true(spoken_is_on(room->spoken));
    assert_true(count_threads() > threads);
    uv_run(&room->loop, UV_RUN_DEFAULT); /* kept by a worker, which stays */
    int workers = count_threads() - 1;
    spoken_switch(room->spoken, false);
    assert_null(spoken_aloud(room->spoken));
    uv_run(&room->loop, UV_RUN_DEFAULT);
    assert_int_equal(count_threads(), workers);
    spoken_destroy(room->spoken);
    room->spoken = NULL;
    spoken_key(NULL, (struct key_event){.key = KEY_OK});
    spoken_switch(NULL, true);
    spoken_set_sound(NULL, 1, false);
    assert_false(spoken_is_on(NULL));
}

static void the_household_keeps_it(void **state)
{
    struct room *room = *state;
    for (int round = 0; round < 4; round++) {
        bool on = round % 2 == 0;
        char value[8];
        start_spoken(room);
        assert_true(spoken_is_on(room->spoken) == (round > 0 && !on));
        spoken_switch(room->spoken, on);
        uv_run(&room->loop, UV_RUN_DEFAULT);
        assert_true(settings_get(room->settings, SPOKEN_SETTING, NULL, value, sizeof(value)));
        assert_string_equal(value, on ? "on" : "off");
        spoken_destroy(room->spoken);
        room->spoken = NULL;
        uv_run(&room->loop, UV_RUN_DEFAULT);
    }
}

struct told {
    int begins, ends;
};

static void count_speaking(void *context, bool speaking)
{
    struct told *told = context;
    speaking ? told->begins++ : told->ends++;
}

/* Whoever plays the programme is told once that it begins and once that it ends. */
static void the_programme_is_told(void **state)
{
    struct room *room = *state;
    struct told told = {0};
    struct error error = {""};
    two_buttons(room);
    struct aloud *aloud = aloud_create(&(struct aloud_options){.loop = &room->loop,
                                                               .ui = room->ui,
                                                               .speech = &room->speech,
                                                               .speaking = count_speaking,
                                                               .context = &told},
                                       &error);
    assert_non_null(aloud);
    turn(room);
    assert_int_equal(told.begins, 1);
    for (int i = 0; i < 3; i++) { /* one text after the other is one speech */
        aloud_key(aloud, (struct key_event){.key = KEY_DOWN});
        ui_key(room->ui, (struct key_event){.key = i % 2 ? KEY_UP : KEY_DOWN});
        turn(room);
    }
    assert_int_equal(told.begins, 1);
    assert_int_equal(told.ends, 0);
    for (int i = 0; i < 20000 && told.ends == 0; i++) {
        turn(room);
        atomic_fetch_add(&room->now, 50000);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    assert_int_equal(told.ends, 1);
    aloud_destroy(aloud);
    aloud_destroy(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pieces_have_words),     TEST(screens_have_titles),
        TEST(a_page_is_read_whole),  TEST(tibetan_screens_are_read_in_chinese),
        TEST(the_focus_interrupts),  TEST(mute_is_silence),
        TEST(off_is_nothing),        TEST(the_household_keeps_it),
        TEST(the_programme_is_told), cmocka_unit_test(what_changes_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
