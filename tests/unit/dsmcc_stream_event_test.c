/* SPDX-License-Identifier: Apache-2.0 */
/* Stream events: round trips, "do it now" once a version, scheduled ones at their normal play time. */
#include "dsmcc/stream_event.h"
#include "ts/crc32.h"
#include "ts/section.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TOP DSMCC_NPT_MASK

static struct buffer section;

static void begin_section(void)
{
    buffer_finish(&section);
    buffer_init(&section, TS_SECTION_SIZE_MAX);
}

static struct bytes text(const char *characters)
{
    return (struct bytes){(const uint8_t *)characters, strlen(characters)};
}

static void reads_what_it_builds(void **state)
{
    (void)state;
    uint8_t data[DSMCC_EVENT_DATA_MAX];
    memset(data, 0xA5, sizeof data);
    const struct dsmcc_stream_event events[] = {{1, 0, {NULL, 0}, 0},
                                                {0x3FFF, TOP, text("x"), 0},
                                                {0x8000, 0x155555555, text("p"), 0},
                                                {0xBFFF, 1, {data, sizeof data}, 0}};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        struct dsmcc_stream_section read;
        begin_section();
        dsmcc_stream_event_append(&section, &events[i], (uint8_t)(i + 30));
        assert_false(section.failed);
        assert_int_equal(ts_crc32(section.data, section.size), 0);
        assert_int_equal(section.data[1] & 0xF0, 0xB0);
        assert_true(dsmcc_stream_section_read(section.data, section.size, &read));
        assert_int_equal(read.table_id_extension, events[i].event_id);
        assert_int_equal(read.version, (i + 30) & 31);
        assert_int_equal(dsmcc_stream_section_next(&read), DSMCC_STREAM_DESCRIPTOR_EVENT);
        assert_int_equal(read.event.event_id, events[i].event_id);
        assert_true(read.event.npt_90khz == events[i].npt_90khz);
        assert_int_equal(read.event.private_data.size, events[i].private_data.size);
        if (events[i].private_data.size > 0)
            assert_memory_equal(read.event.private_data.data, events[i].private_data.data,
                                events[i].private_data.size);
        assert_int_equal(dsmcc_stream_section_next(&read), DSMCC_STREAM_DESCRIPTOR_END);
        assert_false(read.descriptors.failed);
        assert_int_equal(dsmcc_event_is_now(read.table_id_extension, read.event.event_id), i < 2);
    }
    const struct dsmcc_npt_reference references[] = {{false, 0, 0, 0, 1, 1},
                                                     {true, 127, TOP, TOP, 0, 65535},
                                                     {false, 5, 0x100000000, 0x0FFFFFFFF, 65535, 1}};
    for (size_t i = 0; i < 3; i++) {
        struct dsmcc_stream_section read;
        begin_section();
        dsmcc_npt_reference_append(&section, &references[i], 3);
        assert_true(dsmcc_stream_section_read(section.data, section.size, &read));
        assert_int_equal(read.table_id_extension, 0x4000);
        assert_int_equal(dsmcc_stream_section_next(&read), DSMCC_STREAM_DESCRIPTOR_NPT);
        assert_int_equal(read.npt.post_discontinuity, references[i].post_discontinuity);
        assert_int_equal(read.npt.content_id, references[i].content_id);
        assert_true(read.npt.stc_90khz == references[i].stc_90khz &&
                    read.npt.npt_90khz == references[i].npt_90khz);
        assert_int_equal(read.npt.numerator, references[i].numerator);
        assert_int_equal(read.npt.denominator, references[i].denominator);
    }
}

static void refuses_what_cannot_be(void **state)
{
    (void)state;
    const struct dsmcc_stream_event bad[] = {{0, 0, {NULL, 0}, 0},
                                             {0x4000, 0, {NULL, 0}, 0},
                                             {0xC000, 0, {NULL, 0}, 0},
                                             {1, 0, {(const uint8_t *)"", DSMCC_EVENT_DATA_MAX + 1}, 0}};
    for (size_t i = 0; i < 4; i++) {
        begin_section();
        dsmcc_stream_event_append(&section, &bad[i], 0);
        assert_true(section.failed);
    }
    begin_section();
    dsmcc_npt_reference_append(&section, &(struct dsmcc_npt_reference){.numerator = 1}, 0);
    assert_true(section.failed);
    /* Bodies too short, a length beyond the end, not applicable yet, another table. */
    static const struct {
        uint8_t body[8];
        size_t size;
        enum dsmcc_stream_descriptor first;
        bool failed;
    } broken[] = {
        {{0x1A, 2, 0, 1}, 4, DSMCC_STREAM_DESCRIPTOR_OTHER, false},
        {{0x17, 0}, 2, DSMCC_STREAM_DESCRIPTOR_OTHER, false},
        {{0x1A, 10, 0, 1}, 4, DSMCC_STREAM_DESCRIPTOR_END, true},
        {{0x1A}, 1, DSMCC_STREAM_DESCRIPTOR_END, true},
        {{0x99, 1, 0}, 3, DSMCC_STREAM_DESCRIPTOR_OTHER, false},
        {{0}, 0, DSMCC_STREAM_DESCRIPTOR_END, false},
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct dsmcc_stream_section read;
        struct ts_section_header header = {.table_id = DSMCC_TABLE_STREAM, .current_next = true};
        begin_section();
        ts_section_append(&section, &header, broken[i].body, broken[i].size);
        assert_true(dsmcc_stream_section_read(section.data, section.size, &read));
        assert_int_equal(dsmcc_stream_section_next(&read), broken[i].first);
        assert_int_equal(read.descriptors.failed, broken[i].failed);
    }
    struct dsmcc_stream_section read;
    struct ts_section_header header = {.table_id = DSMCC_TABLE_STREAM};
    begin_section();
    ts_section_append(&section, &header, "", 0);
    assert_false(dsmcc_stream_section_read(section.data, section.size, &read));
    header = (struct ts_section_header){.table_id = 0x3E, .current_next = true};
    begin_section();
    ts_section_append(&section, &header, "", 0);
    assert_false(dsmcc_stream_section_read(section.data, section.size, &read));
}

struct diary {
    struct dsmcc_events *events;
    size_t count, scheduled;
    uint16_t last;
    char data[16];
    bool destroy;
};

static void note(void *context, const struct dsmcc_stream_event *event, bool scheduled)
{
    struct diary *diary = context;
    diary->count++;
    diary->scheduled += scheduled;
    diary->last = event->event_id;
    size_t size =
        event->private_data.size < sizeof diary->data ? event->private_data.size : sizeof diary->data - 1;
    if (size > 0)
        memcpy(diary->data, event->private_data.data, size);
    diary->data[size] = 0;
    if (diary->destroy) {
        dsmcc_events_destroy(diary->events);
        diary->events = NULL;
    }
}

static void begin_diary(struct diary *diary, size_t max_waiting)
{
    *diary = (struct diary){0};
    const struct dsmcc_events_options options = {
        .max_waiting = max_waiting, .happens = note, .context = diary};
    diary->events = dsmcc_events_create(NULL, 0, 0, &options);
    assert_non_null(diary->events);
}

static void send(struct diary *diary, uint16_t event_id, uint64_t npt, const char *data, uint8_t version)
{
    const struct dsmcc_stream_event event = {event_id, npt, text(data), 0};
    begin_section();
    dsmcc_stream_event_append(&section, &event, version);
    assert_false(section.failed);
    dsmcc_events_push_section(diary->events, section.data, section.size);
}

static void send_npt(struct diary *diary, uint64_t stc, uint64_t npt, uint16_t numerator,
                     uint16_t denominator, bool post)
{
    const struct dsmcc_npt_reference reference = {post, 1, stc, npt, numerator, denominator};
    begin_section();
    dsmcc_npt_reference_append(&section, &reference, 0);
    dsmcc_events_push_section(diary->events, section.data, section.size);
}

static void send_stc(struct diary *diary, uint64_t stc)
{
    dsmcc_events_push_pcr(diary->events, (stc & TOP) * 300, false);
}

static struct dsmcc_events_counts counts_of(const struct diary *diary)
{
    struct dsmcc_events_counts counts;
    dsmcc_events_counts(diary->events, &counts);
    return counts;
}

static void does_it_now_once_a_version(void **state)
{
    (void)state;
    struct diary diary;
    begin_diary(&diary, 0);
    for (unsigned i = 0; i < 10; i++)
        send(&diary, 7, 0, "yak-yogurt", 4);
    assert_int_equal(diary.count, 1);
    assert_string_equal(diary.data, "yak-yogurt");
    send(&diary, 8, 0, "", 4); /* another event */
    assert_int_equal(diary.count, 2);
    send(&diary, 7, 0, "brisket", 5);
    send(&diary, 7, 0, "brisket", 5);
    assert_int_equal(diary.count, 3);
    assert_int_equal(diary.last, 7);
    for (unsigned i = 6; i < 6 + 64; i++) /* the version comes round */
        send(&diary, 7, 0, "", (uint8_t)i);
    assert_int_equal(diary.count, 67);
    assert_int_equal(diary.scheduled, 0);
    dsmcc_events_push_section(diary.events, (const uint8_t *)"\x3d", 1);
    assert_int_equal(counts_of(&diary).other_sections, 1);
    dsmcc_events_destroy(diary.events);
}

static void waits_for_the_time_of_a_programme(void **state)
{
    (void)state;
    static const uint64_t starts[] = {0, 1000000, TOP - 100, TOP - 90000}; /* 33 bits wrap on the way */
    for (size_t i = 0; i < 4; i++) {
        struct diary diary;
        uint64_t stc = starts[3 - i], npt = starts[i], now;
        begin_diary(&diary, 0);
        send(&diary, 0x8001, (npt + 90000) & TOP, "a second on", 0);
        send(&diary, 0x8002, (npt + 180000) & TOP, "two", 0);
        send_stc(&diary, stc);
        assert_false(dsmcc_events_npt(diary.events, &now));
        assert_int_equal(diary.count, 0);
        send_npt(&diary, stc, npt, 1, 1, false);
        assert_true(dsmcc_events_npt(diary.events, &now) && now == npt);
        for (uint64_t t = 0; t < 90000; t += 3600)
            send_stc(&diary, stc + t);
        assert_int_equal(diary.count, 0);
        send_stc(&diary, stc + 90000);
        assert_int_equal(diary.count, 1);
        assert_string_equal(diary.data, "a second on");
        send(&diary, 0x8001, (npt + 90000) & TOP, "a second on", 0); /* repeated: it has happened */
        send(&diary, 0x8002, (npt + 270000) & TOP, "moved", 1);
        send_stc(&diary, stc + 190000);
        assert_int_equal(diary.count, 1);
        send_stc(&diary, stc + 271000);
        assert_int_equal(diary.count, 2);
        assert_string_equal(diary.data, "moved");
        assert_int_equal(diary.scheduled, 2);
        assert_int_equal(counts_of(&diary).waiting, 0);
        dsmcc_events_destroy(diary.events);
    }
}

static void follows_scale_pause_and_discontinuity(void **state)
{
    (void)state;
    struct diary diary;
    uint64_t now;
    begin_diary(&diary, 0);
    send_npt(&diary, 1000, 500, 2, 1, false);
    send_stc(&diary, 1100);
    assert_true(dsmcc_events_npt(diary.events, &now) && now == 700);
    send_stc(&diary, 900); /* before the reference */
    assert_true(dsmcc_events_npt(diary.events, &now) && now == 300);
    send_npt(&diary, 2000, 5000, 0, 1, false); /* advertisements: the programme stands still */
    send_stc(&diary, 900000);
    assert_true(dsmcc_events_npt(diary.events, &now) && now == 5000);
    send_npt(&diary, 10, 6000, 1, 1, true); /* for the time base to come */
    assert_true(dsmcc_events_npt(diary.events, &now) && now == 5000);
    dsmcc_events_push_pcr(diary.events, 20 * 300, true);
    assert_true(dsmcc_events_npt(diary.events, &now) && now == 6010);
    dsmcc_events_push_pcr(diary.events, 5 * 300, true); /* unannounced */
    assert_false(dsmcc_events_npt(diary.events, &now));
    /* A section that says a denominator of 0. */
    send_npt(&diary, 0, 0, 1, 1, false);
    section.data[section.size - 5] = section.data[section.size - 6] = 0;
    dsmcc_events_push_section(diary.events, section.data, section.size);
    assert_int_equal(counts_of(&diary).bad_descriptors, 1);
    dsmcc_events_destroy(diary.events);
}

static void drops_what_is_late_or_too_much(void **state)
{
    (void)state;
    struct diary diary;
    begin_diary(&diary, 3);
    send_npt(&diary, 0, 1000000, 1, 1, false);
    send(&diary, 0x8001, 1000000 - 90001 - 90000, "", 0); /* past before it was heard */
    send_stc(&diary, 0);
    assert_int_equal(diary.count, 0);
    assert_int_equal(counts_of(&diary).late, 1);
    for (uint16_t i = 0; i < 5; i++)
        send(&diary, 0x8010 + i, 1000000 + 100u * (5 - i), "", 0);
    assert_int_equal(counts_of(&diary).waiting, 3);
    assert_int_equal(counts_of(&diary).refused, 2);
    send_stc(&diary, 10000);
    assert_int_equal(diary.count, 3);
    assert_int_equal(diary.last, 0x8010); /* in the order of their times */
    diary.destroy = true;
    send(&diary, 0x8001, 1020000, "", 1);
    send(&diary, 0x8002, 1020000, "", 1);
    send_stc(&diary, 30000);
    assert_null(diary.events);
    assert_int_equal(diary.count, 4);
    begin_diary(&diary, 0);
    diary.destroy = true;
    send(&diary, 1, 0, "", 0);
    assert_null(diary.events);
    dsmcc_events_destroy(NULL);
}

/* Through a demultiplexer, with its PCRs. */
static void follows_a_stream(void **state)
{
    (void)state;
    struct diary diary = {0};
    const struct dsmcc_events_options options = {.happens = note, .context = &diary};
    struct ts_demux *demux = ts_demux_create();
    assert_non_null(demux);
    diary.events = dsmcc_events_create(demux, 0x200, 0x201, &options);
    assert_non_null(diary.events);
    uint8_t bytes[TS_PACKET_SIZE], payload[TS_PACKET_SIZE] = {0};
    for (unsigned round = 0; round < 4; round++) {
        const struct dsmcc_stream_event events[] = {{3, 0, text("now"), 0},
                                                    {0x8003, 90000, text("later"), 0}};
        for (unsigned i = 0; i < 3; i++) {
            begin_section();
            if (i < 2)
                dsmcc_stream_event_append(&section, &events[i], 0);
            else
                dsmcc_npt_reference_append(
                    &section, &(struct dsmcc_npt_reference){.numerator = 1, .denominator = 1}, 0);
            memset(payload, 0xFF, sizeof payload);
            payload[0] = 0;
            memcpy(payload + 1, section.data, section.size);
            struct ts_packet_options packet = {
                .pid = 0x200, .continuity_counter = (uint8_t)(3 * round + i), .payload_unit_start = true};
            assert_int_equal(ts_packet_write(bytes, &packet, payload, 184), 184);
            ts_demux_push(demux, bytes, sizeof bytes);
        }
        struct ts_packet_options packet = {
            .pid = 0x201, .has_pcr = true, .pcr_27mhz = UINT64_C(30000) * 300 * (round + 1)};
        ts_packet_write(bytes, &packet, NULL, 0);
        ts_demux_push(demux, bytes, sizeof bytes);
        assert_int_equal(diary.count, round < 2 ? 1 : 2);
    }
    assert_string_equal(diary.data, "later");
    dsmcc_events_destroy(diary.events);
    ts_demux_destroy(demux);
}

static int end(void **state)
{
    (void)state;
    buffer_finish(&section);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_builds),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(does_it_now_once_a_version),
        cmocka_unit_test(waits_for_the_time_of_a_programme),
        cmocka_unit_test(follows_scale_pause_and_discontinuity),
        cmocka_unit_test(drops_what_is_late_or_too_much),
        cmocka_unit_test(follows_a_stream),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
