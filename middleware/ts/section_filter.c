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
    filter->fill = filter->whole = 0;
    filter->gathering = false;
    filter->generation = 0;
    filter->crc_errors = 0;
    filter->sections = sections;
    filter->bad_sections = bad_sections;
}

/* whole stays 0 outside of a section: ts_section_filter_add relies on it. */
static void forget(struct ts_section_filter *filter)
{
    filter->gathering = false;
    filter->fill = filter->whole = 0;
}

void ts_section_filter_reset(struct ts_section_filter *filter)
{
    forget(filter);
    filter->generation++;
}

static void give_up(struct ts_section_filter *filter)
{
    if (filter->gathering)
        ++*filter->bad_sections;
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
                              ts_section_filter_fn *deliver, void *context)
{
    bool has_crc;
    if (!is_long_enough(section, size, &has_crc)) {
        ++*filter->bad_sections;
    } else if (has_crc && ts_crc32(section, size) != 0) {
        ++*filter->bad_sections;
        filter->crc_errors++;
    } else {
        ++*filter->sections;
        deliver(context, section, size);
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
    filter->whole = announced_size(filter->section);
    if (filter->whole > TS_SECTION_SIZE_MAX) {
        give_up(filter);
        return size;
    }
    size_t wanted = filter->whole - filter->fill;
    size_t part = size - taken < wanted ? size - taken : wanted;
    memcpy(filter->section + filter->fill, data + taken, part);
    filter->fill += part;
    return taken + part;
}

/* Delivers the section under way if it is complete. */
static void finish(struct ts_section_filter *filter, ts_section_filter_fn *deliver, void *context)
{
    size_t size = filter->whole;
    if (!filter->gathering || size == 0 || filter->fill < size)
        return;
    forget(filter);
    check_and_deliver(filter, filter->section, size, deliver, context);
}

/* Sections that begin in data, one behind the other, until stuffing. */
static void push_starts(struct ts_section_filter *filter, const uint8_t *data, size_t size,
                        ts_section_filter_fn *deliver, void *context)
{
    unsigned generation = filter->generation;
    while (size > 0 && data[0] != STUFFING_TABLE_ID && filter->generation == generation) {
        size_t whole = size < LENGTH_KNOWN ? SIZE_MAX : announced_size(data);
        size_t taken = whole;
        if (whole <= size) {
            check_and_deliver(filter, data, whole, deliver, context);
        } else {
            filter->gathering = true;
            taken = gather(filter, data, size);
        }
        data += taken;
        size -= taken;
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
