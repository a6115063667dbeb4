/* SPDX-License-Identifier: Apache-2.0 */
/* The player from transport packets to due frames, on a clock of the test's own: order, step, jumps, damage,
 * states. The clips are constant-rate multiplexes made on the spot, fed packet by packet at their time. */
#include "base/clock.h"
#include "base/file.h"
#include "clip.h"
#include "player/player.h"
#include "player/voice.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define VIDEO_PID 0x100 /* what ffmpeg gives its first two streams; the PCR is in the first */
#define AUDIO_PID 0x101
#define MUX_RATE 2000000
#define PACKET_US ((int64_t)TS_PACKET_SIZE * 8 * 1000000 / MUX_RATE)
#define MUX " -muxrate 2000000 -pcr_period 40 -f mpegts"
#define PICTURES "-f lavfi -i testsrc2=s=320x240:r=25:d=4 "
#define TONE "-f lavfi -i sine=500:r=48000:d=4 "
#define H264 "-c:v libx264 -pix_fmt yuv420p -bf 2 -g 25 -b:v 800k -maxrate 900k -bufsize 400k "
#define FRAMES 100

static struct buffer clip; /* H.264 and AAC, 4 s */

/* A box: demultiplexer, player and the one who looks at it. */
struct bench {
    int64_t now, packet_us;
    struct ts_demux *demux;
    struct ts_subscription *sound;
    struct player *player;
    enum video_kind video;
    bool mute_pcr;
    bool hold; /* takes no frames */
    int frames, out_of_order, bad_size;
    int64_t first_us, last_us, longest_gap_us, last_time, worst_av_us;
    uint64_t worst_number_step, last_number;
    uint32_t checksum;
};

static int64_t read_clock(void *context)
{
    return ((struct bench *)context)->now;
}

static void on_video(void *context, const struct ts_pes *pes)
{
    player_push_video(((struct bench *)context)->player, pes);
}

static void on_audio(void *context, const struct ts_pes *pes)
{
    player_push_audio(((struct bench *)context)->player, pes);
}

static void on_pcr(void *context, uint16_t pid, uint64_t pcr_27mhz, uint64_t packet_index, bool discontinuity)
{
    (void)pid, (void)packet_index;
    struct bench *bench = context;
    if (!bench->mute_pcr)
        player_push_pcr(bench->player, pcr_27mhz, discontinuity, bench->now);
}

static void open_bench_with(struct bench *bench, const char *audio, uint16_t video_pid, uint16_t audio_pid)
{
    memset(bench, 0, sizeof *bench);
    bench->now = 1000000000;
    bench->packet_us = PACKET_US;
    bench->last_time = bench->first_us = INT64_MIN;
    const struct player_options options = {
        .decoder = "software", .audio = audio, .clock = read_clock, .clock_context = bench};
    struct error error = {""};
    bench->player = player_create(&options, &error);
    if (bench->player == NULL)
        fail_msg("%s", error.text);
    bench->demux = ts_demux_create();
    assert_non_null(ts_demux_pes(bench->demux, video_pid, on_video, bench));
    bench->sound = ts_demux_pes(bench->demux, audio_pid, on_audio, bench);
    assert_non_null(bench->sound);
    assert_non_null(ts_demux_pcr(bench->demux, video_pid, on_pcr, bench));
}

static void open_bench(struct bench *bench)
{
    open_bench_with(bench, "null", VIDEO_PID, AUDIO_PID);
}

static void close_bench(struct bench *bench)
{
    player_destroy(bench->player);
    ts_demux_destroy(bench->demux);
}

static void look(struct bench *bench)
{
    struct player_frame frame;
    if (bench->hold || !player_take_frame(bench->player, &frame))
        return;
    bench->frames++;
    bench->out_of_order += bench->last_time != INT64_MIN && frame.time_90khz <= bench->last_time;
    bench->bad_size +=
        frame.width < 1 || frame.height < 1 || frame.stride < frame.width || frame.pixels == NULL;
    for (int y = 0; y < frame.height; y += 16)
        for (int x = 0; x < frame.width; x += 16)
            bench->checksum = bench->checksum * 31 + frame.pixels[y * frame.stride + x];
    if (bench->first_us == INT64_MIN)
        bench->first_us = bench->now;
    else if (bench->frames > 2 && bench->now - bench->last_us > bench->longest_gap_us)
        bench->longest_gap_us = bench->now - bench->last_us;
    struct player_status status;
    player_get_status(bench->player, &status);
    if (bench->frames > 2 && llabs(status.av_offset_us) > bench->worst_av_us)
        bench->worst_av_us = llabs(status.av_offset_us);
    bench->last_us = bench->now;
    bench->last_time = frame.time_90khz;
    bench->last_number = frame.number;
    player_release_frame(bench->player, &frame);
}

/* Lets the player work until the clock stands at until. A player that wants to run for ever without time
 * passing is a busy loop. */
static void pass(struct bench *bench, int64_t until)
{
    int at_once = 0;
    for (;;) {
        int64_t next = player_tick(bench->player);
        look(bench);
        if (next > bench->now) {
            at_once = 0;
            if (next > until)
                break;
            bench->now = next;
        } else if (++at_once > 2000) {
            fail_msg("the player does not come to rest");
        }
    }
    bench->now = until;
}

static void feed(struct bench *bench, const struct buffer *stream)
{
    for (size_t at = 0; at + TS_PACKET_SIZE <= stream->size; at += (size_t)7 * TS_PACKET_SIZE) {
        size_t size =
            stream->size - at < (size_t)7 * TS_PACKET_SIZE ? stream->size - at : (size_t)7 * TS_PACKET_SIZE;
        pass(bench, bench->now + bench->packet_us * 7);
        ts_demux_push(bench->demux, stream->data + at, size);
    }
}

static struct buffer make(const char *arguments)
{
    struct buffer buffer;
    buffer_init(&buffer, 8 << 20);
    if (!clip_make(&buffer, arguments))
        fail_msg("ffmpeg could not make a clip: %s", arguments);
    return buffer;
}

static struct player_status status_of(struct bench *bench)
{
    struct player_status status;
    player_get_status(bench->player, &status);
    return status;
}

static void pictures_and_sound_keep_step(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    assert_int_equal(status_of(&bench).state, PLAYER_STOPPED);
    player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 640, 360);
    assert_int_equal(status_of(&bench).state, PLAYER_BUFFERING);
    int64_t begin = bench.now;
    feed(&bench, &clip);
    struct player_status status = status_of(&bench);
    assert_int_equal(status.state, PLAYER_PLAYING);
    assert_string_equal(status.decoder, "software");
    assert_string_equal(status.audio, "null");
    assert_int_equal(status.video_width, 320);
    assert_in_range(status.frames_per_second, 24, 26);
    assert_int_equal(status.decode_errors, 0);
    assert_int_equal(status.packets_dropped, 0);
    assert_int_equal(status.underruns, 0);
    assert_int_equal(status.discontinuities, 0);
    pass(&bench, bench.now + 1500000);
    assert_int_equal(bench.out_of_order, 0);
    assert_int_equal(bench.bad_size, 0);
    assert_in_range(bench.frames, FRAMES - 6, FRAMES); /* the end of the last ones is not in the clip */
    assert_int_equal(status_of(&bench).frames_dropped, 0);
    print_message("%d frames, first after %lld ms, sound and picture within %lld us, longest gap %lld ms\n",
                  bench.frames, (long long)(bench.first_us - begin) / 1000, (long long)bench.worst_av_us,
                  (long long)bench.longest_gap_us / 1000);
    assert_true(bench.first_us - begin < 400000); /* as soon as it is decoded, not when it is due */
    assert_true(bench.worst_av_us < 5000);
    assert_true(bench.longest_gap_us < 45000);
    close_bench(&bench);
}

/* A voice fed with coded sound, one frame a push, on a clock that is moved by hand. */
struct singer {
    int64_t now, base;
    struct voice *voice;
    struct buffer stream; /* MPEG layer II at 48 kHz: frames of 384 bytes at 128 kbit/s, 24 ms each */
};

#define SOUND_FRAME 384
#define SOUND_FRAME_US 24000

static int64_t singers_clock(void *context)
{
    return ((struct singer *)context)->now;
}

static void open_singer(struct singer *singer, int seconds)
{
    char arguments[256];
    snprintf(arguments, sizeof arguments, "-f lavfi -i sine=500:r=48000:d=%d -ac 2 -c:a mp2 -b:a 128k -f mp2",
             seconds);
    memset(singer, 0, sizeof *singer);
    singer->stream = make(arguments);
    singer->now = 1000000000;
    singer->base = singer->now + 200000;
    const struct audio_options options = {.clock = singers_clock, .clock_context = singer};
    struct error error = {""};
    singer->voice = voice_create("memory", &options, &error);
    assert_non_null(singer->voice);
    assert_true(voice_begin(singer->voice, SOUND_MPEG, &error));
}

static void close_singer(struct singer *singer)
{
    voice_destroy(singer->voice);
    buffer_finish(&singer->stream);
}

/* Pushes the number'th frame at its place on the line. */
static void sing(struct singer *singer, size_t number)
{
    static uint8_t padded[SOUND_FRAME + DECODER_PADDING];
    if ((number + 1) * SOUND_FRAME > singer->stream.size)
        return;
    memcpy(padded, singer->stream.data + number * SOUND_FRAME, SOUND_FRAME);
    voice_push(singer->voice, padded, SOUND_FRAME, (int64_t)number * SOUND_FRAME_US * 9 / 100);
}

/* The longest run of near-silence in the last seconds, in samples, and how often the tone crosses zero. */
static int longest_silence(struct singer *singer, int seconds, int *crossings)
{
    static int16_t samples[8 * 2 * AUDIO_RATE];
    int count = audio_memory_read(voice_audio(singer->voice), samples, seconds * AUDIO_RATE);
    assert_int_equal(count, seconds * AUDIO_RATE);
    int run = 0, longest = 0, last = 0;
    *crossings = 0;
    for (int i = 0; i < count; i++) {
        int sample = samples[2 * i];
        run = abs(sample) < 300 ? run + 1 : 0;
        longest = run > longest ? run : longest;
        if (abs(sample) >= 300) {
            *crossings += (sample > 0) != (last > 0);
            last = sample;
        }
    }
    return longest;
}

static void the_sound_is_the_tone(void **state)
{
    (void)state;
    struct singer singer;
    int crossings;
    int64_t heard_base;
    open_singer(&singer, 6);
    for (size_t number = 0; number < 200; number++) {
        sing(&singer, number);
        voice_play(singer.voice, singer.now, singer.base);
        singer.now += SOUND_FRAME_US;
        if (number > 20) {
            assert_true(voice_clock(singer.voice, &heard_base));
            assert_true(llabs(heard_base - singer.base) < 1000); /* started to the sample */
        }
    }
    assert_true(longest_silence(&singer, 4, &crossings) < 20);
    assert_in_range(crossings, 3990, 4010);
    assert_int_equal(voice_underruns(singer.voice), 0);
    close_singer(&singer);
}

static void missing_sound_is_silence(void **state)
{
    (void)state;
    struct singer singer;
    int crossings;
    int64_t heard_base;
    open_singer(&singer, 6);
    for (size_t number = 0; number < 200; number++) {
        if (number < 120 || number >= 125) /* 120 ms are lost */
            sing(&singer, number);
        voice_play(singer.voice, singer.now, singer.base);
        singer.now += SOUND_FRAME_US;
    }
    int longest = longest_silence(&singer, 4, &crossings);
    assert_in_range(longest, 4500, 6500);
    assert_true(voice_clock(singer.voice, &heard_base));
    assert_true(llabs(heard_base - singer.base) < 25000); /* what follows is where it belongs */
    close_singer(&singer);
}

/* A card 400 ppm slower than the sender would be 120 ms behind after 5 minutes. */
static void a_drifting_card_is_followed(void **state)
{
    (void)state;
    struct singer singer;
    int64_t heard_base, worst = 0;
    open_singer(&singer, 300);
    int64_t begin = singer.now, base = singer.base;
    for (size_t number = 0; number < 300000000 / SOUND_FRAME_US - 10; number++) {
        sing(&singer, number);
        singer.base = base - (singer.now - begin) * 400 / 1000000;
        voice_play(singer.voice, singer.now, singer.base);
        singer.now = begin + (int64_t)number * SOUND_FRAME_US * 999600 / 1000000;
        if (number > 20) {
            assert_true(voice_clock(singer.voice, &heard_base));
            worst = llabs(heard_base - singer.base) > worst ? llabs(heard_base - singer.base) : worst;
        }
    }
    print_message("at most %lld us from the sender's clock\n", (long long)worst);
    assert_true(worst < 40000);
    assert_int_equal(voice_underruns(singer.voice), 0);
    close_singer(&singer);
}

/* The raw clock jumps from the clip's end to its beginning, as when a file is looped. */
static void a_loop_is_bridged(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 320, 240);
    for (int i = 0; i < 3; i++)
        feed(&bench, &clip);
    pass(&bench, bench.now + 1500000);
    struct player_status status = status_of(&bench);
    assert_int_equal(bench.out_of_order, 0);
    assert_int_equal(status.discontinuities, 2);
    assert_in_range(bench.frames, 3 * FRAMES - 20, 3 * FRAMES);
    assert_true(bench.longest_gap_us < 400000);
    assert_true(bench.worst_av_us < 60000);
    close_bench(&bench);
}

static void the_clock_wraps(void **state)
{
    (void)state;
    /* 2^33 / 90000 = 95443.7 s */
    struct buffer stream = make(PICTURES TONE H264 "-c:a aac -output_ts_offset 95440" MUX);
    struct bench bench;
    open_bench(&bench);
    player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 320, 240);
    feed(&bench, &stream);
    pass(&bench, bench.now + 1500000);
    assert_int_equal(bench.out_of_order, 0);
    assert_int_equal(status_of(&bench).discontinuities, 0);
    assert_in_range(bench.frames, FRAMES - 6, FRAMES);
    assert_true(bench.worst_av_us < 5000);
    close_bench(&bench);
    buffer_finish(&stream);
}

static void without_pcr_it_plays(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    bench.mute_pcr = true;
    player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 320, 240);
    feed(&bench, &clip);
    pass(&bench, bench.now + 1500000);
    assert_int_equal(bench.out_of_order, 0);
    assert_in_range(bench.frames, FRAMES - 10, FRAMES);
    assert_true(bench.worst_av_us < 60000);
    close_bench(&bench);
}

static void either_stream_alone_plays(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    player_start(bench.player, VIDEO_H264, SOUND_NONE, 320, 240);
    feed(&bench, &clip);
    assert_string_equal(status_of(&bench).audio, "");
    assert_int_equal(status_of(&bench).state, PLAYER_PLAYING);
    assert_in_range(bench.frames, FRAMES - 25, FRAMES);
    assert_true(bench.longest_gap_us < 60000);
    bench.frames = 0;
    bench.last_time = INT64_MIN;
    player_start(bench.player, VIDEO_NONE, SOUND_AAC_ADTS, 320, 240);
    feed(&bench, &clip);
    assert_int_equal(bench.frames, 0);
    assert_int_equal(status_of(&bench).state, PLAYER_PLAYING);
    assert_string_equal(status_of(&bench).decoder, "");
    close_bench(&bench);
}

static void other_kinds_play(void **state)
{
    (void)state;
    static const struct {
        const char *encoder, *arguments;
        enum video_kind video;
        enum sound_kind sound;
    } table[] = {
        {"mpeg2video", "-c:v mpeg2video -b:v 1M -maxrate 1M -bufsize 500k -bf 2 -g 12 -c:a mp2 -b:a 128k",
         VIDEO_MPEG2, SOUND_MPEG},
        {"libx265",
         "-c:v libx265 -pix_fmt yuv420p -preset ultrafast -b:v 600k -x265-params log-level=error:keyint=25 "
         "-c:a ac3",
         VIDEO_HEVC, SOUND_AC3},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!clip_can(table[i].encoder))
            continue;
        char arguments[512];
        snprintf(arguments, sizeof arguments, PICTURES TONE "%s" MUX, table[i].arguments);
        struct buffer stream = make(arguments);
        struct bench bench;
        open_bench(&bench);
        player_start(bench.player, table[i].video, table[i].sound, 320, 240);
        feed(&bench, &stream);
        pass(&bench, bench.now + 1500000);
        assert_int_equal(bench.out_of_order, 0);
        assert_in_range(bench.frames, FRAMES - 10, FRAMES);
        assert_true(bench.worst_av_us < 5000);
        close_bench(&bench);
        buffer_finish(&stream);
    }
}

static void third_party_streams_play(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        uint16_t video_pid, audio_pid;
        int64_t duration_us;
        int width, least, most; /* pictures; those behind the first whole group */
    } table[] = {{"opencaster.ts", 0x810, 0x814, 7820000, 720, 170, 196},
                 {"bbb-2500ms.ts", 0x100, 0x101, 2510000, 1920, 45, 60}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char path[1024];
        struct buffer stream;
        struct error error = {""};
        buffer_init(&stream, 16 << 20);
        assert_true(file_join(path, sizeof path, CONFORMANCE_DIR, table[i].file));
        if (!file_read(path, &stream, &error)) {
            print_message("skipped: %s\n", error.text);
            skip();
        }
        struct bench bench;
        open_bench_with(&bench, "null", table[i].video_pid, table[i].audio_pid);
        bench.packet_us = table[i].duration_us / (int64_t)(stream.size / TS_PACKET_SIZE);
        player_start(bench.player, VIDEO_MPEG2, SOUND_MPEG, 320, 180);
        feed(&bench, &stream);
        pass(&bench, bench.now + 1500000);
        struct player_status status = status_of(&bench);
        print_message("%s: %d frames, %llu errors, %llu underruns, within %lld us, latency %lld ms\n",
                      table[i].file, bench.frames, (unsigned long long)status.decode_errors,
                      (unsigned long long)status.underruns, (long long)bench.worst_av_us,
                      (long long)status.latency_us / 1000);
        assert_int_equal(bench.out_of_order, 0);
        assert_int_equal(status.video_width, table[i].width);
        assert_in_range(bench.frames, table[i].least, table[i].most);
        assert_true(bench.worst_av_us < 60000);
        close_bench(&bench);
        buffer_finish(&stream);
    }
}

static void damage_is_survived(void **state)
{
    (void)state;
    struct buffer damaged;
    buffer_init(&damaged, 8 << 20);
    for (uint32_t seed = 1; seed <= 4; seed++) {
        uint32_t random = seed;
        buffer_clear(&damaged);
        for (size_t at = 0; at + TS_PACKET_SIZE <= clip.size; at += TS_PACKET_SIZE) {
            random = random * 1664525 + 1013904223;
            if (random >> 24 < 5) /* lost */
                continue;
            buffer_append(&damaged, clip.data + at, TS_PACKET_SIZE);
            if (random >> 24 > 240) /* a byte changed, headers included */
                damaged.data[damaged.size - 1 - (random >> 8) % TS_PACKET_SIZE] ^= (uint8_t)(random | 1);
        }
        struct bench bench;
        open_bench(&bench);
        player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 320, 240);
        feed(&bench, &damaged);
        feed(&bench, &damaged);
        feed(&bench, &clip); /* and recovers */
        assert_int_equal(bench.out_of_order, 0);
        assert_int_equal(bench.bad_size, 0);
        assert_true(status_of(&bench).decode_errors > 0);
        assert_int_equal(status_of(&bench).state, PLAYER_PLAYING);
        assert_in_range(status_of(&bench).frames_per_second, 24, 26);
        close_bench(&bench);
    }
    buffer_finish(&damaged);
}

static void states_are_told(void **state)
{
    (void)state;
    static uint8_t junk[5000];
    struct bench bench;
    open_bench(&bench);
    player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 320, 240);
    pass(&bench, bench.now + PLAYER_SILENCE_US + 100000);
    assert_int_equal(status_of(&bench).state, PLAYER_NO_SIGNAL);
    player_set_scrambled(bench.player, true);
    assert_int_equal(status_of(&bench).state, PLAYER_SCRAMBLED);
    player_set_scrambled(bench.player, false);
    for (int i = 0; i < 50; i++) {
        const struct ts_pes pes = {.has_pts = true,
                                   .pts_90khz = (uint64_t)i * 9000,
                                   .dts_90khz = (uint64_t)i * 9000,
                                   .data = junk,
                                   .size = sizeof junk};
        player_push_video(bench.player, &pes);
        player_push_audio(bench.player, &pes);
        pass(&bench, bench.now + 100000);
    }
    assert_int_equal(status_of(&bench).state, PLAYER_UNDECODABLE);
    player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 320, 240);
    feed(&bench, &clip);
    assert_int_equal(status_of(&bench).state, PLAYER_PLAYING);
    pass(&bench, bench.now + 5000000);
    assert_int_equal(status_of(&bench).state, PLAYER_NO_SIGNAL);
    assert_true(status_of(&bench).underruns <= 1);
    player_stop(bench.player);
    assert_int_equal(status_of(&bench).state, PLAYER_STOPPED);
    assert_true(player_tick(bench.player) == INT64_MAX);
    for (int state_number = 0; state_number <= PLAYER_UNDECODABLE; state_number++)
        assert_true(player_state_str((enum player_state)state_number)[0] != '\0');
    close_bench(&bench);
}

static void frames_are_held_and_released(void **state)
{
    (void)state;
    struct bench bench;
    struct player_frame frame, again;
    open_bench(&bench);
    bench.hold = true;
    player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 320, 240);
    feed(&bench, &clip);
    assert_true(status_of(&bench).frames_dropped > 50); /* nobody took them */
    assert_true(player_take_frame(bench.player, &frame));
    assert_false(player_take_frame(bench.player, &again));
    uint64_t shown = status_of(&bench).frames_shown;
    player_set_output_size(bench.player, 160, 90);
    feed(&bench, &clip);
    assert_true(status_of(&bench).frames_shown > shown + 50); /* one held frame stops nothing */
    assert_int_equal(frame.width, 320);
    assert_true(frame.pixels[0] >> 24 == 0xFF);
    assert_true(player_take_frame(bench.player, &again)); /* take the new one, then release the old */
    assert_int_equal(again.width, 160);
    assert_int_equal(again.height, 90);
    player_release_frame(bench.player, &frame);
    player_release_frame(bench.player, &frame); /* twice does nothing */
    player_stop(bench.player);
    player_tick(bench.player);
    assert_false(player_take_frame(bench.player, &frame));
    assert_true(again.pixels[0] >> 24 == 0xFF); /* still ours */
    player_release_frame(bench.player, &again);
    bench.hold = false;
    player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 320, 240);
    feed(&bench, &clip);
    assert_true(bench.frames > 60);
    close_bench(&bench);
}

static void a_flush_begins_again(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 320, 240);
    feed(&bench, &clip);
    int before = bench.frames;
    player_flush(bench.player);
    ts_demux_reset(bench.demux);
    int64_t begin = bench.now;
    bench.first_us = INT64_MIN;
    feed(&bench, &clip);
    assert_int_equal(bench.out_of_order, 0); /* the line of time goes on */
    assert_int_equal(status_of(&bench).discontinuities, 0);
    assert_true(bench.first_us - begin < 400000);
    assert_true(bench.frames - before > FRAMES - 30);
    close_bench(&bench);
}

/* Nobody decodes while three loops come in: the input is bounded and the newest plays on. */
static void a_stopped_thread_costs_only_pictures(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 320, 240);
    feed(&bench, &clip);
    for (int i = 0; i < 12; i++) {
        for (size_t at = 0; at + TS_PACKET_SIZE <= clip.size; at += TS_PACKET_SIZE) {
            ts_demux_push(bench.demux, clip.data + at, TS_PACKET_SIZE);
            bench.now += PACKET_US;
        }
    }
    assert_true(status_of(&bench).packets_dropped > 0);
    feed(&bench, &clip);
    feed(&bench, &clip);
    assert_int_equal(bench.out_of_order, 0);
    assert_int_equal(status_of(&bench).state, PLAYER_PLAYING);
    assert_in_range(status_of(&bench).frames_per_second, 24, 26);
    assert_true(llabs(status_of(&bench).av_offset_us) < 60000);
    close_bench(&bench);
}

/* Two sounds of different kinds with one picture: the second is heard in step, and no picture is missed. */
static void another_sound_leaves_the_picture(void **state)
{
    (void)state;
    struct bench bench;
    struct buffer both = make(PICTURES TONE "-f lavfi -i sine=1000:r=48000:d=4 -map 0 -map 1 -map 2 " H264
                                            "-c:a:0 aac -b:a:0 96k -c:a:1 mp2 -b:a:1 128k" MUX);
    open_bench(&bench);
    player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 320, 240);
    struct buffer half = both;
    half.size = both.size / 2 / (7 * TS_PACKET_SIZE) * (7 * TS_PACKET_SIZE);
    feed(&bench, &half);
    assert_int_equal(status_of(&bench).state, PLAYER_PLAYING);
    ts_demux_unsubscribe(bench.demux, bench.sound);
    player_set_sound(bench.player, SOUND_MPEG);
    assert_non_null(ts_demux_pes(bench.demux, AUDIO_PID + 1, on_audio, &bench));
    half.data = both.data + half.size;
    half.size = both.size - half.size;
    uint64_t shown = status_of(&bench).frames_shown;
    assert_true(shown > FRAMES / 4);
    feed(&bench, &half);
    struct player_status status = status_of(&bench);
    assert_true(status.frames_shown > shown + FRAMES / 4); /* counted on: it is the same service */
    assert_int_equal(status.frames_dropped, 0);
    assert_int_equal(status.decode_errors, 0); /* nothing was given to the wrong decoder */
    assert_int_equal(bench.out_of_order, 0);
    assert_true(bench.longest_gap_us <= 80000);
    assert_true(llabs(status.av_offset_us) < 60000);
    player_set_sound(bench.player, SOUND_NONE); /* pictures alone play on */
    player_tick(bench.player);
    assert_string_equal(status_of(&bench).audio, "");
    player_stop(bench.player);
    player_set_sound(bench.player, SOUND_MPEG); /* nothing plays */
    player_tick(bench.player);
    assert_int_equal(status_of(&bench).state, PLAYER_STOPPED);
    close_bench(&bench);
    buffer_finish(&both);
}

static void kinds_that_are_not_wanted_are_ignored(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    feed(&bench, &clip); /* not started */
    assert_int_equal(bench.frames, 0);
    assert_int_equal(status_of(&bench).state, PLAYER_STOPPED);
    struct error error = {""};
    const struct player_options options = {
        .decoder = "crystal", .clock = read_clock, .clock_context = &bench};
    struct player *other = player_create(&options, &error);
    assert_non_null(other);
    player_start(other, VIDEO_H264, SOUND_NONE, 1, 1);
    player_tick(other);
    struct player_status status;
    player_get_status(other, &status);
    assert_string_equal(status.decoder, "");
    assert_int_equal(status.state, PLAYER_BUFFERING);
    bench.now += PLAYER_UNDECODABLE_US;
    player_get_status(other, &status);
    assert_int_equal(status.state, PLAYER_NO_SIGNAL);
    player_destroy(other);
    player_destroy(NULL);
    close_bench(&bench);
}

/* With its own thread and the real clock: that it ends, wakes and shows; nothing about when. */
static void count_wake(void *context)
{
    __atomic_add_fetch((int *)context, 1, __ATOMIC_SEQ_CST);
}

static void the_thread_shows_frames(void **state)
{
    (void)state;
    int wakes = 0;
    struct bench bench;
    struct error error = {""};
    open_bench(&bench);
    player_destroy(bench.player);
    const struct player_options options = {
        .decoder = "software", .audio = "null", .wake = count_wake, .wake_context = &wakes};
    bench.player = player_create(&options, &error);
    assert_non_null(bench.player);
    player_set_volume(bench.player, 30);
    player_start(bench.player, VIDEO_H264, SOUND_AAC_ADTS, 320, 240);
    player_set_mute(bench.player, true);
    size_t at = 0;
    int64_t begin = clock_monotonic_us();
    while (bench.frames < 20 && clock_monotonic_us() - begin < 60000000) {
        size_t due = (size_t)((clock_monotonic_us() - begin) / PACKET_US) * TS_PACKET_SIZE;
        for (; at < due; at += TS_PACKET_SIZE) {
            bench.now = clock_monotonic_us();
            ts_demux_push(bench.demux, clip.data + at % clip.size, TS_PACKET_SIZE);
        }
        look(&bench);
        clock_sleep_us(5000);
    }
    assert_true(bench.frames >= 20);
    assert_int_equal(bench.out_of_order, 0);
    assert_true(__atomic_load_n(&wakes, __ATOMIC_SEQ_CST) > 0);
    player_stop(bench.player);
    close_bench(&bench);
}

int main(void)
{
    if (!clip_can("libx264"))
        return 77;
    clip = make(PICTURES TONE H264 "-c:a aac" MUX);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_and_sound_keep_step),
        cmocka_unit_test(the_sound_is_the_tone),
        cmocka_unit_test(missing_sound_is_silence),
        cmocka_unit_test(a_drifting_card_is_followed),
        cmocka_unit_test(a_loop_is_bridged),
        cmocka_unit_test(the_clock_wraps),
        cmocka_unit_test(without_pcr_it_plays),
        cmocka_unit_test(either_stream_alone_plays),
        cmocka_unit_test(other_kinds_play),
        cmocka_unit_test(third_party_streams_play),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(states_are_told),
        cmocka_unit_test(frames_are_held_and_released),
        cmocka_unit_test(a_flush_begins_again),
        cmocka_unit_test(a_stopped_thread_costs_only_pictures),
        cmocka_unit_test(another_sound_leaves_the_picture),
        cmocka_unit_test(kinds_that_are_not_wanted_are_ignored),
        cmocka_unit_test(the_thread_shows_frames),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buffer_finish(&clip);
    return failed;
}
