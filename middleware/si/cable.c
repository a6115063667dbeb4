/* SPDX-License-Identifier: Apache-2.0 */
#include "si/cable.h"
#include "base/reader.h"
#include "si/writer.h"

const char *si_modulation_str(enum si_modulation modulation)
{
    static const char *const names[] = {"undefined", "16qam", "32qam", "64qam", "128qam", "256qam"};
    return (unsigned)modulation < sizeof(names) / sizeof(names[0]) ? names[modulation] : names[0];
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

void si_service_list_read(struct bytes body, struct si_stream *stream)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    while (reader_left(&reader) >= 3 && stream->service_count < SI_STREAM_SERVICES_MAX) {
        struct si_stream_service *service = &stream->services[stream->service_count++];
        service->service_id = reader_u16(&reader);
        service->type = reader_u8(&reader);
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
        buffer_u16(buffer, stream->services[i].service_id);
        buffer_u8(buffer, stream->services[i].type);
    }
    si_descriptor_end(buffer, body);
}
