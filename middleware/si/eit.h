/* SPDX-License-Identifier: Apache-2.0 */
/* Event information table (EN 300 468, 5.2.4; TR 101 211, 4.1.4): present and following, and the schedule in
 * its segments. No state; any thread. Read from raw sections: libdvbpsi delivers an EIT only when it comes a
 * second time, and its generator writes a wrong segment_last_section_number. */
#ifndef KOKONOR_SI_EIT_H
#define KOKONOR_SI_EIT_H

#include "si/event.h"
#include "si/model.h"
#include "si/sections.h"
#include "si/text.h"

#define SI_TABLE_EIT_PRESENT_FOLLOWING 0x4E
#define SI_TABLE_EIT_PRESENT_FOLLOWING_OTHER 0x4F
#define SI_TABLE_EIT_SCHEDULE 0x50       /* up to 0x5F, four days each */
#define SI_TABLE_EIT_SCHEDULE_OTHER 0x60 /* up to 0x6F */

#define SI_SEGMENTS_PER_TABLE 32
#define SI_SECTIONS_PER_SEGMENT 8
#define SI_SEGMENT_S (3 * 3600)
#define SI_SCHEDULE_DAYS_MAX 64

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
/* The same, taking the words in language where they are there (NULL: the first). */
bool si_eit_read_in(const uint8_t *section, size_t size, struct si_text *text, const char *language,
                    struct si_eit_section *eit);

/* The head of any EIT section, and its events; false: not one, not yet current, or cut. */
struct si_eit_header {
    uint8_t table_id;
    uint16_t service_id;
    uint16_t transport_stream_id;
    uint16_t original_network_id;
    uint8_t version;
    uint8_t section_number;
    uint8_t last_section_number;
    uint8_t segment_last_section_number;
    uint8_t last_table_id;
    struct reader events; /* over the section's bytes, for si_event_next; all of it was tried */
};
bool si_eit_read_header(const uint8_t *section, size_t size, struct si_eit_header *header);

struct si_eit {
    uint16_t service_id;
    uint16_t transport_stream_id;
    uint16_t original_network_id;
    struct si_event present, following;
};

/* Appends section 0 and section 1. Text that does not fit its descriptor is cut. False (nothing appended): no
 * memory or the list is full. */
bool si_build_eit(struct si_sections *out, const struct si_eit *eit, unsigned version);

/* Whose events they are. */
struct si_eit_service {
    uint16_t service_id;
    uint16_t transport_stream_id;
    uint16_t original_network_id;
    bool other; /* table_id 0x4F, 0x60 ..: of another transport stream */
};

/* The same with all that an event may have, in several languages. NULL: there is none now. */
bool si_build_present_following(struct si_sections *out, const struct si_eit_service *service,
                                const struct si_event_source *present,
                                const struct si_event_source *following, unsigned version);

/* A schedule of whole days from midnight of the first, in UTC. */
struct si_schedule {
    struct si_eit_service service;
    int64_t midnight_utc_s; /* of the day that segment 0 of the first table begins */
    unsigned days;          /* 1 .. SI_SCHEDULE_DAYS_MAX */
    size_t event_count;
    const struct si_event_source *events; /* by start; those outside the days are left out */
};

/* Appends one sub-table for each four days: a segment of up to eight sections for every three hours, an empty
 * segment as one empty section; segment_last_section_number, last_section_number and last_table_id as
 * TR 101 211, 4.1.4.2 says. Where a segment has no room, its events go without extended texts. False (nothing
 * appended): still no room, no memory or the list is full. All sub-tables have this version: raise it
 * whenever anything changed, midnight included, for then every segment moves. */
bool si_build_schedule(struct si_sections *out, const struct si_schedule *schedule, unsigned version);

#endif
