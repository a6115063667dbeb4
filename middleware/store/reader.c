/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#include "base/log.h"
#include "content/area.h"
#include "store/reader.h"
#include <stdlib.h>
#include <string.h>

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

bool reader_begin(struct store_reader *reader)
{
    struct error error = {.text = ""};
    if (!database_execute(reader->database, "BEGIN", &error)) {
        log_warning("content.db: %s", error.text);
        return false;
    }
    return true;
}

void reader_end(struct store_reader *reader)
{
    database_rollback(reader->database);
}

bool reader_role_stands(struct store_reader *reader, enum content_role role, const struct store_scope *scope)
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

struct content_date scope_today(const struct store_scope *scope)
{
    return scope->utc_s > 0 ? content_date_china(scope->utc_s) : (struct content_date){.text = ""};
}

void *rows_next(struct rows *rows)
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
    bool reader_read_##NAME(sqlite3_stmt *statement, int column, struct content_##NAME *thing)               \
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

void reader_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    if (statement != NULL && text != NULL) {
        sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
    }
}

void reader_bind_slice(sqlite3_stmt *statement, int index, struct store_slice slice)
{
    size_t limit = slice.limit == 0 || slice.limit > STORE_ROWS_MAXIMUM ? STORE_ROWS_MAXIMUM : slice.limit;
    if (statement != NULL) {
        sqlite3_bind_int64(statement, index, (sqlite3_int64)limit);
        sqlite3_bind_int64(statement, index + 1,
                           (sqlite3_int64)(slice.offset <= INT32_MAX ? slice.offset : INT32_MAX));
    }
}

size_t reader_count(struct store_reader *reader, sqlite3_stmt *statement)
{
    size_t count = 0;
    if (database_step(reader->database, statement, NULL)) {
        count = (size_t)sqlite3_column_int64(statement, 0);
        database_reset(statement);
    }
    return count;
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
    reader_bind_text(statement, 1, whole);
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
