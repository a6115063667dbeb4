/* SPDX-License-Identifier: Apache-2.0 */
#include "tuner/tuner.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define PACKET 188
#define NUMBERS_MAX 64

struct fixture {
    struct tuner *tuner;
    int fd;
    struct sockaddr_in address;
};

static void open_fixture(struct fixture *fixture, const char *options)
{
    struct error error = {0};
    char url[80];
    snprintf(url, sizeof(url), "rtp://127.0.0.1:0%s", options);
    fixture->tuner = tuner_open(url, &error);
    if (!fixture->tuner)
        fail_msg("%s", error.text);
    fixture->address = (struct sockaddr_in){.sin_family = AF_INET,
                                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                            .sin_port = htons(tuner_port(fixture->tuner))};
    fixture->fd = socket(AF_INET, SOCK_DGRAM, 0);
}

static void close_fixture(struct fixture *fixture)
{
    tuner_close(fixture->tuner);
    close(fixture->fd);
}

static void send_bytes(struct fixture *fixture, const void *bytes, size_t size)
{
    assert_int_equal(
        sendto(fixture->fd, bytes, size, 0, (struct sockaddr *)&fixture->address, sizeof(fixture->address)),
        size);
}

/* One transport packet that says its number, behind a header with everything optional where first asks. */
static void send_number(struct fixture *fixture, uint16_t number, uint8_t ssrc, uint8_t first)
{
    uint8_t bytes[12 + 8 + 8 + PACKET + 4] = {first, 33, number >> 8, number & 0xFF, 0, 0, 0, 0,
                                              0,     0,  0,           ssrc};
    size_t size = 12 + 4u * (first & 15);
    if (first & 0x10) {
        bytes[size + 3] = 1; /* one word */
        size += 8;
    }
    memset(bytes + size, 0xFF, PACKET);
    bytes[size] = 0x47;
    bytes[size + 1] = number >> 8;
    bytes[size + 2] = number & 0xFF;
    size += PACKET;
    if (first & 0x20) {
        bytes[size + 3] = 4;
        size += 4;
    }
    send_bytes(fixture, bytes, size);
}

/* The numbers of the packets that come until nothing has come for 300 ms, which is longer than a gap is
 * waited for. */
static size_t read_numbers(struct tuner *tuner, uint16_t *numbers)
{
    uint8_t bytes[TUNER_READ_SIZE];
    size_t count = 0;
    struct pollfd fd = {.fd = tuner_fd(tuner), .events = POLLIN};
    while (poll(&fd, 1, 300) == 1) {
        ssize_t got = tuner_read(tuner, bytes, sizeof(bytes));
        if (got < 0)
            assert_int_equal(errno, EAGAIN);
        for (ssize_t at = 0; at < got; at += PACKET) {
            assert_true(count < NUMBERS_MAX);
            assert_int_equal(bytes[at], 0x47);
            numbers[count++] = (uint16_t)(bytes[at + 1] << 8 | bytes[at + 2]);
        }
    }
    return count;
}

#define END (-1)

static const struct {
    const char *what, *options;
    int sent[20], expected[20];
    unsigned lost, late, reordered;
} cases[] = {
    {"in order", "", {5, 6, 7, END}, {5, 6, 7, END}, 0, 0, 0},
    {"numbers run over", "", {65534, 65535, 0, 1, END}, {65534, 65535, 0, 1, END}, 0, 0, 0},
    {"two changed places", "", {1, 3, 2, 4, END}, {1, 2, 3, 4, END}, 0, 0, 1},
    {"over the end", "", {65534, 0, 1, 65535, END}, {65534, 65535, 0, 1, END}, 0, 0, 1},
    {"twice", "", {1, 2, 2, 1, 3, END}, {1, 2, 3, END}, 0, 2, 0},
    {"twice while held", "", {1, 3, 3, 2, END}, {1, 2, 3, END}, 0, 1, 1},
    {"one is lost", "", {1, 2, 4, 5, END}, {1, 2, 4, 5, END}, 1, 0, 0},
    {"later than the window", "?window=2", {1, 3, 4, 2, 5, END}, {1, 3, 4, 5, END}, 1, 1, 0},
    {"a gap wider than the window", "?window=2", {1, 9, 10, END}, {1, 9, 10, END}, 7, 0, 0},
    {"two gaps", "?window=4", {1, 3, 5, 8, 9, END}, {1, 3, 5, 8, 9, END}, 4, 0, 0},
    {"no window", "?window=1", {1, 3, 2, 4, END}, {1, 3, 4, END}, 1, 1, 0},
    {"begun anew", "", {1, 2, 30000, 30001, END}, {1, 2, 30000, 30001, END}, 0, 0, 0},
};

static void test_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture fixture;
        uint16_t numbers[NUMBERS_MAX];
        open_fixture(&fixture, cases[i].options);
        for (const int *at = cases[i].sent; *at != END; at++)
            send_number(&fixture, (uint16_t)*at, 1, 0x80);
        size_t count = read_numbers(fixture.tuner, numbers);
        for (size_t j = 0; j <= count; j++) {
            if (cases[i].expected[j] != (j < count ? (int)numbers[j] : END))
                fail_msg("%s: packet %zu of %zu", cases[i].what, j, count);
        }
        struct tuner_status status;
        assert_true(tuner_status(fixture.tuner, &status));
        if (status.datagrams_lost != cases[i].lost || status.datagrams_late != cases[i].late ||
            status.datagrams_reordered != cases[i].reordered)
            fail_msg("%s: %d lost, %d late, %d reordered", cases[i].what, (int)status.datagrams_lost,
                     (int)status.datagrams_late, (int)status.datagrams_reordered);
        assert_true(status.locked);
        close_fixture(&fixture);
    }
}

/* Contributing sources, an extension and padding are not payload; another sender begins anew. */
static void test_headers(void **state)
{
    (void)state;
    struct fixture fixture;
    uint16_t numbers[NUMBERS_MAX];
    open_fixture(&fixture, "");
    send_number(&fixture, 100, 1, 0x80 | 2);
    send_number(&fixture, 101, 1, 0x80 | 0x10);
    send_number(&fixture, 102, 1, 0x80 | 0x20);
    send_number(&fixture, 103, 1, 0x80 | 0x30 | 1);
    send_number(&fixture, 7, 2, 0x80);
    assert_int_equal(read_numbers(fixture.tuner, numbers), 5);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(numbers[i], 100 + i);
    assert_int_equal(numbers[4], 7);
    close_fixture(&fixture);
}

static void test_bad_datagrams(void **state)
{
    (void)state;
    struct fixture fixture;
    struct tuner_status status;
    uint16_t numbers[NUMBERS_MAX];
    uint8_t bytes[12 + PACKET] = {0x80, 33};
    open_fixture(&fixture, "");
    bytes[12] = 0x47;
    send_bytes(&fixture, bytes, 11);
    send_bytes(&fixture, bytes, 12);
    send_bytes(&fixture, bytes, 12 + PACKET - 1);
    bytes[0] = 0x40; /* version 1 */
    send_bytes(&fixture, bytes, sizeof(bytes));
    bytes[0] = 0x8F; /* more sources than bytes would leave packets */
    send_bytes(&fixture, bytes, sizeof(bytes));
    bytes[0] = 0xA0; /* padding of more than there is */
    bytes[sizeof(bytes) - 1] = 255;
    send_bytes(&fixture, bytes, sizeof(bytes));
    bytes[0] = 0x80;
    bytes[12] = 0; /* no sync byte */
    send_bytes(&fixture, bytes, sizeof(bytes));
    assert_int_equal(read_numbers(fixture.tuner, numbers), 0);
    assert_true(tuner_status(fixture.tuner, &status));
    assert_int_equal(status.datagrams, 7);
    assert_int_equal(status.datagrams_bad, 7);
    assert_false(status.locked);
    close_fixture(&fixture);
}

/* Room for one packet at a time: the descriptor stays readable while more waits. */
static void test_small_reads(void **state)
{
    (void)state;
    struct fixture fixture;
    uint8_t bytes[PACKET];
    open_fixture(&fixture, "");
    static const uint16_t order[] = {1, 4, 3, 2, 5};
    for (size_t i = 0; i < 5; i++)
        send_number(&fixture, order[i], 1, 0x80);
    for (uint16_t i = 1; i <= 5; i++) {
        struct pollfd fd = {.fd = tuner_fd(fixture.tuner), .events = POLLIN};
        assert_int_equal(poll(&fd, 1, 5000), 1);
        assert_int_equal(tuner_read(fixture.tuner, bytes, sizeof(bytes)), PACKET);
        assert_int_equal(bytes[2], i);
    }
    send_number(&fixture, 6, 1, 0x80);
    struct pollfd fd = {.fd = tuner_fd(fixture.tuner), .events = POLLIN};
    assert_int_equal(poll(&fd, 1, 5000), 1);
    assert_int_equal(tuner_read(fixture.tuner, bytes, 100), -1);
    assert_int_equal(errno, EINVAL);
    close_fixture(&fixture);
}

static void test_bad_urls(void **state)
{
    (void)state;
    static const char *const urls[] = {"rtp://127.0.0.1", "rtp://127.0.0.1:0?window=0",
                                       "rtp://127.0.0.1:0?window=257", "rtp://127.0.0.1:0?window=x",
                                       "rtp://127.0.0.1:0?ttl=1"};
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct error error = {0};
        assert_null(tuner_open(urls[i], &error));
        assert_true(error.text[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),         cmocka_unit_test(test_headers),
        cmocka_unit_test(test_bad_datagrams), cmocka_unit_test(test_small_reads),
        cmocka_unit_test(test_bad_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
