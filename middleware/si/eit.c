/* SPDX-License-Identifier: Apache-2.0 */
#include "si/eit.h"
#include "base/reader.h"
#include "si/tdt.h"
#include "si/writer.h"
#include <string.h>

#define TAG_SHORT_EVENT 0x4D

/* 24 bits of BCD hours, minutes, seconds; -1 where undefined or not BCD. */
static int32_t duration_from_bcd(uint32_t bcd)
{
    unsigned digits[6];
    for (unsigned i = 0; i < 6; i++) {
        digits[i] = bcd >> (20 - 4 * i) & 15;
        if (digits[i] > 9)
            return -1;
    }
    return (int32_t)((digits[0] * 10 + digits[1]) * 3600 + (digits[2] * 10 + digits[3]) * 60 +
                     digits[4] * 10 + digits[5]);
}

static uint32_t duration_to_bcd(int32_t duration_s)
{
    if (duration_s < 0)
        return 0xFFFFFF;
    if (duration_s > 99 * 3600 + 59 * 60 + 59)
        duration_s = 99 * 3600 + 59 * 60 + 59;
    const unsigned parts[3] = {(unsigned)duration_s / 3600, (unsigned)duration_s / 60 % 60,
                               (unsigned)duration_s % 60};
    uint32_t bcd = 0;
    for (unsigned i = 0; i < 3; i++)
        bcd = bcd << 8 | parts[i] / 10 << 4 | parts[i] % 10;
    return bcd;
}

/* short_event_descriptor (EN 300 468, 6.2.37). The first counts: the others are the same in other languages.
 */
static void read_short_event(struct bytes body, struct si_text *text, struct si_event *event)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    struct bytes language = reader_bytes(&reader, 3);
    struct bytes name = reader_bytes(&reader, reader_u8(&reader));
    struct bytes words = reader_bytes(&reader, reader_u8(&reader));
    if (reader.failed || event->language[0])
        return;
    memcpy(event->language, language.data, 3);
    for (size_t i = 0; i < 3; i++)
        if (event->language[i] < 0x21 || event->language[i] > 0x7E)
            memcpy(event->language, "und", 3);
    si_text_decode(text, name.data, name.size, event->name, sizeof(event->name));
    si_text_decode(text, words.data, words.size, event->text, sizeof(event->text));
}

static void read_descriptors(struct reader reader, struct si_text *text, struct si_event *event)
{
    while (reader_left(&reader) >= 2) {
        uint8_t tag = reader_u8(&reader);
        struct bytes body = reader_bytes(&reader, reader_u8(&reader));
        if (!reader.failed && tag == TAG_SHORT_EVENT)
            read_short_event(body, text, event);
    }
}

static bool read_event(struct reader *reader, struct si_text *text, struct si_event *event)
{
    event->event_id = reader_u16(reader);
    uint64_t start = (uint64_t)reader_u8(reader) << 32;
    start |= reader_u32(reader);
    event->start_utc_s = si_time_from_mjd(start);
    event->duration_s = duration_from_bcd(reader_u24(reader));
    uint16_t word = reader_u16(reader);
    event->running_status = (uint8_t)(word >> 13);
    event->scrambled = word & 0x1000;
    struct reader descriptors = reader_sub(reader, word & 0x0FFF);
    if (descriptors.failed)
        return false;
    event->exists = true;
    read_descriptors(descriptors, text, event);
    return true;
}

bool si_eit_read(const uint8_t *section, size_t size, struct si_text *text, struct si_eit_section *eit)
{
    memset(eit, 0, sizeof(*eit));
    struct ts_section_header header;
    if (!ts_section_read_header(section, size, &header) ||
        header.table_id != SI_TABLE_EIT_PRESENT_FOLLOWING || !header.current_next ||
        header.section_number > 1)
        return false;
    eit->service_id = header.table_id_extension;
    eit->version = header.version;
    eit->section_number = header.section_number;
    struct reader reader;
    reader_init(&reader, section, size - TS_SECTION_CRC_SIZE);
    reader_skip(&reader, TS_SECTION_HEADER_SIZE);
    eit->transport_stream_id = reader_u16(&reader);
    eit->original_network_id = reader_u16(&reader);
    reader_skip(&reader, 2); /* segment_last_section_number, last_table_id: of schedules */
    if (reader.failed)
        return false;
    return reader_left(&reader) == 0 || read_event(&reader, text, &eit->event);
}

static void write_event(struct buffer *body, const struct si_event *event)
{
    buffer_u16(body, event->event_id);
    uint64_t start = event->start_utc_s < 0 ? UINT64_C(0xFFFFFFFFFF) : si_time_to_mjd(event->start_utc_s);
    buffer_u8(body, (unsigned)(start >> 32 & 0xFF));
    buffer_u32(body, (uint32_t)start);
    buffer_u24(body, duration_to_bcd(event->duration_s));
    size_t loop = si_loop_begin(body);
    size_t descriptor = si_descriptor_begin(body, TAG_SHORT_EVENT);
    si_write_language(body, event->language[0] ? event->language : "chi");
    /* 250 bytes are left for both; the name is the shorter and matters more. */
    size_t name_size = si_write_text(body, event->name, 192);
    si_write_text(body, event->text, 250 - name_size);
    si_descriptor_end(body, descriptor);
    si_loop_end(body, loop, (event->running_status & 7u) << 1 | (event->scrambled ? 1u : 0));
}

static bool build_section(struct si_sections *out, const struct si_eit *eit, unsigned version, uint8_t number)
{
    const struct si_event *event = number == 0 ? &eit->present : &eit->following;
    struct buffer body;
    buffer_init(&body, SI_SECTION_BODY_MAX);
    buffer_u16(&body, eit->transport_stream_id);
    buffer_u16(&body, eit->original_network_id);
    buffer_u8(&body, 1);
    buffer_u8(&body, SI_TABLE_EIT_PRESENT_FOLLOWING);
    if (event->exists)
        write_event(&body, event);
    const struct ts_section_header header = {.table_id = SI_TABLE_EIT_PRESENT_FOLLOWING,
                                             .private_indicator = true,
                                             .table_id_extension = eit->service_id,
                                             .version = (uint8_t)(version & 31),
                                             .current_next = true,
                                             .section_number = number,
                                             .last_section_number = 1};
    bool ok = si_sections_append_table(out, &header, &body);
    buffer_finish(&body);
    return ok;
}

bool si_build_eit(struct si_sections *out, const struct si_eit *eit, unsigned version)
{
    size_t count = out->count, size = out->bytes.size;
    if (build_section(out, eit, version, 0) && build_section(out, eit, version, 1))
        return true;
    out->count = count;
    out->bytes.size = size;
    return false;
}
