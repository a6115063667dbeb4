/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/section_filter.h"
#include "ts/crc32.h"
#include "ts/section.h"
#include <string.h>

#define LENGTH_KNOWN 3 /* bytes up to and with section_length */
#define STUFFING_TABLE_ID 0xFF
#define TOT_TABLE_ID 0x73 /* has a CRC_32 though section_syntax_indicator is 0 (EN 300 468, 5.2.6) */

void ts_section_filter_init(struct ts_section_filter *filter, struct ts_demux_counts *counts)
{
    filter->fill = filter->whole = 0;
    filter->gathering = filter->passing = false;
    filter->generation = 0;
    filter->crc_errors = 0;
    filter->counts = counts;
}

/* whole stays 0 outside of a section: ts_section_filter_add relies on it. */
static void forget(struct ts_section_filter *filter)
{
    filter->gathering = filter->passing = false;
    filter->fill = filter->whole = 0;
}

void ts_section_filter_reset(struct ts_section_filter *filter)
{
    forget(filter);
    filter->generation++;
}

static void give_up(struct ts_section_filter *filter)
{
    if (filter->gathering && !filter->passing)
        filter->counts->bad_sections++;
    forget(filter);
}

/* The size that the first LENGTH_KNOWN bytes announce. */
static size_t announced_size(const uint8_t *section)
{
    return LENGTH_KNOWN + ((size_t)(section[1] & 0x0F) << 8 | section[2]);
}

/* Whether section is as long as its form asks for; *has_crc: it ends with a CRC_32. */
static bool is_long_enough(const uint8_t *section, size_t size, bool *has_crc)
{
    bool long_form = section[1] & 0x80;
    *has_crc = long_form || section[0] == TOT_TABLE_ID;
    size_t header = long_form ? TS_SECTION_HEADER_SIZE : LENGTH_KNOWN;
    return !*has_crc || size >= header + TS_SECTION_CRC_SIZE;
}

static void check_and_deliver(struct ts_section_filter *filter, const uint8_t *section, size_t size,
                              const struct ts_section_filter_taker *taker)
{
    bool has_crc;
    if (!is_long_enough(section, size, &has_crc)) {
        filter->counts->bad_sections++;
    } else if (has_crc && ts_crc32(section, size) != 0) {
        filter->counts->bad_sections++;
        filter->crc_errors++;
    } else {
        filter->counts->sections++;
        taker->deliver(taker->context, section, size);
    }
}

/* Adds bytes to the section under way, at most up to its end; returns how many. An impossible length gives
 * the section up and uses all the bytes, since where the next one starts cannot be known. */
static size_t gather(struct ts_section_filter *filter, const uint8_t *data, size_t size)
{
    size_t taken = 0;
    while (taken < size && filter->fill < LENGTH_KNOWN)
        filter->section[filter->fill++] = data[taken++];
    if (filter->fill < LENGTH_KNOWN)
        return taken;
    if (filter->whole == 0)
        filter->whole = announced_size(filter->section);
    if (filter->whole > TS_SECTION_SIZE_MAX) {
        give_up(filter);
        return size;
    }
    size_t wanted = filter->whole - filter->fill;
    size_t part = size - taken < wanted ? size - taken : wanted;
    if (!filter->passing)
        memcpy(filter->section + filter->fill, data + taken, part);
    filter->fill += part;
    return taken + part;
}

/* Delivers the section under way if it is complete. */
static void finish(struct ts_section_filter *filter, const struct ts_section_filter_taker *taker)
{
    size_t size = filter->whole;
    bool passing = filter->passing;
    if (!filter->gathering || size == 0 || filter->fill < size)
        return;
    forget(filter);
    if (passing)
        return;
    check_and_deliver(filter, filter->section, size, taker);
}

/* A section that begins in data; returns the bytes that are its. */
static size_t push_start(struct ts_section_filter *filter, const uint8_t *data, size_t size,
                         const struct ts_section_filter_taker *taker)
{
    size_t whole = size < LENGTH_KNOWN ? SIZE_MAX : announced_size(data);
    bool passing = size >= TS_SECTION_HEAD_SIZE && whole >= TS_SECTION_HEAD_SIZE &&
                   whole <= TS_SECTION_SIZE_MAX && !taker->want(taker->context, data);
    filter->counts->passed_sections += passing;
    if (whole <= size) {
        if (!passing)
            check_and_deliver(filter, data, whole, taker);
        return whole;
    }
    filter->gathering = true;
    filter->passing = passing;
    if (!passing)
        return gather(filter, data, size);
    filter->whole = whole;
    filter->fill = size;
    return size;
}

/* Sections that begin in data, one behind the other, until stuffing. */
static void push_starts(struct ts_section_filter *filter, const uint8_t *data, size_t size,
                        const struct ts_section_filter_taker *taker)
{
    unsigned generation = filter->generation;
    while (size > 0 && data[0] != STUFFING_TABLE_ID && filter->generation == generation) {
        size_t taken = push_start(filter, data, size, taker);
        data += taken;
        size -= taken;
    }
}

void ts_section_filter_push(struct ts_section_filter *filter, const struct ts_packet *packet, bool lost,
                            const struct ts_section_filter_taker *taker)
{
    unsigned generation = filter->generation;
    const uint8_t *data = packet->payload;
    size_t size = packet->payload_size;
    if (lost)
        give_up(filter);
    if (!packet->payload_unit_start) {
        if (filter->gathering) {
            gather(filter, data, size);
            finish(filter, taker);
        }
        return;
    }
    size_t pointer_field = size > 0 ? data[0] : 0;
    if (size == 0 || pointer_field >= size) {
        give_up(filter);
        filter->counts->bad_sections++;
        return;
    }
    if (filter->gathering) {
        gather(filter, data + 1, pointer_field);
        finish(filter, taker);
        if (filter->generation != generation)
            return;
        give_up(filter);
    }
    push_starts(filter, data + 1 + pointer_field, size - 1 - pointer_field, taker);
}
