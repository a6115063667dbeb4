/* SPDX-License-Identifier: Apache-2.0 */
#include "decoder/video.h"
#include "ffmpeg.h"
#include "frame.h"
#include <stdlib.h>
#include <string.h>

/* What swscale's tables were made for. */
struct shape {
    int from_width, from_height, format, to_width, to_height, colours, full_range;
};

struct video_scaler {
    struct SwsContext *sws;
    struct shape shape;
};

struct video_scaler *video_scaler_create(void)
{
    return calloc(1, sizeof(struct video_scaler));
}

void video_scaler_destroy(struct video_scaler *scaler)
{
    if (scaler == NULL)
        return;
    sws_freeContext(scaler->sws);
    free(scaler);
}

struct video_box video_letterbox(int aspect_num, int aspect_den, int box_width, int box_height)
{
    struct video_box box = {0, 0, box_width, box_height};
    if (aspect_num <= 0 || aspect_den <= 0)
        return box;
    int64_t width = ((int64_t)box_height * aspect_num + aspect_den / 2) / aspect_den;
    int64_t height = ((int64_t)box_width * aspect_den + aspect_num / 2) / aspect_num;
    if (width < box_width) {
        box.width = width > 0 ? (int)width : 1;
        box.x = (box_width - box.width) / 2 & ~3; /* swscale writes faster to 16 bytes' boundaries */
    } else if (height < box_height) {
        box.height = height > 0 ? (int)height : 1;
        box.y = (box_height - box.height) / 2;
    }
    return box;
}

static void fill_black(uint32_t *pixels, int stride, int x, int y, int width, int height)
{
    for (int row = y; row < y + height; row++)
        for (int column = x; column < x + width; column++)
            pixels[(size_t)row * (size_t)stride + (size_t)column] = 0xFF000000U;
}

static void draw_bars(uint32_t *pixels, int width, int height, int stride, const struct video_box *box)
{
    fill_black(pixels, stride, 0, 0, width, box->y);
    fill_black(pixels, stride, 0, box->y + box->height, width, height - box->y - box->height);
    fill_black(pixels, stride, 0, box->y, box->x, box->height);
    fill_black(pixels, stride, box->x + box->width, box->y, width - box->x - box->width, box->height);
}

static bool prepare(struct video_scaler *scaler, const AVFrame *frame, const struct video_box *box)
{
    int full_range = frame->color_range == AVCOL_RANGE_JPEG;
    enum AVPixelFormat format = ffmpeg_plain_format(frame->format, &full_range);
    struct shape shape = {frame->width, frame->height,     format,    box->width,
                          box->height,  frame->colorspace, full_range};
    if (scaler->sws != NULL && memcmp(&shape, &scaler->shape, sizeof shape) == 0)
        return true;
    sws_freeContext(scaler->sws);
    scaler->sws = sws_getContext(frame->width, frame->height, format, box->width, box->height,
                                 AV_PIX_FMT_RGB32, SWS_FAST_BILINEAR, NULL, NULL, NULL);
    if (scaler->sws == NULL)
        return false;
    ffmpeg_set_colours(scaler->sws, frame, full_range);
    scaler->shape = shape;
    return true;
}

bool video_scale(struct video_scaler *scaler, const struct video_frame *frame, uint32_t *pixels, int width,
                 int height, int stride)
{
    if (width < 1 || height < 1 || width > VIDEO_SIDE_MAX || height > VIDEO_SIDE_MAX || stride < width)
        return false;
    struct video_picture picture;
    video_frame_picture(frame, &picture);
    struct video_box box = video_letterbox(picture.aspect_num, picture.aspect_den, width, height);
    const AVFrame *from = frame->picture;
    if (!prepare(scaler, from, &box))
        return false;
    uint8_t *planes[4] = {(uint8_t *)(pixels + (size_t)box.y * (size_t)stride + (size_t)box.x)};
    int strides[4] = {stride * 4};
    if (sws_scale(scaler->sws, (const uint8_t *const *)from->data, from->linesize, 0, from->height, planes,
                  strides) != box.height)
        return false;
    draw_bars(pixels, width, height, stride,
              &box); /* afterwards: swscale may write a little beyond a row's end */
    return true;
}
