/* SPDX-License-Identifier: Apache-2.0 */
/* The services of a stream as PAT, SDT and PMTs tell of them. Inside si only; belongs to one watcher. */
#ifndef KOKONOR_SI_LINEUP_H
#define KOKONOR_SI_LINEUP_H

#include "si/feed.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/sdt.h"
#include "si/watcher.h"

/* A service and what follows its PMT. */
struct si_tracked {
    struct si_service service;
    struct si_watcher *watcher;
    struct si_feed *feed;                 /* NULL: the PAT does not name it */
    struct ts_subscription *subscription; /* of the PMT's PID */
    bool keep;                            /* while a table is applied */
};

struct si_lineup {
    size_t count;
    struct si_tracked *services[SI_SERVICES_MAX]; /* ascending service_id */
};

/* NULL where there is none. */
struct si_tracked *si_lineup_find(const struct si_lineup *lineup, uint16_t service_id);
/* The service, made where there is none; NULL: no memory or no room. */
struct si_tracked *si_lineup_add(struct si_lineup *lineup, uint16_t service_id);
/* Removes the services that neither PAT nor SDT names; their feeds must be gone. True where there were any.
 */
bool si_lineup_sweep(struct si_lineup *lineup);

/* Take over what a table says. True where that changed something. *left_out counts services without room. */
bool si_lineup_apply_sdt(struct si_lineup *lineup, const struct si_sdt *sdt, uint64_t *left_out);
bool si_tracked_apply_pmt(struct si_tracked *tracked, const struct si_pmt *pmt);
/* Forgets what the PMT said. */
void si_tracked_clear_pmt(struct si_tracked *tracked);

#endif
