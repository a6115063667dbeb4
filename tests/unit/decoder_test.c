/* SPDX-License-Identifier: Apache-2.0 */
/* Video and sound decoders over clips made on the spot; back-ends that fail; damage; scaling. */
#include "clip.h"
#include "decoder/sound.h"
#include "decoder/video.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FRAMES 50
#define VIDEO "-f lavfi -i testsrc2=s=320x240:r=25:d=2 -frames:v 50 "

static struct buffer h264;

static struct buffer make(const char *arguments)
{
    struct buffer buffer;
    buffer_init(&buffer, 8 << 20);
    if (!clip_make(&buffer, arguments))
        fail_msg("ffmpeg could not make a clip: %s", arguments);
    return buffer;
}

struct seen {
    int frames, keys;
    int64_t last;
    struct video_picture picture;
    struct video_frame *kept;
};

static void see(void *context, struct video_frame *frame)
{
    struct seen *seen = context;
    video_frame_picture(frame, &seen->picture);
    seen->frames++;
    seen->keys += seen->picture.key;
    video_frame_release(seen->kept);
    seen->kept = frame;
}

/* Pushes an elementary stream in pieces that heed no boundary. */
static void push_all(struct video_decoder *decoder, const struct buffer *stream, struct seen *seen)
{
    static uint8_t piece[1500 + DECODER_PADDING];
    for (size_t at = 0; at < stream->size; at += 1500) {
        size_t size = stream->size - at < 1500 ? stream->size - at : 1500;
        memcpy(piece, stream->data + at, size);
        video_decoder_push(decoder, piece, size, VIDEO_TIME_NONE, VIDEO_TIME_NONE, see, seen);
    }
    video_decoder_drain(decoder, see, seen);
}

static struct video_decoder *open_software(enum video_kind kind)
{
    struct error error = {""};
    struct video_decoder *decoder = video_decoder_open("software", kind, &error);
    if (decoder == NULL)
        fail_msg("%s", error.text);
    return decoder;
}

static void each_kind_decodes(void **state)
{
    (void)state;
    static const struct {
        enum video_kind kind;
        const char *encoder, *arguments;
    } table[] = {
        {VIDEO_H264, "libx264", VIDEO "-c:v libx264 -pix_fmt yuv420p -bf 2 -g 25 -f h264"},
        {VIDEO_HEVC, "libx265",
         VIDEO "-c:v libx265 -pix_fmt yuv420p -preset ultrafast -x265-params log-level=error -f hevc"},
        {VIDEO_MPEG2, "mpeg2video", VIDEO "-c:v mpeg2video -b:v 2M -g 12 -bf 2 -aspect 16:9 -f mpeg2video"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!clip_can(table[i].encoder))
            continue;
        struct buffer stream = make(table[i].arguments);
        struct video_decoder *decoder = open_software(table[i].kind);
        struct seen seen = {0};
        struct video_counts counts;
        push_all(decoder, &stream, &seen);
        video_decoder_counts(decoder, &counts);
        assert_string_equal(video_decoder_name(decoder), "software");
        assert_int_equal(seen.frames, FRAMES);
        assert_int_equal(counts.frames, FRAMES);
        assert_int_equal(counts.errors, 0);
        assert_int_equal(seen.picture.width, 320);
        assert_int_equal(seen.picture.height, 240);
        assert_int_equal(seen.picture.aspect_num, table[i].kind == VIDEO_MPEG2 ? 16 : 4);
        assert_int_equal(seen.picture.aspect_den, table[i].kind == VIDEO_MPEG2 ? 9 : 3);
        assert_true(seen.keys >= 1);
        video_decoder_flush(decoder); /* and the same again behind a flush */
        seen.frames = 0;
        push_all(decoder, &stream, &seen);
        assert_int_equal(seen.frames, FRAMES);
        video_decoder_close(decoder);
        video_frame_release(seen.kept); /* outlives its decoder */
        buffer_finish(&stream);
    }
}

/* Back-ends with a fault of their own. A core is only a count of what it was given. */
struct video_core {
    int pushed;
};

static struct video_core *open_not(const struct video_backend *backend, enum video_kind kind,
                                   struct error *error)
{
    (void)kind;
    error_set(error, "%s: no such device", backend->name);
    return NULL;
}

static struct video_core *open_fake(const struct video_backend *backend, enum video_kind kind,
                                    struct error *error)
{
    (void)backend, (void)kind, (void)error;
    return calloc(1, sizeof(struct video_core));
}

static void close_fake(struct video_core *core)
{
    free(core);
}

static bool push_error(struct video_core *core, const uint8_t *data, size_t size, int64_t pts, int64_t dts,
                       video_frame_fn *fn, void *context)
{
    (void)data, (void)size, (void)pts, (void)dts, (void)fn, (void)context;
    return ++core->pushed < 3;
}

static bool push_nothing(struct video_core *core, const uint8_t *data, size_t size, int64_t pts, int64_t dts,
                         video_frame_fn *fn, void *context)
{
    (void)data, (void)size, (void)pts, (void)dts, (void)fn, (void)context;
    core->pushed++;
    return true;
}

static void flush_fake(struct video_core *core)
{
    core->pushed = 0;
}

static void hurry_fake(struct video_core *core, bool on)
{
    (void)core, (void)on;
}

static const struct video_backend absent = {"absent",   open_not,   close_fake,
                                            push_error, flush_fake, hurry_fake};
static const struct video_backend broken = {"broken",   open_fake,  close_fake,
                                            push_error, flush_fake, hurry_fake};
static const struct video_backend mute = {"mute",       open_fake,  close_fake,
                                          push_nothing, flush_fake, hurry_fake};

static const struct video_backend *software(void)
{
    int last = 0;
    while (video_backends[last + 1] != NULL)
        last++;
    assert_string_equal(video_backends[last]->name, "software");
    return video_backends[last];
}

/* Whatever stands before it, software gives every frame, from the first: what the others had taken is
 * replayed. */
static void a_failing_device_is_replaced(void **state)
{
    (void)state;
    const struct video_backend *const lists[][5] = {{&absent, software()},
                                                    {&broken, software()},
                                                    {&mute, software()},
                                                    {&absent, &broken, &mute, software()}};
    static const unsigned fallbacks[] = {0, 1, 1, 2};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct error error = {""};
        struct video_decoder *decoder = video_decoder_open_from(lists[i], VIDEO_H264, &error);
        struct seen seen = {0};
        struct video_counts counts;
        assert_non_null(decoder);
        push_all(decoder, &h264, &seen);
        video_decoder_counts(decoder, &counts);
        assert_string_equal(video_decoder_name(decoder), "software");
        assert_int_equal(counts.fallbacks, fallbacks[i]);
        assert_int_equal(seen.frames, FRAMES);
        video_frame_release(seen.kept);
        video_decoder_close(decoder);
    }
}

static void what_cannot_open_is_told(void **state)
{
    (void)state;
    const struct video_backend *const none[] = {&absent, NULL};
    struct error error = {""};
    assert_null(video_decoder_open_from(none, VIDEO_H264, &error));
    assert_non_null(strstr(error.text, "no such device"));
    assert_null(video_decoder_open("crystal", VIDEO_H264, &error));
    assert_non_null(strstr(error.text, "crystal"));
    assert_null(video_decoder_open("auto", VIDEO_NONE, &error));
    assert_null(sound_decoder_open(SOUND_NONE, &error));
    video_decoder_close(NULL);
    sound_decoder_close(NULL);
    video_frame_release(NULL);
    /* a list whose devices all fail later: nothing is shown, nothing crashes */
    const struct video_backend *const both[] = {&mute, &broken, NULL};
    struct video_decoder *decoder = video_decoder_open_from(both, VIDEO_H264, &error);
    struct seen seen = {0};
    push_all(decoder, &h264, &seen);
    assert_int_equal(seen.frames, 0);
    assert_string_equal(video_decoder_name(decoder), "broken");
    video_decoder_close(decoder);
}

/* This machine's own devices, whatever they are: auto must show the whole clip. */
static void auto_decodes_here(void **state)
{
    (void)state;
    struct error error = {""};
    struct video_decoder *decoder = video_decoder_open("auto", VIDEO_H264, &error);
    struct seen seen = {0};
    assert_non_null(decoder);
    push_all(decoder, &h264, &seen);
    assert_int_equal(seen.frames, FRAMES);
    print_message("auto chose %s\n", video_decoder_name(decoder));
    video_frame_release(seen.kept);
    video_decoder_close(decoder);
}

static void damage_is_survived(void **state)
{
    (void)state;
    struct buffer damaged;
    uint32_t random = 7;
    buffer_init(&damaged, 8 << 20);
    buffer_append(&damaged, h264.data, h264.size);
    for (size_t at = 2000; at < damaged.size; at += 200 + random % 800) {
        random = random * 1664525 + 1013904223;
        damaged.data[at] ^= (uint8_t)(random >> 24 | 1);
    }
    struct video_decoder *decoder = open_software(VIDEO_H264);
    struct seen seen = {0};
    push_all(decoder, &damaged, &seen);
    assert_true(seen.frames > 0 && seen.frames < 4 * FRAMES);
    video_decoder_flush(decoder);
    seen.frames = 0;
    push_all(decoder, &h264, &seen);
    assert_int_equal(seen.frames, FRAMES);
    video_frame_release(seen.kept);
    video_decoder_close(decoder);
    buffer_finish(&damaged);
}

/* No start code for a long time: the parser's memory is bounded. */
static void bytes_without_end_are_dropped(void **state)
{
    (void)state;
    static uint8_t nothing[65536 + DECODER_PADDING];
    memset(nothing, 0x55, sizeof nothing);
    struct video_decoder *decoder = open_software(VIDEO_H264);
    struct seen seen = {0};
    struct video_counts counts;
    memcpy(nothing, "\0\0\0\1\x65", 5);
    video_decoder_push(decoder, nothing, 65536, 0, 0, see, &seen);
    memset(nothing, 0x55, 5);
    for (int i = 0; i < 200; i++)
        video_decoder_push(decoder, nothing, 65536, VIDEO_TIME_NONE, VIDEO_TIME_NONE, see, &seen);
    video_decoder_counts(decoder, &counts);
    assert_int_equal(seen.frames, 0);
    assert_true(counts.errors >= 2);
    video_decoder_close(decoder);
}

static void hurry_leaves_pictures_out(void **state)
{
    (void)state;
    struct video_decoder *decoder = open_software(VIDEO_H264);
    struct seen seen = {0};
    video_decoder_hurry(decoder, true);
    push_all(decoder, &h264, &seen);
    assert_true(seen.frames > 10 && seen.frames < FRAMES);
    video_frame_release(seen.kept);
    video_decoder_close(decoder);
}

static void letterbox_fits(void **state)
{
    (void)state;
    static const struct {
        int num, den, width, height;
        struct video_box box;
    } table[] = {
        {16, 9, 1280, 720, {0, 0, 1280, 720}}, {4, 3, 1280, 720, {160, 0, 960, 720}},
        {16, 9, 640, 480, {0, 60, 640, 360}},  {1, 1000, 100, 100, {48, 0, 1, 100}},
        {0, 0, 50, 40, {0, 0, 50, 40}},        {1000, 1, 10, 10, {0, 4, 10, 1}},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct video_box box = video_letterbox(table[i].num, table[i].den, table[i].width, table[i].height);
        assert_int_equal(box.x, table[i].box.x);
        assert_int_equal(box.y, table[i].box.y);
        assert_int_equal(box.width, table[i].box.width);
        assert_int_equal(box.height, table[i].box.height);
    }
}

static void assert_near(uint32_t is, uint32_t expected)
{
    for (int shift = 0; shift < 32; shift += 8)
        if (abs((int)(is >> shift & 0xFF) - (int)(expected >> shift & 0xFF)) > 8)
            fail_msg("pixel is 0x%08X, expected about 0x%08X", is, expected);
}

static void scaling_keeps_colours_and_bars(void **state)
{
    (void)state;
    /* half orange, half blue, 320x240; swscale works in BT.601 there, as the decoder should */
    struct buffer stream =
        make("-f lavfi -i color=0xE07020:s=160x240:d=0.2 -f lavfi -i color=0x2040C0:s=160x240:d=0.2 "
             "-filter_complex hstack,format=yuv420p -c:v libx264 -qp 4 -frames:v 4 -f h264");
    struct video_decoder *decoder = open_software(VIDEO_H264);
    struct video_scaler *scaler = video_scaler_create();
    struct seen seen = {0};
    push_all(decoder, &stream, &seen);
    assert_int_equal(seen.frames, 4);
    static const int sizes[][2] = {{640, 360}, {320, 240}, {333, 111}, {64, 300}, {1, 1}, {1280, 720}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int width = sizes[i][0], height = sizes[i][1], stride = width + 16;
        uint32_t *pixels = calloc((size_t)stride * (size_t)height + 16, sizeof *pixels);
        assert_true(video_scale(scaler, seen.kept, pixels, width, height, stride));
        struct video_box box = video_letterbox(4, 3, width, height);
        const uint32_t *middle = pixels + (size_t)(box.y + box.height / 2) * (size_t)stride + box.x;
        if (width > 1) {
            assert_near(middle[box.width / 4], 0xFFE07020);
            assert_near(middle[box.width * 3 / 4], 0xFF2040C0);
        }
        if (box.x > 0)
            assert_int_equal(middle[-1], 0xFF000000);
        if (box.y > 0)
            assert_int_equal(pixels[width / 2], 0xFF000000);
        free(pixels);
    }
    uint32_t pixel;
    assert_false(video_scale(scaler, seen.kept, &pixel, 0, 1, 1));
    assert_false(video_scale(scaler, seen.kept, &pixel, 2, 1, 1));
    assert_false(video_scale(scaler, seen.kept, &pixel, VIDEO_SIDE_MAX + 1, 1, VIDEO_SIDE_MAX + 1));
    video_scaler_destroy(scaler);
    video_scaler_destroy(NULL);
    video_frame_release(seen.kept);
    video_decoder_close(decoder);
    buffer_finish(&stream);
}

struct heard {
    int64_t samples;
    int crossings;
    int16_t last, peak;
};

static void hear(void *context, const int16_t *samples, int count, int64_t time)
{
    (void)time;
    struct heard *heard = context;
    heard->samples += count;
    for (int i = 0; i < count; i++) {
        int16_t sample = samples[2 * i];
        heard->peak = sample > heard->peak ? sample : heard->peak;
        if (abs(sample) < 500) /* noise near zero is no crossing */
            continue;
        heard->crossings += (sample > 0) != (heard->last > 0);
        heard->last = sample;
    }
}

static void push_sound(struct sound_decoder *decoder, const struct buffer *stream, struct heard *heard)
{
    static uint8_t piece[700 + DECODER_PADDING];
    for (size_t at = 0; at < stream->size; at += 700) {
        size_t size = stream->size - at < 700 ? stream->size - at : 700;
        memcpy(piece, stream->data + at, size);
        sound_decoder_push(decoder, piece, size, SOUND_TIME_NONE, hear, heard);
    }
}

static void each_sound_decodes(void **state)
{
    (void)state;
    static const struct {
        enum sound_kind kind;
        const char *arguments;
    } table[] = {
        {SOUND_AAC_ADTS, "-ac 2 -ar 48000 -c:a aac -f adts"},
        {SOUND_AAC_ADTS, "-ac 1 -ar 44100 -c:a aac -f adts"},
        {SOUND_AAC_LATM, "-ac 2 -ar 48000 -c:a aac -f latm"},
        {SOUND_MPEG, "-ac 2 -ar 48000 -c:a mp2 -f mp2"},
        {SOUND_MPEG, "-ac 2 -ar 32000 -c:a mp2 -f mp2"},
        {SOUND_AC3, "-ac 6 -ar 48000 -c:a ac3 -f ac3"},
        {SOUND_EAC3, "-ac 2 -ar 48000 -c:a eac3 -f eac3"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char arguments[256];
        snprintf(arguments, sizeof arguments, "-f lavfi -i sine=500:d=2 %s", table[i].arguments);
        struct buffer stream = make(arguments);
        struct error error = {""};
        struct sound_decoder *decoder = sound_decoder_open(table[i].kind, &error);
        struct heard heard = {0};
        struct sound_counts counts;
        assert_non_null(decoder);
        push_sound(decoder, &stream, &heard);
        sound_decoder_counts(decoder, &counts);
        assert_in_range(heard.samples, 90000, 100000);
        assert_in_range(heard.crossings, 1900, 2100); /* 500 Hz */
        assert_true(heard.peak > 1000);
        assert_true(counts.frames > 20);
        assert_true(counts.errors <= 1); /* the last frame is cut */
        sound_decoder_close(decoder);
        buffer_finish(&stream);
    }
}

static void speed_changes_the_count(void **state)
{
    (void)state;
    struct buffer stream = make("-f lavfi -i sine=500:d=20 -ac 2 -ar 48000 -c:a mp2 -f mp2");
    int64_t samples[3];
    static const int speeds[] = {-2000, 0, 2000};
    for (int i = 0; i < 3; i++) {
        struct sound_decoder *decoder = sound_decoder_open(SOUND_MPEG, NULL);
        struct heard heard = {0};
        sound_decoder_set_speed(decoder, speeds[i]);
        push_sound(decoder, &stream, &heard);
        samples[i] = heard.samples;
        sound_decoder_close(decoder);
    }
    assert_in_range(samples[0] - samples[1], 1700, 2100);
    assert_in_range(samples[1] - samples[2], 1700, 2100);
    buffer_finish(&stream);
}

static void sound_damage_is_survived(void **state)
{
    (void)state;
    struct buffer stream = make("-f lavfi -i sine=500:d=4 -ac 2 -ar 48000 -c:a aac -f adts");
    uint32_t random = 3;
    for (size_t at = 100; at < stream.size; at += 50 + random % 400) {
        random = random * 1664525 + 1013904223;
        stream.data[at] ^= (uint8_t)(random >> 24 | 1);
    }
    struct sound_decoder *decoder = sound_decoder_open(SOUND_AAC_ADTS, NULL);
    struct heard heard = {0};
    struct sound_counts counts;
    push_sound(decoder, &stream, &heard);
    sound_decoder_counts(decoder, &counts);
    assert_true(counts.errors > 0);
    sound_decoder_flush(decoder);
    push_sound(decoder, &stream, &heard);
    sound_decoder_close(decoder);
    buffer_finish(&stream);
}

static void stream_types_are_known(void **state)
{
    (void)state;
    assert_int_equal(video_kind_from_stream_type(0x1B), VIDEO_H264);
    assert_int_equal(video_kind_from_stream_type(0x24), VIDEO_HEVC);
    assert_int_equal(video_kind_from_stream_type(0x02), VIDEO_MPEG2);
    assert_int_equal(video_kind_from_stream_type(0x06), VIDEO_NONE);
    assert_int_equal(sound_kind_from_stream_type(0x0F), SOUND_AAC_ADTS);
    assert_int_equal(sound_kind_from_stream_type(0x03), SOUND_MPEG);
    assert_int_equal(sound_kind_from_stream_type(0x1B), SOUND_NONE);
}

int main(void)
{
    if (!clip_can("libx264"))
        return 77;
    h264 = make(VIDEO "-c:v libx264 -pix_fmt yuv420p -bf 2 -g 25 -f h264");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_decodes),
        cmocka_unit_test(a_failing_device_is_replaced),
        cmocka_unit_test(what_cannot_open_is_told),
        cmocka_unit_test(auto_decodes_here),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(bytes_without_end_are_dropped),
        cmocka_unit_test(hurry_leaves_pictures_out),
        cmocka_unit_test(letterbox_fits),
        cmocka_unit_test(scaling_keeps_colours_and_bars),
        cmocka_unit_test(each_sound_decodes),
        cmocka_unit_test(speed_changes_the_count),
        cmocka_unit_test(sound_damage_is_survived),
        cmocka_unit_test(stream_types_are_known),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buffer_finish(&h264);
    return failed;
}
