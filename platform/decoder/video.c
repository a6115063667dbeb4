/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts a stream into access units, gives them to the best back-end that works, and moves on to the next where
 * it does not. */
#include "decoder/video.h"
#include "base/log.h"
#include "codec.h"
#include "ffmpeg.h"
#include <stdlib.h>
#include <string.h>

/* While a back-end has not shown a frame, what it was given is kept for its successor. */
#define TRIAL_UNITS 24
#define TRIAL_BYTES (4 * 1024 * 1024)
#define FAILURES_MAX 50        /* access units in a row without a frame, afterwards */
#define WAIT_FOR_KEY_UNITS 250 /* then the stream is taken to have no random access points */
#define UNIT_BYTES_MAX (4 * 1024 * 1024)

struct unit {
    size_t offset, size;
    int64_t pts, dts;
};

struct trial {
    uint8_t *bytes;
    size_t size;
    int count;
    struct unit units[TRIAL_UNITS];
};

struct video_decoder {
    enum video_kind kind;
    const struct video_backend *const *backends; /* the one in use and those behind it */
    const struct video_backend *single[2];
    struct video_core *core;
    AVCodecParserContext *parser;
    AVCodecContext *parser_codec;
    size_t bytes_without_unit;
    int units_before_key; /* -1: a random access point was seen */
    bool proven;          /* this back-end has given a frame */
    int tried;            /* access units that it was given until then */
    bool hurry;
    int failures; /* access units in a row that gave an error and no frame */
    struct trial trial;
    struct video_counts counts;
    video_frame_fn *fn; /* during a push */
    void *context;
    bool got_frame;
};

const char *video_kind_str(enum video_kind kind)
{
    static const char *const names[] = {"no video", "H.264", "HEVC", "MPEG-2"};
    return names[kind];
}

enum video_kind video_kind_from_stream_type(uint8_t stream_type)
{
    switch (stream_type) {
    case 0x01:
    case 0x02:
        return VIDEO_MPEG2;
    case 0x1B:
        return VIDEO_H264;
    case 0x24:
        return VIDEO_HEVC;
    default:
        return VIDEO_NONE;
    }
}

static bool start_parser(struct video_decoder *decoder)
{
    static const enum AVCodecID ids[] = {AV_CODEC_ID_NONE, AV_CODEC_ID_H264, AV_CODEC_ID_HEVC,
                                         AV_CODEC_ID_MPEG2VIDEO};
    if (decoder->parser != NULL)
        av_parser_close(decoder->parser);
    avcodec_free_context(&decoder->parser_codec);
    decoder->parser = av_parser_init(ids[decoder->kind]);
    decoder->parser_codec = avcodec_alloc_context3(NULL);
    decoder->bytes_without_unit = 0;
    if (decoder->parser == NULL || decoder->parser_codec == NULL) {
        if (decoder->parser != NULL)
            av_parser_close(decoder->parser);
        decoder->parser = NULL;
        return false;
    }
    decoder->parser_codec->codec_id = ids[decoder->kind];
    return true;
}

/* Opens the first back-end of the rest of the list that opens. */
static bool open_next(struct video_decoder *decoder, struct error *error)
{
    struct error reason = {"no back-end"};
    for (; *decoder->backends != NULL; decoder->backends++) {
        const struct video_backend *backend = *decoder->backends;
        decoder->core = backend->open(backend, decoder->kind, &reason);
        if (decoder->core != NULL) {
            decoder->proven = false;
            decoder->tried = 0;
            decoder->failures = 0;
            if (decoder->hurry)
                backend->hurry(decoder->core, true);
            log_debug("%s by %s: opened", video_kind_str(decoder->kind), backend->name);
            return true;
        }
        log_debug("%s by %s: %s", video_kind_str(decoder->kind), backend->name, reason.text);
    }
    return error_set(error, "%s: %s", video_kind_str(decoder->kind), reason.text);
}

static bool is_last(const struct video_decoder *decoder)
{
    return decoder->backends[0] == NULL || decoder->backends[1] == NULL;
}

static struct video_decoder *create(enum video_kind kind, struct error *error)
{
    if (!codec_open(error))
        return NULL;
    ffmpeg_quieten();
    struct video_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL || kind == VIDEO_NONE) {
        error_set(error, kind == VIDEO_NONE ? "video: no kind" : "video: out of memory");
        free(decoder);
        return NULL;
    }
    decoder->kind = kind;
    if (!start_parser(decoder)) {
        error_set(error, "%s: this FFmpeg has no parser for it", video_kind_str(kind));
        video_decoder_close(decoder);
        return NULL;
    }
    return decoder;
}

static struct video_decoder *open_list(struct video_decoder *decoder,
                                       const struct video_backend *const *backends, struct error *error)
{
    decoder->backends = backends;
    if (!open_next(decoder, error)) {
        video_decoder_close(decoder);
        return NULL;
    }
    if (!is_last(decoder))
        decoder->trial.bytes =
            malloc(TRIAL_BYTES + DECODER_PADDING); /* without it there is no replay, only a later start */
    return decoder;
}

struct video_decoder *video_decoder_open_from(const struct video_backend *const *backends,
                                              enum video_kind kind, struct error *error)
{
    struct video_decoder *decoder = create(kind, error);
    return decoder == NULL ? NULL : open_list(decoder, backends, error);
}

struct video_decoder *video_decoder_open(const char *name, enum video_kind kind, struct error *error)
{
    if (strcmp(name, "auto") == 0)
        return video_decoder_open_from(video_backends, kind, error);
    for (size_t i = 0; video_backends[i] != NULL; i++) {
        if (strcmp(name, video_backends[i]->name) == 0) {
            struct video_decoder *decoder = create(kind, error);
            if (decoder == NULL)
                return NULL;
            decoder->single[0] = video_backends[i];
            return open_list(decoder, decoder->single, error);
        }
    }
    error_set(error, "decoder \"%s\" is none of auto, vaapi, cuda, drm, v4l2m2m, software", name);
    return NULL;
}

static void close_core(struct video_decoder *decoder)
{
    if (decoder->core != NULL)
        (*decoder->backends)->close(decoder->core);
    decoder->core = NULL;
}

void video_decoder_close(struct video_decoder *decoder)
{
    if (decoder == NULL)
        return;
    close_core(decoder);
    if (decoder->parser != NULL)
        av_parser_close(decoder->parser);
    avcodec_free_context(&decoder->parser_codec);
    free(decoder->trial.bytes);
    free(decoder);
}

const char *video_decoder_name(const struct video_decoder *decoder)
{
    return decoder->core == NULL ? "none" : (*decoder->backends)->name;
}

static void on_frame(void *context, struct video_frame *frame)
{
    struct video_decoder *decoder = context;
    decoder->got_frame = true;
    decoder->counts.frames++;
    if (!decoder->proven) {
        decoder->proven = true;
        decoder->trial.count = 0;
        decoder->trial.size = 0;
        log_info("%s is decoded by %s", video_kind_str(decoder->kind), (*decoder->backends)->name);
    }
    decoder->fn(decoder->context, frame);
}

/* Gives the unit to the back-end; false where that has failed for good and another should take over. */
static bool feed(struct video_decoder *decoder, const uint8_t *data, size_t size, int64_t pts, int64_t dts)
{
    decoder->got_frame = false;
    decoder->tried += decoder->proven ? 0 : 1;
    bool decoded = (*decoder->backends)->push(decoder->core, data, size, pts, dts, on_frame, decoder);
    if (!decoded)
        decoder->counts.errors++;
    decoder->failures = decoder->got_frame ? 0 : decoder->failures + (decoded ? 0 : 1);
    if (decoder->got_frame || is_last(decoder))
        return true;
    return decoder->proven ? decoder->failures < FAILURES_MAX : decoded && decoder->tried < TRIAL_UNITS;
}

static void remember(struct video_decoder *decoder, const uint8_t *data, size_t size, int64_t pts,
                     int64_t dts)
{
    struct trial *trial = &decoder->trial;
    if (trial->bytes == NULL || trial->count == TRIAL_UNITS || size > TRIAL_BYTES - trial->size)
        return;
    memcpy(trial->bytes + trial->size, data, size);
    trial->units[trial->count++] = (struct unit){trial->size, size, pts, dts};
    trial->size += size;
}

/* The next back-end takes over, from the random access point at which this one began if that is still there.
 */
static void move_on(struct video_decoder *decoder)
{
    for (bool works = false; !works;) {
        log_warning("%s by %s gives no picture: trying the next", video_kind_str(decoder->kind),
                    (*decoder->backends)->name);
        decoder->counts.fallbacks++;
        close_core(decoder);
        decoder->backends++;
        struct error error = {""};
        if (!open_next(decoder, &error)) {
            log_error("%s", error.text);
            return;
        }
        works = true;
        int count = decoder->trial.count;
        if (count == 0)
            decoder->units_before_key = 0;
        for (int i = 0; i < count && works; i++) {
            const struct unit *unit = &decoder->trial.units[i];
            works = feed(decoder, decoder->trial.bytes + unit->offset, unit->size, unit->pts, unit->dts);
        }
    }
}

/* Nothing can be shown before the first random access point, and back-ends differ in how they complain. */
static bool may_start(struct video_decoder *decoder)
{
    if (decoder->units_before_key < 0)
        return true;
    bool key = decoder->parser->key_frame == 1 || decoder->parser->pict_type == AV_PICTURE_TYPE_I;
    if (!key && ++decoder->units_before_key < WAIT_FOR_KEY_UNITS)
        return false;
    decoder->units_before_key = -1;
    return true;
}

static void take_unit(struct video_decoder *decoder, const uint8_t *data, size_t size)
{
    decoder->counts.access_units++;
    decoder->bytes_without_unit = 0;
    if (decoder->core == NULL || !may_start(decoder))
        return;
    int64_t pts = decoder->parser->pts, dts = decoder->parser->dts;
    if (!decoder->proven)
        remember(decoder, data, size, pts, dts);
    if (!feed(decoder, data, size, pts, dts))
        move_on(decoder);
}

/* Runs the parser over the bytes; size 0 ends the last access unit. */
static void parse(struct video_decoder *decoder, const uint8_t *data, size_t size, int64_t pts, int64_t dts)
{
    bool end = size == 0;
    do {
        uint8_t *unit = NULL;
        int unit_size = 0;
        int used = av_parser_parse2(decoder->parser, decoder->parser_codec, &unit, &unit_size, data,
                                    (int)size, pts, dts, 0);
        if (used < 0 || (used == 0 && unit_size == 0 && !end)) {
            decoder->counts.errors++;
            return;
        }
        data += used;
        size -= (size_t)used;
        decoder->bytes_without_unit += (size_t)used;
        pts = dts = AV_NOPTS_VALUE; /* told once; the parser gives them to the unit that begins there */
        if (unit_size > 0)
            take_unit(decoder, unit, (size_t)unit_size);
    } while (size > 0);
}

void video_decoder_push(struct video_decoder *decoder, const uint8_t *data, size_t size, int64_t pts_90khz,
                        int64_t dts_90khz, video_frame_fn *fn, void *context)
{
    if (decoder->parser == NULL || size == 0 || size > UNIT_BYTES_MAX)
        return;
    decoder->fn = fn;
    decoder->context = context;
    parse(decoder, data, size, pts_90khz, dts_90khz);
    if (decoder->bytes_without_unit > UNIT_BYTES_MAX) { /* the parser gathers without a limit of its own */
        decoder->counts.errors++;
        start_parser(decoder);
    }
}

void video_decoder_drain(struct video_decoder *decoder, video_frame_fn *fn, void *context)
{
    static const uint8_t nothing[DECODER_PADDING];
    decoder->fn = fn;
    decoder->context = context;
    if (decoder->parser != NULL)
        parse(decoder, nothing, 0, AV_NOPTS_VALUE, AV_NOPTS_VALUE);
    if (decoder->core != NULL)
        (*decoder->backends)->push(decoder->core, NULL, 0, AV_NOPTS_VALUE, AV_NOPTS_VALUE, on_frame, decoder);
}

void video_decoder_flush(struct video_decoder *decoder)
{
    start_parser(decoder);
    decoder->units_before_key = 0;
    decoder->failures = 0;
    decoder->trial.count = 0;
    decoder->trial.size = 0;
    if (decoder->core != NULL)
        (*decoder->backends)->flush(decoder->core);
}

void video_decoder_hurry(struct video_decoder *decoder, bool on)
{
    if (decoder->hurry == on)
        return;
    decoder->hurry = on;
    if (decoder->core != NULL)
        (*decoder->backends)->hurry(decoder->core, on);
}

void video_decoder_counts(const struct video_decoder *decoder, struct video_counts *counts)
{
    *counts = decoder->counts;
}
