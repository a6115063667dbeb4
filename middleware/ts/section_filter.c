/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/section_filter.h"
#include "ts/crc32.h"
#include "ts/section.h"
#include <string.h>

#define LENGTH_KNOWN 3 /* bytes up to and with section_length */
#define STUFFING_TABLE_ID 0xFF
#define TOT_TABLE_ID 0x73 /* has a CRC_32 though section_syntax_indicator is 0 (EN 300 468, 5.2.6) */

void ts_section_filter_init(struct ts_section_filter *filter, uint64_t *sections, uint64_t *bad_sections)
{
    filter->fill = 0;
    filter->gathering = false;
    filter->generation = 0;
    filter->sections = sections;
    filter->bad_sections = bad_sections;
}

void ts_section_filter_reset(struct ts_section_filter *filter)
{
    filter->fill = 0;
    filter->gathering = false;
    filter->generation++;
}

static void give_up(struct ts_section_filter *filter)
{
    if (filter->gathering)
        ++*filter->bad_sections;
    filter->gathering = false;
    filter->fill = 0;
}

/* The whole section's size, 0 while that is not known. */
static size_t section_size(const struct ts_section_filter *filter)
{
    if (filter->fill < LENGTH_KNOWN)
        return 0;
    return LENGTH_KNOWN + ((size_t)(filter->section[1] & 0x0F) << 8 | filter->section[2]);
}

static bool is_whole(const uint8_t *section, size_t size)
{
    bool long_form = section[1] & 0x80;
    if (long_form)
        return size >= TS_SECTION_HEADER_SIZE + TS_SECTION_CRC_SIZE && ts_crc32(section, size) == 0;
    if (section[0] == TOT_TABLE_ID)
        return size >= LENGTH_KNOWN + TS_SECTION_CRC_SIZE && ts_crc32(section, size) == 0;
    return true;
}

/* Adds bytes to the section under way, at most up to its end; returns how many. An impossible length gives
 * the section up and uses all the bytes, since where the next one starts cannot be known. */
static size_t gather(struct ts_section_filter *filter, const uint8_t *data, size_t size)
{
    size_t taken = 0;
    while (taken < size && filter->fill < LENGTH_KNOWN)
        filter->section[filter->fill++] = data[taken++];
    size_t whole = section_size(filter);
    if (whole == 0)
        return taken;
    if (whole > TS_SECTION_SIZE_MAX) {
        give_up(filter);
        return size;
    }
    size_t wanted = whole - filter->fill;
    size_t part = size - taken < wanted ? size - taken : wanted;
    memcpy(filter->section + filter->fill, data + taken, part);
    filter->fill += part;
    return taken + part;
}

/* Delivers the section under way if it is complete. */
static void finish(struct ts_section_filter *filter, ts_section_filter_fn *deliver, void *context)
{
    size_t size = section_size(filter);
    if (!filter->gathering || size == 0 || filter->fill < size)
        return;
    filter->gathering = false;
    filter->fill = 0;
    if (!is_whole(filter->section, size)) {
        ++*filter->bad_sections;
        return;
    }
    ++*filter->sections;
    deliver(context, filter->section, size);
}

/* Sections that begin in data, one behind the other, until stuffing. */
static void push_starts(struct ts_section_filter *filter, const uint8_t *data, size_t size,
                        ts_section_filter_fn *deliver, void *context)
{
    unsigned generation = filter->generation;
    while (size > 0 && data[0] != STUFFING_TABLE_ID && filter->generation == generation) {
        filter->gathering = true;
        filter->fill = 0;
        size_t taken = gather(filter, data, size);
        data += taken;
        size -= taken;
        finish(filter, deliver, context);
    }
}

void ts_section_filter_push(struct ts_section_filter *filter, const struct ts_packet *packet, bool lost,
                            ts_section_filter_fn *deliver, void *context)
{
    unsigned generation = filter->generation;
    const uint8_t *data = packet->payload;
    size_t size = packet->payload_size;
    if (lost)
        give_up(filter);
    if (!packet->payload_unit_start) {
        if (filter->gathering) {
            gather(filter, data, size);
            finish(filter, deliver, context);
        }
        return;
    }
    size_t pointer_field = size > 0 ? data[0] : 0;
    if (size == 0 || pointer_field >= size) {
        give_up(filter);
        ++*filter->bad_sections;
        return;
    }
    if (filter->gathering) {
        gather(filter, data + 1, pointer_field);
        finish(filter, deliver, context);
        if (filter->generation != generation)
            return;
        give_up(filter);
    }
    push_starts(filter, data + 1 + pointer_field, size - 1 - pointer_field, deliver, context);
}
