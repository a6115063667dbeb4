/* SPDX-License-Identifier: Apache-2.0 */
/* A place for order tests: a folder with throw-away certificates, a real gateway as a child process, and
 * boxes as child processes that may be killed at any step. One thread. Everything asserts with cmocka and is
 * gone after place_close. */
#ifndef KOKONOR_TESTS_ORDER_PLACE_H
#define KOKONOR_TESTS_ORDER_PLACE_H

#include "link/link.h"
#include "order/order.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct place {
    char folder[64];
    pid_t gateway; /* 0: not running */
    int port;      /* the same over restarts */
};

/* CA, gateway and box certificates, a stranger's CA and certificate, a box without a subscription; products
 * and subscribers in the gateway's database. The gateway does not run yet. */
struct place *place_open(void);
void place_close(struct place *place);

/* Starts it and waits until it listens. fault: "section.name=value" of the hidden [test] settings, or NULL.
 */
void place_start_gateway(struct place *place, const char *fault);
/* Sends the signal and waits for the end; returns waitpid's status. */
int place_stop_gateway(struct place *place, int signal_number);
/* Waits for a gateway that ends by itself. */
int place_wait_gateway(struct place *place);
/* Runs kokonor-gateway with these words (NULL at the end) on the place's database; its exit status. */
int place_command(const struct place *place, const char *const *words);

/* What is in the gateway's database. */
int place_count_orders(const struct place *place);
int64_t place_stock(const struct place *place, const char *product);
/* The newest order's number, "" without. */
void place_number(const struct place *place, char number[64]);

struct box_run {
    const char *certificate; /* "box", "stranger", "unsubscribed" */
    const char *host;        /* NULL: localhost */
    bool place;              /* place an order of one yak-yogurt; else go on with what is in the outbox */
    int64_t price_fen;       /* 0: 1250 */
    int64_t quantity;        /* 0: 1 */
    const char *kill_at;     /* step at which the box is killed; NULL: none */
    bool refresh;            /* ask for states once all is answered */
    int give_up_ms;          /* 0: 30,000. After that the box ends with BOX_WAITING */
};
enum { BOX_EMPTY = 40, BOX_WAITING = 41, BOX_FAILED = 42 };
/* Starts a box process on household.db of the place. */
pid_t box_start(const struct place *place, const struct box_run *run);
/* Waits for it: the state of the newest order when all are answered, BOX_EMPTY, BOX_WAITING, BOX_FAILED, or
 * minus the signal that killed it. */
int box_wait(pid_t box);
int box_run(const struct place *place, const struct box_run *run);

/* One request, its answer copied. certificate as above, NULL: none shown. */
struct answer {
    enum link_result result;
    int status;
    size_t size;
    char body[65536];
};
struct asking {
    const char *certificate;
    const char *host; /* NULL: localhost */
    const char *ca;   /* NULL: "ca" */
    const char *method, *path, *key;
    struct bytes body;
    size_t response_maximum;
    int more_headers;
};
void place_ask(const struct place *place, const struct asking *asking, struct answer *answer);

#endif
