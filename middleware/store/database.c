/* SPDX-License-Identifier: Apache-2.0 */
#include "store/database.h"

#include "base/clock.h"
#include "base/log.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APPLICATION_ID 0x4b6f6b6f /* "Koko" */
#define BUSY_TIMEOUT_MS 5000
#define STATEMENTS_MAXIMUM 128
#define PATH_SIZE 4096

struct cached {
    const char *sql;
    sqlite3_stmt *statement;
};

struct database {
    sqlite3 *handle;
    struct cached statements[STATEMENTS_MAXIMUM];
    size_t statement_count;
};

/* How the opening of a file ended. */
enum opening { OPENED, OPENING_FAILED, OPENING_DAMAGED, OPENING_LATER };

static bool is_damage(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

static bool say(struct database *database, struct error *error, const char *what)
{
    return error_set(error, "%s: %s", what, sqlite3_errmsg(database->handle));
}

/* Runs SQL that gives one number. */
static int read_number(struct database *database, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL);
    *number = 0;
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
            *number = sqlite3_column_int64(statement, 0);
            code = SQLITE_OK;
        } else if (code == SQLITE_DONE) {
            code = SQLITE_OK;
        }
    }
    sqlite3_finalize(statement);
    return code;
}

static struct database *connect(const char *path, int flags, struct error *error)
{
    struct database *database = calloc(1, sizeof *database);
    if (database == NULL) {
        error_set(error, "%s: out of memory", path);
        return NULL;
    }
    int code = sqlite3_open_v2(path, &database->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        error_set(error, "%s: cannot open the database: %s", path,
                  database->handle != NULL ? sqlite3_errmsg(database->handle) : sqlite3_errstr(code));
        database_close(database);
        return NULL;
    }
    sqlite3_extended_result_codes(database->handle, 1);
    sqlite3_busy_timeout(database->handle, BUSY_TIMEOUT_MS);
    return database;
}

/* An empty file is ours to begin; one with tables must carry our mark. */
static int check_mark(struct database *database, bool *is_ours)
{
    int64_t mark = 0, tables = 0;
    int code = read_number(database, "PRAGMA application_id", &mark);
    if (code == SQLITE_OK) {
        code = read_number(database, "SELECT count(*) FROM sqlite_master", &tables);
    }
    *is_ours = code == SQLITE_OK && (mark == APPLICATION_ID || (mark == 0 && tables == 0));
    return code;
}

static int check_pages(struct database *database, bool *is_sound)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database->handle, "PRAGMA quick_check(1)", -1, &statement, NULL);
    *is_sound = false;
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
    }
    if (code == SQLITE_ROW) {
        *is_sound = strcmp(database_column_text(statement, 0), "ok") == 0;
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return code;
}

static int read_version(struct database *database, const char *name, int64_t *version)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database->handle, "SELECT version FROM schema_version WHERE name = ?1", -1,
                                  &statement, NULL);
    *version = 0;
    if (code == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
            *version = sqlite3_column_int64(statement, 0);
        }
        code = code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
    }
    sqlite3_finalize(statement);
    return code;
}

static int write_version(struct database *database, const char *name, int version)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database->handle,
                                  "INSERT INTO schema_version (name, version) VALUES (?1, ?2) "
                                  "ON CONFLICT (name) DO UPDATE SET version = ?2",
                                  -1, &statement, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
        sqlite3_bind_int(statement, 2, version);
        code = sqlite3_step(statement);
        code = code == SQLITE_DONE ? SQLITE_OK : code;
    }
    sqlite3_finalize(statement);
    return code;
}

static int run_text(struct database *database, const char *sql)
{
    return sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
}

/* In one transaction, so that two connections opening at once do it once, and a power cut leaves one version
 * or the other. */
static enum opening migrate(struct database *database, const struct database_schema *schema, int *code)
{
    int64_t version;
    *code = run_text(database, "BEGIN IMMEDIATE");
    if (*code != SQLITE_OK) {
        return OPENING_FAILED;
    }
    *code = run_text(database, "CREATE TABLE IF NOT EXISTS schema_version (name TEXT PRIMARY KEY NOT NULL, "
                               "version INTEGER NOT NULL)");
    if (*code == SQLITE_OK) {
        *code = read_version(database, schema->name, &version);
    }
    if (*code == SQLITE_OK && (version < 0 || version > schema->version)) {
        run_text(database, "ROLLBACK");
        return OPENING_LATER;
    }
    for (int step = (int)version; *code == SQLITE_OK && step < schema->version; step++) {
        *code = run_text(database, schema->steps[step]);
    }
    if (*code == SQLITE_OK && version < schema->version) {
        *code = write_version(database, schema->name, schema->version);
    }
    if (*code == SQLITE_OK) {
        *code = run_text(database, "COMMIT");
    }
    if (*code != SQLITE_OK) {
        return OPENING_FAILED;
    }
    return OPENED;
}

static int set_up(struct database *database, enum database_durability durability)
{
    static const char *const pragmas[] = {
        "PRAGMA journal_mode = WAL",           "PRAGMA foreign_keys = ON",   "PRAGMA trusted_schema = OFF",
        "PRAGMA journal_size_limit = 4194304", "PRAGMA temp_store = MEMORY",
    };
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < sizeof pragmas / sizeof pragmas[0]; i++) {
        code = run_text(database, pragmas[i]);
    }
    if (code == SQLITE_OK) {
        code = run_text(database, durability == DATABASE_FULL ? "PRAGMA synchronous = FULL"
                                                              : "PRAGMA synchronous = NORMAL");
    }
    return code;
}

static enum opening fail_opening(struct database *database, const char *path, int code, struct error *error)
{
    error_set(error, "%s: %s", path, sqlite3_errmsg(database->handle));
    database_close(database);
    return is_damage(code) ? OPENING_DAMAGED : OPENING_FAILED;
}

static enum opening call_damaged(struct database *database, const char *path, const char *what,
                                 struct error *error)
{
    error_set(error, "%s: %s", path, what);
    database_close(database);
    return OPENING_DAMAGED;
}

/* Opens, checks and migrates once; *opened only after OPENED. */
static enum opening try_open(const char *path, const struct database_schema *schema,
                             enum database_durability durability, struct database **opened,
                             struct error *error)
{
    struct database *database = connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
    if (database == NULL) {
        return OPENING_FAILED;
    }
    bool is_ours, is_sound;
    int code = check_mark(database, &is_ours);
    if (code != SQLITE_OK) {
        return fail_opening(database, path, code, error);
    }
    if (!is_ours) {
        return call_damaged(database, path, "is a database of another program", error);
    }
    code = check_pages(database, &is_sound);
    if (code == SQLITE_OK && !is_sound) {
        return call_damaged(database, path, "the database is damaged", error);
    }
    if (code == SQLITE_OK) {
        code = set_up(database, durability);
    }
    if (code == SQLITE_OK) {
        char mark[64];
        int64_t present;
        code = read_number(database, "PRAGMA application_id", &present);
        snprintf(mark, sizeof mark, "PRAGMA application_id = %d", APPLICATION_ID);
        if (code == SQLITE_OK && present != APPLICATION_ID) {
            code = run_text(database, mark);
        }
    }
    if (code != SQLITE_OK) {
        return fail_opening(database, path, code, error);
    }
    enum opening migrated = migrate(database, schema, &code);
    if (migrated == OPENING_LATER) {
        error_set(error, "%s: the tables of %s are of a later version than this program's %d", path,
                  schema->name, schema->version);
        database_close(database);
        return OPENING_LATER;
    }
    if (migrated != OPENED) {
        return fail_opening(database, path, code, error);
    }
    *opened = database;
    return OPENED;
}

/* Moves the file and its journal, which may hold what the file lacks. */
static bool move_database(const char *path, const char *aside)
{
    static const char *const endings[] = {"-wal", "-shm"};
    char from[PATH_SIZE], to[PATH_SIZE];
    if (rename(path, aside) != 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (snprintf(from, sizeof from, "%s%s", path, endings[i]) < (int)sizeof from &&
            snprintf(to, sizeof to, "%s%s", aside, endings[i]) < (int)sizeof to) {
            unlink(to);
            if (rename(from, to) != 0) {
                unlink(from);
            }
        }
    }
    return true;
}

static bool move_aside(const char *path, enum database_damage damage, const struct error *why)
{
    char aside[PATH_SIZE];
    if (damage == DATABASE_REPLACE) {
        if (snprintf(aside, sizeof aside, "%s.damaged", path) >= (int)sizeof aside ||
            !move_database(path, aside)) {
            return false;
        }
        log_warning("%s; moved to %s, beginning an empty one", why->text, aside);
        return true;
    }
    struct clock_civil now = clock_civil(clock_utc_s(), 0);
    for (int attempt = 0; attempt < 100; attempt++) {
        char more[8] = "";
        if (attempt > 0) {
            snprintf(more, sizeof more, "-%d", attempt);
        }
        int length = snprintf(aside, sizeof aside, "%s.damaged-%04d%02d%02dT%02d%02d%02dZ%s", path, now.year,
                              now.month, now.day, now.hour, now.minute, now.second, more);
        if (length < 0 || length >= (int)sizeof aside) {
            return false;
        }
        if (access(aside, F_OK) != 0) {
            if (!move_database(path, aside)) {
                return false;
            }
            log_error("%s; what it held is missing now: kept as %s for repair, beginning an empty one",
                      why->text, aside);
            return true;
        }
    }
    return false;
}

struct database *database_open(const char *path, const struct database_schema *schema,
                               enum database_damage damage, enum database_durability durability,
                               struct error *error)
{
    struct database *database = NULL;
    struct error why = {.text = ""};
    enum opening opening = try_open(path, schema, durability, &database, &why);
    if (opening == OPENED) {
        return database;
    }
    bool aside = (opening == OPENING_DAMAGED && damage != DATABASE_REFUSE) ||
                 (opening == OPENING_LATER && damage == DATABASE_REPLACE);
    if (aside && strcmp(path, ":memory:") != 0) {
        if (!move_aside(path, damage, &why)) {
            error_set(error, "%s, and it cannot be moved aside", why.text);
            return NULL;
        }
        opening = try_open(path, schema, durability, &database, &why);
    }
    if (opening != OPENED) {
        error_set(error, "%s", why.text);
        return NULL;
    }
    return database;
}

struct database *database_open_reader(const char *path, struct error *error)
{
    /* Not SQLITE_OPEN_READONLY: a reader of a WAL file must be able to make its shared memory. */
    struct database *database = connect(path, SQLITE_OPEN_READWRITE, error);
    if (database != NULL &&
        run_text(database, "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF") != SQLITE_OK) {
        say(database, error, path);
        database_close(database);
        return NULL;
    }
    return database;
}

void database_close(struct database *database)
{
    if (database == NULL) {
        return;
    }
    for (size_t i = 0; i < database->statement_count; i++) {
        sqlite3_finalize(database->statements[i].statement);
    }
    int code = sqlite3_close(database->handle);
    assert(code == SQLITE_OK); /* a statement of a caller's own was not finalized */
    (void)code;
    free(database);
}

sqlite3 *database_handle(struct database *database)
{
    return database->handle;
}

bool database_execute(struct database *database, const char *sql, struct error *error)
{
    if (run_text(database, sql) != SQLITE_OK) {
        return say(database, error, "database");
    }
    return true;
}

sqlite3_stmt *database_prepare(struct database *database, const char *sql)
{
    for (size_t i = 0; i < database->statement_count; i++) {
        struct cached *cached = &database->statements[i];
        if (cached->sql == sql || strcmp(cached->sql, sql) == 0) {
            sqlite3_reset(cached->statement);
            sqlite3_clear_bindings(cached->statement);
            return cached->statement;
        }
    }
    assert(database->statement_count < STATEMENTS_MAXIMUM);
    struct cached *cached = &database->statements[database->statement_count];
    int code =
        sqlite3_prepare_v3(database->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &cached->statement, NULL);
    if (code != SQLITE_OK) {
        log_error("cannot prepare \"%s\": %s", sql, sqlite3_errmsg(database->handle));
        return NULL;
    }
    cached->sql = sql;
    database->statement_count++;
    return cached->statement;
}

bool database_run(struct database *database, sqlite3_stmt *statement, struct error *error)
{
    if (statement == NULL) {
        return error_set(error, "database: the statement could not be prepared");
    }
    int code = sqlite3_step(statement);
    bool done = code == SQLITE_DONE || code == SQLITE_ROW;
    if (!done) {
        log_warning("database: %s (%s)", sqlite3_errmsg(database->handle), sqlite3_sql(statement));
        say(database, error, "database");
    }
    sqlite3_reset(statement);
    return done;
}

bool database_step(struct database *database, sqlite3_stmt *statement, bool *failed)
{
    if (failed != NULL) {
        *failed = false;
    }
    int code = statement != NULL ? sqlite3_step(statement) : SQLITE_MISUSE;
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code != SQLITE_DONE) {
        if (statement != NULL) {
            log_warning("database: %s (%s)", sqlite3_errmsg(database->handle), sqlite3_sql(statement));
        }
        if (failed != NULL) {
            *failed = true;
        }
    }
    database_reset(statement);
    return false;
}

void database_reset(sqlite3_stmt *statement)
{
    if (statement != NULL) {
        sqlite3_reset(statement);
    }
}

bool database_begin(struct database *database, struct error *error)
{
    return database_execute(database, "BEGIN IMMEDIATE", error);
}

bool database_commit(struct database *database, struct error *error)
{
    if (database_execute(database, "COMMIT", error)) {
        return true;
    }
    database_rollback(database);
    return false;
}

void database_rollback(struct database *database)
{
    /* After some failures (disk full) SQLite has rolled back by itself. */
    if (!sqlite3_get_autocommit(database->handle)) {
        run_text(database, "ROLLBACK");
    }
}

char *database_column_copy(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text != NULL ? strdup((const char *)text) : NULL;
}

const char *database_column_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text != NULL ? (const char *)text : "";
}
