/* SPDX-License-Identifier: Apache-2.0 */
/* What the gateway answers to, as resources/api/gateway.json describes it: one table from method and path to
 * a handler. Knows no sockets. Any thread. */
#ifndef KOKONOR_GATEWAY_ROUTE_H
#define KOKONOR_GATEWAY_ROUTE_H

#include "gateway/ledger.h"
#include "gateway/reply.h"

#define ROUTE_PARAMETER_SIZE 64

struct request {
    const char *method;
    const char *path;
    const char *box;          /* from the verified certificate */
    const char *key;          /* Idempotency-Key; NULL without */
    const char *content_type; /* NULL without */
    struct bytes body;
};

struct route {
    const char *method;
    const char *path; /* may end in one "/{name}", which stands for one segment */
    void (*handle)(struct ledger *ledger, const struct request *request, const char *parameter,
                   struct reply *reply);
};

const struct route *route_table(size_t *count);
/* Always fills the reply. */
void route_request(struct ledger *ledger, const struct request *request, struct reply *reply);

#endif
