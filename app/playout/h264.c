/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/h264.h"

#define NAL_SEQUENCE_PARAMETERS 7
#define NAL_FACTOR                                                                                           \
    1200 /* cpbBrNalFactor of the profiles up to Main; ISO/IEC 13818-1, 2.14.3.1 takes it for all */
#define LEVEL_1B 9
#define SCHEDULES_MAX 32
#define EXTENDED_SAR 255

/* Table A-1, in units of NAL_FACTOR bits. */
static const struct {
    uint8_t level_idc;
    int32_t max_br, max_cpb;
} levels[] = {
    {9, 128, 350},        {10, 64, 175},        {11, 192, 500},     {12, 384, 1000},    {13, 768, 2000},
    {20, 2000, 2000},     {21, 4000, 4000},     {22, 4000, 4000},   {30, 10000, 10000}, {31, 14000, 14000},
    {32, 20000, 20000},   {40, 20000, 25000},   {41, 50000, 62500}, {42, 50000, 62500}, {50, 135000, 135000},
    {51, 240000, 240000}, {52, 240000, 240000},
};

/* Bits of a NAL unit's payload. Reading past the end gives zeros and failed. */
struct bit_reader {
    const uint8_t *data;
    size_t size, at; /* bytes */
    unsigned bit;    /* of data[at], 0 the highest */
    unsigned zeros;  /* bytes 0 just before at */
    bool failed;
};

/* Steps over the byte 3 that keeps start codes out of the payload (7.4.1). */
static void skip_prevention(struct bit_reader *reader)
{
    if (reader->bit == 0 && reader->zeros >= 2 && reader->at < reader->size &&
        reader->data[reader->at] == 3) {
        reader->at++;
        reader->zeros = 0;
    }
}

static unsigned read_bit(struct bit_reader *reader)
{
    skip_prevention(reader);
    if (reader->at >= reader->size) {
        reader->failed = true;
        return 0;
    }
    unsigned value = reader->data[reader->at] >> (7 - reader->bit) & 1;
    if (++reader->bit == 8) {
        reader->zeros = reader->data[reader->at] ? 0 : reader->zeros + 1;
        reader->bit = 0;
        reader->at++;
    }
    return value;
}

static uint32_t read_bits(struct bit_reader *reader, unsigned count)
{
    uint32_t value = 0;
    while (count-- > 0)
        value = value << 1 | read_bit(reader);
    return value;
}

/* ue(v), 9.1 */
static uint32_t read_ue(struct bit_reader *reader)
{
    unsigned zeros = 0;
    while (!reader->failed && read_bit(reader) == 0) {
        if (++zeros > 31)
            reader->failed = true;
    }
    return reader->failed ? 0 : (UINT32_C(1) << zeros) - 1 + read_bits(reader, zeros);
}

static int32_t read_se(struct bit_reader *reader)
{
    uint32_t value = read_ue(reader);
    return value & 1 ? (int32_t)(value / 2 + 1) : -(int32_t)(value / 2);
}

/* scaling_list, 7.3.2.1.1.1 */
static void skip_scaling_list(struct bit_reader *reader, unsigned size)
{
    int32_t last = 8, next = 8;
    for (unsigned i = 0; i < size && !reader->failed; i++) {
        if (next != 0)
            next = (int32_t)(((uint32_t)last + (uint32_t)read_se(reader)) & 255);
        last = next ? next : last;
    }
}

static bool has_chroma_format(uint8_t profile_idc)
{
    static const uint8_t profiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    for (size_t i = 0; i < sizeof(profiles); i++) {
        if (profiles[i] == profile_idc)
            return true;
    }
    return false;
}

static void skip_chroma(struct bit_reader *reader)
{
    uint32_t format = read_ue(reader);
    if (format == 3)
        read_bit(reader); /* separate_colour_plane_flag */
    read_ue(reader);
    read_ue(reader);
    read_bit(reader); /* qpprime_y_zero_transform_bypass_flag */
    if (!read_bit(reader))
        return;
    for (unsigned i = 0; i < (format == 3 ? 12u : 8u); i++) {
        if (read_bit(reader))
            skip_scaling_list(reader, i < 6 ? 16 : 64);
    }
}

/* From behind seq_parameter_set_id to vui_parameters_present_flag; true where they are. */
static bool skip_to_vui(struct bit_reader *reader, uint8_t profile_idc)
{
    if (has_chroma_format(profile_idc))
        skip_chroma(reader);
    read_ue(reader); /* log2_max_frame_num_minus4 */
    uint32_t order = read_ue(reader);
    if (order == 0) {
        read_ue(reader);
    } else if (order == 1) {
        read_bit(reader);
        read_se(reader);
        read_se(reader);
        uint32_t cycle = read_ue(reader);
        for (uint32_t i = 0; i < cycle && i < 255 && !reader->failed; i++)
            read_se(reader);
    }
    read_ue(reader); /* max_num_ref_frames */
    read_bit(reader);
    read_ue(reader); /* size in macroblocks */
    read_ue(reader);
    if (!read_bit(reader))
        read_bit(reader); /* mb_adaptive_frame_field_flag */
    read_bit(reader);     /* direct_8x8_inference_flag */
    if (read_bit(reader)) {
        for (int i = 0; i < 4; i++)
            read_ue(reader); /* cropping */
    }
    return read_bit(reader);
}

/* To nal_hrd_parameters_present_flag; true where they are. */
static bool skip_to_hrd(struct bit_reader *reader)
{
    if (read_bit(reader) && read_bits(reader, 8) == EXTENDED_SAR)
        read_bits(reader, 32);
    if (read_bit(reader))
        read_bit(reader); /* overscan */
    if (read_bit(reader)) {
        read_bits(reader, 4);
        if (read_bit(reader))
            read_bits(reader, 24); /* colours */
    }
    if (read_bit(reader)) {
        read_ue(reader);
        read_ue(reader); /* chroma sample location */
    }
    if (read_bit(reader)) {
        read_bits(reader, 32);
        read_bits(reader, 32);
        read_bit(reader); /* timing */
    }
    return read_bit(reader);
}

/* The first of the delivery schedules is the one with the smallest rate; what is sent keeps to the last. */
static void read_hrd(struct bit_reader *reader, struct h264_buffer *buffer)
{
    uint32_t count = read_ue(reader) + 1;
    unsigned rate_scale = read_bits(reader, 4) + 6, size_scale = read_bits(reader, 4) + 4;
    int64_t rate = 0, size = 0;
    if (count > SCHEDULES_MAX)
        return;
    for (uint32_t i = 0; i < count; i++) {
        rate = ((int64_t)read_ue(reader) + 1) << rate_scale;
        size = ((int64_t)read_ue(reader) + 1) << size_scale;
        read_bit(reader); /* cbr_flag */
    }
    if (reader->failed || size > buffer->level_cpb_bits * 4 || rate > buffer->level_bit_rate * 4)
        return; /* four times: the factors of the higher profiles */
    buffer->has_hrd = true;
    buffer->bit_rate = rate;
    buffer->cpb_bits = size;
}

static bool read_level(struct h264_buffer *buffer, unsigned constraints)
{
    bool is_1b = buffer->level_idc == 11 && (constraints & 0x10) && buffer->profile_idc <= 88;
    unsigned level_idc = is_1b ? LEVEL_1B : buffer->level_idc;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (levels[i].level_idc != level_idc)
            continue;
        buffer->cpb_bits = buffer->level_cpb_bits = (int64_t)levels[i].max_cpb * NAL_FACTOR;
        buffer->bit_rate = buffer->level_bit_rate = (int64_t)levels[i].max_br * NAL_FACTOR;
        return true;
    }
    return false;
}

static bool read_set(struct bit_reader *reader, struct h264_buffer *buffer)
{
    *buffer = (struct h264_buffer){0};
    buffer->profile_idc = (uint8_t)read_bits(reader, 8);
    unsigned constraints = read_bits(reader, 8);
    buffer->level_idc = (uint8_t)read_bits(reader, 8);
    if (reader->failed || !read_level(buffer, constraints))
        return false;
    read_ue(reader);
    if (skip_to_vui(reader, buffer->profile_idc) && skip_to_hrd(reader) && !reader->failed)
        read_hrd(reader, buffer);
    return true;
}

bool h264_read_buffer(const uint8_t *data, size_t size, struct h264_buffer *buffer)
{
    for (size_t i = 0; i + 3 < size; i++) {
        if (data[i] || data[i + 1] || data[i + 2] != 1 || (data[i + 3] & 0x1F) != NAL_SEQUENCE_PARAMETERS)
            continue;
        size_t end = i + 4;
        while (end + 3 <= size && !(data[end] == 0 && data[end + 1] == 0 && data[end + 2] <= 1))
            end++;
        if (end + 3 > size)
            end = size;
        struct bit_reader reader = {.data = data + i + 4, .size = end - i - 4};
        return read_set(&reader, buffer);
    }
    return false;
}
