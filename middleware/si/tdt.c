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

/* local_time_offset_descriptor (EN 300 468, 6.2.20): takes the wanted country's offset, or the first. */
static void read_offsets(struct bytes body, const char *country, struct si_tot *tot)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    while (reader_left(&reader) >= 13) {
        struct bytes code = reader_bytes(&reader, 3);
        bool west = reader_u8(&reader) & 1;
        int hours = from_bcd(reader_u8(&reader)), minutes = from_bcd(reader_u8(&reader));
        reader_skip(&reader, 7); /* time_of_change, next_time_offset */
        bool wanted = country && memcmp(code.data, country, 3) == 0;
        if (hours < 0 || minutes < 0 || minutes > 59 || (tot->has_offset && !wanted))
            continue;
        tot->has_offset = true;
        memcpy(tot->country, code.data, 3);
        tot->offset_s = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
        if (wanted)
            return;
    }
}

bool si_tot_read(const dvbpsi_tot_t *table, const char *country, struct si_tot *tot)
{
    memset(tot, 0, sizeof(*tot));
    tot->utc_s = si_time_from_mjd(table->i_utc_time);
    for (const dvbpsi_descriptor_t *d = table->p_first_descriptor; d; d = d->p_next)
        if (d->i_tag == TAG_LOCAL_TIME_OFFSET)
            read_offsets(si_psi_body(d), country && strlen(country) == 3 ? country : NULL, tot);
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

static void write_offset(struct buffer *buffer, const struct si_tot *tot)
{
    unsigned minutes = (unsigned)(tot->offset_s < 0 ? -tot->offset_s : tot->offset_s) / 60;
    unsigned offset = to_bcd(minutes / 60 % 24) << 8 | to_bcd(minutes % 60);
    size_t body = si_descriptor_begin(buffer, TAG_LOCAL_TIME_OFFSET);
    si_write_language(buffer, tot->country);
    buffer_u8(buffer, 2u | (tot->offset_s < 0 ? 1u : 0)); /* country_region_id 0: the whole country */
    buffer_u16(buffer, offset);
    /* No change is in sight: the same offset again, from a day that no receiver of this stream will see. */
    write_time(buffer, (UINT64_C(0xFFFF) << 24));
    buffer_u16(buffer, offset);
    si_descriptor_end(buffer, body);
}

bool si_build_tot(struct si_sections *out, const struct si_tot *tot)
{
    uint64_t mjd = si_time_to_mjd(tot->utc_s);
    if (mjd == UNDEFINED)
        return false;
    struct buffer section;
    buffer_init(&section, 64);
    buffer_u8(&section, TABLE_TOT);
    buffer_u16(&section, 0);
    write_time(&section, mjd);
    size_t loop = si_loop_begin(&section);
    if (tot->has_offset)
        write_offset(&section, tot);
    si_loop_end(&section, loop, 15);
    if (!section.failed) {
        buffer_patch_u16(&section, 1, 0x7000u | (unsigned)(section.size - 3 + TS_SECTION_CRC_SIZE));
        buffer_u32(&section, ts_crc32(section.data, section.size));
    }
    bool ok = !section.failed && si_sections_append(out, section.data, section.size);
    buffer_finish(&section);
    return ok;
}
