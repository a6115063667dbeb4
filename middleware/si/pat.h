/* SPDX-License-Identifier: Apache-2.0 */
/* Program association table (ISO/IEC 13818-1, 2.4.4.3), read and built. No state; any thread. */
#ifndef KOKONOR_SI_PAT_H
#define KOKONOR_SI_PAT_H

#include "si/model.h"
#include "si/sections.h"

struct si_pat_program {
    uint16_t program_number; /* the service_id */
    uint16_t pid;            /* of its PMT */
};

struct si_pat {
    uint16_t transport_stream_id;
    uint16_t nit_pid; /* program_number 0; SI_PID_NONE: not named */
    size_t program_count;
    struct si_pat_program programs[SI_SERVICES_MAX];
};

struct dvbpsi_pat_s;

/* Copies what libdvbpsi decoded; programs with PIDs reserved for other tables are left out. Returns how many
 * programs were left out, over the limit included. */
size_t si_pat_read(const struct dvbpsi_pat_s *table, struct si_pat *pat);
/* Appends the section. False (nothing appended): no memory or the list is full. */
bool si_build_pat(struct si_sections *out, const struct si_pat *pat, unsigned version);

#endif
