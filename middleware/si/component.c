/* SPDX-License-Identifier: Apache-2.0 */
#include "si/component.h"
#include "base/reader.h"
#include "si/writer.h"
#include <string.h>

#define TAG_REGISTRATION 0x05
#define TAG_CA 0x09
#define TAG_ISO_639_LANGUAGE 0x0A
#define TAG_CAROUSEL_IDENTIFIER 0x13
#define TAG_ASSOCIATION_TAG 0x14
#define TAG_STREAM_IDENTIFIER 0x52
#define TAG_DATA_BROADCAST_ID 0x66
#define TAG_APPLICATION_SIGNALLING 0x6F

struct codec_of {
    uint32_t key;
    enum si_codec codec;
};

/* ISO/IEC 13818-1, Table 2-34; 0x42 and 0x43 are GB/T 20090; 0xD2 and 0xD4 are AVS2 and AVS3 as registered;
 * 0x81 and 0x87 ATSC. */
static const struct codec_of of_stream_type[] = {
    {0x01, SI_CODEC_MPEG1_VIDEO}, {0x02, SI_CODEC_MPEG2_VIDEO}, {0x03, SI_CODEC_MPEG_AUDIO},
    {0x04, SI_CODEC_MPEG_AUDIO},  {0x05, SI_CODEC_DATA},        {0x0A, SI_CODEC_DATA},
    {0x0B, SI_CODEC_CAROUSEL},    {0x0C, SI_CODEC_DATA},        {0x0D, SI_CODEC_DATA},
    {0x0F, SI_CODEC_AAC},         {0x10, SI_CODEC_MPEG4_VIDEO}, {0x11, SI_CODEC_AAC_LATM},
    {0x1B, SI_CODEC_H264},        {0x24, SI_CODEC_HEVC},        {0x42, SI_CODEC_AVS},
    {0x43, SI_CODEC_AVS_AUDIO},   {0x81, SI_CODEC_AC3},         {0x87, SI_CODEC_EAC3},
    {0xD2, SI_CODEC_AVS2},        {0xD4, SI_CODEC_AVS3},
};

/* Descriptors whose presence alone says what a stream of stream_type 0x06 is (EN 300 468, Table 12). */
static const struct codec_of of_descriptor[] = {
    {0x46, SI_CODEC_TELETEXT}, {0x56, SI_CODEC_TELETEXT}, {0x59, SI_CODEC_SUBTITLE}, {0x6A, SI_CODEC_AC3},
    {0x7A, SI_CODEC_EAC3},     {0x7B, SI_CODEC_DTS},      {0x7C, SI_CODEC_AAC},
};

#define FOUR(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* format_identifier of the registration_descriptor */
static const struct codec_of of_registration[] = {
    {FOUR('A', 'C', '-', '3'), SI_CODEC_AC3},  {FOUR('E', 'A', 'C', '3'), SI_CODEC_EAC3},
    {FOUR('D', 'T', 'S', '1'), SI_CODEC_DTS},  {FOUR('D', 'T', 'S', '2'), SI_CODEC_DTS},
    {FOUR('D', 'T', 'S', '3'), SI_CODEC_DTS},  {FOUR('D', 'R', 'A', '1'), SI_CODEC_DRA},
    {FOUR('H', 'E', 'V', 'C'), SI_CODEC_HEVC}, {FOUR('A', 'V', 'S', 'V'), SI_CODEC_AVS},
};

static enum si_codec look_up(const struct codec_of *table, size_t count, uint32_t key)
{
    for (size_t i = 0; i < count; i++)
        if (table[i].key == key)
            return table[i].codec;
    return SI_CODEC_UNKNOWN;
}

#define LOOK_UP(table, key) look_up(table, sizeof(table) / sizeof(table[0]), key)

static void read_language(struct si_component *component, struct reader *reader)
{
    struct bytes code = reader_bytes(reader, 3);
    uint8_t audio_type = reader_u8(reader);
    if (reader->failed || component->language[0])
        return;
    for (size_t i = 0; i < 3; i++)
        if (code.data[i] < 0x21 || code.data[i] > 0x7E)
            return;
    memcpy(component->language, code.data, 3);
    component->audio_type = audio_type;
}

/* Carousels name themselves by carousel_id; the FormatID behind it may be missing (TR 101 202, 4.7.7.1). */
static void read_carousel(struct si_component *component, struct reader *reader)
{
    uint32_t carousel_id = reader_u32(reader);
    if (reader->failed)
        return;
    component->has_carousel = true;
    component->carousel_id = carousel_id;
}

static void read_signals(struct si_component *component, struct reader *reader)
{
    component->codec = SI_CODEC_AIT;
    while (reader_left(reader) >= 3 && component->signal_count < SI_SIGNALS_MAX) {
        struct si_signal *signal = &component->signals[component->signal_count++];
        signal->application_type = reader_u16(reader) & 0x7FFF;
        signal->version = reader_u8(reader) & 31;
    }
}

static void read_marker(struct si_component *component, uint8_t tag, struct reader *reader)
{
    enum si_codec codec =
        tag == TAG_REGISTRATION ? LOOK_UP(of_registration, reader_u32(reader)) : LOOK_UP(of_descriptor, tag);
    if (component->stream_type == SI_STREAM_TYPE_PRIVATE_PES && codec != SI_CODEC_UNKNOWN &&
        component->codec == SI_CODEC_UNKNOWN)
        component->codec = codec;
}

void si_component_read_descriptor(struct si_component *component, uint8_t tag, struct bytes body)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    int value;
    switch (tag) {
    case TAG_CA:
        component->conditional_access = true;
        break;
    case TAG_ISO_639_LANGUAGE:
        read_language(component, &reader);
        break;
    case TAG_CAROUSEL_IDENTIFIER:
        read_carousel(component, &reader);
        break;
    case TAG_ASSOCIATION_TAG:
        value = reader_u16(&reader);
        component->association_tag = reader.failed ? component->association_tag : value;
        break;
    case TAG_STREAM_IDENTIFIER:
        value = reader_u8(&reader);
        component->component_tag = reader.failed ? component->component_tag : value;
        break;
    case TAG_DATA_BROADCAST_ID:
        value = reader_u16(&reader);
        component->data_broadcast_id = reader.failed ? component->data_broadcast_id : value;
        break;
    case TAG_APPLICATION_SIGNALLING:
        if (component->stream_type == SI_STREAM_TYPE_PRIVATE_SECTIONS)
            read_signals(component, &reader);
        break;
    default:
        read_marker(component, tag, &reader);
        break;
    }
}

void si_component_finish(struct si_component *component)
{
    if (component->codec == SI_CODEC_UNKNOWN)
        component->codec = LOOK_UP(of_stream_type, component->stream_type);
    if (component->has_carousel && component->codec == SI_CODEC_DATA)
        component->codec = SI_CODEC_CAROUSEL;
}

static void write_signals(struct buffer *buffer, const struct si_component *component)
{
    size_t body = si_descriptor_begin(buffer, TAG_APPLICATION_SIGNALLING);
    for (size_t i = 0; i < component->signal_count && i < SI_SIGNALS_MAX; i++) {
        /* The bit above application_type is reserved and 0 on air: receivers compare all 16. */
        buffer_u16(buffer, component->signals[i].application_type & 0x7FFF);
        buffer_u8(buffer, 0xE0u | (component->signals[i].version & 31u));
    }
    si_descriptor_end(buffer, body);
}

void si_component_write_descriptors(struct buffer *buffer, const struct si_component *component)
{
    size_t body;
    if (component->component_tag >= 0) {
        body = si_descriptor_begin(buffer, TAG_STREAM_IDENTIFIER);
        buffer_u8(buffer, (unsigned)component->component_tag);
        si_descriptor_end(buffer, body);
    }
    if (component->language[0]) {
        body = si_descriptor_begin(buffer, TAG_ISO_639_LANGUAGE);
        si_write_language(buffer, component->language);
        buffer_u8(buffer, component->audio_type);
        si_descriptor_end(buffer, body);
    }
    if (component->has_carousel) {
        body = si_descriptor_begin(buffer, TAG_CAROUSEL_IDENTIFIER);
        buffer_u32(buffer, component->carousel_id);
        buffer_u8(buffer, 0); /* FormatID 0: no boot information */
        si_descriptor_end(buffer, body);
    }
    if (component->association_tag >= 0) {
        body = si_descriptor_begin(buffer, TAG_ASSOCIATION_TAG);
        buffer_u16(buffer, (unsigned)component->association_tag);
        buffer_u16(buffer, 0); /* use 0x0000, the DSI of this carousel: */
        buffer_u8(buffer, 8);  /* selector: transaction_id and timeout, any */
        buffer_u32(buffer, 0xFFFFFFFF);
        buffer_u32(buffer, 0xFFFFFFFF);
        si_descriptor_end(buffer, body);
    }
    if (component->data_broadcast_id >= 0) {
        body = si_descriptor_begin(buffer, TAG_DATA_BROADCAST_ID);
        buffer_u16(buffer, (unsigned)component->data_broadcast_id);
        si_descriptor_end(buffer, body);
    }
    if (component->signal_count > 0)
        write_signals(buffer, component);
}
