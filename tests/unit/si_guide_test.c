/* SPDX-License-Identifier: Apache-2.0 */
/* The programme guide: eight days built in their segments and read back in every language; versions, losses,
 * the ceiling, and descriptors that are broken. */
#include "base/log.h"
#include "si/eit.h"
#include "si/guide.h"
#include "si_test_stream.h"
#include "ts/crc32.h"
#include "ts/section.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MIDNIGHT INT64_C(1795046400) /* 2026-11-19T00:00:00Z */
#define EVENTS_A_DAY 40
#define DAYS 8
#define EVENT_COUNT (DAYS * EVENTS_A_DAY)

static const struct si_guide_service service = {0x1234, 7, 42};

struct plan {
    char names[EVENT_COUNT][32];
    char extended[1500];
    struct si_event_source_words words[EVENT_COUNT][3];
    struct si_content content;
    struct si_rating rating;
    struct si_event_component component;
    struct si_linkage linkage;
    struct si_event_source events[EVENT_COUNT];
    struct si_schedule schedule;
};

static struct plan *make_plan(void)
{
    struct plan *plan = calloc(1, sizeof(*plan));
    assert_non_null(plan);
    for (size_t i = 0; i + 3 < sizeof(plan->extended) - 3; i += 3)
        memcpy(plan->extended + i, i % 60 == 57 ? "。" : "青", 3);
    plan->content = (struct si_content){2, 1, 0x55};
    plan->rating = (struct si_rating){"CHN", 3};
    plan->component = (struct si_event_component){.stream_content = 5,
                                                  .component_type = 11,
                                                  .component_tag = 1,
                                                  .language = "chi",
                                                  .text = "高清",
                                                  .names = {1, {{"bod", "གསལ་པོ།"}}}};
    plan->linkage = (struct si_linkage){1, 2, 3, 0x0D};
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        snprintf(plan->names[i], sizeof(plan->names[i]), "节目 %zu", i);
        plan->words[i][0] = (struct si_event_source_words){"chi", plan->names[i], "今日\n要闻",
                                                           i % 50 == 0 ? plan->extended : NULL};
        plan->words[i][1] =
            (struct si_event_source_words){"bod", "གསར་འགྱུར།", "དེ་རིང་།", i % 50 == 0 ? "རྒྱས་པ།" : NULL};
        plan->words[i][2] = (struct si_event_source_words){"eng", "News", NULL, NULL};
        plan->events[i] = (struct si_event_source){.event_id = (uint16_t)(i + 1),
                                                   .start_utc_s = MIDNIGHT + (int64_t)i * 2160,
                                                   .duration_s = 2160,
                                                   .running_status = SI_RUNNING_NOT,
                                                   .scrambled = i % 2,
                                                   .word_count = 3,
                                                   .words = plan->words[i],
                                                   .content_count = 1,
                                                   .contents = &plan->content,
                                                   .rating_count = 1,
                                                   .ratings = &plan->rating,
                                                   .component_count = 1,
                                                   .components = &plan->component,
                                                   .linkage_count = 1,
                                                   .linkages = &plan->linkage};
    }
    plan->schedule = (struct si_schedule){
        .service = {.service_id = 42, .transport_stream_id = 7, .original_network_id = 0x1234},
        .midnight_utc_s = MIDNIGHT,
        .days = DAYS,
        .event_count = EVENT_COUNT,
        .events = plan->events};
    return plan;
}

static void push_all(struct si_guide *guide, const struct si_sections *sections)
{
    for (size_t i = 0; i < sections->count; i++) {
        struct bytes section = si_sections_get(sections, i);
        assert_int_equal(si_guide_push(guide, section.data, section.size), SI_GUIDE_CHANGED);
    }
}

/* EN 300 468, 5.2.4 and TR 101 211, 4.1.4.2, section by section. */
static void test_segments(void **state)
{
    (void)state;
    struct plan *plan = make_plan();
    struct si_sections sections;
    si_sections_init(&sections);
    plan->schedule.event_count = EVENT_COUNT - 1;
    assert_true(si_build_schedule(&sections, &plan->schedule, 3));
    int number = -1;
    uint8_t table_id = 0;
    for (size_t i = 0; i < sections.count; i++) {
        struct bytes bytes = si_sections_get(&sections, i);
        struct si_eit_header header;
        assert_true(bytes.size <= 4096);
        assert_int_equal(ts_crc32(bytes.data, bytes.size), 0);
        assert_true(si_eit_read_header(bytes.data, bytes.size, &header));
        assert_int_equal(header.last_table_id, 0x51);
        assert_true(header.table_id == 0x50 || header.table_id == 0x51);
        if (header.table_id != table_id)
            number = -1;
        table_id = header.table_id;
        assert_true(header.section_number > number);
        number = header.section_number;
        assert_int_equal(header.segment_last_section_number / 8, number / 8);
        assert_true(header.segment_last_section_number >= number);
        int64_t start = MIDNIGHT + (table_id - 0x50) * 32 * 10800 + number / 8 * 10800;
        struct si_event_view view;
        while (si_event_next(&header.events, &view))
            assert_true(view.start_utc_s >= start && view.start_utc_s < start + 10800);
        bool is_last = i + 1 == sections.count || si_sections_get(&sections, i + 1).data[0] != table_id;
        if (is_last)
            assert_int_equal(header.last_section_number, number);
        else
            assert_true(header.last_section_number > number);
    }
    si_sections_finish(&sections);
    free(plan);
}

static void check_event(const struct plan *plan, const struct si_event_view *view, size_t i,
                        struct si_text *text)
{
    struct si_event_words words;
    assert_int_equal(view->event_id, i + 1);
    assert_int_equal(view->start_utc_s, MIDNIGHT + (int64_t)i * 2160);
    assert_int_equal(view->duration_s, 2160);
    assert_int_equal(view->scrambled, i % 2);
    assert_true(si_event_words(view, text, "zho", true, &words));
    assert_string_equal(words.name, plan->names[i]);
    assert_string_equal(words.text, "今日\n要闻");
    assert_true(si_event_words(view, text, "tib", true, &words));
    assert_string_equal(words.language, "bod");
    assert_string_equal(words.name, "གསར་འགྱུར།");
    assert_true(si_event_words(view, text, "fra", true, &words));
    assert_string_equal(words.name, "News");
    assert_true(si_event_words(view, text, "fra", false, &words));
    assert_string_equal(words.language, "chi");
    char extended[SI_EXTENDED_SIZE];
    if (i % 50 == 0) {
        si_event_extended(view, text, "chi", extended, sizeof(extended));
        assert_string_equal(extended, plan->extended);
        si_event_extended(view, text, "bod", extended, sizeof(extended));
        assert_string_equal(extended, "རྒྱས་པ།");
    } else {
        assert_int_equal(si_event_extended(view, text, "chi", extended, sizeof(extended)), 0);
    }
}

static void test_eight_days(void **state)
{
    (void)state;
    struct plan *plan = make_plan();
    struct si_sections sections;
    struct si_text *text = si_text_create(SI_CHARSET_GB18030);
    struct si_guide *guide = si_guide_create(1024 * 1024);
    struct si_event_view *views = calloc(EVENT_COUNT + 10, sizeof(views[0]));
    struct si_guide_coverage coverage;
    si_sections_init(&sections);
    assert_true(text && guide && views && si_build_schedule(&sections, &plan->schedule, 0));
    push_all(guide, &sections);
    assert_int_equal(si_guide_service_count(guide), 1);
    si_guide_coverage(guide, &service, &coverage);
    assert_true(coverage.complete && coverage.tables == 2 && coverage.segments == 64);
    for (unsigned day = 0; day < 10; day++)
        assert_true(si_guide_day_complete(guide, &service, day));
    assert_int_equal(si_guide_schedule(guide, &service, 0, INT64_MAX, views, EVENT_COUNT + 10), EVENT_COUNT);
    for (size_t i = 0; i < EVENT_COUNT; i++)
        check_event(plan, &views[i], i, text);
    /* A window, and fewer views than events: the earliest. */
    assert_int_equal(
        si_guide_schedule(guide, &service, MIDNIGHT + 2160 * 10 + 1, MIDNIGHT + 2160 * 20, views, 100), 10);
    assert_int_equal(views[0].event_id, 11);
    assert_int_equal(si_guide_schedule(guide, &service, 0, INT64_MAX, views, 3), 3);
    assert_int_equal(views[2].event_id, 3);
    struct si_content contents[4];
    struct si_rating ratings[4];
    struct si_event_component components[4];
    struct si_linkage linkages[4];
    assert_int_equal(si_event_contents(&views[0], contents, 4), 1);
    assert_memory_equal(&contents[0], &plan->content, sizeof(contents[0]));
    assert_int_equal(si_event_ratings(&views[0], ratings, 4), 1);
    assert_string_equal(ratings[0].country, "CHN");
    assert_int_equal(si_rating_age(&ratings[0]), 6);
    assert_int_equal(si_event_components(&views[0], text, components, 4), 1);
    assert_string_equal(components[0].text, "高清");
    assert_int_equal(components[0].stream_content, 5);
    assert_string_equal(components[0].names.entries[0].name, "གསལ་པོ།");
    assert_int_equal(si_event_linkages(&views[0], linkages, 4), 1);
    assert_int_equal(linkages[0].type, 0x0D);
    free(views);
    si_guide_destroy(guide);
    si_text_destroy(text);
    si_sections_finish(&sections);
    free(plan);
}

/* Sections lost: which days are whole is known; a new version replaces one by one and the old goes at last.
 */
static void test_losses_and_versions(void **state)
{
    (void)state;
    struct plan *plan = make_plan();
    struct si_sections sections;
    struct si_guide *guide = si_guide_create(1024 * 1024);
    struct si_guide_coverage coverage;
    struct si_event_view views[EVENT_COUNT];
    si_sections_init(&sections);
    assert_true(guide && si_build_schedule(&sections, &plan->schedule, 0));
    for (size_t i = 0; i < sections.count; i++) {
        struct bytes bytes = si_sections_get(&sections, i);
        if (bytes.data[0] != 0x51 || bytes.data[6] / 8 != 9) /* of day 5 */
            si_guide_push(guide, bytes.data, bytes.size);
        else
            assert_false(si_guide_day_complete(guide, &service, 5));
    }
    si_guide_coverage(guide, &service, &coverage);
    assert_true(!coverage.complete && coverage.segments == 63);
    assert_true(si_guide_day_complete(guide, &service, 4) && si_guide_day_complete(guide, &service, 6));
    assert_false(si_guide_day_complete(guide, &service, 5));
    size_t before = si_guide_bytes(guide);
    /* Version 1 has four days only: fewer events of the same ids. */
    si_sections_clear(&sections);
    plan->schedule.days = 4;
    plan->schedule.event_count = 2;
    assert_true(si_build_schedule(&sections, &plan->schedule, 1));
    assert_int_equal(sections.count, 32);
    for (size_t i = 0; i < sections.count; i++) {
        struct bytes bytes = si_sections_get(&sections, i);
        assert_int_equal(si_guide_push(guide, bytes.data, bytes.size), SI_GUIDE_CHANGED);
        size_t count = si_guide_schedule(guide, &service, MIDNIGHT, MIDNIGHT + 4 * 86400, views, EVENT_COUNT);
        assert_true(i + 1 < sections.count ? count > 2 : count == 2);
    }
    assert_true(si_guide_bytes(guide) < before);
    struct bytes bytes = si_sections_get(&sections, 0);
    assert_int_equal(si_guide_push(guide, bytes.data, bytes.size), SI_GUIDE_NOTHING_NEW);
    si_guide_clear(guide);
    assert_int_equal(si_guide_bytes(guide), 0);
    si_guide_destroy(guide);
    si_sections_finish(&sections);
    free(plan);
}

static void test_present_following(void **state)
{
    (void)state;
    struct plan *plan = make_plan();
    struct si_sections sections;
    struct si_guide *guide = si_guide_create(100000);
    struct si_event_view view;
    si_sections_init(&sections);
    const struct si_eit_service other = {
        .service_id = 42, .transport_stream_id = 7, .original_network_id = 0x1234, .other = true};
    assert_true(si_build_present_following(&sections, &other, &plan->events[0], &plan->events[1], 5));
    assert_int_equal(si_sections_get(&sections, 0).data[0], 0x4F);
    push_all(guide, &sections);
    assert_true(si_guide_present(guide, &service, false, &view) && view.event_id == 1);
    assert_true(si_guide_present(guide, &service, true, &view) && view.event_id == 2);
    /* What the service's own stream says outranks it; nothing follows. */
    si_sections_clear(&sections);
    assert_true(si_build_present_following(&sections, &plan->schedule.service, &plan->events[5], NULL, 0));
    push_all(guide, &sections);
    assert_true(si_guide_present(guide, &service, false, &view) && view.event_id == 6);
    assert_false(si_guide_present(guide, &service, true, &view));
    si_sections_clear(&sections);
    assert_true(si_build_present_following(&sections, &other, &plan->events[0], NULL, 6));
    struct bytes bytes = si_sections_get(&sections, 0);
    assert_int_equal(si_guide_push(guide, bytes.data, bytes.size), SI_GUIDE_NOTHING_NEW);
    /* A head-end that sends only the present event: what followed under an older version is gone. */
    uint8_t alone[4096];
    si_sections_clear(&sections);
    assert_true(si_build_present_following(&sections, &plan->schedule.service, &plan->events[7],
                                           &plan->events[8], 2));
    push_all(guide, &sections);
    assert_true(si_guide_present(guide, &service, true, &view) && view.event_id == 9);
    si_sections_clear(&sections);
    assert_true(si_build_present_following(&sections, &plan->schedule.service, &plan->events[8], NULL, 3));
    bytes = si_sections_get(&sections, 0);
    memcpy(alone, bytes.data, bytes.size);
    alone[7] = 0; /* last_section_number */
    assert_int_equal(si_guide_push(guide, alone, bytes.size), SI_GUIDE_CHANGED);
    assert_true(si_guide_present(guide, &service, false, &view) && view.event_id == 9);
    assert_false(si_guide_present(guide, &service, true, &view));
    const struct si_guide_service unknown = {1, 1, 1};
    assert_false(si_guide_present(guide, &unknown, false, &view));
    si_guide_destroy(guide);
    si_sections_finish(&sections);
    free(plan);
}

/* However much is sent, the guide keeps its ceiling; what does not come any more makes room. */
static void test_ceiling(void **state)
{
    (void)state;
    struct plan *plan = make_plan();
    struct si_sections sections;
    enum { CEILING = 60000 };
    struct si_guide *guide = si_guide_create(CEILING);
    bool was_full = false;
    si_sections_init(&sections);
    for (uint16_t id = 1; id < 20; id++) {
        plan->schedule.service.service_id = id;
        si_sections_clear(&sections);
        assert_true(si_build_schedule(&sections, &plan->schedule, 0));
        for (size_t i = 0; i < sections.count; i++) {
            struct bytes bytes = si_sections_get(&sections, i);
            was_full |= si_guide_push(guide, bytes.data, bytes.size) == SI_GUIDE_FULL;
            assert_true(si_guide_bytes(guide) <= CEILING);
        }
    }
    assert_true(was_full);
    struct bytes bytes = si_sections_get(&sections, 0);
    size_t services = si_guide_service_count(guide);
    assert_true(services < 19);
    enum si_guide_result result = SI_GUIDE_FULL;
    for (unsigned i = 0; i < 30000 && result == SI_GUIDE_FULL; i++)
        result = si_guide_push(guide, bytes.data, bytes.size);
    assert_int_equal(result, SI_GUIDE_CHANGED);
    si_guide_destroy(guide);
    si_sections_finish(&sections);
    free(plan);
}

/* More than eight sections hold: extended texts go, and where names alone are too many nothing is made. */
static void test_too_much(void **state)
{
    (void)state;
    struct plan *plan = make_plan();
    struct si_sections sections;
    si_sections_init(&sections);
    plan->schedule.days = 1;
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        plan->events[i].start_utc_s = MIDNIGHT + (int64_t)i;
        for (size_t k = 0; k < 3; k++)
            plan->words[i][k].extended = plan->extended;
    }
    plan->schedule.event_count = 60;
    assert_true(si_build_schedule(&sections, &plan->schedule, 0));
    struct si_eit_header header;
    struct si_event_view view;
    struct si_text *text = si_text_create(SI_CHARSET_GB18030);
    char extended[64];
    struct bytes bytes = si_sections_get(&sections, 0);
    assert_true(si_eit_read_header(bytes.data, bytes.size, &header) && si_event_next(&header.events, &view));
    assert_int_equal(si_event_extended(&view, text, NULL, extended, sizeof(extended)), 0);
    size_t count = sections.count, size = sections.bytes.size;
    plan->schedule.event_count = EVENT_COUNT;
    assert_false(si_build_schedule(&sections, &plan->schedule, 0));
    assert_true(sections.count == count && sections.bytes.size == size);
    plan->schedule.days = 0;
    assert_false(si_build_schedule(&sections, &plan->schedule, 0));
    si_text_destroy(text);
    si_sections_finish(&sections);
    free(plan);
}

/* Extended events as head-ends send them: items, parts out of order, a later part without a selector, and
 * lengths that lie, which libdvbpsi's decoder follows. */
static void test_extended_event_bytes(void **state)
{
    (void)state;
    static const uint8_t good[] = {0x4E, 18,   0x11, 'c',  'h',  'i',  0,    12,  's',  'e',  'c',  'o',  'n',
                                   'd',  ' ',  0xE4, 0xB8, 0xAD, 0x15, 0x15, /* the last two are cut below */
                                   0x4E, 24,   0x01, 'c',  'h',  'i',  10,   4,   0x15, 0xE5, 0xAF, 0xBC, 4,
                                   0x15, 0xE5, 0xBC, 0xA0, 7,    0x15, 'f',  'i', 'r',  's',  't',  ' '};
    uint8_t bytes[sizeof(good)];
    memcpy(bytes, good, sizeof(good));
    bytes[1] = 16; /* number 1 of 1, no items, ten bytes of text */
    bytes[7] = 10;
    memmove(bytes + 18, bytes + 20, sizeof(good) - 20);
    bytes[19] = 23;
    struct si_event_view view = {.descriptors = {bytes, sizeof(good) - 2}};
    struct si_text *text = si_text_create(SI_CHARSET_GB18030);
    char out[200];
    si_event_extended(&view, text, "chi", out, sizeof(out));
    assert_string_equal(out, "导: 张\nfirst second 中");
    si_event_extended(&view, text, "chi", out, 8);
    assert_true(strlen(out) < 8);
    static const uint8_t lies[][8] = {
        {0x4E, 6, 0x00, 'c', 'h', 'i', 255, 255},
        {0x4E, 6, 0x00, 'c', 'h', 'i', 0, 200},
        {0x4E, 3, 0x00, 'c', 'h', 0, 0, 0},
        {0x4E, 0, 0x4E, 200, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        view.descriptors = (struct bytes){lies[i], sizeof(lies[i])};
        assert_int_equal(si_event_extended(&view, text, "chi", out, sizeof(out)), 0);
    }
    si_text_destroy(text);
}

static void test_bad_sections(void **state)
{
    (void)state;
    struct plan *plan = make_plan();
    struct si_sections sections;
    struct si_guide *guide = si_guide_create(100000);
    uint8_t bytes[4096];
    si_sections_init(&sections);
    assert_true(si_build_present_following(&sections, &plan->schedule.service, &plan->events[0], NULL, 0));
    struct bytes section = si_sections_get(&sections, 0);
    for (size_t size = 0; size < section.size; size++)
        assert_int_equal(si_guide_push(guide, section.data, size < 22 ? size : 21), SI_GUIDE_BAD);
    static const struct {
        size_t at;
        uint8_t value;
    } changes[] = {{0, 0x42}, {0, 0x70}, {5, 0xC0}, {6, 9}, {24, 0xFF}};
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        memcpy(bytes, section.data, section.size);
        bytes[changes[i].at] = changes[i].value;
        assert_int_equal(si_guide_push(guide, bytes, section.size), SI_GUIDE_BAD);
    }
    assert_int_equal(si_guide_bytes(guide), 0);
    si_guide_destroy(guide);
    si_guide_destroy(NULL);
    si_sections_finish(&sections);
    free(plan);
}

/* Through packets and a watcher that keeps a guide. */
static void test_watcher(void **state)
{
    (void)state;
    struct plan *plan = make_plan();
    struct si_sections sections;
    struct test_stream *stream = test_stream_create(SI_CHARSET_GB18030);
    const struct si_watcher_options options = {.guide_bytes = 1024 * 1024, .language = "tib"};
    struct si_watcher *watcher = si_watcher_create(stream->demux, &options);
    assert_non_null(watcher);
    si_sections_init(&sections);
    assert_true(si_build_schedule(&sections, &plan->schedule, 0));
    test_stream_add(stream, SI_PID_EIT, &sections);
    test_stream_push(stream);
    struct si_guide_coverage coverage;
    si_guide_coverage(si_watcher_guide(watcher), &service, &coverage);
    assert_true(coverage.complete);
    assert_null(si_watcher_guide(stream->watcher));
    assert_int_equal(stream->calls, 0); /* whoever asked for no guide hears nothing of it */
    assert_true(si_watcher_reset(watcher));
    assert_int_equal(si_guide_service_count(si_watcher_guide(watcher)), 0);
    si_watcher_destroy(watcher);
    test_stream_destroy(stream);
    si_sections_finish(&sections);
    free(plan);
}

int main(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_eight_days),
        cmocka_unit_test(test_losses_and_versions),
        cmocka_unit_test(test_present_following),
        cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_too_much),
        cmocka_unit_test(test_extended_event_bytes),
        cmocka_unit_test(test_bad_sections),
        cmocka_unit_test(test_watcher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
