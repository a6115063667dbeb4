/* SPDX-License-Identifier: Apache-2.0 */
#include "si/component.h"
#include "base/reader.h"
#include "si/descriptor.h"
#include "si/writer.h"
#include <string.h>

#define TAG_REGISTRATION 0x05
#define TAG_ISO_639_LANGUAGE 0x0A
#define TAG_CAROUSEL_IDENTIFIER 0x13
#define TAG_AVC_VIDEO 0x28
#define TAG_HEVC_VIDEO 0x38
#define TAG_STREAM_IDENTIFIER 0x52
#define TAG_TELETEXT 0x56
#define TAG_SUBTITLING 0x59
#define TAG_DATA_BROADCAST_ID 0x66
#define TAG_AC3 0x6A
#define TAG_APPLICATION_SIGNALLING 0x6F
#define TAG_EAC3 0x7A
#define TAG_AAC 0x7C
#define TAG_EXTENSION 0x7F

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
    {0xD2, SI_CODEC_AVS2},        {0xD4, SI_CODEC_AVS3},        {0x13, SI_CODEC_DATA},
    {0x14, SI_CODEC_DATA},        {0x15, SI_CODEC_DATA},        {0x16, SI_CODEC_DATA},
    {0x2D, SI_CODEC_MPEGH},       {0x2E, SI_CODEC_MPEGH},       {0x33, SI_CODEC_VVC},
    {0x86, SI_CODEC_SPLICE},      {0xD1, SI_CODEC_DIRAC},       {0xD3, SI_CODEC_AVS_AUDIO},
    {0xD5, SI_CODEC_AVS_AUDIO},   {0xEA, SI_CODEC_VC1},
};

/* In a program that registers itself as HDMV (discs and recorders). */
static const struct codec_of of_hdmv[] = {
    {0x80, SI_CODEC_PCM},  {0x81, SI_CODEC_AC3}, {0x82, SI_CODEC_DTS}, {0x83, SI_CODEC_TRUEHD},
    {0x84, SI_CODEC_EAC3}, {0x85, SI_CODEC_DTS}, {0x86, SI_CODEC_DTS}, {0x90, SI_CODEC_SUBTITLE},
    {0xA1, SI_CODEC_EAC3}, {0xA2, SI_CODEC_DTS}, {0xEA, SI_CODEC_VC1},
};

/* Descriptors whose presence alone says what a stream of stream_type 0x06 is (EN 300 468, Table 12). */
static const struct codec_of of_descriptor[] = {
    {0x46, SI_CODEC_TELETEXT}, {0x56, SI_CODEC_TELETEXT}, {0x59, SI_CODEC_SUBTITLE}, {0x6A, SI_CODEC_AC3},
    {0x7A, SI_CODEC_EAC3},     {0x7B, SI_CODEC_DTS},      {0x7C, SI_CODEC_AAC},      {0x45, SI_CODEC_DATA},
};

/* The same by descriptor_tag_extension: DTS-HD, AC-4, TTML, DTS-UHD. */
static const struct codec_of of_extension[] = {
    {0x0E, SI_CODEC_DTS},
    {0x15, SI_CODEC_AC4},
    {0x20, SI_CODEC_SUBTITLE},
    {0x21, SI_CODEC_DTS},
};

#define FOUR(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* format_identifier of the registration_descriptor */
static const struct codec_of of_registration[] = {
    {FOUR('A', 'C', '-', '3'), SI_CODEC_AC3},       {FOUR('E', 'A', 'C', '3'), SI_CODEC_EAC3},
    {FOUR('D', 'T', 'S', '1'), SI_CODEC_DTS},       {FOUR('D', 'T', 'S', '2'), SI_CODEC_DTS},
    {FOUR('D', 'T', 'S', '3'), SI_CODEC_DTS},       {FOUR('D', 'R', 'A', '1'), SI_CODEC_DRA},
    {FOUR('H', 'E', 'V', 'C'), SI_CODEC_HEVC},      {FOUR('A', 'V', 'S', 'V'), SI_CODEC_AVS},
    {FOUR('A', 'V', 'S', '2'), SI_CODEC_AVS2},      {FOUR('A', 'V', 'S', '3'), SI_CODEC_AVS3},
    {FOUR('A', 'V', 'S', 'A'), SI_CODEC_AVS_AUDIO}, {FOUR('a', 'v', '3', 'a'), SI_CODEC_AVS_AUDIO},
    {FOUR('O', 'p', 'u', 's'), SI_CODEC_OPUS},      {FOUR('A', 'V', '0', '1'), SI_CODEC_AV1},
    {FOUR('V', 'C', '-', '1'), SI_CODEC_VC1},       {FOUR('d', 'r', 'a', 'c'), SI_CODEC_DIRAC},
    {FOUR('V', 'V', 'C', ' '), SI_CODEC_VVC},       {FOUR('A', 'C', '-', '4'), SI_CODEC_AC4},
    {FOUR('B', 'S', 'S', 'D'), SI_CODEC_PCM},       {FOUR('K', 'L', 'V', 'A'), SI_CODEC_DATA},
    {FOUR('C', 'U', 'E', 'I'), SI_CODEC_SPLICE},
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
    struct bytes second = reader_bytes(reader, 3);
    if (!reader->failed)
        si_language_copy(component->second_language, second);
}

static void read_access(struct si_component *component, struct bytes body)
{
    component->conditional_access = true;
    if (component->access_count < SI_ACCESSES_MAX &&
        si_access_read(body, &component->accesses[component->access_count]))
        component->access_count++;
}

/* subtitling_descriptor (EN 300 468, 6.2.41) */
static void read_subtitles(struct si_component *component, struct reader *reader)
{
    while (reader_left(reader) >= 8 && component->subtitle_count < SI_SUBTITLES_MAX) {
        struct si_subtitle *subtitle = &component->subtitles[component->subtitle_count++];
        si_language_copy(subtitle->language, reader_bytes(reader, 3));
        subtitle->type = reader_u8(reader);
        subtitle->composition_page = reader_u16(reader);
        subtitle->ancillary_page = reader_u16(reader);
    }
}

/* teletext_descriptor (6.2.43): magazine and page as one number, magazine 0 being 8. */
static void read_teletext(struct si_component *component, struct reader *reader)
{
    while (reader_left(reader) >= 5 && component->subtitle_count < SI_SUBTITLES_MAX) {
        struct si_subtitle *subtitle = &component->subtitles[component->subtitle_count++];
        si_language_copy(subtitle->language, reader_bytes(reader, 3));
        unsigned word = reader_u8(reader);
        subtitle->type = (uint8_t)(word >> 3);
        subtitle->composition_page = (uint16_t)((word & 7 ? word & 7 : 8) << 8 | reader_u8(reader));
    }
}

/* AVC_video_descriptor (ISO/IEC 13818-1, 2.6.64), HEVC_video_descriptor (2.6.95), AAC_descriptor (EN 300 468,
 * Annex H.2) */
static void read_profile(struct si_component *component, uint8_t tag, struct reader *reader)
{
    int profile = reader_u8(reader), level = -1;
    if (tag == TAG_AVC_VIDEO) {
        reader_skip(reader, 1);
        level = reader_u8(reader);
    } else if (tag == TAG_HEVC_VIDEO) {
        profile &= 31;
        reader_skip(reader, 10);
        level = reader_u8(reader);
    }
    if (reader->failed)
        return;
    component->profile = profile;
    component->level = level;
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
    enum si_codec codec = tag == TAG_REGISTRATION ? LOOK_UP(of_registration, reader_u32(reader))
                          : tag == TAG_EXTENSION  ? LOOK_UP(of_extension, reader_u8(reader))
                                                  : LOOK_UP(of_descriptor, tag);
    /* A stream_type of a user says as little as that of private PES packets, unless it is a known one. */
    bool by_user = tag == TAG_REGISTRATION && component->stream_type >= 0x80 &&
                   LOOK_UP(of_stream_type, component->stream_type) == SI_CODEC_UNKNOWN;
    if ((component->stream_type == SI_STREAM_TYPE_PRIVATE_PES || by_user) && !reader->failed &&
        codec != SI_CODEC_UNKNOWN && component->codec == SI_CODEC_UNKNOWN)
        component->codec = codec;
}

void si_component_read_descriptor(struct si_component *component, uint8_t tag, struct bytes body)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    int value;
    switch (tag) {
    case SI_TAG_CA:
        read_access(component, body);
        break;
    case TAG_ISO_639_LANGUAGE:
        read_language(component, &reader);
        break;
    case TAG_CAROUSEL_IDENTIFIER:
        read_carousel(component, &reader);
        break;
    case SI_TAG_ASSOCIATION:
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
    case TAG_SUBTITLING:
        read_marker(component, tag, &reader);
        read_subtitles(component, &reader);
        break;
    case TAG_TELETEXT:
        read_marker(component, tag, &reader);
        read_teletext(component, &reader);
        break;
    case TAG_AVC_VIDEO:
    case TAG_HEVC_VIDEO:
    case TAG_AAC:
        read_marker(component, tag, &reader);
        read_profile(component, tag, &reader);
        break;
    default:
        read_marker(component, tag, &reader);
        break;
    }
}

void si_component_finish(struct si_component *component, bool hdmv)
{
    if (component->codec == SI_CODEC_UNKNOWN && hdmv)
        component->codec = LOOK_UP(of_hdmv, component->stream_type);
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

static void write_subtitles(struct buffer *buffer, const struct si_component *component)
{
    bool teletext = component->codec == SI_CODEC_TELETEXT;
    size_t body = si_descriptor_begin(buffer, teletext ? TAG_TELETEXT : TAG_SUBTITLING);
    for (size_t i = 0; i < component->subtitle_count && i < SI_SUBTITLES_MAX; i++) {
        const struct si_subtitle *subtitle = &component->subtitles[i];
        si_write_language(buffer, subtitle->language);
        if (teletext) {
            buffer_u8(buffer, (subtitle->type & 31u) << 3 | (subtitle->composition_page >> 8 & 7));
            buffer_u8(buffer, subtitle->composition_page & 0xFF);
        } else {
            buffer_u8(buffer, subtitle->type);
            buffer_u16(buffer, subtitle->composition_page);
            buffer_u16(buffer, subtitle->ancillary_page);
        }
    }
    si_descriptor_end(buffer, body);
}

/* What says the codec of a stream of stream_type 0x06. */
static void write_marker(struct buffer *buffer, enum si_codec codec)
{
    static const struct {
        enum si_codec codec;
        uint8_t tag;
        const char *text;
    } markers[] = {
        {SI_CODEC_AC3, TAG_AC3, NULL},
        {SI_CODEC_EAC3, TAG_EAC3, NULL},
        {SI_CODEC_AVS, TAG_REGISTRATION, "AVSV"},
        {SI_CODEC_DRA, TAG_REGISTRATION, "DRA1"},
        {SI_CODEC_HEVC, TAG_REGISTRATION, "HEVC"},
    };
    for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
        if (markers[i].codec != codec)
            continue;
        size_t body = si_descriptor_begin(buffer, markers[i].tag);
        if (markers[i].text)
            buffer_append_string(buffer, markers[i].text);
        else
            buffer_u8(buffer, 0); /* no optional field */
        si_descriptor_end(buffer, body);
    }
}

static void write_profile(struct buffer *buffer, const struct si_component *component)
{
    bool avc = component->stream_type == SI_STREAM_TYPE_H264,
         hevc = component->stream_type == SI_STREAM_TYPE_HEVC;
    if (component->profile < 0)
        return;
    size_t body = si_descriptor_begin(buffer, avc ? TAG_AVC_VIDEO : hevc ? TAG_HEVC_VIDEO : TAG_AAC);
    if (avc) {
        buffer_u8(buffer, (unsigned)component->profile);
        buffer_u8(buffer, 0);
        buffer_u8(buffer, (unsigned)component->level & 0xFF);
        buffer_u8(buffer, 0x3F); /* no still pictures, no 24-hour pictures, frame packing not said */
    } else if (hevc) {
        buffer_u8(buffer, (unsigned)component->profile & 31);
        buffer_u32(buffer, UINT32_C(0x80000000) >> (component->profile & 31)); /* compatible with itself */
        buffer_u16(buffer, 0x9000);                                            /* progressive, frames only */
        buffer_u32(buffer, 0);
        buffer_u8(buffer, (unsigned)component->level & 0xFF);
        buffer_u8(buffer, 0x0F); /* no temporal layers said */
        buffer_u8(buffer, 0xFF);
    } else {
        buffer_u8(buffer, (unsigned)component->profile);
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
        if (component->second_language[0]) {
            si_write_language(buffer, component->second_language);
            buffer_u8(buffer, component->audio_type);
        }
        si_descriptor_end(buffer, body);
    }
    for (size_t i = 0; i < component->access_count && i < SI_ACCESSES_MAX; i++)
        si_access_write(buffer, &component->accesses[i]);
    if (component->stream_type == SI_STREAM_TYPE_PRIVATE_PES)
        write_marker(buffer, component->codec);
    if (component->subtitle_count > 0)
        write_subtitles(buffer, component);
    write_profile(buffer, component);
    if (component->has_carousel) {
        body = si_descriptor_begin(buffer, TAG_CAROUSEL_IDENTIFIER);
        buffer_u32(buffer, component->carousel_id);
        buffer_u8(buffer, 0); /* FormatID 0: no boot information */
        si_descriptor_end(buffer, body);
    }
    if (component->association_tag >= 0) {
        body = si_descriptor_begin(buffer, SI_TAG_ASSOCIATION);
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
