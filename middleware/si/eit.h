/* SPDX-License-Identifier: Apache-2.0 */
/* Event information table, present and following of the actual stream (EN 300 468, 5.2.4), read and built. No
 * state; any thread. Read from raw sections: libdvbpsi delivers an EIT only when it comes a second time. */
#ifndef KOKONOR_SI_EIT_H
#define KOKONOR_SI_EIT_H

#include "si/model.h"
#include "si/sections.h"
#include "si/text.h"

#define SI_TABLE_EIT_PRESENT_FOLLOWING 0x4E

/* One section: number 0 is the present event, 1 the following. */
struct si_eit_section {
    uint16_t service_id;
    uint16_t transport_stream_id;
    uint16_t original_network_id;
    uint8_t version;
    uint8_t section_number;
    struct si_event event; /* the first of the loop; exists false where the loop is empty */
};

/* Reads a present/following section whose CRC_32 was right. False: not one, not yet current or broken. A
 * broken descriptor is passed over. Reserved bits are not looked at: head-ends set them wrong. */
bool si_eit_read(const uint8_t *section, size_t size, struct si_text *text, struct si_eit_section *eit);

struct si_eit {
    uint16_t service_id;
    uint16_t transport_stream_id;
    uint16_t original_network_id;
    struct si_event present, following;
};

/* Appends section 0 and section 1. Text that does not fit its descriptor is cut. False (nothing appended): no
 * memory or the list is full. */
bool si_build_eit(struct si_sections *out, const struct si_eit *eit, unsigned version);

#endif
