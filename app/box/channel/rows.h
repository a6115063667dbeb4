/* SPDX-License-Identifier: Apache-2.0 */
/* What lists and grids of content have in common: which node shows which thing, so that the one in focus is
 * found again when the list is made anew (another language, newer content). Storage is the channel's. Main
 * thread. */
#ifndef KOKONOR_CHANNEL_ROWS_H
#define KOKONOR_CHANNEL_ROWS_H

#include "ui/widget.h"

#define ROWS_MAX 200
#define ROW_ID_SIZE 49 /* of content ids and order keys */

struct row {
    struct shell *shell;
    const char *opens; /* the channel that shows one of them, as a constant */
    char id[ROW_ID_SIZE];
    struct node *node;
};

struct rows {
    struct row items[ROWS_MAX];
    size_t count;
    char focused[ROW_ID_SIZE]; /* had the focus when rows_restart was called; "" none */
};

/* Begins the list anew; the nodes it had are destroyed after this call, or were never there. */
void rows_restart(struct rows *rows);
/* The next row, for rows_open with it as context; NULL where there are ROWS_MAX. */
struct row *rows_add(struct rows *rows, struct shell *shell, const char *opens, const char *id);
/* The node of the row just added; it has the focus again if its thing had it. */
void rows_placed(struct rows *rows, struct row *row, struct node *node);
/* node_activate_fn: opens the row's channel with its id. context: the row. */
void rows_open(struct node *node, void *context);

#endif
