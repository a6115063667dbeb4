/* SPDX-License-Identifier: Apache-2.0 */
/* Network information table of the actual network (EN 300 468, 5.2.1) with cable delivery, read and built. No
 * state; any thread. */
#ifndef KOKONOR_SI_NIT_H
#define KOKONOR_SI_NIT_H

#include "si/model.h"
#include "si/sections.h"
#include "si/text.h"

/* Values of the cable_delivery_system_descriptor (EN 300 468, 6.2.13.1). */
enum si_modulation {
    SI_MODULATION_UNDEFINED = 0,
    SI_MODULATION_16QAM = 1,
    SI_MODULATION_32QAM = 2,
    SI_MODULATION_64QAM = 3,
    SI_MODULATION_128QAM = 4,
    SI_MODULATION_256QAM = 5
};
#define SI_FEC_OUTER_RS 2    /* RS(204,188) */
#define SI_FEC_INNER_NONE 15 /* DVB-C has no inner code */

/* "64qam"; "undefined" for a reserved value. */
const char *si_modulation_str(enum si_modulation modulation);

struct si_cable {
    uint32_t frequency_hz; /* steps of 100 Hz; 0: no descriptor */
    uint32_t symbol_rate;  /* symbols a second, steps of 100 */
    enum si_modulation modulation;
    uint8_t fec_outer;
    uint8_t fec_inner;
};

struct si_stream_service {
    uint16_t service_id;
    uint8_t type;
};

struct si_stream {
    uint16_t transport_stream_id;
    uint16_t original_network_id;
    bool has_cable;
    struct si_cable cable;
    size_t service_count; /* service_list_descriptor */
    struct si_stream_service services[SI_STREAM_SERVICES_MAX];
};

struct si_nit {
    uint16_t network_id;
    char name[SI_NAME_SIZE];
    size_t stream_count;
    struct si_stream streams[SI_STREAMS_MAX]; /* about 20 KiB */
};

struct dvbpsi_nit_s;

/* Copies what libdvbpsi decoded. Returns how many transport streams were left out. */
size_t si_nit_read(const struct dvbpsi_nit_s *table, struct si_text *text, struct si_nit *nit);
/* Appends as many sections as the streams need. False (nothing appended): no memory or the list is full. */
bool si_build_nit(struct si_sections *out, const struct si_nit *nit, unsigned version);

#endif
