/* SPDX-License-Identifier: Apache-2.0 */
/* One order, one transaction: the key is looked up, the order judged, stock taken, the answer made and kept
 * under the key, and all of it committed together. So a key has one answer for ever, whoever dies when, and
 * an order and its answer exist together or not at all. */
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/ledger_inside.h"
#include "gateway/number.h"
#include <string.h>
#include <sys/random.h>

enum { NUMBER_ATTEMPTS = 16 };

struct placing {
    struct ledger *ledger;
    const char *box;
    const char *key;
    const uint8_t *hash;
    const struct intake *intake;
    struct reply *reply;
};

/* What became of it; on FAILED the transaction is rolled back and the reply is unavailable. */
enum outcome { OUTCOME_FAILED, OUTCOME_KNOWN, OUTCOME_NEW };

static void step(const struct placing *placing, const char *name)
{
    if (placing->ledger->step) {
        placing->ledger->step(placing->ledger->step_context, name);
    }
}

/* --- the key
 * ----------------------------------------------------------------------------------------------------------------
 */

static void repeat_answer(const struct placing *placing, sqlite3_stmt *row)
{
    struct reply *reply = placing->reply;
    if (sqlite3_column_bytes(row, 0) != LEDGER_HASH_SIZE ||
        memcmp(sqlite3_column_blob(row, 0), placing->hash, LEDGER_HASH_SIZE) != 0) {
        reply_problem(reply, PROBLEM_KEY_REUSED, NULL, NULL);
        return;
    }
    reply_finish(reply);
    reply_init(reply);
    reply->status = sqlite3_column_int(row, 1);
    text_copy(reply->type, sizeof reply->type, database_column_text(row, 2));
    text_copy(reply->location, sizeof reply->location, database_column_text(row, 3));
    buffer_append(&reply->body, sqlite3_column_blob(row, 4), (size_t)sqlite3_column_bytes(row, 4));
    reply->replay = true;
}

static enum outcome look_up(const struct placing *placing)
{
    bool failed = false;
    sqlite3_stmt *query =
        database_prepare(placing->ledger->database,
                         "SELECT request_hash, status, content_type, location, body FROM idempotency "
                         "WHERE box = ?1 AND key = ?2");
    if (!query) {
        return OUTCOME_FAILED;
    }
    ledger_bind(query, 1, placing->box);
    ledger_bind(query, 2, placing->key);
    bool known = database_step(placing->ledger->database, query, &failed);
    if (known) {
        repeat_answer(placing, query);
    }
    database_reset(query);
    return failed ? OUTCOME_FAILED : known ? OUTCOME_KNOWN : OUTCOME_NEW;
}

static bool keep_answer(const struct placing *placing, int64_t now_s)
{
    const struct reply *reply = placing->reply;
    sqlite3_stmt *insert = database_prepare(
        placing->ledger->database,
        "INSERT INTO idempotency (box, key, request_hash, status, content_type, location, body, created_s) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    if (!insert || reply->status == 503) {
        return false;
    }
    ledger_bind(insert, 1, placing->box);
    ledger_bind(insert, 2, placing->key);
    sqlite3_bind_blob(insert, 3, placing->hash, LEDGER_HASH_SIZE, SQLITE_TRANSIENT);
    sqlite3_bind_int(insert, 4, reply->status);
    ledger_bind(insert, 5, reply->type);
    ledger_bind(insert, 6, reply->location);
    sqlite3_bind_blob(insert, 7, reply->body.data, (int)reply->body.size, SQLITE_TRANSIENT);
    sqlite3_bind_int64(insert, 8, now_s);
    return database_run(placing->ledger->database, insert, NULL);
}

/* --- may it be sold
 * ---------------------------------------------------------------------------------------------------------
 */

struct judgement {
    enum problem problem; /* PROBLEM_COUNT: none */
    json_t *lines;        /* what is wrong with which */
    bool failed;
};

static void complain(struct judgement *judgement, const struct intake_line *line, enum problem problem,
                     int64_t price_fen, int64_t stock)
{
    json_t *item = json_pack("{s:s, s:s}", "product", line->product, "reason", problem_code(problem));
    if (item && price_fen >= 0) {
        json_object_set_new(item, "price_fen", json_integer(price_fen));
        json_object_set_new(item, "stock", json_integer(stock));
    }
    if (json_array_append_new(judgement->lines, item) != 0) {
        judgement->failed = true;
    }
    if (judgement->problem == PROBLEM_COUNT) {
        judgement->problem = problem;
    }
}

static void judge_line(const struct placing *placing, const struct intake_line *line,
                       struct judgement *judgement)
{
    sqlite3_stmt *query = database_prepare(placing->ledger->database,
                                           "SELECT price_fen, stock FROM products WHERE id = ?1 AND on_sale");
    if (!query) {
        judgement->failed = true;
        return;
    }
    ledger_bind(query, 1, line->product);
    if (!database_step(placing->ledger->database, query, &judgement->failed)) {
        complain(judgement, line, PROBLEM_UNKNOWN_PRODUCT, -1, -1);
        return;
    }
    int64_t price_fen = sqlite3_column_int64(query, 0), stock = sqlite3_column_int64(query, 1);
    database_reset(query);
    if (price_fen != line->unit_price_fen) {
        complain(judgement, line, PROBLEM_PRICE_CHANGED, price_fen, stock);
    } else if (stock < line->quantity) {
        complain(judgement, line, PROBLEM_OUT_OF_STOCK, price_fen, stock);
    }
}

/* True where nothing stands against it. Otherwise the reply is the refusal, or *failed. */
static bool judge(const struct placing *placing, bool *failed)
{
    enum ledger_box_state state = ledger_box_state_locked(placing->ledger, placing->box);
    struct judgement judgement = {
        .problem = PROBLEM_COUNT, .failed = state == LEDGER_BOX_ERROR, .lines = json_array()};
    if (!judgement.failed && state != LEDGER_BOX_ACTIVE) {
        json_decref(judgement.lines);
        reply_problem(placing->reply, PROBLEM_NOT_A_SUBSCRIBER, NULL, NULL);
        return false;
    }
    for (size_t i = 0; !judgement.failed && i < placing->intake->line_count; i++) {
        judge_line(placing, &placing->intake->lines[i], &judgement);
    }
    *failed = judgement.failed;
    if (judgement.failed || judgement.problem == PROBLEM_COUNT) {
        json_decref(judgement.lines);
        return !judgement.failed;
    }
    reply_problem(placing->reply, judgement.problem, NULL, judgement.lines);
    return false;
}

/* --- selling it
 * -------------------------------------------------------------------------------------------------------------
 */

static bool number_is_free(const struct placing *placing, const char *number)
{
    bool failed = false;
    sqlite3_stmt *query =
        database_prepare(placing->ledger->database, "SELECT 1 FROM orders WHERE number = ?1");
    if (!query) {
        return false;
    }
    ledger_bind(query, 1, number);
    bool taken = database_step(placing->ledger->database, query, &failed);
    database_reset(query);
    return !taken && !failed;
}

static bool find_number(const struct placing *placing, int64_t now_s, char number[NUMBER_SIZE])
{
    for (int i = 0; i < NUMBER_ATTEMPTS; i++) {
        uint32_t random;
        if (getrandom(&random, sizeof random, 0) != sizeof random) {
            return false;
        }
        number_make(now_s, random, number);
        if (number_is_free(placing, number)) {
            return true;
        }
    }
    log_error("no free order number was found in %d attempts", NUMBER_ATTEMPTS);
    return false;
}

static bool add_order(const struct placing *placing, const char *number, int64_t now_s)
{
    const struct intake *intake = placing->intake;
    bool registered = !intake->delivery_name[0] && !intake->delivery_phone[0] && !intake->delivery_address[0];
    sqlite3_stmt *insert = database_prepare(
        placing->ledger->database,
        "INSERT INTO orders (number, box, state, created_s, updated_s, total_fen, payment, delivery_name, "
        "delivery_phone, "
        "delivery_address) SELECT ?1, box, 'accepted', ?3, ?3, ?4, ?5, CASE WHEN ?6 THEN name ELSE ?7 END, "
        "CASE WHEN ?6 THEN phone ELSE ?8 END, CASE WHEN ?6 THEN address ELSE ?9 END FROM subscribers WHERE "
        "box = ?2");
    if (!insert) {
        return false;
    }
    ledger_bind(insert, 1, number);
    ledger_bind(insert, 2, placing->box);
    sqlite3_bind_int64(insert, 3, now_s);
    sqlite3_bind_int64(insert, 4, intake->total_fen);
    ledger_bind(insert, 5, intake->payment);
    sqlite3_bind_int(insert, 6, registered);
    ledger_bind(insert, 7, intake->delivery_name);
    ledger_bind(insert, 8, intake->delivery_phone);
    ledger_bind(insert, 9, intake->delivery_address);
    return database_run(placing->ledger->database, insert, NULL);
}

static bool add_line(const struct placing *placing, int64_t order_id, size_t index)
{
    const struct intake_line *line = &placing->intake->lines[index];
    struct database *database = placing->ledger->database;
    sqlite3_stmt *insert = database_prepare(
        database, "INSERT INTO order_lines (order_id, line, product, name, quantity, unit_price_fen) "
                  "SELECT ?1, ?2, id, name, ?4, ?5 FROM products WHERE id = ?3");
    sqlite3_stmt *take =
        database_prepare(database, "UPDATE products SET stock = stock - ?2 WHERE id = ?1 AND stock >= ?2");
    if (!insert || !take) {
        return false;
    }
    sqlite3_bind_int64(insert, 1, order_id);
    sqlite3_bind_int64(insert, 2, (sqlite3_int64)index);
    ledger_bind(insert, 3, line->product);
    sqlite3_bind_int64(insert, 4, line->quantity);
    sqlite3_bind_int64(insert, 5, line->unit_price_fen);
    ledger_bind(take, 1, line->product);
    sqlite3_bind_int64(take, 2, line->quantity);
    return database_run(database, insert, NULL) && database_run(database, take, NULL) &&
           sqlite3_changes(database_handle(database)) == 1;
}

static bool sell(const struct placing *placing, int64_t now_s)
{
    char number[NUMBER_SIZE];
    bool failed = false;
    if (!find_number(placing, now_s, number) || !add_order(placing, number, now_s)) {
        return false;
    }
    int64_t order_id = sqlite3_last_insert_rowid(database_handle(placing->ledger->database));
    for (size_t i = 0; i < placing->intake->line_count; i++) {
        if (!add_line(placing, order_id, i)) {
            return false;
        }
    }
    json_t *order = ledger_order_json_locked(placing->ledger, placing->box, number, &failed);
    if (!order) {
        return false;
    }
    reply_json(placing->reply, 201, order);
    text_copy(placing->reply->location, sizeof placing->reply->location, "/v1/orders/");
    strcat(placing->reply->location, number);
    return placing->reply->status == 201;
}

/* --- all of it
 * --------------------------------------------------------------------------------------------------------------
 */

static enum outcome place_locked(const struct placing *placing)
{
    bool failed = false;
    int64_t now_s = clock_utc_s();
    enum outcome outcome = look_up(placing);
    if (outcome != OUTCOME_NEW) {
        return outcome;
    }
    if (judge(placing, &failed)) {
        failed = !sell(placing, now_s);
    }
    return !failed && keep_answer(placing, now_s) ? OUTCOME_NEW : OUTCOME_FAILED;
}

void ledger_place(struct ledger *ledger, const char *box, const char *key,
                  const uint8_t hash[LEDGER_HASH_SIZE], const struct intake *intake, struct reply *reply)
{
    struct placing placing = {ledger, box, key, hash, intake, reply};
    struct error error = {""};
    pthread_mutex_lock(&ledger->lock);
    enum outcome outcome = OUTCOME_FAILED;
    if (database_begin(ledger->database, &error)) {
        outcome = place_locked(&placing);
        if (outcome == OUTCOME_NEW) {
            step(&placing, "before_commit");
        }
        if (outcome != OUTCOME_NEW || !database_commit(ledger->database, &error)) {
            database_rollback(ledger->database);
            outcome = outcome == OUTCOME_KNOWN ? OUTCOME_KNOWN : OUTCOME_FAILED;
        }
    }
    pthread_mutex_unlock(&ledger->lock);
    if (outcome == OUTCOME_FAILED) {
        log_error("an order could not be written: %s", error.text[0] ? error.text : "see above");
        reply_problem(reply, PROBLEM_UNAVAILABLE, NULL, NULL);
    } else if (outcome == OUTCOME_NEW) {
        step(&placing, "commit");
    }
}
