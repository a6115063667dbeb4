/* SPDX-License-Identifier: Apache-2.0 */
/* The head-end's search keys: from names to initials and pinyin, and into the documents of a set. */
#include "playout/key_maker.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    struct error error = {""};
    *state = key_maker_create(&error);
    if (!*state)
        print_error("%s\n", error.text);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    key_maker_destroy(*state);
    return 0;
}

/* All keys of a name with | between. */
static const char *keys_of(struct key_maker *maker, const char *zh, const char *bo, const char *en)
{
    static char all[CONTENT_KEYS_MAXIMUM * (CONTENT_KEY_SIZE_MAXIMUM + 2)];
    const struct content_text name = {(char *)zh, (char *)bo, (char *)en};
    struct content_strings keys = {0};
    size_t words = 0;
    key_maker_add(maker, &name, &keys);
    all[0] = 0;
    assert_true(keys.count <= CONTENT_KEYS_MAXIMUM);
    for (size_t i = 0; i < keys.count; i++) {
        assert_true(content_key_is_good(keys.items[i]));
        words += content_key_words(keys.items[i]);
        strcat(strcat(all, i ? "|" : ""), keys.items[i]);
    }
    assert_true(words <= CONTENT_KEY_WORDS_MAXIMUM);
    content_keys_finish(&keys);
    return all;
}

static void names_become_keys(void **state)
{
    static const struct {
        const char *zh, *bo, *en, *keys;
    } table[] = {
        {"牦牛", NULL, NULL, "m n|maoniu"},
        {"虾", NULL, NULL, "x|xia"},
        {"小龙虾", NULL, NULL, "x l x|xiao longxia"},
        {"牦牛老酸奶", "འབྲི་ཞོ", "Yak yogurt", "m n l s n|maoniu lao suannai|yak yogurt|b z"},
        {"青海湖牌 500G 酸奶Ａ", NULL, NULL, "q h h p 500g s n a|qinghaihu pai 500g suannai a"},
        {"Café Kokonor №2", NULL, NULL, "cafe kokonor no2"},
        {"银行", NULL, NULL, "y x|yinxing|y h|yinhang"},
        {"重庆", NULL, NULL, "z q|zhongqing|c q|chongqing"},
        {"犛牛", NULL, NULL, "m n|maoniu"}, /* the older character */
        {"、。（）——", NULL, NULL, ""},
        {"", NULL, NULL, ""},
        {"😀", "😀", "😀", ""},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_string_equal(keys_of(*state, table[i].zh, table[i].bo, table[i].en), table[i].keys);
}

/* Each reading of a character leads to the name. */
static void several_readings(void **state)
{
    static const struct {
        const char *zh, *digits, *letters;
    } table[] = {
        {"牦牛", "66", "mn"},           {"小龙虾", "95", "xl"},         {"虾", "9", "x"},
        {"重庆", "27", "cq"},           {"重庆", "97", "zq"},           {"重庆", "2466474", "chongqi"},
        {"银行", "9464264", "yinhang"}, {"银行", "9469464", "yinxing"}, {"银行", "944", NULL},
        {"西藏", "99", "xz"},           {"手工羊毛藏毯", "98", "zt"},   {"音乐", "99", "yy"},
        {"长江", "25", "cj"},           {"人参果", "774", "rsg"},       {"畜牧", "96", "xm"},
        {"地毯", "34826", "ditan"},     {"茄子", "79", "qz"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const struct content_text name = {.zh = (char *)table[i].zh};
        struct content_strings keys = {0};
        char letters[CONTENT_DIGITS_MAXIMUM + 1];
        key_maker_add(*state, &name, &keys);
        bool found = content_keys_letters(&keys, table[i].digits, letters);
        if (found != (table[i].letters != NULL) || strcmp(letters, found ? table[i].letters : ""))
            fail_msg("%s %s: %s", table[i].zh, table[i].digits, letters);
        content_keys_finish(&keys);
    }
}

static void tibetan_syllables_give_their_first_letter(void **state)
{
    static const struct {
        const char *bo, *keys;
    } table[] = {
        {"གཡག་ཤ་སྐམ་པོ།", "g s s p"}, /* g.yag sha skam po */
        {"བཀྲ་ཤིས་", "b s"},          /* bkra shis */
        {"འབྲི་ཞོ", "b z"},            /* 'bri zho */
        {"འོ་མ", "o m"},             /* 'o ma */
        {"ཨ་མདོ", "a m"},            /* a mdo */
        {"ཕྱུར་བ། མར", "p b m"},
        {"ཁེ་༥༠༠ 6x", "k 500 6x"},
        {"ཇའི་ཨོ", "j o"},
        {"འ", "a"},
        {"་་།", ""},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_string_equal(keys_of(*state, NULL, table[i].bo, NULL), table[i].keys);
}

/* However long the name and however often it is ambiguous: keys within their bounds (keys_of looks). */
static void long_names_stay_within_bounds(void **state)
{
    static const char *const pieces[] = {"重", "行长", "a", "A重", "བོད་",
                                         "x ", "𠮷",   "ﷺ", "㎏",  "\xed\xa0\x80"};
    char name[400];
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        name[0] = 0;
        while (strlen(name) + strlen(pieces[i]) <= 300)
            strcat(name, pieces[i]);
        keys_of(*state, name, name, name);
    }
}

/* ---- documents ---- */

static struct content_set *set_of(enum content_role role)
{
    struct content_set *set = calloc(1, sizeof(*set));
    assert_non_null(set);
    set->role = role;
    return set;
}

static void put(struct content_set *set, const char *path, const char *text)
{
    struct error error = {""};
    if (!content_set_put(set, path, (struct bytes){(const uint8_t *)text, strlen(text)}, &error))
        fail_msg("%s", error.text);
}

static json_t *document(const struct content_set *set, size_t i)
{
    json_t *root = json_loadb((const char *)set->files[i].bytes.data, set->files[i].bytes.size, 0, NULL);
    assert_non_null(root);
    return root;
}

static void documents_get_keys(void **state)
{
    static const char catalogue[] =
        "{\"category\": \"c\", \"of a later version\": 7, \"products\": [{\"id\": \"p\", \"name\": {\"zh\": "
        "\"牦牛\"}, \"keys\": [\"own\", \"m n\"]}, {\"id\": \"q\", \"name\": {\"zh\": \"!\"}}]}";
    static const char list[] = "{\"list\": \"reputable\", \"entries\": [{\"name\": {\"zh\": \"银川\"}}]}";
    static const char other[] = "{\"merchants\": [{\"name\": {\"zh\": \"牦牛\"}}]}";
    struct content_set *shop = set_of(CONTENT_COMMERCE), *credit = set_of(CONTENT_CREDIT);
    put(shop, "commerce/catalogue/c.json", catalogue);
    put(shop, "commerce/merchants.json", other);
    put(credit, "credit/reputable.json", list);
    key_maker_fill(*state, shop);
    key_maker_fill(*state, credit);
    json_t *root = document(shop, 0);
    char *text = json_dumps(root, JSON_COMPACT);
    assert_string_equal(text,
                        "{\"category\":\"c\",\"of a later version\":7,\"products\":[{\"id\":\"p\",\"name\":{"
                        "\"zh\":\"牦牛\"},\"keys\":[\"own\",\"m n\",\"maoniu\"]},{\"id\":\"q\",\"name\":{"
                        "\"zh\":\"!\"}}]}");
    free(text);
    json_decref(root);
    assert_int_equal(shop->files[1].bytes.size, strlen(other));
    root = document(credit, 0);
    text = json_dumps(json_object_get(json_array_get(json_object_get(root, "entries"), 0), "keys"), 0);
    assert_string_equal(text, "[\"y c\", \"yinchuan\"]");
    free(text);
    json_decref(root);

    struct bytes once = shop->files[0].bytes;
    char *before = strndup((const char *)once.data, once.size);
    key_maker_fill(*state, shop); /* the same again: nothing new to sign */
    assert_int_equal(shop->files[0].bytes.size, strlen(before));
    assert_memory_equal(shop->files[0].bytes.data, before, strlen(before));
    key_maker_fill(NULL, shop);
    free(before);
    content_set_destroy(shop);
    content_set_destroy(credit);
}

/* A document that would not fit with its keys is left as the publisher wrote it. */
static void a_full_document_stays_as_it_is(void **state)
{
    static const char head[] =
        "{\"list\": \"reputable\", \"entries\": [{\"name\": {\"zh\": \"牦牛\"}}], \"more\": \"";
    size_t size = CONTENT_DOCUMENT_SIZE_MAXIMUM;
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, 'x', size);
    memcpy(text, head, strlen(head));
    memcpy(text + size - 2, "\"}", 3);
    struct content_set *set = set_of(CONTENT_CREDIT);
    put(set, "credit/reputable.json", text);
    key_maker_fill(*state, set);
    assert_int_equal(set->files[0].bytes.size, size);
    assert_memory_equal(set->files[0].bytes.data, text, size);
    content_set_destroy(set);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_keys),
        cmocka_unit_test(several_readings),
        cmocka_unit_test(tibetan_syllables_give_their_first_letter),
        cmocka_unit_test(long_names_stay_within_bounds),
        cmocka_unit_test(documents_get_keys),
        cmocka_unit_test(a_full_document_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
