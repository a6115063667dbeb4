/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/crc32.h"
#include "ts/demux.h"
#include "ts/section.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PID 0x123
#define STREAM_MAX (1024 * TS_PACKET_SIZE)

/* What a subscriber saw. */
struct seen {
    struct ts_demux *demux;
    struct ts_subscription *subscription;
    size_t packets, lost_packets, sections, last_size, pcrs, discontinuities;
    uint8_t last[TS_SECTION_SIZE_MAX];
    uint32_t sizes;
    uint64_t pcr, pcr_index;
};

static void on_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct seen *seen = context;
    assert_int_equal(pid, PID);
    seen->sections++;
    seen->last_size = size;
    seen->sizes += (uint32_t)size;
    memcpy(seen->last, section, size);
}

static void on_packet(void *context, const struct ts_packet *packet, const uint8_t bytes[TS_PACKET_SIZE],
                      bool lost)
{
    struct seen *seen = context;
    assert_true(packet->has_payload && bytes[0] == TS_SYNC_BYTE);
    seen->packets++;
    seen->lost_packets += lost;
}

static void on_pcr(void *context, uint16_t pid, uint64_t pcr_27mhz, uint64_t packet_index, bool discontinuity)
{
    struct seen *seen = context;
    assert_int_equal(pid, PID);
    seen->pcrs++;
    seen->discontinuities += discontinuity;
    seen->pcr = pcr_27mhz;
    seen->pcr_index = packet_index;
}

/* A stream of packets with sections numbered in their body. */
struct stream {
    uint8_t bytes[STREAM_MAX];
    size_t size;
    uint8_t counter;
};

static void put(struct stream *stream, const uint8_t *payload, size_t size, bool start)
{
    struct ts_packet_options options = {
        .pid = PID, .continuity_counter = stream->counter++, .payload_unit_start = start};
    assert_true(stream->size + TS_PACKET_SIZE <= STREAM_MAX);
    ts_packet_write(stream->bytes + stream->size, &options, payload, size);
    stream->size += TS_PACKET_SIZE;
}

static void make_section(struct buffer *buffer, uint8_t table_id, size_t body_size, uint8_t fill)
{
    static uint8_t body[TS_SECTION_SIZE_MAX];
    memset(body, fill, sizeof(body));
    const struct ts_section_header header = {
        .table_id = table_id, .table_id_extension = 7, .current_next = true};
    ts_section_append(buffer, &header, body, body_size);
}

/* Sections one behind the other, given one at a time. */
struct source {
    struct buffer buffer;
    size_t at;
};

static const uint8_t *next_section(void *context, size_t *size)
{
    struct source *source = context;
    if (source->at >= source->buffer.size)
        return NULL;
    const uint8_t *section = source->buffer.data + source->at;
    *size = 3 + ((size_t)(section[1] & 15) << 8 | section[2]);
    source->at += *size;
    return section;
}

static void packetize(struct stream *stream, struct source *source)
{
    struct ts_sectioner sectioner;
    ts_sectioner_init(&sectioner, PID);
    sectioner.continuity_counter = stream->counter & 15;
    while (ts_sectioner_packet(&sectioner, stream->bytes + stream->size, next_section, source)) {
        stream->size += TS_PACKET_SIZE;
        assert_true(stream->size < STREAM_MAX);
    }
    stream->counter = sectioner.continuity_counter;
}

static int set_up(void **state)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    *state = stream;
    return stream ? 0 : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static struct ts_demux_counts counts_of(struct ts_demux *demux)
{
    struct ts_demux_counts counts;
    ts_demux_counts(demux, &counts);
    return counts;
}

/* Sections of every size from the smallest to the largest, through the sectioner and back, pushed in odd
 * pieces. */
static void test_sections_round_trip(void **state)
{
    struct stream *stream = *state;
    struct source source = {0};
    buffer_init(&source.buffer, 1 << 20);
    size_t count = 0;
    for (size_t body = 0; body <= 4084; body += body < 200 ? 1 : 431)
        make_section(&source.buffer, 0x40, body, (uint8_t)body), count++;
    make_section(&source.buffer, 0x40, 4084, 9);
    count++;
    assert_false(source.buffer.failed);
    packetize(stream, &source);
    /* No waste: a pointer_field a packet at most, stuffing only in packets of four short sections and in the
     * last one. */
    assert_true(stream->size / TS_PACKET_SIZE <= source.buffer.size / 120);

    struct seen seen = {0};
    struct ts_demux *demux = ts_demux_create();
    ts_demux_sections(demux, PID, on_section, &seen);
    for (size_t at = 0, piece = 1; at < stream->size; piece = piece * 5 % 977 + 1) {
        size_t part = piece < stream->size - at ? piece : stream->size - at;
        ts_demux_push(demux, stream->bytes + at, part);
        at += part;
    }
    assert_int_equal(seen.sections, count);
    assert_int_equal(seen.sizes, source.buffer.size);
    assert_int_equal(seen.last_size, TS_SECTION_SIZE_MAX);
    struct ts_demux_counts counts = counts_of(demux);
    assert_int_equal(counts.bad_sections, 0);
    assert_int_equal(counts.continuity_errors, 0);
    assert_int_equal(counts.bytes_skipped, 0);
    assert_int_equal(counts.packets, stream->size / TS_PACKET_SIZE);
    struct ts_section_header header;
    assert_true(ts_section_read_header(seen.last, seen.last_size, &header));
    assert_int_equal(header.table_id_extension, 7);
    ts_demux_destroy(demux);
    buffer_finish(&source.buffer);
}

static void test_section_too_large_to_build(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1 << 20);
    make_section(&buffer, 0x40, 4085, 0);
    assert_true(buffer.failed);
    buffer_finish(&buffer);
}

static void test_section_header_refused(void **state)
{
    (void)state;
    static const uint8_t sections[][12] = {
        {0x40, 0x30, 9, 0, 1, 0xC1, 0, 0, 0, 0, 0, 0},  /* section_syntax_indicator 0 */
        {0x40, 0xB0, 10, 0, 1, 0xC1, 0, 0, 0, 0, 0, 0}, /* length says more */
        {0x40, 0xB0, 8, 0, 1, 0xC1, 0, 0, 0, 0, 0, 0},  /* length says less */
    };
    struct ts_section_header header;
    for (size_t i = 0; i < 3; i++)
        assert_false(ts_section_read_header(sections[i], 12, &header));
    static const uint8_t good[12] = {0x40, 0xF0, 9, 0x12, 0x34, 0xC1 | 5 << 1, 2, 3};
    assert_false(ts_section_read_header(good, 11, &header));
    assert_true(ts_section_read_header(good, 12, &header));
    assert_true(header.private_indicator && header.current_next);
    assert_int_equal(header.version, 5);
    assert_int_equal(header.table_id_extension, 0x1234);
    assert_int_equal(header.section_number, 2);
    assert_int_equal(header.last_section_number, 3);
}

/* One raw payload, or two, and how many sections and bad ones they hold. */
struct payload_case {
    const char *what;
    uint8_t first[32];
    size_t first_size;
    bool second_starts;
    uint8_t second[8];
    size_t second_size; /* 0: one packet only */
    size_t sections, bad;
};

#define SHORT_SECTION 0x80, 0x30, 2, 1, 2 /* a private one without CRC */

static void test_payloads(void **state)
{
    struct stream *stream = *state;
    static const struct payload_case cases[] = {
        {"one", {0, SHORT_SECTION, 0xFF}, 7, false, {0}, 0, 1, 0},
        {"two in one packet", {0, SHORT_SECTION, SHORT_SECTION, 0xFF}, 12, false, {0}, 0, 2, 0},
        {"behind a pointer", {3, 9, 9, 9, SHORT_SECTION, 0xFF}, 10, false, {0}, 0, 1, 0},
        {"pointer to the payload's end", {4, 1, 1, 1}, 4, false, {0}, 0, 0, 1},
        {"pointer beyond", {200, 1, 1, 1}, 4, false, {0}, 0, 0, 1},
        {"header across two packets", {0, 0x80, 0x30}, 3, false, {2, 1, 2, 0xFF}, 4, 1, 0},
        {"ends before a new start", {0, 0x80, 0x30, 2, 1}, 5, true, {1, 2, SHORT_SECTION, 0xFF}, 8, 2, 0},
        {"cut by a new start", {0, 0x80, 0x30, 9, 1}, 5, true, {1, 2, SHORT_SECTION, 0xFF}, 8, 1, 1},
        {"longer than 4096", {0, 0x80, 0x3F, 0xFE, SHORT_SECTION}, 9, false, {SHORT_SECTION}, 5, 0, 1},
        {"long form, bad CRC",
         {0, 0x40, 0xB0, 9, 0, 1, 0xC1, 0, 0, 1, 2, 3, 4, 0xFF},
         14,
         false,
         {0},
         0,
         0,
         1},
        {"long form too short", {0, 0x40, 0xB0, 4, 1, 2, 3, 4, 0xFF}, 9, false, {0}, 0, 0, 1},
        {"TOT, bad CRC", {0, 0x73, 0x70, 5, 1, 2, 3, 4, 5, 0xFF}, 10, false, {0}, 0, 0, 1},
        {"stuffing only", {0, 0xFF, 0xFF}, 3, false, {0xFF}, 1, 0, 0},
        {"no start seen", {0, 0xFF}, 2, false, {SHORT_SECTION}, 5, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct payload_case *at = &cases[i];
        struct seen seen = {0};
        struct ts_demux *demux = ts_demux_create();
        ts_demux_sections(demux, PID, on_section, &seen);
        stream->size = 0;
        put(stream, at->first, at->first_size, true);
        if (at->second_size)
            put(stream, at->second, at->second_size, at->second_starts);
        ts_demux_push(demux, stream->bytes, stream->size);
        struct ts_demux_counts counts = counts_of(demux);
        if (seen.sections != at->sections || counts.bad_sections != at->bad ||
            counts.sections != at->sections)
            fail_msg("%s: %zu sections, %zu bad", at->what, seen.sections, (size_t)counts.bad_sections);
        ts_demux_destroy(demux);
    }
}

/* A TOT has section_syntax_indicator 0 and a CRC_32. */
static void test_tot(void **state)
{
    struct stream *stream = *state;
    uint8_t payload[] = {0, 0x73, 0x70, 11, 0xE5, 0x16, 0x12, 0x45, 0, 0xF0, 0, 0, 0, 0, 0};
    uint32_t crc = ts_crc32(payload + 1, 10);
    for (int i = 0; i < 4; i++)
        payload[11 + i] = (uint8_t)(crc >> (24 - 8 * i));
    struct seen seen = {0};
    struct ts_demux *demux = ts_demux_create();
    ts_demux_sections(demux, PID, on_section, &seen);
    put(stream, payload, sizeof(payload), true);
    ts_demux_push(demux, stream->bytes, stream->size);
    assert_int_equal(seen.sections, 1);
    ts_demux_destroy(demux);
}

static void make_three(struct stream *stream, struct source *source)
{
    buffer_init(&source->buffer, 1 << 20);
    source->at = 0;
    for (int i = 0; i < 3; i++)
        make_section(&source->buffer, 0x40, 1000, (uint8_t)i);
    packetize(stream, source);
    buffer_finish(&source->buffer);
}

static void test_bad_crc(void **state)
{
    struct stream *stream = *state;
    struct source source = {0};
    struct seen seen = {0};
    make_three(stream, &source);
    stream->bytes[2 * TS_PACKET_SIZE + 50] ^= 4;
    struct ts_demux *demux = ts_demux_create();
    ts_demux_sections(demux, PID, on_section, &seen);
    ts_demux_push(demux, stream->bytes, stream->size);
    assert_int_equal(seen.sections, 2);
    assert_int_equal(counts_of(demux).bad_sections, 1);
    ts_demux_destroy(demux);
}

/* Each packet twice, in between packets without payload that repeat the counter: nothing is lost (2.4.3.3).
 */
static void test_duplicates_and_empty_packets(void **state)
{
    struct stream *stream = *state;
    struct source source = {0};
    struct seen seen = {0};
    make_three(stream, &source);
    struct ts_demux *demux = ts_demux_create();
    ts_demux_sections(demux, PID, on_section, &seen);
    ts_demux_packets(demux, PID, on_packet, &seen);
    for (size_t at = 0; at < stream->size; at += TS_PACKET_SIZE) {
        uint8_t empty[TS_PACKET_SIZE];
        const struct ts_packet_options options = {.pid = PID,
                                                  .continuity_counter = stream->bytes[at + 3] & 15};
        ts_packet_write(empty, &options, NULL, 0);
        ts_demux_push(demux, stream->bytes + at, TS_PACKET_SIZE);
        ts_demux_push(demux, empty, TS_PACKET_SIZE);
        ts_demux_push(demux, stream->bytes + at, TS_PACKET_SIZE);
    }
    size_t packets = stream->size / TS_PACKET_SIZE;
    struct ts_demux_counts counts = counts_of(demux);
    assert_int_equal(seen.sections, 3);
    assert_int_equal(seen.packets, packets);
    assert_int_equal(counts.duplicates, packets);
    assert_int_equal(counts.continuity_errors, 0);
    ts_demux_destroy(demux);
}

/* The same counter with other bytes is sixteen packets lost, not a duplicate. */
static void test_same_counter_other_bytes(void **state)
{
    struct stream *stream = *state;
    struct seen seen = {0};
    static const uint8_t first[4] = {0, 0x80, 0x30, 9}, second[4] = {1, 2, 3, 4};
    put(stream, first, sizeof(first), true);
    stream->counter--;
    put(stream, second, sizeof(second), false);
    struct ts_demux *demux = ts_demux_create();
    ts_demux_packets(demux, PID, on_packet, &seen);
    ts_demux_push(demux, stream->bytes, stream->size);
    assert_int_equal(seen.packets, 2);
    assert_int_equal(seen.lost_packets, 1);
    assert_int_equal(counts_of(demux).continuity_errors, 1);
    ts_demux_destroy(demux);
}

static void damage(struct stream *stream, size_t packet, const char *how)
{
    uint8_t *bytes = stream->bytes + packet * TS_PACKET_SIZE;
    if (!strcmp(how, "transport_error"))
        bytes[1] |= 0x80;
    else if (!strcmp(how, "scrambled"))
        bytes[3] |= 0x80;
    else if (!strcmp(how, "adaptation_field_control 0"))
        bytes[3] &= 0xCF;
    else if (!strcmp(how, "sync byte"))
        bytes[0] = 0x46;
    else
        memmove(bytes, bytes + TS_PACKET_SIZE, stream->size -= TS_PACKET_SIZE);
}

/* The packet in the middle of section 1 of 0..2 does not come, for every reason there is: sections 0 and 2
 * do. */
static void test_lost_packets(void **state)
{
    struct stream *stream = *state;
    static const char *const hows[] = {"transport_error", "scrambled", "adaptation_field_control 0",
                                       "sync byte", "dropped"};
    for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
        struct source source = {0};
        struct seen seen = {0};
        stream->size = 0;
        make_three(stream, &source);
        damage(stream, 8, hows[i]);
        struct ts_demux *demux = ts_demux_create();
        ts_demux_sections(demux, PID, on_section, &seen);
        ts_demux_packets(demux, TS_PID_COUNT, on_packet, &seen);
        ts_demux_push(demux, stream->bytes, stream->size);
        struct ts_demux_counts counts = counts_of(demux);
        if (seen.sections != 2 || seen.lost_packets != 1 || counts.bad_sections != 1)
            fail_msg("%s: %zu sections", hows[i], seen.sections);
        assert_int_equal(counts.transport_errors, i == 0);
        assert_int_equal(counts.scrambled, i == 1);
        assert_int_equal(counts.bad_headers, i == 2);
        assert_int_equal(counts.bytes_skipped, i == 3 ? TS_PACKET_SIZE : 0);
        assert_int_equal(counts.continuity_errors, i != 1);
        assert_int_equal(counts.sync_losses, 0);
        ts_demux_destroy(demux);
    }
}

/* An announced discontinuity is no error, yet what it tore apart is not joined. */
static void test_announced_discontinuity(void **state)
{
    struct stream *stream = *state;
    struct seen seen = {0};
    static const uint8_t first[4] = {0, 0x80, 0x30, 9}, whole[] = {0, SHORT_SECTION, 0xFF};
    put(stream, first, sizeof(first), true);
    struct ts_packet_options options = {
        .pid = PID, .continuity_counter = 9, .payload_unit_start = true, .discontinuity = true};
    ts_packet_write(stream->bytes + stream->size, &options, whole, sizeof(whole));
    stream->size += TS_PACKET_SIZE;
    struct ts_demux *demux = ts_demux_create();
    ts_demux_sections(demux, PID, on_section, &seen);
    ts_demux_push(demux, stream->bytes, stream->size);
    assert_int_equal(seen.sections, 1);
    assert_int_equal(counts_of(demux).continuity_errors, 0);
    ts_demux_destroy(demux);
}

/* Garbage, full of sync bytes, before and inside the stream: synchronisation is found again. */
static void test_sync_after_garbage(void **state)
{
    struct stream *stream = *state;
    struct source source = {0};
    struct seen seen = {0};
    uint8_t garbage[1000];
    make_three(stream, &source);
    for (size_t i = 0; i < sizeof(garbage); i++)
        garbage[i] = i % 7 ? (uint8_t)(i * 31) : TS_SYNC_BYTE;
    garbage[0] = 0;
    struct ts_demux *demux = ts_demux_create();
    ts_demux_sections(demux, PID, on_section, &seen);
    ts_demux_push(demux, garbage, sizeof(garbage));
    assert_int_equal(counts_of(demux).packets, 0);
    ts_demux_push(demux, stream->bytes, stream->size);
    assert_int_equal(seen.sections, 3);
    assert_int_equal(counts_of(demux).sync_losses, 0);
    ts_demux_push(demux, garbage, sizeof(garbage));
    ts_demux_push(demux, stream->bytes, stream->size);
    assert_int_equal(counts_of(demux).sync_losses, 1);
    assert_in_range(seen.sections, 5, 6); /* the first may lose its start to a false position */
    ts_demux_push(demux, stream->bytes, stream->size);
    assert_in_range(seen.sections, 8, 9);
    ts_demux_destroy(demux);
}

/* Bytes of nothing but sync bytes are packets with a wrong header or of a strange PID; they harm nobody. */
static void test_only_sync_bytes(void **state)
{
    (void)state;
    uint8_t bytes[5000];
    memset(bytes, TS_SYNC_BYTE, sizeof(bytes));
    struct ts_demux *demux = ts_demux_create();
    ts_demux_push(demux, bytes, sizeof(bytes));
    assert_int_equal(counts_of(demux).packets, sizeof(bytes) / TS_PACKET_SIZE);
    ts_demux_destroy(demux);
}

static void test_reset_forgets(void **state)
{
    struct stream *stream = *state;
    struct source source = {0};
    struct seen seen = {0};
    make_three(stream, &source);
    struct ts_demux *demux = ts_demux_create();
    ts_demux_sections(demux, PID, on_section, &seen);
    ts_demux_push(demux, stream->bytes, 3 * TS_PACKET_SIZE + 77);
    ts_demux_reset(demux);
    ts_demux_push(demux, stream->bytes, stream->size);
    assert_int_equal(seen.sections, 3);
    assert_int_equal(counts_of(demux).bad_sections, 0);
    assert_int_equal(counts_of(demux).continuity_errors, 0);
    ts_demux_destroy(demux);
}

static void test_pcr(void **state)
{
    struct stream *stream = *state;
    struct seen seen = {0};
    struct ts_packet_options options = {.pid = PID, .has_pcr = true, .pcr_27mhz = 123456789};
    ts_packet_write_null(stream->bytes);
    ts_packet_write(stream->bytes + TS_PACKET_SIZE, &options, NULL, 0);
    options.pcr_27mhz = 299;
    options.discontinuity = true;
    ts_packet_write(stream->bytes + 2 * TS_PACKET_SIZE, &options, "x", 1);
    struct ts_demux *demux = ts_demux_create();
    ts_demux_pcr(demux, PID, on_pcr, &seen);
    ts_demux_push(demux, stream->bytes, 2 * TS_PACKET_SIZE);
    assert_int_equal(seen.pcr, 123456789);
    assert_int_equal(seen.pcr_index, 1);
    ts_demux_push(demux, stream->bytes + 2 * TS_PACKET_SIZE, TS_PACKET_SIZE);
    assert_int_equal(seen.pcr, 299);
    assert_int_equal(seen.pcr_index, 2);
    assert_int_equal(seen.pcrs, 2);
    assert_int_equal(seen.discontinuities, 1);
    ts_demux_destroy(demux);
}

static void end_itself(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct seen *seen = context;
    on_section(context, pid, section, size);
    ts_demux_unsubscribe(seen->demux, seen->subscription);
}

static void begin_other(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct seen *seen = context;
    (void)pid, (void)section, (void)size;
    if (!seen->subscription)
        seen->subscription = ts_demux_sections(seen->demux, PID, on_section, seen);
}

static void test_callbacks_may_subscribe(void **state)
{
    struct stream *stream = *state;
    struct source source = {0};
    make_three(stream, &source);
    struct ts_demux *demux = ts_demux_create();
    struct seen once = {.demux = demux}, late = {.demux = demux}, always = {0};
    ts_demux_sections(demux, PID, on_section, &always);
    once.subscription = ts_demux_sections(demux, PID, end_itself, &once);
    ts_demux_sections(demux, PID, begin_other, &late);
    ts_demux_push(demux, stream->bytes, stream->size);
    assert_int_equal(once.sections, 1);
    assert_int_equal(late.sections, 2);
    assert_int_equal(always.sections, 3);
    ts_demux_unsubscribe(demux, late.subscription);
    ts_demux_unsubscribe(demux, NULL);
    ts_demux_destroy(demux);
}

static void end_all(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct seen *seen = context;
    on_section(context, pid, section, size);
    ts_demux_destroy(seen->demux);
}

static void reset_all(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct seen *seen = context;
    on_section(context, pid, section, size);
    ts_demux_reset(seen->demux);
}

static void test_callbacks_may_reset_and_destroy(void **state)
{
    struct stream *stream = *state;
    struct source source = {0};
    make_three(stream, &source);
    struct seen seen = {.demux = ts_demux_create()};
    ts_demux_sections(seen.demux, PID, reset_all, &seen);
    ts_demux_push(seen.demux, stream->bytes, stream->size);
    assert_int_equal(seen.sections, 1); /* the rest of that push was forgotten */
    ts_demux_push(seen.demux, stream->bytes, stream->size);
    assert_int_equal(seen.sections, 2);
    assert_int_equal(counts_of(seen.demux).bad_sections, 0);
    ts_demux_destroy(seen.demux);

    struct seen last = {.demux = ts_demux_create()};
    ts_demux_sections(last.demux, PID, end_all, &last);
    ts_demux_push(last.demux, stream->bytes, stream->size);
    assert_int_equal(last.sections, 1);
}

/* The stream with front bytes before and behind bytes after each packet. */
static size_t spread(const struct stream *stream, size_t front, size_t behind, uint8_t *out)
{
    size_t size = 0;
    for (size_t at = 0; at < stream->size; at += TS_PACKET_SIZE) {
        memset(out + size, 0x11, front);
        memcpy(out + size + front, stream->bytes + at, TS_PACKET_SIZE);
        memset(out + size + front + TS_PACKET_SIZE, 0x22, behind);
        size += front + TS_PACKET_SIZE + behind;
    }
    return size;
}

/* Packets 188, 192 and 204 bytes apart, pushed in odd pieces and whole, from their start and cut anywhere. */
static void test_strides(void **state)
{
    struct stream *stream = *state;
    static const struct {
        size_t front, behind;
    } formats[] = {{0, 0}, {4, 0}, {0, 16}};
    struct source source = {0};
    make_three(stream, &source);
    uint8_t *bytes = malloc(stream->size * 2);
    size_t packets = stream->size / TS_PACKET_SIZE;
    for (size_t i = 0; i < 3 * 5 * 20; i++) {
        size_t front = formats[i % 3].front, behind = formats[i % 3].behind;
        size_t size = spread(stream, front, behind, bytes), cut = i / 15 * 11;
        size_t pieces[] = {1, 7 * (TS_PACKET_SIZE + front + behind), 33, 1000, size};
        struct seen seen = {0};
        struct ts_demux *demux = ts_demux_create();
        ts_demux_sections(demux, PID, on_section, &seen);
        for (size_t at = cut, piece = pieces[i / 3 % 5]; at < size; at += piece)
            ts_demux_push(demux, bytes + at, piece < size - at ? piece : size - at);
        struct ts_demux_counts counts = counts_of(demux);
        assert_int_equal(ts_demux_stride(demux), TS_PACKET_SIZE + front + behind);
        assert_int_equal(seen.sections, cut > front ? 2 : 3);
        assert_int_equal(counts.packets,
                         packets - (cut > front) - (cut > front + TS_PACKET_SIZE + behind + front));
        assert_int_equal(counts.sync_losses + counts.sync_byte_errors + counts.continuity_errors, 0);
        if (cut == 0)
            assert_int_equal(counts.bytes_skipped, 0);
        ts_demux_destroy(demux);
    }
    free(bytes);
}

/* Wants what begins with an even body byte; the head holds the section's first 26 bytes. */
static bool want_even(void *context, uint16_t pid, const uint8_t head[TS_SECTION_HEAD_SIZE])
{
    (void)context;
    assert_int_equal(pid, PID);
    assert_int_equal(head[0], 0x40);
    assert_int_equal(head[8], head[25]);
    return head[8] % 2 == 0;
}

/* Sections long and short, of which every second is unwanted and broken: nobody notices, until a subscriber
 * wants all. */
static void test_unwanted_sections(void **state)
{
    struct stream *stream = *state;
    for (int all = 0; all < 2; all++) {
        struct source source = {0};
        struct seen some = {0}, every = {0};
        stream->size = 0;
        stream->counter = 0;
        buffer_init(&source.buffer, 1 << 20);
        for (size_t i = 0; i < 60; i++) {
            size_t start = source.buffer.size;
            /* With heads that lie across packets too. */
            make_section(&source.buffer, 0x40, i % 3 ? 900 + i : 20 + i, (uint8_t)i);
            if (i % 2 && !all)
                source.buffer.data[start + 8 + 20] ^= 1;
        }
        packetize(stream, &source);
        struct ts_demux *demux = ts_demux_create();
        ts_demux_set_want(ts_demux_sections(demux, PID, on_section, &some), want_even);
        if (all)
            ts_demux_sections(demux, PID, on_section, &every);
        for (size_t at = 0; at < stream->size; at += 1000)
            ts_demux_push(demux, stream->bytes + at, stream->size - at < 1000 ? stream->size - at : 1000);
        struct ts_demux_counts counts = counts_of(demux);
        if (all) {
            assert_int_equal(every.sections, 60);
            assert_int_equal(some.sections, 60); /* it may come all the same */
            assert_int_equal(counts.passed_sections, 0);
        } else {
            assert_int_equal(some.sections, 30);
            assert_int_equal(counts.passed_sections + counts.bad_sections, 30);
            assert_true(counts.passed_sections >= 20);
        }
        ts_demux_destroy(demux);
        buffer_finish(&source.buffer);
    }
}

/* What is the matter is counted for each PID, subscribed or not. */
static void test_pid_counts(void **state)
{
    struct stream *stream = *state;
    static const uint8_t payload[4] = {1, 2, 3, 4};
    static const uint8_t counters[] = {0, 1, 1, 1, 2, 5, 6};
    for (size_t i = 0; i < sizeof(counters); i++) {
        stream->counter = counters[i];
        put(stream, payload, sizeof(payload), false);
    }
    put(stream, payload, sizeof(payload), false);
    stream->bytes[stream->size - TS_PACKET_SIZE + 3] |= 0x80;
    put(stream, payload, sizeof(payload), false);
    stream->bytes[stream->size - TS_PACKET_SIZE + 1] |= 0x80;
    const struct ts_packet_options options = {.pid = PID, .continuity_counter = 1, .discontinuity = true};
    ts_packet_write(stream->bytes + stream->size, &options, payload, sizeof(payload));
    ts_packet_write_null(stream->bytes + stream->size + TS_PACKET_SIZE);
    stream->size += 2 * TS_PACKET_SIZE;
    for (int subscribed = 0; subscribed < 2; subscribed++) {
        struct ts_demux *demux = ts_demux_create();
        struct seen seen = {0};
        if (subscribed)
            ts_demux_packets(demux, PID, on_packet, &seen);
        ts_demux_push(demux, stream->bytes, stream->size);
        struct ts_pid_counts counts;
        assert_true(ts_demux_pid_counts(demux, PID, &counts));
        assert_int_equal(counts.packets, 9);
        assert_int_equal(counts.duplicates, 2);
        assert_int_equal(counts.continuity_errors, 2); /* the third copy, and 2 to 5 */
        assert_int_equal(counts.scrambled, 1);
        assert_int_equal(counts.transport_errors, 1);
        assert_int_equal(counts.discontinuities, 1);
        assert_int_equal(counts_of(demux).continuity_errors, 2);
        assert_int_equal(counts_of(demux).discontinuities, 1);
        assert_true(ts_demux_pid_counts(demux, TS_PID_NULL, &counts));
        assert_int_equal(counts.packets, 1);
        assert_false(ts_demux_pid_counts(demux, 5, &counts));
        if (subscribed)
            assert_int_equal(seen.packets, 6);
        ts_demux_destroy(demux);
    }
}

/* A duplicate is known across pushes, and with pieces of the stream that are no longer there. */
static void test_duplicate_in_later_push(void **state)
{
    (void)state;
    struct seen seen = {0};
    uint8_t bytes[TS_PACKET_SIZE];
    const struct ts_packet_options options = {.pid = PID, .continuity_counter = 3};
    struct ts_demux *demux = ts_demux_create();
    ts_demux_packets(demux, PID, on_packet, &seen);
    for (int i = 0; i < 2; i++) {
        ts_packet_write(bytes, &options, "once", 4);
        ts_demux_push(demux, bytes, 100);
        ts_demux_push(demux, bytes + 100, TS_PACKET_SIZE - 100);
        memset(bytes, 0, sizeof(bytes));
    }
    assert_int_equal(seen.packets, 1);
    assert_int_equal(counts_of(demux).duplicates, 1);
    ts_demux_destroy(demux);
}

static void test_pcr_of_every_pid(void **state)
{
    (void)state;
    struct seen seen = {0};
    uint8_t bytes[TS_PACKET_SIZE];
    const struct ts_packet_options options = {.pid = PID, .has_pcr = true, .pcr_27mhz = 77};
    ts_packet_write(bytes, &options, NULL, 0);
    struct ts_demux *demux = ts_demux_create();
    ts_demux_pcr(demux, TS_PID_COUNT, on_pcr, &seen);
    ts_demux_push(demux, bytes, sizeof(bytes));
    assert_int_equal(seen.pcrs, 1);
    assert_int_equal(seen.pcr, 77);
    ts_demux_destroy(demux);
}

/* Both ways of the CRC against the bits of the standard, for every size and alignment. */
static void test_crc_both_ways(void **state)
{
    (void)state;
    uint8_t bytes[600];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * i * 7 + i);
    for (size_t size = 0; size < 500; size++) {
        const uint8_t *at = bytes + size % 16;
        uint32_t crc = 0xFFFFFFFF;
        for (size_t i = 0; i < 8 * size; i++) {
            uint32_t bit = (crc >> 31) ^ (at[i / 8] >> (7 - i % 8) & 1u);
            crc = crc << 1 ^ (bit ? 0x04C11DB7 : 0);
        }
        assert_int_equal(ts_crc32(at, size), crc);
        assert_int_equal(ts_crc32_portable(at, size), crc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_strides, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unwanted_sections, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pid_counts, set_up, tear_down),
        cmocka_unit_test(test_duplicate_in_later_push),
        cmocka_unit_test(test_pcr_of_every_pid),
        cmocka_unit_test(test_crc_both_ways),
        cmocka_unit_test_setup_teardown(test_sections_round_trip, set_up, tear_down),
        cmocka_unit_test(test_section_too_large_to_build),
        cmocka_unit_test(test_section_header_refused),
        cmocka_unit_test_setup_teardown(test_payloads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tot, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_crc, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_duplicates_and_empty_packets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_counter_other_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lost_packets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_announced_discontinuity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sync_after_garbage, set_up, tear_down),
        cmocka_unit_test(test_only_sync_bytes),
        cmocka_unit_test_setup_teardown(test_reset_forgets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pcr, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_callbacks_may_subscribe, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_callbacks_may_reset_and_destroy, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
