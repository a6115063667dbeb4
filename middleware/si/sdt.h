/* SPDX-License-Identifier: Apache-2.0 */
/* Service description table of the actual and of other streams (EN 300 468, 5.2.3), read and built. No state;
 * any thread. */
#ifndef KOKONOR_SI_SDT_H
#define KOKONOR_SI_SDT_H

#include "si/model.h"
#include "si/sections.h"
#include "si/text.h"

/* service_type (EN 300 468, Table 87) */
#define SI_SERVICE_TYPE_DIGITAL_TV 0x01
#define SI_SERVICE_TYPE_RADIO 0x02
#define SI_SERVICE_TYPE_DATA 0x0C
#define SI_SERVICE_TYPE_HD_TV 0x19 /* H.264/AVC HD */

#define SI_TABLE_SDT_ACTUAL 0x42
#define SI_TABLE_SDT_OTHER 0x46

struct si_sdt_service {
    uint16_t service_id;
    uint8_t type;
    uint8_t running_status;
    bool scrambled; /* free_CA_mode */
    bool eit_present_following;
    bool eit_schedule;
    char name[SI_NAME_SIZE];
    char provider[SI_NAME_SIZE];
    struct si_service_details details;
};

struct si_sdt {
    uint16_t transport_stream_id;
    uint16_t original_network_id;
    size_t service_count;
    struct si_sdt_service services[SI_SERVICES_MAX]; /* about 390 KiB: not for a stack */
};

struct dvbpsi_sdt_s;

/* Copies what libdvbpsi decoded, texts as UTF-8. Returns how many services were left out. */
size_t si_sdt_read(const struct dvbpsi_sdt_s *table, struct si_text *text, struct si_sdt *sdt);
/* Reads one section whose CRC_32 was right and appends its services to sdt (the caller begins with count 0).
 * False, and sdt as before: not a current SDT section of either table_id, or broken. Services over the limit
 * are left out and counted in *left_out. */
bool si_sdt_read_section(const uint8_t *section, size_t size, struct si_text *text, struct si_sdt *sdt,
                         size_t *left_out);
/* Appends as many sections as the services need. False (nothing appended): no memory or the list is full. */
bool si_build_sdt(struct si_sections *out, const struct si_sdt *sdt, unsigned version);
/* The same for another stream, table_id 0x46. */
bool si_build_sdt_other(struct si_sections *out, const struct si_sdt *sdt, unsigned version);

#endif
