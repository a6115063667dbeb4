/* SPDX-License-Identifier: Apache-2.0 */
#include "si/cable.h"
#include "base/reader.h"
#include "si/writer.h"
#include <strings.h>

const char *si_modulation_str(enum si_modulation modulation)
{
    static const char *const names[] = {"undefined", "16qam", "32qam", "64qam", "128qam", "256qam"};
    return (unsigned)modulation < sizeof(names) / sizeof(names[0]) ? names[modulation] : names[0];
}

enum si_modulation si_modulation_from_str(const char *text)
{
    for (enum si_modulation i = SI_MODULATION_16QAM; i <= SI_MODULATION_256QAM; i++)
        if (!strcasecmp(text, si_modulation_str(i)))
            return i;
    return SI_MODULATION_UNDEFINED;
}

/* The low digits of bcd as a number; false where one is above nine. */
static bool from_bcd(uint32_t bcd, unsigned digits, uint32_t *value)
{
    *value = 0;
    for (unsigned i = digits; i-- > 0;) {
        uint32_t digit = bcd >> (4 * i) & 15;
        if (digit > 9)
            return false;
        *value = *value * 10 + digit;
    }
    return true;
}

static uint32_t to_bcd(uint32_t value, unsigned digits)
{
    uint32_t bcd = 0;
    for (unsigned i = 0; i < digits; i++, value /= 10)
        bcd |= value % 10 << (4 * i);
    return bcd;
}

void si_cable_read(struct bytes body, struct si_stream *stream)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    uint32_t frequency_bcd = reader_u32(&reader);
    unsigned fec_outer = reader_u16(&reader) & 15;
    unsigned modulation = reader_u8(&reader);
    uint32_t rate_bcd = reader_u32(&reader);
    uint32_t frequency, rate;
    if (reader.failed || !from_bcd(frequency_bcd, 8, &frequency) || !from_bcd(rate_bcd >> 4, 7, &rate))
        return;
    /* Eight digits of 100 Hz reach 9,999.9999 MHz, which is more than 32 bits of Hz. */
    if (frequency > UINT32_MAX / 100)
        return;
    stream->has_cable = true;
    stream->cable.frequency_hz = frequency * 100;
    stream->cable.symbol_rate = rate * 100;
    stream->cable.modulation =
        modulation <= SI_MODULATION_256QAM ? (enum si_modulation)modulation : SI_MODULATION_UNDEFINED;
    stream->cable.fec_outer = (uint8_t)fec_outer;
    stream->cable.fec_inner = (uint8_t)(rate_bcd & 15);
}

/* The entry of service_id, made where there is none; NULL without room. */
static struct si_stream_service *service_of(struct si_stream *stream, uint16_t service_id)
{
    for (size_t i = 0; i < stream->service_count; i++)
        if (stream->services[i].service_id == service_id)
            return &stream->services[i];
    if (stream->service_count == SI_STREAM_SERVICES_MAX)
        return NULL;
    struct si_stream_service *service = &stream->services[stream->service_count++];
    service->service_id = service_id;
    service->unlisted = true;
    return service;
}

void si_service_list_read(struct bytes body, struct si_stream *stream)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    while (reader_left(&reader) >= 3) {
        struct si_stream_service *service = service_of(stream, reader_u16(&reader));
        uint8_t type = reader_u8(&reader);
        if (!service)
            return;
        service->type = type;
        service->unlisted = false;
    }
}

/* Whose 0x83 is which: the number has 14 bits at NorDig (Unified Requirements 12.2.9.2), else 10. */
static const struct {
    uint32_t specifier;
    uint16_t mask;
} numbering[] = {
    {SI_SPECIFIER_EACEM, 0x03FF}, {SI_SPECIFIER_NORDIG, 0x3FFF}, {0x0000233A, 0x03FF}, /* UK */
    {0x00000037, 0x03FF},                                                              /* New Zealand */
    {0x00003200, 0x03FF},                                                              /* Australia */
};

static void take_numbers(struct reader *reader, uint16_t mask, struct si_stream *stream)
{
    while (reader_left(reader) >= 4) {
        struct si_stream_service *service = service_of(stream, reader_u16(reader));
        uint16_t word = reader_u16(reader);
        if (!service || service->lcn > 0)
            continue;
        service->lcn = word & mask;
        service->hidden = !(word & 0x8000);
    }
}

void si_lcn_read(const struct si_descriptor *descriptor, struct si_stream *stream)
{
    struct reader reader;
    reader_init(&reader, descriptor->body.data, descriptor->body.size);
    uint16_t mask = 0;
    for (size_t i = 0; i < sizeof(numbering) / sizeof(numbering[0]); i++)
        if (numbering[i].specifier == descriptor->specifier)
            mask = numbering[i].mask;
    bool second = descriptor->tag == SI_TAG_LOGICAL_CHANNEL_2;
    if (mask == 0 || (second && descriptor->specifier != SI_SPECIFIER_NORDIG) ||
        (!second && descriptor->tag != SI_TAG_LOGICAL_CHANNEL))
        return;
    if (stream->lcn_specifier == 0) {
        stream->lcn_specifier = descriptor->specifier;
        stream->lcn_tag = descriptor->tag;
    }
    if (!second) {
        take_numbers(&reader, mask, stream);
        return;
    }
    /* Lists, one a country or region (12.2.9.3); the first that names a service counts. */
    while (reader_left(&reader) > 0 && !reader.failed) {
        reader_skip(&reader, 1);
        reader_skip(&reader, reader_u8(&reader));
        reader_skip(&reader, 3);
        struct reader list = reader_sub(&reader, reader_u8(&reader));
        take_numbers(&list, 0x03FF, stream);
    }
}

void si_cable_write(struct buffer *buffer, const struct si_cable *cable)
{
    size_t body = si_descriptor_begin(buffer, SI_TAG_CABLE_DELIVERY);
    buffer_u32(buffer, to_bcd(cable->frequency_hz / 100, 8));
    buffer_u16(buffer, 0xFFF0u | (cable->fec_outer & 15u));
    buffer_u8(buffer, (unsigned)cable->modulation);
    buffer_u32(buffer, to_bcd(cable->symbol_rate / 100, 7) << 4 | (cable->fec_inner & 15u));
    si_descriptor_end(buffer, body);
}

void si_service_list_write(struct buffer *buffer, const struct si_stream *stream)
{
    size_t body = si_descriptor_begin(buffer, SI_TAG_SERVICE_LIST);
    for (size_t i = 0; i < stream->service_count; i++) {
        if (stream->services[i].unlisted)
            continue;
        buffer_u16(buffer, stream->services[i].service_id);
        buffer_u8(buffer, stream->services[i].type);
    }
    si_descriptor_end(buffer, body);
}

void si_lcn_write(struct buffer *buffer, const struct si_stream *stream)
{
    if (stream->lcn_specifier == 0)
        return;
    bool second = stream->lcn_tag == SI_TAG_LOGICAL_CHANNEL_2;
    unsigned reserved = stream->lcn_specifier == SI_SPECIFIER_NORDIG && !second ? 0x4000 : 0x7C00;
    size_t body = si_descriptor_begin(buffer, SI_TAG_PRIVATE_DATA_SPECIFIER);
    buffer_u32(buffer, stream->lcn_specifier);
    si_descriptor_end(buffer, body);
    body = si_descriptor_begin(buffer, stream->lcn_tag);
    size_t list = 0;
    if (second) {
        buffer_u8(buffer, 1); /* channel_list_id */
        buffer_u8(buffer, 0); /* without a name */
        buffer_append(buffer, "CHN", 3);
        buffer_u8(buffer, 0);
        list = buffer->size;
    }
    for (size_t i = 0; i < stream->service_count; i++) {
        const struct si_stream_service *service = &stream->services[i];
        if (service->lcn == 0)
            continue;
        buffer_u16(buffer, service->service_id);
        buffer_u16(buffer, (service->hidden ? 0 : 0x8000u) | reserved | (service->lcn & ~reserved & 0x3FFFu));
    }
    if (second && !buffer->failed)
        buffer_patch_u8(buffer, list - 1, (unsigned)(buffer->size - list) & 0xFF);
    si_descriptor_end(buffer, body);
}
