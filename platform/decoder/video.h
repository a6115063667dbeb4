/* SPDX-License-Identifier: Apache-2.0 */
/* Coded video in, pictures out: H.264, HEVC, MPEG-2. A back-end is a descriptor: software, or one hardware
 * device of FFmpeg. One thread uses a decoder and its frames (the player's). Damaged input is counted and
 * survived, never an error to the caller. */
#ifndef KOKONOR_DECODER_VIDEO_H
#define KOKONOR_DECODER_VIDEO_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

enum video_kind { VIDEO_NONE, VIDEO_H264, VIDEO_HEVC, VIDEO_MPEG2 };
const char *video_kind_str(enum video_kind kind);
/* The kind of a PMT's stream_type (ISO/IEC 13818-1, table 2-34): 0x1B, 0x24, 0x01 and 0x02; VIDEO_NONE for
 * all others. */
enum video_kind video_kind_from_stream_type(uint8_t stream_type);

/* Data given to a decoder must be followed by this many readable bytes, whatever they hold. */
#define DECODER_PADDING 64
#define VIDEO_TIME_NONE INT64_MIN
#define VIDEO_SIDE_MAX 4096 /* a larger picture is refused, not decoded */

/* One decoded picture. */
struct video_frame;
struct video_picture {
    int width, height;
    int aspect_num, aspect_den; /* of the whole picture as it is to be shown, e.g. 16 and 9 */
    int64_t time_90khz; /* as pushed, in display order; VIDEO_TIME_NONE where the stream does not tell */
    bool key;
};
void video_frame_picture(const struct video_frame *frame, struct video_picture *picture);
/* Gives the frame back, also after its decoder was closed. NULL does nothing. */
void video_frame_release(struct video_frame *frame);

/* Takes one frame, which is now the callee's. */
typedef void video_frame_fn(void *context, struct video_frame *frame);

/* What a back-end offers. core is its own state. open returns NULL with error set where the machine has no
 * such device or it does not know the kind. push takes one access unit (NULL: drain) and hands frames on;
 * false where it could not decode it: a hardware device that fails before its first frame is replaced by the
 * next back-end. */
struct video_backend;
struct video_core;
struct video_backend {
    const char *name;
    struct video_core *(*open)(const struct video_backend *backend, enum video_kind kind,
                               struct error *error);
    void (*close)(struct video_core *core);
    bool (*push)(struct video_core *core, const uint8_t *data, size_t size, int64_t pts_90khz,
                 int64_t dts_90khz, video_frame_fn *fn, void *context);
    void (*flush)(struct video_core *core);
    void (*hurry)(struct video_core *core, bool on);
};

/* All of them, best first, software last; ends with NULL. */
extern const struct video_backend *const video_backends[];

struct video_decoder;

struct video_counts {
    uint64_t access_units;
    uint64_t frames;
    uint64_t errors;    /* access units that did not decode */
    uint64_t fallbacks; /* back-ends given up */
};

/* name: "auto" (every hardware device that opens is tried on the stream itself, until one gives a frame; else
 * software), "software", or a back-end's name ("vaapi", "cuda", "drm", "v4l2m2m"), which does not fall back.
 * The choice is logged. NULL with error set where nothing of that name opens. */
struct video_decoder *video_decoder_open(const char *name, enum video_kind kind, struct error *error);
/* As above with the caller's list of back-ends (tests), tried in order. */
struct video_decoder *video_decoder_open_from(const struct video_backend *const *backends,
                                              enum video_kind kind, struct error *error);
/* Frames that were handed out stay good. NULL does nothing. */
void video_decoder_close(struct video_decoder *decoder);
/* The back-end in use now ("software" ...); static storage. */
const char *video_decoder_name(const struct video_decoder *decoder);
/* Pushes the payload of one PES packet: Annex B (H.264, HEVC) or MPEG-2 video; it need not begin or end with
 * a picture. data is borrowed during the call and padded (DECODER_PADDING). Times are on any continuous 90
 * kHz line, or VIDEO_TIME_NONE. Calls fn for each frame that is ready, in display order. */
void video_decoder_push(struct video_decoder *decoder, const uint8_t *data, size_t size, int64_t pts_90khz,
                        int64_t dts_90khz, video_frame_fn *fn, void *context);
/* Hands out what is left (the stream has ended); then flush before more is pushed. */
void video_decoder_drain(struct video_decoder *decoder, video_frame_fn *fn, void *context);
/* Forgets everything that is under way: the next picture is a new stream's. */
void video_decoder_flush(struct video_decoder *decoder);
/* On: pictures that no other needs may be left out, to catch up. */
void video_decoder_hurry(struct video_decoder *decoder, bool on);
void video_decoder_counts(const struct video_decoder *decoder, struct video_counts *counts);

/* Where a picture of the given aspect lies in a box so that all of it shows, centred, with bars beside or
 * above it. */
struct video_box {
    int x, y, width, height;
};
struct video_box video_letterbox(int aspect_num, int aspect_den, int box_width, int box_height);

/* Turns frames into RGB32; keeps its tables from frame to frame. */
struct video_scaler;
struct video_scaler *video_scaler_create(void); /* NULL without memory */
void video_scaler_destroy(struct video_scaler *scaler);
/* Draws frame letterboxed into width x height pixels (native-endian 0xFFRRGGBB, stride in pixels >= width),
 * bars black. False where a size is not 1..VIDEO_SIDE_MAX or without memory; the pixels are then undefined.
 */
bool video_scale(struct video_scaler *scaler, const struct video_frame *frame, uint32_t *pixels, int width,
                 int height, int stride);

#endif
