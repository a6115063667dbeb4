/* SPDX-License-Identifier: Apache-2.0 */
#include "decoder/sound.h"
#include "codec.h"
#include "decoder/video.h"
#include "ffmpeg.h"
#include <libswresample/swresample.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_FRAMES_MAX 32768
#define PENDING_BYTES_MAX (64 * 1024) /* no coded frame is as long */

struct sound_decoder {
    enum sound_kind kind;
    AVCodecParserContext *parser;
    AVCodecContext *parser_codec; /* what the parser writes its findings to */
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *frame;
    SwrContext *resampler;
    AVChannelLayout layout; /* that the resampler was made for, with rate and format */
    int rate, format;
    int ppm;
    bool ppm_changed;
    size_t pending; /* bytes given to the parser since its last coded frame */
    int16_t *output;
    struct sound_counts counts;
};

static const struct {
    const char *name;
    enum AVCodecID codec;
} kinds[] = {
    [SOUND_NONE] = {"no sound", AV_CODEC_ID_NONE},
    [SOUND_AAC_ADTS] = {"AAC", AV_CODEC_ID_AAC},
    [SOUND_AAC_LATM] = {"AAC LATM", AV_CODEC_ID_AAC_LATM},
    [SOUND_MPEG] = {"MPEG audio", AV_CODEC_ID_MP2},
    [SOUND_AC3] = {"AC-3", AV_CODEC_ID_AC3},
    [SOUND_EAC3] = {"E-AC-3", AV_CODEC_ID_EAC3},
};

const char *sound_kind_str(enum sound_kind kind)
{
    return kinds[kind].name;
}

enum sound_kind sound_kind_from_stream_type(uint8_t stream_type)
{
    switch (stream_type) {
    case 0x03:
    case 0x04:
        return SOUND_MPEG;
    case 0x0F:
        return SOUND_AAC_ADTS;
    case 0x11:
        return SOUND_AAC_LATM;
    case 0x81:
        return SOUND_AC3;
    case 0x87:
        return SOUND_EAC3;
    default:
        return SOUND_NONE;
    }
}

struct sound_decoder *sound_decoder_open(enum sound_kind kind, struct error *error)
{
    if (!codec_open(error))
        return NULL;
    ffmpeg_quieten();
    const AVCodec *codec = avcodec_find_decoder(kinds[kind].codec);
    if (codec == NULL) {
        error_set(error, "this FFmpeg has no decoder for %s", kinds[kind].name);
        return NULL;
    }
    struct sound_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        error_set(error, "sound: out of memory");
        return NULL;
    }
    decoder->kind = kind;
    decoder->parser = av_parser_init(kinds[kind].codec);
    decoder->parser_codec = avcodec_alloc_context3(NULL);
    decoder->codec = avcodec_alloc_context3(codec);
    decoder->packet = av_packet_alloc();
    decoder->frame = av_frame_alloc();
    decoder->output = malloc((size_t)OUTPUT_FRAMES_MAX * 2 * sizeof *decoder->output);
    if (decoder->parser == NULL || decoder->parser_codec == NULL || decoder->codec == NULL ||
        decoder->packet == NULL || decoder->frame == NULL || decoder->output == NULL) {
        error_set(error, "%s: out of memory, or no parser", kinds[kind].name);
        sound_decoder_close(decoder);
        return NULL;
    }
    decoder->parser_codec->codec_id = kinds[kind].codec;
    decoder->codec->pkt_timebase = (AVRational){1, 90000};
    decoder->codec->thread_count = 1;
    int result = avcodec_open2(decoder->codec, codec, NULL);
    if (result < 0) {
        char text[128];
        error_set(error, "%s: %s", kinds[kind].name, ffmpeg_error(result, text, sizeof text));
        sound_decoder_close(decoder);
        return NULL;
    }
    return decoder;
}

void sound_decoder_close(struct sound_decoder *decoder)
{
    if (decoder == NULL)
        return;
    if (decoder->parser != NULL)
        av_parser_close(decoder->parser);
    avcodec_free_context(&decoder->parser_codec);
    avcodec_free_context(&decoder->codec);
    av_packet_free(&decoder->packet);
    av_frame_free(&decoder->frame);
    swr_free(&decoder->resampler);
    av_channel_layout_uninit(&decoder->layout);
    free(decoder->output);
    free(decoder);
}

/* Makes the resampler again where the stream's form has changed. */
static bool prepare(struct sound_decoder *decoder)
{
    const AVFrame *frame = decoder->frame;
    if (decoder->resampler != NULL && frame->sample_rate == decoder->rate &&
        frame->format == decoder->format &&
        av_channel_layout_compare(&frame->ch_layout, &decoder->layout) == 0)
        return true;
    swr_free(&decoder->resampler);
    AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
    AVChannelLayout layout = {0};
    bool done = frame->sample_rate > 0 && av_channel_layout_copy(&layout, &frame->ch_layout) >= 0;
    if (done && layout.order == AV_CHANNEL_ORDER_UNSPEC)
        av_channel_layout_default(&layout, frame->ch_layout.nb_channels);
    done = done &&
           swr_alloc_set_opts2(&decoder->resampler, &stereo, AV_SAMPLE_FMT_S16, SOUND_RATE, &layout,
                               frame->format, frame->sample_rate, 0, NULL) >= 0 &&
           swr_init(decoder->resampler) >= 0 &&
           av_channel_layout_copy(&decoder->layout, &frame->ch_layout) >= 0;
    av_channel_layout_uninit(&layout);
    if (!done) {
        swr_free(&decoder->resampler);
        return false;
    }
    decoder->rate = frame->sample_rate;
    decoder->format = frame->format;
    decoder->ppm_changed = decoder->ppm != 0;
    return true;
}

/* Fewer samples out than in play faster. The compensation ends by itself after its distance, so it is renewed
 * with each frame. */
static void compensate(struct sound_decoder *decoder)
{
    if (decoder->ppm != 0 || decoder->ppm_changed)
        swr_set_compensation(decoder->resampler, -decoder->ppm, 1000000);
    decoder->ppm_changed = false;
}

static bool convert(struct sound_decoder *decoder, sound_fn *fn, void *context)
{
    const AVFrame *frame = decoder->frame;
    if (!prepare(decoder))
        return false;
    compensate(decoder);
    if (swr_get_out_samples(decoder->resampler, frame->nb_samples) > OUTPUT_FRAMES_MAX)
        return false;
    uint8_t *out = (uint8_t *)decoder->output;
    int count = swr_convert(decoder->resampler, &out, OUTPUT_FRAMES_MAX,
                            (const uint8_t **)frame->extended_data, frame->nb_samples);
    if (count < 0)
        return false;
    decoder->counts.frames++;
    if (count > 0)
        fn(context, decoder->output, count, frame->pts);
    return true;
}

static void decode(struct sound_decoder *decoder, uint8_t *data, int size, sound_fn *fn, void *context)
{
    decoder->packet->data = data;
    decoder->packet->size = size;
    decoder->packet->pts = decoder->parser->pts;
    decoder->packet->dts = decoder->parser->dts;
    if (avcodec_send_packet(decoder->codec, decoder->packet) < 0) {
        decoder->counts.errors++;
        return;
    }
    int result;
    while ((result = avcodec_receive_frame(decoder->codec, decoder->frame)) >= 0) {
        if (!convert(decoder, fn, context))
            decoder->counts.errors++;
        av_frame_unref(decoder->frame);
    }
    if (result != AVERROR(EAGAIN) && result != AVERROR_EOF)
        decoder->counts.errors++;
}

static void restart_parser(struct sound_decoder *decoder)
{
    if (decoder->parser != NULL)
        av_parser_close(decoder->parser);
    decoder->parser = av_parser_init(kinds[decoder->kind].codec);
    decoder->pending = 0;
}

void sound_decoder_push(struct sound_decoder *decoder, const uint8_t *data, size_t size, int64_t pts_90khz,
                        sound_fn *fn, void *context)
{
    int64_t pts = pts_90khz;
    while (size > 0 && decoder->parser != NULL) {
        uint8_t *unit = NULL;
        int unit_size = 0;
        int used = av_parser_parse2(decoder->parser, decoder->parser_codec, &unit, &unit_size, data,
                                    (int)size, pts, AV_NOPTS_VALUE, 0);
        if (used < 0 || (used == 0 && unit_size == 0)) {
            decoder->counts.errors++;
            return;
        }
        data += used;
        size -= (size_t)used;
        pts = AV_NOPTS_VALUE; /* told once; the parser gives it to the coded frame that begins there */
        decoder->pending = unit_size > 0 ? 0 : decoder->pending + (size_t)used;
        if (unit_size > 0)
            decode(decoder, unit, unit_size, fn, context);
        if (decoder->pending > PENDING_BYTES_MAX) {
            decoder->counts.errors++;
            restart_parser(decoder);
        }
    }
}

void sound_decoder_flush(struct sound_decoder *decoder)
{
    restart_parser(decoder);
    avcodec_flush_buffers(decoder->codec);
    swr_free(&decoder->resampler);
}

void sound_decoder_set_speed(struct sound_decoder *decoder, int ppm)
{
    ppm = ppm < -2000 ? -2000 : ppm > 2000 ? 2000 : ppm;
    decoder->ppm_changed = decoder->ppm_changed || ppm != decoder->ppm;
    decoder->ppm = ppm;
}

void sound_decoder_counts(const struct sound_decoder *decoder, struct sound_counts *counts)
{
    *counts = decoder->counts;
}
