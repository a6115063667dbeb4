/* SPDX-License-Identifier: Apache-2.0 */
/* The back-ends: libavcodec in software, with a hardware device context, or with a decoder of its own for the
 * device. */
#include "base/log.h"
#include "codec.h"
#include "decoder/video.h"
#include "ffmpeg.h"
#include "frame.h"
#include <libavutil/hwcontext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOFTWARE_THREADS 2

struct video_core {
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *received;
    struct frame_pool *pool;
    enum AVPixelFormat device_format; /* NONE: pictures come in system memory */
};

static enum AVCodecID codec_id(enum video_kind kind)
{
    static const enum AVCodecID ids[] = {
        [VIDEO_NONE] = AV_CODEC_ID_NONE,
        [VIDEO_H264] = AV_CODEC_ID_H264,
        [VIDEO_HEVC] = AV_CODEC_ID_HEVC,
        [VIDEO_MPEG2] = AV_CODEC_ID_MPEG2VIDEO,
    };
    return ids[kind];
}

static void close_core(struct video_core *core)
{
    avcodec_free_context(&core->codec);
    av_packet_free(&core->packet);
    av_frame_free(&core->received);
    frame_pool_release(core->pool);
    free(core);
}

/* Only the device's own format: software behind its back would not be what was chosen. */
static enum AVPixelFormat choose_device_format(AVCodecContext *codec, const enum AVPixelFormat *formats)
{
    const struct video_core *core = codec->opaque;
    for (; *formats != AV_PIX_FMT_NONE; formats++)
        if (*formats == core->device_format)
            return *formats;
    return AV_PIX_FMT_NONE;
}

static struct video_core *make_core(const AVCodec *decoder, struct error *error)
{
    struct video_core *core = calloc(1, sizeof *core);
    if (core == NULL) {
        error_set(error, "out of memory");
        return NULL;
    }
    core->device_format = AV_PIX_FMT_NONE;
    core->packet = av_packet_alloc();
    core->received = av_frame_alloc();
    core->pool = frame_pool_create();
    core->codec = avcodec_alloc_context3(decoder);
    if (core->packet == NULL || core->received == NULL || core->pool == NULL || core->codec == NULL) {
        error_set(error, "out of memory");
        close_core(core);
        return NULL;
    }
    core->codec->opaque = core;
    core->codec->pkt_timebase = (AVRational){1, 90000};
    core->codec->max_pixels = (int64_t)VIDEO_SIDE_MAX * VIDEO_SIDE_MAX;
    return core;
}

static struct video_core *start_core(struct video_core *core, const AVCodec *decoder, struct error *error)
{
    int result = avcodec_open2(core->codec, decoder, NULL);
    if (result >= 0)
        return core;
    char text[128];
    error_set(error, "%s: %s", decoder->name, ffmpeg_error(result, text, sizeof text));
    close_core(core);
    return NULL;
}

static struct video_core *open_software(const struct video_backend *backend, enum video_kind kind,
                                        struct error *error)
{
    (void)backend;
    const AVCodec *decoder = avcodec_find_decoder(codec_id(kind));
    if (decoder == NULL) {
        error_set(error, "this FFmpeg has no %s decoder", video_kind_str(kind));
        return NULL;
    }
    struct video_core *core = make_core(decoder, error);
    if (core == NULL)
        return NULL;
    core->codec->thread_count = SOFTWARE_THREADS;
    return start_core(core, decoder, error);
}

static enum AVPixelFormat find_device_format(const AVCodec *decoder, enum AVHWDeviceType type)
{
    const AVCodecHWConfig *config;
    for (int i = 0; (config = avcodec_get_hw_config(decoder, i)) != NULL; i++)
        if (config->device_type == type && (config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) != 0)
            return config->pix_fmt;
    return AV_PIX_FMT_NONE;
}

/* The back-end's name is FFmpeg's name of the device type. */
static struct video_core *open_device(const struct video_backend *backend, enum video_kind kind,
                                      struct error *error)
{
    enum AVHWDeviceType type = av_hwdevice_find_type_by_name(backend->name);
    const AVCodec *decoder = avcodec_find_decoder(codec_id(kind));
    enum AVPixelFormat format = decoder == NULL || type == AV_HWDEVICE_TYPE_NONE
                                    ? AV_PIX_FMT_NONE
                                    : find_device_format(decoder, type);
    if (format == AV_PIX_FMT_NONE) {
        error_set(error, "this FFmpeg decodes no %s with it", video_kind_str(kind));
        return NULL;
    }
    struct video_core *core = make_core(decoder, error);
    if (core == NULL)
        return NULL;
    int result = av_hwdevice_ctx_create(&core->codec->hw_device_ctx, type, NULL, NULL, 0);
    if (result < 0) {
        char text[128];
        error_set(error, "no device: %s", ffmpeg_error(result, text, sizeof text));
        close_core(core);
        return NULL;
    }
    core->device_format = format;
    core->codec->get_format = choose_device_format;
    core->codec->thread_count = 1;
    return start_core(core, decoder, error);
}

/* Video4Linux memory-to-memory decoders are decoders of their own in FFmpeg, e.g. h264_v4l2m2m. */
static struct video_core *open_wrapper(const struct video_backend *backend, enum video_kind kind,
                                       struct error *error)
{
    const AVCodec *plain = avcodec_find_decoder(codec_id(kind));
    char name[64] = "";
    if (plain != NULL)
        snprintf(name, sizeof name, "%s_%s", kind == VIDEO_MPEG2 ? "mpeg2" : plain->name, backend->name);
    const AVCodec *decoder = avcodec_find_decoder_by_name(name);
    if (decoder == NULL) {
        error_set(error, "this FFmpeg decodes no %s with it", video_kind_str(kind));
        return NULL;
    }
    struct video_core *core = make_core(decoder, error);
    return core == NULL ? NULL : start_core(core, decoder, error);
}

/* Moves what was received into frame; a device's picture is copied into system memory, so that its few
 * surfaces are free again. */
static bool fill_frame(struct video_core *core, struct video_frame *frame)
{
    AVFrame *from = core->received;
    if (from->width < 1 || from->height < 1 || from->width > VIDEO_SIDE_MAX || from->height > VIDEO_SIDE_MAX)
        return false;
    if (from->hw_frames_ctx == NULL) {
        av_frame_move_ref(frame->picture, from);
        return true;
    }
    return av_hwframe_transfer_data(frame->picture, from, 0) >= 0 &&
           av_frame_copy_props(frame->picture, from) >= 0;
}

/* Hands on every frame that is ready; false where one could not be had. */
static bool receive_all(struct video_core *core, video_frame_fn *fn, void *context)
{
    for (;;) {
        int result = avcodec_receive_frame(core->codec, core->received);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        if (result < 0)
            return false;
        struct video_frame *frame = frame_pool_take(core->pool);
        bool filled = frame != NULL && fill_frame(core, frame);
        av_frame_unref(core->received);
        if (!filled) {
            video_frame_release(frame);
            return false;
        }
        fn(context, frame);
    }
}

static bool push_core(struct video_core *core, const uint8_t *data, size_t size, int64_t pts, int64_t dts,
                      video_frame_fn *fn, void *context)
{
    AVPacket *packet = core->packet;
    packet->data = (uint8_t *)data; /* copied by avcodec_send_packet, as the packet has no reference count */
    packet->size = (int)size;
    packet->pts = pts;
    packet->dts = dts;
    AVPacket *sent = data == NULL ? NULL : packet;
    int result = avcodec_send_packet(core->codec, sent);
    if (result == AVERROR(EAGAIN)) {
        if (!receive_all(core, fn, context))
            return false;
        result = avcodec_send_packet(core->codec, sent);
    }
    bool received = receive_all(core, fn, context);
    return received && (result >= 0 || result == AVERROR_EOF);
}

static void flush_core(struct video_core *core)
{
    avcodec_flush_buffers(core->codec);
}

static void hurry_core(struct video_core *core, bool on)
{
    core->codec->skip_frame = on ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
    core->codec->skip_loop_filter = on ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
}

static const struct video_backend vaapi = {"vaapi",   open_device, close_core,
                                           push_core, flush_core,  hurry_core};
static const struct video_backend cuda = {"cuda", open_device, close_core, push_core, flush_core, hurry_core};
static const struct video_backend drm = {"drm", open_device, close_core, push_core, flush_core, hurry_core};
static const struct video_backend v4l2m2m = {"v4l2m2m", open_wrapper, close_core,
                                             push_core, flush_core,   hurry_core};
static const struct video_backend software = {"software", open_software, close_core,
                                              push_core,  flush_core,    hurry_core};

const struct video_backend *const video_backends[] = {&vaapi, &cuda, &drm, &v4l2m2m, &software, NULL};
