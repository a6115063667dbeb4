/* SPDX-License-Identifier: Apache-2.0 */
#include "si/tdt.h"
#include "base/reader.h"
#include "si/psi.h"
#include "si/writer.h"
#include "ts/crc32.h"
#include <string.h>

#define TABLE_TDT 0x70
#define TABLE_TOT 0x73
#define TAG_LOCAL_TIME_OFFSET 0x58
#define MJD_OF_1970 40587
#define DAY_S 86400
#define UNDEFINED UINT64_C(0xFFFFFFFFFF)
/* The first day that Annex C's arithmetic is said to hold for, 1900-03-01. */
#define MJD_FIRST 15079

static int from_bcd(unsigned byte)
{
    return byte >> 4 > 9 || (byte & 15) > 9 ? -1 : (int)((byte >> 4) * 10 + (byte & 15));
}

static unsigned to_bcd(unsigned value)
{
    return value / 10 << 4 | value % 10;
}

int64_t si_time_from_mjd(uint64_t mjd_bcd)
{
    int hour = from_bcd(mjd_bcd >> 16 & 0xFF);
    int minute = from_bcd(mjd_bcd >> 8 & 0xFF);
    int second = from_bcd(mjd_bcd & 0xFF);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return -1;
    int64_t utc_s =
        ((int64_t)(mjd_bcd >> 24 & 0xFFFF) - MJD_OF_1970) * DAY_S + hour * 3600 + minute * 60 + second;
    return utc_s < 0 ? -1 : utc_s;
}

uint64_t si_time_to_mjd(int64_t utc_s)
{
    int64_t days = utc_s / DAY_S, second = utc_s % DAY_S;
    if (second < 0) {
        second += DAY_S;
        days--;
    }
    int64_t mjd = days + MJD_OF_1970;
    if (mjd < MJD_FIRST || mjd > 0xFFFF)
        return UNDEFINED;
    return (uint64_t)mjd << 24 | to_bcd((unsigned)(second / 3600)) << 16 |
           to_bcd((unsigned)(second / 60 % 60)) << 8 | to_bcd((unsigned)(second % 60));
}

static uint64_t read_time(struct reader *reader)
{
    uint64_t days = reader_u16(reader);
    return days << 24 | reader_u24(reader);
}

/* Four BCD digits of hours and minutes as seconds; false where they are none. */
static bool read_offset(struct reader *reader, bool west, int *offset_s)
{
    int hours = from_bcd(reader_u8(reader)), minutes = from_bcd(reader_u8(reader));
    *offset_s = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return hours >= 0 && minutes >= 0 && minutes <= 59;
}

/* local_time_offset_descriptor (EN 300 468, 6.2.20). */
static void read_regions(struct bytes body, struct si_tot *tot)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    while (reader_left(&reader) >= 13 && tot->region_count < SI_REGIONS_MAX) {
        struct si_region region = {0};
        si_language_copy(region.country, reader_bytes(&reader, 3));
        uint8_t flags = reader_u8(&reader);
        region.id = flags >> 2;
        bool good = read_offset(&reader, flags & 1, &region.offset_s);
        region.change_utc_s = si_time_from_mjd(read_time(&reader));
        good = read_offset(&reader, flags & 1, &region.next_offset_s) && good;
        if (good)
            tot->regions[tot->region_count++] = region;
    }
}

int si_region_offset_s(const struct si_region *region, int64_t utc_s)
{
    return region->change_utc_s >= 0 && utc_s >= region->change_utc_s ? region->next_offset_s
                                                                      : region->offset_s;
}

const struct si_region *si_tot_region(const struct si_tot *tot, const char *country, unsigned id)
{
    const struct si_region *found = NULL;
    for (size_t i = 0; country && i < tot->region_count; i++) {
        const struct si_region *region = &tot->regions[i];
        if (strcmp(region->country, country) != 0)
            continue;
        if (region->id == id)
            return region;
        if (!found)
            found = region;
    }
    return found ? found : tot->region_count > 0 ? &tot->regions[0] : NULL;
}

bool si_tot_read(const dvbpsi_tot_t *table, const char *country, struct si_tot *tot)
{
    memset(tot, 0, sizeof(*tot));
    tot->utc_s = si_time_from_mjd(table->i_utc_time);
    for (const dvbpsi_descriptor_t *d = table->p_first_descriptor; d; d = d->p_next)
        if (d->i_tag == TAG_LOCAL_TIME_OFFSET)
            read_regions(si_psi_body(d), tot);
    const struct si_region *region = si_tot_region(tot, country, 0);
    if (region) {
        tot->has_offset = true;
        strcpy(tot->country, region->country);
        tot->offset_s = si_region_offset_s(region, tot->utc_s);
    }
    return tot->utc_s >= 0;
}

static void write_time(struct buffer *buffer, uint64_t mjd)
{
    buffer_u8(buffer, (unsigned)(mjd >> 32 & 0xFF));
    buffer_u32(buffer, (uint32_t)mjd);
}

bool si_build_tdt(struct si_sections *out, int64_t utc_s)
{
    uint64_t mjd = si_time_to_mjd(utc_s);
    if (mjd == UNDEFINED)
        return false;
    struct buffer section;
    buffer_init(&section, 8);
    buffer_u8(&section, TABLE_TDT);
    buffer_u16(&section, 0x7005); /* section_syntax_indicator 0, no CRC_32 */
    write_time(&section, mjd);
    bool ok = !section.failed && si_sections_append(out, section.data, section.size);
    buffer_finish(&section);
    return ok;
}

static unsigned offset_to_bcd(int offset_s)
{
    unsigned minutes = (unsigned)(offset_s < 0 ? -offset_s : offset_s) / 60;
    return to_bcd(minutes / 60 % 24) << 8 | to_bcd(minutes % 60);
}

static void write_region(struct buffer *buffer, const struct si_region *region)
{
    si_write_language(buffer, region->country);
    bool west = region->offset_s < 0 || (region->offset_s == 0 && region->next_offset_s < 0);
    buffer_u8(buffer, (region->id & 63u) << 2 | 2u | (west ? 1u : 0));
    buffer_u16(buffer, offset_to_bcd(region->offset_s));
    write_time(buffer, region->change_utc_s < 0 ? UNDEFINED : si_time_to_mjd(region->change_utc_s));
    buffer_u16(buffer, offset_to_bcd(region->next_offset_s));
}

/* No change is in sight: the same offset again, from a day that no receiver of this stream will see. */
#define NO_CHANGE (INT64_C(86400) * (0xFFFF - MJD_OF_1970))

static void write_offsets(struct buffer *buffer, const struct si_tot *tot)
{
    struct si_region one = {
        .offset_s = tot->offset_s, .change_utc_s = NO_CHANGE, .next_offset_s = tot->offset_s};
    memcpy(one.country, tot->country, sizeof(one.country));
    size_t body = si_descriptor_begin(buffer, TAG_LOCAL_TIME_OFFSET);
    if (tot->region_count == 0)
        write_region(buffer, &one);
    for (size_t i = 0; i < tot->region_count && i < SI_REGIONS_MAX; i++)
        write_region(buffer, &tot->regions[i]);
    si_descriptor_end(buffer, body);
}

bool si_build_tot(struct si_sections *out, const struct si_tot *tot)
{
    uint64_t mjd = si_time_to_mjd(tot->utc_s);
    if (mjd == UNDEFINED)
        return false;
    struct buffer section;
    buffer_init(&section, 300);
    buffer_u8(&section, TABLE_TOT);
    buffer_u16(&section, 0);
    write_time(&section, mjd);
    size_t loop = si_loop_begin(&section);
    if (tot->has_offset || tot->region_count > 0)
        write_offsets(&section, tot);
    si_loop_end(&section, loop, 15);
    if (!section.failed) {
        buffer_patch_u16(&section, 1, 0x7000u | (unsigned)(section.size - 3 + TS_SECTION_CRC_SIZE));
        buffer_u32(&section, ts_crc32(section.data, section.size));
    }
    bool ok = !section.failed && si_sections_append(out, section.data, section.size);
    buffer_finish(&section);
    return ok;
}
