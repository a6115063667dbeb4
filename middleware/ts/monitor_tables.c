/* SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"
#include "ts/monitor_parts.h"
#include "ts/section.h"
#include <stdlib.h>
#include <string.h>

#define TABLE_PAT 0x00
#define TABLE_CAT 0x01
#define TABLE_PMT 0x02

/* Pictures and sound. */

static void on_stream_packet(void *context, const struct ts_packet *packet,
                             const uint8_t bytes[TS_PACKET_SIZE], bool lost)
{
    struct stream *stream = context;
    (void)bytes, (void)lost;
    if (!packet->payload_unit_start)
        return;
    struct reader reader;
    reader_init(&reader, packet->payload, packet->payload_size);
    bool is_pes = reader_u24(&reader) == 1;
    reader_skip(&reader, 4); /* stream_id, length, first flags */
    bool has_pts = reader_u8(&reader) & 0x80;
    if (!is_pes || !has_pts || reader.failed)
        return;
    int64_t now_us = ts_monitor_time_us(stream->monitor);
    if (stream->has_pts && now_us - stream->pts_us > PTS_INTERVAL_US)
        monitor_note(stream->monitor, TS_MONITOR_PTS, 1, stream->pid);
    stream->has_pts = true;
    stream->pts_us = now_us;
}

static void remove_streams(struct ts_monitor *monitor, uint16_t program)
{
    size_t kept = 0;
    for (size_t i = 0; i < monitor->stream_count; i++) {
        struct stream *stream = monitor->streams[i];
        if (stream->program != program) {
            monitor->streams[kept++] = stream;
            continue;
        }
        monitor->roles[stream->pid] = ROLE_NONE;
        ts_demux_unsubscribe(monitor->demux, stream->packets_of);
        free(stream);
    }
    monitor->stream_count = kept;
}

static void add_stream(struct ts_monitor *monitor, uint16_t program, uint16_t pid, enum role role,
                       bool must_come)
{
    if (monitor->roles[pid] == ROLE_NONE || monitor->roles[pid] == ROLE_PCR)
        monitor->roles[pid] = (uint8_t)role;
    if ((role != ROLE_VIDEO && role != ROLE_AUDIO) || monitor->stream_count == STREAMS_MAX)
        return;
    struct stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return;
    *stream = (struct stream){.monitor = monitor, .pid = pid, .program = program, .must_come = must_come};
    stream->packet_us = stream->pts_us = ts_monitor_time_us(monitor);
    stream->packets_of = ts_demux_packets(monitor->demux, pid, on_stream_packet, stream);
    monitor->streams[monitor->stream_count++] = stream;
}

/* Pictures, sound or something else by stream_type and, for private PES packets, descriptors. *for_few: sound
 * for the hard of hearing and the like (ISO_639_language_descriptor with an audio_type), which may pause. */
static enum role stream_role(uint8_t stream_type, struct reader descriptors, bool *for_few)
{
    static const uint8_t video[] = {0x01, 0x02, 0x10, 0x1B, 0x20, 0x24, 0x33, 0x42, 0xD1, 0xD2, 0xD4, 0xEA};
    static const uint8_t audio[] = {0x03, 0x04, 0x0F, 0x11, 0x1C, 0x2D, 0x81, 0x87, 0xD3, 0xD5};
    static const uint8_t audio_tags[] = {0x6A, 0x7A, 0x7B, 0x7C}; /* AC-3, E-AC-3, DTS, AAC */
    enum role role = memchr(video, stream_type, sizeof(video))   ? ROLE_VIDEO
                     : memchr(audio, stream_type, sizeof(audio)) ? ROLE_AUDIO
                                                                 : ROLE_DATA;
    *for_few = false;
    while (reader_left(&descriptors) >= 2) {
        uint8_t tag = reader_u8(&descriptors);
        struct bytes body = reader_bytes(&descriptors, reader_u8(&descriptors));
        if (stream_type == 0x06 && memchr(audio_tags, tag, sizeof(audio_tags)))
            role = ROLE_AUDIO;
        if (tag == 0x0A && body.size >= 4 && body.data[3] != 0)
            *for_few = true;
    }
    return role;
}

static void read_pmt(struct ts_monitor *monitor, uint16_t program, const uint8_t *section, size_t size)
{
    struct reader reader;
    reader_init(&reader, section, size - TS_SECTION_CRC_SIZE);
    reader_skip(&reader, TS_SECTION_HEADER_SIZE);
    uint16_t pcr_pid = reader_u16(&reader) & 0x1FFF;
    reader_skip(&reader, reader_u16(&reader) & 0x0FFF);
    remove_streams(monitor, program);
    while (reader_left(&reader) >= 5) {
        uint8_t stream_type = reader_u8(&reader);
        uint16_t pid = reader_u16(&reader) & 0x1FFF;
        struct reader descriptors = reader_sub(&reader, reader_u16(&reader) & 0x0FFF);
        bool for_few;
        enum role role = stream_role(stream_type, descriptors, &for_few);
        if (!reader.failed)
            add_stream(monitor, program, pid, role, !for_few);
    }
    if (pcr_pid != TS_PID_NULL && monitor->roles[pcr_pid] == ROLE_NONE)
        monitor->roles[pcr_pid] = ROLE_PCR;
}

static uint32_t section_crc(const uint8_t *section, size_t size)
{
    const uint8_t *at = section + size - TS_SECTION_CRC_SIZE;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void on_pmt_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct program *program = context;
    struct ts_monitor *monitor = program->monitor;
    struct ts_section_header header;
    (void)pid;
    if (!ts_section_read_header(section, size, &header) || header.table_id != TABLE_PMT ||
        header.table_id_extension != program->number)
        return;
    monitor_judge(monitor);
    program->last_us = ts_monitor_time_us(monitor);
    uint32_t crc = section_crc(section, size);
    if (header.current_next && crc != program->crc) {
        program->crc = crc;
        read_pmt(monitor, program->number, section, size);
    }
}

void monitor_remove_programs(struct ts_monitor *monitor)
{
    for (size_t i = 0; i < monitor->program_count; i++) {
        struct program *program = monitor->programs[i];
        remove_streams(monitor, program->number);
        monitor->roles[program->pid] = ROLE_NONE;
        ts_demux_unsubscribe(monitor->demux, program->sections);
        free(program);
    }
    monitor->program_count = 0;
}

static void add_program(struct ts_monitor *monitor, uint16_t number, uint16_t pid)
{
    for (size_t i = 0; i < monitor->program_count; i++) {
        if (monitor->programs[i]->number == number)
            return;
    }
    struct program *program = monitor->program_count < PROGRAMS_MAX ? calloc(1, sizeof(*program)) : NULL;
    if (!program)
        return;
    *program = (struct program){
        .monitor = monitor, .number = number, .pid = pid, .last_us = ts_monitor_time_us(monitor)};
    program->sections = ts_demux_sections(monitor->demux, pid, on_pmt_section, program);
    monitor->roles[pid] = ROLE_PMT;
    monitor->programs[monitor->program_count++] = program;
}

void monitor_pat_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct ts_monitor *monitor = context;
    struct ts_section_header header;
    if (!ts_section_read_header(section, size, &header) || header.table_id != TABLE_PAT) {
        monitor_note(monitor, TS_MONITOR_PAT, 1, pid);
        return;
    }
    monitor_judge(monitor);
    monitor->pat_us = ts_monitor_time_us(monitor);
    if (!header.current_next)
        return;
    if (!monitor->has_pat || monitor->pat_version != header.version)
        monitor_remove_programs(monitor);
    monitor->has_pat = true;
    monitor->pat_version = header.version;
    struct reader reader;
    reader_init(&reader, section, size - TS_SECTION_CRC_SIZE);
    reader_skip(&reader, TS_SECTION_HEADER_SIZE);
    while (reader_left(&reader) >= 4) {
        uint16_t number = reader_u16(&reader), program_pid = reader_u16(&reader) & 0x1FFF;
        if (number != 0 && program_pid != TS_PID_NULL)
            add_program(monitor, number, program_pid);
    }
}

void monitor_cat_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct ts_monitor *monitor = context;
    (void)size;
    if (section[0] != TABLE_CAT) {
        monitor_note(monitor, TS_MONITOR_CAT, 1, pid);
        return;
    }
    monitor->has_cat = true;
    monitor->cat_us = ts_monitor_time_us(monitor);
}
