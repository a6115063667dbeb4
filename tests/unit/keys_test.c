/* SPDX-License-Identifier: Apache-2.0 */
/* Search keys on the box's side: what is one, what it answers, what is refused from the air. */
#include "content/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TEXT "{\"zh\": \"x\"}"

static void letters_stand_on_digits(void **state)
{
    static const char digits[] = "22233344455566677778889999";
    (void)state;
    for (char letter = 'a'; letter <= 'z'; letter++) {
        char digit = content_key_digit(letter);
        assert_int_equal(digit, digits[letter - 'a']);
        assert_non_null(strchr(content_digit_letters(digit), letter));
    }
    for (char digit = '0'; digit <= '9'; digit++)
        assert_int_equal(content_key_digit(digit), digit);
    assert_int_equal(content_key_digit('A'), 0);
    assert_int_equal(content_key_digit(' '), 0);
    assert_int_equal(content_key_digit('\xe7'), 0);
    assert_string_equal(content_digit_letters('1'), "");
    assert_string_equal(content_digit_letters('x'), "");
}

static void good_and_bad_keys(void **state)
{
    static const char *const good[] = {"a", "m n l s n", "maoniu laosuannai", "500g", "0", "yak yogurt 2x"};
    static const char *const bad[] = {"", " ", "a ", " a", "a  b", "Mn", "m-n", "牦", "a\tb", "a\n"};
    char longest[CONTENT_KEY_SIZE_MAXIMUM + 2];
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(content_key_is_good(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(content_key_is_good(bad[i]));
    memset(longest, 'a', sizeof(longest));
    longest[CONTENT_KEY_SIZE_MAXIMUM + 1] = 0;
    assert_false(content_key_is_good(longest));
    longest[CONTENT_KEY_SIZE_MAXIMUM] = 0;
    assert_true(content_key_is_good(longest));
}

/* What a search may begin with, in order: "66576" for m n l s n, and with ! where the key begins. */
static bool note(void *context, const char *digits, bool leads)
{
    char *all = context;
    snprintf(all + strlen(all), 400 - strlen(all), "%s%s ", digits, leads ? "!" : "");
    return strlen(all) < 300;
}

static void a_search_begins_at_any_word(void **state)
{
    char *items[] = {"m n l s n", "maoniu laosuannai", "2x"};
    const struct content_strings keys = {.items = items, .count = 3};
    char all[400] = "";
    (void)state;
    assert_true(content_keys_each(&keys, note, all));
    assert_string_equal(all, "66576! 6576 576 76 6 626648526782! 5267826624 29! ");
}

static void what_answers_digits(void **state)
{
    static const struct {
        const char *digits, *letters; /* NULL: nothing does */
    } table[] = {
        {"66", "mn"}, /* 牦牛 */
        {"6", "m"},
        {"626648", "maoniu"},
        {"626648526782", "maoniulaosua"},
        {"5678", NULL},
        {"576", "lsn"}, /* 老酸奶, within */
        {"92", "ya"},
        {"925964", "yakyog"},
        {"964", "yog"},
        {"64", NULL},            /* not at a word's first letter */
        {"6266485267821", NULL}, /* more than count */
        {"1", NULL},
    };
    char *items[] = {"m n l s n", "maoniu laosuannai", "yak yogurt"};
    const struct content_strings keys = {.items = items, .count = 3};
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char letters[CONTENT_DIGITS_MAXIMUM + 1];
        assert_int_equal(content_keys_letters(&keys, table[i].digits, letters), table[i].letters != NULL);
        assert_string_equal(letters, table[i].letters ? table[i].letters : "");
    }
}

static void a_key_that_leads_comes_before_one_within(void **state)
{
    char *items[] = {"x o", "yak mn"};
    const struct content_strings keys = {.items = items, .count = 2};
    char letters[CONTENT_DIGITS_MAXIMUM + 1];
    (void)state;
    assert_true(content_keys_letters(&keys, "66", letters));
    assert_string_equal(letters, "mn");
    assert_true(content_keys_letters(&keys, "9", letters));
    assert_string_equal(letters, "x");
}

static void a_name_without_keys_is_found_by_its_latin(void **state)
{
    struct content_text name = {.zh = "青海湖牌 500G 酸奶A+", .bo = "འབྲི་ཞོ", .en = "Yak yogurt (0.5 kg)"};
    struct content_text chinese = {.zh = "牦牛"};
    struct content_strings keys;
    (void)state;
    content_keys_from_name(&name, &keys);
    assert_int_equal(keys.count, 2);
    assert_string_equal(keys.items[0], "500g a");
    assert_string_equal(keys.items[1], "yak yogurt 0 5 kg");
    content_keys_finish(&keys);
    content_keys_from_name(&chinese, &keys);
    assert_int_equal(keys.count, 0);
    content_keys_finish(&keys);
}

static void a_long_name_gives_a_good_key(void **state)
{
    char long_name[301];
    (void)state;
    for (size_t i = 0; i + 1 < sizeof(long_name); i++)
        long_name[i] = i % 2 ? ' ' : 'Q';
    long_name[300] = 0;
    struct content_text name = {.zh = long_name};
    struct content_strings keys;
    content_keys_from_name(&name, &keys);
    assert_int_equal(keys.count, 1);
    assert_true(content_key_is_good(keys.items[0]));
    content_keys_finish(&keys);
}

static void adding_stays_within_bounds(void **state)
{
    struct content_strings keys = {0};
    (void)state;
    assert_true(content_keys_add(&keys, "m n"));
    assert_false(content_keys_add(&keys, "m n"));
    assert_false(content_keys_add(&keys, "M N"));
    for (int i = 0; i < 100; i++) {
        char key[16];
        snprintf(key, sizeof(key), "k%d", i);
        content_keys_add(&keys, key);
    }
    assert_int_equal(keys.count, CONTENT_KEYS_MAXIMUM);
    content_keys_finish(&keys);

    char words[CONTENT_KEY_SIZE_MAXIMUM + 1]; /* 80 words */
    for (size_t i = 0; i < CONTENT_KEY_SIZE_MAXIMUM; i++)
        words[i] = i % 2 ? ' ' : 'a';
    words[CONTENT_KEY_SIZE_MAXIMUM - 1] = 0;
    assert_true(content_keys_add(&keys, words));
    words[0] = 'b';
    assert_false(content_keys_add(&keys, words));
    content_keys_finish(&keys);
}

/* A product's document with these keys; the parser's first mistake in error. */
static bool parses(const char *keys, struct error *error)
{
    char json[8192];
    snprintf(json, sizeof(json),
             "{\"category\": \"c\", \"products\": [{\"id\": \"p\", \"merchant\": \"m\", \"name\": " TEXT
             ", \"unit\": " TEXT ", \"summary\": " TEXT ", \"description\": " TEXT ", \"origin\": " TEXT
             ", \"price_fen\": 1, \"stock\": 1, \"pictures\": [\"pictures/a.jpg\"], \"keys\": %s}]}",
             keys);
    struct content_document *document = content_document_parse(
        (struct bytes){(const uint8_t *)json, strlen(json)}, "commerce/catalogue/c.json", NULL, NULL, error);
    bool good = document != NULL;
    content_document_destroy(document);
    return good;
}

static void keys_from_the_air_are_bounded(void **state)
{
    static const struct {
        const char *keys, *why; /* NULL: good */
    } table[] = {
        {"[]", NULL},
        {"null", NULL},
        {"[\"m n\", \"maoniu\"]", NULL},
        {"\"m n\"", "keys"},
        {"[1]", "keys[0]"},
        {"[\"m n\", \"\"]", "keys[1]"},
        {"[\"M N\"]", "keys[0]"},
        {"[\"m  n\"]", "keys[0]"},
        {"[\"m%\"]", "keys[0]"},
        {"[\"' OR 1=1 --\"]", "keys[0]"},
        {"[\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\","
         "\"a\"]",
         "keys"},
    };
    char many[2048] = "[";
    struct error error;
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        error.text[0] = 0;
        assert_int_equal(parses(table[i].keys, &error), table[i].why == NULL);
        if (table[i].why && !strstr(error.text, table[i].why))
            fail_msg("%s: %s", table[i].keys, error.text);
    }
    for (int i = 0; i < CONTENT_KEY_WORDS_MAXIMUM + 1; i++) /* in 13 keys of ten words */
        strcat(many, i % 10 == 0 ? (i ? "\",\"a" : "\"a") : " a");
    strcat(many, "\"]");
    assert_false(parses(many, &error));
    assert_non_null(strstr(error.text, "129"));
    many[strlen(many) - 4] = 0;
    strcat(many, "\"]");
    assert_true(parses(many, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_stand_on_digits),
        cmocka_unit_test(good_and_bad_keys),
        cmocka_unit_test(a_search_begins_at_any_word),
        cmocka_unit_test(what_answers_digits),
        cmocka_unit_test(a_key_that_leads_comes_before_one_within),
        cmocka_unit_test(a_name_without_keys_is_found_by_its_latin),
        cmocka_unit_test(a_long_name_gives_a_good_key),
        cmocka_unit_test(adding_stays_within_bounds),
        cmocka_unit_test(keys_from_the_air_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
