/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of each table from a channel. For tables.c. No state; any thread. */
#ifndef KOKONOR_PLAYOUT_TABLES_BUILD_H
#define KOKONOR_PLAYOUT_TABLES_BUILD_H

#include "playout/tables.h"
#include "si/sections.h"

/* What they are made from; all pointers are borrowed. */
struct tables_source {
    const struct channel_frame *frame;
    const struct tables_options *options;
    const struct guide *guide;
    const struct channel *channel; /* for the tables that do not follow the time; NULL else */
    uint8_t versions[TABLES_KINDS];
    /* Of the sub-tables of SDT other and BAT, in their order in channel; NULL: version 0. */
    const uint8_t *stream_versions, *bouquet_versions;
    int64_t utc_s;
};

/* Appends the sections (none where the channel has nothing for that table). False: a text that does not fit,
 * no memory. */
typedef bool tables_build_fn(const struct tables_source *source, struct si_sections *out);
tables_build_fn tables_build_pat, tables_build_ait, tables_build_pmt, tables_build_sdt,
    tables_build_sdt_other, tables_build_nit, tables_build_bat, tables_build_present, tables_build_schedule,
    tables_build_time;

/* The sub-tables of SDT other or BAT one by one: how many there are, which one index is, its sections. */
size_t tables_subtable_count(const struct channel *channel, enum tables_kind kind);
uint32_t tables_subtable_id(const struct channel *channel, enum tables_kind kind, size_t index);
bool tables_build_subtable(const struct tables_source *source, enum tables_kind kind, size_t index,
                           struct si_sections *out);

/* Numbers that change when the present event and the day of the schedule do. */
int64_t tables_present_state(const struct tables_source *source);
int64_t tables_schedule_day(const struct tables_source *source);

#endif
