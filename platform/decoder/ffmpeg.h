/* SPDX-License-Identifier: Apache-2.0 */
/* What this room's files share about FFmpeg; nobody outside includes it. Any thread. */
#ifndef KOKONOR_DECODER_FFMPEG_H
#define KOKONOR_DECODER_FFMPEG_H

#include <libavutil/frame.h>
#include <libswscale/swscale.h>
#include <stddef.h>

/* Sends FFmpeg's own messages to the log at debug: what matters is said by the caller, once. */
void ffmpeg_quieten(void);
/* The text of an AVERROR; buffer is the caller's. */
const char *ffmpeg_error(int code, char *buffer, size_t size);
/* The pixel format without its "full range" twin, with the range told apart: swscale wants it so. */
enum AVPixelFormat ffmpeg_plain_format(enum AVPixelFormat format, int *full_range);
/* Tells swscale the frame's matrix and range; the output is full range RGB. */
void ffmpeg_set_colours(struct SwsContext *sws, const AVFrame *frame, int full_range);

#endif
