/* SPDX-License-Identifier: Apache-2.0 */
/* Program map table (ISO/IEC 13818-1, 2.4.4.8) with the descriptors of data services, read and built. No
 * state; any thread. */
#ifndef KOKONOR_SI_PMT_H
#define KOKONOR_SI_PMT_H

#include "si/model.h"
#include "si/sections.h"

struct si_pmt {
    uint16_t program_number;
    uint16_t pcr_pid; /* SI_PID_NONE: none */
    size_t component_count;
    struct si_component components[SI_COMPONENTS_MAX];
    size_t access_count; /* CA_descriptors of the whole program */
    struct si_access accesses[SI_ACCESSES_MAX];
    size_t deferred_count; /* deferred_association_tags_descriptor */
    struct si_deferred deferred[SI_DEFERRED_MAX];
};

struct dvbpsi_pmt_s;

/* Copies what libdvbpsi decoded; a broken descriptor is passed over. Returns how many components were left
 * out. */
size_t si_pmt_read(const struct dvbpsi_pmt_s *table, struct si_pmt *pmt);
/* Appends the section, with stream_identifier, ISO_639_language, carousel_identifier, association_tag,
 * data_broadcast_id and application_signalling descriptors where the components say so. False (nothing
 * appended): more than 1,024 bytes, no memory or the list is full. */
bool si_build_pmt(struct si_sections *out, const struct si_pmt *pmt, unsigned version);

#endif
