/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the order room: an order with what it owns, and what the gateway answered about one. Plain memory,
 * no thread of its own. */
#ifndef KOKONOR_ORDER_RECORD_H
#define KOKONOR_ORDER_RECORD_H

#include "base/text.h"
#include "link/backoff.h"
#include "order/order.h"

#define ORDER_NUMBER_SIZE 32
#define ORDER_PRODUCT_SIZE 49

struct order_record {
    struct order order; /* what is lent out; every string in it is its own allocation */
    struct order_line *lines;
    char *body; /* the bytes to send; NULL once the answer is on disk */
    size_t body_size;
    /* The book's: how sending goes. */
    struct order_book *book;
    struct backoff backoff;
    int64_t due_ms; /* monotonic */
    struct link_call *call;
    bool writing; /* a write about this order is queued or under way */
};

/* A final answer to an order. */
struct order_answer {
    char key[TEXT_UUID_SIZE];
    enum order_state state; /* ORDER_REFUSED, or one from ORDER_ACCEPTED on */
    enum order_reason reason;
    char number[ORDER_NUMBER_SIZE];
    int64_t true_s;
    struct order_answer_line {
        char product[ORDER_PRODUCT_SIZE];
        enum order_reason reason;
        int64_t price_fen, stock; /* -1: not told */
    } lines[ORDER_LINES_MAXIMUM];
    size_t line_count;
};

/* The states in the gateway's list of this box's orders. */
struct order_states {
    int64_t true_s;
    size_t count;
    struct order_states_item {
        char number[ORDER_NUMBER_SIZE];
        enum order_state state;
    } items[50];
};

/* Checks a request's every limit and adds it up. */
bool order_request_check(const struct order_request *request, int64_t *total_fen, struct error *error);
/* An empty record for line_count lines, every string ""; NULL without memory. */
struct order_record *order_record_create(size_t line_count);
/* A record of a checked request: new key, state queued, body made. NULL with error set without memory or
 * random bytes. */
struct order_record *order_record_make(const struct order_request *request, int64_t total_fen, int64_t now_s,
                                       struct error *error);
void order_record_destroy(struct order_record *record);
/* Replaces a string of the record; false, and it stays, without memory. */
bool order_record_set(const char **field, const char *text);
/* Brings what the answer says into the record. */
void order_record_apply(struct order_record *record, const struct order_answer *answer);

#endif
