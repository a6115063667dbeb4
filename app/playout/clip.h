/* SPDX-License-Identifier: Apache-2.0 */
/* A clip in memory: the access units of one H.264 and one AAC (ADTS) stream of a transport stream file.
 * Immutable once loaded; the caller owns it. */
#ifndef KOKONOR_PLAYOUT_CLIP_H
#define KOKONOR_PLAYOUT_CLIP_H

#include "base/error.h"
#include "playout/h264.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIP_SIZE_MAX (512u * 1024 * 1024)
#define CLIP_UNITS_MAX 1000000

struct clip_unit {
    const uint8_t *data;
    uint32_t size;
    uint32_t pts_after_dts_90khz; /* pictures only: how long after its decoding it is shown */
    int64_t dts_90khz;            /* pictures only: from the first one's DTS, which is 0 */
    bool random_access;
};

struct clip {
    uint8_t *picture_bytes, *frame_bytes; /* what the units point into */
    struct clip_unit *pictures; /* the first is a random access point that holds its own parameter sets */
    size_t picture_count;
    struct h264_buffer picture_buffer; /* what the pictures' decoder has, by their first parameter set */
    int64_t duration_90khz;            /* of the pictures: the DTS that the first one has in the next round */
    struct clip_unit
        *frames; /* of sound, all of samples_per_frame; their times are unused: they follow from the rate */
    size_t frame_count;
    unsigned sample_rate, samples_per_frame;
    int64_t frames_start_90khz; /* PTS of the first frame, from the first picture's DTS */
};

/* NULL and a reason in error: no such file, no H.264, more than CLIP_SIZE_MAX, a stream that is damaged, or
 * one that does not begin with a random access point. A clip without sound is good. */
struct clip *clip_load(const char *path, struct error *error);
void clip_destroy(struct clip *clip); /* NULL does nothing */

#endif
