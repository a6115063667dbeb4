/* SPDX-License-Identifier: Apache-2.0 */
/* The orders of this household: an outbox on disk, so that an order is sent exactly once in effect, whatever
 * fails when. The loop's thread alone may call it; disk writes happen on libuv workers. The book owns the
 * orders it shows; what it lends is valid until control returns to the loop. Life: queued, sent, then
 * accepted or refused, then as the gateway tells. */
#ifndef KOKONOR_ORDER_ORDER_H
#define KOKONOR_ORDER_ORDER_H

#include "base/error.h"
#include "link/link.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum order_state {
    ORDER_QUEUED,   /* on disk, not sent yet */
    ORDER_SENT,     /* may have reached the gateway; no answer yet */
    ORDER_ACCEPTED, /* has a number */
    ORDER_REFUSED,  /* reason says why; final */
    ORDER_PAID,
    ORDER_SHIPPED,
    ORDER_DELIVERED,
    ORDER_COMPLETED,
    ORDER_CANCELLED,
    ORDER_RETURNING,
    ORDER_REFUNDED,
    ORDER_STATE_COUNT
};
/* The name in JSON and on disk: "queued" ... "refunded". */
const char *order_state_str(enum order_state state);
/* The key in resources/strings: "orders.state.queued" ... */
const char *order_state_text_key(enum order_state state);
bool order_state_parse(const char *text, enum order_state *state);

enum order_reason {
    ORDER_REASON_NONE,
    ORDER_REASON_PRICE_CHANGED,    /* lines say the price now */
    ORDER_REASON_OUT_OF_STOCK,     /* lines say the stock now */
    ORDER_REASON_UNKNOWN_PRODUCT,  /* lines say which is not sold any more */
    ORDER_REASON_NOT_A_SUBSCRIBER, /* the gateway does not know this box, or has blocked it */
    ORDER_REASON_INVALID,          /* the gateway did not understand it: a fault of ours, in the log */
    ORDER_REASON_COUNT
};
const char *order_reason_str(enum order_reason reason);
/* The key in resources/strings: "order.refused.price_changed" ...; "order.refused.other" for what has no
 * words of its own. */
const char *order_reason_text_key(enum order_reason reason);

#define ORDER_LINES_MAXIMUM 50
#define ORDER_QUANTITY_MAXIMUM 999
#define ORDER_AMOUNT_MAXIMUM_FEN INT64_C(1000000000000)

struct order_line {
    const char *product; /* [a-z0-9-]{1,48} */
    const char *name_zh; /* as the viewer saw it; never NULL in a shown order, at most 200 bytes */
    const char *name_bo; /* "" where there is none */
    const char *name_en; /* "" where there is none */
    int64_t unit_price_fen;
    int64_t quantity; /* 1..999 */
    /* Filled in a refused order, ignored by order_place: why this line was refused, and what holds at the
     * gateway now. */
    enum order_reason reason;
    int64_t current_price_fen; /* -1: not told */
    int64_t current_stock;     /* -1: not told */
};

/* An order as shown. Every string is "" where there is nothing to say. */
struct order {
    const char *key;    /* UUID: idempotency key and this box's name for the order */
    const char *number; /* the gateway's, for people; "" until accepted */
    enum order_state state;
    enum order_reason reason;
    int64_t created_s; /* UTC */
    int64_t true_s;    /* UTC: when the gateway last confirmed the state; 0: never */
    int64_t total_fen;
    const char *payment; /* "cod" */
    const char *delivery_name;
    const char *delivery_phone;
    const char *delivery_address;
    const struct order_line *lines;
    size_t line_count;
    bool waiting; /* queued or sent, and the last attempt failed: the return channel is down, another attempt
                     follows by itself */
};

/* What the viewer confirmed. Copied. */
struct order_request {
    const struct order_line *lines;
    size_t line_count;         /* 1..ORDER_LINES_MAXIMUM, each product once */
    const char *payment;       /* NULL: "cod", the only one so far */
    const char *delivery_name; /* none of the three: the subscriber's registered address at the gateway */
    const char *delivery_phone;
    const char *delivery_address;
};

struct order_book;

/* An order or the list changed: draw again. order is NULL where several may have. May call anything here,
 * also destroy the book. */
typedef void order_changed_fn(void *context, const struct order *order);
/* The order's fate on disk, once. order: it is in the outbox for good, and is being sent. NULL: nothing was
 * stored and nothing will be sent, error (English) says why; the viewer must be told ("order.failed.disk").
 */
typedef void order_placed_fn(void *context, const struct order *order, const char *error);

struct order_book_options {
    const char *database_path; /* household.db; copied */
    struct link *link;         /* NULL: orders wait in the outbox. Must outlive the book */
    order_changed_fn *changed; /* may be NULL */
    void *context;
    int64_t retry_first_ms;   /* 0: 2,000 */
    int64_t retry_maximum_ms; /* 0: 300,000 */
    /* For tests that stop the program between two steps of an order; NULL otherwise. Called on whatever
     * thread takes the step, with: "made" (key exists in memory), "writing" (inside the outbox transaction),
     * "queued" (committed), "marking" (inside the transaction that says sent), "sent" (that is committed, no
     * byte sent yet), "handed" (the link has the request), "answered" (the reply is here, not on disk),
     * "settling" (inside the transaction that stores it), "settled" (committed). */
    void (*step)(void *context, const char *name);
    void *step_context;
};

/* Opens (and makes) the tables in the database, reads the orders (this waits for the disk: call it before the
 * loop runs) and sends again what has no answer, with its first key and body. NULL with error set on failure.
 */
struct order_book *order_book_create(uv_loop_t *loop, const struct order_book_options *options,
                                     struct error *error);
/* Cancels calls and waits for a write that is under way. Orders on disk stay. No callback comes after. The
 * loop must still be run for the handles to close. NULL is fine. */
void order_book_destroy(struct order_book *book);

/* Checks the request, makes the key and commits the order to the outbox on a worker; placed is then called on
 * the loop. Returns false with error set (placed is never called) where the request breaks a limit, the total
 * overflows, or 100 orders are unanswered already. */
bool order_place(struct order_book *book, const struct order_request *request, order_placed_fn *placed,
                 void *context, struct error *error);

/* The orders, newest first, at most the newest 500. Returns their number. Lent until control returns to the
 * loop. */
size_t order_book_list(const struct order_book *book, const struct order *const **orders);
/* The order with that key, or with that number; NULL where there is none. Lent likewise. */
const struct order *order_book_find(const struct order_book *book, const char *key_or_number);
/* Asks the gateway for the states of all numbered orders (one request), and sends at once what waits. changed
 * tells. Asked again while asking, it does nothing. */
void order_book_refresh(struct order_book *book);

#endif
