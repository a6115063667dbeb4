/* SPDX-License-Identifier: Apache-2.0 */
/* Search in the store: what digits lead to, in which order, for whom, and how much of the index is looked at.
 */
#include "base/file.h"
#include "content/keys.h"
#include "store/database.h"
#include "store/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1795450680) /* 2026-11-23T16:18:00Z, the 24th in China */
#define DAY INT64_C(86400)

/* clang-format off */
#define TEXT(words) "{\"zh\": \"" words "\"}"
#define PRODUCT(id, name, more) \
    "{\"id\": \"" id "\", \"merchant\": \"m\", \"name\": " name ", \"unit\": " TEXT("u") ", \"summary\": " TEXT("s") \
    ", \"description\": " TEXT("d") ", \"origin\": " TEXT("o") ", \"price_fen\": 1, \"stock\": 1, " \
    "\"pictures\": [\"pictures/a.jpg\"]" more "}"
#define NOTICE(id, name, more) \
    "{\"id\": \"" id "\", \"name\": " name ", \"uscc\": \"92632321MA75000208\", \"area\": \"63\", \"reason\": " TEXT("r") \
    ", \"detail\": " TEXT("d") ", \"decided_by\": " TEXT("b") ", \"document_number\": \"7\", " \
    "\"document_date\": \"2026-01-01\", \"listed_on\": \"2026-02-01\", \"state\": \"published\"" more "}"
#define KEYS(keys) ", \"keys\": [" keys "]"

static const char merchants[] =
    "{\"merchants\": [{\"id\": \"m\", \"name\": " TEXT("m") ", \"uscc\": \"91630104MA7500012R\", \"area\": \"6301\", "
    "\"phone\": \"1\"}]}";
static const char food[] =
    "{\"category\": \"food\", \"products\": ["
    PRODUCT("yogurt", TEXT("牦牛老酸奶"), KEYS("\"m n l s n\", \"maoniu laosuannai\", \"yak yogurt\"")) ","
    PRODUCT("butter", TEXT("牦牛酥油"), KEYS("\"m n s y\", \"maoniu suyou\"") ", \"featured\": true") ","
    PRODUCT("jerky", TEXT("风干牦牛肉"), KEYS("\"f g m n r\", \"fenggan maoniurou\"")) ","
    PRODUCT("crayfish", TEXT("小龙虾"), KEYS("\"x l x\", \"xiaolongxia\"") ", \"areas\": [\"6301\"]") ","
    PRODUCT("plain", "{\"zh\": \"咖啡A1\", \"en\": \"Coffee beans\"}", "") "]}";
static const char reputable[] =
    "{\"list\": \"reputable\", \"entries\": ["
    NOTICE("good", TEXT("牧歌奶业"), KEYS("\"m g n y\"")) ","
    NOTICE("over", TEXT("牧歌旧社"), KEYS("\"m g j s\"") ", \"max_until\": \"2026-11-24\"") "]}";
static const char newer[] =
    "{\"category\": \"food\", \"products\": [" PRODUCT("yogurt", TEXT("酸奶"), KEYS("\"s n\"")) "]}";
static const char bad[] =
    "{\"category\": \"food\", \"products\": [" PRODUCT("yogurt", TEXT("酸奶"), KEYS("\"s n\", \"s%\"")) "]}";
#define ONE_OF_MANY PRODUCT("p%d", TEXT("名"), KEYS("\"%c %c m n s n d %c\", \"x%d yak\"") "%s")
/* clang-format on */

struct house {
    char folder[64], path[96];
    struct store *store;
    struct store_reader *reader;
    int64_t sequence;
};

static void open_house(struct house *house)
{
    struct error error = {""};
    house->store = store_open(house->path, &error);
    house->reader = house->store ? store_reader_create(house->store, &error) : NULL;
    if (!house->reader)
        fail_msg("%s", error.text);
}

static int set_up(void **state)
{
    struct house *house = calloc(1, sizeof(*house));
    assert_non_null(house);
    strcpy(house->folder, "/tmp/kokonor-search-XXXXXX");
    assert_non_null(mkdtemp(house->folder));
    snprintf(house->path, sizeof(house->path), "%s/content.db", house->folder);
    open_house(house);
    *state = house;
    return 0;
}

static int tear_down(void **state)
{
    struct house *house = *state;
    store_reader_destroy(house->reader);
    store_close(house->store);
    bool removed = file_remove_tree(house->folder, NULL);
    free(house);
    return removed ? 0 : -1;
}

static void begin(struct house *house, enum content_role role)
{
    struct error error = {""};
    const struct store_accepted accepted = {.sequence = ++house->sequence,
                                            .valid_from = NOW - DAY,
                                            .valid_until = NOW + 30 * DAY,
                                            .accepted_at = NOW};
    if (!store_ingest_begin(house->store, role, &accepted, &error))
        fail_msg("%s", error.text);
}

static bool give(struct house *house, const char *path, const char *json, struct error *error)
{
    uint8_t digest[STORE_SHA256_SIZE] = {0};
    return store_ingest_file(house->store, path, digest, (struct bytes){(const uint8_t *)json, strlen(json)},
                             error);
}

static void ingest(struct house *house, enum content_role role, const char *path, const char *json)
{
    struct error error = {""};
    begin(house, role);
    if ((role == CONTENT_COMMERCE && !give(house, "commerce/merchants.json", merchants, &error)) ||
        !give(house, path, json, &error) || !store_ingest_commit(house->store, &error))
        fail_msg("%s", error.text);
}

static void ingest_all(struct house *house)
{
    ingest(house, CONTENT_COMMERCE, "commerce/catalogue/food.json", food);
    ingest(house, CONTENT_CREDIT, "credit/reputable.json", reputable);
}

static const struct store_scope here = {.area = "630104", .utc_s = NOW};

/* "yogurt(mn) butter(mn)" */
static const char *found(struct house *house, const struct store_scope *scope, const char *digits)
{
    static char text[512];
    struct store_hits hits = store_search(house->reader, scope, digits);
    text[0] = 0;
    for (size_t i = 0; i < hits.count; i++) {
        const struct store_hit *hit = &hits.items[i];
        size_t length = strlen(text);
        snprintf(text + length, sizeof(text) - length, "%s%s(%s)", i ? " " : "",
                 hit->kind == STORE_HIT_PRODUCT ? hit->product.product.id : hit->notice.id, hit->letters);
    }
    assert_false(hits.more);
    store_hits_destroy(&hits);
    return text;
}

static void digits_lead_to_products_and_companies(void **state)
{
    static const struct {
        const char *digits, *found;
    } table[] = {
        {"66", "butter(mn) yogurt(mn) jerky(mn)"}, /* featured, its name begins so, within */
        {"6", "butter(m) yogurt(m) good(m) jerky(m)"},
        {"64", "good(mg)"},
        {"626648", "butter(maoniu) yogurt(maoniu) jerky(maoniu)"},
        {"95", "crayfish(xl)"},
        {"925", "yogurt(yak)"},
        {"9", "yogurt(y) crayfish(x) butter(y) good(y)"},
        {"4264", ""},
        {"0", ""},
        {"", ""},
        {"66x", "butter(mn) yogurt(mn) jerky(mn)"},
        {"' OR 1", ""},
        {"6266485267824", ""}, /* the thirteenth digit does not count: maoniulaosua is 626648526782 */
        {"a1", ""},
    };
    struct house *house = *state;
    assert_string_equal(found(house, &here, "66"), "");
    ingest_all(house);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strlen(table[i].digits) == 13)
            assert_string_equal(found(house, &here, table[i].digits), "yogurt(maoniulaosua)");
        else
            assert_string_equal(found(house, &here, table[i].digits), table[i].found);
    }
}

static void a_thing_without_keys_is_found_by_its_latin(void **state)
{
    struct house *house = *state;
    ingest_all(house);
    assert_string_equal(found(house, &here, "263"), "plain(cof)");
    assert_string_equal(found(house, &here, "232"), "plain(bea)");
    assert_string_equal(found(house, &here, "21"), "plain(a1)");
}

static void a_hit_is_whole(void **state)
{
    struct house *house = *state;
    ingest_all(house);
    struct store_hits hits = store_search(house->reader, &here, "6");
    assert_int_equal(hits.count, 4);
    assert_string_equal(hits.items[0].product.product.name.zh, "牦牛酥油");
    assert_string_equal(hits.items[0].product.merchant.uscc, "91630104MA7500012R");
    assert_string_equal(hits.items[2].notice.name.zh, "牧歌奶业");
    assert_int_equal(hits.items[2].notice.list, CONTENT_REPUTABLE);
    store_hits_destroy(&hits);
    assert_null(hits.items);
}

static void what_a_box_may_not_see_is_not_found(void **state)
{
    struct store_scope elsewhere = {.area = "632222", .utc_s = NOW},
                       late = {.area = "6301", .utc_s = NOW + 31 * DAY};
    struct house *house = *state;
    ingest_all(house);
    assert_string_equal(found(house, &elsewhere, "95"), "");
    assert_string_equal(found(house, &here, "6457"), ""); /* "over" ended today */
    assert_string_equal(found(house, &late, "66"), "");   /* the manifests ended */
}

static void newer_content_takes_the_place_of_older(void **state)
{
    struct house *house = *state;
    ingest_all(house);
    ingest(house, CONTENT_COMMERCE, "commerce/catalogue/food.json", newer);
    assert_string_equal(found(house, &here, "66"), "");
    assert_string_equal(found(house, &here, "76"), "yogurt(sn)");
    assert_string_equal(found(house, &here, "64"), "good(mg)");
}

/* A publisher's key that is none refuses the whole directory, says where, and leaves what stood. */
static void bad_keys_change_nothing(void **state)
{
    struct house *house = *state;
    struct error error = {""};
    ingest_all(house);
    begin(house, CONTENT_COMMERCE);
    assert_false(give(house, "commerce/catalogue/food.json", bad, &error));
    assert_non_null(strstr(error.text, "commerce/catalogue/food.json: products[0].keys[1]"));
    assert_false(store_ingest_commit(house->store, &error));
    assert_string_equal(found(house, &here, "66"), "butter(mn) yogurt(mn) jerky(mn)");
}

/* ---- very many ---- */

#define DOCUMENTS 10
#define PRODUCTS_EACH 1000

/* 10,000 products whose keys begin with two letters in turn, eight words each. */
static void ingest_many(struct house *house, const char *more)
{
    size_t size = 1000 * 1000;
    char *json = malloc(size), path[64];
    struct error error = {""};
    assert_non_null(json);
    begin(house, CONTENT_COMMERCE);
    assert_true(give(house, "commerce/merchants.json", merchants, &error));
    for (int document = 0; document < DOCUMENTS; document++) {
        size_t length = (size_t)snprintf(json, size, "{\"category\": \"c%d\", \"products\": [", document);
        for (int i = 0; i < PRODUCTS_EACH; i++) {
            int n = document * PRODUCTS_EACH + i;
            length += (size_t)snprintf(json + length, size - length, "%s" ONE_OF_MANY, i ? "," : "", n,
                                       'a' + n % 26, 'a' + n / 26 % 26, 'a' + n / 676 % 26, n, more);
        }
        snprintf(json + length, size - length, "]}");
        snprintf(path, sizeof(path), "commerce/catalogue/c%d.json", document);
        if (!give(house, path, json, &error))
            fail_msg("%s", error.text);
    }
    free(json);
    if (!store_ingest_commit(house->store, &error))
        fail_msg("%s", error.text);
}

/* However many there are, a search looks at little more of the index than it shows. */
static void ten_thousand_products_are_not_looked_through(void **state)
{
    static const char *const all_of_them[] = {"6", "66", "6676", "9", "92", "925"};
    struct house *house = *state;
    ingest_many(house, "");
    for (size_t i = 0; i < sizeof(all_of_them) / sizeof(all_of_them[0]); i++) {
        struct store_hits hits = store_search(house->reader, &here, all_of_them[i]);
        assert_int_equal(hits.count, STORE_HITS_MAXIMUM);
        assert_true(hits.more);
        assert_true(hits.visited <= 4 * STORE_HITS_MAXIMUM);
        store_hits_destroy(&hits);
    }
    struct store_hits hits = store_search(house->reader, &here, "94321"); /* x4321 */
    assert_int_equal(hits.count, 1);
    assert_string_equal(hits.items[0].product.product.id, "p4321");
    assert_int_equal(hits.visited, 1);
    store_hits_destroy(&hits);
}

/* Nor where hardly any of them is for this box. */
static void what_is_looked_at_has_an_end(void **state)
{
    struct house *house = *state;
    ingest_many(house, ", \"areas\": [\"11\"]");
    struct store_hits hits = store_search(house->reader, &here, "66");
    assert_int_equal(hits.count, 0);
    assert_true(hits.more);
    assert_int_equal(hits.visited, STORE_SEARCH_VISITS_MAXIMUM);
    store_hits_destroy(&hits);
}

/* The question that store_search asks is a range of the primary key, in its order, without sorting. */
static void the_question_is_a_range_of_the_index(void **state)
{
    struct house *house = *state;
    char plan[256] = "";
    struct database *database = database_open_reader(house->path, NULL);
    assert_non_null(database);
    sqlite3_stmt *statement = database_prepare(
        database, "EXPLAIN QUERY PLAN SELECT kind, id FROM search WHERE rank = ?1 AND digits >= ?2 AND "
                  "digits < ?3 ORDER BY rank, digits, kind, id");
    while (database_step(database, statement, NULL))
        snprintf(plan + strlen(plan), sizeof(plan) - strlen(plan), "%s;", database_column_text(statement, 3));
    assert_string_equal(plan, "SEARCH search USING PRIMARY KEY (rank=? AND digits>? AND digits<?);");
    database_close(database);
}

/* A box whose store was made before there were keys empties it and lets the air bring all again. */
static void an_older_store_is_emptied(void **state)
{
    struct house *house = *state;
    struct store_accepted accepted;
    sqlite3 *file;
    ingest_all(house);
    store_reader_destroy(house->reader);
    store_close(house->store);
    assert_int_equal(sqlite3_open(house->path, &file), SQLITE_OK);
    assert_int_equal(sqlite3_exec(file,
                                  "DROP TABLE search; UPDATE schema_version SET version = 1 "
                                  "WHERE name = 'content'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(file);
    open_house(house);
    assert_true(store_accepted(house->store, CONTENT_COMMERCE, &accepted));
    assert_int_equal(accepted.sequence, 0);
    assert_null(store_product(house->reader, &here, "yogurt"));
    ingest_all(house);
    assert_string_equal(found(house, &here, "66"), "butter(mn) yogurt(mn) jerky(mn)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        HOUSE_TEST(digits_lead_to_products_and_companies),
        HOUSE_TEST(a_thing_without_keys_is_found_by_its_latin),
        HOUSE_TEST(a_hit_is_whole),
        HOUSE_TEST(what_a_box_may_not_see_is_not_found),
        HOUSE_TEST(newer_content_takes_the_place_of_older),
        HOUSE_TEST(bad_keys_change_nothing),
        HOUSE_TEST(ten_thousand_products_are_not_looked_through),
        HOUSE_TEST(what_is_looked_at_has_an_end),
        HOUSE_TEST(the_question_is_a_range_of_the_index),
        HOUSE_TEST(an_older_store_is_emptied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
