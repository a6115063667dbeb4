/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/section.h"
#include "base/reader.h"
#include "ts/crc32.h"
#include "ts/demux.h"
#include <string.h>

#define PAYLOAD_SIZE (TS_PACKET_SIZE - 4)
/* A receiver need not expect more parts of sections in one packet (TR 101 202, 4.6.5). */
#define SECTIONS_PER_PACKET 4

bool ts_section_read_header(const uint8_t *section, size_t size, struct ts_section_header *header)
{
    memset(header, 0, sizeof(*header));
    if (size < TS_SECTION_HEADER_SIZE + TS_SECTION_CRC_SIZE)
        return false;
    struct reader reader;
    reader_init(&reader, section, size);
    header->table_id = reader_u8(&reader);
    unsigned length_word = reader_u16(&reader);
    header->private_indicator = length_word & 0x4000;
    header->table_id_extension = reader_u16(&reader);
    unsigned version_byte = reader_u8(&reader);
    header->version = version_byte >> 1 & 31;
    header->current_next = version_byte & 1;
    header->section_number = reader_u8(&reader);
    header->last_section_number = reader_u8(&reader);
    return !reader.failed && (length_word & 0x8000) && (length_word & 0x0FFF) + 3 == size;
}

void ts_section_append(struct buffer *buffer, const struct ts_section_header *header, const void *body,
                       size_t size)
{
    if (buffer->failed)
        return;
    if (size > TS_SECTION_SIZE_MAX - TS_SECTION_HEADER_SIZE - TS_SECTION_CRC_SIZE) {
        buffer->failed = true;
        return;
    }
    size_t start = buffer->size;
    unsigned length = (unsigned)(TS_SECTION_HEADER_SIZE - 3 + size + TS_SECTION_CRC_SIZE);
    buffer_u8(buffer, header->table_id);
    buffer_u16(buffer, 0xB000u | (header->private_indicator ? 0x4000u : 0) | length);
    buffer_u16(buffer, header->table_id_extension);
    buffer_u8(buffer, 0xC0u | (header->version & 31u) << 1 | (header->current_next ? 1u : 0));
    buffer_u8(buffer, header->section_number);
    buffer_u8(buffer, header->last_section_number);
    buffer_append(buffer, body, size);
    if (!buffer->failed)
        buffer_u32(buffer, ts_crc32(buffer->data + start, buffer->size - start));
}

void ts_sectioner_init(struct ts_sectioner *sectioner, uint16_t pid)
{
    memset(sectioner, 0, sizeof(*sectioner));
    sectioner->pid = pid;
}

static bool fetch(struct ts_sectioner *sectioner, ts_section_source_fn *source, void *context)
{
    sectioner->sent = 0;
    sectioner->size = 0;
    sectioner->section = source(context, &sectioner->size);
    if (sectioner->section && sectioner->size == 0)
        sectioner->section = NULL;
    return sectioner->section != NULL;
}

/* Copies what fits of the section under way to payload and returns how much; forgets the section once it is
 * sent. */
static size_t copy_part(struct ts_sectioner *sectioner, uint8_t *payload, size_t room)
{
    size_t left = sectioner->size - sectioner->sent;
    size_t part = left < room ? left : room;
    memcpy(payload, sectioner->section + sectioner->sent, part);
    sectioner->sent += part;
    if (sectioner->sent == sectioner->size)
        sectioner->section = NULL;
    return part;
}

/* Starts sections behind the first used bytes of payload, and returns how many bytes are used then. */
static size_t start_sections(struct ts_sectioner *sectioner, uint8_t *payload, size_t used, unsigned parts,
                             ts_section_source_fn *source, void *context)
{
    while (used < PAYLOAD_SIZE && parts < SECTIONS_PER_PACKET && !sectioner->section &&
           fetch(sectioner, source, context)) {
        used += copy_part(sectioner, payload + used, PAYLOAD_SIZE - used);
        parts++;
    }
    return used;
}

bool ts_sectioner_packet(struct ts_sectioner *sectioner, uint8_t bytes[TS_PACKET_SIZE],
                         ts_section_source_fn *source, void *context)
{
    uint8_t payload[PAYLOAD_SIZE];
    bool start = false;
    size_t used;
    size_t left = sectioner->section ? sectioner->size - sectioner->sent : 0;
    if (left >= PAYLOAD_SIZE - 1) {
        used = copy_part(sectioner, payload, PAYLOAD_SIZE);
    } else {
        /* The source may overwrite the old section once it is asked, so the old one's end goes out first,
         * behind a pointer_field that is taken back where no section follows. */
        size_t end = left ? 1 + copy_part(sectioner, payload + 1, left) : 1;
        used = start_sections(sectioner, payload, end, left ? 1 : 0, source, context);
        start = used > end;
        if (!start && left == 0)
            return false;
        if (start)
            payload[0] = (uint8_t)left;
        else
            memmove(payload, payload + 1, used = left);
    }
    memset(payload + used, 0xFF, PAYLOAD_SIZE - used);
    const struct ts_packet_options options = {.pid = sectioner->pid,
                                              .continuity_counter = sectioner->continuity_counter,
                                              .payload_unit_start = start};
    ts_packet_write(bytes, &options, payload, PAYLOAD_SIZE);
    sectioner->continuity_counter = (sectioner->continuity_counter + 1) & 15;
    return true;
}
