/* SPDX-License-Identifier: Apache-2.0 */
/* The programme guide: the EIT sections of many services, kept as they came, within a ceiling of bytes that
 * no broadcast can exceed. Belongs to one thread. Views point into the guide and are valid until the next
 * push. */
#ifndef KOKONOR_SI_GUIDE_H
#define KOKONOR_SI_GUIDE_H

#include "si/eit.h"

struct si_guide;

struct si_guide_service {
    uint16_t original_network_id;
    uint16_t transport_stream_id;
    uint16_t service_id;
};

/* maximum: bytes for sections and what finds them again. NULL without memory. */
struct si_guide *si_guide_create(size_t maximum);
void si_guide_destroy(struct si_guide *guide); /* NULL does nothing */
void si_guide_clear(struct si_guide *guide);

enum si_guide_result {
    SI_GUIDE_NOTHING_NEW,
    SI_GUIDE_CHANGED,
    SI_GUIDE_BAD, /* not an EIT section, or broken */
    SI_GUIDE_FULL /* left out: the ceiling */
};

/* Takes a section of any EIT table_id whose CRC_32 was right. A service's tables "actual" outrank those
 * "other". A section of a new version replaces the one of its number; sections that the new version no longer
 * has go when it is complete. When the ceiling is reached, a service's table that has not come for long makes
 * room, else the section is left out. */
enum si_guide_result si_guide_push(struct si_guide *guide, const uint8_t *section, size_t size);

/* The services that there are events of, ascending. index < count. */
size_t si_guide_service_count(const struct si_guide *guide);
void si_guide_service(const struct si_guide *guide, size_t index, struct si_guide_service *service);

/* Present (or following); false: unknown, or there is none. */
bool si_guide_present(const struct si_guide *guide, const struct si_guide_service *service, bool following,
                      struct si_event_view *view);
/* The schedule's events that overlap [from_utc_s, to_utc_s), each event_id once, by start. Returns how many
 * views are filled. */
size_t si_guide_schedule(const struct si_guide *guide, const struct si_guide_service *service,
                         int64_t from_utc_s, int64_t to_utc_s, struct si_event_view *views, size_t maximum);

/* What of a schedule is there. Day 0 begins at the midnight (UTC) before the present time. */
struct si_guide_coverage {
    unsigned tables;   /* sub-tables that the stream names by last_table_id; 0: no schedule seen */
    unsigned segments; /* of three hours that are whole, over all tables */
    bool complete;     /* every segment that the stream names is whole */
};
void si_guide_coverage(const struct si_guide *guide, const struct si_guide_service *service,
                       struct si_guide_coverage *coverage);
/* True where all eight segments of the day (0 .. 63) are whole, or known to hold nothing. */
bool si_guide_day_complete(const struct si_guide *guide, const struct si_guide_service *service,
                           unsigned day);

/* Bytes in use, <= maximum. */
size_t si_guide_bytes(const struct si_guide *guide);

#endif
