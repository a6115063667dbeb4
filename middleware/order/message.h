/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the order room: an order as JSON for the gateway, and the gateway's answers
 * (resources/api/gateway.json). Any thread. */
#ifndef KOKONOR_ORDER_MESSAGE_H
#define KOKONOR_ORDER_MESSAGE_H

#include "order/record.h"

/* The body of POST /v1/orders, the caller's to free; NULL without memory. */
char *order_message_write(const struct order *order);

enum order_verdict {
    ORDER_VERDICT_FINAL, /* answer is filled: it can be written down, and the order leaves the outbox */
    ORDER_VERDICT_RETRY, /* no answer, or none that counts: send again later with the same key */
};
/* What a response to POST /v1/orders means. answer->key stays as it is. Only a body that is what the API
 * promises is final: a refusal that some proxy made up is not. */
enum order_verdict order_message_read(const struct link_response *response, int64_t now_s,
                                      struct order_answer *answer);
/* Reads GET /v1/orders; false where it is not what the API promises. Orders in states that we do not know are
 * left out. */
bool order_message_read_states(const struct link_response *response, int64_t now_s,
                               struct order_states *states);

#endif
