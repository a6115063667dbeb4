/* SPDX-License-Identifier: Apache-2.0 */
#include "si/writer.h"
#include "si/text.h"
#include "ts/crc32.h"
#include <assert.h>
#include <string.h>

size_t si_descriptor_begin(struct buffer *buffer, uint8_t tag)
{
    buffer_u8(buffer, tag);
    buffer_u8(buffer, 0);
    return buffer->size;
}

void si_descriptor_end(struct buffer *buffer, size_t body)
{
    if (buffer->failed)
        return;
    if (buffer->size - body > 255)
        buffer->failed = true;
    else
        buffer_patch_u8(buffer, body - 1, (unsigned)(buffer->size - body));
}

size_t si_loop_begin(struct buffer *buffer)
{
    buffer_u16(buffer, 0xF000);
    return buffer->size;
}

void si_loop_end(struct buffer *buffer, size_t body, unsigned flags)
{
    if (buffer->failed)
        return;
    if (buffer->size - body > 0x0FFF)
        buffer->failed = true;
    else
        buffer_patch_u16(buffer, body - 2, (flags & 15u) << 12 | (unsigned)(buffer->size - body));
}

size_t si_write_text(struct buffer *buffer, const char *utf8, size_t maximum)
{
    uint8_t encoded[255];
    size_t size = si_text_encode(utf8, encoded, maximum < sizeof(encoded) ? maximum : sizeof(encoded));
    buffer_u8(buffer, (unsigned)size);
    buffer_append(buffer, encoded, size);
    return size;
}

void si_write_language(struct buffer *buffer, const char *language)
{
    buffer_append(buffer, strlen(language) == 3 ? language : "und", 3);
}

/* Sections that do not all fit are taken back, so that a list never holds half a table. */
struct mark {
    size_t count;
    size_t size;
};

static struct mark mark(const struct si_sections *out)
{
    return (struct mark){out->count, out->bytes.size};
}

static void roll_back(struct si_sections *out, struct mark to)
{
    out->count = to.count;
    out->bytes.size = to.size;
    out->bytes.failed = false;
}

static bool close_last(struct si_sections *out, struct mark before)
{
    if (out->bytes.failed || out->count == SI_SECTIONS_MAX) {
        roll_back(out, before);
        return false;
    }
    out->ends[out->count++] = (uint32_t)out->bytes.size;
    return true;
}

bool si_sections_append(struct si_sections *out, const void *data, size_t size)
{
    struct mark before = mark(out);
    buffer_append(&out->bytes, data, size);
    return close_last(out, before);
}

bool si_sections_append_long_table(struct si_sections *out, const struct ts_section_header *header,
                                   const struct buffer *body)
{
    struct mark before = mark(out);
    if (body->failed)
        return false;
    ts_section_append(&out->bytes, header, body->data, body->size);
    return close_last(out, before);
}

bool si_sections_append_table(struct si_sections *out, const struct ts_section_header *header,
                              const struct buffer *body)
{
    return body->size <= SI_SECTION_BODY_MAX && si_sections_append_long_table(out, header, body);
}

void si_section_set_last(uint8_t *section, size_t size, uint8_t last_section_number)
{
    assert(size >= TS_SECTION_HEADER_SIZE + TS_SECTION_CRC_SIZE);
    section[7] = last_section_number;
    uint32_t crc = ts_crc32(section, size - TS_SECTION_CRC_SIZE);
    for (unsigned i = 0; i < 4; i++)
        section[size - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
}

/* The index behind the last entry that still fits a section that begins with entry first. */
static size_t group_end(const struct si_sections *entries, size_t first, size_t room)
{
    size_t used = 0, end = first;
    while (end < entries->count && used + si_sections_get(entries, end).size <= room)
        used += si_sections_get(entries, end++).size;
    return end;
}

static bool append_group(struct si_sections *out, const struct ts_section_header *header, struct bytes prefix,
                         bool loop, const struct si_sections *entries, size_t first, size_t end)
{
    struct buffer body;
    buffer_init(&body, SI_SECTION_BODY_MAX);
    buffer_append(&body, prefix.data, prefix.size);
    size_t start = loop ? si_loop_begin(&body) : 0;
    for (size_t i = first; i < end; i++) {
        struct bytes entry = si_sections_get(entries, i);
        buffer_append(&body, entry.data, entry.size);
    }
    if (loop)
        si_loop_end(&body, start, 15);
    bool ok = si_sections_append_table(out, header, &body);
    buffer_finish(&body);
    return ok;
}

bool si_sections_split(struct si_sections *out, struct ts_section_header header, struct bytes prefix,
                       bool loop, const struct si_sections *entries)
{
    size_t fixed = prefix.size + (loop ? 2 : 0);
    if (entries->bytes.failed || fixed > SI_SECTION_BODY_MAX)
        return false;
    size_t room = SI_SECTION_BODY_MAX - fixed;
    size_t groups = 0, first = 0;
    do {
        size_t end = group_end(entries, first, room);
        if (end == first && first < entries->count)
            return false;
        first = end;
        groups++;
    } while (first < entries->count);
    if (groups > 256)
        return false;
    struct mark before = mark(out);
    header.last_section_number = (uint8_t)(groups - 1);
    first = 0;
    for (size_t group = 0; group < groups; group++) {
        size_t end = group_end(entries, first, room);
        header.section_number = (uint8_t)group;
        if (!append_group(out, &header, prefix, loop, entries, first, end)) {
            roll_back(out, before);
            return false;
        }
        first = end;
    }
    return true;
}
