/* SPDX-License-Identifier: Apache-2.0 */
/* Inside this room: decoded frames come from a pool that lives until its owner and the last frame are gone.
 * One thread. */
#ifndef KOKONOR_DECODER_FRAME_H
#define KOKONOR_DECODER_FRAME_H

#include "decoder/video.h"
#include <libavutil/frame.h>

struct frame_pool;
struct video_frame {
    AVFrame *picture; /* in system memory */
    struct frame_pool *pool;
    struct video_frame *next;
};

struct frame_pool *frame_pool_create(void); /* NULL without memory */
/* The owner lets go; frames that are out stay good. NULL does nothing. */
void frame_pool_release(struct frame_pool *pool);
/* An empty frame, given back with video_frame_release; NULL without memory. */
struct video_frame *frame_pool_take(struct frame_pool *pool);

#endif
