/* SPDX-License-Identifier: Apache-2.0 */
/* Network information table of the actual and of other networks and bouquet association table (EN 300 468,
 * 5.2.1 and 5.2.2) with cable delivery and logical channel numbers, read and built. No state; any thread. */
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
/* The reverse, in capitals or not; SI_MODULATION_UNDEFINED for any other text. */
enum si_modulation si_modulation_from_str(const char *text);

struct si_cable {
    uint32_t frequency_hz; /* steps of 100 Hz; 0: no descriptor */
    uint32_t symbol_rate;  /* symbols a second, steps of 100 */
    enum si_modulation modulation;
    uint8_t fec_outer;
    uint8_t fec_inner;
};

#define SI_TABLE_NIT_ACTUAL 0x40
#define SI_TABLE_NIT_OTHER 0x41
#define SI_TABLE_BAT 0x4A

struct si_stream_service {
    uint16_t service_id;
    uint8_t type;
    bool unlisted; /* only a logical_channel_descriptor names it, the type is unknown */
    bool hidden;   /* visible_service_flag 0 */
    uint16_t lcn;  /* logical_channel_number; 0: none */
};

struct si_stream {
    uint16_t transport_stream_id;
    uint16_t original_network_id;
    bool has_cable;
    struct si_cable cable;
    size_t service_count; /* service_list_descriptor */
    struct si_stream_service services[SI_STREAM_SERVICES_MAX];
    uint32_t lcn_specifier; /* private_data_specifier of the numbers; 0: there are none */
    uint8_t lcn_tag;        /* 0x83 or 0x87 */
};

/* Also a bouquet, whose bouquet_id is network_id. */
struct si_nit {
    uint16_t network_id;
    char name[SI_NAME_SIZE];
    size_t stream_count;
    struct si_stream streams[SI_STREAMS_MAX]; /* about 70 KiB */
    struct si_names names;                    /* in other languages */
    size_t linkage_count;
    struct si_linkage linkages[SI_LINKAGES_MAX];
};

struct dvbpsi_nit_s;

/* Copies what libdvbpsi decoded. Returns how many transport streams were left out. */
size_t si_nit_read(const struct dvbpsi_nit_s *table, struct si_text *text, struct si_nit *nit);
/* Appends as many sections as the streams need. False (nothing appended): no memory or the list is full. */
bool si_build_nit(struct si_sections *out, const struct si_nit *nit, unsigned version);
bool si_build_nit_other(struct si_sections *out, const struct si_nit *nit, unsigned version);
bool si_build_bat(struct si_sections *out, const struct si_nit *bouquet, unsigned version);
/* Reads one section whose CRC_32 was right (NIT actual or other, BAT) and appends its streams to nit (the
 * caller begins with all zero). False, and nit as before: none of these, not current, or broken. Streams over
 * the limit are left out and counted in *left_out. */
bool si_nit_read_section(const uint8_t *section, size_t size, struct si_text *text, struct si_nit *nit,
                         size_t *left_out);

#endif
