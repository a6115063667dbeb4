/* SPDX-License-Identifier: Apache-2.0 */
/* The search screen by keys alone: digits of a remote, and the keypad for remotes without them. */
#include "fixture.h"
#include "ui/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    struct fixture *fixture = fixture_create("zh", true);
    *state = fixture;
    return shell_open(fixture_shell(fixture), "search", "") ? 0 : -1;
}

static int tear_down(void **state)
{
    fixture_destroy(*state);
    return 0;
}

static bool shows(struct node *node, const char *text)
{
    if (node->hidden || node->destroyed)
        return false;
    if (node->kind == NODE_TEXT && !strcmp(node_shown_text(node), text))
        return true;
    for (size_t i = 0; i < node->count; i++)
        if (shows(node->children[i], text))
            return true;
    return false;
}

static bool screen_shows(struct fixture *fixture, const char *text)
{
    fixture_draw(fixture);
    return shows(ui_layer(shell_ui(fixture_shell(fixture)), UI_LAYER_SCREEN), text);
}

/* From the keypad to the first thing found. */
static void go_to_the_first(struct fixture *fixture)
{
    for (int i = 0; i < 3; i++)
        fixture_press(fixture, KEY_RIGHT);
    for (int i = 0; i < 4; i++)
        fixture_press(fixture, KEY_UP);
}

/* The piece that has the focus shows text. */
static bool focus_shows(struct fixture *fixture, const char *text)
{
    fixture_draw(fixture);
    struct node *focus = scene_focus(ui_scene(shell_ui(fixture_shell(fixture))));
    return focus && shows(focus, text);
}

static void press(struct fixture *fixture, const char *keys)
{
    for (; *keys; keys++)
        fixture_press(fixture, (enum key)(KEY_0 + *keys - '0'));
}

static void digits_find_a_product(void **state)
{
    struct fixture *fixture = *state;
    press(fixture, "66");
    assert_true(screen_shows(fixture, "66"));
    assert_true(screen_shows(fixture, "mn"));
    assert_true(screen_shows(fixture, "牦牛老酸奶"));
    assert_false(screen_shows(fixture, "茶卡大青盐"));
    assert_true(focus_shows(fixture, "6"));
    go_to_the_first(fixture);
    assert_true(focus_shows(fixture, "牦牛老酸奶"));
    fixture_press(fixture, KEY_OK);
    assert_string_equal(shell_front(fixture_shell(fixture)), "product");
    fixture_press(fixture, KEY_BACK);
    assert_string_equal(shell_front(fixture_shell(fixture)), "search");
    assert_true(focus_shows(fixture, "牦牛老酸奶"));
    fixture_press(fixture, KEY_LEFT);
    assert_false(focus_shows(fixture, "牦牛老酸奶"));
}

static void digits_find_a_company(void **state)
{
    struct fixture *fixture = *state;
    press(fixture, "9379"); /* 西风商贸: xfsm */
    assert_false(screen_shows(fixture, "西风商贸有限公司"));
    fixture_press(fixture, KEY_BACK);
    press(fixture, "6");
    assert_true(screen_shows(fixture, "西风商贸有限公司"));
    assert_true(screen_shows(fixture, "失信名单"));
    assert_true(screen_shows(fixture, "xfsm"));
    press(fixture, "99"); /* yx of 有限 */
    assert_true(screen_shows(fixture, "xfsmyx"));
    go_to_the_first(fixture);
    assert_true(focus_shows(fixture, "西风商贸有限公司"));
    fixture_press(fixture, KEY_OK);
    assert_string_equal(shell_front(fixture_shell(fixture)), "notice");
}

/* 5 has the focus first; OK types it, the key beside 0 takes a digit away, the one before it all. */
static void a_remote_without_digits_types_on_the_screen(void **state)
{
    struct fixture *fixture = *state;
    assert_true(focus_shows(fixture, "jkl"));
    fixture_press(fixture, KEY_RIGHT);
    assert_true(focus_shows(fixture, "mno"));
    fixture_press(fixture, KEY_OK);
    fixture_press(fixture, KEY_OK);
    fixture_press(fixture, KEY_OK);
    assert_true(screen_shows(fixture, "666"));
    assert_true(focus_shows(fixture, "mno"));
    fixture_press(fixture, KEY_DOWN);
    fixture_press(fixture, KEY_DOWN);
    fixture_press(fixture, KEY_OK);
    assert_true(screen_shows(fixture, "66"));
    fixture_press(fixture, KEY_LEFT);
    assert_true(focus_shows(fixture, "0"));
    fixture_press(fixture, KEY_LEFT);
    fixture_press(fixture, KEY_OK);
    assert_true(screen_shows(fixture, "输入拼音首字母"));
}

static void back_takes_digits_away_and_then_leaves(void **state)
{
    struct fixture *fixture = *state;
    press(fixture, "66");
    fixture_press(fixture, KEY_BACK);
    assert_true(screen_shows(fixture, "6"));
    fixture_press(fixture, KEY_BACK);
    assert_true(screen_shows(fixture, "输入拼音首字母"));
    assert_string_equal(shell_front(fixture_shell(fixture)), "search");
    fixture_press(fixture, KEY_BACK);
    assert_string_equal(shell_front(fixture_shell(fixture)), "portal");
}

static void nothing_found_says_what_to_do(void **state)
{
    struct fixture *fixture = *state;
    press(fixture, "0101");
    assert_true(screen_shows(fixture, "没有找到"));
    assert_true(screen_shows(fixture, "按返回键删去一个数字，换几个字母再试"));
}

static void no_more_digits_than_count(void **state)
{
    struct fixture *fixture = *state;
    press(fixture, "62664852678266");
    assert_true(screen_shows(fixture, "626648526782"));
    shell_key(fixture_shell(fixture), (struct key_event){.key = KEY_1, .repeat = true});
    assert_true(screen_shows(fixture, "626648526782"));
}

static void another_language_keeps_what_was_typed(void **state)
{
    struct fixture *fixture = *state;
    press(fixture, "66");
    go_to_the_first(fixture);
    fixture_press(fixture, KEY_BLUE);
    assert_true(screen_shows(fixture, "66"));
    assert_true(focus_shows(fixture, "འབྲི་ཞོ")); /* the same yogurt */
    shell_changed(fixture_shell(fixture), SHELL_CHANGED_CONTENT);
    assert_true(focus_shows(fixture, "འབྲི་ཞོ"));
}

static void digits_open_it_from_shop_and_notices(void **state)
{
    static const struct {
        const char *channel, *digit, *shown;
    } doors[] = {{"portal", "0", "输入拼音首字母"}, {"shopping", "6", "6"}, {"credit", "9", "9"}};
    struct fixture *fixture = *state;
    struct shell *shell = fixture_shell(fixture);
    for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++) {
        shell_home(shell);
        if (i > 0)
            assert_true(shell_open(shell, doors[i].channel, ""));
        press(fixture, doors[i].digit);
        assert_string_equal(shell_front(shell), "search");
        assert_true(screen_shows(fixture, doors[i].shown));
        if (i > 0)
            fixture_press(fixture, KEY_BACK);
        fixture_press(fixture, KEY_BACK);
        assert_string_equal(shell_front(shell), doors[i].channel);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define SEARCH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        SEARCH_TEST(digits_find_a_product),
        SEARCH_TEST(digits_find_a_company),
        SEARCH_TEST(a_remote_without_digits_types_on_the_screen),
        SEARCH_TEST(back_takes_digits_away_and_then_leaves),
        SEARCH_TEST(nothing_found_says_what_to_do),
        SEARCH_TEST(no_more_digits_than_count),
        SEARCH_TEST(another_language_keeps_what_was_typed),
        SEARCH_TEST(digits_open_it_from_shop_and_notices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
