/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger's files share: one connection under one lock. A function named ..._locked is called with
 * the lock held. */
#ifndef KOKONOR_GATEWAY_LEDGER_INSIDE_H
#define KOKONOR_GATEWAY_LEDGER_INSIDE_H

#include "gateway/ledger.h"
#include "store/database.h"
#include <pthread.h>

struct ledger {
    pthread_mutex_t lock;
    struct database *database;
    void (*step)(void *context, const char *name);
    void *step_context;
};

/* text is copied by SQLite. */
void ledger_bind(sqlite3_stmt *statement, int at, const char *text);

enum ledger_box_state { LEDGER_BOX_UNKNOWN, LEDGER_BOX_ACTIVE, LEDGER_BOX_SUSPENDED, LEDGER_BOX_ERROR };
enum ledger_box_state ledger_box_state_locked(struct ledger *ledger, const char *box);

/* The whole order as JSON, a new reference; NULL where there is none (*failed false) or on a failure. box
 * NULL: of any box. */
json_t *ledger_order_json_locked(struct ledger *ledger, const char *box, const char *number, bool *failed);

#endif
