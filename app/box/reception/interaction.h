/* SPDX-License-Identifier: Apache-2.0 */
/* What a broadcast asks the box to do beside showing it: applications that its AIT signals, and stream events
 * ("do it now", or at a moment of the programme). Here they are followed and named; main acts on them
 * (shell/programme.h). Reception thread only, and not from the demultiplexer's callbacks. */
#ifndef KOKONOR_RECEPTION_INTERACTION_H
#define KOKONOR_RECEPTION_INTERACTION_H

#include "dsmcc/stream_event.h"
#include "dsmcc/tree.h"
#include "si/watcher.h"

#define INTERACTION_NAME_SIZE 64

struct interaction;

/* An event that happens now. Nothing in it is signed: it may point at content, but not say anything itself.
 */
struct interaction_event {
    uint16_t service_id; /* whose it is */
    uint16_t event_id;
    bool scheduled;
    char name[INTERACTION_NAME_SIZE]; /* in the carousel; "" where that says none */
    size_t size;
    uint8_t payload[DSMCC_EVENT_DATA_MAX];
};

/* An application as the AIT has it now. */
struct interaction_application {
    uint32_t organisation_id;
    uint16_t application_id;
    uint8_t control_code; /* enum si_control_code */
    uint8_t priority;
    bool service_bound;
};

enum interaction_ait {
    INTERACTION_AIT_AWAITED, /* or gone from the air: what runs keeps running */
    INTERACTION_AIT_NONE,    /* the service announces none */
    INTERACTION_AIT_HERE
};

struct interaction_state {
    size_t applications;               /* that are to run by themselves now */
    uint64_t events;                   /* happened since the start */
    uint64_t bad_sections;             /* of table 0x3D: broken, or beyond what is kept */
    uint16_t event_id;                 /* the last one; 0: none yet */
    char event[INTERACTION_NAME_SIZE]; /* its name in the carousel; "" where that says none */
    uint64_t lost;                     /* events that main did not fetch in time */
    uint16_t service_id;               /* that is followed; 0: none */
    enum interaction_ait ait;
    size_t signalled_count;
    struct interaction_application signalled[SI_APPLICATIONS_MAX];
};

struct interaction_calls {
    void (*changed)(void *context); /* the state is another one */
    /* In their order, each once: also where the stream's PIDs change, or the viewer leaves the service and
     * comes back, while the event is repeated. event is valid during the call. False: it is lost. */
    bool (*event)(void *context, const struct interaction_event *event);
    void *context;
};

/* demux must outlive it. NULL only without memory. */
struct interaction *interaction_create(struct ts_demux *demux, const struct interaction_calls *calls);
void interaction_destroy(struct interaction *interaction); /* NULL does nothing */
/* Follows this service (0: none) as watcher knows it now; called when either changed. */
void interaction_update(struct interaction *interaction, const struct si_watcher *watcher,
                        uint16_t service_id);
/* The carousel's newest tree: the names of events come from its stream-event objects. */
void interaction_take_tree(struct interaction *interaction, struct dsmcc_tree *tree);
void interaction_state(const struct interaction *interaction, struct interaction_state *state);

#endif
