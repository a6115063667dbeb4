/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/demux.h"
#include "ts/pes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PID 0x80
#define VIDEO 0xE0
#define AUDIO 0xC0

struct seen {
    size_t count, lost, bytes;
    struct ts_pes last;
    uint8_t first_byte, last_byte;
};

static void on_pes(void *context, const struct ts_pes *pes)
{
    struct seen *seen = context;
    assert_int_equal(pes->pid, PID);
    seen->count++;
    seen->lost += pes->lost;
    seen->bytes += pes->size;
    seen->last = *pes;
    seen->first_byte = pes->size ? pes->data[0] : 0;
    seen->last_byte = pes->size ? pes->data[pes->size - 1] : 0;
}

struct fixture {
    struct ts_demux *demux;
    struct seen seen;
    struct buffer pes;
    uint8_t counter;
    uint8_t *data;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    *state = fixture;
    fixture->demux = ts_demux_create();
    fixture->data = malloc(2 * TS_PES_SIZE_MAX);
    buffer_init(&fixture->pes, 3 * TS_PES_SIZE_MAX);
    ts_demux_pes(fixture->demux, PID, on_pes, &fixture->seen);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ts_demux_destroy(fixture->demux);
    buffer_finish(&fixture->pes);
    free(fixture->data);
    free(fixture);
    return 0;
}

/* Sends what fixture->pes holds in packets, all but the one numbered without. */
static void send_pes(struct fixture *fixture, size_t without, bool random_access)
{
    for (size_t at = 0, packet = 0; at < fixture->pes.size; packet++) {
        uint8_t bytes[TS_PACKET_SIZE];
        const struct ts_packet_options options = {.pid = PID,
                                                  .continuity_counter = fixture->counter++,
                                                  .payload_unit_start = at == 0,
                                                  .random_access = at == 0 && random_access};
        at += ts_packet_write(bytes, &options, fixture->pes.data + at, fixture->pes.size - at);
        if (packet != without)
            ts_demux_push(fixture->demux, bytes, sizeof(bytes));
    }
    buffer_clear(&fixture->pes);
}

#define ALL SIZE_MAX

static void send_frame(struct fixture *fixture, uint8_t stream_id, uint64_t pts, uint64_t dts, size_t size,
                       size_t without)
{
    memset(fixture->data, 1, size);
    if (size) {
        fixture->data[0] = 0x11;
        fixture->data[size - 1] = 0x22;
    }
    ts_pes_append(&fixture->pes, stream_id, pts, dts, fixture->data, size);
    assert_false(fixture->pes.failed);
    send_pes(fixture, without, false);
}

static void test_bounded_comes_at_once(void **state)
{
    struct fixture *fixture = *state;
    static const size_t sizes[] = {0, 1, 169, 170, 171, 184, 5000, 65527};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        send_frame(fixture, AUDIO, 90000 + i, 90000 + i, sizes[i], ALL);
        assert_int_equal(fixture->seen.count, i + 1);
        assert_int_equal(fixture->seen.last.size, sizes[i]);
        assert_int_equal(fixture->seen.last.stream_id, AUDIO);
        assert_true(fixture->seen.last.has_pts && !fixture->seen.last.has_dts);
        assert_int_equal(fixture->seen.last.pts_90khz, 90000 + i);
        assert_int_equal(fixture->seen.last.dts_90khz, 90000 + i);
        assert_false(fixture->seen.last.lost);
    }
}

static void test_times(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t wrap = UINT64_C(1) << 33;
    static const uint64_t times[] = {0, 1, 0x7FFF, 0x8000, 0x3FFFFFFF, 0x40000000, 0x1FFFFFFFF, 0x155555555};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        send_frame(fixture, VIDEO, times[i] + wrap, times[i] + wrap - 3600, 100, ALL);
        assert_true(fixture->seen.last.has_pts && fixture->seen.last.has_dts);
        assert_int_equal(fixture->seen.last.pts_90khz, times[i]);
        assert_int_equal(fixture->seen.last.dts_90khz, (times[i] + wrap - 3600) % wrap);
    }
    assert_int_equal(fixture->seen.count, sizeof(times) / sizeof(times[0]));
}

static void test_unbounded_comes_with_its_successor(void **state)
{
    struct fixture *fixture = *state;
    send_frame(fixture, VIDEO, 1, 1, 200000, ALL);
    assert_int_equal(fixture->seen.count, 0);
    send_frame(fixture, VIDEO, 2, 2, 100000, ALL);
    assert_int_equal(fixture->seen.count, 1);
    assert_int_equal(fixture->seen.last.size, 200000);
    assert_int_equal(fixture->seen.first_byte, 0x11);
    assert_int_equal(fixture->seen.last_byte, 0x22);
    ts_demux_flush(fixture->demux);
    assert_int_equal(fixture->seen.count, 2);
    assert_int_equal(fixture->seen.last.size, 100000);
    assert_int_equal(fixture->seen.lost, 0);
    ts_demux_flush(fixture->demux);
    assert_int_equal(fixture->seen.count, 2);
}

/* What came before the gap is delivered, marked; bytes behind it are not joined to it; the next PES packet is
 * whole but tells that something is missing before it. */
static void test_loss(void **state)
{
    struct fixture *fixture = *state;
    send_frame(fixture, AUDIO, 1, 1, 5000, 10);
    assert_int_equal(fixture->seen.count, 1);
    assert_true(fixture->seen.last.lost);
    assert_int_equal(fixture->seen.last.size, 10 * 184 - 14);
    send_frame(fixture, AUDIO, 2, 2, 5000, ALL);
    assert_int_equal(fixture->seen.count, 2);
    assert_true(fixture->seen.last.lost);
    assert_int_equal(fixture->seen.last.size, 5000);
    send_frame(fixture, AUDIO, 3, 3, 5000, ALL);
    assert_false(fixture->seen.last.lost);

    send_frame(fixture, AUDIO, 4, 4, 5000, 0); /* its start */
    assert_int_equal(fixture->seen.count, 3);
    send_frame(fixture, AUDIO, 5, 5, 5000, ALL);
    assert_int_equal(fixture->seen.count, 4);
    assert_true(fixture->seen.last.lost);
    assert_int_equal(fixture->seen.last.pts_90khz, 5);
}

static void test_too_large(void **state)
{
    struct fixture *fixture = *state;
    struct ts_demux_counts counts;
    send_frame(fixture, VIDEO, 1, 1, TS_PES_SIZE_MAX + TS_PES_SIZE_MAX / 2, ALL);
    send_frame(fixture, VIDEO, 2, 2, TS_PES_SIZE_MAX, ALL);
    ts_demux_flush(fixture->demux);
    assert_int_equal(fixture->seen.count, 1);
    assert_int_equal(fixture->seen.last.size, TS_PES_SIZE_MAX);
    assert_true(fixture->seen.last.lost);
    ts_demux_counts(fixture->demux, &counts);
    assert_int_equal(counts.bad_pes, 1);

    buffer_clear(&fixture->pes);
    ts_pes_append(&fixture->pes, AUDIO, 1, 1, fixture->data, 65528);
    assert_true(fixture->pes.failed);
}

static void test_random_access(void **state)
{
    struct fixture *fixture = *state;
    ts_pes_append(&fixture->pes, VIDEO, 1, 1, "abcd", 4);
    send_pes(fixture, ALL, true);
    assert_true(fixture->seen.last.random_access);
    ts_pes_append(&fixture->pes, VIDEO, 2, 2, "abcd", 4);
    send_pes(fixture, ALL, false);
    assert_false(fixture->seen.last.random_access);
    assert_int_equal(fixture->seen.count, 2);
}

struct pes_case {
    const char *what;
    uint8_t bytes[24];
    size_t size;
    bool good;
    size_t payload;
};

static void test_headers(void **state)
{
    struct fixture *fixture = *state;
    static const struct pes_case cases[] = {
        {"no start code", {0, 0, 2, 0xE0, 0, 4, 0x80, 0, 0, 9}, 10, false, 0},
        {"no times", {0, 0, 1, 0xE0, 0, 4, 0x80, 0, 0, 9}, 10, true, 1},
        {"MPEG-1 header", {0, 0, 1, 0xE0, 0, 4, 0x00, 0, 0, 9}, 10, false, 0},
        {"DTS alone", {0, 0, 1, 0xE0, 0, 9, 0x80, 0x40, 5, 0x11, 0, 1, 0, 1, 9}, 15, false, 0},
        {"PTS that does not fit", {0, 0, 1, 0xE0, 0, 7, 0x80, 0x80, 4, 0x21, 0, 1, 0}, 13, false, 0},
        {"PTS", {0, 0, 1, 0xE0, 0, 9, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1, 9}, 15, true, 1},
        {"header longer than the packet", {0, 0, 1, 0xE0, 0, 4, 0x80, 0x00, 200, 1}, 10, false, 0},
        {"shorter than its header", {0, 0, 1, 0xE0, 0, 2, 0x80, 0x00}, 8, false, 0},
        {"stuffed header", {0, 0, 1, 0xE0, 0, 7, 0x80, 0x00, 3, 0xFF, 0xFF, 0xFF, 9}, 13, true, 1},
        {"private_stream_2 has no header", {0, 0, 1, 0xBF, 0, 3, 7, 8, 9}, 9, true, 3},
    };
    size_t bad = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t before = fixture->seen.count;
        struct ts_demux_counts counts;
        buffer_append(&fixture->pes, cases[i].bytes, cases[i].size);
        send_pes(fixture, ALL, false);
        ts_demux_counts(fixture->demux, &counts);
        bad += !cases[i].good;
        if (fixture->seen.count - before != cases[i].good || counts.bad_pes != bad)
            fail_msg("%s", cases[i].what);
        if (cases[i].good && (fixture->seen.last.size != cases[i].payload || fixture->seen.last_byte != 9))
            fail_msg("%s: payload of %zu", cases[i].what, fixture->seen.last.size);
    }
    static const uint8_t padding[] = {0, 0, 1, 0xBE, 0, 2, 0xFF, 0xFF};
    size_t before = fixture->seen.count;
    buffer_append(&fixture->pes, padding, sizeof(padding));
    send_pes(fixture, ALL, false);
    assert_int_equal(fixture->seen.count, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bounded_comes_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_times, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unbounded_comes_with_its_successor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_loss, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_too_large, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_random_access, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_headers, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
