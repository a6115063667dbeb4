/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/ledger.h"
#include "base/clock.h"
#include "base/text.h"
#include "gateway/ledger_inside.h"
#include "gateway/lifecycle.h"
#include <stdlib.h>
#include <string.h>

extern const char gateway_sql_1[];

struct ledger *ledger_open(const char *path, struct error *error)
{
    const char *const steps[] = {gateway_sql_1};
    const struct database_schema schema = {.name = "gateway", .version = 1, .steps = steps};
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger || pthread_mutex_init(&ledger->lock, NULL) != 0) {
        free(ledger);
        error_set(error, "%s: no memory", path);
        return NULL;
    }
    ledger->database = database_open(path, &schema, DATABASE_REFUSE, DATABASE_FULL, error);
    if (!ledger->database) {
        ledger_close(ledger);
        return NULL;
    }
    return ledger;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger) {
        database_close(ledger->database);
        pthread_mutex_destroy(&ledger->lock);
        free(ledger);
    }
}

void ledger_on_step(struct ledger *ledger, void (*step)(void *context, const char *name), void *context)
{
    ledger->step = step;
    ledger->step_context = context;
}

void ledger_bind(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

/* --- subscribers
 * ------------------------------------------------------------------------------------------------------------
 */

bool ledger_is_box(const char *box)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t size = strnlen(box, LEDGER_BOX_MAXIMUM + 1);
    return size > 0 && size <= LEDGER_BOX_MAXIMUM && strspn(box, bytes) == size;
}

enum ledger_box_state ledger_box_state_locked(struct ledger *ledger, const char *box)
{
    bool failed = false;
    enum ledger_box_state state = LEDGER_BOX_UNKNOWN;
    sqlite3_stmt *query = database_prepare(ledger->database, "SELECT state FROM subscribers WHERE box = ?1");
    if (!query) {
        return LEDGER_BOX_ERROR;
    }
    ledger_bind(query, 1, box);
    if (database_step(ledger->database, query, &failed)) {
        state =
            strcmp(database_column_text(query, 0), "active") == 0 ? LEDGER_BOX_ACTIVE : LEDGER_BOX_SUSPENDED;
    }
    database_reset(query);
    return failed ? LEDGER_BOX_ERROR : state;
}

static bool check_text(const char *what, const char *text, struct error *error)
{
    size_t size = text ? strnlen(text, INTAKE_TEXT_MAXIMUM + 1) : 0;
    if (size < 1 || size > INTAKE_TEXT_MAXIMUM || !text_is_utf8(text, size)) {
        return error_set(error, "the subscriber's %s: expected 1 to %d bytes of UTF-8", what,
                         INTAKE_TEXT_MAXIMUM);
    }
    return true;
}

bool ledger_add_subscriber(struct ledger *ledger, const char *box, const char *name, const char *address,
                           const char *phone, struct error *error)
{
    if (!ledger_is_box(box)) {
        return error_set(error, "the box \"%.80s\": expected 1 to %d of A-Z a-z 0-9 . _ -", box,
                         LEDGER_BOX_MAXIMUM);
    }
    if (!check_text("name", name, error) || !check_text("address", address, error) ||
        !check_text("phone", phone, error)) {
        return false;
    }
    pthread_mutex_lock(&ledger->lock);
    sqlite3_stmt *insert = database_prepare(
        ledger->database,
        "INSERT INTO subscribers (box, name, address, phone, created_s) VALUES (?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT (box) DO UPDATE SET name = ?2, address = ?3, phone = ?4, state = 'active'");
    bool good = false;
    if (insert) {
        ledger_bind(insert, 1, box);
        ledger_bind(insert, 2, name);
        ledger_bind(insert, 3, address);
        ledger_bind(insert, 4, phone);
        sqlite3_bind_int64(insert, 5, clock_utc_s());
        good = database_run(ledger->database, insert, error);
    }
    pthread_mutex_unlock(&ledger->lock);
    return good;
}

bool ledger_set_subscriber(struct ledger *ledger, const char *box, bool active, struct error *error)
{
    bool good = false;
    pthread_mutex_lock(&ledger->lock);
    sqlite3_stmt *update =
        database_prepare(ledger->database, "UPDATE subscribers SET state = ?2 WHERE box = ?1");
    if (update) {
        ledger_bind(update, 1, box);
        ledger_bind(update, 2, active ? "active" : "suspended");
        good = database_run(ledger->database, update, error) &&
               (sqlite3_changes(database_handle(ledger->database)) == 1 ||
                error_set(error, "no subscriber has the box \"%.80s\"", box));
    }
    pthread_mutex_unlock(&ledger->lock);
    return good;
}

/* --- products
 * ---------------------------------------------------------------------------------------------------------------
 */

static bool import_one(struct ledger *ledger, const struct ledger_product *product, bool reset_stock,
                       struct error *error)
{
    sqlite3_stmt *insert = database_prepare(
        ledger->database,
        "INSERT INTO products (id, name, price_fen, stock, merchant, on_sale) VALUES (?1, ?2, ?3, ?4, ?5, 1) "
        "ON CONFLICT (id) DO UPDATE SET name = ?2, price_fen = ?3, merchant = ?5, on_sale = 1, "
        "stock = CASE WHEN ?6 THEN ?4 ELSE stock END");
    if (!insert) {
        return error_set(error, "%s cannot be written", product->id);
    }
    ledger_bind(insert, 1, product->id);
    ledger_bind(insert, 2, product->name);
    sqlite3_bind_int64(insert, 3, product->price_fen);
    sqlite3_bind_int64(insert, 4, product->stock);
    ledger_bind(insert, 5, product->merchant);
    sqlite3_bind_int(insert, 6, reset_stock);
    return database_run(ledger->database, insert, error);
}

bool ledger_import(struct ledger *ledger, const struct ledger_product *products, size_t count,
                   bool reset_stock, struct error *error)
{
    pthread_mutex_lock(&ledger->lock);
    bool good = database_begin(ledger->database, error);
    if (good) {
        good = database_execute(ledger->database, "UPDATE products SET on_sale = 0", error);
        for (size_t i = 0; good && i < count; i++) {
            good = import_one(ledger, &products[i], reset_stock, error);
        }
        good = good && database_commit(ledger->database, error);
        if (!good) {
            database_rollback(ledger->database);
        }
    }
    pthread_mutex_unlock(&ledger->lock);
    return good;
}

/* --- from one state to the next
 * --------------------------------------------------------------------------------------------- */

static bool give_stock_back(struct ledger *ledger, const char *number, struct error *error)
{
    sqlite3_stmt *update = database_prepare(
        ledger->database,
        "UPDATE products SET stock = stock + "
        "(SELECT l.quantity FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE o.number = ?1 AND "
        "l.product = products.id) "
        "WHERE id IN (SELECT l.product FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE o.number "
        "= ?1)");
    if (!update) {
        return error_set(error, "the stock cannot be written");
    }
    ledger_bind(update, 1, number);
    return database_run(ledger->database, update, error);
}

static bool change_state(struct ledger *ledger, const char *number, const char *state, struct error *error)
{
    sqlite3_stmt *update =
        database_prepare(ledger->database, "UPDATE orders SET state = ?2, updated_s = ?3 WHERE number = ?1");
    if (!update) {
        return error_set(error, "order %s cannot be written", number);
    }
    ledger_bind(update, 1, number);
    ledger_bind(update, 2, state);
    sqlite3_bind_int64(update, 3, clock_utc_s());
    return database_run(ledger->database, update, error);
}

static bool check_move(struct ledger *ledger, const char *number, const char *to, struct error *error)
{
    char from[32] = "", next[128];
    sqlite3_stmt *query = database_prepare(ledger->database, "SELECT state FROM orders WHERE number = ?1");
    if (!query) {
        return error_set(error, "order %s cannot be read", number);
    }
    ledger_bind(query, 1, number);
    if (database_step(ledger->database, query, NULL)) {
        text_copy(from, sizeof from, database_column_text(query, 0));
    }
    database_reset(query);
    if (!from[0]) {
        return error_set(error, "there is no order %.40s", number);
    }
    lifecycle_next(from, next, sizeof next);
    return lifecycle_allows(from, to) ||
           error_set(error, "order %s is %s, which does not lead to %.40s; it leads to: %s", number, from, to,
                     next);
}

bool ledger_set_state(struct ledger *ledger, const char *number, const char *state, struct error *error)
{
    pthread_mutex_lock(&ledger->lock);
    bool good = database_begin(ledger->database, error);
    if (good) {
        good = check_move(ledger, number, state, error) && change_state(ledger, number, state, error) &&
               (strcmp(state, "cancelled") != 0 || give_stock_back(ledger, number, error)) &&
               database_commit(ledger->database, error);
        if (!good) {
            database_rollback(ledger->database);
        }
    }
    pthread_mutex_unlock(&ledger->lock);
    return good;
}
