/* SPDX-License-Identifier: Apache-2.0 */
/* Where a household is: the list of divisions, the way through it by keys, what the first start asks and what
 * stays of the answers, and the code that opens the engineer's page. */
#include "base/file.h"
#include "base/log.h"
#include "channel/channels.h"
#include "shell/shell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RESOURCES SOURCE_DIR "/resources"

/* ---- the list ---- */

static void the_list(void **state)
{
    (void)state;
    struct error error = {""};
    char path[DIVISION_PATH_SIZE], above[DIVISION_CODE_SIZE];
    struct divisions *list = divisions_load(RESOURCES "/divisions.json", &error);
    if (!list)
        fail_msg("%s", error.text);
    assert_int_equal(divisions_count(list, ""), 1);
    assert_int_equal(divisions_count(list, "63"), 8);
    size_t counties = 0;
    for (size_t i = 0; i < 8; i++)
        counties += divisions_count(list, divisions_code(list, "63", i));
    assert_int_equal(counties, 45);
    assert_null(divisions_code(list, "63", 8));
    assert_string_equal(divisions_name(list, "632521", "zh"), "共和县");
    assert_null(divisions_name(list, "999999", "zh"));
    divisions_above(list, "632521", above);
    assert_string_equal(above, "6325");
    divisions_path(list, "63", "632521", "en", path);
    assert_string_equal(path, "Hainan Prefecture · Gonghe County");
    divisions_path(list, "", "632599", "en", path);
    assert_string_equal(path, "Qinghai · Hainan Prefecture · 632599");
    divisions_path(list, "", "", "en", path);
    assert_string_equal(path, "");
    divisions_destroy(list);
}

static void wrong_lists(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "[]",
        "{\"divisions\":[]}",
        "{\"divisions\":[{\"code\":\"6\",\"zh\":\"a\",\"bo\":\"b\",\"en\":\"c\"}]}",
        "{\"divisions\":[{\"code\":\"6x\",\"zh\":\"a\",\"bo\":\"b\",\"en\":\"c\"}]}",
        "{\"divisions\":[{\"code\":\"630\",\"zh\":\"a\",\"bo\":\"b\",\"en\":\"c\"}]}",
        "{\"divisions\":[{\"code\":\"63\",\"zh\":\"a\",\"bo\":\"\",\"en\":\"c\"}]}",
        ("{\"divisions\":[{\"code\":\"63\",\"zh\":\"a\",\"bo\":\"b\",\"en\":\"c\"},"
         "{\"code\":\"63\",\"zh\":\"a\",\"bo\":\"b\",\"en\":\"c\"}]}"),
    };
    char folder[] = "/tmp/kokonor-area-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/divisions.json", folder);
    struct error error = {""};
    assert_null(divisions_load(path, &error));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_true(file_write(path, wrong[i], strlen(wrong[i]), &error));
        error.text[0] = 0;
        if (divisions_load(path, &error))
            fail_msg("taken: %s", wrong[i]);
        assert_true(error.text[0]);
    }
    assert_true(file_remove_tree(folder, NULL));
}

/* ---- a box ---- */

struct box_under_test {
    char folder[64];
    uv_loop_t loop;
    struct display *display;
    struct ui *ui;
    struct store *store;
    struct store_reader *reader;
    struct settings *settings;
    struct shell *shell;
};

static int set_up(void **state)
{
    struct box_under_test *box = calloc(1, sizeof(*box));
    struct error error = {""};
    char path[128];
    strcpy(box->folder, "/tmp/kokonor-area-XXXXXX");
    assert_non_null(mkdtemp(box->folder));
    log_set_level(LOG_LEVEL_ERROR);
    uv_loop_init(&box->loop);
    snprintf(path, sizeof(path), "%s/household.db", box->folder);
    box->settings = settings_open(path, &error);
    snprintf(path, sizeof(path), "%s/content.db", box->folder);
    box->store = store_open(path, &error);
    box->reader = box->store ? store_reader_create(box->store, &error) : NULL;
    box->display = display_create(&(struct display_options){.presenter = "offscreen"}, &error);
    if (box->settings && box->reader && box->display)
        box->ui = ui_create(
            &(struct ui_options){.display = box->display, .resources = RESOURCES, .language = "zh"}, &error);
    if (!box->ui)
        fail_msg("%s", error.text);
    box->shell = shell_create(&(struct shell_options){.loop = &box->loop,
                                                      .ui = box->ui,
                                                      .reader = box->reader,
                                                      .settings = box->settings,
                                                      .area = "",
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
    store_reader_destroy(box->reader);
    store_close(box->store);
    assert_int_equal(uv_loop_close(&box->loop), 0);
    bool clean = file_remove_tree(box->folder, NULL);
    free(box);
    return clean ? 0 : -1;
}

static void press(struct box_under_test *box, const enum key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ui_draw(box->ui);
        shell_key(box->shell, (struct key_event){.key = keys[i]});
    }
}
#define PRESS(box, ...)                                                                                      \
    press(box, (const enum key[]){__VA_ARGS__}, sizeof((const enum key[]){__VA_ARGS__}) / sizeof(enum key))

static void assert_kept(struct box_under_test *box, const char *name, const char *expected)
{
    char value[64];
    assert_true(settings_get(box->settings, name, NULL, value, sizeof(value)));
    assert_string_equal(value, expected);
}

/* Nothing but the two answers leaves the first screen; both are kept. */
static void first_start(void **state)
{
    struct box_under_test *box = *state;
    assert_true(shell_open(box->shell, "welcome", ""));
    PRESS(box, KEY_BACK, KEY_HOME, KEY_MENU, KEY_RED, KEY_GREEN, KEY_YELLOW, KEY_BLUE, KEY_5);
    assert_string_equal(shell_front(box->shell), "welcome");
    assert_int_equal(shell_language(box->shell), CONTENT_ZH);
    PRESS(box, KEY_RIGHT, KEY_OK);
    assert_int_equal(shell_language(box->shell), CONTENT_BO);
    assert_string_equal(shell_front(box->shell), "welcome");
    PRESS(box, KEY_HOME, KEY_OK); /* Xining */
    assert_string_equal(shell_area(box->shell), "");
    PRESS(box, KEY_BACK, KEY_BACK); /* the prefectures, the languages */
    PRESS(box, KEY_OK, KEY_RIGHT, KEY_OK, KEY_OK);
    assert_string_equal(shell_front(box->shell), "portal");
    assert_string_equal(shell_area(box->shell), "630202");
    assert_string_equal(shell_scope(box->shell).area, "630202");
    end_shell(box);
    assert_kept(box, "area", "630202");
    assert_kept(box, "language", "bo");
}

/* The language that was there already is a choice, too. */
static void first_start_in_chinese(void **state)
{
    struct box_under_test *box = *state;
    assert_true(shell_open(box->shell, "welcome", ""));
    PRESS(box, KEY_OK, KEY_OK, KEY_OK);
    assert_string_equal(shell_area(box->shell), "630102");
    end_shell(box);
    assert_kept(box, "language", "zh");
}

static void first_start_with_language(void **state)
{
    struct box_under_test *box = *state;
    assert_true(shell_open(box->shell, "welcome", "area"));
    PRESS(box, KEY_OK, KEY_OK);
    assert_string_equal(shell_front(box->shell), "portal");
    assert_string_equal(shell_area(box->shell), "630102");
}

/* BACK goes up step by step, and leaves what was chosen as it was. */
static void other_area(void **state)
{
    struct box_under_test *box = *state;
    shell_set_area(box->shell, "632521");
    shell_set_area(box->shell, "nowhere");
    assert_string_equal(shell_area(box->shell), "632521");
    assert_true(shell_open(box->shell, "area", ""));
    PRESS(box, KEY_BACK);
    assert_string_equal(shell_front(box->shell), "area");
    PRESS(box, KEY_BLUE); /* in Tibetan, and still at the prefectures */
    PRESS(box, KEY_BACK);
    assert_string_equal(shell_front(box->shell), "portal");
    assert_string_equal(shell_area(box->shell), "632521");
    assert_true(shell_open(box->shell, "area", ""));
    PRESS(box, KEY_DOWN, KEY_OK);
    assert_string_equal(shell_front(box->shell), "portal");
    assert_string_equal(shell_area(box->shell), "632523");
    end_shell(box);
    assert_kept(box, "area", "632523");
}

static void engineers_code(void **state)
{
    struct box_under_test *box = *state;
    assert_true(shell_open(box->shell, "settings", ""));
    PRESS(box, KEY_2, KEY_5, KEY_8, KEY_1);
    assert_string_equal(shell_front(box->shell), "settings");
    PRESS(box, KEY_2, KEY_2, KEY_5, KEY_8, KEY_0);
    assert_string_equal(shell_front(box->shell), "diagnostics");
    PRESS(box, KEY_BACK, KEY_0);
    assert_string_equal(shell_front(box->shell), "settings");
    PRESS(box, KEY_DOWN, KEY_DOWN, KEY_DOWN, KEY_DOWN, KEY_DOWN, KEY_OK);
    assert_string_equal(shell_front(box->shell), "network");
    PRESS(box, KEY_BACK, KEY_DOWN, KEY_OK);
    assert_string_equal(shell_front(box->shell), "about");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list),
        cmocka_unit_test(wrong_lists),
        cmocka_unit_test_setup_teardown(first_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(first_start_in_chinese, set_up, tear_down),
        cmocka_unit_test_setup_teardown(first_start_with_language, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_area, set_up, tear_down),
        cmocka_unit_test_setup_teardown(engineers_code, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
