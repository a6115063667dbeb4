/* SPDX-License-Identifier: Apache-2.0 */
/* HTTPS in front of the routes: mutual TLS, limits, a graceful stop. Serves on threads of its own; start and
 * stop it from one thread. */
#ifndef KOKONOR_GATEWAY_SERVER_H
#define KOKONOR_GATEWAY_SERVER_H

#include "base/error.h"
#include "gateway/ledger.h"

struct server;

struct server_options {
    const char *address; /* numeric, IPv4 or IPv6 */
    int port;            /* 0: any free */
    const char *certificate_path;
    const char *key_path;
    const char *client_ca_path; /* who may certify boxes */
    unsigned threads;           /* 1..64 */
    unsigned connections;       /* in all */
    unsigned connections_per_address;
    unsigned idle_s;       /* a connection that says nothing for so long is closed */
    unsigned lose_replies; /* for tests: so many orders are done but not answered, the connection is cut */
};

/* Serves from then on. NULL and a reason in error. ledger must outlive the server. */
struct server *server_start(struct ledger *ledger, const struct server_options *options, struct error *error);
int server_port(const struct server *server);
/* Takes no new connection, lets what was begun be answered, for up to grace_ms, and ends. NULL is fine. */
void server_stop(struct server *server, int grace_ms);

#endif
