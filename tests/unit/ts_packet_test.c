/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/crc32.h"
#include "ts/packet.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_crc(void **state)
{
    (void)state;
    assert_int_equal(ts_crc32("123456789", 9), 0x0376E6E7);
    assert_int_equal(ts_crc32("", 0), 0xFFFFFFFF);
    /* A DII off air: the remainder over section and CRC_32 is 0. */
    static const uint8_t dii[] = {
        0x3b, 0xb0, 0x53, 0x00, 0x02, 0xc1, 0x00, 0x00, 0x11, 0x03, 0x10, 0x02, 0x80, 0x02, 0x00,
        0x02, 0xff, 0x00, 0x00, 0x3e, 0x00, 0x00, 0x00, 0xab, 0x0f, 0xe2, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x07,
        0x55, 0x02, 0x20, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
        0x01, 0x00, 0x00, 0x00, 0x17, 0x00, 0x47, 0x00, 0x0b, 0x09, 0x05, 0x78, 0x00, 0x00, 0x16,
        0x3f, 0x71, 0x02, 0xff, 0xff, 0x00, 0x00, 0xb5, 0x3c, 0xb6, 0x10,
    };
    assert_int_equal(ts_crc32(dii, sizeof(dii)), 0);
}

static const uint8_t payload[TS_PACKET_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static void round_trip(struct ts_packet_options options, size_t size, size_t expected_taken)
{
    uint8_t bytes[TS_PACKET_SIZE];
    struct ts_packet packet;
    memset(bytes, 0xAA, sizeof(bytes));
    assert_int_equal(ts_packet_write(bytes, &options, payload, size), expected_taken);
    assert_true(ts_packet_read(bytes, &packet));
    assert_int_equal(packet.pid, options.pid);
    assert_int_equal(packet.continuity_counter, options.continuity_counter & 15);
    assert_int_equal(packet.payload_unit_start, options.payload_unit_start);
    assert_int_equal(packet.discontinuity, options.discontinuity);
    assert_int_equal(packet.random_access, options.random_access);
    assert_int_equal(packet.has_pcr, options.has_pcr);
    assert_int_equal(packet.pcr_27mhz, options.has_pcr ? options.pcr_27mhz : 0);
    assert_false(packet.transport_error);
    assert_false(packet.scrambled);
    assert_int_equal(packet.has_payload, expected_taken > 0);
    assert_int_equal(packet.payload_size, expected_taken);
    if (expected_taken)
        assert_memory_equal(packet.payload, payload, expected_taken);
}

static void test_round_trips(void **state)
{
    (void)state;
    const uint64_t last_pcr = (UINT64_C(1) << 33) * 300 - 1;
    round_trip((struct ts_packet_options){.pid = 0}, 184, 184);
    round_trip((struct ts_packet_options){.pid = 0x1FFE, .continuity_counter = 31}, 188, 184);
    round_trip((struct ts_packet_options){.pid = 256, .payload_unit_start = true}, 183, 183);
    round_trip((struct ts_packet_options){.pid = 256}, 182, 182);
    round_trip((struct ts_packet_options){.pid = 256}, 1, 1);
    round_trip((struct ts_packet_options){.pid = 256}, 0, 0);
    round_trip((struct ts_packet_options){.pid = 256, .random_access = true}, 184, 182);
    round_trip((struct ts_packet_options){.pid = 256, .discontinuity = true}, 20, 20);
    round_trip((struct ts_packet_options){.pid = 256, .has_pcr = true, .pcr_27mhz = last_pcr}, 184, 176);
    round_trip((struct ts_packet_options){.pid = 256, .has_pcr = true, .pcr_27mhz = 299}, 175, 175);
    round_trip((struct ts_packet_options){.pid = 256, .has_pcr = true, .pcr_27mhz = 300}, 0, 0);
    for (uint64_t pcr = 1; pcr < last_pcr; pcr = pcr * 5 + 3)
        round_trip((struct ts_packet_options){.pid = 33, .has_pcr = true, .pcr_27mhz = pcr}, 100, 100);
}

static void test_null(void **state)
{
    (void)state;
    uint8_t bytes[TS_PACKET_SIZE];
    struct ts_packet packet;
    ts_packet_write_null(bytes);
    assert_true(ts_packet_read(bytes, &packet));
    assert_int_equal(packet.pid, TS_PID_NULL);
    assert_int_equal(packet.payload_size, 184);
}

struct header_case {
    const char *what;
    uint8_t header[12];
    bool good;
    unsigned payload_size;
};

static void test_headers(void **state)
{
    (void)state;
    static const struct header_case cases[] = {
        {"no sync byte", {0x46, 0x00, 0x21, 0x10}, false, 0},
        {"adaptation_field_control 0", {0x47, 0x00, 0x21, 0x00}, false, 0},
        {"payload only", {0x47, 0x00, 0x21, 0x1F}, true, 184},
        {"empty adaptation field", {0x47, 0x00, 0x21, 0x30, 0}, true, 183},
        {"largest adaptation field with payload", {0x47, 0x00, 0x21, 0x30, 182, 0}, true, 1},
        {"adaptation field leaves no payload", {0x47, 0x00, 0x21, 0x30, 183, 0}, false, 0},
        {"adaptation field only", {0x47, 0x00, 0x21, 0x20, 183, 0}, true, 0},
        {"adaptation field beyond the packet", {0x47, 0x00, 0x21, 0x20, 184, 0}, false, 0},
        {"adaptation field of 255", {0x47, 0x00, 0x21, 0x30, 255, 0xFF}, false, 0},
        {"PCR does not fit", {0x47, 0x00, 0x21, 0x30, 6, 0x10}, false, 0},
        {"PCR just fits", {0x47, 0x00, 0x21, 0x30, 7, 0x10}, true, 176},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[TS_PACKET_SIZE] = {0};
        struct ts_packet packet;
        memcpy(bytes, cases[i].header, sizeof(cases[i].header));
        if (ts_packet_read(bytes, &packet) != cases[i].good)
            fail_msg("%s", cases[i].what);
        if (cases[i].good && packet.payload_size != cases[i].payload_size)
            fail_msg("%s: payload of %u", cases[i].what, packet.payload_size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc),
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_null),
        cmocka_unit_test(test_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
