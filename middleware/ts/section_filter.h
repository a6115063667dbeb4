/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers the sections of one PID (ISO/IEC 13818-1, 2.4.4). Part of the demultiplexer; storage is the
 * caller's. */
#ifndef KOKONOR_TS_SECTION_FILTER_H
#define KOKONOR_TS_SECTION_FILTER_H

#include "ts/demux.h"
#include <string.h>

struct ts_section_filter {
    size_t fill;
    size_t whole;        /* the size of the section under way, 0 while that is not known */
    bool gathering;      /* a section's first byte was seen */
    bool passing;        /* and nobody wants it: fill counts bytes that are not kept */
    unsigned generation; /* counts resets, so that a packet under way notices one made by its callback */
    struct ts_demux_counts *counts;
    uint64_t crc_errors;
    uint8_t section[TS_SECTION_SIZE_MAX];
};

/* The counts are the demultiplexer's. */
void ts_section_filter_init(struct ts_section_filter *filter, struct ts_demux_counts *counts);
void ts_section_filter_reset(struct ts_section_filter *filter);
/* What is done with sections: want is asked with TS_SECTION_HEAD_SIZE bytes; deliver may reset. */
struct ts_section_filter_taker {
    bool (*want)(void *context, const uint8_t *head);
    void (*deliver)(void *context, const uint8_t *section, size_t size);
    void *context;
};
/* One packet's payload. lost: something is missing before it, so the section under way is given up. A section
 * that lies in this packet whole is delivered where it lies. */
void ts_section_filter_push(struct ts_section_filter *filter, const struct ts_packet *packet, bool lost,
                            const struct ts_section_filter_taker *taker);
/* Takes size bytes from the middle of the section under way. False, with nothing taken, where they are not
 * that: the packet is one for ts_section_filter_push. */
static inline bool ts_section_filter_add(struct ts_section_filter *filter, const uint8_t *data, size_t size)
{
    if (filter->whole <= filter->fill + size)
        return false;
    if (!filter->passing)
        memcpy(filter->section + filter->fill, data, size);
    filter->fill += size;
    return true;
}

#endif
