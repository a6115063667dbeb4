/* SPDX-License-Identifier: Apache-2.0 */
#include "order/message.h"
#include "base/log.h"
#include "content/json.h"
#include "order/names.h"
#include <string.h>

enum { ANSWER_MAXIMUM = 256 * 1024 };

/* --- writing
 * ----------------------------------------------------------------------------------------------------------------
 */

static bool add_lines(json_t *lines, const struct order *order)
{
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *line = &order->lines[i];
        json_t *item =
            json_pack("{s:s, s:I, s:I}", "product", line->product, "quantity", (json_int_t)line->quantity,
                      "unit_price_fen", (json_int_t)line->unit_price_fen);
        if (!item || json_array_append_new(lines, item) != 0) {
            return false;
        }
    }
    return true;
}

static bool add_delivery(json_t *body, const struct order *order)
{
    if (!order->delivery_name[0] && !order->delivery_phone[0] && !order->delivery_address[0]) {
        return true; /* the registered address */
    }
    json_t *delivery = json_pack("{s:s, s:s, s:s}", "name", order->delivery_name, "phone",
                                 order->delivery_phone, "address", order->delivery_address);
    return delivery && json_object_set_new(body, "delivery", delivery) == 0;
}

char *order_message_write(const struct order *order)
{
    char *text = NULL;
    json_t *lines = json_array();
    json_t *body = json_pack("{s:s, s:I, s:O}", "payment", order->payment, "total_fen",
                             (json_int_t)order->total_fen, "lines", lines);
    if (body && add_lines(lines, order) && add_delivery(body, order)) {
        text = json_dumps(body, JSON_COMPACT);
    }
    json_decref(lines);
    json_decref(body);
    return text;
}

/* --- reading
 * ----------------------------------------------------------------------------------------------------------------
 */

static bool read_number(struct content_json *reader, const json_t *object, char number[ORDER_NUMBER_SIZE])
{
    const char *text = content_json_string(reader, object, "number", true, 1, ORDER_NUMBER_SIZE - 1);
    if (!text ||
        text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")] != '\0') {
        return false;
    }
    memcpy(number, text, strlen(text) + 1);
    return true;
}

static bool read_accepted(struct content_json *reader, const json_t *body, struct order_answer *answer)
{
    const char *state = content_json_string(reader, body, "state", true, 1, 32);
    if (!state || !read_number(reader, body, answer->number)) {
        return false;
    }
    if (!order_state_parse(state, &answer->state) || answer->state < ORDER_ACCEPTED ||
        answer->state == ORDER_REFUSED) {
        content_json_say(reader, CONTENT_ERROR, "state: %s is none of an order at the gateway", state);
    }
    return reader->errors == 0;
}

static bool read_refused_line(struct content_json *reader, const json_t *item, struct order_answer *answer)
{
    struct order_answer_line *line = &answer->lines[answer->line_count];
    if (!content_json_is_object(reader, item)) {
        return false;
    }
    const char *product = content_json_string(reader, item, "product", true, 1, ORDER_PRODUCT_SIZE - 1);
    const char *reason = content_json_string(reader, item, "reason", true, 1, 32);
    line->price_fen = content_json_integer(reader, item, "price_fen", false, -1, 0, ORDER_AMOUNT_MAXIMUM_FEN);
    line->stock = content_json_integer(reader, item, "stock", false, -1, 0, INT64_C(1000000000000));
    if (!product || !reason || !order_reason_parse(reason, &line->reason)) {
        return false;
    }
    memcpy(line->product, product, strlen(product) + 1);
    answer->line_count++;
    return true;
}

/* RFC 9457 with our "code", and "lines" where lines are the reason. */
static bool read_refused(struct content_json *reader, const json_t *body, struct order_answer *answer)
{
    const char *code = content_json_string(reader, body, "code", true, 1, 64);
    json_t *lines = content_json_array(reader, body, "lines", false, 0, ORDER_LINES_MAXIMUM);
    if (!code) {
        return false;
    }
    answer->state = ORDER_REFUSED;
    if (!order_reason_parse(code, &answer->reason) || answer->reason == ORDER_REASON_NONE) {
        log_error("the gateway refused an order as %s", code);
        answer->reason = ORDER_REASON_INVALID;
    }
    for (size_t i = 0; i < json_array_size(lines); i++) {
        if (!read_refused_line(reader, json_array_get(lines, i), answer)) {
            return false;
        }
    }
    return true;
}

static bool has_type(const struct link_response *response, const char *type)
{
    size_t size = strlen(type);
    return strncasecmp(response->content_type, type, size) == 0 &&
           (response->content_type[size] == '\0' || response->content_type[size] == ';' ||
            response->content_type[size] == ' ');
}

static json_t *load(struct content_json *reader, const struct link_response *response, const char *type)
{
    if (!has_type(response, type)) {
        log_warning("the gateway answered %d as \"%.60s\"; expected %s", response->status,
                    response->content_type, type);
        return NULL;
    }
    content_json_init(reader, "gateway answer", NULL, NULL);
    json_t *body = content_json_load(reader, response->body, ANSWER_MAXIMUM);
    if (body && !json_is_object(body)) {
        json_decref(body);
        body = NULL;
    }
    return body;
}

enum order_verdict order_message_read(const struct link_response *response, int64_t now_s,
                                      struct order_answer *answer)
{
    struct content_json reader;
    bool accepted = response->status == 200 || response->status == 201;
    bool refused =
        response->status >= 400 && response->status <= 499 && !backoff_is_transient(response->status);
    if (response->result != LINK_ANSWERED || (!accepted && !refused)) {
        return ORDER_VERDICT_RETRY;
    }
    json_t *body = load(&reader, response, accepted ? "application/json" : "application/problem+json");
    if (!body) {
        return ORDER_VERDICT_RETRY;
    }
    answer->true_s = now_s;
    answer->reason = ORDER_REASON_NONE;
    answer->number[0] = '\0';
    answer->line_count = 0;
    bool good = accepted ? read_accepted(&reader, body, answer) : read_refused(&reader, body, answer);
    json_decref(body);
    if (!good || reader.errors) {
        log_warning("the gateway's answer %d is not understood: %s", response->status, reader.first.text);
        return ORDER_VERDICT_RETRY;
    }
    return ORDER_VERDICT_FINAL;
}

bool order_message_read_states(const struct link_response *response, int64_t now_s,
                               struct order_states *states)
{
    struct content_json reader;
    enum { MAXIMUM = sizeof states->items / sizeof *states->items };
    if (response->result != LINK_ANSWERED || response->status != 200) {
        return false;
    }
    json_t *body = load(&reader, response, "application/json");
    if (!body) {
        return false;
    }
    states->true_s = now_s;
    states->count = 0;
    json_t *orders = content_json_array(&reader, body, "orders", true, 0, MAXIMUM);
    for (size_t i = 0; i < json_array_size(orders); i++) {
        const json_t *item = json_array_get(orders, i);
        struct order_states_item *to = &states->items[states->count];
        const char *state = NULL;
        if (content_json_is_object(&reader, item)) {
            state = content_json_string(&reader, item, "state", true, 1, 32);
        }
        if (state && read_number(&reader, item, to->number) && order_state_parse(state, &to->state) &&
            to->state >= ORDER_ACCEPTED && to->state != ORDER_REFUSED) {
            states->count++;
        }
    }
    json_decref(body);
    if (reader.errors) {
        log_warning("the gateway's list of orders is not understood: %s", reader.first.text);
    }
    return reader.errors == 0;
}
