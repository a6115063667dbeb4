/* SPDX-License-Identifier: Apache-2.0 */
#include "clip_stream.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "ts/packet.h"
#include "ts/pes.h"
#include "ts/section.h"
#include <string.h>

struct writer {
    struct buffer *buffer;
    unsigned packets, lost_packet;
};

static void put(struct writer *writer, const uint8_t *bytes)
{
    if (++writer->packets != writer->lost_packet)
        buffer_append(writer->buffer, bytes, TS_PACKET_SIZE);
}

static const uint8_t *take_section(void *context, size_t *size)
{
    struct bytes *section = context;
    const uint8_t *data = section->data;
    *size = section->size;
    section->data = NULL;
    return data;
}

static void put_sections(struct writer *writer, uint16_t pid, const struct si_sections *sections)
{
    struct ts_sectioner sectioner;
    ts_sectioner_init(&sectioner, pid);
    for (size_t i = 0; i < sections->count; i++) {
        uint8_t bytes[TS_PACKET_SIZE];
        struct bytes section = si_sections_get(sections, i);
        while (ts_sectioner_packet(&sectioner, bytes, take_section, &section))
            put(writer, bytes);
    }
}

static void put_tables(struct writer *writer, const struct clip_stream *options)
{
    const struct si_pat pat = {
        .transport_stream_id = 1, .nit_pid = SI_PID_NONE, .program_count = 1, .programs = {{1, 0x30}}};
    struct si_pmt pmt = {.program_number = 1, .pcr_pid = CLIP_STREAM_VIDEO_PID};
    si_component_init(&pmt.components[pmt.component_count++], CLIP_STREAM_VIDEO_PID, SI_STREAM_TYPE_H264);
    if (options->frames)
        si_component_init(&pmt.components[pmt.component_count++], CLIP_STREAM_AUDIO_PID,
                          SI_STREAM_TYPE_AAC_ADTS);
    struct si_sections sections;
    si_sections_init(&sections);
    si_build_pat(&sections, &pat, 0);
    put_sections(writer, SI_PID_PAT, &sections);
    si_sections_clear(&sections);
    si_build_pmt(&sections, &pmt, 0);
    put_sections(writer, 0x30, &sections);
    si_sections_finish(&sections);
}

static void put_pes(struct writer *writer, uint16_t pid, uint8_t *counter, bool random_access,
                    const struct buffer *pes)
{
    for (size_t at = 0; at < pes->size;) {
        uint8_t bytes[TS_PACKET_SIZE];
        const struct ts_packet_options options = {.pid = pid,
                                                  .continuity_counter = (*counter)++,
                                                  .payload_unit_start = at == 0,
                                                  .random_access = at == 0 && random_access};
        at += ts_packet_write(bytes, &options, pes->data + at, pes->size - at);
        put(writer, bytes);
    }
}

static void put_picture(struct writer *writer, const struct clip_stream *options, unsigned number,
                        uint8_t *counter)
{
    static const uint8_t delimiter[] = {0, 0, 0, 1, 9, 0xF0}, parameters[] = {0, 0, 0, 1, 0x67, 0x64, 0, 30};
    uint8_t slice[65536];
    struct buffer unit, pes;
    bool key = number % 10 == 0;
    size_t size = options->picture_size ? options->picture_size : key ? 1200 : 300 + number % 7;
    memset(slice, (int)(number | 1), sizeof(slice));
    memcpy(slice, key ? "\0\0\1\x65" : "\0\0\1\x41", 4);
    buffer_init(&unit, 1 << 17);
    buffer_init(&pes, 1 << 17);
    buffer_append(&unit, delimiter, sizeof(delimiter));
    if (key && !options->no_parameters)
        buffer_append(&unit, parameters, sizeof(parameters));
    buffer_append(&unit, slice, size);
    int64_t step = options->times_go_back && number == options->pictures / 2 ? -1 : (int64_t)number;
    uint64_t dts = options->first_dts + (uint64_t)(step * 3600);
    ts_pes_append(&pes, 0xE0, dts + 3600, dts, unit.data, unit.size);
    put_pes(writer, CLIP_STREAM_VIDEO_PID, counter, key, &pes);
    buffer_finish(&unit);
    buffer_finish(&pes);
}

/* Two frames a PES packet. */
static void put_sound(struct writer *writer, const struct clip_stream *options, unsigned number,
                      uint8_t *counter)
{
    struct buffer pes, frames;
    buffer_init(&pes, 1 << 17);
    buffer_init(&frames, 1 << 17);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t frame[200];
        memset(frame, (int)(number + i), sizeof(frame));
        static const uint8_t header[7] = {
            0xFF, 0xF1, 0x4C, 0x80, sizeof(frame) >> 3, (sizeof(frame) & 7) << 5 | 0x1F, 0xFC};
        memcpy(frame, header, sizeof(header));
        if (options->broken_sound)
            frame[0] = 0;
        buffer_append(&frames, frame, sizeof(frame));
    }
    uint64_t pts = options->first_dts + 1800 + (uint64_t)number * 1920;
    ts_pes_append(&pes, 0xC0, pts, pts, frames.data, frames.size);
    put_pes(writer, CLIP_STREAM_AUDIO_PID, counter, false, &pes);
    buffer_finish(&pes);
    buffer_finish(&frames);
}

void clip_stream_append(struct buffer *buffer, const struct clip_stream *options)
{
    struct writer writer = {.buffer = buffer, .lost_packet = options->lost_packet};
    uint8_t video_counter = 0, audio_counter = 0;
    unsigned frame = 0;
    put_tables(&writer, options);
    for (unsigned i = options->first; i < options->pictures; i++) {
        put_picture(&writer, options, i, &video_counter);
        for (; frame * 1920 < (i + 1) * 3600 && frame + 2 <= options->frames; frame += 2)
            put_sound(&writer, options, frame, &audio_counter);
    }
}
