/* SPDX-License-Identifier: Apache-2.0 */
#include "order/outbox.h"
#include "base/log.h"
#include "order/names.h"
#include "store/database.h"
#include <stdlib.h>
#include <string.h>

extern const char order_sql_1[];

struct order_outbox {
    struct database *database;
    order_step_fn *step;
    void *step_context;
};

static void step(struct order_outbox *outbox, const char *name)
{
    if (outbox->step) {
        outbox->step(outbox->step_context, name);
    }
}

struct order_outbox *order_outbox_open(const char *path, order_step_fn *step_fn, void *step_context,
                                       struct error *error)
{
    const char *const steps[] = {order_sql_1};
    const struct database_schema schema = {.name = "orders", .version = 1, .steps = steps};
    struct order_outbox *outbox = calloc(1, sizeof *outbox);
    if (!outbox) {
        error_set(error, "%s: no memory", path);
        return NULL;
    }
    outbox->step = step_fn;
    outbox->step_context = step_context;
    outbox->database = database_open(path, &schema, DATABASE_KEEP, DATABASE_FULL, error);
    if (!outbox->database) {
        free(outbox);
        return NULL;
    }
    return outbox;
}

void order_outbox_close(struct order_outbox *outbox)
{
    if (outbox) {
        database_close(outbox->database);
        free(outbox);
    }
}

/* --- reading
 * ----------------------------------------------------------------------------------------------------------------
 */

static bool load_line(struct order_line *line, sqlite3_stmt *row)
{
    if (!order_reason_parse(database_column_text(row, 6), &line->reason)) {
        line->reason = ORDER_REASON_NONE;
    }
    line->unit_price_fen = sqlite3_column_int64(row, 4);
    line->quantity = sqlite3_column_int64(row, 5);
    line->current_price_fen = sqlite3_column_int64(row, 7);
    line->current_stock = sqlite3_column_int64(row, 8);
    return order_record_set(&line->product, database_column_text(row, 0)) &&
           order_record_set(&line->name_zh, database_column_text(row, 1)) &&
           order_record_set(&line->name_bo, database_column_text(row, 2)) &&
           order_record_set(&line->name_en, database_column_text(row, 3));
}

static bool load_lines(struct order_outbox *outbox, struct order_record *record)
{
    bool failed = false, good = true;
    sqlite3_stmt *query = database_prepare(
        outbox->database,
        "SELECT product, name_zh, name_bo, name_en, unit_price_fen, quantity, reason, current_price_fen, "
        "current_stock FROM order_lines WHERE key = ?1 ORDER BY line");
    if (!query) {
        return false;
    }
    sqlite3_bind_text(query, 1, record->order.key, -1, SQLITE_TRANSIENT);
    for (size_t i = 0;
         good && i < record->order.line_count && database_step(outbox->database, query, &failed); i++) {
        good = load_line(&record->lines[i], query);
    }
    database_reset(query);
    return good && !failed;
}

static bool load_order(struct order_record *record, sqlite3_stmt *row)
{
    struct order *order = &record->order;
    if (!order_state_parse(database_column_text(row, 2), &order->state)) {
        return false;
    }
    if (!order_reason_parse(database_column_text(row, 3), &order->reason)) {
        order->reason = ORDER_REASON_NONE;
    }
    order->created_s = sqlite3_column_int64(row, 4);
    order->true_s = sqlite3_column_int64(row, 5);
    order->total_fen = sqlite3_column_int64(row, 6);
    if (sqlite3_column_type(row, 11) != SQLITE_NULL) {
        record->body_size = (size_t)sqlite3_column_bytes(row, 11);
        record->body = malloc(record->body_size + 1);
        if (!record->body) {
            return false;
        }
        memcpy(record->body, sqlite3_column_blob(row, 11), record->body_size);
        record->body[record->body_size] = '\0';
    }
    return order_record_set(&order->key, database_column_text(row, 0)) &&
           order_record_set(&order->number, database_column_text(row, 1)) &&
           order_record_set(&order->payment, database_column_text(row, 7)) &&
           order_record_set(&order->delivery_name, database_column_text(row, 8)) &&
           order_record_set(&order->delivery_phone, database_column_text(row, 9)) &&
           order_record_set(&order->delivery_address, database_column_text(row, 10));
}

bool order_outbox_load(struct order_outbox *outbox, size_t maximum, order_record_fn *each, void *context,
                       struct error *error)
{
    bool failed = false;
    sqlite3_stmt *query = database_prepare(
        outbox->database,
        "SELECT o.key, o.number, o.state, o.reason, o.created_s, o.true_s, o.total_fen, o.payment, "
        "o.delivery_name, o.delivery_phone, o.delivery_address, b.body, "
        "(SELECT count(*) FROM order_lines l WHERE l.key = o.key) "
        "FROM orders o LEFT JOIN outbox b ON b.key = o.key "
        "WHERE b.key IS NOT NULL OR o.position IN "
        "(SELECT position FROM orders ORDER BY position DESC LIMIT ?1) "
        "ORDER BY o.position DESC");
    if (!query) {
        return error_set(error, "the orders cannot be read");
    }
    sqlite3_bind_int64(query, 1, (sqlite3_int64)maximum);
    while (database_step(outbox->database, query, &failed)) {
        int lines = sqlite3_column_int(query, 12);
        struct order_record *record =
            order_record_create((size_t)(lines > ORDER_LINES_MAXIMUM ? ORDER_LINES_MAXIMUM : lines));
        if (!record || !load_order(record, query) || !load_lines(outbox, record)) {
            order_record_destroy(record);
            database_reset(query);
            return error_set(error, "an order on disk cannot be read");
        }
        each(context, record);
    }
    return !failed || error_set(error, "the orders cannot be read");
}

/* --- writing
 * ----------------------------------------------------------------------------------------------------------------
 */

static void bind_string(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

/* Ends the transaction either way. inside and after are the names of the steps. */
static bool finish(struct order_outbox *outbox, bool good, const char *inside, const char *after,
                   struct error *error)
{
    if (good && inside) {
        step(outbox, inside);
    }
    if (!good || !database_commit(outbox->database, error)) {
        database_rollback(outbox->database);
        return false;
    }
    if (after) {
        step(outbox, after);
    }
    return true;
}

static bool add_order(struct order_outbox *outbox, const struct order *order, struct error *error)
{
    sqlite3_stmt *insert = database_prepare(
        outbox->database, "INSERT INTO orders (key, state, created_s, total_fen, payment, delivery_name, "
                          "delivery_phone, delivery_address) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    if (!insert) {
        return error_set(error, "the order cannot be written");
    }
    bind_string(insert, 1, order->key);
    bind_string(insert, 2, order_state_str(order->state));
    sqlite3_bind_int64(insert, 3, order->created_s);
    sqlite3_bind_int64(insert, 4, order->total_fen);
    bind_string(insert, 5, order->payment);
    bind_string(insert, 6, order->delivery_name);
    bind_string(insert, 7, order->delivery_phone);
    bind_string(insert, 8, order->delivery_address);
    return database_run(outbox->database, insert, error);
}

static bool add_line(struct order_outbox *outbox, const struct order *order, size_t index,
                     struct error *error)
{
    const struct order_line *line = &order->lines[index];
    sqlite3_stmt *insert = database_prepare(
        outbox->database,
        "INSERT INTO order_lines (key, line, product, name_zh, name_bo, name_en, unit_price_fen, "
        "quantity) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    if (!insert) {
        return error_set(error, "the order cannot be written");
    }
    bind_string(insert, 1, order->key);
    sqlite3_bind_int64(insert, 2, (sqlite3_int64)index);
    bind_string(insert, 3, line->product);
    bind_string(insert, 4, line->name_zh);
    bind_string(insert, 5, line->name_bo);
    bind_string(insert, 6, line->name_en);
    sqlite3_bind_int64(insert, 7, line->unit_price_fen);
    sqlite3_bind_int64(insert, 8, line->quantity);
    return database_run(outbox->database, insert, error);
}

static bool add_body(struct order_outbox *outbox, const struct order_record *record, struct error *error)
{
    sqlite3_stmt *insert =
        database_prepare(outbox->database, "INSERT INTO outbox (key, body) VALUES (?1, ?2)");
    if (!insert) {
        return error_set(error, "the order cannot be written");
    }
    bind_string(insert, 1, record->order.key);
    sqlite3_bind_blob(insert, 2, record->body, (int)record->body_size, SQLITE_TRANSIENT);
    return database_run(outbox->database, insert, error);
}

bool order_outbox_add(struct order_outbox *outbox, const struct order_record *record, struct error *error)
{
    if (!database_begin(outbox->database, error)) {
        return false;
    }
    bool good = add_order(outbox, &record->order, error) && add_body(outbox, record, error);
    for (size_t i = 0; good && i < record->order.line_count; i++) {
        good = add_line(outbox, &record->order, i, error);
    }
    return finish(outbox, good, "writing", "queued", error);
}

static bool set_state(struct order_outbox *outbox, const char *key, struct error *error)
{
    sqlite3_stmt *update = database_prepare(
        outbox->database, "UPDATE orders SET state = 'sent' WHERE key = ?1 AND state = 'queued'");
    if (!update) {
        return error_set(error, "the order cannot be marked as sent");
    }
    bind_string(update, 1, key);
    return database_run(outbox->database, update, error);
}

bool order_outbox_mark_sent(struct order_outbox *outbox, const char *key, struct error *error)
{
    if (!database_begin(outbox->database, error)) {
        return false;
    }
    return finish(outbox, set_state(outbox, key, error), "marking", "sent", error);
}

static bool settle_order(struct order_outbox *outbox, const struct order_answer *answer, struct error *error)
{
    sqlite3_stmt *update = database_prepare(
        outbox->database,
        "UPDATE orders SET state = ?2, reason = ?3, number = ?4, true_s = ?5 WHERE key = ?1");
    sqlite3_stmt *remove = database_prepare(outbox->database, "DELETE FROM outbox WHERE key = ?1");
    if (!update || !remove) {
        return error_set(error, "the gateway's answer cannot be written");
    }
    bind_string(update, 1, answer->key);
    bind_string(update, 2, order_state_str(answer->state));
    bind_string(update, 3, order_reason_str(answer->reason));
    bind_string(update, 4, answer->number);
    sqlite3_bind_int64(update, 5, answer->true_s);
    bind_string(remove, 1, answer->key);
    return database_run(outbox->database, update, error) && database_run(outbox->database, remove, error);
}

static bool settle_line(struct order_outbox *outbox, const char *key, const struct order_answer_line *line,
                        struct error *error)
{
    sqlite3_stmt *update = database_prepare(
        outbox->database, "UPDATE order_lines SET reason = ?3, current_price_fen = ?4, current_stock = ?5 "
                          "WHERE key = ?1 AND product = ?2");
    if (!update) {
        return error_set(error, "the gateway's answer cannot be written");
    }
    bind_string(update, 1, key);
    bind_string(update, 2, line->product);
    bind_string(update, 3, order_reason_str(line->reason));
    sqlite3_bind_int64(update, 4, line->price_fen);
    sqlite3_bind_int64(update, 5, line->stock);
    return database_run(outbox->database, update, error);
}

bool order_outbox_settle(struct order_outbox *outbox, const struct order_answer *answer, struct error *error)
{
    if (!database_begin(outbox->database, error)) {
        return false;
    }
    bool good = settle_order(outbox, answer, error);
    for (size_t i = 0; good && i < answer->line_count; i++) {
        good = settle_line(outbox, answer->key, &answer->lines[i], error);
    }
    return finish(outbox, good, "settling", "settled", error);
}

static bool update_one(struct order_outbox *outbox, const struct order_states_item *item, int64_t true_s,
                       struct error *error)
{
    sqlite3_stmt *update =
        database_prepare(outbox->database, "UPDATE orders SET state = ?2, true_s = ?3 WHERE number = ?1");
    if (!update) {
        return error_set(error, "an order's state cannot be written");
    }
    bind_string(update, 1, item->number);
    bind_string(update, 2, order_state_str(item->state));
    sqlite3_bind_int64(update, 3, true_s);
    return database_run(outbox->database, update, error);
}

bool order_outbox_update(struct order_outbox *outbox, const struct order_states *states, struct error *error)
{
    if (!database_begin(outbox->database, error)) {
        return false;
    }
    bool good = true;
    for (size_t i = 0; good && i < states->count; i++) {
        good = update_one(outbox, &states->items[i], states->true_s, error);
    }
    return finish(outbox, good, NULL, NULL, error);
}
