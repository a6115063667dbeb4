/* SPDX-License-Identifier: Apache-2.0 */
/* The AITs that PMTs name: one slot for each PID and application type. Inside si only; belongs to one
 * watcher. */
#ifndef KOKONOR_SI_AITS_H
#define KOKONOR_SI_AITS_H

#include "si/ait.h"
#include "ts/demux.h"

#define SI_AITS_MAX 16
#define SI_AIT_SECTIONS_MAX 8
#define SI_AIT_ANY_TYPE (-1)

struct si_ait_slot {
    void *owner; /* the watcher, for the section callback */
    struct ts_subscription *subscription;
    uint16_t pid;
    int type; /* application_type; SI_AIT_ANY_TYPE: the first that comes */
    bool keep;

    bool started; /* the following describe building */
    uint8_t version;
    uint8_t last_section;
    unsigned seen; /* bit n: section n */
    uint32_t crcs[SI_AIT_SECTIONS_MAX];

    bool complete; /* current is a whole sub-table */
    struct si_ait building, current;
};

enum si_ait_result { SI_AIT_NOTHING_NEW, SI_AIT_CHANGED, SI_AIT_BAD };

/* Takes a section of the slot's PID. A sub-table counts when all its sections came. */
enum si_ait_result si_ait_slot_push(struct si_ait_slot *slot, const uint8_t *section, size_t size,
                                    struct si_text *text);

#endif
