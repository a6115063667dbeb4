/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/log.h"
#include "store/database.h"
#include "store/query.h"
#include "store/settings.h"
#include "store/shelf.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1795450680) /* 2026-11-23T16:18:00Z, the 24th in China */
#define DAY INT64_C(86400)

#define TEXT(zh) "{\"zh\": \"" zh "\"}"
#define CATEGORY(id, order) "{\"id\": \"" id "\", \"name\": " TEXT(id) ", \"order\": " order "}"
#define MERCHANT(id, uscc)                                                                                   \
    "{\"id\": \"" id "\", \"name\": " TEXT(id) ", \"uscc\": \"" uscc                                         \
                                               "\", \"area\": \"6301\", \"phone\": \"1\"}"
#define PRODUCT(id, merchant, price, more)                                                                   \
    "{\"id\": \"" id "\", \"merchant\": \"" merchant                                                         \
    "\", \"name\": " TEXT(id) ", \"unit\": " TEXT("kg") ", \"summary\": " TEXT(                              \
        "s") ", \"description\": " TEXT("d") ", \"origin\": " TEXT("o") ", \"price_fen\": " price            \
                                                                        ", \"stock\": 1, \"pictures\": "     \
                                                                        "[\"pictures/a.jpg\"]" more "}"
#define NOTICE(id, uscc, state, listed, more)                                                                \
    "{\"id\": \"" id                                                                                         \
    "\", \"name\": " TEXT(id) ", \"uscc\": \"" uscc "\", \"area\": \"63\", \"reason\": " TEXT(               \
        "r") ", \"detail\": " TEXT("d") ", \"decided_by\": " TEXT("b") ", \"document_number\": \"7\", "      \
                                                                       "\"document_date\": \"2026-01-01\", " \
                                                                       "\"listed_on\": \"" listed            \
                                                                       "\", \"state\": \"" state "\"" more   \
                                                                       "}"
#define PAGE(id, section, updated, more)                                                                     \
    "{\"id\": \"" id "\", \"section\": \"" section "\", \"title\": " TEXT(id) ", \"summary\": " TEXT(        \
        "s") ", \"updated\": \"" updated "\", \"body\": [{\"text\": " TEXT("t") "}]" more "}"

/* clang-format off */
static const char categories[] =
    "{\"categories\": [" CATEGORY("meat", "2") "," CATEGORY("dairy", "1") "," CATEGORY("empty", "3") "]}";
static const char merchants[] =
    "{\"merchants\": [" MERCHANT("coop", "91630104MA7500012R") "," MERCHANT("lake", "92632321MA75000208") ","
    MERCHANT("plain", "93632521MA7500039C") "]}";
static const char dairy[] =
    "{\"category\": \"dairy\", \"products\": [" PRODUCT("yogurt", "coop", "3600", ", \"featured\": true") ","
    PRODUCT("butter", "lake", "5800", "") "," PRODUCT("local", "lake", "1", ", \"areas\": [\"6222\", \"6301\"]") "]}";
static const char meat[] =
    "{\"category\": \"meat\", \"products\": [" PRODUCT("jerky", "plain", "9000", ", \"featured\": true") "]}";
static const char reputable[] =
    "{\"list\": \"reputable\", \"entries\": ["
    NOTICE("good-lake", "92632321MA75000208", "published", "2026-02-01", "") ","
    NOTICE("good-coop", "91630104MA7500012R", "published", "2026-03-01", "") "]}";
static const char dishonest[] =
    "{\"list\": \"dishonest\", \"entries\": ["
    NOTICE("bad-coop", "11630000015000003T", "under_objection", "2026-01-05",
           ", \"merchant\": \"coop\", \"max_until\": \"2026-12-01\"") ","
    NOTICE("bad-over", "93632521MA7500039C", "published", "2026-01-06", ", \"max_until\": \"2026-11-24\"") ","
    NOTICE("bad-repaired", "93632521MA7500039C", "repaired", "2026-01-07", "") ","
    NOTICE("bad-open", "51630100MJY00001XR", "published", "2026-01-08", "") "]}";
static const char directory[] = "{\"sections\": [" CATEGORY("health", "2") "," CATEGORY("farming", "1") "]}";
static const char page_prices[] = PAGE("prices", "farming", "2026-11-01", ", \"areas\": [\"6301\"]");
static const char page_clinic[] = PAGE("clinic", "health", "2026-11-20", "");
/* clang-format on */
static const char picture[] = "\xff\xd8\xff\xe0 a picture";

struct named {
    const char *path, *text;
    size_t size;
};
#define NAMED(path, text)                                                                                    \
    {                                                                                                        \
        path, text, sizeof(text) - 1                                                                         \
    }
static const struct named commerce[] = {
    NAMED("commerce/categories.json", categories), NAMED("commerce/merchants.json", merchants),
    NAMED("commerce/catalogue/dairy.json", dairy), NAMED("commerce/catalogue/meat.json", meat),
    NAMED("commerce/pictures/a.jpg", picture),
};
static const struct named credit[] = {NAMED("credit/reputable.json", reputable),
                                      NAMED("credit/dishonest.json", dishonest)};
static const struct named community[] = {
    NAMED("community/directory.json", directory),
    NAMED("community/pages/prices.json", page_prices),
    NAMED("community/pages/clinic.json", page_clinic),
};

/* A folder of the test's own, its store and one reader. */
struct house {
    char folder[64], path[96];
    struct store *store;
    struct store_reader *reader;
};

static void open_house(struct house *house)
{
    struct error error = {.text = ""};
    house->store = store_open(house->path, &error);
    assert_string_equal(error.text, "");
    assert_non_null(house->store);
    house->reader = store_reader_create(house->store, &error);
    assert_non_null(house->reader);
}

static void close_house(struct house *house)
{
    store_reader_destroy(house->reader);
    store_close(house->store);
    house->reader = NULL;
    house->store = NULL;
}

static int set_up(void **state)
{
    struct house *house = calloc(1, sizeof *house);
    assert_non_null(house);
    snprintf(house->folder, sizeof house->folder, "/tmp/kokonor-store-XXXXXX");
    assert_non_null(mkdtemp(house->folder));
    snprintf(house->path, sizeof house->path, "%s/content.db", house->folder);
    open_house(house);
    *state = house;
    return 0;
}

static int tear_down(void **state)
{
    struct house *house = *state;
    close_house(house);
    bool removed = file_remove_tree(house->folder, NULL);
    free(house);
    return removed ? 0 : -1;
}

/* Stands in for a digest: different for different bytes of these tests. */
static void digest_of(const struct named *file, uint8_t digest[STORE_SHA256_SIZE])
{
    memset(digest, 0, STORE_SHA256_SIZE);
    for (size_t i = 0; i < file->size; i++) {
        digest[i % STORE_SHA256_SIZE] =
            (uint8_t)(digest[i % STORE_SHA256_SIZE] * 31 + (uint8_t)file->text[i]);
    }
}

static bool give(struct house *house, const struct named *file, struct error *error)
{
    uint8_t digest[STORE_SHA256_SIZE];
    digest_of(file, digest);
    return store_ingest_keep(house->store, file->path, digest) ||
           store_ingest_file(house->store, file->path, digest,
                             (struct bytes){(const uint8_t *)file->text, file->size}, error);
}

static void begin(struct house *house, enum content_role role, int64_t sequence)
{
    struct error error = {.text = ""};
    struct store_accepted accepted = {
        .sequence = sequence, .valid_from = NOW - DAY, .valid_until = NOW + 30 * DAY, .accepted_at = NOW};
    memset(accepted.manifest_sha256, (int)sequence, sizeof accepted.manifest_sha256);
    bool begun = store_ingest_begin(house->store, role, &accepted, &error);
    assert_string_equal(error.text, "");
    assert_true(begun);
}

static void ingest(struct house *house, enum content_role role, int64_t sequence, const struct named *files,
                   size_t count)
{
    struct error error = {.text = ""};
    begin(house, role, sequence);
    for (size_t i = 0; i < count; i++) {
        bool given = give(house, &files[i], &error);
        assert_string_equal(error.text, "");
        assert_true(given);
    }
    bool committed = store_ingest_commit(house->store, &error);
    assert_string_equal(error.text, "");
    assert_true(committed);
}

static void ingest_all(struct house *house)
{
    ingest(house, CONTENT_COMMERCE, 1, commerce, 5);
    ingest(house, CONTENT_CREDIT, 1, credit, 2);
    ingest(house, CONTENT_COMMUNITY, 1, community, 3);
}

static const struct store_scope here = {.area = "630104", .utc_s = NOW};
static const struct store_slice all = {0, 0};

static int64_t sequence_of(struct house *house, enum content_role role)
{
    struct store_accepted accepted;
    assert_true(store_accepted(house->store, role, &accepted));
    return accepted.sequence;
}

/* The ids of a product answer as one text. */
static const char *ids_of(struct store_products *products, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < products->count; i++) {
        size_t length = strlen(text);
        snprintf(text + length, size - length, "%s%s", i > 0 ? " " : "", products->items[i].product.id);
    }
    store_products_destroy(products);
    return text;
}

static void an_empty_store_answers_nothing(void **state)
{
    struct house *house = *state;
    struct store_accepted accepted;
    struct store_categories none = store_categories(house->reader, &here);
    assert_int_equal(none.count, 0);
    store_categories_destroy(&none);
    assert_null(store_product(house->reader, &here, "yogurt"));
    assert_null(store_notice(house->reader, &here, "bad-coop"));
    assert_null(store_page(house->reader, &here, "prices"));
    assert_int_equal(sequence_of(house, CONTENT_COMMERCE), 0);
    assert_false(store_reader_accepted(house->reader, CONTENT_COMMERCE, &accepted));
}

/* The same products, in the same order, as store_products; each is found by its id. */
static void assert_shelf(struct store_reader *reader, const struct store_scope *scope, const char *category,
                         bool featured_only, const char *expected)
{
    char ids[200] = "";
    struct store_shelf shelf = store_shelf(reader, scope, category, featured_only);
    for (size_t i = 0; i < shelf.count; i++) {
        strcat(strcat(ids, i ? " " : ""), store_shelf_id(&shelf, i));
        struct store_product *product = store_product(reader, scope, store_shelf_id(&shelf, i));
        assert_non_null(product);
        store_product_destroy(product);
    }
    assert_string_equal(ids, expected);
    store_shelf_destroy(&shelf);
}

static void the_shelf_keeps_the_order(void **state)
{
    struct house *house = *state;
    struct store_scope elsewhere = {.area = "632222", .utc_s = NOW};
    assert_shelf(house->reader, &here, NULL, false, ""); /* nothing has come yet */
    ingest_all(house);
    assert_shelf(house->reader, &here, NULL, false, "yogurt butter local jerky");
    assert_shelf(house->reader, &here, "dairy", false, "yogurt butter local");
    assert_shelf(house->reader, &here, NULL, true, "yogurt jerky");
    assert_shelf(house->reader, &elsewhere, "dairy", false, "yogurt butter");
    assert_shelf(house->reader, &here, "nothing", false, "");
}

static void the_shop_is_found_again(void **state)
{
    struct house *house = *state;
    char ids[200];
    struct buffer bytes;
    ingest_all(house);
    struct store_categories found = store_categories(house->reader, &here);
    assert_int_equal(found.count, 3);
    assert_string_equal(found.items[0].category.id, "dairy");
    assert_int_equal(found.items[0].product_count, 3);
    assert_string_equal(found.items[1].category.id, "meat");
    assert_int_equal(found.items[2].product_count, 0);
    store_categories_destroy(&found);
    struct store_products products = store_products(house->reader, &here, NULL, false, all);
    assert_int_equal(products.total, 4);
    assert_string_equal(ids_of(&products, ids, sizeof ids), "yogurt butter local jerky");
    products = store_products(house->reader, &here, "dairy", false, (struct store_slice){1, 1});
    assert_int_equal(products.total, 3);
    assert_string_equal(ids_of(&products, ids, sizeof ids), "butter");
    products = store_products(house->reader, &here, NULL, true, all);
    assert_string_equal(ids_of(&products, ids, sizeof ids), "yogurt jerky");
    products = store_products_of_merchant(house->reader, &here, "lake", all);
    assert_string_equal(ids_of(&products, ids, sizeof ids), "butter local");
    products = store_products(house->reader, &here, "nothing", false, all);
    assert_int_equal(products.total, 0);
    assert_string_equal(ids_of(&products, ids, sizeof ids), "");
    struct store_product *product = store_product(house->reader, &here, "butter");
    assert_non_null(product);
    assert_int_equal(product->product.price_fen, 5800);
    assert_string_equal(product->product.category, "dairy");
    assert_string_equal(product->merchant.uscc, "92632321MA75000208");
    store_product_destroy(product);
    buffer_init(&bytes, 100);
    assert_true(store_picture(house->reader, CONTENT_COMMERCE, "pictures/a.jpg", &bytes));
    assert_int_equal(bytes.size, sizeof picture - 1);
    assert_memory_equal(bytes.data, picture, bytes.size);
    assert_false(store_picture(house->reader, CONTENT_COMMUNITY, "pictures/a.jpg", &bytes));
    buffer_finish(&bytes);
    buffer_init(&bytes, 4);
    assert_false(store_picture(house->reader, CONTENT_COMMERCE, "pictures/a.jpg", &bytes));
    buffer_finish(&bytes);
}

static void areas_are_kept_apart(void **state)
{
    struct house *house = *state;
    struct store_scope elsewhere = {.area = "632222", .utc_s = NOW}, nowhere = {.utc_s = NOW};
    char ids[200];
    ingest_all(house);
    struct store_products products = store_products(house->reader, &elsewhere, "dairy", false, all);
    assert_int_equal(products.total, 2);
    assert_string_equal(ids_of(&products, ids, sizeof ids), "yogurt butter");
    assert_null(store_product(house->reader, &nowhere, "local"));
    struct store_categories found = store_categories(house->reader, &elsewhere);
    assert_int_equal(found.items[0].product_count, 2);
    store_categories_destroy(&found);
    assert_null(store_page(house->reader, &elsewhere, "prices"));
    struct store_sections sections = store_sections(house->reader, &elsewhere);
    assert_int_equal(sections.items[0].page_count, 0);
    store_sections_destroy(&sections);
}

static void merchants_show_their_standing(void **state)
{
    struct house *house = *state;
    struct store_scope later = {.area = "6301", .utc_s = NOW + 8 * DAY}, timeless = {.area = "6301"};
    ingest_all(house);
    struct store_merchants found = store_merchants(house->reader, &here);
    assert_int_equal(found.count, 3);
    /* coop stands on both lists, by id and by code: dishonest outweighs. */
    assert_int_equal(found.items[0].standing, STORE_STANDING_DISHONEST);
    assert_string_equal(found.items[0].notice, "bad-coop");
    assert_int_equal(found.items[1].standing, STORE_STANDING_REPUTABLE);
    assert_string_equal(found.items[1].notice, "good-lake");
    assert_int_equal(found.items[1].product_count, 2);
    /* plain's notices ended today or were repaired. */
    assert_int_equal(found.items[2].standing, STORE_STANDING_NONE);
    assert_null(found.items[2].notice);
    store_merchants_destroy(&found);
    struct store_product *product = store_product(house->reader, &here, "yogurt");
    assert_int_equal(product->standing, STORE_STANDING_DISHONEST);
    store_product_destroy(product);
    product = store_product(house->reader, &later, "yogurt"); /* after 2026-12-01 */
    assert_int_equal(product->standing, STORE_STANDING_REPUTABLE);
    store_product_destroy(product);
    product = store_product(house->reader, &timeless, "yogurt");
    assert_int_equal(product->standing, STORE_STANDING_REPUTABLE);
    store_product_destroy(product);
}

static void only_notices_in_force_are_shown(void **state)
{
    struct house *house = *state;
    struct store_scope timeless = {.area = "6301"}, before = {.area = "6301", .utc_s = NOW - DAY};
    ingest_all(house);
    struct store_notices notices = store_notices(house->reader, &here, CONTENT_DISHONEST, all);
    assert_int_equal(notices.total, 2);
    assert_string_equal(notices.items[0].id, "bad-open");
    assert_string_equal(notices.items[1].id, "bad-coop");
    store_notices_destroy(&notices);
    notices = store_notices(house->reader, &before, CONTENT_DISHONEST, (struct store_slice){1, 1});
    assert_int_equal(notices.total, 3);
    assert_int_equal(notices.count, 1);
    assert_string_equal(notices.items[0].id, "bad-over");
    store_notices_destroy(&notices);
    notices = store_notices(house->reader, &timeless, CONTENT_DISHONEST, all);
    assert_int_equal(notices.total, 1); /* the one without an end */
    store_notices_destroy(&notices);
    notices = store_notices(house->reader, &here, CONTENT_REPUTABLE, all);
    assert_int_equal(notices.total, 2);
    store_notices_destroy(&notices);
    struct content_notice *notice = store_notice(house->reader, &here, "bad-coop");
    assert_non_null(notice);
    assert_int_equal(notice->state, CONTENT_UNDER_OBJECTION);
    assert_int_equal(notice->list, CONTENT_DISHONEST);
    store_notice_destroy(notice);
    assert_null(store_notice(house->reader, &here, "bad-over"));
    assert_null(store_notice(house->reader, &here, "bad-repaired"));
}

static void community_pages_are_found_again(void **state)
{
    struct house *house = *state;
    ingest_all(house);
    struct store_sections sections = store_sections(house->reader, &here);
    assert_int_equal(sections.count, 2);
    assert_string_equal(sections.items[0].section.id, "farming");
    assert_int_equal(sections.items[0].page_count, 1);
    store_sections_destroy(&sections);
    struct store_pages pages = store_pages(house->reader, &here, NULL, all);
    assert_int_equal(pages.total, 2);
    assert_string_equal(pages.items[0].id, "clinic");
    store_pages_destroy(&pages);
    pages = store_pages(house->reader, &here, "farming", all);
    assert_int_equal(pages.count, 1);
    store_pages_destroy(&pages);
    struct content_page *page = store_page(house->reader, &here, "prices");
    assert_non_null(page);
    assert_int_equal(page->body_count, 1);
    store_page_destroy(page);
}

static void content_ends_with_its_manifest(void **state)
{
    struct house *house = *state;
    struct store_scope late = {.area = "630104", .utc_s = NOW + 30 * DAY + 1};
    ingest_all(house);
    struct store_products products = store_products(house->reader, &late, NULL, false, all);
    assert_int_equal(products.count + products.total, 0);
    store_products_destroy(&products);
    struct store_categories found = store_categories(house->reader, &late);
    assert_int_equal(found.count, 0);
    store_categories_destroy(&found);
    assert_null(store_notice(house->reader, &late, "bad-open"));
    assert_null(store_page(house->reader, &late, "clinic"));
}

static void count_change(void *context, enum content_role role)
{
    ((unsigned *)context)[role]++;
}

static void a_role_is_replaced_whole(void **state)
{
    static const char moved[] =
        "{\"category\": \"meat\", \"products\": [" PRODUCT("yogurt", "coop", "3700", "") "]}";
    static const struct named next[] = {NAMED("commerce/categories.json", categories),
                                        NAMED("commerce/merchants.json", merchants),
                                        NAMED("commerce/catalogue/meat.json", moved)};
    struct house *house = *state;
    unsigned changes[CONTENT_ROLES] = {0};
    char ids[200];
    struct buffer bytes;
    ingest_all(house);
    store_on_change(house->store, count_change, changes);
    unsigned before = store_generation(house->store, CONTENT_COMMERCE);
    /* Readers see the old content up to the commit. yogurt moves from dairy.json, which goes, to meat.json.
     */
    begin(house, CONTENT_COMMERCE, 2);
    for (size_t i = 0; i < 3; i++) {
        assert_true(give(house, &next[i], NULL));
        struct store_products products = store_products(house->reader, &here, NULL, false, all);
        assert_string_equal(ids_of(&products, ids, sizeof ids), "yogurt butter local jerky");
    }
    assert_int_equal(store_generation(house->store, CONTENT_COMMERCE), before);
    assert_true(store_ingest_commit(house->store, NULL));
    assert_int_equal(store_generation(house->store, CONTENT_COMMERCE), before + 1);
    assert_int_equal(changes[CONTENT_COMMERCE], 1);
    assert_int_equal(changes[CONTENT_CREDIT], 0);
    assert_int_equal(sequence_of(house, CONTENT_COMMERCE), 2);
    struct store_products products = store_products(house->reader, &here, NULL, false, all);
    assert_int_equal(products.items[0].product.price_fen, 3700);
    assert_string_equal(products.items[0].product.category, "meat");
    assert_string_equal(ids_of(&products, ids, sizeof ids), "yogurt");
    buffer_init(&bytes, 100);
    assert_false(store_picture(house->reader, CONTENT_COMMERCE, "pictures/a.jpg", &bytes));
    buffer_finish(&bytes);
    /* The other roles are not touched. */
    struct content_page *page = store_page(house->reader, &here, "prices");
    assert_non_null(page);
    store_page_destroy(page);
}

static void unchanged_files_are_kept(void **state)
{
    struct house *house = *state;
    uint8_t digest[STORE_SHA256_SIZE];
    ingest_all(house);
    begin(house, CONTENT_COMMERCE, 2);
    for (size_t i = 0; i < 5; i++) {
        digest_of(&commerce[i], digest);
        assert_true(store_ingest_keep(house->store, commerce[i].path, digest));
        digest[0] ^= 1;
        assert_false(store_ingest_keep(house->store, commerce[i].path, digest));
    }
    digest_of(&credit[0], digest);
    assert_false(store_ingest_keep(house->store, credit[0].path, digest)); /* another role's */
    assert_true(store_ingest_commit(house->store, NULL));
    struct store_product *product = store_product(house->reader, &here, "jerky");
    assert_non_null(product);
    store_product_destroy(product);
    assert_int_equal(sequence_of(house, CONTENT_COMMERCE), 2);
}

static void assert_old_content(struct house *house)
{
    char ids[200];
    struct store_products products = store_products(house->reader, &here, NULL, false, all);
    assert_string_equal(ids_of(&products, ids, sizeof ids), "yogurt butter local jerky");
    assert_int_equal(sequence_of(house, CONTENT_COMMERCE), 1);
}

static void a_bad_set_changes_nothing(void **state)
{
    static const char twin[] =
        "{\"category\": \"meat\", \"products\": [" PRODUCT("butter", "coop", "1", "") "]}";
    static const struct {
        struct named file;
        const char *message;
    } bad[] = {
        {NAMED("commerce/catalogue/meat.json", "{\"category\": 7}"),
         "commerce/catalogue/meat.json: category: expected"},
        {NAMED("commerce/catalogue/meat.json", "\x01"), "commerce/catalogue/meat.json: line 1"},
        {NAMED("credit/reputable.json", reputable),
         "credit/reputable.json: does not lie in the directory of commerce"},
        {NAMED("commerce/../credit/reputable.json", reputable), NULL},
        {NAMED("commerce/catalogue/twin.json", twin),
         "commerce: the product id \"butter\" stands more than once"},
    };
    struct house *house = *state;
    ingest_all(house);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error error = {.text = ""};
        begin(house, CONTENT_COMMERCE, 2);
        bool done = true;
        for (size_t file = 0; file < 4; file++) {
            done = done && give(house, &commerce[file], &error);
        }
        done = done && give(house, &bad[i].file, &error);
        if (bad[i].message == NULL) { /* passed over, as what no box knows */
            assert_true(done);
            store_ingest_abort(house->store);
            assert_old_content(house);
            continue;
        }
        if (done) {
            assert_false(store_ingest_commit(house->store, &error));
        }
        if (strncmp(error.text, bad[i].message, strlen(bad[i].message)) != 0) {
            fail_msg("expected \"%s\", found \"%s\"", bad[i].message, error.text);
        }
        /* What failed cannot be committed in spite of it. */
        assert_false(store_ingest_commit(house->store, &error));
        assert_old_content(house);
    }
    begin(house, CONTENT_COMMERCE, 2);
    assert_true(give(house, &commerce[0], NULL));
    store_ingest_abort(house->store);
    assert_old_content(house);
}

static void a_kill_in_the_middle_leaves_the_old(void **state)
{
    struct house *house = *state;
    int status;
    ingest_all(house);
    for (int files = 0; files < 3; files++) {
        close_house(house);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            static const char other[] = "{\"category\": \"dairy\", \"products\": []}";
            static const struct named replaced = NAMED("commerce/catalogue/dairy.json", other);
            struct store *store = store_open(house->path, NULL);
            struct house own = {.store = store};
            struct store_accepted accepted = {.sequence = 2, .valid_until = NOW};
            bool done = store != NULL && store_ingest_begin(store, CONTENT_COMMERCE, &accepted, NULL);
            if (files > 0) {
                done = done && give(&own, &replaced, NULL);
            }
            if (files > 1) { /* so much that it must leave the cache for the file before the commit */
                uint8_t digest[STORE_SHA256_SIZE] = {1};
                uint8_t *large = calloc(1, CONTENT_PICTURE_SIZE_MAXIMUM);
                for (int i = 0; done && i < 8; i++) {
                    char path[64];
                    snprintf(path, sizeof path, "commerce/pictures/%d.jpg", i);
                    done = large != NULL &&
                           store_ingest_file(store, path, digest,
                                             (struct bytes){large, CONTENT_PICTURE_SIZE_MAXIMUM}, NULL);
                }
            }
            _exit(done ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        open_house(house);
        assert_old_content(house);
    }
}

static void a_full_disk_leaves_the_old(void **state)
{
    struct house *house = *state;
    struct error error = {.text = ""};
    struct stat status;
    ingest_all(house);
    assert_int_equal(stat(house->path, &status), 0);
    store_set_size_maximum(house->store, 256 * 1024);
    uint8_t *large = calloc(1, CONTENT_PICTURE_SIZE_MAXIMUM);
    static const uint8_t digest[STORE_SHA256_SIZE] = {9};
    assert_non_null(large);
    begin(house, CONTENT_COMMERCE, 2);
    assert_true(give(house, &commerce[0], &error));
    assert_false(store_ingest_file(house->store, "commerce/pictures/b.jpg", digest,
                                   (struct bytes){large, CONTENT_PICTURE_SIZE_MAXIMUM}, &error));
    assert_non_null(strstr(error.text, "full"));
    assert_false(store_ingest_commit(house->store, &error));
    assert_old_content(house);
    /* With room again it goes on. */
    store_set_size_maximum(house->store, 64 * 1024 * 1024);
    begin(house, CONTENT_COMMERCE, 2);
    assert_true(give(house, &commerce[0], &error));
    assert_true(store_ingest_file(house->store, "commerce/pictures/b.jpg", digest,
                                  (struct bytes){large, CONTENT_PICTURE_SIZE_MAXIMUM}, &error));
    assert_true(store_ingest_commit(house->store, &error));
    begin(house, CONTENT_COMMERCE, 3);
    assert_false(store_ingest_file(house->store, "commerce/pictures/c.jpg", digest,
                                   (struct bytes){large, CONTENT_PICTURE_SIZE_MAXIMUM + 1}, &error));
    store_ingest_abort(house->store);
    free(large);
}

static void write_text(const char *path, const void *data, size_t size)
{
    struct error error = {.text = ""};
    bool written = file_write(path, data, size, &error);
    assert_string_equal(error.text, "");
    assert_true(written);
}

static unsigned files_like(const struct house *house, const char *beginning)
{
    unsigned count = 0;
    DIR *folder = opendir(house->folder);
    const struct dirent *entry;
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        size_t length = strlen(entry->d_name);
        bool is_journal = length > 4 && (strcmp(entry->d_name + length - 4, "-wal") == 0 ||
                                         strcmp(entry->d_name + length - 4, "-shm") == 0);
        count += strncmp(entry->d_name, beginning, strlen(beginning)) == 0 && !is_journal ? 1 : 0;
    }
    closedir(folder);
    return count;
}

static void run_raw(const char *path, const char *sql)
{
    sqlite3 *raw = NULL;
    assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(raw);
}

/* Overwrites the middle of every page but the first, which leaves the file a database in name. */
static void spoil_pages(const char *path)
{
    struct stat status;
    uint8_t noise[512];
    memset(noise, 0xa5, sizeof noise);
    int file = open(path, O_WRONLY);
    assert_true(file >= 0);
    assert_int_equal(fstat(file, &status), 0);
    assert_true(status.st_size > 4096);
    for (off_t at = 4096; at < status.st_size; at += 4096) {
        assert_int_equal(pwrite(file, noise, sizeof noise, at), sizeof noise);
    }
    close(file);
}

static void swallow(void *context, enum log_level level, const char *module, const char *text)
{
    (void)module, (void)text;
    ((unsigned *)context)[level]++;
}

static void a_damaged_store_begins_anew(void **state)
{
    struct house *house = *state;
    for (int damage = 0; damage < 5; damage++) {
        unsigned lines[4] = {0};
        ingest_all(house);
        close_house(house);
        switch (damage) {
        case 0:
            write_text(house->path,
                       "this is no database, and long enough to be taken for one at first sight......"
                       "................................................................................",
                       150);
            break;
        case 1:
            spoil_pages(house->path);
            break;
        case 2:
            assert_int_equal(truncate(house->path, 5000), 0);
            break;
        case 3:
            run_raw(house->path, "UPDATE schema_version SET version = 99");
            break;
        case 4: /* another program's */
            assert_int_equal(unlink(house->path), 0);
            run_raw(house->path, "CREATE TABLE stranger (a); INSERT INTO stranger VALUES (1)");
            break;
        }
        log_set_sink(swallow, lines);
        open_house(house);
        log_set_sink(NULL, NULL);
        assert_int_equal(lines[LOG_LEVEL_WARNING], 1);
        assert_int_equal(files_like(house, "content.db.damaged"), 1);
        assert_int_equal(sequence_of(house, CONTENT_COMMERCE), 0);
    }
    ingest_all(house);
    assert_old_content(house);
}

static void a_store_without_rights_is_not_called_damaged(void **state)
{
    struct house *house = *state;
    struct error error = {.text = ""};
    char path[128];
    snprintf(path, sizeof path, "%s/nowhere/content.db", house->folder);
    assert_null(store_open(path, &error));
    assert_non_null(strstr(error.text, "nowhere/content.db: cannot open the database"));
    assert_null(store_open(house->folder, &error)); /* a folder */
    assert_non_null(strstr(error.text, "cannot open the database"));
    struct stat status;
    assert_int_equal(stat(house->folder, &status), 0);
    assert_true(S_ISDIR(status.st_mode));
    assert_int_equal(files_like(house, "content.db"), 1);
}

static void settings_stay(void **state)
{
    struct house *house = *state;
    struct error error = {.text = ""};
    char path[96], value[64], long_value[SETTINGS_VALUE_MAXIMUM + 2];
    snprintf(path, sizeof path, "%s/household.db", house->folder);
    struct settings *settings = settings_open(path, &error);
    assert_non_null(settings);
    assert_false(settings_get(settings, "language", "zh", value, sizeof value));
    assert_string_equal(value, "zh");
    assert_false(settings_get(settings, "language", NULL, value, sizeof value));
    assert_string_equal(value, "");
    assert_true(settings_set(settings, "language", "bo", &error));
    assert_true(settings_set(settings, "area", "630104", &error));
    assert_true(settings_set(settings, "address", "青海湖边三号", &error));
    assert_true(settings_set(settings, "area", "632222", &error));
    assert_true(settings_set(settings, "language", NULL, &error));
    assert_true(settings_set(settings, "never", NULL, &error));
    settings_close(settings);
    settings = settings_open(path, &error);
    assert_false(settings_get(settings, "language", "zh", value, sizeof value));
    assert_true(settings_get(settings, "area", NULL, value, sizeof value));
    assert_string_equal(value, "632222");
    assert_true(settings_get(settings, "address", NULL, value, 8)); /* cut between characters */
    assert_string_equal(value, "青海");
    memset(long_value, 'a', sizeof long_value);
    long_value[sizeof long_value - 1] = '\0';
    assert_false(settings_set(settings, "area", long_value, &error));
    assert_false(settings_set(settings, long_value, "x", &error));
    assert_false(settings_set(settings, "", "x", &error));
    for (int i = 0; i < SETTINGS_COUNT_MAXIMUM - 2; i++) {
        snprintf(value, sizeof value, "n%d", i);
        assert_true(settings_set(settings, value, "1", &error));
    }
    assert_false(settings_set(settings, "one-too-many", "1", &error));
    assert_true(settings_set(settings, "area", "63", &error));
    assert_true(settings_get(settings, "area", NULL, value, sizeof value));
    assert_string_equal(value, "63");
    settings_close(settings);
}

static void a_failed_set_keeps_the_old_value(void **state)
{
    struct house *house = *state;
    struct error error = {.text = ""};
    char path[96], value[64];
    unsigned lines[4] = {0};
    snprintf(path, sizeof path, "%s/household.db", house->folder);
    struct settings *settings = settings_open(path, &error);
    assert_true(settings_set(settings, "area", "63", &error));
    run_raw(path, "CREATE TRIGGER refuse BEFORE UPDATE ON setting BEGIN SELECT RAISE(ABORT, 'no'); END");
    log_set_sink(swallow, lines);
    assert_false(settings_set(settings, "area", "62", &error));
    log_set_sink(NULL, NULL);
    assert_string_equal(error.text, "database: no");
    settings_get(settings, "area", NULL, value, sizeof value);
    assert_string_equal(value, "63");
    settings_close(settings);
}

static void damaged_settings_are_never_lost(void **state)
{
    struct house *house = *state;
    struct error error = {.text = ""};
    char path[96], value[64];
    snprintf(path, sizeof path, "%s/household.db", house->folder);
    for (unsigned round = 1; round <= 3; round++) {
        unsigned lines[4] = {0};
        struct settings *settings = settings_open(path, &error);
        assert_true(settings_set(settings, "area", "63", &error));
        settings_close(settings);
        spoil_pages(path);
        log_set_sink(swallow, lines);
        settings = settings_open(path, &error);
        log_set_sink(NULL, NULL);
        assert_non_null(settings);
        assert_int_equal(lines[LOG_LEVEL_ERROR], 1);
        assert_int_equal(files_like(house, "household.db.damaged-"), round); /* each kept */
        assert_false(settings_get(settings, "area", NULL, value, sizeof value));
        settings_close(settings);
    }
    /* A sound file of a later program is left as it is. */
    run_raw(path, "UPDATE schema_version SET version = 2");
    assert_null(settings_open(path, &error));
    assert_non_null(strstr(error.text, "later version"));
    assert_int_equal(files_like(house, "household.db.damaged-"), 3);
}

static void schemas_share_a_file_and_grow(void **state)
{
    static const char *const steps[] = {"CREATE TABLE a (x); INSERT INTO a VALUES (1);",
                                        "ALTER TABLE a ADD COLUMN y DEFAULT 7;",
                                        "UPDATE a SET nonsense = 1;"};
    static const struct database_schema one = {"a_room", 1, steps}, two = {"a_room", 2, steps},
                                        broken = {"a_room", 3, steps};
    struct house *house = *state;
    struct error error = {.text = ""};
    char path[96], value[8];
    snprintf(path, sizeof path, "%s/household.db", house->folder);
    struct settings *settings = settings_open(path, &error);
    struct database *database = database_open(path, &one, DATABASE_KEEP, DATABASE_FULL, &error);
    assert_non_null(database);
    database_close(database);
    database = database_open(path, &two, DATABASE_KEEP, DATABASE_FULL, &error);
    assert_non_null(database);
    sqlite3_stmt *statement = database_prepare(database, "SELECT x, y FROM a");
    assert_ptr_equal(statement, database_prepare(database, "SELECT x, y FROM a"));
    bool failed;
    assert_true(database_step(database, statement, &failed));
    assert_int_equal(sqlite3_column_int(statement, 1), 7);
    assert_false(database_step(database, statement, &failed));
    assert_false(failed);
    database_close(database);
    /* A step that fails leaves the file at the version before, whole. */
    assert_null(database_open(path, &broken, DATABASE_KEEP, DATABASE_FULL, &error));
    assert_non_null(strstr(error.text, "nonsense"));
    assert_int_equal(files_like(house, "household.db.damaged-"), 0);
    database = database_open(path, &two, DATABASE_REFUSE, DATABASE_FULL, &error);
    assert_non_null(database);
    assert_true(settings_set(settings, "area", "63", &error)); /* beside it */
    assert_true(settings_get(settings, "area", NULL, value, sizeof value));
    database_close(database);
    settings_close(settings);
    spoil_pages(path);
    assert_null(database_open(path, &two, DATABASE_REFUSE, DATABASE_FULL, &error));
    assert_int_equal(files_like(house, "household.db.damaged-"), 0);
}

/* A reader on its own thread, while the writer replaces the shop again and again: always one version, whole.
 */
struct watch {
    struct store *store;
    _Atomic bool stop;
    _Atomic unsigned answers, mixed;
};

static void *watch_prices(void *context)
{
    struct watch *watch = context;
    struct store_reader *reader = store_reader_create(watch->store, NULL);
    while (reader != NULL && !watch->stop) {
        struct store_products products = store_products(reader, &here, NULL, false, all);
        bool whole = products.count == products.total && products.count == 2 &&
                     products.items[0].product.price_fen == products.items[1].product.price_fen;
        watch->mixed += whole ? 0 : 1;
        watch->answers++;
        store_products_destroy(&products);
    }
    store_reader_destroy(reader);
    return NULL;
}

static void ingest_price(struct house *house, int price)
{
    char texts[2][1024];
    struct named files[4] = {NAMED("commerce/categories.json", categories),
                             NAMED("commerce/merchants.json", merchants)};
    for (int i = 0; i < 2; i++) {
        const char *category = i == 0 ? "dairy" : "meat";
        int size = snprintf(texts[i], sizeof texts[i],
                            "{\"category\": \"%s\", \"products\": [" PRODUCT("p%d", "coop", "%d", "") "]}",
                            category, i, i, price);
        assert_true(size > 0 && size < (int)sizeof texts[i]);
        files[2 + i] =
            (struct named){i == 0 ? "commerce/catalogue/dairy.json" : "commerce/catalogue/meat.json",
                           texts[i], (size_t)size};
    }
    ingest(house, CONTENT_COMMERCE, price, files, 4);
}

static void readers_never_see_a_mixture(void **state)
{
    struct house *house = *state;
    struct watch watch = {.store = house->store};
    pthread_t thread;
    ingest_price(house, 1);
    assert_int_equal(pthread_create(&thread, NULL, watch_prices, &watch), 0);
    for (int price = 2; price < 60 || (watch.answers < 50 && price < 20000); price++) {
        ingest_price(house, price);
    }
    watch.stop = true;
    pthread_join(thread, NULL);
    assert_true(watch.answers >= 50);
    assert_int_equal(watch.mixed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        HOUSE_TEST(an_empty_store_answers_nothing),
        HOUSE_TEST(the_shelf_keeps_the_order),
        HOUSE_TEST(the_shop_is_found_again),
        HOUSE_TEST(areas_are_kept_apart),
        HOUSE_TEST(merchants_show_their_standing),
        HOUSE_TEST(only_notices_in_force_are_shown),
        HOUSE_TEST(community_pages_are_found_again),
        HOUSE_TEST(content_ends_with_its_manifest),
        HOUSE_TEST(a_role_is_replaced_whole),
        HOUSE_TEST(unchanged_files_are_kept),
        HOUSE_TEST(a_bad_set_changes_nothing),
        HOUSE_TEST(a_kill_in_the_middle_leaves_the_old),
        HOUSE_TEST(a_full_disk_leaves_the_old),
        HOUSE_TEST(a_damaged_store_begins_anew),
        HOUSE_TEST(a_store_without_rights_is_not_called_damaged),
        HOUSE_TEST(settings_stay),
        HOUSE_TEST(a_failed_set_keeps_the_old_value),
        HOUSE_TEST(damaged_settings_are_never_lost),
        HOUSE_TEST(schemas_share_a_file_and_grow),
        HOUSE_TEST(readers_never_see_a_mixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
