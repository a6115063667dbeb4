/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's database behind one door: subscribers, products, orders and the first answers to keys. Any
 * thread may call any function; each is one transaction and when it returns the disk has it. Several
 * processes may open one file. */
#ifndef KOKONOR_GATEWAY_LEDGER_H
#define KOKONOR_GATEWAY_LEDGER_H

#include "base/error.h"
#include "gateway/intake.h"
#include "gateway/reply.h"
#include <stdint.h>
#include <stdio.h>

#define LEDGER_HASH_SIZE 32
#define LEDGER_BOX_MAXIMUM 64
#define LEDGER_LIST_MAXIMUM 50

struct ledger;

/* A damaged file is refused: money is in it. NULL and a reason in error. */
struct ledger *ledger_open(const char *path, struct error *error);
void ledger_close(struct ledger *ledger);
/* For tests that kill the gateway: called inside the transaction of an order with "before_commit" and after
 * it with "commit". */
void ledger_on_step(struct ledger *ledger, void (*step)(void *context, const char *name), void *context);

/* [A-Za-z0-9._-]{1,64}: what a box may be called in a certificate and in the database. */
bool ledger_is_box(const char *box);
/* Adds, or changes name, address and phone and makes active again. */
bool ledger_add_subscriber(struct ledger *ledger, const char *box, const char *name, const char *address,
                           const char *phone, struct error *error);
/* active: may order; else every request is refused. False where there is no such subscriber. */
bool ledger_set_subscriber(struct ledger *ledger, const char *box, bool active, struct error *error);

struct ledger_product {
    const char *id;
    const char *name; /* JSON */
    int64_t price_fen;
    int64_t stock; /* for a product that is new, and for all with reset_stock */
    const char *merchant;
};
/* These are the products on sale from now on; others stay in the database, not on sale. */
bool ledger_import(struct ledger *ledger, const struct ledger_product *products, size_t count,
                   bool reset_stock, struct error *error);

/* An order of a box under a key (any text of 1 to 64 bytes). The reply is always filled: 201 with the order;
 * what a refusal says (also kept under the key); the first answer where the key is known and the hash is the
 * same; key_reused where it is not; unavailable where the database failed, and then nothing happened. */
void ledger_place(struct ledger *ledger, const char *box, const char *key,
                  const uint8_t hash[LEDGER_HASH_SIZE], const struct intake *intake, struct reply *reply);
/* The newest LEDGER_LIST_MAXIMUM orders of a box; one of its orders; a product on sale; that the database
 * answers. */
void ledger_get_orders(struct ledger *ledger, const char *box, struct reply *reply);
void ledger_get_order(struct ledger *ledger, const char *box, const char *number, struct reply *reply);
void ledger_get_product(struct ledger *ledger, const char *box, const char *id, struct reply *reply);
void ledger_get_health(struct ledger *ledger, struct reply *reply);

/* For the operator: one JSON object a line, newest first, at most limit. */
bool ledger_print_orders(struct ledger *ledger, size_t limit, FILE *out, struct error *error);
bool ledger_print_order(struct ledger *ledger, const char *number, FILE *out, struct error *error);
/* Moves an order on, where its present state leads there (see lifecycle.h); a cancelled order gives its stock
 * back. */
bool ledger_set_state(struct ledger *ledger, const char *number, const char *state, struct error *error);

#endif
