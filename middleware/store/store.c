/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/clock.h"
#include "base/log.h"
#include "content/keys.h"
#include "store/parts.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

extern const char store_content_sql[], store_content_search_sql[], store_content_shelf_sql[];

struct store {
    char *path;
    struct database *database;
    atomic_uint generations[CONTENT_ROLES];
    void (*changed)(void *context, enum content_role role);
    void *context;
    /* The ingest that is open. */
    bool is_ingesting, has_failed;
    enum content_role role;
    struct store_accepted accepted;
};

struct store *store_open(const char *path, struct error *error)
{
    static const char *const steps[] = {store_content_sql, store_content_search_sql, store_content_shelf_sql};
    static const struct database_schema schema = {.name = "content", .version = 3, .steps = steps};
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL || (store->path = strdup(path)) == NULL) {
        error_set(error, "%s: out of memory", path);
        store_close(store);
        return NULL;
    }
    store->database = database_open(path, &schema, DATABASE_REPLACE, DATABASE_NORMAL, error);
    /* The files that the ingest under way has named. */
    if (store->database == NULL ||
        !database_execute(store->database, "CREATE TEMP TABLE named (file INTEGER PRIMARY KEY)", error)) {
        store_close(store);
        return NULL;
    }
    return store;
}

void store_close(struct store *store)
{
    if (store != NULL) {
        if (store->database != NULL) {
            store_ingest_abort(store);
        }
        database_close(store->database);
        free(store->path);
        free(store);
    }
}

void store_set_size_maximum(struct store *store, uint64_t bytes)
{
    bool failed;
    sqlite3_int64 page_size = 4096;
    sqlite3_stmt *statement = database_prepare(store->database, "PRAGMA page_size");
    if (database_step(store->database, statement, &failed)) {
        page_size = sqlite3_column_int64(statement, 0);
        database_reset(statement);
    }
    char *sql = sqlite3_mprintf("PRAGMA max_page_count = %lld", (long long)(bytes / (uint64_t)page_size + 1));
    struct error error = {.text = ""};
    if (sql == NULL || !database_execute(store->database, sql, &error)) {
        log_warning("%s: its size cannot be limited: %s", store->path, error.text);
    }
    sqlite3_free(sql);
}

const char *store_path(const struct store *store)
{
    return store->path;
}

unsigned store_generation(const struct store *store, enum content_role role)
{
    return atomic_load(&store->generations[role]);
}

void store_on_change(struct store *store, void (*changed)(void *context, enum content_role role),
                     void *context)
{
    store->changed = changed;
    store->context = context;
}

bool store_read_accepted(struct database *database, enum content_role role, struct store_accepted *accepted)
{
    bool failed;
    sqlite3_stmt *statement = database_prepare(
        database, "SELECT sequence, manifest_sha256, valid_from, valid_until, accepted_at FROM accepted "
                  "WHERE role = ?1");
    *accepted = (struct store_accepted){0};
    if (statement == NULL) {
        return false;
    }
    sqlite3_bind_int(statement, 1, (int)role);
    if (!database_step(database, statement, &failed)) {
        return !failed;
    }
    const void *digest = sqlite3_column_blob(statement, 1);
    bool is_whole = digest != NULL && sqlite3_column_bytes(statement, 1) == STORE_SHA256_SIZE;
    if (is_whole) {
        memcpy(accepted->manifest_sha256, digest, STORE_SHA256_SIZE);
        accepted->sequence = sqlite3_column_int64(statement, 0);
        accepted->valid_from = sqlite3_column_int64(statement, 2);
        accepted->valid_until = sqlite3_column_int64(statement, 3);
        accepted->accepted_at = sqlite3_column_int64(statement, 4);
    }
    database_reset(statement);
    return is_whole;
}

bool store_accepted(struct store *store, enum content_role role, struct store_accepted *accepted)
{
    return store_read_accepted(store->database, role, accepted);
}

bool store_ingest_begin(struct store *store, enum content_role role, const struct store_accepted *accepted,
                        struct error *error)
{
    if (store->is_ingesting) {
        return error_set(error, "content.db: an ingest is open already");
    }
    if (!database_begin(store->database, error)) {
        return false;
    }
    if (!database_execute(store->database, "DELETE FROM temp.named", error)) {
        database_rollback(store->database);
        return false;
    }
    store->is_ingesting = true;
    store->has_failed = false;
    store->role = role;
    store->accepted = *accepted;
    return true;
}

static bool fail(struct store *store)
{
    store->has_failed = true;
    return false;
}

static bool name_file(struct store *store, int64_t file, struct error *error)
{
    sqlite3_stmt *statement =
        database_prepare(store->database, "INSERT OR IGNORE INTO temp.named (file) VALUES (?1)");
    if (statement != NULL) {
        sqlite3_bind_int64(statement, 1, file);
    }
    return database_run(store->database, statement, error) || fail(store);
}

bool store_ingest_keep(struct store *store, const char *path, const uint8_t sha256[STORE_SHA256_SIZE])
{
    bool failed;
    sqlite3_stmt *statement = database_prepare(
        store->database, "SELECT id FROM file WHERE path = ?1 AND role = ?2 AND sha256 = ?3");
    if (!store->is_ingesting || store->has_failed || statement == NULL) {
        return false;
    }
    sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 2, (int)store->role);
    sqlite3_bind_blob(statement, 3, sha256, STORE_SHA256_SIZE, SQLITE_STATIC);
    if (!database_step(store->database, statement, &failed)) {
        return failed ? fail(store) : false;
    }
    int64_t file = sqlite3_column_int64(statement, 0);
    database_reset(statement);
    return name_file(store, file, NULL);
}

static bool insert_file(struct store *store, const char *path, const uint8_t sha256[STORE_SHA256_SIZE],
                        int64_t *file, struct error *error)
{
    sqlite3_stmt *statement = database_prepare(store->database, "DELETE FROM file WHERE path = ?1");
    if (statement != NULL) {
        sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    }
    if (!database_run(store->database, statement, error)) {
        return false;
    }
    statement =
        database_prepare(store->database, "INSERT INTO file (role, path, sha256) VALUES (?1, ?2, ?3)");
    if (statement != NULL) {
        sqlite3_bind_int(statement, 1, (int)store->role);
        sqlite3_bind_text(statement, 2, path, -1, SQLITE_STATIC);
        sqlite3_bind_blob(statement, 3, sha256, STORE_SHA256_SIZE, SQLITE_STATIC);
    }
    if (!database_run(store->database, statement, error)) {
        return false;
    }
    *file = sqlite3_last_insert_rowid(database_handle(store->database));
    return true;
}

/* The statement for one thing, its first four bindings (file, id, position, json) made. json is taken over.
 */
static sqlite3_stmt *bind_thing(struct store *store, const char *sql, int64_t file, const char *id,
                                int64_t position, json_t *json)
{
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    sqlite3_stmt *statement = text != NULL ? database_prepare(store->database, sql) : NULL;
    json_decref(json);
    if (statement == NULL) {
        free(text);
        return NULL;
    }
    sqlite3_bind_int64(statement, 1, file);
    sqlite3_bind_text(statement, 2, id, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(statement, 3, position);
    sqlite3_bind_text(statement, 4, text, -1, SQLITE_TRANSIENT);
    free(text);
    return statement;
}

static void bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text != NULL ? text : "", -1, SQLITE_TRANSIENT);
}

static void bind_areas(sqlite3_stmt *statement, int index, const struct content_strings *areas)
{
    struct buffer list;
    buffer_init(&list, CONTENT_AREAS_MAXIMUM * 16);
    for (size_t i = 0; i < areas->count; i++) {
        buffer_printf(&list, "%s%s", i > 0 ? " " : "", areas->items[i]);
    }
    /* Without memory the binding stays NULL, which the column refuses: never "everywhere" by mistake. */
    if (areas->count == 0) {
        sqlite3_bind_text(statement, index, "", -1, SQLITE_STATIC);
    } else if (buffer_text(&list) != NULL) {
        sqlite3_bind_text(statement, index, buffer_text(&list), -1, SQLITE_TRANSIENT);
    }
    buffer_finish(&list);
}

/* Things with an order of their own stand in it; equal ones as in the document. */
static int64_t ordered(int order, size_t i)
{
    return (int64_t)order * CONTENT_ITEMS_MAXIMUM + (int64_t)i;
}

static sqlite3_stmt *bind_product(struct store *store, int64_t file, const struct content_product *product,
                                  size_t i)
{
    sqlite3_stmt *statement =
        bind_thing(store,
                   "INSERT INTO product (file, id, position, json, category, merchant, featured, areas) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                   file, product->id, (int64_t)i, content_product_to_json(product));
    if (statement != NULL) {
        bind_text(statement, 5, product->category);
        bind_text(statement, 6, product->merchant);
        sqlite3_bind_int(statement, 7, product->featured ? 1 : 0);
        bind_areas(statement, 8, &product->areas);
    }
    return statement;
}

static sqlite3_stmt *bind_notice(struct store *store, int64_t file, const struct content_notice *notice,
                                 size_t i)
{
    sqlite3_stmt *statement = bind_thing(
        store,
        "INSERT INTO notice (file, id, position, json, list, uscc, merchant, state, listed_on, max_until) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        file, notice->id, (int64_t)i, content_notice_to_json(notice));
    if (statement != NULL) {
        sqlite3_bind_int(statement, 5, (int)notice->list);
        bind_text(statement, 6, notice->uscc);
        bind_text(statement, 7, notice->merchant);
        sqlite3_bind_int(statement, 8, (int)notice->state);
        bind_text(statement, 9, notice->listed_on.text);
        bind_text(statement, 10, notice->max_until.text);
    }
    return statement;
}

static sqlite3_stmt *bind_page(struct store *store, int64_t file, const struct content_page *page)
{
    sqlite3_stmt *statement =
        bind_thing(store,
                   "INSERT INTO page (file, id, position, json, section, updated, areas) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                   file, page->id, 0, content_page_to_json(page));
    if (statement != NULL) {
        bind_text(statement, 5, page->section);
        bind_text(statement, 6, page->updated.text);
        bind_areas(statement, 7, &page->areas);
    }
    return statement;
}

static sqlite3_stmt *bind_merchant(struct store *store, int64_t file, const struct content_merchant *merchant,
                                   size_t i)
{
    sqlite3_stmt *statement =
        bind_thing(store, "INSERT INTO merchant (file, id, position, json, uscc) VALUES (?1, ?2, ?3, ?4, ?5)",
                   file, merchant->id, (int64_t)i, content_merchant_to_json(merchant));
    if (statement != NULL) {
        bind_text(statement, 5, merchant->uscc);
    }
    return statement;
}

/* The statement that stores thing number i of the document; NULL without memory. */
static sqlite3_stmt *bind_one(struct store *store, int64_t file, const struct content_document *document,
                              size_t i)
{
    switch (document->kind) {
    case CONTENT_CATEGORIES: {
        const struct content_category *category = &document->categories[i];
        return bind_thing(store, "INSERT INTO category (file, id, position, json) VALUES (?1, ?2, ?3, ?4)",
                          file, category->id, ordered(category->order, i),
                          content_category_to_json(category));
    }
    case CONTENT_MERCHANTS:
        return bind_merchant(store, file, &document->merchants[i], i);
    case CONTENT_CATALOGUE:
        return bind_product(store, file, &document->products[i], i);
    case CONTENT_CREDIT_LIST:
        return bind_notice(store, file, &document->notices[i], i);
    case CONTENT_DIRECTORY: {
        const struct content_section *section = &document->sections[i];
        return bind_thing(store, "INSERT INTO section (file, id, position, json) VALUES (?1, ?2, ?3, ?4)",
                          file, section->id, ordered(section->order, i), content_section_to_json(section));
    }
    case CONTENT_PAGE:
        return bind_page(store, file, &document->pages[i]);
    case CONTENT_UNKNOWN:
        break;
    }
    return NULL;
}

/* ---- what things are found by ---- */

struct indexing {
    struct store *store;
    int64_t file;
    enum store_hit_kind kind;
    const char *id;
    bool featured;
    struct error *error;
};

static bool index_place(void *context, const char *digits, bool leads)
{
    struct indexing *indexing = context;
    sqlite3_stmt *statement = database_prepare(
        indexing->store->database,
        "INSERT OR IGNORE INTO search (rank, digits, kind, id, file) VALUES (?1, ?2, ?3, ?4, ?5)");
    if (statement != NULL) {
        sqlite3_bind_int(statement, 1, store_search_rank(leads, indexing->featured));
        sqlite3_bind_text(statement, 2, digits, -1, SQLITE_TRANSIENT);
        sqlite3_bind_int(statement, 3, (int)indexing->kind);
        sqlite3_bind_text(statement, 4, indexing->id, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 5, indexing->file);
    }
    return database_run(indexing->store->database, statement, indexing->error);
}

static bool index_keys(struct indexing *indexing, const struct content_strings *keys,
                       const struct content_text *name)
{
    if (keys->count > 0) {
        return content_keys_each(keys, index_place, indexing);
    }
    struct content_strings plain;
    content_keys_from_name(name, &plain);
    bool done = content_keys_each(&plain, index_place, indexing);
    content_keys_finish(&plain);
    return done;
}

/* Makes thing number i of the document found by its keys. */
static bool index_one(struct store *store, int64_t file, const struct content_document *document, size_t i,
                      struct error *error)
{
    struct indexing indexing = {.store = store, .file = file, .error = error};
    if (document->kind == CONTENT_CATALOGUE) {
        const struct content_product *product = &document->products[i];
        indexing.kind = STORE_HIT_PRODUCT;
        indexing.id = product->id;
        indexing.featured = product->featured;
        return index_keys(&indexing, &product->keys, &product->name);
    }
    if (document->kind == CONTENT_CREDIT_LIST) {
        const struct content_notice *notice = &document->notices[i];
        indexing.kind = STORE_HIT_NOTICE;
        indexing.id = notice->id;
        return index_keys(&indexing, &notice->keys, &notice->name);
    }
    return true;
}

static bool insert_document(struct store *store, const char *path, int64_t file, struct bytes bytes,
                            struct error *error)
{
    struct content_document *document = content_document_parse(bytes, path, NULL, NULL, error);
    bool done = document != NULL;
    for (size_t i = 0; done && i < document->count; i++) {
        done = database_run(store->database, bind_one(store, file, document, i), error) &&
               index_one(store, file, document, i, error);
    }
    content_document_destroy(document);
    return done;
}

static bool insert_picture(struct store *store, const char *path, int64_t file, struct bytes bytes,
                           struct error *error)
{
    if (bytes.size > CONTENT_PICTURE_SIZE_MAXIMUM) {
        return error_set(error, "%s: expected at most %d bytes, found %zu", path,
                         CONTENT_PICTURE_SIZE_MAXIMUM, bytes.size);
    }
    sqlite3_stmt *statement =
        database_prepare(store->database, "INSERT INTO picture (file, bytes) VALUES (?1, ?2)");
    if (statement != NULL) {
        sqlite3_bind_int64(statement, 1, file);
        sqlite3_bind_blob64(statement, 2, bytes.size > 0 ? (const void *)bytes.data : "", bytes.size,
                            SQLITE_STATIC);
    }
    bool done = database_run(store->database, statement, error);
    if (statement != NULL) {
        sqlite3_clear_bindings(statement);
    }
    return done;
}

static bool is_of_role(const char *path, enum content_role role)
{
    const char *name = content_role_str(role);
    size_t length = strlen(name);
    return strncmp(path, name, length) == 0 && path[length] == '/';
}

bool store_ingest_file(struct store *store, const char *path, const uint8_t sha256[STORE_SHA256_SIZE],
                       struct bytes bytes, struct error *error)
{
    int64_t file;
    if (!store->is_ingesting || store->has_failed) {
        return error_set(error, "%s: no ingest is open, or it has failed already", path);
    }
    if (!is_of_role(path, store->role)) {
        error_set(error, "%s: does not lie in the directory of %s", path, content_role_str(store->role));
        return fail(store);
    }
    bool is_document = content_document_kind_of_path(path) != CONTENT_UNKNOWN;
    if (!is_document && !content_path_is_picture(path)) {
        log_debug("%s: is nothing that this box knows", path);
        return true;
    }
    if (!insert_file(store, path, sha256, &file, error) || !name_file(store, file, error)) {
        return fail(store);
    }
    bool done = is_document ? insert_document(store, path, file, bytes, error)
                            : insert_picture(store, path, file, bytes, error);
    return done || fail(store);
}

static bool remove_unnamed(struct store *store, struct error *error)
{
    sqlite3_stmt *statement = database_prepare(
        store->database, "DELETE FROM file WHERE role = ?1 AND id NOT IN (SELECT file FROM temp.named)");
    if (statement != NULL) {
        sqlite3_bind_int(statement, 1, (int)store->role);
    }
    return database_run(store->database, statement, error);
}

static bool check_ids(struct store *store, struct error *error)
{
    bool failed;
    sqlite3_stmt *statement = database_prepare(
        store->database, "SELECT 'category', id FROM category GROUP BY id HAVING count(*) > 1 UNION ALL "
                         "SELECT 'merchant', id FROM merchant GROUP BY id HAVING count(*) > 1 UNION ALL "
                         "SELECT 'product', id FROM product GROUP BY id HAVING count(*) > 1 UNION ALL "
                         "SELECT 'notice', id FROM notice GROUP BY id HAVING count(*) > 1 UNION ALL "
                         "SELECT 'section', id FROM section GROUP BY id HAVING count(*) > 1 UNION ALL "
                         "SELECT 'page', id FROM page GROUP BY id HAVING count(*) > 1");
    if (database_step(store->database, statement, &failed)) {
        error_set(error, "%s: the %s id \"%s\" stands more than once", content_role_str(store->role),
                  database_column_text(statement, 0), database_column_text(statement, 1));
        database_reset(statement);
        return false;
    }
    return !failed || error_set(error, "content.db: ids cannot be checked");
}

static bool write_accepted(struct store *store, struct error *error)
{
    sqlite3_stmt *statement =
        database_prepare(store->database, "INSERT OR REPLACE INTO accepted (role, sequence, manifest_sha256, "
                                          "valid_from, valid_until, accepted_at) "
                                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    if (statement != NULL) {
        sqlite3_bind_int(statement, 1, (int)store->role);
        sqlite3_bind_int64(statement, 2, store->accepted.sequence);
        sqlite3_bind_blob(statement, 3, store->accepted.manifest_sha256, STORE_SHA256_SIZE, SQLITE_TRANSIENT);
        sqlite3_bind_int64(statement, 4, store->accepted.valid_from);
        sqlite3_bind_int64(statement, 5, store->accepted.valid_until);
        sqlite3_bind_int64(statement, 6, store->accepted.accepted_at);
    }
    return database_run(store->database, statement, error);
}

bool store_ingest_commit(struct store *store, struct error *error)
{
    if (!store->is_ingesting || store->has_failed) {
        store_ingest_abort(store);
        return error_set(error, "content.db: no ingest is open, or it has failed already");
    }
    if (!remove_unnamed(store, error) || !check_ids(store, error) || !write_accepted(store, error)) {
        store_ingest_abort(store);
        return false;
    }
    store->is_ingesting = false;
    if (!database_commit(store->database, error)) {
        return false;
    }
    atomic_fetch_add(&store->generations[store->role], 1);
    if (store->changed != NULL) {
        store->changed(store->context, store->role);
    }
    return true;
}

void store_ingest_abort(struct store *store)
{
    if (store->is_ingesting) {
        store->is_ingesting = false;
        database_rollback(store->database);
    }
}
