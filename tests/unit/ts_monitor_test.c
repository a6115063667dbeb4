/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/monitor.h"
#include "ts/pes.h"
#include "ts/section.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A stream of 4,000 packets a second with a PCR each 40 ms on a PID of its own, tables each 100 ms, a picture
 * with PTS each 200 ms, and null packets. */
#define PACKETS 36000 /* 9 s */
#define MS(n) ((n)*4)
#define PMT_PID 0x100
#define VIDEO_PID 0x101
#define PCR_PID 0x102
#define SDT_PID 0x11
#define TICKS_A_PACKET (27000 / 4)

struct stream {
    uint8_t bytes[PACKETS][TS_PACKET_SIZE];
    uint8_t counters[TS_PID_COUNT];
};

static void put_section(struct stream *stream, size_t at, uint16_t pid, uint8_t table_id, const void *body,
                        size_t size)
{
    struct buffer buffer;
    uint8_t payload[TS_PACKET_SIZE] = {0};
    const struct ts_section_header header = {
        .table_id = table_id, .table_id_extension = 1, .current_next = true};
    const struct ts_packet_options options = {
        .pid = pid, .continuity_counter = stream->counters[pid]++, .payload_unit_start = true};
    buffer_init(&buffer, 4096);
    ts_section_append(&buffer, &header, body, size);
    memset(payload, 0xFF, sizeof(payload));
    payload[0] = 0;
    memcpy(payload + 1, buffer.data, buffer.size);
    ts_packet_write(stream->bytes[at], &options, payload, TS_PACKET_SIZE - 4);
    buffer_finish(&buffer);
}

static void put_pcr(struct stream *stream, size_t at, int64_t shift, bool discontinuity)
{
    const struct ts_packet_options options = {.pid = PCR_PID,
                                              .has_pcr = true,
                                              .discontinuity = discontinuity,
                                              .pcr_27mhz = (uint64_t)((int64_t)at * TICKS_A_PACKET + shift) %
                                                           ((UINT64_C(1) << 33) * 300)};
    ts_packet_write(stream->bytes[at], &options, NULL, 0);
}

static void put_picture(struct stream *stream, size_t at, bool pts)
{
    static const uint8_t without[] = {0, 0, 1, 0xE0, 0, 0, 0x80, 0, 0};
    struct buffer pes;
    const struct ts_packet_options options = {
        .pid = VIDEO_PID, .continuity_counter = stream->counters[VIDEO_PID]++, .payload_unit_start = true};
    buffer_init(&pes, 1000);
    ts_pes_append(&pes, 0xE0, at * 22, at * 22, without, sizeof(without));
    if (pts)
        ts_packet_write(stream->bytes[at], &options, pes.data, pes.size);
    else
        ts_packet_write(stream->bytes[at], &options, without, sizeof(without));
    buffer_finish(&pes);
}

static const uint8_t pat[] = {0, 1, 0xE0 | PMT_PID >> 8, PMT_PID & 0xFF};
static const uint8_t pmt[] = {0xE0 | PCR_PID >> 8,   PCR_PID & 0xFF,   0xF0, 0, 0x1B,
                              0xE0 | VIDEO_PID >> 8, VIDEO_PID & 0xFF, 0xF0, 0};

/* first_pcr: of packet 0. */
static void fill(struct stream *stream, int64_t first_pcr)
{
    memset(stream->counters, 0, sizeof(stream->counters));
    for (size_t i = 0; i < PACKETS; i++) {
        if (i % MS(40) == 0)
            put_pcr(stream, i, first_pcr, false);
        else if (i % MS(100) == 1)
            put_section(stream, i, 0, 0, pat, sizeof(pat));
        else if (i % MS(100) == 2)
            put_section(stream, i, PMT_PID, 2, pmt, sizeof(pmt));
        else if (i % MS(100) == 3)
            put_section(stream, i, SDT_PID, 0x42, pat, sizeof(pat));
        else if (i % MS(200) == 4)
            put_picture(stream, i, true);
        else
            ts_packet_write_null(stream->bytes[i]);
    }
}

static int set_up(void **state)
{
    *state = malloc(sizeof(struct stream));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

/* Ways to damage it, at 4 s. */
#define AT MS(4000)

static void leave_out(struct stream *stream, size_t first, size_t step, size_t length)
{
    for (size_t i = AT + first; i < AT + length; i += step)
        ts_packet_write_null(stream->bytes[i]);
}

static void no_damage(struct stream *stream)
{
    (void)stream;
}

static void one_sync_byte(struct stream *stream)
{
    stream->bytes[AT + 10][0] = 0x46;
}

static void three_sync_bytes(struct stream *stream)
{
    for (size_t i = 0; i < 3; i++)
        stream->bytes[AT + 10 + i][0] = 0x46;
}

static void no_pat(struct stream *stream)
{
    leave_out(stream, 1, MS(100), MS(600));
    for (size_t i = AT + MS(600) + 1; i < PACKETS; i += MS(100)) /* the counter goes on */
        stream->bytes[i][3] = (uint8_t)((stream->bytes[i][3] & 0xF0) | ((stream->bytes[i][3] - 6) & 15));
}

static void scrambled_pat(struct stream *stream)
{
    stream->bytes[AT + 1][3] |= 0x80;
}

static void other_table_on_pat(struct stream *stream)
{
    stream->counters[0] = stream->bytes[AT + 1][3] & 15;
    put_section(stream, AT + 1, 0, 0x42, pat, sizeof(pat));
}

static void lost_packet(struct stream *stream)
{
    ts_packet_write_null(stream->bytes[AT + 4]);
}

static void three_copies(struct stream *stream)
{
    memcpy(stream->bytes[AT + 5], stream->bytes[AT + 4], TS_PACKET_SIZE);
    memcpy(stream->bytes[AT + 6], stream->bytes[AT + 4], TS_PACKET_SIZE);
}

static void two_copies(struct stream *stream)
{
    memcpy(stream->bytes[AT + 5], stream->bytes[AT + 4], TS_PACKET_SIZE);
}

static void no_pmt(struct stream *stream)
{
    leave_out(stream, 2, MS(100), PACKETS - AT);
}

static void no_pictures(struct stream *stream)
{
    for (size_t i = MS(3000) + 4; i < PACKETS; i += MS(200))
        ts_packet_write_null(stream->bytes[i]);
}

static void transport_error(struct stream *stream)
{
    stream->bytes[AT + 10][1] |= 0x80;
}

static void bad_sdt(struct stream *stream)
{
    stream->bytes[AT + 3][15] ^= 1;
}

static void pcr_once_left_out(struct stream *stream)
{
    ts_packet_write_null(stream->bytes[AT]);
}

static void pcr_long_left_out(struct stream *stream)
{
    leave_out(stream, 0, MS(40), MS(200));
}

static void shift_pcrs(struct stream *stream, int64_t shift, bool announced)
{
    for (size_t i = AT; i < PACKETS; i += MS(40))
        put_pcr(stream, i, shift, announced && i == AT);
}

static void pcr_jump(struct stream *stream)
{
    shift_pcrs(stream, INT64_C(27000000) * 10, false);
}

static void pcr_jump_announced(struct stream *stream)
{
    shift_pcrs(stream, -INT64_C(27000000) * 2, true);
}

static void pcr_inaccurate(struct stream *stream)
{
    put_pcr(stream, AT, 54, false); /* 2 us */
}

static void pcr_just_accurate(struct stream *stream)
{
    put_pcr(stream, AT, 10, false); /* 370 ns */
}

static void no_pts(struct stream *stream)
{
    for (size_t i = 0; i < 5; i++) {
        size_t at = AT + i * MS(200) + 4;
        stream->counters[VIDEO_PID] = stream->bytes[at][3] & 15;
        put_picture(stream, at, false);
    }
}

static void scrambled_without_cat(struct stream *stream)
{
    stream->bytes[AT + 10][3] |= 0x80;
    stream->bytes[AT + 10][1] = 0x05;
}

static void other_table_on_cat(struct stream *stream)
{
    put_section(stream, AT + 10, 1, 0x42, pat, sizeof(pat));
}

#define CHECK(name) (1u << TS_MONITOR_##name)

static const struct {
    const char *what;
    void (*damage)(struct stream *stream);
    unsigned expected;
    unsigned pcr_interval_max_ms;
} cases[] = {
    {"none", no_damage, 0, 40},
    {"one sync byte", one_sync_byte, CHECK(SYNC_BYTE), 0},
    {"three sync bytes", three_sync_bytes, CHECK(SYNC_BYTE) | CHECK(SYNC_LOSS), 0},
    {"no PAT", no_pat, CHECK(PAT), 0},
    {"scrambled PAT", scrambled_pat, CHECK(PAT) | CHECK(CAT), 0},
    {"another table on PAT's PID", other_table_on_pat, CHECK(PAT), 0},
    {"lost packet", lost_packet, CHECK(CONTINUITY), 0},
    {"three copies", three_copies, CHECK(CONTINUITY), 0},
    {"two copies", two_copies, 0, 0},
    {"no PMT", no_pmt, CHECK(PMT), 0},
    {"no pictures", no_pictures, CHECK(PID) | CHECK(PTS), 0},
    {"transport error", transport_error, CHECK(TRANSPORT), 0},
    {"bad SDT", bad_sdt, CHECK(CRC), 0},
    {"PCR left out, 80 ms", pcr_once_left_out, 0, 0},
    {"PCR left out, 80 ms, strictly", pcr_once_left_out, CHECK(PCR_REPETITION), 40},
    {"PCRs left out, 240 ms", pcr_long_left_out, CHECK(PCR_REPETITION) | CHECK(PCR_DISCONTINUITY), 0},
    {"PCR jump", pcr_jump, CHECK(PCR_DISCONTINUITY), 0},
    {"PCR jump, announced", pcr_jump_announced, 0, 0},
    {"PCR 2 us late", pcr_inaccurate, CHECK(PCR_ACCURACY), 0},
    {"PCR 0.37 us late", pcr_just_accurate, 0, 0},
    {"no PTS", no_pts, CHECK(PTS), 0},
    {"scrambled, no CAT", scrambled_without_cat, CHECK(CAT), 0},
    {"another table on CAT's PID", other_table_on_cat, CHECK(CAT), 0},
};
#define CASE_COUNT (sizeof(cases) / sizeof(cases[0]))

/* Pushes the stream; live, each packet arrives when its time has come. */
static unsigned monitor_errors(const struct stream *stream, const struct ts_monitor_options *options,
                               const char *what)
{
    struct ts_demux *demux = ts_demux_create();
    struct ts_monitor *monitor = ts_monitor_create(demux, options);
    for (size_t i = 0; i < PACKETS; i += 7) {
        size_t count = PACKETS - i < 7 ? PACKETS - i : 7;
        ts_monitor_arrive(monitor, 1000000000 + (int64_t)i * 250);
        ts_demux_push(demux, stream->bytes[i], count * TS_PACKET_SIZE);
    }
    ts_monitor_finish(monitor);
    unsigned errors = 0;
    for (int check = 0; check < TS_MONITOR_CHECK_COUNT; check++) {
        struct ts_monitor_result result;
        ts_monitor_result(monitor, check, &result);
        if (!result.measured)
            fail_msg("%s: %s was not measured", what, ts_monitor_check_str(check));
        if (result.errors == 0)
            continue;
        errors |= 1u << check;
        if (check != TS_MONITOR_PID && check != TS_MONITOR_CAT && check != TS_MONITOR_PTS)
            assert_in_range(result.first_us, 3900000, 4700000);
        assert_true(result.last_us >= result.first_us && result.last_us < 9100000);
    }
    assert_in_range(ts_monitor_time_us(monitor), 8900000, 9000000);
    ts_monitor_destroy(monitor);
    ts_demux_destroy(demux);
    return errors;
}

static void run_cases(struct stream *stream, bool live, int64_t first_pcr)
{
    for (size_t i = 0; i < CASE_COUNT; i++) {
        const struct ts_monitor_options options = {.live = live,
                                                   .pcr_interval_max_ms = cases[i].pcr_interval_max_ms};
        fill(stream, first_pcr);
        cases[i].damage(stream);
        unsigned errors = monitor_errors(stream, &options, cases[i].what);
        for (int check = 0; check < TS_MONITOR_CHECK_COUNT; check++) {
            if ((errors ^ cases[i].expected) >> check & 1)
                fail_msg("%s: %s %s", cases[i].what, ts_monitor_check_str(check),
                         errors >> check & 1 ? "was reported" : "was not reported");
        }
    }
}

static void test_file(void **state)
{
    run_cases(*state, false, 0);
}

static void test_live(void **state)
{
    run_cases(*state, true, 0);
}

/* The PCR's 33 bits run over in the middle. */
static void test_pcr_wraps(void **state)
{
    struct stream *stream = *state;
    const struct ts_monitor_options options = {.pcr_interval_max_ms = 40};
    fill(stream, (INT64_C(1) << 33) * 300 - INT64_C(27000000) * 5);
    assert_int_equal(monitor_errors(stream, &options, "wrap"), 0);
}

static void test_pcr_and_roles(void **state)
{
    struct stream *stream = *state;
    struct ts_monitor_pcr pcr;
    fill(stream, 0);
    struct ts_demux *demux = ts_demux_create();
    struct ts_monitor *monitor = ts_monitor_create(demux, NULL);
    ts_demux_push(demux, stream->bytes[0], sizeof(stream->bytes));
    assert_true(ts_monitor_pcr(monitor, 0, &pcr));
    assert_false(ts_monitor_pcr(monitor, 1, &pcr));
    assert_int_equal(pcr.pid, PCR_PID);
    assert_int_equal(pcr.count, 225);
    assert_int_equal(pcr.interval_max_us, 40000);
    assert_int_equal(pcr.interval_mean_us, 40000);
    assert_true(pcr.constant_rate);
    assert_in_range(pcr.accuracy_max_ns, 0, 40);
    assert_string_equal(ts_monitor_pid_role(monitor, 0), "PAT");
    assert_string_equal(ts_monitor_pid_role(monitor, PMT_PID), "PMT");
    assert_string_equal(ts_monitor_pid_role(monitor, VIDEO_PID), "video");
    assert_string_equal(ts_monitor_pid_role(monitor, PCR_PID), "PCR");
    assert_string_equal(ts_monitor_pid_role(monitor, 0x1234), "");
    ts_monitor_destroy(monitor);
    ts_monitor_destroy(NULL);
    ts_demux_destroy(demux);
}

/* Only null packets are left out, so that all keeps its time and each second interval of PCRs is short:
 * nothing is late, and where a PCR ought to lie among its packets nobody can say. */
static void test_variable_rate(void **state)
{
    struct stream *stream = *state;
    struct ts_monitor_result result;
    fill(stream, 0);
    struct ts_demux *demux = ts_demux_create();
    struct ts_monitor *monitor = ts_monitor_create(demux, NULL);
    for (size_t i = 0; i < PACKETS; i++) {
        struct ts_packet packet;
        assert_true(ts_packet_read(stream->bytes[i], &packet));
        if (packet.pid != TS_PID_NULL || i / MS(40) % 2 == 0)
            ts_demux_push(demux, stream->bytes[i], TS_PACKET_SIZE);
    }
    ts_monitor_finish(monitor);
    for (int check = 0; check < TS_MONITOR_CHECK_COUNT; check++) {
        ts_monitor_result(monitor, check, &result);
        assert_int_equal(result.errors, 0);
        assert_int_equal(result.measured, check != TS_MONITOR_PCR_ACCURACY);
        assert_int_equal(ts_monitor_not_measured(monitor, check) == NULL, result.measured);
    }
    assert_non_null(strstr(ts_monitor_not_measured(monitor, TS_MONITOR_PCR_ACCURACY), "not constant"));
    assert_in_range(ts_monitor_time_us(monitor), 8960000, 9000000);
    ts_monitor_destroy(monitor);
    ts_demux_destroy(demux);
}

/* Without PCRs a file has no time: nothing is claimed. An empty one has no PAT. */
static void test_not_measured(void **state)
{
    struct stream *stream = *state;
    struct ts_monitor_result result;
    fill(stream, 0);
    for (size_t i = 0; i < PACKETS; i += MS(40))
        ts_packet_write_null(stream->bytes[i]);
    struct ts_demux *demux = ts_demux_create();
    struct ts_monitor *monitor = ts_monitor_create(demux, NULL);
    ts_demux_push(demux, stream->bytes[0], sizeof(stream->bytes));
    ts_monitor_finish(monitor);
    ts_monitor_result(monitor, TS_MONITOR_PAT, &result);
    assert_false(result.measured);
    ts_monitor_result(monitor, TS_MONITOR_PCR_ACCURACY, &result);
    assert_false(result.measured);
    ts_monitor_result(monitor, TS_MONITOR_CONTINUITY, &result);
    assert_true(result.measured);
    ts_monitor_destroy(monitor);
    monitor = ts_monitor_create(demux, NULL);
    ts_monitor_finish(monitor);
    ts_monitor_result(monitor, TS_MONITOR_PAT, &result);
    assert_int_equal(result.errors, 1);
    ts_monitor_destroy(monitor);
    ts_demux_destroy(demux);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_live, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pcr_wraps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pcr_and_roles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_variable_rate, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_measured, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
