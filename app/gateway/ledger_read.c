/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "gateway/ledger_inside.h"
#include "gateway/number.h"
#include <stdlib.h>
#include <string.h>

static json_t *time_json(int64_t utc_s)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(utc_s, text);
    return json_string(text);
}

static json_t *line_json(sqlite3_stmt *row)
{
    int64_t quantity = sqlite3_column_int64(row, 2), price = sqlite3_column_int64(row, 3);
    json_t *name = json_loads(database_column_text(row, 1), 0, NULL);
    if (!name) {
        name = json_object();
    }
    return json_pack("{s:s, s:o, s:I, s:I, s:I}", "product", database_column_text(row, 0), "name", name,
                     "quantity", (json_int_t)quantity, "unit_price_fen", (json_int_t)price, "amount_fen",
                     (json_int_t)(quantity * price));
}

static json_t *lines_json(struct ledger *ledger, int64_t order_id, bool *failed)
{
    sqlite3_stmt *query = database_prepare(
        ledger->database,
        "SELECT product, name, quantity, unit_price_fen FROM order_lines WHERE order_id = ?1 ORDER BY line");
    json_t *lines = json_array();
    if (!query || !lines) {
        *failed = true;
        return lines;
    }
    sqlite3_bind_int64(query, 1, order_id);
    while (database_step(ledger->database, query, failed)) {
        if (json_array_append_new(lines, line_json(query)) != 0) {
            *failed = true;
            break;
        }
    }
    database_reset(query);
    return lines;
}

#define ORDER_COLUMNS                                                                                        \
    "id, number, state, created_s, updated_s, total_fen, payment, delivery_name, delivery_phone, "           \
    "delivery_address, box"

/* Without its lines. */
static json_t *order_json(sqlite3_stmt *row)
{
    json_t *created = time_json(sqlite3_column_int64(row, 3)),
           *updated = time_json(sqlite3_column_int64(row, 4));
    return json_pack("{s:s, s:s, s:o, s:o, s:I, s:s}", "number", database_column_text(row, 1), "state",
                     database_column_text(row, 2), "created", created, "updated", updated, "total_fen",
                     (json_int_t)sqlite3_column_int64(row, 5), "payment", database_column_text(row, 6));
}

static json_t *delivery_json(sqlite3_stmt *row)
{
    return json_pack("{s:s, s:s, s:s}", "name", database_column_text(row, 7), "phone",
                     database_column_text(row, 8), "address", database_column_text(row, 9));
}

json_t *ledger_order_json_locked(struct ledger *ledger, const char *box, const char *number, bool *failed)
{
    json_t *order = NULL;
    *failed = false;
    sqlite3_stmt *query =
        database_prepare(ledger->database, "SELECT " ORDER_COLUMNS
                                           " FROM orders WHERE number = ?1 AND (?2 IS NULL OR box = ?2)");
    if (!query) {
        *failed = true;
        return NULL;
    }
    ledger_bind(query, 1, number);
    ledger_bind(query, 2, box);
    if (database_step(ledger->database, query, failed)) {
        int64_t id = sqlite3_column_int64(query, 0);
        order = order_json(query);
        if (!order || json_object_set_new(order, "delivery", delivery_json(query)) != 0 ||
            (!box && json_object_set_new(order, "box", json_string(database_column_text(query, 10))) != 0) ||
            json_object_set_new(order, "lines", lines_json(ledger, id, failed)) != 0) {
            *failed = true;
        }
    }
    database_reset(query);
    if (*failed) {
        json_decref(order);
        return NULL;
    }
    return order;
}

/* False with the reply filled where the box may ask nothing. */
static bool may_ask(struct ledger *ledger, const char *box, struct reply *reply)
{
    enum ledger_box_state state = ledger_box_state_locked(ledger, box);
    if (state == LEDGER_BOX_ACTIVE) {
        return true;
    }
    reply_problem(reply, state == LEDGER_BOX_ERROR ? PROBLEM_UNAVAILABLE : PROBLEM_NOT_A_SUBSCRIBER, NULL,
                  NULL);
    return false;
}

void ledger_get_order(struct ledger *ledger, const char *box, const char *number, struct reply *reply)
{
    bool failed = false;
    pthread_mutex_lock(&ledger->lock);
    if (may_ask(ledger, box, reply)) {
        json_t *order = number_check(number) ? ledger_order_json_locked(ledger, box, number, &failed) : NULL;
        if (order) {
            reply_json(reply, 200, order);
        } else {
            reply_problem(reply, failed ? PROBLEM_UNAVAILABLE : PROBLEM_NOT_FOUND, NULL, NULL);
        }
    }
    pthread_mutex_unlock(&ledger->lock);
}

static json_t *orders_json(struct ledger *ledger, const char *box, size_t limit)
{
    bool failed = false;
    json_t *orders = json_array();
    sqlite3_stmt *query = database_prepare(
        ledger->database,
        "SELECT " ORDER_COLUMNS " FROM orders WHERE ?1 IS NULL OR box = ?1 ORDER BY id DESC LIMIT ?2");
    if (query && orders) {
        ledger_bind(query, 1, box);
        sqlite3_bind_int64(query, 2, (sqlite3_int64)limit);
        while (database_step(ledger->database, query, &failed)) {
            if (json_array_append_new(orders, order_json(query)) != 0) {
                failed = true;
                break;
            }
        }
        database_reset(query);
    }
    if (!query || failed) {
        json_decref(orders);
        return NULL;
    }
    return orders;
}

void ledger_get_orders(struct ledger *ledger, const char *box, struct reply *reply)
{
    pthread_mutex_lock(&ledger->lock);
    if (may_ask(ledger, box, reply)) {
        json_t *orders = orders_json(ledger, box, LEDGER_LIST_MAXIMUM);
        reply_json(reply, 200, orders ? json_pack("{s:o}", "orders", orders) : NULL);
    }
    pthread_mutex_unlock(&ledger->lock);
}

static json_t *product_json(struct ledger *ledger, const char *id, bool *failed)
{
    json_t *product = NULL;
    sqlite3_stmt *query = database_prepare(
        ledger->database,
        "SELECT id, name, price_fen, stock, merchant FROM products WHERE id = ?1 AND on_sale");
    if (!query) {
        *failed = true;
        return NULL;
    }
    ledger_bind(query, 1, id);
    if (database_step(ledger->database, query, failed)) {
        json_t *name = json_loads(database_column_text(query, 1), 0, NULL);
        product =
            json_pack("{s:s, s:o, s:I, s:I, s:s}", "id", database_column_text(query, 0), "name", name,
                      "price_fen", (json_int_t)sqlite3_column_int64(query, 2), "stock",
                      (json_int_t)sqlite3_column_int64(query, 3), "merchant", database_column_text(query, 4));
        *failed = !product;
    }
    database_reset(query);
    return product;
}

void ledger_get_product(struct ledger *ledger, const char *box, const char *id, struct reply *reply)
{
    bool failed = false;
    pthread_mutex_lock(&ledger->lock);
    if (may_ask(ledger, box, reply)) {
        json_t *product = product_json(ledger, id, &failed);
        if (product) {
            reply_json(reply, 200, product);
        } else {
            reply_problem(reply, failed ? PROBLEM_UNAVAILABLE : PROBLEM_NOT_FOUND, NULL, NULL);
        }
    }
    pthread_mutex_unlock(&ledger->lock);
}

void ledger_get_health(struct ledger *ledger, struct reply *reply)
{
    pthread_mutex_lock(&ledger->lock);
    sqlite3_stmt *query =
        database_prepare(ledger->database, "SELECT count(*) FROM (SELECT 1 FROM products LIMIT 1)");
    bool good = query && database_step(ledger->database, query, NULL);
    if (query) {
        database_reset(query);
    }
    pthread_mutex_unlock(&ledger->lock);
    if (good) {
        reply_json(reply, 200, json_pack("{s:s}", "status", "ok"));
    } else {
        reply_problem(reply, PROBLEM_UNAVAILABLE, "the database does not answer", NULL);
    }
}

/* --- for the operator
 * ------------------------------------------------------------------------------------------------------- */

static bool print_json(const json_t *value, size_t flags, FILE *out)
{
    bool good = json_dumpf(value, out, flags) == 0;
    return fputc('\n', out) != EOF && good;
}

bool ledger_print_orders(struct ledger *ledger, size_t limit, FILE *out, struct error *error)
{
    pthread_mutex_lock(&ledger->lock);
    json_t *orders = orders_json(ledger, NULL, limit);
    pthread_mutex_unlock(&ledger->lock);
    bool good = orders != NULL;
    for (size_t i = 0; good && i < json_array_size(orders); i++) {
        good = print_json(json_array_get(orders, i), JSON_COMPACT, out);
    }
    json_decref(orders);
    return good || error_set(error, "the orders cannot be read or printed");
}

bool ledger_print_order(struct ledger *ledger, const char *number, FILE *out, struct error *error)
{
    bool failed = false;
    pthread_mutex_lock(&ledger->lock);
    json_t *order = ledger_order_json_locked(ledger, NULL, number, &failed);
    pthread_mutex_unlock(&ledger->lock);
    if (!order) {
        return error_set(error, failed ? "order %.40s cannot be read" : "there is no order %.40s", number);
    }
    bool good = print_json(order, JSON_INDENT(2), out);
    json_decref(order);
    return good || error_set(error, "the order cannot be printed");
}
