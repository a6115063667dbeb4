/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "clip_stream.h"
#include "playout/adts.h"
#include "playout/channel.h"
#include "playout/channel_text.h"
#include "playout/clip.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void write_clip(const char *path, const struct clip_stream *options)
{
    struct buffer buffer;
    struct error error;
    buffer_init(&buffer, 64 << 20);
    clip_stream_append(&buffer, options);
    assert_false(buffer.failed);
    assert_true(file_write(path, buffer.data, buffer.size, &error));
    buffer_finish(&buffer);
}

static struct clip *load(const struct clip_stream *options, struct error *error)
{
    char folder[] = "/tmp/kokonor-clip-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    assert_true(file_join(path, sizeof(path), folder, "clip.ts"));
    write_clip(path, options);
    struct clip *clip = clip_load(path, error);
    assert_true(file_remove_tree(folder, NULL));
    return clip;
}

static void test_good(void **state)
{
    (void)state;
    struct error error = {0};
    /* Times wrap inside, and the clip begins behind a random access point. */
    const struct clip_stream options = {
        .pictures = 75, .first = 4, .frames = 120, .first_dts = (UINT64_C(1) << 33) - 100000};
    struct clip *clip = load(&options, &error);
    if (!clip)
        fail_msg("%s", error.text);
    assert_int_equal(clip->picture_count, 65);
    assert_int_equal(clip->duration_90khz, 65 * 3600);
    assert_true(clip->pictures[0].random_access && clip->pictures[10].random_access);
    assert_false(clip->pictures[9].random_access);
    for (size_t i = 0; i < clip->picture_count; i++) {
        assert_int_equal(clip->pictures[i].dts_90khz, i * 3600);
        assert_int_equal(clip->pictures[i].pts_after_dts_90khz, 3600);
        assert_memory_equal(clip->pictures[i].data, "\0\0\0\1\x09\xF0", 6);
    }
    assert_int_equal(clip->frame_count, 120);
    assert_int_equal(clip->sample_rate, 48000);
    assert_int_equal(clip->samples_per_frame, 1024);
    assert_int_equal(clip->frames_start_90khz, 1800 - 10 * 3600);
    assert_int_equal(clip->frames[7].size, 200);
    assert_int_equal(clip->frames[7].data[100], 7);
    clip_destroy(clip);
}

static void test_without_sound(void **state)
{
    (void)state;
    const struct clip_stream options = {.pictures = 20, .first_dts = 1000};
    struct clip *clip = load(&options, NULL);
    assert_non_null(clip);
    assert_int_equal(clip->frame_count, 0);
    clip_destroy(clip);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        struct clip_stream options;
        const char *word;
    } cases[] = {
        {{.pictures = 20, .frames = 20, .no_parameters = true}, "parameter sets"},
        {{.pictures = 20, .frames = 20, .broken_sound = true}, "ADTS"},
        {{.pictures = 20, .frames = 20, .lost_packet = 20}, "damaged"},
        {{.pictures = 20, .frames = 20, .times_go_back = true}, "goes back"},
        {{.pictures = 20, .frames = 20, .first = 19}, "fewer"},
        {{.pictures = 0, .frames = 2}, "fewer"},
        {{.pictures = 20, .frames = 20, .lost_packet = 2}, "found none"}, /* the PMT */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error error = {0};
        if (load(&cases[i].options, &error))
            fail_msg("case %zu was taken", i);
        if (!strstr(error.text, cases[i].word) || !strstr(error.text, "clip.ts: "))
            fail_msg("case %zu: %s", i, error.text);
    }
    struct error error = {0};
    assert_null(clip_load("/no/such/clip.ts", &error));
    assert_non_null(strstr(error.text, "/no/such/clip.ts: "));
}

static void test_adts(void **state)
{
    (void)state;
    struct adts_header header;
    static const uint8_t good[7] = {0xFF, 0xF1, 0x50, 0x80, 0x19, 0x1F, 0xFC};
    assert_true(adts_read(good, sizeof(good), &header));
    assert_int_equal(header.sample_rate, 44100);
    assert_int_equal(header.samples, 1024);
    assert_int_equal(header.frame_size, 0x19 << 3);
    assert_false(adts_read(good, 6, &header));
    static const uint8_t bad[][7] = {
        {0xFE, 0xF1, 0x50, 0x80, 0x19, 0x1F, 0xFC}, /* no sync word */
        {0xFF, 0xF3, 0x50, 0x80, 0x19, 0x1F, 0xFC}, /* MPEG layer 3 */
        {0xFF, 0xF1, 0x7C, 0x80, 0x19, 0x1F, 0xFC}, /* reserved rate */
        {0xFF, 0xF1, 0x50, 0x80, 0x00, 0xDF, 0xFC}, /* shorter than its header */
    };
    for (size_t i = 0; i < 4; i++)
        assert_false(adts_read(bad[i], 7, &header));
}

#define SERVICE                                                                                              \
    "\"service\": {\"name\": {\"zh\": \"青海湖\", \"en\": \"Lake\"}, \"provider\": {\"zh\": \"K\"}, "     \
    "\"service_id\": 101, "                                                                                  \
    "\"pmt_pid\": 256, \"pcr_pid\": 257, \"video_pid\": 257, \"audio_pid\": 258, \"carousel_pid\": 272, "    \
    "\"ait_pid\": 288}"
#define NETWORK                                                                                              \
    "\"network\": {\"name\": {\"zh\": \"N\"}, \"network_id\": 1, \"original_network_id\": 2, "               \
    "\"transport_stream_id\": 3, "                                                                           \
    "\"frequency_hz\": 323000000, \"symbol_rate\": 6875000, \"modulation\": \"64QAM\"}"
#define EVENTS                                                                                               \
    "\"events\": [{\"minutes\": 60, \"title\": {\"zh\": \"甲\"}, \"text\": {\"zh\": \"x\"}},"               \
    "{\"minutes\": 120, \"title\": {\"zh\": \"乙\", \"en\": \"B\"}}]"

static struct channel *load_channel(const char *text, enum content_language language, struct error *error)
{
    char folder[] = "/tmp/kokonor-channel-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    assert_true(file_join(path, sizeof(path), folder, CHANNEL_FILE));
    assert_true(file_write(path, text, strlen(text), NULL));
    struct channel *channel = channel_load(folder, language, NULL, NULL, error);
    assert_true(file_remove_tree(folder, NULL));
    return channel;
}

static void test_channel(void **state)
{
    (void)state;
    struct error error = {0};
    struct channel *channel =
        load_channel("{" SERVICE "," NETWORK "," EVENTS ", \"clip\": \"a.ts\"}", CONTENT_EN, &error);
    if (!channel)
        fail_msg("%s", error.text);
    assert_string_equal(channel->service_names[0], "Lake");
    assert_string_equal(channel->service_names[1], "青海湖");
    assert_string_equal(channel_text_first(channel->providers[0], SI_TRANSLATION_SIZE), "K");
    assert_int_equal(channel->frame.bit_rate, 6000000);
    assert_int_equal(channel->frame.carousel_bit_rate, 2000000);
    assert_int_equal(channel->frame.cable.modulation, SI_MODULATION_64QAM);
    assert_int_equal(channel->frame.carousel_pid, 272);

    /* Midnight of 2026-11-23 in China: a cycle of three hours begins. */
    const int64_t midnight = INT64_C(1795363200);
    struct guide_moment present, following, many[50];
    int64_t state_0 = guide_at(&channel->guide, midnight, &present, &following);
    assert_true(present.event && following.event);
    assert_string_equal(present.event->titles[1], "甲");
    assert_string_equal(following.event->titles[0], "B");
    assert_int_equal(present.start_utc_s, midnight);
    assert_int_equal(present.event->minutes, 60);
    assert_int_equal(following.start_utc_s, midnight + 3600);
    uint16_t first = present.event_id;
    assert_int_equal(guide_at(&channel->guide, midnight + 3600, &present, &following), state_0 + 1);
    assert_string_equal(present.event->titles[0], "B");
    assert_int_equal(present.event_id, first + 1);
    guide_at(&channel->guide, midnight + 3 * 3600 - 1, &present, &following);
    assert_string_equal(present.event->titles[0], "B");
    assert_string_equal(following.event->titles[1], "甲");
    assert_int_equal(following.start_utc_s, midnight + 3 * 3600);

    /* A day of it: sixteen events, and none that began before. */
    assert_int_equal(guide_between(&channel->guide, midnight + 1, midnight + 86401, many, 50), 16);
    assert_int_equal(many[0].start_utc_s, midnight + 3600);
    assert_int_equal(many[15].start_utc_s, midnight + 86400);
    assert_int_equal(many[15].event_id, (uint16_t)(first + 16));
    assert_int_equal(guide_between(&channel->guide, midnight, midnight + 86400, many, 3), 3);

    struct si_event_source_words words[CONTENT_LANGUAGES];
    struct si_event_source source;
    guide_source(&channel->guide, &following, SI_RUNNING_NOT, words, &source);
    assert_int_equal(source.word_count, 1);
    assert_string_equal(words[0].language, "chi");
    assert_string_equal(words[0].text, "x");
    guide_source(&channel->guide, &present, SI_RUNNING_NOT, words, &source);
    assert_int_equal(source.word_count, 2);
    assert_string_equal(words[0].language, "eng");
    channel_destroy(channel);

    channel = load_channel("{" SERVICE "," NETWORK "}", CONTENT_ZH, &error);
    assert_non_null(channel);
    guide_at(&channel->guide, midnight, &present, &following);
    assert_false(present.event || following.event);
    channel_destroy(channel);
}

/* Events with their starts: a gap has no present event, and each change is a new state. */
static void test_fixed_guide(void **state)
{
    (void)state;
    struct error error = {0};
    struct channel *channel = load_channel(
        "{" SERVICE "," NETWORK ", \"events\": ["
        "{\"start\": \"2026-11-23T20:00:00+08:00\", \"minutes\": 30, \"title\": {\"zh\": \"甲\"}},"
        "{\"start\": \"2026-11-23T21:00:00+08:00\", \"minutes\": 60, \"title\": {\"zh\": \"乙\"}}]}",
        CONTENT_ZH, &error);
    if (!channel)
        fail_msg("%s", error.text);
    const int64_t eight = INT64_C(1795363200) + 20 * 3600;
    static const struct {
        int64_t after_s;
        const char *present, *following;
    } cases[] = {{-1, NULL, "甲"},   {0, "甲", "乙"},    {1799, "甲", "乙"}, {1800, NULL, "乙"},
                 {3600, "乙", NULL}, {7199, "乙", NULL}, {7200, NULL, NULL}};
    struct guide_moment present, following, many[3];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        guide_at(&channel->guide, eight + cases[i].after_s, &present, &following);
        assert_int_equal(present.event != NULL, cases[i].present != NULL);
        assert_int_equal(following.event != NULL, cases[i].following != NULL);
        if (present.event)
            assert_string_equal(present.event->titles[0], cases[i].present);
        if (following.event)
            assert_string_equal(following.event->titles[0], cases[i].following);
    }
    assert_true(guide_at(&channel->guide, eight + 1800, &present, &following) >
                guide_at(&channel->guide, eight, &present, &following));
    assert_int_equal(guide_between(&channel->guide, eight, eight + 3600, many, 3), 1);
    assert_int_equal(guide_between(&channel->guide, eight - 9, eight + 9999, many, 3), 2);
    channel_destroy(channel);
}

#define TUNING "\"frequency_hz\": 331000000, \"symbol_rate\": 6875000, \"modulation\": \"256QAM\""
#define STREAMS                                                                                              \
    "\"streams\": [{\"transport_stream_id\": 7, " TUNING                                                     \
    ", \"services\": [{\"service_id\": 701, \"type\": \"hd\", \"lcn\": 12, \"name\": {\"zh\": \"综合\", "  \
    "\"bo\": \"སྤྱི\"}}]}]"

static void test_neighbours(void **state)
{
    (void)state;
    struct error error = {0};
    struct channel *channel =
        load_channel("{" SERVICE "," NETWORK "," STREAMS
                     ", \"bouquets\": [{\"bouquet_id\": 9, \"name\": {\"zh\": \"基本\"}, \"services\": "
                     "[{\"transport_stream_id\": 7, \"service_id\": 701}]}]}",
                     CONTENT_ZH, &error);
    if (!channel)
        fail_msg("%s", error.text);
    const struct neighbours *neighbours = &channel->neighbours;
    assert_int_equal(neighbours->stream_count, 1);
    assert_int_equal(neighbours->streams[0].original_network_id, 2);
    assert_int_equal(neighbours->streams[0].cable.modulation, SI_MODULATION_256QAM);
    assert_string_equal(neighbours->streams[0].services[0].names[1], "སྤྱི");
    assert_int_equal(neighbours->streams[0].services[0].lcn, 12);
    assert_int_equal(neighbours->bouquets[0].members[0].service_id, 701);
    channel_destroy(channel);
}

static void test_channel_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word;
    } cases[] = {
        {"", "channel.json"},
        {"[]", "object"},
        {"{" NETWORK "}", "service"},
        {"{" SERVICE "}", "network"},
        {"{" SERVICE "," NETWORK ", \"events\": [{\"minutes\": 0, \"title\": {\"zh\": \"a\"}}]}",
         "events[0].minutes"},
        {"{" SERVICE "," NETWORK ", \"events\": [{\"minutes\": 5, \"title\": {\"en\": \"a\"}}]}",
         "events[0].title.zh"},
        {"{" SERVICE "," NETWORK ", \"bit_rates\": {\"transport\": 1}}", "bit_rates.transport"},
        {"{" SERVICE "," NETWORK ", \"clip\": 5}", "clip"},
        {"{" SERVICE "," NETWORK ", \"streams\": [{\"transport_stream_id\": 7}]}", "streams[0].frequency_hz"},
        {"{" SERVICE "," NETWORK ", \"streams\": [{\"transport_stream_id\": 3, " TUNING
         ", \"services\": []}]}",
         "other transport streams"},
        {"{" SERVICE "," NETWORK ", \"streams\": [{\"transport_stream_id\": 7, " TUNING
         ", \"services\": [{\"service_id\": 1, \"type\": \"x\", \"name\": {\"zh\": \"a\"}}]}]}",
         "streams[0].services[0].type: expected one of"},
        {"{" SERVICE "," NETWORK ", \"bouquets\": [{}]}", "bouquets[0].bouquet_id"},
        {"{" SERVICE "," NETWORK
         ", \"events\": [{\"start\": \"soon\", \"minutes\": 5, \"title\": {\"zh\": \"a\"}}]}",
         "events[0].start: expected a time"},
        {"{" SERVICE "," NETWORK
         ", \"events\": [{\"start\": \"2026-11-23T20:00:00Z\", \"minutes\": 5, \"title\": {\"zh\": \"a\"}},"
         "{\"start\": \"2026-11-23T20:04:00Z\", \"minutes\": 5, \"title\": {\"zh\": \"b\"}}]}",
         "events[1]: expected a start behind"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error error = {0};
        if (load_channel(cases[i].text, CONTENT_ZH, &error))
            fail_msg("case %zu was taken", i);
        if (!strstr(error.text, cases[i].word))
            fail_msg("case %zu: %s", i, error.text);
    }
    /* Two streams on one PID. */
    struct error error = {0};
    char text[2048] = "{" SERVICE "," NETWORK "}";
    memcpy(strstr(text, "288"), "272", 3);
    assert_null(load_channel(text, CONTENT_ZH, &error));
    assert_non_null(strstr(error.text, "272 twice"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),       cmocka_unit_test(test_without_sound),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_adts),
        cmocka_unit_test(test_channel),    cmocka_unit_test(test_fixed_guide),
        cmocka_unit_test(test_neighbours), cmocka_unit_test(test_channel_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
