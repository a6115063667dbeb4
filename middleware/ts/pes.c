/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/pes.h"

#define HEADER_SIZE 9 /* up to and with PES_header_data_length */
#define TIME_SIZE 5
#define TIME_MASK ((UINT64_C(1) << 33) - 1)

static bool is_video(uint8_t stream_id)
{
    return (stream_id & 0xF0) == 0xE0;
}

/* A PTS or DTS: 33 bits in three parts, a marker bit behind each. */
static void append_time(struct buffer *buffer, unsigned prefix, uint64_t time)
{
    buffer_u8(buffer, prefix << 4 | (unsigned)(time >> 30) << 1 | 1);
    buffer_u16(buffer, (unsigned)(time >> 15 & 0x7FFF) << 1 | 1);
    buffer_u16(buffer, (unsigned)(time & 0x7FFF) << 1 | 1);
}

void ts_pes_append(struct buffer *buffer, uint8_t stream_id, uint64_t pts_90khz, uint64_t dts_90khz,
                   const void *data, size_t size)
{
    uint64_t pts = pts_90khz & TIME_MASK, dts = dts_90khz & TIME_MASK;
    bool two = pts != dts;
    unsigned times = two ? 2 * TIME_SIZE : TIME_SIZE;
    size_t length = HEADER_SIZE - 6 + times + size;
    if (length > 0xFFFF) {
        if (!is_video(stream_id)) {
            buffer->failed = true;
            return;
        }
        length = 0;
    }
    buffer_u24(buffer, 1);
    buffer_u8(buffer, stream_id);
    buffer_u16(buffer, (unsigned)length);
    buffer_u8(buffer, 0x84); /* '10', not scrambled, data_alignment_indicator */
    buffer_u8(buffer, two ? 0xC0 : 0x80);
    buffer_u8(buffer, times);
    append_time(buffer, two ? 3 : 2, pts);
    if (two)
        append_time(buffer, 1, dts);
    buffer_append(buffer, data, size);
}
