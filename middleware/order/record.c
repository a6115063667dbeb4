/* SPDX-License-Identifier: Apache-2.0 */
#include "order/record.h"
#include "order/message.h"
#include <stdlib.h>
#include <string.h>

enum { NAME_MAXIMUM = 200, DELIVERY_MAXIMUM = 200 };

static bool is_id(const char *text)
{
    size_t size = text ? strnlen(text, ORDER_PRODUCT_SIZE) : 0;
    return size > 0 && size < ORDER_PRODUCT_SIZE &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

static bool fits(const char *text, size_t maximum)
{
    size_t size = text ? strnlen(text, maximum + 1) : 0;
    return size <= maximum && text_is_utf8(text ? text : "", size);
}

static bool check_line(const struct order_request *request, size_t index, struct error *error)
{
    const struct order_line *line = &request->lines[index];
    if (!is_id(line->product)) {
        return error_set(error, "order line %zu: the product's id is not [a-z0-9-]{1,48}", index);
    }
    for (size_t i = 0; i < index; i++) {
        if (strcmp(request->lines[i].product, line->product) == 0) {
            return error_set(error, "order line %zu: %s stands twice", index, line->product);
        }
    }
    if (!fits(line->name_zh, NAME_MAXIMUM) || !fits(line->name_bo, NAME_MAXIMUM) ||
        !fits(line->name_en, NAME_MAXIMUM)) {
        return error_set(error, "order line %zu: a name is over %d bytes or not UTF-8", index, NAME_MAXIMUM);
    }
    if (line->quantity < 1 || line->quantity > ORDER_QUANTITY_MAXIMUM) {
        return error_set(error, "order line %zu: quantity %lld is not within 1 to %d", index,
                         (long long)line->quantity, ORDER_QUANTITY_MAXIMUM);
    }
    if (line->unit_price_fen < 0 || line->unit_price_fen > ORDER_AMOUNT_MAXIMUM_FEN) {
        return error_set(error, "order line %zu: price %lld fen is out of range", index,
                         (long long)line->unit_price_fen);
    }
    return true;
}

static bool is_given(const char *text)
{
    return text && text[0];
}

static bool check_delivery(const struct order_request *request, struct error *error)
{
    const char *name = request->delivery_name, *phone = request->delivery_phone,
               *address = request->delivery_address;
    if (is_given(name) != is_given(phone) || is_given(name) != is_given(address)) {
        return error_set(error, "a delivery address needs name, phone and address");
    }
    return (fits(name, DELIVERY_MAXIMUM) && fits(phone, DELIVERY_MAXIMUM) &&
            fits(address, DELIVERY_MAXIMUM)) ||
           error_set(error, "a part of the delivery address is over %d bytes or not UTF-8", DELIVERY_MAXIMUM);
}

bool order_request_check(const struct order_request *request, int64_t *total_fen, struct error *error)
{
    *total_fen = 0;
    if (request->line_count < 1 || request->line_count > ORDER_LINES_MAXIMUM) {
        return error_set(error, "an order has 1 to %d lines, not %zu", ORDER_LINES_MAXIMUM,
                         request->line_count);
    }
    for (size_t i = 0; i < request->line_count; i++) {
        int64_t amount;
        if (!check_line(request, i, error)) {
            return false;
        }
        if (__builtin_mul_overflow(request->lines[i].unit_price_fen, request->lines[i].quantity, &amount) ||
            __builtin_add_overflow(*total_fen, amount, total_fen) || *total_fen > ORDER_AMOUNT_MAXIMUM_FEN) {
            return error_set(error, "the order's total is over the limit");
        }
    }
    if (request->payment && strcmp(request->payment, "cod") != 0) {
        return error_set(error, "payment \"%.20s\" is not known; expected cod", request->payment);
    }
    return check_delivery(request, error);
}

bool order_record_set(const char **field, const char *text)
{
    char *made = strdup(text ? text : "");
    if (!made) {
        return false;
    }
    free((char *)*field);
    *field = made;
    return true;
}

struct order_record *order_record_create(size_t line_count)
{
    struct order_record *record = calloc(1, sizeof *record);
    if (!record) {
        return NULL;
    }
    struct order *order = &record->order;
    record->lines = calloc(line_count ? line_count : 1, sizeof *record->lines);
    order->lines = record->lines;
    order->line_count = record->lines ? line_count : 0;
    bool good = record->lines && order_record_set(&order->key, "") && order_record_set(&order->number, "") &&
                order_record_set(&order->payment, "") && order_record_set(&order->delivery_name, "") &&
                order_record_set(&order->delivery_phone, "") &&
                order_record_set(&order->delivery_address, "");
    for (size_t i = 0; good && i < line_count; i++) {
        struct order_line *line = &record->lines[i];
        line->current_price_fen = line->current_stock = -1;
        good = order_record_set(&line->product, "") && order_record_set(&line->name_zh, "") &&
               order_record_set(&line->name_bo, "") && order_record_set(&line->name_en, "");
    }
    if (!good) {
        order_record_destroy(record);
        return NULL;
    }
    return record;
}

static bool copy_request(struct order_record *record, const struct order_request *request)
{
    struct order *order = &record->order;
    bool good = order_record_set(&order->payment, request->payment ? request->payment : "cod") &&
                order_record_set(&order->delivery_name, request->delivery_name) &&
                order_record_set(&order->delivery_phone, request->delivery_phone) &&
                order_record_set(&order->delivery_address, request->delivery_address);
    for (size_t i = 0; good && i < request->line_count; i++) {
        const struct order_line *from = &request->lines[i];
        struct order_line *to = &record->lines[i];
        to->unit_price_fen = from->unit_price_fen;
        to->quantity = from->quantity;
        good = order_record_set(&to->product, from->product) &&
               order_record_set(&to->name_zh, from->name_zh) &&
               order_record_set(&to->name_bo, from->name_bo) && order_record_set(&to->name_en, from->name_en);
    }
    return good;
}

struct order_record *order_record_make(const struct order_request *request, int64_t total_fen, int64_t now_s,
                                       struct error *error)
{
    char key[TEXT_UUID_SIZE];
    struct order_record *record = order_record_create(request->line_count);
    if (!record || !text_uuid(key) || !order_record_set(&record->order.key, key) ||
        !copy_request(record, request)) {
        order_record_destroy(record);
        error_set(error, "the order cannot be made: no memory or no random bytes");
        return NULL;
    }
    record->order.state = ORDER_QUEUED;
    record->order.created_s = now_s;
    record->order.total_fen = total_fen;
    record->body = order_message_write(&record->order);
    if (!record->body) {
        order_record_destroy(record);
        error_set(error, "the order cannot be made: no memory");
        return NULL;
    }
    record->body_size = strlen(record->body);
    return record;
}

void order_record_destroy(struct order_record *record)
{
    if (!record) {
        return;
    }
    struct order *order = &record->order;
    const char *const strings[] = {order->key,           order->number,         order->payment,
                                   order->delivery_name, order->delivery_phone, order->delivery_address};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        free((char *)strings[i]);
    }
    for (size_t i = 0; i < order->line_count; i++) {
        free((char *)record->lines[i].product);
        free((char *)record->lines[i].name_zh);
        free((char *)record->lines[i].name_bo);
        free((char *)record->lines[i].name_en);
    }
    free(record->lines);
    free(record->body);
    free(record);
}

void order_record_apply(struct order_record *record, const struct order_answer *answer)
{
    struct order *order = &record->order;
    order->state = answer->state;
    order->reason = answer->reason;
    order->true_s = answer->true_s;
    order->waiting = false;
    order_record_set(&order->number, answer->number);
    for (size_t i = 0; i < answer->line_count; i++) {
        for (size_t k = 0; k < order->line_count; k++) {
            struct order_line *line = &record->lines[k];
            if (strcmp(line->product, answer->lines[i].product) == 0) {
                line->reason = answer->lines[i].reason;
                line->current_price_fen = answer->lines[i].price_fen;
                line->current_stock = answer->lines[i].stock;
            }
        }
    }
    free(record->body);
    record->body = NULL;
}
