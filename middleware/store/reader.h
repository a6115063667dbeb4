/* SPDX-License-Identifier: Apache-2.0 */
/* What the questions of store/query.h are answered with. For this room's own files. */
#ifndef KOKONOR_STORE_READER_H
#define KOKONOR_STORE_READER_H

#include "store/parts.h"
#include "store/query.h"

struct store_reader {
    struct database *database;
};

/* One answer sees one state of the store, however many statements it takes. */
bool reader_begin(struct store_reader *reader);
void reader_end(struct store_reader *reader);
/* A manifest was accepted for role and still holds. */
bool reader_role_stands(struct store_reader *reader, enum content_role role, const struct store_scope *scope);
/* Today in China as text, empty while the time is unknown. */
struct content_date scope_today(const struct store_scope *scope);

/* The condition on a notice; ?1 is scope_today. */
#define IN_FORCE "state IN (0, 1) AND (max_until = '' OR (?1 <> '' AND ?1 < max_until))"
_Static_assert(CONTENT_PUBLISHED == 0 && CONTENT_UNDER_OBJECTION == 1, "as in IN_FORCE");

/* An answer that grows row by row. */
struct rows {
    void *items;
    size_t count, capacity, size;
};
/* Room for one more, zeroed; NULL without memory. It counts once rows->count is raised. */
void *rows_next(struct rows *rows);

/* The bindings of a statement that may be NULL; a NULL text stays NULL. */
void reader_bind_text(sqlite3_stmt *statement, int index, const char *text);
/* limit at index, offset behind it */
void reader_bind_slice(sqlite3_stmt *statement, int index, struct store_slice slice);
/* The number that a prepared and bound statement gives. */
size_t reader_count(struct store_reader *reader, sqlite3_stmt *statement);

/* What an answer needs about credit lists, looked up once. */
struct credit {
    bool stands;
    struct content_date today;
};
struct credit reader_credit(struct store_reader *reader, const struct store_scope *scope);
/* Fills *row, which was zero; columns 0 and 1: the product's JSON, its merchant's or NULL. */
bool reader_read_product_row(struct store_reader *reader, const struct credit *credit,
                             sqlite3_stmt *statement, struct store_product *row);
void reader_finish_product_row(struct store_product *row);

/* Fill *thing from the JSON in a column; on failure it is finished and empty, which is logged. */
bool reader_read_category(sqlite3_stmt *statement, int column, struct content_category *category);
bool reader_read_merchant(sqlite3_stmt *statement, int column, struct content_merchant *merchant);
bool reader_read_product(sqlite3_stmt *statement, int column, struct content_product *product);
bool reader_read_notice(sqlite3_stmt *statement, int column, struct content_notice *notice);
bool reader_read_section(sqlite3_stmt *statement, int column, struct content_section *section);
bool reader_read_page(sqlite3_stmt *statement, int column, struct content_page *page);

#endif
