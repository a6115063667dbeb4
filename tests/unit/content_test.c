/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "content/area.h"
#include "content/check.h"
#include "content/document.h"
#include "content/uscc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(zh) "{\"zh\": \"" zh "\", \"bo\": \"བོད\", \"en\": \"x\"}"
#define PRODUCT(id, merchant)                                                                                \
    "{\"id\": \"" id "\", \"merchant\": \"" merchant                                                         \
    "\", \"name\": " TEXT("酸奶") ", \"unit\": " TEXT("碗") ", \"summary\": " TEXT(                          \
        "好") ", \"description\": " TEXT("很好") ", \"origin\": " TEXT("刚察") ", \"price_fen\": 3600, "     \
                                                                               "\"old_price_fen\": 4200, "   \
                                                                               "\"stock\": 5, "              \
                                                                               "\"pictures\": "              \
                                                                               "[\"pictures/a.jpg\"], "      \
                                                                               "\"areas\": [\"63\", "        \
                                                                               "\"6301\"], \"featured\": "   \
                                                                               "true, "                      \
                                                                               "\"keys\": [\"s n\", "        \
                                                                               "\"suannai\"]}"
#define NOTICE(id)                                                                                           \
    "{\"id\": \"" id "\", \"name\": " TEXT(                                                                  \
        "厂") ", \"uscc\": \"91630104MA7500012R\", "                                                         \
              "\"legal_representative\": \"周**\", \"area\": \"6301\", \"grade\": \"serious\", "            \
              "\"reason\": " TEXT("因") ", \"detail\": " TEXT("详") ", \"decided_by\": " TEXT(               \
                  "局") ", \"document_number\": \"7号\", "                                                  \
                        "\"document_date\": \"2025-09-18\", \"listed_on\": \"2025-09-25\", \"min_until\": "  \
                        "\"2026-09-18\", "                                                                   \
                        "\"max_until\": \"2028-09-18\", \"state\": \"published\", \"fulfilment\": "          \
                        "\"partly\", \"amount_fen\": 7, "                                                    \
                        "\"merchant\": \"coop\", \"keys\": [\"c\"]}"

static const char categories[] =
    "{\"categories\": [{\"id\": \"dairy\", \"name\": " TEXT("奶") ", \"order\": 1, \"icon\": \"milk\"}]}";
static const char merchants[] = "{\"merchants\": [{\"id\": \"coop\", \"name\": " TEXT(
    "社") ", \"uscc\": \"91630104MA7500012R\", \"area\": "
          "\"630104\", \"phone\": \"0971-1234567\", \"about\": " TEXT("介绍") "}]}";
static const char catalogue[] = "{\"category\": \"dairy\", \"products\": [" PRODUCT("yogurt", "coop") "]}";
static const char dishonest[] = "{\"list\": \"dishonest\", \"entries\": [" NOTICE("bad-one") "]}";
static const char directory[] =
    "{\"sections\": [{\"id\": \"farming\", \"name\": " TEXT("农") ", \"order\": 2, \"icon\": \"field\"}]}";
static const char
    page[] =
        "{\"id\": \"prices\", \"section\": \"farming\", \"title\": " TEXT("价") ", \"summary\": " TEXT("表") ", \"updated\": \"2026-11-23\", \"body\": [{\"heading\": " TEXT(
            "头") "}, {\"text\": " TEXT("一\\n二") "}, {\"picture\": \"pictures/p.jpg\"}, {\"phone\": "
                                                   "\"110\", \"label\": " TEXT(
                                                       "警") "}, {\"table\": "
                                                             "{\"columns\": "
                                                             "[" TEXT(
                                                                 "甲") ","
                                                                       " " TEXT("乙") "], \"rows\": [[" TEXT(
                                                                           "1") ", " TEXT("2") "]]}}], "
                                                                                               "\"areas\": "
                                                                                               "[\"63\"]}";

static const struct document_case {
    const char *path, *json, *schema, *thing, *array;
} documents[] = {
    {"commerce/categories.json", categories, "categories", "category", "categories"},
    {"commerce/merchants.json", merchants, "merchants", "merchant", "merchants"},
    {"commerce/catalogue/dairy.json", catalogue, "catalogue", "product", "products"},
    {"credit/dishonest.json", dishonest, "credit-list", "notice", "entries"},
    {"community/directory.json", directory, "directory", "section", "sections"},
    {"community/pages/prices.json", page, "page", NULL, NULL},
};
#define DOCUMENTS (sizeof documents / sizeof documents[0])

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static struct content_document *parse(const char *path, const char *json, struct error *error)
{
    return content_document_parse(bytes_of(json), path, NULL, NULL, error);
}

static void uscc_check_digits(void **state)
{
    static const char *const valid[] = {
        "91350200776049653A", "91350500798359476R", "91350503MA31DKY80A", "91350200MA31E12PXF",
        "91440101MA5CJQ4N59", "913502000728319549", "123502001549897397", "9135021359498494XQ",
        "91630104MA7500012R", "92632321MA75000208", "93632521MA7500039C", "11630000015000003T",
        "51630100MJY00001XR",
    };
    static const char *const early[] = {"91350100M0001TGQXM", "91350211M0000XUF46", "91350203M0001FUE2P",
                                        "91350203M0001QAY9B"};
    static const char *const misshapen[] = {"",
                                            "91350200776049653",
                                            "91350200776049653AA",
                                            "9135020077604965IA",
                                            "91350200776049653a",
                                            "91350200 76049653A"};
    (void)state;
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        char changed[CONTENT_USCC_LENGTH + 1];
        assert_true(content_uscc_is_valid(valid[i]));
        for (size_t at = 0; at < CONTENT_USCC_LENGTH; at++) {
            memcpy(changed, valid[i], sizeof changed);
            changed[at] = changed[at] == '0' ? '1' : '0';
            assert_true(content_uscc_is_shaped(changed));
            assert_false(content_uscc_is_valid(changed));
        }
    }
    for (size_t i = 0; i < sizeof early / sizeof early[0]; i++) {
        assert_true(content_uscc_is_shaped(early[i]));
        assert_false(content_uscc_is_valid(early[i]));
    }
    for (size_t i = 0; i < sizeof misshapen / sizeof misshapen[0]; i++) {
        assert_false(content_uscc_is_shaped(misshapen[i]));
        assert_false(content_uscc_is_valid(misshapen[i]));
    }
    assert_int_equal(content_uscc_check_digit("9135020077604965I"), '\0');
}

static void areas_cover_what_starts_with_them(void **state)
{
    const char *const two[] = {"6301", "6222"};
    (void)state;
    assert_true(content_area_matches(NULL, 0, "630104"));
    assert_true(content_area_matches(NULL, 0, NULL));
    assert_true(content_area_matches(two, 2, "630104"));
    assert_true(content_area_matches(two, 2, "622201001"));
    assert_true(content_area_matches(two, 2, "6301"));
    assert_false(content_area_matches(two, 2, "63"));
    assert_false(content_area_matches(two, 2, "6302"));
    assert_false(content_area_matches(two, 2, ""));
    assert_false(content_area_matches(two, 2, NULL));
    assert_true(content_area_is_code("63") && content_area_is_code("630104001002"));
    assert_false(content_area_is_code("6") || content_area_is_code("6301040010021") ||
                 content_area_is_code("63a"));
}

static void dates_exist(void **state)
{
    static const char *const good[] = {"2026-11-23", "2024-02-29", "2000-02-29", "1900-01-01", "9999-12-31"};
    static const char *const bad[] = {"",           "2026-11-2",  "2026-13-01", "2026-00-01",  "2026-01-00",
                                      "2026-02-29", "1900-02-29", "2026-04-31", "2026-11-23T", "2026/11/23",
                                      "1899-12-31", "-026-11-23", "２026-11-2"};
    struct content_date date = {.text = ""};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(content_date_parse(good[i], &date));
        assert_string_equal(date.text, good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(content_date_parse(bad[i], &date));
        assert_string_equal(date.text, "9999-12-31");
    }
    date = content_date_china(INT64_C(1795478399)); /* 2026-11-23T23:59:59Z: the next day in China */
    assert_string_equal(date.text, "2026-11-24");
}

static void texts_fall_back_to_chinese(void **state)
{
    char zh[] = "甲", bo[] = "བ";
    struct content_text text = {.zh = zh, .bo = bo}, none = {0};
    enum content_language language = CONTENT_ZH;
    (void)state;
    assert_string_equal(content_text_get(&text, CONTENT_ZH), "甲");
    assert_string_equal(content_text_get(&text, CONTENT_BO), "བ");
    assert_string_equal(content_text_get(&text, CONTENT_EN), "甲");
    assert_string_equal(content_text_get(&none, CONTENT_BO), "");
    assert_true(content_text_is_absent(&none) && !content_text_is_absent(&text));
    assert_true(content_language_from_str("bo", &language));
    assert_int_equal(language, CONTENT_BO);
    assert_false(content_language_from_str("de", &language));
}

static void kinds_go_by_path(void **state)
{
    static const struct {
        const char *path;
        enum content_document_kind kind;
        bool is_picture;
    } paths[] = {
        {"commerce/categories.json", CONTENT_CATEGORIES, false},
        {"commerce/merchants.json", CONTENT_MERCHANTS, false},
        {"commerce/catalogue/dairy.json", CONTENT_CATALOGUE, false},
        {"credit/reputable.json", CONTENT_CREDIT_LIST, false},
        {"credit/dishonest.json", CONTENT_CREDIT_LIST, false},
        {"community/directory.json", CONTENT_DIRECTORY, false},
        {"community/pages/bus-timetable.json", CONTENT_PAGE, false},
        {"commerce/pictures/yak-yogurt.jpg", CONTENT_UNKNOWN, true},
        {"community/pictures/a_b.2.jpg", CONTENT_UNKNOWN, true},
        {"credit/pictures/a.jpg", CONTENT_UNKNOWN, false},
        {"commerce/pictures/.jpg", CONTENT_UNKNOWN, false},
        {"commerce/pictures/../x.jpg", CONTENT_UNKNOWN, false},
        {"commerce/pictures/a.png", CONTENT_UNKNOWN, false},
        {"commerce/catalogue/.json", CONTENT_UNKNOWN, false},
        {"commerce/catalogue/../merchants.json", CONTENT_UNKNOWN, false},
        {"commerce/catalogue/a/b.json", CONTENT_UNKNOWN, false},
        {"community/categories.json", CONTENT_UNKNOWN, false},
        {"commerce/manifest.json", CONTENT_UNKNOWN, false},
        {"", CONTENT_UNKNOWN, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_int_equal(content_document_kind_of_path(paths[i].path), paths[i].kind);
        assert_int_equal(content_path_is_picture(paths[i].path), paths[i].is_picture);
    }
}

static void documents_survive_a_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < DOCUMENTS; i++) {
        struct error error = {.text = ""};
        struct buffer once, twice;
        buffer_init(&once, CONTENT_DOCUMENT_SIZE_MAXIMUM);
        buffer_init(&twice, CONTENT_DOCUMENT_SIZE_MAXIMUM);
        struct content_document *document = parse(documents[i].path, documents[i].json, &error);
        assert_string_equal(error.text, "");
        assert_non_null(document);
        assert_int_equal(document->count, 1);
        assert_true(content_document_write(document, &once));
        content_document_destroy(document);
        document = parse(documents[i].path, buffer_text(&once), &error);
        assert_non_null(document);
        assert_true(content_document_write(document, &twice));
        content_document_destroy(document);
        assert_string_equal(buffer_text(&once), buffer_text(&twice));
        /* Nothing was lost: the same JSON as was read. */
        json_t *given = json_loads(documents[i].json, 0, NULL),
               *written = json_loads(buffer_text(&once), 0, NULL);
        assert_true(json_equal(given, written));
        json_decref(given);
        json_decref(written);
        buffer_finish(&once);
        buffer_finish(&twice);
    }
}

static void members_are_read(void **state)
{
    struct error error = {.text = ""};
    (void)state;
    struct content_document *document = parse("commerce/catalogue/dairy.json", catalogue, &error);
    const struct content_product *product = &document->products[0];
    assert_string_equal(product->category, "dairy");
    assert_string_equal(product->merchant, "coop");
    assert_string_equal(content_text_get(&product->name, CONTENT_BO), "བོད");
    assert_int_equal(product->price_fen, 3600);
    assert_int_equal(product->old_price_fen, 4200);
    assert_int_equal(product->areas.count, 2);
    assert_true(product->featured);
    content_document_destroy(document);
    document = parse("credit/dishonest.json", dishonest, &error);
    const struct content_notice *notice = &document->notices[0];
    assert_int_equal(notice->list, CONTENT_DISHONEST);
    assert_int_equal(notice->grade, CONTENT_GRADE_SERIOUS);
    assert_int_equal(notice->fulfilment, CONTENT_PARTLY);
    assert_int_equal(notice->amount_fen, 7);
    content_document_destroy(document);
    document = parse("community/pages/prices.json", page, &error);
    assert_int_equal(document->pages[0].body_count, 5);
    const struct content_block *table = &document->pages[0].body[4];
    assert_int_equal(table->kind, CONTENT_BLOCK_TABLE);
    assert_int_equal(table->columns, 2);
    assert_int_equal(table->rows, 1);
    assert_string_equal(table->cells[1].zh, "2");
    content_document_destroy(document);
}

/* Replaces the one occurrence of from by to. */
static char *changed(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    size_t size = strlen(text) + strlen(to) + 1;
    char *result = malloc(size);
    assert_non_null(result);
    snprintf(result, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return result;
}

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *path, *json, *from, *to, *message;
    } mistakes[] = {
        {"commerce/catalogue/fruit.json", catalogue, "3600", "\"12.5\"",
         "commerce/catalogue/fruit.json: products[0].price_fen: expected an integer, found \"12.5\""},
        {"commerce/catalogue/fruit.json", catalogue, "3600", "12.5",
         "commerce/catalogue/fruit.json: products[0].price_fen: expected an integer, found 12.5"},
        {"commerce/catalogue/fruit.json", catalogue, "3600", "0",
         "commerce/catalogue/fruit.json: products[0].price_fen: expected an integer from 1 to 1000000000, "
         "found 0"},
        {"commerce/catalogue/fruit.json", catalogue, "\"stock\": 5", "\"stock\": null",
         "commerce/catalogue/fruit.json: products[0].stock: expected an integer, found nothing"},
        {"commerce/catalogue/fruit.json", catalogue, "\"yogurt\"", "\"Yogurt\"",
         "commerce/catalogue/fruit.json: products[0].id: expected an id of a-z, 0-9 and -, found \"Yogurt\""},
        {"commerce/catalogue/fruit.json", catalogue, "\"yogurt\"",
         "\"a-very-long-id-that-goes-on-and-on-beyond-48-bytes\"",
         "commerce/catalogue/fruit.json: products[0].id: expected a string of 1 to 48 bytes, found 50"},
        {"commerce/catalogue/fruit.json", catalogue, "pictures/a.jpg", "../../etc/passwd",
         "commerce/catalogue/fruit.json: products[0].pictures[0]: expected a path pictures/NAME.jpg of a-z, "
         "0-9 . _ -, "
         "found \"../../etc/passwd\""},
        {"commerce/catalogue/fruit.json", catalogue, "[\"pictures/a.jpg\"]", "[]",
         "commerce/catalogue/fruit.json: products[0].pictures: expected an array of 1 to 8 elements, found "
         "0"},
        {"commerce/catalogue/fruit.json", catalogue, "\"6301\"", "6301",
         "commerce/catalogue/fruit.json: products[0].areas[1]: expected an administrative division code of 2 "
         "to 12 "
         "digits, found 6301"},
        {"commerce/catalogue/fruit.json", catalogue, "\"featured\": true", "\"featured\": 1",
         "commerce/catalogue/fruit.json: products[0].featured: expected true or false, found 1"},
        {"commerce/catalogue/fruit.json", catalogue, TEXT("很好"), "\"很好\"",
         "commerce/catalogue/fruit.json: products[0].description: expected a text {\"zh\", \"bo\", \"en\"}, "
         "found \"很好\""},
        {"commerce/catalogue/fruit.json", catalogue, "\"zh\": \"很好\", ", "",
         "commerce/catalogue/fruit.json: products[0].description.zh: expected a string, found nothing"},
        {"commerce/catalogue/fruit.json", catalogue, "很好", "很\\u0007好",
         "commerce/catalogue/fruit.json: products[0].description.zh: expected no control characters but line "
         "feeds, "
         "found \"很 好\""},
        {"commerce/catalogue/fruit.json", catalogue, "\"stock\": 5", "\"category\": \"meat\", \"stock\": 5",
         "commerce/catalogue/fruit.json: products[0]: expected category \"dairy\" as the document's, found "
         "\"meat\""},
        {"commerce/catalogue/fruit.json", catalogue, "\"products\": [", "\"products\": [7, ",
         "commerce/catalogue/fruit.json: products[0]: expected an object, found 7"},
        {"commerce/catalogue/fruit.json", catalogue, "]}", "]",
         "commerce/catalogue/fruit.json: line 1, column "},
        {"commerce/catalogue/fruit.json", catalogue, "\"stock\": 5", "\"stock\": 5, \"stock\": 6",
         "commerce/catalogue/fruit.json: line 1, column "},
        {"commerce/catalogue/fruit.json", catalogue, "很好", "\xff\xfe",
         "commerce/catalogue/fruit.json: line 1, column "},
        {"commerce/catalogue/fruit.json", catalogue, "3600", "99999999999999999999",
         "commerce/catalogue/fruit.json: line 1, column "},
        {"commerce/merchants.json", merchants, "91630104MA7500012R", "91630104MA7500012",
         "commerce/merchants.json: merchants[0].uscc: expected a unified social credit code of 18 "
         "characters, found "
         "\"91630104MA7500012\""},
        {"commerce/merchants.json", merchants, "0971-1234567", "call me",
         "commerce/merchants.json: merchants[0].phone: expected a telephone number of digits, spaces, + - ( "
         "), found "
         "\"call me\""},
        {"commerce/categories.json", categories, "\"order\": 1", "\"order\": 10000",
         "commerce/categories.json: categories[0].order: expected an integer from 0 to 9999, found 10000"},
        {"commerce/categories.json", categories, "{\"categories\"", "{\"category\"",
         "commerce/categories.json: categories: expected an array, found nothing"},
        {"credit/dishonest.json", dishonest, "2025-09-25", "2025-09-31",
         "credit/dishonest.json: entries[0].listed_on: expected a date YYYY-MM-DD, found \"2025-09-31\""},
        {"credit/dishonest.json", dishonest, "\"published\"", "\"hidden\"",
         "credit/dishonest.json: entries[0].state: expected one of \"published\" \"under_objection\" "
         "\"repaired\" "
         "\"expired\", found \"hidden\""},
        {"credit/dishonest.json", dishonest, "2028-09-18", "2026-09-17",
         "credit/dishonest.json: entries[0].max_until: expected a date not before min_until 2026-09-18, "
         "found "
         "\"2026-09-17\""},
        {"credit/reputable.json", dishonest, "\"serious\"", "\"serious\"",
         "credit/reputable.json: expected list \"reputable\" in a file of this name, found \"dishonest\""},
        {"credit/reputable.json", dishonest, "\"list\": \"dishonest\"", "\"list\": \"reputable\"",
         "credit/reputable.json: entries[0].grade: expected no grade on the reputable list, found "
         "\"serious\""},
        {"community/pages/other.json", page, "2026-11-23", "2026-11-23",
         "community/pages/other.json: expected id \"other\" as the file's name, found \"prices\""},
        {"community/pages/prices.json", page, "{\"picture\":", "{\"text\": 1, \"picture\":",
         "community/pages/prices.json: body[2]: expected one of heading, text, picture, phone, table, found "
         "several"},
        {"community/pages/prices.json", page, "{\"picture\":", "{\"video\":",
         "community/pages/prices.json: body[2]: expected one of heading, text, picture, phone, table, found "
         "none"},
        {"community/pages/prices.json", page, "[[", "[[" TEXT("0") ", ",
         "community/pages/prices.json: body[4].table.rows[0]: expected 2 cells, one for each column, found "
         "3"},
        {"commerce/other.json", page, "2026", "2026",
         "commerce/other.json: is not a document that Kokonor knows"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct error error = {.text = ""};
        char *json = changed(mistakes[i].json, mistakes[i].from, mistakes[i].to);
        assert_null(parse(mistakes[i].path, json, &error));
        if (strncmp(error.text, mistakes[i].message, strlen(mistakes[i].message)) != 0) {
            fail_msg("expected \"%s\", found \"%s\"", mistakes[i].message, error.text);
        }
        free(json);
    }
}

static void limits_hold(void **state)
{
    struct error error = {.text = ""};
    char nested[200];
    (void)state;
    memset(nested, '[', sizeof nested);
    assert_null(content_document_parse((struct bytes){(uint8_t *)nested, sizeof nested},
                                       "commerce/categories.json", NULL, NULL, &error));
    assert_string_equal(error.text, "commerce/categories.json: nested deeper than 16 levels");
    uint8_t *large = calloc(1, CONTENT_DOCUMENT_SIZE_MAXIMUM + 1);
    memset(large, ' ', CONTENT_DOCUMENT_SIZE_MAXIMUM + 1);
    assert_null(content_document_parse((struct bytes){large, CONTENT_DOCUMENT_SIZE_MAXIMUM + 1},
                                       "commerce/categories.json", NULL, NULL, &error));
    assert_non_null(strstr(error.text, "at most 1048576 are allowed"));
    memset(large, ',', CONTENT_DOCUMENT_SIZE_MAXIMUM);
    assert_null(content_document_parse((struct bytes){large, CONTENT_DOCUMENT_SIZE_MAXIMUM},
                                       "commerce/categories.json", NULL, NULL, &error));
    assert_non_null(strstr(error.text, "holds more than 200000 values"));
    free(large);
    assert_null(
        content_document_parse((struct bytes){NULL, 0}, "commerce/categories.json", NULL, NULL, &error));
    assert_string_equal(error.text, "commerce/categories.json: is empty");
    struct buffer many;
    buffer_init(&many, CONTENT_DOCUMENT_SIZE_MAXIMUM);
    buffer_append_string(&many, "{\"sections\": [");
    for (int i = 0; i < CONTENT_ITEMS_MAXIMUM + 1; i++) {
        buffer_append_string(&many, i > 0 ? ",{}" : "{}");
    }
    buffer_append_string(&many, "]}");
    assert_null(parse("community/directory.json", buffer_text(&many), &error));
    assert_string_equal(
        error.text,
        "community/directory.json: sections: expected an array of 0 to 2000 elements, found 2001");
    buffer_finish(&many);
}

struct reports {
    unsigned errors, warnings;
    char text[16384];
};

static void collect(void *context, enum content_severity severity, const char *text)
{
    struct reports *reports = context;
    size_t length = strlen(reports->text);
    *(severity == CONTENT_ERROR ? &reports->errors : &reports->warnings) += 1;
    snprintf(reports->text + length, sizeof reports->text - length, "%s\n", text);
}

static void checker_hears_of_all(void **state)
{
    struct reports reports = {0};
    (void)state;
    struct content_document *document = content_document_parse(
        bytes_of("{\"sections\": [{\"id\": 1, \"colour\": 2, \"name\": {\"zh\": \"\"}}, 3], \"x\": 1}"),
        "community/directory.json", collect, &reports, NULL);
    assert_null(document);
    assert_int_equal(reports.errors, 4);
    assert_int_equal(reports.warnings, 2);
    assert_non_null(strstr(reports.text, "sections[0].colour: is not a member that Kokonor knows"));
    assert_non_null(strstr(reports.text, "sections[0].order: expected an integer, found nothing"));
    assert_non_null(strstr(reports.text, "sections[1]: expected an object, found 3"));
    /* A wrong check digit and a term beyond the grade's are doubts, not refusals. */
    char *json = changed(dishonest, "91630104MA7500012R", "91350100M0001TGQXM");
    char *longer = changed(json, "2028-09-18", "2028-09-19");
    reports = (struct reports){0};
    document = content_document_parse(bytes_of(longer), "credit/dishonest.json", collect, &reports, NULL);
    assert_non_null(document);
    content_document_destroy(document);
    assert_int_equal(reports.errors, 0);
    assert_int_equal(reports.warnings, 2);
    assert_non_null(
        strstr(reports.text, "entries[0].uscc: the check digit of 91350100M0001TGQXM should be "));
    assert_non_null(strstr(reports.text, "entries[0].max_until: is 2028-09-19, beyond 36 months"));
    free(longer);
    free(json);
}

static void notices_end_by_themselves(void **state)
{
    struct error error = {.text = ""};
    struct content_date before, at;
    (void)state;
    assert_true(content_date_parse("2028-09-17", &before) && content_date_parse("2028-09-18", &at));
    struct content_document *document = parse("credit/dishonest.json", dishonest, &error);
    struct content_notice *notice = &document->notices[0];
    assert_true(content_notice_in_force(notice, &before));
    assert_false(content_notice_in_force(notice, &at));
    notice->state = CONTENT_UNDER_OBJECTION;
    assert_true(content_notice_in_force(notice, &before));
    notice->state = CONTENT_REPAIRED;
    assert_false(content_notice_in_force(notice, &before));
    notice->state = CONTENT_EXPIRED;
    assert_false(content_notice_in_force(notice, &before));
    content_document_destroy(document);
}

#define FILE_OF(path, text)                                                                                  \
    {                                                                                                        \
        path,                                                                                                \
        {                                                                                                    \
            (const uint8_t *)(text), sizeof(text) - 1                                                        \
        }                                                                                                    \
    }
static const char jpeg[] = "\xff\xd8\xff\xe0....";

static bool check(enum content_role role, const struct content_file *files, size_t count,
                  struct reports *reports)
{
    *reports = (struct reports){0};
    return content_check_set(role, files, count, collect, reports);
}

static void sets_are_checked(void **state)
{
    struct reports reports;
    (void)state;
    struct content_file files[] = {
        FILE_OF("commerce/catalogue/dairy.json", catalogue), FILE_OF("commerce/categories.json", categories),
        FILE_OF("commerce/merchants.json", merchants),       FILE_OF("commerce/pictures/a.jpg", jpeg),
        FILE_OF("community/directory.json", directory),      FILE_OF("community/pages/prices.json", page),
        FILE_OF("community/pictures/p.jpg", jpeg),           FILE_OF("commerce/manifest.json", "{}"),
        FILE_OF("credit/dishonest.json", dishonest),
    };
    size_t count = sizeof files / sizeof files[0];
    for (unsigned role = 0; role < CONTENT_ROLES; role++) {
        bool done = check((enum content_role)role, files, count, &reports);
        assert_string_equal(reports.text, "");
        assert_true(done);
    }
    /* Each reference without its object. */
    assert_false(check(CONTENT_COMMERCE, files, 1, &reports));
    assert_int_equal(reports.errors, 3);
    assert_non_null(strstr(reports.text, "commerce/catalogue/dairy.json: category: expected a category of "
                                         "commerce/categories.json, found \"dairy\""));
    assert_non_null(strstr(reports.text,
                           "commerce/catalogue/dairy.json: products[0].merchant: expected a merchant of "
                           "commerce/merchants.json, found \"coop\""));
    assert_non_null(strstr(reports.text,
                           "commerce/catalogue/dairy.json: products[0].pictures[0]: expected a picture file "
                           "of the set, found \"commerce/pictures/a.jpg\""));
    assert_false(check(CONTENT_COMMUNITY, &files[5], 1, &reports));
    assert_int_equal(reports.errors, 2);
    assert_non_null(strstr(reports.text, "community/pages/prices.json: section: expected a section of"));
    assert_non_null(strstr(reports.text, "community/pages/prices.json: body[2].picture: expected a picture"));
}

static void sets_refuse_twins_and_fakes(void **state)
{
    static const char twins[] = "{\"category\": \"dairy\", \"products\": [" PRODUCT(
        "cheese", "coop") ", " PRODUCT("cheese", "coop") "]}";
    static const char again[] = "{\"category\": \"dairy\", \"products\": [" PRODUCT("yogurt", "coop") "]}";
    static const char stranger[] =
        "{\"list\": \"dishonest\", \"entries\": [" NOTICE("one") "], \"merchant\": \"coop\"}";
    struct reports reports;
    (void)state;
    struct content_file files[] = {
        FILE_OF("commerce/categories.json", categories), FILE_OF("commerce/merchants.json", merchants),
        FILE_OF("commerce/catalogue/a.json", twins),     FILE_OF("commerce/catalogue/b.json", catalogue),
        FILE_OF("commerce/catalogue/c.json", again),     FILE_OF("commerce/pictures/a.jpg", "<svg/>"),
        FILE_OF("commerce/pictures/unused.jpg", jpeg),   FILE_OF("commerce/notes.txt", "x"),
        FILE_OF("credit/dishonest.json", stranger),
    };
    assert_false(check(CONTENT_COMMERCE, files, 9, &reports));
    assert_int_equal(reports.errors, 3);
    assert_int_equal(reports.warnings, 2);
    assert_non_null(
        strstr(reports.text,
               "commerce/catalogue/a.json: products[1].id: expected an id of its own, found \"cheese\" "
               "again, which is at commerce/catalogue/a.json: products[0]"));
    assert_non_null(
        strstr(reports.text,
               "commerce/catalogue/c.json: products[0].id: expected an id of its own, found \"yogurt\" "
               "again, which is at commerce/catalogue/b.json: products[0]"));
    assert_non_null(strstr(reports.text, "commerce/pictures/a.jpg: expected a JPEG picture"));
    assert_non_null(strstr(reports.text, "commerce/pictures/unused.jpg: is used by nothing"));
    assert_non_null(strstr(reports.text, "commerce/notes.txt: is nothing that Kokonor knows"));
    /* One file that no manifest may name would keep the whole role off air. */
    static const char *const odd[] = {"commerce/说明.txt", "commerce/a copy.txt", "commerce/x/\xff.txt",
                                      "commerce/pictures/a (1).jpg", "commerce/x//y.txt"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        files[7].path = odd[i];
        assert_false(check(CONTENT_COMMERCE, files, 9, &reports));
        assert_int_equal(reports.errors, 4);
        assert_non_null(strstr(reports.text, "expected a name of at most 128 letters a-z"));
    }
    files[7].path = "commerce/notes.txt";
    /* A notice about a merchant that the shop does not know is a doubt. */
    char *json = changed(stranger, "\"merchant\": \"coop\"", "\"merchant\": \"nobody\"");
    files[8].bytes = bytes_of(json);
    assert_true(check(CONTENT_CREDIT, files, 9, &reports));
    assert_int_equal(reports.warnings, 2); /* and the unknown member of the document */
    assert_non_null(strstr(reports.text, "credit/dishonest.json: entries[0].merchant: expected a merchant"));
    free(json);
}

static json_t *load_schema(const char *name)
{
    char path[512];
    json_error_t why;
    snprintf(path, sizeof path, SOURCE_DIR "/resources/schemas/%s.schema.json", name);
    json_t *schema = json_load_file(path, 0, &why);
    if (schema == NULL) {
        fail_msg("%s: line %d: %s", path, why.line, why.text);
    }
    return schema;
}

static bool is_required(const json_t *schema, const char *key)
{
    json_t *required = json_object_get(schema, "required");
    for (size_t i = 0; i < json_array_size(required); i++) {
        if (strcmp(json_string_value(json_array_get(required, i)), key) == 0) {
            return true;
        }
    }
    return false;
}

static bool parses(const char *path, const json_t *root)
{
    char *text = json_dumps(root, JSON_COMPACT);
    struct content_document *document = parse(path, text, NULL);
    bool parsed = document != NULL;
    content_document_destroy(document);
    free(text);
    return parsed;
}

/* Takes each member of a whole thing away: the parser must miss what the schema requires, and nothing else.
 */
static void compare_members(const char *path, json_t *root, json_t *thing, const json_t *schema)
{
    const char *key;
    json_t *value;
    json_t *properties = json_object_get(schema, "properties");
    json_object_foreach(properties, key, value)
    {
        json_t *member = json_incref(json_object_get(thing, key));
        if (member == NULL) { /* a member that a thing has only where it stands alone */
            assert_false(is_required(schema, key));
            continue;
        }
        json_object_del(thing, key);
        if (parses(path, root) == is_required(schema, key)) {
            fail_msg("%s: parser and schema do not agree on whether %s is required", path, key);
        }
        json_object_set_new(thing, key, member);
    }
    json_object_foreach(thing, key, value)
    {
        if (json_object_get(properties, key) == NULL) {
            fail_msg("%s: the schema does not know %s", path, key);
        }
    }
}

static void schemas_agree_with_the_parser(void **state)
{
    (void)state;
    for (size_t i = 0; i < DOCUMENTS; i++) {
        json_t *schema = load_schema(documents[i].schema);
        json_t *root = json_loads(documents[i].json, 0, NULL);
        assert_true(parses(documents[i].path, root));
        compare_members(documents[i].path, root, root, schema);
        if (documents[i].thing != NULL) {
            json_t *thing = json_array_get(json_object_get(root, documents[i].array), 0);
            json_t *part = json_object_get(json_object_get(schema, "$defs"), documents[i].thing);
            assert_non_null(part);
            compare_members(documents[i].path, root, thing, part);
        }
        json_decref(root);
        json_decref(schema);
    }
    json_decref(load_schema("common"));
}

static bool parse_demo(void *context, const char *relative_path, uint64_t size)
{
    struct reports *reports = context;
    struct buffer text;
    char path[1024];
    (void)size;
    if (content_document_kind_of_path(relative_path) == CONTENT_UNKNOWN) {
        return true;
    }
    buffer_init(&text, CONTENT_DOCUMENT_SIZE_MAXIMUM);
    assert_true(file_join(path, sizeof path, SOURCE_DIR "/resources/demo/content", relative_path));
    assert_true(file_read(path, &text, NULL));
    content_document_destroy(
        content_document_parse(buffer_view(&text), relative_path, collect, reports, NULL));
    buffer_finish(&text);
    return true;
}

static void demo_content_is_right(void **state)
{
    struct reports reports = {0};
    struct error error = {.text = ""};
    (void)state;
    bool walked = file_walk(SOURCE_DIR "/resources/demo/content", parse_demo, &reports, &error);
    assert_string_equal(error.text, "");
    assert_true(walked);
    assert_string_equal(reports.text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uscc_check_digits),
        cmocka_unit_test(areas_cover_what_starts_with_them),
        cmocka_unit_test(dates_exist),
        cmocka_unit_test(texts_fall_back_to_chinese),
        cmocka_unit_test(kinds_go_by_path),
        cmocka_unit_test(documents_survive_a_round_trip),
        cmocka_unit_test(members_are_read),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(checker_hears_of_all),
        cmocka_unit_test(notices_end_by_themselves),
        cmocka_unit_test(sets_are_checked),
        cmocka_unit_test(sets_refuse_twins_and_fakes),
        cmocka_unit_test(schemas_agree_with_the_parser),
        cmocka_unit_test(demo_content_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
