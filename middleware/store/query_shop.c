/* SPDX-License-Identifier: Apache-2.0 */
/* The shop, and where its merchants stand on the credit lists. */
#include "store/reader.h"

#include <stdlib.h>

struct store_categories store_categories(struct store_reader *reader, const struct store_scope *scope)
{
    struct rows rows = {.size = sizeof(struct store_category)};
    struct store_category *row;
    if (!reader_begin(reader)) {
        return (struct store_categories){0};
    }
    if (reader_role_stands(reader, CONTENT_COMMERCE, scope)) {
        sqlite3_stmt *statement = database_prepare(
            reader->database,
            "SELECT json, (SELECT count(*) FROM product WHERE product.category = category.id "
            "AND box_sees(product.areas, ?1)) FROM category ORDER BY position, id LIMIT 2000");
        reader_bind_text(statement, 1, scope->area);
        while (database_step(reader->database, statement, NULL)) {
            if ((row = rows_next(&rows)) == NULL) {
                database_reset(statement);
                break;
            }
            if (reader_read_category(statement, 0, &row->category)) {
                row->product_count = (size_t)sqlite3_column_int64(statement, 1);
                rows.count++;
            }
        }
    }
    reader_end(reader);
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

struct credit reader_credit(struct store_reader *reader, const struct store_scope *scope)
{
    return (struct credit){.stands = reader_role_stands(reader, CONTENT_CREDIT, scope),
                           .today = scope_today(scope)};
}

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
    reader_bind_text(statement, 1, credit->today.text);
    reader_bind_text(statement, 2, merchant);
    reader_bind_text(statement, 3, uscc);
    if (database_step(reader->database, statement, NULL)) {
        standing = sqlite3_column_int(statement, 0) == CONTENT_DISHONEST ? STORE_STANDING_DISHONEST
                                                                         : STORE_STANDING_REPUTABLE;
        *notice = database_column_copy(statement, 1);
        database_reset(statement);
    }
    return standing;
}

void reader_finish_product_row(struct store_product *row)
{
    content_product_finish(&row->product);
    content_merchant_finish(&row->merchant);
    free(row->notice);
    *row = (struct store_product){0};
}

bool reader_read_product_row(struct store_reader *reader, const struct credit *credit,
                             sqlite3_stmt *statement, struct store_product *row)
{
    if (!reader_read_product(statement, 0, &row->product)) {
        return false;
    }
    if (sqlite3_column_type(statement, 1) != SQLITE_NULL) {
        reader_read_merchant(statement, 1, &row->merchant);
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
    reader_bind_text(statement, 1, category);
    reader_bind_text(statement, 2, merchant);
    if (statement != NULL) {
        sqlite3_bind_int(statement, 3, featured_only ? 1 : 0);
    }
    reader_bind_text(statement, 4, scope->area);
    return statement;
}

static struct store_products list_products(struct store_reader *reader, const struct store_scope *scope,
                                           const char *category, const char *merchant, bool featured_only,
                                           struct store_slice slice)
{
    struct rows rows = {.size = sizeof(struct store_product)};
    struct store_product *row;
    size_t total = 0;
    if (!reader_begin(reader)) {
        return (struct store_products){0};
    }
    if (reader_role_stands(reader, CONTENT_COMMERCE, scope)) {
        struct credit credit = reader_credit(reader, scope);
        total = reader_count(reader,
                             bind_products(reader, "SELECT count(*) FROM product WHERE " PRODUCT_CONDITION,
                                           scope, category, merchant, featured_only));
        sqlite3_stmt *statement = bind_products(
            reader,
            "SELECT product.json, merchant.json FROM product JOIN file ON file.id = product.file "
            "LEFT JOIN merchant ON merchant.id = product.merchant "
            "LEFT JOIN category ON category.id = product.category WHERE " PRODUCT_CONDITION
            " ORDER BY category.position, product.category, file.path, product.position LIMIT ?5 OFFSET ?6",
            scope, category, merchant, featured_only);
        reader_bind_slice(statement, 5, slice);
        while (database_step(reader->database, statement, NULL)) {
            if ((row = rows_next(&rows)) == NULL) {
                database_reset(statement);
                break;
            }
            rows.count += reader_read_product_row(reader, &credit, statement, row) ? 1 : 0;
        }
    }
    reader_end(reader);
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
        reader_finish_product_row(&products->items[i]);
    }
    free(products->items);
    *products = (struct store_products){0};
}

struct store_product *store_product(struct store_reader *reader, const struct store_scope *scope,
                                    const char *id)
{
    struct store_product *row = NULL;
    if (!reader_begin(reader)) {
        return NULL;
    }
    if (reader_role_stands(reader, CONTENT_COMMERCE, scope)) {
        struct credit credit = reader_credit(reader, scope);
        sqlite3_stmt *statement =
            database_prepare(reader->database, "SELECT product.json, merchant.json FROM product "
                                               "LEFT JOIN merchant ON merchant.id = product.merchant "
                                               "WHERE product.id = ?1 AND box_sees(product.areas, ?2)");
        reader_bind_text(statement, 1, id);
        reader_bind_text(statement, 2, scope->area);
        if (database_step(reader->database, statement, NULL)) {
            row = calloc(1, sizeof *row);
            if (row != NULL && !reader_read_product_row(reader, &credit, statement, row)) {
                store_product_destroy(row);
                row = NULL;
            }
            database_reset(statement);
        }
    }
    reader_end(reader);
    return row;
}

void store_product_destroy(struct store_product *product)
{
    if (product != NULL) {
        reader_finish_product_row(product);
        free(product);
    }
}

struct store_merchants store_merchants(struct store_reader *reader, const struct store_scope *scope)
{
    struct rows rows = {.size = sizeof(struct store_merchant)};
    struct store_merchant *row;
    if (!reader_begin(reader)) {
        return (struct store_merchants){0};
    }
    if (reader_role_stands(reader, CONTENT_COMMERCE, scope)) {
        struct credit credit = reader_credit(reader, scope);
        sqlite3_stmt *statement = database_prepare(
            reader->database,
            "SELECT json, (SELECT count(*) FROM product WHERE product.merchant = merchant.id "
            "AND box_sees(product.areas, ?1)) FROM merchant ORDER BY position, id LIMIT 2000");
        reader_bind_text(statement, 1, scope->area);
        while (database_step(reader->database, statement, NULL)) {
            if ((row = rows_next(&rows)) == NULL) {
                database_reset(statement);
                break;
            }
            if (reader_read_merchant(statement, 0, &row->merchant)) {
                row->product_count = (size_t)sqlite3_column_int64(statement, 1);
                row->standing =
                    find_standing(reader, &credit, row->merchant.id, row->merchant.uscc, &row->notice);
                rows.count++;
            }
        }
    }
    reader_end(reader);
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
