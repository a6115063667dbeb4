/* SPDX-License-Identifier: Apache-2.0 */
/* What a running playout says of itself: each thread writes its own part under the board's lock, the control
 * socket reads it all. Any thread. */
#ifndef KOKONOR_PLAYOUT_STATUS_H
#define KOKONOR_PLAYOUT_STATUS_H

#include "base/error.h"
#include "content/document.h"
#include "dsmcc/builder.h"
#include "playout/live.h"
#include "playout/mux.h"
#include "playout/tables.h"

#define STATUS_TEXT_SIZE sizeof(((struct error *)0)->text)

struct status_refusal {
    char text[STATUS_TEXT_SIZE]; /* "": nothing was refused since the last good version */
    int64_t utc_s;
};

struct status_role {
    int64_t sequence; /* 0: off air */
    int64_t valid_until;
    size_t files;
    struct status_refusal refusal;
};

struct status {
    int64_t started_utc_s, started_us;
    int64_t bit_rate, carousel_bit_rate;
    struct mux_counts mux;
    struct live_counts live;
    uint64_t sent; /* datagrams */
    size_t held, capacity;
    struct dsmcc_builder_info carousel;
    uint8_t table_versions[TABLES_KINDS];
    uint64_t events; /* stream events triggered */
    struct status_role roles[CONTENT_ROLES];
    struct status_refusal channel;
};

struct board;

struct board *board_create(void); /* NULL without memory */
void board_destroy(struct board *board);
/* Between the two the status is the caller's: for a few copies, no work. */
struct status *board_lock(struct board *board);
void board_unlock(struct board *board);

/* A new reference; NULL without memory. The keys are documented in kokonor-playout(1). */
json_t *status_json(const struct status *status);
/* The refusal as an object: text and, where it is "FILE: PLACE: expected X, found Y", file, place, expected,
 * found. */
json_t *status_mistake_json(const char *text);

#endif
