/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the order room: orders and outbox in household.db, synchronous=FULL. One thread at a time; every
 * function but the reading ones waits for the disk, and each is one transaction: when it returned true, a
 * power cut does not undo it; else nothing of it stands. */
#ifndef KOKONOR_ORDER_OUTBOX_H
#define KOKONOR_ORDER_OUTBOX_H

#include "order/record.h"

struct order_outbox;

typedef void order_step_fn(void *context, const char *name);

struct order_outbox *order_outbox_open(const char *path, order_step_fn *step, void *step_context,
                                       struct error *error);
void order_outbox_close(struct order_outbox *outbox);

/* Calls each, newest first, with a record that becomes its own; at most maximum answered orders, and all
 * unanswered ones. */
typedef void order_record_fn(void *context, struct order_record *record);
bool order_outbox_load(struct order_outbox *outbox, size_t maximum, order_record_fn *each, void *context,
                       struct error *error);

/* The order with its lines and what to send: steps "writing", "queued". */
bool order_outbox_add(struct order_outbox *outbox, const struct order_record *record, struct error *error);
/* From queued to sent, before the first byte goes: steps "marking", "sent". */
bool order_outbox_mark_sent(struct order_outbox *outbox, const char *key, struct error *error);
/* The answer comes in and the order leaves the outbox: steps "settling", "settled". */
bool order_outbox_settle(struct order_outbox *outbox, const struct order_answer *answer, struct error *error);
/* States of accepted orders. */
bool order_outbox_update(struct order_outbox *outbox, const struct order_states *states, struct error *error);

#endif
