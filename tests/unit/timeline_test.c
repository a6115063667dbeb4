/* SPDX-License-Identifier: Apache-2.0 */
/* The player's line of time over wraps, jumps and bad clocks; and the ring that its packets wait in. */
#include "player/ring.h"
#include "player/timeline.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WRAP (UINT64_C(1) << 33)
#define SECOND 90000

static void differences_wrap(void **state)
{
    (void)state;
    assert_int_equal(timeline_difference(5, 3), 2);
    assert_int_equal(timeline_difference(3, 5), -2);
    assert_int_equal(timeline_difference(1, WRAP - 1), 2);
    assert_int_equal(timeline_difference(WRAP - 1, 1), -2);
    assert_int_equal(timeline_us(90), 1000);
    assert_int_equal(timeline_from_us(1000), 90);
}

/* Sends PCR and one packet 300 ms ahead of it every 40 ms from raw on; returns the line's last point and
 * checks its steps. */
static int64_t send(struct timeline *timeline, uint64_t raw, int count, int64_t *now, int64_t last,
                    int64_t tolerance)
{
    for (int i = 0; i < count; i++) {
        uint64_t pcr = (raw + (uint64_t)i * 3600) % WRAP;
        timeline_pcr(timeline, pcr * 300, false, *now);
        int64_t line = timeline_packet(timeline, TIMELINE_VIDEO, (pcr + 27000) % WRAP, *now);
        if (last != TIMELINE_NONE && llabs(line - last - 3600) > tolerance)
            fail_msg("packet %d: the line went from %lld to %lld", i, (long long)last, (long long)line);
        last = line;
        *now += 40000;
    }
    return last;
}

static void the_wrap_is_no_jump(void **state)
{
    (void)state;
    struct timeline timeline;
    int64_t now = 1000000;
    timeline_init(&timeline);
    send(&timeline, WRAP - SECOND, 100, &now, TIMELINE_NONE, 0);
    assert_int_equal(timeline.discontinuities, 0);
    assert_true(llabs(timeline_base_us(&timeline) - 1000000 - TIMELINE_MARGIN_US) < 5);
}

static void jumps_are_bridged(void **state)
{
    (void)state;
    static const uint64_t to[] = {0, 7 * SECOND, WRAP / 2, WRAP - 10};
    for (size_t i = 0; i < sizeof to / sizeof to[0]; i++) {
        struct timeline timeline;
        int64_t now = 0;
        timeline_init(&timeline);
        int64_t last = send(&timeline, 1000 * SECOND, 50, &now, TIMELINE_NONE, 0);
        send(&timeline, to[i], 50, &now, last, 10);
        assert_int_equal(timeline.discontinuities, 1);
        assert_true(llabs(timeline_base_us(&timeline) - TIMELINE_MARGIN_US) < 200);
    }
}

static void packets_may_jump_before_the_pcr(void **state)
{
    (void)state;
    struct timeline timeline;
    int64_t now = 0;
    timeline_init(&timeline);
    int64_t last = send(&timeline, 1000 * SECOND, 50, &now, TIMELINE_NONE, 0);
    int64_t line = timeline_packet(&timeline, TIMELINE_VIDEO, 5 * SECOND + 27000 - 3600, now);
    assert_int_equal(line, last + 3600);
    send(&timeline, 5 * SECOND, 50, &now, line, 10);
    assert_int_equal(timeline.discontinuities, 1);
    assert_true(llabs(timeline_base_us(&timeline) - TIMELINE_MARGIN_US) < 50000);
}

static void packets_of_the_old_clock_come_late(void **state)
{
    (void)state;
    struct timeline timeline;
    int64_t now = 0;
    timeline_init(&timeline);
    int64_t last = send(&timeline, 1000 * SECOND, 50, &now, TIMELINE_NONE, 0);
    timeline_pcr(&timeline, UINT64_C(5) * SECOND * 300, true, now);
    int64_t line = timeline_packet(&timeline, TIMELINE_VIDEO, 1000 * SECOND + 50 * 3600 + 27000, now);
    assert_int_equal(line, last + 3600);
    line = timeline_packet(&timeline, TIMELINE_VIDEO, 5 * SECOND + 27000 + 3600, now);
    assert_true(llabs(line - last - 7200) < 10);
}

static void a_small_marked_jump_counts(void **state)
{
    (void)state;
    struct timeline timeline;
    int64_t now = 0;
    timeline_init(&timeline);
    send(&timeline, 1000 * SECOND, 50, &now, TIMELINE_NONE, 0);
    int64_t before = timeline.pcr_line;
    timeline_pcr(&timeline, UINT64_C(1003) * SECOND * 300, true, now);
    assert_int_equal(timeline.discontinuities, 1);
    assert_int_equal(timeline.pcr_line - before, 3600);
}

static void without_pcr_packets_serve(void **state)
{
    (void)state;
    struct timeline timeline;
    timeline_init(&timeline);
    int64_t last = 0;
    for (int i = 0; i < 100; i++) {
        int64_t line = timeline_packet(&timeline, TIMELINE_AUDIO,
                                       (WRAP - 50 * 3600 + (uint64_t)i * 3600) % WRAP, i * 40000);
        assert_int_equal(line - last, i == 0 ? 0 : 3600);
        last = line;
    }
    assert_true(timeline.anchored);
    assert_int_equal(timeline.discontinuities, 0);
    int64_t line = timeline_packet(&timeline, TIMELINE_AUDIO, 7777 * SECOND, 4000000);
    assert_int_equal(line, last + 3600);
    assert_int_equal(timeline.discontinuities, 1);
}

/* The PCR of another clock is bridged to the packets' once; one that makes no sense is given up. */
static void a_foreign_pcr_does_no_harm(void **state)
{
    (void)state;
    for (int nonsense = 0; nonsense < 2; nonsense++) {
        struct timeline timeline;
        timeline_init(&timeline);
        int64_t last = TIMELINE_NONE;
        for (int i = 0; i < 100; i++) {
            uint64_t pcr = UINT64_C(50000) * SECOND + (uint64_t)i * (nonsense ? WRAP / 7 : 3600);
            timeline_pcr(&timeline, pcr % WRAP * 300, false, i * 40000);
            int64_t line =
                timeline_packet(&timeline, TIMELINE_VIDEO, 100 * SECOND + (uint64_t)i * 3600, i * 40000);
            assert_true(last == TIMELINE_NONE || (line > last && line - last < 10 * 3600));
            last = line;
        }
        assert_int_equal(timeline.ignore_pcr, nonsense);
        assert_true(timeline.discontinuities < 30);
    }
}

static void a_late_multiplex_raises_the_margin(void **state)
{
    (void)state;
    struct timeline timeline;
    timeline_init(&timeline);
    timeline_pcr(&timeline, UINT64_C(100) * SECOND * 300, false, 0);
    timeline_expect(&timeline, timeline_packet(&timeline, TIMELINE_AUDIO, 100 * SECOND + 9000, 0));
    assert_int_equal(timeline.margin_us, TIMELINE_MARGIN_US);
    timeline_expect(&timeline, timeline_packet(&timeline, TIMELINE_AUDIO, 100 * SECOND - 45000, 0));
    assert_int_equal(timeline.margin_us, TIMELINE_MARGIN_US + 500000);
    timeline_expect(&timeline, timeline_packet(&timeline, TIMELINE_AUDIO, 98 * SECOND, 0));
    assert_int_equal(timeline.margin_us, TIMELINE_MARGIN_MAX_US);
}

static void the_line_grows_over_a_reset(void **state)
{
    (void)state;
    struct timeline timeline;
    int64_t now = 0;
    timeline_init(&timeline);
    int64_t last = send(&timeline, 1000 * SECOND, 5, &now, TIMELINE_NONE, 0);
    timeline_reset(&timeline);
    assert_false(timeline.anchored);
    assert_true(timeline_packet(&timeline, TIMELINE_VIDEO, 3, now) > last);
}

static void a_stall_moves_the_anchor_only_if_it_lasts(void **state)
{
    (void)state;
    struct timeline timeline;
    int64_t now = 0;
    timeline_init(&timeline);
    send(&timeline, 0, 50, &now, TIMELINE_NONE, 0);
    int64_t base = timeline_base_us(&timeline);
    /* 1 s of packets that waited come together, then all is as before */
    int64_t due = now;
    for (int i = 0; i < 25; i++) {
        int64_t arrived = due + i * 40000 < due + 800000 ? due + 800000 : due + i * 40000;
        timeline_pcr(&timeline, (uint64_t)(50 + i) * 3600 * 300, false, i < 5 ? arrived : due + i * 40000);
    }
    assert_true(llabs(timeline_base_us(&timeline) - base) < 20000);
    now = due + 25 * 40000 + 3000000; /* the input was halted and goes on */
    send(&timeline, 75 * 3600, 20, &now, TIMELINE_NONE, 0);
    assert_true(llabs(timeline_base_us(&timeline) - base - 3000000) < 50000);
}

static void put(struct ring *ring, uint8_t fill, size_t size, bool key, int dropped)
{
    uint8_t data[300];
    memset(data, fill, sizeof data);
    const struct ring_packet packet = {.pts = fill, .key = key, .size = size};
    assert_int_equal(ring_push(ring, &packet, data, true), dropped);
}

static void get(struct ring *ring, uint8_t fill, size_t size, bool lost)
{
    uint8_t data[300];
    struct ring_packet packet;
    assert_true(ring_pop(ring, &packet, data));
    assert_int_equal(packet.pts, fill);
    assert_int_equal(packet.size, size);
    assert_int_equal(packet.lost, lost);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(data[i], fill);
}

static void the_ring_is_bounded(void **state)
{
    (void)state;
    struct ring ring;
    struct ring_packet packet;
    uint8_t out[300];
    assert_true(ring_init(&ring, 256, 4));
    assert_false(ring_pop(&ring, &packet, out));
    put(&ring, 1, 100, true, 0);
    put(&ring, 2, 100, false, 0);
    put(&ring, 3, 257, false, 1); /* never fits */
    get(&ring, 1, 100, false);
    put(&ring, 4, 90, true, 0); /* wraps */
    put(&ring, 5, 10, false, 0);
    get(&ring, 2, 100, false);
    get(&ring, 4, 90, true); /* 3 is missing before it */
    get(&ring, 5, 10, false);
    for (uint8_t i = 1; i <= 4; i++)
        put(&ring, i, 10, i == 1 || i == 4, 0);
    put(&ring, 5, 10, false, 3); /* too many: up to the next key */
    get(&ring, 4, 10, true);
    get(&ring, 5, 10, false);
    put(&ring, 6, 256, false, 0);
    put(&ring, 7, 256, false, 1);
    get(&ring, 7, 256, true);
    put(&ring, 8, 10, true, 0);
    ring_clear(&ring);
    assert_false(ring_pop(&ring, &packet, out));
    ring_finish(&ring);
}

/* Any mixture of sizes: what comes out is what went in, in order. */
static void the_ring_keeps_order(void **state)
{
    (void)state;
    struct ring ring;
    struct ring_packet packet;
    uint8_t data[300], out[300];
    uint32_t random = 1;
    int64_t pushed = 0, seen = -1;
    assert_true(ring_init(&ring, 1000, 16));
    for (int i = 0; i < 20000; i++) {
        random = random * 1664525 + 1013904223;
        if (random >> 31) {
            packet = (struct ring_packet){.pts = pushed, .size = 1 + (random >> 8) % 300};
            memset(data, (int)(pushed++ & 0xFF), sizeof data);
            ring_push(&ring, &packet, data, false);
        } else if (ring_pop(&ring, &packet, out)) {
            assert_true(packet.pts > seen);
            seen = packet.pts;
            assert_int_equal(out[0], seen & 0xFF);
            assert_int_equal(out[packet.size - 1], seen & 0xFF);
        }
    }
    assert_true(seen > 5000);
    ring_finish(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_wrap),
        cmocka_unit_test(the_wrap_is_no_jump),
        cmocka_unit_test(jumps_are_bridged),
        cmocka_unit_test(packets_may_jump_before_the_pcr),
        cmocka_unit_test(packets_of_the_old_clock_come_late),
        cmocka_unit_test(a_small_marked_jump_counts),
        cmocka_unit_test(without_pcr_packets_serve),
        cmocka_unit_test(a_foreign_pcr_does_no_harm),
        cmocka_unit_test(a_late_multiplex_raises_the_margin),
        cmocka_unit_test(the_line_grows_over_a_reset),
        cmocka_unit_test(a_stall_moves_the_anchor_only_if_it_lasts),
        cmocka_unit_test(the_ring_is_bounded),
        cmocka_unit_test(the_ring_keeps_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
