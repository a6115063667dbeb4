/* SPDX-License-Identifier: Apache-2.0 */
/* What a broadcast asks the box to do beside showing it: applications that start and stop with the service
 * (AIT), and stream events
 * ("do it now", or at a moment of the programme). Here they are followed, named and told; channels act on
 * them. Reception thread only, and not from the demultiplexer's callbacks. */
#ifndef KOKONOR_RECEPTION_INTERACTION_H
#define KOKONOR_RECEPTION_INTERACTION_H

#include "dsmcc/tree.h"
#include "si/watcher.h"

#define INTERACTION_NAME_SIZE 64

struct interaction;

struct interaction_state {
    size_t applications;               /* running now */
    uint64_t events;                   /* happened since the start */
    uint64_t bad_sections;             /* of table 0x3D: broken, or beyond what is kept */
    uint16_t event_id;                 /* the last one; 0: none yet */
    char event[INTERACTION_NAME_SIZE]; /* its name in the carousel; "" where that says none */
};

/* demux must outlive it. changed is called where the state is another one. NULL only without memory. */
struct interaction *interaction_create(struct ts_demux *demux, void (*changed)(void *context), void *context);
void interaction_destroy(struct interaction *interaction); /* NULL does nothing */
/* Follows this service (0: none) as watcher knows it now; called when either changed. */
void interaction_update(struct interaction *interaction, const struct si_watcher *watcher,
                        uint16_t service_id);
/* The carousel's newest tree: the names of events come from its stream-event objects. */
void interaction_take_tree(struct interaction *interaction, struct dsmcc_tree *tree);
void interaction_state(const struct interaction *interaction, struct interaction_state *state);

#endif
