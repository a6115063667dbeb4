/* SPDX-License-Identifier: Apache-2.0 */
/* One SQLite connection, opened the way Kokonor opens all of them: WAL, foreign keys, busy timeout, a schema
 * brought up to date and a quick check of the file. A connection is used by one thread at a time and belongs
 * to who opened it; open one for each thread. The raw sqlite3_* calls on database_handle() and on statements
 * are the rooms' to use (bind, column); these helpers do the rest. */
#ifndef KOKONOR_STORE_DATABASE_H
#define KOKONOR_STORE_DATABASE_H

#include "base/error.h"
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The tables of one room. Several rooms may share a file: the version is kept by name in the table
 * schema_version. steps[i] is SQL (several statements) that leads from version i to i + 1, run in one
 * transaction with the new number. kokonor_embed_sql(TARGET SYMBOL FILE) in CMake makes "const char SYMBOL[]"
 * of resources/sql/FILE. */
struct database_schema {
    const char *name; /* [a-z_]+ */
    int version;      /* number of steps */
    const char *const *steps;
};

/* What to do with a file that is damaged or no database of ours. */
enum database_damage {
    DATABASE_REPLACE, /* can be rebuilt: move it to PATH.damaged (one is kept), warn, start empty; also where
                         it is of a later version */
    DATABASE_KEEP,    /* cannot: keep it as PATH.damaged-YYYYMMDDThhmmssZ (never overwritten), log an error,
                       * start empty; a sound file    of a later version is not damaged and fails the opening
                       * instead */
    DATABASE_REFUSE,  /* fail the opening, touch nothing */
};

enum database_durability {
    DATABASE_NORMAL, /* synchronous=NORMAL: whole after a power cut, the last commits may be gone */
    DATABASE_FULL, /* synchronous=FULL: a commit is on the disk when it returns; a flush, so not on a loop */
};

struct database;

/* Opens or makes path (its folder must exist; ":memory:" is fine) and brings schema up to date. NULL and a
 * reason in error: no access, disk full, locked for more than the busy timeout of 5 s, or damage under
 * DATABASE_REFUSE. A file that cannot be opened for want of rights or space is never called damaged. */
struct database *database_open(const char *path, const struct database_schema *schema,
                               enum database_damage damage, enum database_durability durability,
                               struct error *error);
/* A second connection for reading, for another thread; the file must have been opened by database_open first.
 */
struct database *database_open_reader(const char *path, struct error *error);
void database_close(struct database *database); /* NULL is fine; an open transaction is rolled back */

/* For sqlite3_changes, sqlite3_last_insert_rowid and the like. Owned by database. */
sqlite3 *database_handle(struct database *database);
/* Runs SQL without results; false and SQLite's words in error (may be NULL). */
bool database_execute(struct database *database, const char *sql, struct error *error);

/* The prepared statement for sql, reset and with its bindings cleared, kept by the connection until it closes
 * (at most 128 kept: SQL texts must be constants, told apart by pointer and content). NULL on a mistake in
 * the SQL or without memory, logged. */
sqlite3_stmt *database_prepare(struct database *database, const char *sql);
/* Steps a statement that gives no row and resets it; false, logged and in error (may be NULL), where it
 * failed. */
bool database_run(struct database *database, sqlite3_stmt *statement, struct error *error);
/* True with a row to read; false at the end or on a failure, the statement then reset. *failed (may be NULL)
 * tells which; a failure is logged. */
bool database_step(struct database *database, sqlite3_stmt *statement, bool *failed);
/* Resets a statement before its last row was read, so that it holds no lock. */
void database_reset(sqlite3_stmt *statement);

/* BEGIN IMMEDIATE, COMMIT, ROLLBACK. After a commit that failed nothing of the transaction stands. */
bool database_begin(struct database *database, struct error *error);
bool database_commit(struct database *database, struct error *error);
void database_rollback(struct database *database);

/* A column as a new string (the caller's), NULL for SQL NULL or without memory; or borrowed until the next
 * step. */
char *database_column_copy(sqlite3_stmt *statement, int column);
const char *database_column_text(sqlite3_stmt *statement, int column); /* never NULL: "" */

#endif
