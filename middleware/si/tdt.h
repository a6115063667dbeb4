/* SPDX-License-Identifier: Apache-2.0 */
/* Time and date table and time offset table (EN 300 468, 5.2.5 and 5.2.6), read and built. No state; any
 * thread. */
#ifndef KOKONOR_SI_TDT_H
#define KOKONOR_SI_TDT_H

#include "si/model.h"
#include "si/sections.h"

/* The 40 bits of EN 300 468 Annex C: 16 bits Modified Julian Date, 24 bits BCD time. -1 where a digit or the
 * hour is impossible or all bits are set (undefined). */
int64_t si_time_from_mjd(uint64_t mjd_bcd);
/* Times before 1900-03-01 and after 2038-04-22 do not fit 16 bits and give all bits set. */
uint64_t si_time_to_mjd(int64_t utc_s);

#define SI_REGIONS_MAX 16

/* One entry of a local_time_offset_descriptor (6.2.20). */
struct si_region {
    char country[4];
    uint8_t id;           /* country_region_id; 0: the whole country */
    int offset_s;         /* until the change */
    int64_t change_utc_s; /* -1: undefined */
    int next_offset_s;
};

struct si_tot {
    int64_t utc_s;
    bool has_offset;
    char country[4]; /* "CHN" */
    int offset_s;    /* local time - UTC, whole minutes */

    size_t region_count; /* all that the table says; building: instead of the one above, where > 0 */
    struct si_region regions[SI_REGIONS_MAX];
};

struct dvbpsi_tot_s;

/* The country's region id, else any of the country, else the first; NULL without regions. */
const struct si_region *si_tot_region(const struct si_tot *tot, const char *country, unsigned id);
/* The offset at utc_s, before or after the change that it announces. */
int si_region_offset_s(const struct si_region *region, int64_t utc_s);

/* TDT or TOT. country (three letters, or NULL for the first there is) chooses among the offsets. False: not a
 * time. */
bool si_tot_read(const struct dvbpsi_tot_s *table, const char *country, struct si_tot *tot);
/* Append one section. False (nothing appended): no memory, the list is full or the time does not fit. */
bool si_build_tdt(struct si_sections *out, int64_t utc_s);
bool si_build_tot(struct si_sections *out, const struct si_tot *tot);

#endif
