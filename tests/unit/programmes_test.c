/* SPDX-License-Identifier: Apache-2.0 */
/* The programmes of a day as the guide screen gets them: which ones, their words in each language, what a
 * broadcast may leave out, and that no broadcast makes them large. */
#include "reception/programmes.h"
#include "si/eit.h"
#include "si/pat.h"
#include "si/sdt.h"
#include "si_test_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MIDNIGHT INT64_C(1795046400) /* 2026-11-19T00:00:00Z */
#define SERVICE 42
#define MANY 1200 /* two minutes each: beyond what one answer takes */

struct air {
    struct test_stream *stream;
    struct si_watcher *watcher;
    struct si_text *text;
};

static void send_service(struct air *air)
{
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_pat pat = {.transport_stream_id = 7, .nit_pid = SI_PID_NIT, .program_count = 1};
    pat.programs[0] = (struct si_pat_program){SERVICE, 0x100};
    assert_true(si_build_pat(&sections, &pat, 0));
    test_stream_add(air->stream, SI_PID_PAT, &sections);
    si_sections_finish(&sections);
    si_sections_init(&sections);
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    assert_non_null(sdt);
    sdt->transport_stream_id = 7;
    sdt->original_network_id = 0x1234;
    sdt->service_count = 1;
    sdt->services[0].service_id = SERVICE;
    assert_true(si_build_sdt(&sections, sdt, 0));
    test_stream_add(air->stream, SI_PID_SDT, &sections);
    free(sdt);
    si_sections_finish(&sections);
    test_stream_push(air->stream);
}

static void send_events(struct air *air, const struct si_event_source *events, size_t count, unsigned version)
{
    struct si_sections sections;
    const struct si_schedule schedule = {
        .service = {.service_id = SERVICE, .transport_stream_id = 7, .original_network_id = 0x1234},
        .midnight_utc_s = MIDNIGHT,
        .days = 2,
        .event_count = count,
        .events = events};
    si_sections_init(&sections);
    assert_true(si_build_schedule(&sections, &schedule, version));
    test_stream_add(air->stream, SI_PID_EIT, &sections);
    si_sections_finish(&sections);
    test_stream_push(air->stream);
}

static struct air open_air(void)
{
    struct air air = {.stream = test_stream_create(SI_CHARSET_GB18030),
                      .text = si_text_create(SI_CHARSET_GB18030)};
    const struct si_watcher_options options = {.charset = SI_CHARSET_GB18030, .guide_bytes = 4 << 20};
    assert_non_null(air.text);
    air.watcher = si_watcher_create(air.stream->demux, &options);
    assert_non_null(air.watcher);
    send_service(&air);
    return air;
}

static void close_air(struct air *air)
{
    si_watcher_destroy(air->watcher);
    si_text_destroy(air->text);
    test_stream_destroy(air->stream);
}

static struct programmes *ask(const struct air *air, uint16_t service, int64_t from, int64_t to)
{
    struct programmes *programmes =
        programmes_create(air->watcher, air->text, &(struct programmes_wish){service, from, to});
    assert_non_null(programmes);
    return programmes;
}

static void words_come_in_each_language(void **state)
{
    (void)state;
    struct air air = open_air();
    const struct si_event_source_words words[] = {{"chi", "高原新闻", "今日要闻", "详细内容。"},
                                                  {"tib", "གསར་འགྱུར།", NULL, NULL}};
    const struct si_rating ratings[] = {{"CHN", 9}, {"ABC", 3}, {"XYZ", 0}};
    const struct si_event_source events[] = {
        {.event_id = 1,
         .start_utc_s = MIDNIGHT + 3600,
         .duration_s = 1800,
         .word_count = 2,
         .words = words,
         .rating_count = 3,
         .ratings = ratings},
        {.event_id = 2, .start_utc_s = MIDNIGHT + 5400, .duration_s = 60}};
    send_events(&air, events, 2, 0);
    struct programmes *programmes = ask(&air, SERVICE, MIDNIGHT, MIDNIGHT + 86400);
    assert_int_equal(programmes->count, 2);
    const struct programme *programme = &programmes->items[0];
    assert_int_equal(programme->event_id, 1);
    assert_int_equal(programme->start_utc_s, MIDNIGHT + 3600);
    assert_int_equal(programme->duration_s, 1800);
    assert_int_equal(programme->age, 6); /* the least that says something */
    assert_string_equal(programme->name[CONTENT_ZH], "高原新闻");
    assert_string_equal(programme->text[CONTENT_ZH], "今日要闻\n详细内容。");
    assert_string_equal(programme->name[CONTENT_BO], "གསར་འགྱུར།");
    assert_string_equal(programme->text[CONTENT_BO], "详细内容。"); /* better than nothing */
    assert_string_equal(programme->name[CONTENT_EN], "高原新闻");   /* the first there is */
    for (int language = 0; language < CONTENT_LANGUAGES; language++) {
        assert_string_equal(programmes->items[1].name[language], "");
        assert_string_equal(programmes->items[1].text[language], "");
    }
    assert_int_equal(programmes->items[1].age, 0);
    programmes_destroy(programmes);
    close_air(&air);
}

static void only_the_span_is_told(void **state)
{
    (void)state;
    struct air air = open_air();
    struct si_event_source events[48];
    const struct si_event_source_words words = {"chi", "节目", NULL, NULL};
    for (size_t i = 0; i < 48; i++)
        events[i] = (struct si_event_source){.event_id = (uint16_t)(i + 1),
                                             .start_utc_s = MIDNIGHT + (int64_t)i * 3600,
                                             .duration_s = 3600,
                                             .word_count = 1,
                                             .words = &words};
    send_events(&air, events, 48, 0);
    struct programmes *programmes = ask(&air, SERVICE, MIDNIGHT + 1800, MIDNIGHT + 3 * 3600);
    assert_int_equal(programmes->count, 3); /* the one that has begun before, too */
    assert_int_equal(programmes->items[0].event_id, 1);
    assert_int_equal(programmes->items[2].event_id, 3);
    assert_int_equal(programmes->wish.from_utc_s, MIDNIGHT + 1800);
    programmes_destroy(programmes);
    programmes = ask(&air, SERVICE, MIDNIGHT + 48 * 3600, MIDNIGHT + 72 * 3600);
    assert_int_equal(programmes->count, 0);
    programmes_destroy(programmes);
    programmes = ask(&air, SERVICE + 1, MIDNIGHT, MIDNIGHT + 86400); /* a service that is not there */
    assert_int_equal(programmes->count, 0);
    programmes_destroy(programmes);
    close_air(&air);
}

static void a_new_version_is_told(void **state)
{
    (void)state;
    struct air air = open_air();
    struct si_event_source_words words = {"chi", "旧", NULL, NULL};
    const struct si_event_source event = {
        .event_id = 5, .start_utc_s = MIDNIGHT, .duration_s = 600, .word_count = 1, .words = &words};
    send_events(&air, &event, 1, 0);
    words.name = "新";
    send_events(&air, &event, 1, 1);
    struct programmes *programmes = ask(&air, SERVICE, MIDNIGHT, MIDNIGHT + 60);
    assert_int_equal(programmes->count, 1);
    assert_string_equal(programmes->items[0].name[CONTENT_ZH], "新");
    programmes_destroy(programmes);
    close_air(&air);
}

static void no_broadcast_makes_it_large(void **state)
{
    (void)state;
    struct air air = open_air();
    struct si_event_source *events = calloc(MANY, sizeof(*events));
    char *extended = calloc(1, 3000);
    assert_non_null(events);
    assert_non_null(extended);
    for (size_t i = 0; i + 3 < 3000; i += 3)
        memcpy(extended + i, "湖", 3);
    const struct si_event_source_words words = {"chi", "节目", "文字", extended};
    for (size_t i = 0; i < MANY; i++)
        events[i] = (struct si_event_source){.event_id = (uint16_t)(i + 1),
                                             .start_utc_s = MIDNIGHT + (int64_t)i * 120,
                                             .duration_s = 120,
                                             .word_count = 1,
                                             .words = &words};
    for (size_t i = 0; i < MANY; i++)
        events[i].word_count = i % 6 == 0; /* what a segment's sections hold */
    send_events(&air, events, MANY, 0);
    struct programmes *programmes = ask(&air, SERVICE, MIDNIGHT, MIDNIGHT + 2 * 86400);
    assert_int_equal(programmes->count, PROGRAMMES_MAX);
    size_t words_size = 0;
    for (size_t i = 0; i < programmes->count; i++)
        words_size += strlen(programmes->items[i].text[CONTENT_ZH]);
    assert_true(words_size > 0);
    assert_true(words_size <= PROGRAMMES_WORDS_MAX);
    programmes_destroy(programmes);
    free(extended);
    free(events);
    close_air(&air);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_come_in_each_language),
        cmocka_unit_test(only_the_span_is_told),
        cmocka_unit_test(a_new_version_is_told),
        cmocka_unit_test(no_broadcast_makes_it_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
