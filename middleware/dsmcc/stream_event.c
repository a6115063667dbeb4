/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/stream_event.h"
#include "ts/section.h"
#include <string.h>

#define DESCRIPTOR_NPT_REFERENCE 0x17
#define DESCRIPTOR_STREAM_EVENT 0x1A
#define EXTENSION_KIND 0xC000u
#define EXTENSION_NOW 0x0000u
#define EXTENSION_NPT 0x4000u
#define EXTENSION_SCHEDULED 0x8000u
#define EVENT_SIZE 10 /* of the descriptor's body, without private data */
#define NPT_SIZE 18

bool dsmcc_stream_section_read(const uint8_t *section, size_t size, struct dsmcc_stream_section *read)
{
    struct ts_section_header header;
    if (!ts_section_read_header(section, size, &header) || header.table_id != DSMCC_TABLE_STREAM ||
        !header.current_next)
        return false;
    memset(read, 0, sizeof *read);
    read->table_id_extension = header.table_id_extension;
    read->version = header.version;
    reader_init(&read->descriptors, section, size - TS_SECTION_CRC_SIZE);
    reader_skip(&read->descriptors, TS_SECTION_HEADER_SIZE);
    return true;
}

/* 31 reserved bits and 33 of time. */
static uint64_t read_time(struct reader *reader)
{
    return reader_u64(reader) & DSMCC_NPT_MASK;
}

static bool read_event(struct reader *body, struct dsmcc_stream_event *event)
{
    event->event_id = reader_u16(body);
    event->npt_90khz = read_time(body);
    event->private_data = reader_bytes(body, reader_left(body));
    return !body->failed;
}

static bool read_npt(struct reader *body, struct dsmcc_npt_reference *npt)
{
    unsigned first = reader_u8(body);
    npt->post_discontinuity = first >> 7;
    npt->content_id = first & 0x7F;
    unsigned high = reader_u8(body); /* 7 reserved bits and the first of 33 */
    npt->stc_90khz = (uint64_t)(high & 1) << 32 | reader_u32(body);
    npt->npt_90khz = read_time(body);
    npt->numerator = reader_u16(body);
    npt->denominator = reader_u16(body);
    return !body->failed;
}

enum dsmcc_stream_descriptor dsmcc_stream_section_next(struct dsmcc_stream_section *section)
{
    struct reader *descriptors = &section->descriptors;
    if (descriptors->failed || reader_left(descriptors) == 0)
        return DSMCC_STREAM_DESCRIPTOR_END;
    unsigned tag = reader_u8(descriptors);
    struct reader body = reader_sub(descriptors, reader_u8(descriptors));
    if (descriptors->failed)
        return DSMCC_STREAM_DESCRIPTOR_END;
    section->event.version = section->version;
    if (tag == DESCRIPTOR_STREAM_EVENT && read_event(&body, &section->event))
        return DSMCC_STREAM_DESCRIPTOR_EVENT;
    if (tag == DESCRIPTOR_NPT_REFERENCE && read_npt(&body, &section->npt))
        return DSMCC_STREAM_DESCRIPTOR_NPT;
    return DSMCC_STREAM_DESCRIPTOR_OTHER;
}

bool dsmcc_event_is_now(uint16_t table_id_extension, uint16_t event_id)
{
    unsigned kind = table_id_extension & EXTENSION_KIND;
    return kind == EXTENSION_NOW || (kind != EXTENSION_SCHEDULED && (event_id & 0x8000) == 0);
}

static void append_time(struct buffer *buffer, uint64_t time_90khz)
{
    buffer_u64(buffer, ~DSMCC_NPT_MASK | (time_90khz & DSMCC_NPT_MASK)); /* reserved bits are 1 */
}

static void append_section(struct buffer *buffer, unsigned extension, uint8_t version,
                           const struct buffer *body)
{
    struct ts_section_header header = {.table_id = DSMCC_TABLE_STREAM,
                                       .table_id_extension = (uint16_t)extension,
                                       .version = version & 31,
                                       .current_next = true};
    if (body->failed)
        buffer->failed = true;
    else
        ts_section_append(buffer, &header, body->data, body->size);
}

void dsmcc_stream_event_append(struct buffer *buffer, const struct dsmcc_stream_event *event, uint8_t version)
{
    uint8_t storage[2 + 255];
    struct buffer body = {.data = storage, .capacity = sizeof storage, .maximum = sizeof storage};
    unsigned kind = event->event_id & EXTENSION_KIND;
    if ((kind != EXTENSION_NOW && kind != EXTENSION_SCHEDULED) || event->event_id == 0 ||
        event->private_data.size > DSMCC_EVENT_DATA_MAX) {
        buffer->failed = true;
        return;
    }
    buffer_u8(&body, DESCRIPTOR_STREAM_EVENT);
    buffer_u8(&body, EVENT_SIZE + (unsigned)event->private_data.size);
    buffer_u16(&body, event->event_id);
    append_time(&body, event->npt_90khz);
    buffer_append(&body, event->private_data.data, event->private_data.size);
    append_section(buffer, event->event_id, version, &body);
}

void dsmcc_npt_reference_append(struct buffer *buffer, const struct dsmcc_npt_reference *reference,
                                uint8_t version)
{
    uint8_t storage[2 + NPT_SIZE];
    struct buffer body = {.data = storage, .capacity = sizeof storage, .maximum = sizeof storage};
    if (reference->denominator == 0) {
        buffer->failed = true;
        return;
    }
    buffer_u8(&body, DESCRIPTOR_NPT_REFERENCE);
    buffer_u8(&body, NPT_SIZE);
    buffer_u8(&body, (reference->post_discontinuity ? 0x80u : 0u) | (reference->content_id & 0x7Fu));
    buffer_u8(&body, 0xFE | (unsigned)(reference->stc_90khz >> 32 & 1));
    buffer_u32(&body, (uint32_t)reference->stc_90khz);
    append_time(&body, reference->npt_90khz);
    buffer_u16(&body, reference->numerator);
    buffer_u16(&body, reference->denominator);
    append_section(buffer, EXTENSION_NPT, version, &body);
}

bool dsmcc_npt_clock_take(struct dsmcc_npt_clock *clock, const struct dsmcc_npt_reference *reference)
{
    if (reference->denominator == 0)
        return false;
    if (reference->post_discontinuity) {
        clock->next = *reference;
        clock->has_next = true;
    } else {
        clock->now = *reference;
        clock->known = true;
    }
    return true;
}

void dsmcc_npt_clock_discontinuity(struct dsmcc_npt_clock *clock)
{
    clock->known = clock->has_next;
    clock->now = clock->next;
    clock->has_next = false;
}

/* The way from b to a, the shorter one round the 33 bits. */
static int64_t difference(uint64_t a, uint64_t b)
{
    uint64_t way = (a - b) & DSMCC_NPT_MASK;
    return way > DSMCC_NPT_MASK / 2 ? (int64_t)way - (int64_t)DSMCC_NPT_MASK - 1 : (int64_t)way;
}

bool dsmcc_npt_clock_at(const struct dsmcc_npt_clock *clock, uint64_t stc_90khz, uint64_t *npt_90khz)
{
    if (!clock->known)
        return false;
    /* 32 bits and a sign by 16 bits */
    int64_t gone =
        difference(stc_90khz, clock->now.stc_90khz) * clock->now.numerator / clock->now.denominator;
    *npt_90khz = (clock->now.npt_90khz + (uint64_t)gone) & DSMCC_NPT_MASK;
    return true;
}
