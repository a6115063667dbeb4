/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"
#include <stdlib.h>

struct frame_pool {
    struct video_frame *free;
    int out;
    bool owned;
};

struct frame_pool *frame_pool_create(void)
{
    struct frame_pool *pool = calloc(1, sizeof *pool);
    if (pool != NULL)
        pool->owned = true;
    return pool;
}

static void destroy_if_done(struct frame_pool *pool)
{
    if (pool->owned || pool->out > 0)
        return;
    while (pool->free != NULL) {
        struct video_frame *frame = pool->free;
        pool->free = frame->next;
        av_frame_free(&frame->picture);
        free(frame);
    }
    free(pool);
}

void frame_pool_release(struct frame_pool *pool)
{
    if (pool == NULL)
        return;
    pool->owned = false;
    destroy_if_done(pool);
}

struct video_frame *frame_pool_take(struct frame_pool *pool)
{
    struct video_frame *frame = pool->free;
    if (frame != NULL) {
        pool->free = frame->next;
    } else {
        frame = calloc(1, sizeof *frame);
        if (frame == NULL)
            return NULL;
        frame->pool = pool;
        frame->picture = av_frame_alloc();
        if (frame->picture == NULL) {
            free(frame);
            return NULL;
        }
    }
    frame->next = NULL;
    pool->out++;
    return frame;
}

void video_frame_release(struct video_frame *frame)
{
    if (frame == NULL)
        return;
    struct frame_pool *pool = frame->pool;
    av_frame_unref(frame->picture);
    frame->next = pool->free;
    pool->free = frame;
    pool->out--;
    destroy_if_done(pool);
}

void video_frame_picture(const struct video_frame *frame, struct video_picture *picture)
{
    const AVFrame *from = frame->picture;
    AVRational pixel = from->sample_aspect_ratio;
    if (pixel.num <= 0 || pixel.den <= 0)
        pixel = (AVRational){1, 1};
    picture->width = from->width;
    picture->height = from->height;
    av_reduce(&picture->aspect_num, &picture->aspect_den, (int64_t)from->width * pixel.num,
              (int64_t)from->height * pixel.den, 1 << 16);
    picture->time_90khz = from->best_effort_timestamp;
    picture->key = from->key_frame != 0;
}
