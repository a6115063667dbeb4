/* SPDX-License-Identifier: Apache-2.0 */
/* What an H.264 stream says of the buffer that its decoder needs: the sequence parameter set (ITU-T H.264,
 * 7.3.2.1.1, E.1.1, E.1.2) and the limits of its level (Table A-1). No state. */
#ifndef KOKONOR_PLAYOUT_H264_H
#define KOKONOR_PLAYOUT_H264_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct h264_buffer {
    uint8_t profile_idc, level_idc; /* level_idc 9: 1b */
    bool has_hrd;     /* the set has NAL HRD parameters: the next two are theirs, else the level's */
    int64_t cpb_bits; /* the coded picture buffer */
    int64_t bit_rate; /* at which bits come into it, at most */
    int64_t level_cpb_bits, level_bit_rate; /* 1200 * MaxCPB and 1200 * MaxBR */
};

/* Reads the first sequence parameter set in the byte stream (start codes and emulation prevention included).
 * Where its HRD parameters are damaged or beyond the level they do not count. False: no set, or a level that
 * Table A-1 does not have. */
bool h264_read_buffer(const uint8_t *data, size_t size, struct h264_buffer *buffer);

#endif
