/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#include "base/log.h"
#include "content/area.h"
#include "store/parts.h"
#include <stdlib.h>
#include <string.h>

struct store_reader {
    struct database *database;
};

/* SQL function box_sees(areas, own): whether content for "63 6301" is for a box in own. */
static void box_sees(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *areas = (const char *)sqlite3_value_text(values[0]),
               *own = (const char *)sqlite3_value_text(values[1]);
    bool seen = areas != NULL && areas[0] == '\0';
    (void)count;
    while (!seen && areas != NULL && areas[0] != '\0') {
        char code[CONTENT_AREA_MAXIMUM + 1];
        size_t length = strcspn(areas, " ");
        if (length < sizeof code) {
            const char *one = code;
            memcpy(code, areas, length);
            code[length] = '\0';
            seen = content_area_matches(&one, 1, own);
        }
        areas += length + (areas[length] == ' ' ? 1 : 0);
    }
    sqlite3_result_int(context, seen ? 1 : 0);
}

struct store_reader *store_reader_create(struct store *store, struct error *error)
{
    struct store_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        error_set(error, "%s: out of memory", store_path(store));
        return NULL;
    }
    reader->database = database_open_reader(store_path(store), error);
    if (reader->database != NULL &&
        sqlite3_create_function(database_handle(reader->database), "box_sees", 2,
                                SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, box_sees, NULL,
                                NULL) == SQLITE_OK) {
        return reader;
    }
    if (reader->database != NULL) {
        error_set(error, "%s: %s", store_path(store), sqlite3_errmsg(database_handle(reader->database)));
    }
    store_reader_destroy(reader);
    return NULL;
}

void store_reader_destroy(struct store_reader *reader)
{
    if (reader != NULL) {
        database_close(reader->database);
        free(reader);
    }
}

/* One answer sees one state of the store, however many statements it takes. */
static bool begin(struct store_reader *reader)
{
    struct error error = {.text = ""};
    if (!database_execute(reader->database, "BEGIN", &error)) {
        log_warning("content.db: %s", error.text);
        return false;
    }
    return true;
}

static void end(struct store_reader *reader)
{
    database_rollback(reader->database);
}

static bool role_stands(struct store_reader *reader, enum content_role role, const struct store_scope *scope)
{
    struct store_accepted accepted;
    if (!store_read_accepted(reader->database, role, &accepted) || accepted.sequence == 0) {
        return false;
    }
    return scope->utc_s <= 0 || scope->utc_s <= accepted.valid_until;
}

bool store_reader_accepted(struct store_reader *reader, enum content_role role,
                           struct store_accepted *accepted)
{
    return store_read_accepted(reader->database, role, accepted) && accepted->sequence > 0;
}

/* Today in China as text, empty while the time is unknown. */
static struct content_date today(const struct store_scope *scope)
{
    return scope->utc_s > 0 ? content_date_china(scope->utc_s) : (struct content_date){.text = ""};
}

/* An answer that grows row by row. */
struct rows {
    void *items;
    size_t count, capacity, size;
};

/* Room for one more, zeroed; NULL without memory. It counts once rows->count is raised. */
static void *next_row(struct rows *rows)
{
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity > 0 ? 2 * rows->capacity : 16;
        void *items = reallocarray(rows->items, capacity, rows->size);
        if (items == NULL) {
            log_warning("out of memory; an answer is cut at %zu rows", rows->count);
            return NULL;
        }
        rows->items = items;
        rows->capacity = capacity;
    }
    void *row = (char *)rows->items + rows->count * rows->size;
    memset(row, 0, rows->size);
    return row;
}

static json_t *load_column(sqlite3_stmt *statement, int column)
{
    const char *text = database_column_text(statement, column);
    return text[0] != '\0' ? json_loads(text, 0, NULL) : NULL;
}

/* Fills *thing from the JSON in a column; on failure it is finished and empty. */
#define READ_THING(NAME)                                                                                     \
    static bool read_##NAME(sqlite3_stmt *statement, int column, struct content_##NAME *thing)               \
    {                                                                                                        \
        struct content_json reader;                                                                          \
        json_t *json = load_column(statement, column);                                                       \
        content_json_init(&reader, "content.db", NULL, NULL);                                                \
        bool done = content_##NAME##_from_json(&reader, json, thing);                                        \
        json_decref(json);                                                                                   \
        if (!done) {                                                                                         \
            log_warning("a %s cannot be read: %s", #NAME, reader.first.text);                                \
            content_##NAME##_finish(thing);                                                                  \
        }                                                                                                    \
        return done;                                                                                         \
    }
READ_THING(category)
READ_THING(merchant)
READ_THING(product)
READ_THING(notice)
READ_THING(section)
READ_THING(page)

static void bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    if (statement != NULL && text != NULL) {
        sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
    }
}

static void bind_slice(sqlite3_stmt *statement, int index, struct store_slice slice)
{
    size_t limit = slice.limit == 0 || slice.limit > STORE_ROWS_MAXIMUM ? STORE_ROWS_MAXIMUM : slice.limit;
    if (statement != NULL) {
        sqlite3_bind_int64(statement, index, (sqlite3_int64)limit);
        sqlite3_bind_int64(statement, index + 1,
                           (sqlite3_int64)(slice.offset <= INT32_MAX ? slice.offset : INT32_MAX));
    }
}

/* The number that a prepared and bound statement gives. */
static size_t read_count(struct store_reader *reader, sqlite3_stmt *statement)
{
    size_t count = 0;
    if (database_step(reader->database, statement, NULL)) {
        count = (size_t)sqlite3_column_int64(statement, 0);
        database_reset(statement);
    }
    return count;
}

struct store_categories store_categories(struct store_reader *reader, const struct store_scope *scope)
{
    struct rows rows = {.size = sizeof(struct store_category)};
    struct store_category *row;
    if (!begin(reader)) {
        return (struct store_categories){0};
    }
    if (role_stands(reader, CONTENT_COMMERCE, scope)) {
        sqlite3_stmt *statement = database_prepare(
            reader->database,
            "SELECT json, (SELECT count(*) FROM product WHERE product.category = category.id "
            "AND box_sees(product.areas, ?1)) FROM category ORDER BY position, id LIMIT 2000");
        bind_text(statement, 1, scope->area);
        while (database_step(reader->database, statement, NULL)) {
            if ((row = next_row(&rows)) == NULL) {
                database_reset(statement);
                break;
            }
            if (read_category(statement, 0, &row->category)) {
                row->product_count = (size_t)sqlite3_column_int64(statement, 1);
                rows.count++;
            }
        }
    }
    end(reader);
    return (struct store_categories){.items = rows.items, .count = rows.count};
}

void store_categories_destroy(struct store_categories *categories)
{
    for (size_t i = 0; i < categories->count; i++) {
        content_category_finish(&categories->items[i].category);
    }
    free(categories->items);
    *categories = (struct store_categories){0};
}

/* What an answer needs about credit lists, looked up once. */
struct credit {
    bool stands;
    struct content_date today;
};

static struct credit credit_now(struct store_reader *reader, const struct store_scope *scope)
{
    return (struct credit){.stands = role_stands(reader, CONTENT_CREDIT, scope), .today = today(scope)};
}

#define IN_FORCE "state IN (0, 1) AND (max_until = '' OR (?1 <> '' AND ?1 < max_until))"
_Static_assert(CONTENT_PUBLISHED == 0 && CONTENT_UNDER_OBJECTION == 1, "as in IN_FORCE");
_Static_assert(CONTENT_DISHONEST > CONTENT_REPUTABLE, "as in the order of find_standing");

static enum store_standing find_standing(struct store_reader *reader, const struct credit *credit,
                                         const char *merchant, const char *uscc, char **notice)
{
    enum store_standing standing = STORE_STANDING_NONE;
    *notice = NULL;
    if (!credit->stands) {
        return standing;
    }
    sqlite3_stmt *statement = database_prepare(
        reader->database, "SELECT list, id FROM notice WHERE (merchant = ?2 OR uscc = ?3) AND " IN_FORCE
                          " ORDER BY list DESC, listed_on DESC, id LIMIT 1");
    bind_text(statement, 1, credit->today.text);
    bind_text(statement, 2, merchant);
    bind_text(statement, 3, uscc);
    if (database_step(reader->database, statement, NULL)) {
        standing = sqlite3_column_int(statement, 0) == CONTENT_DISHONEST ? STORE_STANDING_DISHONEST
                                                                         : STORE_STANDING_REPUTABLE;
        *notice = database_column_copy(statement, 1);
        database_reset(statement);
    }
    return standing;
}

static void finish_product(struct store_product *row)
{
    content_product_finish(&row->product);
    content_merchant_finish(&row->merchant);
    free(row->notice);
    *row = (struct store_product){0};
}

/* Columns: the product's JSON, its merchant's or NULL. */
static bool read_product_row(struct store_reader *reader, const struct credit *credit,
                             sqlite3_stmt *statement, struct store_product *row)
{
    if (!read_product(statement, 0, &row->product)) {
        return false;
    }
    if (sqlite3_column_type(statement, 1) != SQLITE_NULL) {
        read_merchant(statement, 1, &row->merchant);
    }
    row->standing = find_standing(reader, credit, row->product.merchant, row->merchant.uscc, &row->notice);
    return true;
}

#define PRODUCT_CONDITION                                                                                    \
    "(?1 IS NULL OR product.category = ?1) AND (?2 IS NULL OR product.merchant = ?2) AND (?3 = 0 OR "        \
    "product.featured) "                                                                                     \
    "AND box_sees(product.areas, ?4)"

static sqlite3_stmt *bind_products(struct store_reader *reader, const char *sql,
                                   const struct store_scope *scope, const char *category,
                                   const char *merchant, bool featured_only)
{
    sqlite3_stmt *statement = database_prepare(reader->database, sql);
    bind_text(statement, 1, category);
    bind_text(statement, 2, merchant);
    if (statement != NULL) {
        sqlite3_bind_int(statement, 3, featured_only ? 1 : 0);
    }
    bind_text(statement, 4, scope->area);
    return statement;
}

static struct store_products list_products(struct store_reader *reader, const struct store_scope *scope,
                                           const char *category, const char *merchant, bool featured_only,
                                           struct store_slice slice)
{
    struct rows rows = {.size = sizeof(struct store_product)};
    struct store_product *row;
    size_t total = 0;
    if (!begin(reader)) {
        return (struct store_products){0};
    }
    if (role_stands(reader, CONTENT_COMMERCE, scope)) {
        struct credit credit = credit_now(reader, scope);
        total =
            read_count(reader, bind_products(reader, "SELECT count(*) FROM product WHERE " PRODUCT_CONDITION,
                                             scope, category, merchant, featured_only));
        sqlite3_stmt *statement = bind_products(
            reader,
            "SELECT product.json, merchant.json FROM product JOIN file ON file.id = product.file "
            "LEFT JOIN merchant ON merchant.id = product.merchant "
            "LEFT JOIN category ON category.id = product.category WHERE " PRODUCT_CONDITION
            " ORDER BY category.position, product.category, file.path, product.position LIMIT ?5 OFFSET ?6",
            scope, category, merchant, featured_only);
        bind_slice(statement, 5, slice);
        while (database_step(reader->database, statement, NULL)) {
            if ((row = next_row(&rows)) == NULL) {
                database_reset(statement);
                break;
            }
            rows.count += read_product_row(reader, &credit, statement, row) ? 1 : 0;
        }
    }
    end(reader);
    return (struct store_products){.items = rows.items, .count = rows.count, .total = total};
}

struct store_products store_products(struct store_reader *reader, const struct store_scope *scope,
                                     const char *category, bool featured_only, struct store_slice slice)
{
    return list_products(reader, scope, category, NULL, featured_only, slice);
}

struct store_products store_products_of_merchant(struct store_reader *reader, const struct store_scope *scope,
                                                 const char *merchant, struct store_slice slice)
{
    return list_products(reader, scope, NULL, merchant, false, slice);
}

void store_products_destroy(struct store_products *products)
{
    for (size_t i = 0; i < products->count; i++) {
        finish_product(&products->items[i]);
    }
    free(products->items);
    *products = (struct store_products){0};
}

struct store_product *store_product(struct store_reader *reader, const struct store_scope *scope,
                                    const char *id)
{
    struct store_product *row = NULL;
    if (!begin(reader)) {
        return NULL;
    }
    if (role_stands(reader, CONTENT_COMMERCE, scope)) {
        struct credit credit = credit_now(reader, scope);
        sqlite3_stmt *statement =
            database_prepare(reader->database, "SELECT product.json, merchant.json FROM product "
                                               "LEFT JOIN merchant ON merchant.id = product.merchant "
                                               "WHERE product.id = ?1 AND box_sees(product.areas, ?2)");
        bind_text(statement, 1, id);
        bind_text(statement, 2, scope->area);
        if (database_step(reader->database, statement, NULL)) {
            row = calloc(1, sizeof *row);
            if (row != NULL && !read_product_row(reader, &credit, statement, row)) {
                store_product_destroy(row);
                row = NULL;
            }
            database_reset(statement);
        }
    }
    end(reader);
    return row;
}

void store_product_destroy(struct store_product *product)
{
    if (product != NULL) {
        finish_product(product);
        free(product);
    }
}

struct store_merchants store_merchants(struct store_reader *reader, const struct store_scope *scope)
{
    struct rows rows = {.size = sizeof(struct store_merchant)};
    struct store_merchant *row;
    if (!begin(reader)) {
        return (struct store_merchants){0};
    }
    if (role_stands(reader, CONTENT_COMMERCE, scope)) {
        struct credit credit = credit_now(reader, scope);
        sqlite3_stmt *statement = database_prepare(
            reader->database,
            "SELECT json, (SELECT count(*) FROM product WHERE product.merchant = merchant.id "
            "AND box_sees(product.areas, ?1)) FROM merchant ORDER BY position, id LIMIT 2000");
        bind_text(statement, 1, scope->area);
        while (database_step(reader->database, statement, NULL)) {
            if ((row = next_row(&rows)) == NULL) {
                database_reset(statement);
                break;
            }
            if (read_merchant(statement, 0, &row->merchant)) {
                row->product_count = (size_t)sqlite3_column_int64(statement, 1);
                row->standing =
                    find_standing(reader, &credit, row->merchant.id, row->merchant.uscc, &row->notice);
                rows.count++;
            }
        }
    }
    end(reader);
    return (struct store_merchants){.items = rows.items, .count = rows.count};
}

void store_merchants_destroy(struct store_merchants *merchants)
{
    for (size_t i = 0; i < merchants->count; i++) {
        content_merchant_finish(&merchants->items[i].merchant);
        free(merchants->items[i].notice);
    }
    free(merchants->items);
    *merchants = (struct store_merchants){0};
}

struct store_notices store_notices(struct store_reader *reader, const struct store_scope *scope,
                                   enum content_list list, struct store_slice slice)
{
    struct rows rows = {.size = sizeof(struct content_notice)};
    struct content_notice *row;
    struct content_date day = today(scope);
    size_t total = 0;
    if (!begin(reader)) {
        return (struct store_notices){0};
    }
    if (role_stands(reader, CONTENT_CREDIT, scope)) {
        sqlite3_stmt *statement =
            database_prepare(reader->database, "SELECT count(*) FROM notice WHERE list = ?2 AND " IN_FORCE);
        bind_text(statement, 1, day.text);
        sqlite3_bind_int(statement, 2, (int)list);
        total = read_count(reader, statement);
        statement =
            database_prepare(reader->database, "SELECT json FROM notice WHERE list = ?2 AND " IN_FORCE
                                               " ORDER BY listed_on DESC, position, id LIMIT ?3 OFFSET ?4");
        bind_text(statement, 1, day.text);
        sqlite3_bind_int(statement, 2, (int)list);
        bind_slice(statement, 3, slice);
        while (database_step(reader->database, statement, NULL)) {
            if ((row = next_row(&rows)) == NULL) {
                database_reset(statement);
                break;
            }
            rows.count += read_notice(statement, 0, row) ? 1 : 0;
        }
    }
    end(reader);
    return (struct store_notices){.items = rows.items, .count = rows.count, .total = total};
}

void store_notices_destroy(struct store_notices *notices)
{
    for (size_t i = 0; i < notices->count; i++) {
        content_notice_finish(&notices->items[i]);
    }
    free(notices->items);
    *notices = (struct store_notices){0};
}

struct content_notice *store_notice(struct store_reader *reader, const struct store_scope *scope,
                                    const char *id)
{
    struct content_notice *notice = NULL;
    struct content_date day = today(scope);
    if (!begin(reader)) {
        return NULL;
    }
    if (role_stands(reader, CONTENT_CREDIT, scope)) {
        sqlite3_stmt *statement =
            database_prepare(reader->database, "SELECT json FROM notice WHERE id = ?2 AND " IN_FORCE);
        bind_text(statement, 1, day.text);
        bind_text(statement, 2, id);
        if (database_step(reader->database, statement, NULL)) {
            notice = calloc(1, sizeof *notice);
            if (notice != NULL && !read_notice(statement, 0, notice)) {
                free(notice);
                notice = NULL;
            }
            database_reset(statement);
        }
    }
    end(reader);
    return notice;
}

void store_notice_destroy(struct content_notice *notice)
{
    if (notice != NULL) {
        content_notice_finish(notice);
        free(notice);
    }
}

struct store_sections store_sections(struct store_reader *reader, const struct store_scope *scope)
{
    struct rows rows = {.size = sizeof(struct store_section)};
    struct store_section *row;
    if (!begin(reader)) {
        return (struct store_sections){0};
    }
    if (role_stands(reader, CONTENT_COMMUNITY, scope)) {
        sqlite3_stmt *statement = database_prepare(
            reader->database, "SELECT json, (SELECT count(*) FROM page WHERE page.section = section.id "
                              "AND box_sees(page.areas, ?1)) FROM section ORDER BY position, id LIMIT 2000");
        bind_text(statement, 1, scope->area);
        while (database_step(reader->database, statement, NULL)) {
            if ((row = next_row(&rows)) == NULL) {
                database_reset(statement);
                break;
            }
            if (read_section(statement, 0, &row->section)) {
                row->page_count = (size_t)sqlite3_column_int64(statement, 1);
                rows.count++;
            }
        }
    }
    end(reader);
    return (struct store_sections){.items = rows.items, .count = rows.count};
}

void store_sections_destroy(struct store_sections *sections)
{
    for (size_t i = 0; i < sections->count; i++) {
        content_section_finish(&sections->items[i].section);
    }
    free(sections->items);
    *sections = (struct store_sections){0};
}

struct store_pages store_pages(struct store_reader *reader, const struct store_scope *scope,
                               const char *section, struct store_slice slice)
{
    struct rows rows = {.size = sizeof(struct content_page)};
    struct content_page *row;
    size_t total = 0;
    if (!begin(reader)) {
        return (struct store_pages){0};
    }
    if (role_stands(reader, CONTENT_COMMUNITY, scope)) {
        sqlite3_stmt *statement = database_prepare(
            reader->database,
            "SELECT count(*) FROM page WHERE (?1 IS NULL OR section = ?1) AND box_sees(areas, ?2)");
        bind_text(statement, 1, section);
        bind_text(statement, 2, scope->area);
        total = read_count(reader, statement);
        statement = database_prepare(reader->database,
                                     "SELECT json FROM page WHERE (?1 IS NULL OR section = ?1) AND "
                                     "box_sees(areas, ?2) ORDER BY updated DESC, id LIMIT ?3 OFFSET ?4");
        bind_text(statement, 1, section);
        bind_text(statement, 2, scope->area);
        bind_slice(statement, 3, slice);
        while (database_step(reader->database, statement, NULL)) {
            if ((row = next_row(&rows)) == NULL) {
                database_reset(statement);
                break;
            }
            rows.count += read_page(statement, 0, row) ? 1 : 0;
        }
    }
    end(reader);
    return (struct store_pages){.items = rows.items, .count = rows.count, .total = total};
}

void store_pages_destroy(struct store_pages *pages)
{
    for (size_t i = 0; i < pages->count; i++) {
        content_page_finish(&pages->items[i]);
    }
    free(pages->items);
    *pages = (struct store_pages){0};
}

struct content_page *store_page(struct store_reader *reader, const struct store_scope *scope, const char *id)
{
    struct content_page *page = NULL;
    if (!begin(reader)) {
        return NULL;
    }
    if (role_stands(reader, CONTENT_COMMUNITY, scope)) {
        sqlite3_stmt *statement =
            database_prepare(reader->database, "SELECT json FROM page WHERE id = ?1 AND box_sees(areas, ?2)");
        bind_text(statement, 1, id);
        bind_text(statement, 2, scope->area);
        if (database_step(reader->database, statement, NULL)) {
            page = calloc(1, sizeof *page);
            if (page != NULL && !read_page(statement, 0, page)) {
                free(page);
                page = NULL;
            }
            database_reset(statement);
        }
    }
    end(reader);
    return page;
}

void store_page_destroy(struct content_page *page)
{
    if (page != NULL) {
        content_page_finish(page);
        free(page);
    }
}

bool store_picture(struct store_reader *reader, enum content_role role, const char *path, struct buffer *out)
{
    char whole[256];
    bool found = false;
    int length = snprintf(whole, sizeof whole, "%s/%s", content_role_str(role), path);
    if (length < 0 || length >= (int)sizeof whole) {
        return false;
    }
    sqlite3_stmt *statement = database_prepare(
        reader->database,
        "SELECT bytes FROM picture JOIN file ON file.id = picture.file WHERE file.path = ?1");
    bind_text(statement, 1, whole);
    if (database_step(reader->database, statement, NULL)) {
        const void *bytes = sqlite3_column_blob(statement, 0);
        int size = sqlite3_column_bytes(statement, 0);
        if (bytes != NULL && size > 0) {
            buffer_append(out, bytes, (size_t)size);
            found = !out->failed;
        }
        database_reset(statement);
    }
    return found;
}
