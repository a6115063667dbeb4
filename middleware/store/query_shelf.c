/* SPDX-License-Identifier: Apache-2.0 */
#include "store/shelf.h"

#include "store/reader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct growth {
    size_t text_size, text_room, room;
};

static bool append(struct store_shelf *shelf, struct growth *growth, const char *id)
{
    size_t size = strlen(id) + 1;
    if (growth->text_size + size > growth->text_room) {
        size_t room = growth->text_room ? growth->text_room * 2 : 1024;
        char *more = realloc(shelf->text, room);
        if (more == NULL) {
            return false;
        }
        shelf->text = more;
        growth->text_room = room;
    }
    if (shelf->count == growth->room) {
        size_t room = growth->room ? growth->room * 2 : 64;
        uint32_t *more = realloc(shelf->start, room * sizeof *more);
        if (more == NULL) {
            return false;
        }
        shelf->start = more;
        growth->room = room;
    }
    memcpy(shelf->text + growth->text_size, id, size);
    shelf->start[shelf->count++] = (uint32_t)growth->text_size;
    growth->text_size += size;
    return true;
}
_Static_assert(CONTENT_ID_MAXIMUM < 1024, "one id fits the first room");

static void fill(struct store_shelf *shelf, struct store_reader *reader, const struct store_scope *scope,
                 const char *category, bool featured_only)
{
    struct growth growth = {0};
    sqlite3_stmt *statement = database_prepare(
        reader->database,
        "SELECT product.id FROM product JOIN file ON file.id = product.file "
        "LEFT JOIN category ON category.id = product.category "
        "WHERE (?1 IS NULL OR product.category = ?1) AND (?2 = 0 OR product.featured) "
        "AND box_sees(product.areas, ?3) "
        "ORDER BY category.position, product.category, file.path, product.position LIMIT ?4");
    if (statement == NULL) {
        return;
    }
    reader_bind_text(statement, 1, category);
    sqlite3_bind_int(statement, 2, featured_only ? 1 : 0);
    reader_bind_text(statement, 3, scope->area);
    sqlite3_bind_int(statement, 4, STORE_SHELF_MAXIMUM);
    while (database_step(reader->database, statement, NULL)) {
        const char *id = database_column_text(statement, 0);
        if (strlen(id) <= CONTENT_ID_MAXIMUM && !append(shelf, &growth, id)) {
            database_reset(statement);
            return;
        }
    }
}

struct store_shelf store_shelf(struct store_reader *reader, const struct store_scope *scope,
                               const char *category, bool featured_only)
{
    struct store_shelf shelf = {0};
    if (!reader_begin(reader)) {
        return shelf;
    }
    if (reader_role_stands(reader, CONTENT_COMMERCE, scope)) {
        fill(&shelf, reader, scope, category, featured_only);
    }
    reader_end(reader);
    return shelf;
}

void store_shelf_destroy(struct store_shelf *shelf)
{
    free(shelf->text);
    free(shelf->start);
    *shelf = (struct store_shelf){0};
}

const char *store_shelf_id(const struct store_shelf *shelf, size_t index)
{
    assert(index < shelf->count);
    return shelf->text + shelf->start[index];
}
