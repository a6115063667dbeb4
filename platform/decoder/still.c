/* SPDX-License-Identifier: Apache-2.0 */
#include "decoder/still.h"
#include "codec.h"
#include "ffmpeg.h"
#include "jpeg.h"
#include <libavutil/pixdesc.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* How a kind begins, and what its last bytes hold if nothing was cut off. */
struct kind {
    const char *name;
    enum AVCodecID codec;
    const char *start;
    size_t start_size;
    const char *second; /* at second_offset, or NULL */
    size_t second_offset;
    const char *end; /* somewhere behind the start */
    size_t end_size;
};

static const struct kind kinds[] = {
    {"jpeg", AV_CODEC_ID_MJPEG, "\xFF\xD8\xFF", 3, NULL, 0, "\xFF\xD9", 2},
    {"png", AV_CODEC_ID_PNG, "\x89PNG\r\n\x1A\n", 8, NULL, 0, "IEND", 4},
    {"webp", AV_CODEC_ID_WEBP, "RIFF", 4, "WEBP", 8, NULL, 0},
    {"gif", AV_CODEC_ID_GIF, "GIF87a", 6, NULL, 0, NULL, 0},
    {"gif", AV_CODEC_ID_GIF, "GIF89a", 6, NULL, 0, NULL, 0},
};

static const struct kind *find_kind(const void *data, size_t size)
{
    const char *bytes = data;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct kind *kind = &kinds[i];
        if (size < 16 || memcmp(bytes, kind->start, kind->start_size) != 0)
            continue;
        if (kind->second != NULL && memcmp(bytes + kind->second_offset, kind->second, 4) != 0)
            continue;
        return kind;
    }
    return NULL;
}

const char *still_kind(const void *data, size_t size)
{
    const struct kind *kind = find_kind(data, size);
    return kind == NULL ? NULL : kind->name;
}

void still_finish(struct still *still)
{
    free(still->pixels);
    memset(still, 0, sizeof *still);
}

static int check_and_get_buffer(AVCodecContext *codec, AVFrame *frame, int flags)
{
    if (frame->width > STILL_INPUT_SIDE_MAX || frame->height > STILL_INPUT_SIDE_MAX ||
        (int64_t)frame->width * frame->height > STILL_INPUT_PIXELS_MAX)
        return AVERROR(ERANGE);
    return avcodec_default_get_buffer2(codec, frame, flags);
}

/* One packet in, one frame out; the caller frees frame either way. */
static int decode_packet(AVCodecContext *codec, AVPacket *packet, AVFrame *frame)
{
    int result = avcodec_send_packet(codec, packet);
    if (result < 0)
        return result;
    result = avcodec_receive_frame(codec, frame);
    if (result == AVERROR(EAGAIN)) {
        avcodec_send_packet(codec, NULL);
        result = avcodec_receive_frame(codec, frame);
    }
    if (result < 0)
        return result;
    bool damaged = frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0;
    return damaged || frame->data[0] == NULL ? AVERROR_INVALIDDATA : 0;
}

static bool decode(const struct kind *kind, const void *data, size_t size, AVFrame *frame,
                   struct error *error)
{
    if (kind->codec == AV_CODEC_ID_MJPEG) {
        enum jpeg_result read = jpeg_decode(data, size, frame, error);
        if (read != JPEG_OTHER)
            return read == JPEG_DECODED;
    }
    if (!codec_open(error))
        return false;
    ffmpeg_quieten();
    const AVCodec *decoder = avcodec_find_decoder(kind->codec);
    if (decoder == NULL)
        return error_set(error, "%s picture: this FFmpeg has no decoder for it", kind->name);
    AVCodecContext *codec = avcodec_alloc_context3(decoder);
    AVPacket *packet = av_packet_alloc();
    int result = AVERROR(ENOMEM);
    if (codec == NULL || packet == NULL || av_new_packet(packet, (int)size) < 0)
        goto out;
    memcpy(packet->data, data, size);
    packet->flags |= AV_PKT_FLAG_KEY;
    codec->thread_count = 1;
    codec->max_pixels = STILL_INPUT_PIXELS_MAX;
    codec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
    codec->get_buffer2 = check_and_get_buffer;
    result = avcodec_open2(codec, decoder, NULL);
    if (result >= 0)
        result = decode_packet(codec, packet, frame);
out:
    av_packet_free(&packet);
    avcodec_free_context(&codec);
    char text[128];
    if (result < 0)
        return error_set(error, "%s picture of %zu bytes: %s (at most %d x %d and %d Mpx; undamaged)",
                         kind->name, size, ffmpeg_error(result, text, sizeof text), STILL_INPUT_SIDE_MAX,
                         STILL_INPUT_SIDE_MAX, STILL_INPUT_PIXELS_MAX >> 20);
    return true;
}

/* Leaves of the frame the part whose aspect ratio is the box's. */
static bool crop_to_aspect(AVFrame *frame, int width, int height)
{
    int64_t wanted_width = (int64_t)frame->height * width / height;
    int64_t wanted_height = (int64_t)frame->width * height / width;
    if (wanted_width < frame->width) {
        int excess = frame->width - (int)(wanted_width > 0 ? wanted_width : 1);
        frame->crop_left = (size_t)excess / 2;
        frame->crop_right = (size_t)(excess - excess / 2);
    } else if (wanted_height < frame->height) {
        int excess = frame->height - (int)(wanted_height > 0 ? wanted_height : 1);
        frame->crop_top = (size_t)excess / 2;
        frame->crop_bottom = (size_t)(excess - excess / 2);
    }
    return av_frame_apply_cropping(frame, AV_FRAME_CROP_UNALIGNED) >= 0;
}

static void contain(const AVFrame *frame, int *width, int *height)
{
    if (frame->width <= *width && frame->height <= *height) {
        *width = frame->width;
        *height = frame->height;
    } else if ((int64_t)frame->width * *height > (int64_t)frame->height * *width) {
        *height = (int)(((int64_t)frame->height * *width + frame->width / 2) / frame->width);
    } else {
        *width = (int)(((int64_t)frame->width * *height + frame->height / 2) / frame->height);
    }
    *width = *width > 0 ? *width : 1;
    *height = *height > 0 ? *height : 1;
}

/* Rows begin on 64 bytes, which swscale's vector code likes and may fill to the end. */
static bool make_pixels(struct still *still, int width, int height)
{
    still->width = width;
    still->height = height;
    still->stride = (width + 15) & ~15;
    size_t bytes = (size_t)still->stride * (size_t)height * sizeof(uint32_t) + 64;
    still->pixels = aligned_alloc(64, bytes);
    return still->pixels != NULL;
}

static bool scale(const AVFrame *frame, struct still *still)
{
    int full_range = frame->color_range == AVCOL_RANGE_JPEG;
    enum AVPixelFormat format = ffmpeg_plain_format(frame->format, &full_range);
    struct SwsContext *sws =
        sws_getContext(frame->width, frame->height, format, still->width, still->height, AV_PIX_FMT_RGB32,
                       SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL, NULL, NULL);
    if (sws == NULL)
        return false;
    ffmpeg_set_colours(sws, frame, full_range);
    uint8_t *planes[4] = {(uint8_t *)still->pixels};
    int strides[4] = {still->stride * 4};
    int rows = sws_scale(sws, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, planes,
                         strides);
    sws_freeContext(sws);
    return rows == still->height;
}

static uint32_t multiply(uint32_t pixel)
{
    uint32_t alpha = pixel >> 24, out = pixel & 0xFF000000U;
    for (int shift = 0; shift < 24; shift += 8)
        out |= (((pixel >> shift & 0xFF) * alpha + 127) / 255) << shift;
    return out;
}

static uint32_t divide(uint32_t pixel)
{
    uint32_t alpha = pixel >> 24, out = pixel & 0xFF000000U;
    if (alpha == 0)
        return 0;
    for (int shift = 0; shift < 24; shift += 8) {
        uint32_t value = ((pixel >> shift & 0xFF) * 255 + alpha / 2) / alpha;
        out |= (value < 255 ? value : 255) << shift;
    }
    return out;
}

static void map_pixels(struct still *still, uint32_t (*map)(uint32_t))
{
    for (int y = 0; y < still->height; y++) {
        uint32_t *row = still->pixels + (size_t)y * (size_t)still->stride;
        for (int x = 0; x < still->width; x++)
            row[x] = map(row[x]);
    }
}

static bool is_opaque(const struct still *still)
{
    for (int y = 0; y < still->height; y++) {
        const uint32_t *row = still->pixels + (size_t)y * (size_t)still->stride;
        for (int x = 0; x < still->width; x++)
            if (row[x] >> 24 != 0xFF)
                return false;
    }
    return true;
}

static bool has_alpha(const AVFrame *frame)
{
    const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(frame->format);
    return descriptor != NULL && (descriptor->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL)) != 0;
}

/* Straight alpha must be multiplied in before pixels are mixed, or the colour of invisible pixels shows at
 * the edges. */
static bool scale_with_alpha(const AVFrame *frame, struct still *still)
{
    struct still whole = {0};
    AVFrame *view = av_frame_alloc();
    bool done = view != NULL && make_pixels(&whole, frame->width, frame->height) && scale(frame, &whole);
    if (done) {
        map_pixels(&whole, multiply);
        view->format = AV_PIX_FMT_RGB32;
        view->width = whole.width;
        view->height = whole.height;
        view->data[0] = (uint8_t *)whole.pixels;
        view->linesize[0] = whole.stride * 4;
        done = scale(view, still);
    }
    if (done)
        map_pixels(still, divide);
    av_frame_free(&view);
    still_finish(&whole);
    return done;
}

static bool complete(const struct kind *kind, const void *data, size_t size)
{
    return kind->end == NULL || memmem((const char *)data + kind->start_size, size - kind->start_size,
                                       kind->end, kind->end_size) != NULL;
}

bool still_decode_fit(const void *data, size_t size, int width, int height, enum still_fit fit,
                      struct still *still, struct error *error)
{
    memset(still, 0, sizeof *still);
    if (width < 1 || height < 1 || width > STILL_OUTPUT_SIDE_MAX || height > STILL_OUTPUT_SIDE_MAX)
        return error_set(error, "picture: a box of %d x %d pixels is not within 1..%d", width, height,
                         STILL_OUTPUT_SIDE_MAX);
    if (size > STILL_BYTES_MAX)
        return error_set(error, "picture: %zu bytes, more than %d", size, STILL_BYTES_MAX);
    const struct kind *kind = find_kind(data, size);
    if (kind == NULL)
        return error_set(error, "picture of %zu bytes: neither JPEG, PNG, WebP nor GIF", size);
    if (!complete(kind, data, size))
        return error_set(error, "%s picture of %zu bytes: its end is missing", kind->name, size);
    ffmpeg_quieten();
    AVFrame *frame = av_frame_alloc();
    if (frame == NULL)
        return error_set(error, "picture: out of memory");
    bool done = decode(kind, data, size, frame, error);
    if (!done)
        goto out;
    if (fit == STILL_COVER)
        done = crop_to_aspect(frame, width, height);
    else
        contain(frame, &width, &height);
    bool alpha = has_alpha(frame), same = frame->width == width && frame->height == height;
    done = done && make_pixels(still, width, height) &&
           (alpha && !same ? scale_with_alpha(frame, still) : scale(frame, still));
    if (!done)
        error_set(error, "%s picture of %d x %d pixels: could not be scaled to %d x %d", kind->name,
                  frame->width, frame->height, width, height);
    else
        still->opaque = !alpha || is_opaque(still);
out:
    if (!done)
        still_finish(still);
    av_frame_free(&frame);
    return done;
}

bool still_decode(const void *data, size_t size, int max_width, int max_height, struct still *still,
                  struct error *error)
{
    return still_decode_fit(data, size, max_width, max_height, STILL_CONTAIN, still, error);
}
