/* SPDX-License-Identifier: Apache-2.0 */
/* Sound out without a card: time by an injected clock, gain, and what "auto" does where no card opens. */
#include "audio/audio.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RATE AUDIO_RATE

static int64_t read_clock(void *context)
{
    return *(int64_t *)context;
}

static struct audio *open_with(const char *name, int64_t *now, int buffer_us)
{
    const struct audio_options options = {.buffer_us = buffer_us, .clock = read_clock, .clock_context = now};
    struct error error = {""};
    struct audio *audio = audio_open(name, &options, &error);
    if (audio == NULL)
        fail_msg("%s", error.text);
    return audio;
}

static void null_consumes_in_real_time(void **state)
{
    (void)state;
    static const int16_t silence[2 * RATE];
    int64_t now = 5000000;
    struct audio *audio = open_with("null", &now, 200000);
    assert_int_equal(audio_delay_us(audio), 0);
    assert_int_equal(audio_write(audio, silence, RATE), RATE / 5);
    assert_int_equal(audio_delay_us(audio), 200000);
    assert_int_equal(audio_write(audio, silence, 10), 0);
    now += 50000;
    assert_int_equal(audio_delay_us(audio), 150000);
    assert_int_equal(audio_write(audio, silence, RATE), RATE / 20);
    now += 500000; /* ran dry; what follows starts at once */
    assert_int_equal(audio_delay_us(audio), 0);
    assert_int_equal(audio_write(audio, silence, 480), 480);
    assert_int_equal(audio_delay_us(audio), 10000);
    audio_drop(audio);
    assert_int_equal(audio_delay_us(audio), 0);
    audio_close(audio);
}

static void rounding_does_not_add_up(void **state)
{
    (void)state;
    static const int16_t frames[2 * 1024];
    int64_t now = 0, written = 0;
    struct audio *audio = open_with("null", &now, 200000);
    for (int i = 0; i < 10000; i++) {
        written += audio_write(audio, frames, 7); /* 145.83 us: a fraction each time */
        now = written * 1000000 / RATE - 100000;
        now = now > 0 ? now : 0;
    }
    int64_t expected = written * 1000000 / RATE - now;
    assert_true(llabs(audio_delay_us(audio) - expected) <= 1);
    audio_close(audio);
}

static void memory_keeps_the_newest(void **state)
{
    (void)state;
    int64_t now = 0;
    int16_t frames[2 * 4800], back[2 * 4800];
    struct audio *audio = open_with("memory", &now, 200000);
    assert_int_equal(audio_memory_read(audio, back, 10), 0);
    int total = AUDIO_MEMORY_FRAMES / 4800 + 3;
    for (int round = 0; round < total; round++) {
        for (int i = 0; i < 2 * 4800; i++)
            frames[i] = (int16_t)(round * 10 + i % 2);
        assert_int_equal(audio_write(audio, frames, 4800), 4800);
        now += 100000;
    }
    assert_int_equal(audio_memory_read(audio, back, 4800), 4800);
    assert_memory_equal(back, frames, sizeof back);
    audio_close(audio);
}

/* The level that is reached once the gain has settled. */
static int level_at(int volume, bool mute)
{
    int64_t now = 0;
    int16_t frames[2 * 4800], back[2];
    for (int i = 0; i < 2 * 4800; i++)
        frames[i] = i % 2 ? -20000 : 20000;
    struct audio *audio = open_with("memory", &now, 200000);
    audio_set_volume(audio, volume);
    audio_set_mute(audio, mute);
    audio_write(audio, frames, 4800);
    assert_int_equal(audio_memory_read(audio, back, 1), 1);
    assert_true(abs(back[0] + back[1]) <= 1);
    audio_close(audio);
    return back[0];
}

static void volume_is_gain(void **state)
{
    (void)state;
    static const struct {
        int volume;
        bool mute;
        int level;
    } table[] = {{100, false, 20000}, {150, false, 20000}, {50, false, 5000}, {10, false, 200},
                 {0, false, 0},       {-5, false, 0},      {100, true, 0},    {50, true, 0}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_in_range(level_at(table[i].volume, table[i].mute) + 2, table[i].level, table[i].level + 4);
}

static void gain_moves_without_a_click(void **state)
{
    (void)state;
    int64_t now = 0;
    int16_t frames[2 * 4800], back[2 * 4800];
    for (int i = 0; i < 2 * 4800; i++)
        frames[i] = 30000;
    struct audio *audio = open_with("memory", &now, 200000);
    audio_write(audio, frames, 100);
    audio_set_mute(audio, true);
    for (int done = 0; done < 4800; done += 37) /* the ramp goes on from piece to piece */
        audio_write(audio, frames, 37);
    int count = audio_memory_read(audio, back, 4800);
    assert_int_equal(count, 4800);
    for (int i = 1; i < count; i++) {
        assert_true(back[2 * i] <= back[2 * i - 2]);
        assert_true(back[2 * i - 2] - back[2 * i] < 100);
    }
    assert_int_equal(back[2 * count - 1], 0);
    audio_close(audio);
}

static void auto_falls_back(void **state)
{
    (void)state;
    const struct audio_options options = {.device = "kokonor-has-no-such-card"};
    struct error error = {""};
    struct audio *audio = audio_open("auto", &options, &error);
    assert_non_null(audio);
    assert_string_equal(audio_name(audio), "null");
    audio_close(audio);
    assert_null(audio_open("alsa", &options, &error));
    assert_non_null(strstr(error.text, "kokonor-has-no-such-card"));
    assert_null(audio_open("gramophone", NULL, &error));
    assert_non_null(strstr(error.text, "gramophone"));
    audio_close(NULL);
}

/* ALSA's own "null" device needs no card. */
static void alsa_takes_sound(void **state)
{
    (void)state;
    static const int16_t silence[2 * 4800];
    const struct audio_options options = {.device = "null"};
    struct error error = {""};
    struct audio *audio = audio_open("alsa", &options, &error);
    if (audio == NULL) {
        print_message("skipped: ALSA's configuration is not installed (%s)\n", error.text);
        skip();
    }
    assert_string_equal(audio_name(audio), "alsa");
    int taken = audio_write(audio, silence, 4800);
    assert_in_range(taken, 1, 4800);
    assert_true(audio_delay_us(audio) >= 0);
    audio_drop(audio);
    assert_in_range(audio_write(audio, silence, 4800), 1, 4800);
    audio_close(audio);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_consumes_in_real_time), cmocka_unit_test(rounding_does_not_add_up),
        cmocka_unit_test(memory_keeps_the_newest),    cmocka_unit_test(volume_is_gain),
        cmocka_unit_test(gain_moves_without_a_click), cmocka_unit_test(auto_falls_back),
        cmocka_unit_test(alsa_takes_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
