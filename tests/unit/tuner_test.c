/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "tuner/tuner.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
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
#define DATAGRAM (7 * PACKET)

static bool is_ready(struct tuner *tuner, int timeout_ms)
{
    struct pollfd poll_fd = {.fd = tuner_fd(tuner), .events = POLLIN};
    return poll(&poll_fd, 1, timeout_ms) == 1 && (poll_fd.revents & POLLIN);
}

static void send_to(const char *host, uint16_t port, const void *data, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    const struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(inet_pton(AF_INET, host, &address.sin_addr), 1);
    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof(loopback));
    assert_int_equal(sendto(fd, data, size, 0, (struct sockaddr *)&address, sizeof(address)), size);
    close(fd);
}

static void test_udp_unicast(void **state)
{
    (void)state;
    struct error error = {0};
    struct tuner *tuner = tuner_open("udp://127.0.0.1:0?buffer=262144", &error);
    if (!tuner)
        fail_msg("%s", error.text);
    uint8_t sent[DATAGRAM], got[TUNER_READ_SIZE];
    memset(sent, 0x47, sizeof(sent));
    assert_true(tuner_port(tuner) != 0);
    assert_false(is_ready(tuner, 0));
    assert_int_equal(tuner_read(tuner, got, sizeof(got)), -1);
    assert_int_equal(errno, EAGAIN);
    send_to("127.0.0.1", tuner_port(tuner), sent, sizeof(sent));
    send_to("127.0.0.1", tuner_port(tuner), "", 0);
    send_to("127.0.0.1", tuner_port(tuner), sent, sizeof(sent));
    assert_true(is_ready(tuner, 5000));
    size_t total = 0;
    while (total < 2 * DATAGRAM && is_ready(tuner, 5000)) {
        ssize_t size = tuner_read(tuner, got, sizeof(got));
        if (size > 0) /* the empty datagram alone is nothing */
            total += (size_t)size;
    }
    assert_int_equal(total, 2 * DATAGRAM);
    assert_int_equal(got[0], 0x47);
    tuner_close(tuner);
}

/* With room for one datagram and a half, the second is not cut: it comes with the next read. */
static void test_udp_whole_datagrams(void **state)
{
    (void)state;
    struct tuner *tuner = tuner_open("udp://127.0.0.1:0", NULL);
    assert_non_null(tuner);
    uint8_t sent[4000], got[6000];
    memset(sent, 1, sizeof(sent));
    send_to("127.0.0.1", tuner_port(tuner), sent, sizeof(sent));
    send_to("127.0.0.1", tuner_port(tuner), sent, sizeof(sent));
    assert_true(is_ready(tuner, 5000));
    assert_int_equal(tuner_read(tuner, got, sizeof(got)), sizeof(sent));
    assert_true(is_ready(tuner, 5000));
    assert_int_equal(tuner_read(tuner, got, 1000), 1000); /* cut, since the caller gave too little */
    assert_int_equal(tuner_read(tuner, got, sizeof(got)), -1);
    tuner_close(tuner);
}

/* Two boxes of one machine hear the same group. */
static void test_udp_multicast(void **state)
{
    (void)state;
    struct error error = {0};
    struct tuner *first = tuner_open("udp://239.255.77.1:0?interface=lo", &error);
    if (!first && strstr(error.text, "joining the group")) {
        print_message("skipped: this kernel's loopback takes no multicast: %s\n", error.text);
        skip();
    }
    if (!first)
        fail_msg("%s", error.text);
    char url[80];
    snprintf(url, sizeof(url), "udp://239.255.77.1:%u?interface=lo", tuner_port(first));
    struct tuner *second = tuner_open(url, &error);
    if (!second)
        fail_msg("%s", error.text);
    uint8_t sent[PACKET] = {0x47}, got[TUNER_READ_SIZE];
    send_to("239.255.77.1", tuner_port(first), sent, sizeof(sent));
    assert_true(is_ready(first, 5000) && is_ready(second, 5000));
    assert_int_equal(tuner_read(first, got, sizeof(got)), PACKET);
    assert_int_equal(tuner_read(second, got, sizeof(got)), PACKET);
    tuner_close(second);
    tuner_close(first);
}

static void test_udp_port_taken(void **state)
{
    (void)state;
    struct error error = {0};
    char url[80];
    struct tuner *tuner = tuner_open("udp://127.0.0.1:0", NULL);
    snprintf(url, sizeof(url), "udp://127.0.0.1:%u", tuner_port(tuner));
    assert_null(tuner_open(url, &error));
    assert_non_null(strstr(error.text, url));
    tuner_close(tuner);
}

static void test_bad_urls(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool understood; /* but this machine refuses */
    } cases[] = {
        {"", false},
        {"dvb://0", false},
        {"udp://127.0.0.1", false},
        {"udp://127.0.0.1:", false},
        {"udp://127.0.0.1:65536", false},
        {"udp://127.0.0.1:12a", false},
        {"udp://127.0.0.1:0?interface=no-such-interface", true},
        {"udp://127.0.0.1:0?buffer=many", false},
        {"udp://127.0.0.1:0?pace=pcr", false},
        {"udp://127.0.0.1:0?buffer", false},
        {"udp://999.1.1.1.1:5000", true},
        {"rtp://127.0.0.1:0?window=0", false},
        {"rtp://127.0.0.1:0?interface=no-such-interface", true},
        {"dvb://63/63?frequency=307000000&symbol_rate=6875000", true},
        {"satellite://1", false},
        {"file:///no/such/file", true},
        {"/no/such/file", true},
        {"file:///tmp", true}, /* a folder */
        {"file:///dev/null?pace=slow", false},
        {"file:///dev/null?loop=1", false},
        {"file:///dev/%zz", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error error = {0}, again = {0};
        if (tuner_open(cases[i].url, &error))
            fail_msg("%s was opened", cases[i].url);
        assert_true(error.text[0] != '\0');
        assert_int_equal(tuner_check(cases[i].url, &again), cases[i].understood);
        if (!cases[i].understood)
            assert_string_equal(again.text, error.text);
    }
    assert_true(tuner_check("udp://127.0.0.1:0", NULL));
}

#define FILE_PACKETS 600

struct fixture {
    char path[64];
    uint8_t *bytes;
};

/* A packet with a PCR at every tenth place, step_27mhz apart; pid of PCRs 100. */
static void fill_packets(uint8_t *bytes, size_t count, uint64_t step_27mhz)
{
    memset(bytes, 0xFF, count * PACKET);
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = bytes + i * PACKET;
        at[0] = 0x47;
        at[1] = 0;
        at[2] = i % 10 ? 101 : 100;
        at[3] = i % 10 ? 0x10 : 0x30;
        if (i % 10)
            continue;
        uint64_t base = (i / 10 + 1) * step_27mhz / 300;
        at[4] = 7;
        at[5] = 0x10;
        at[6] = (uint8_t)(base >> 25);
        at[7] = (uint8_t)(base >> 17);
        at[8] = (uint8_t)(base >> 9);
        at[9] = (uint8_t)(base >> 1);
        at[10] = (uint8_t)((base & 1) << 7);
        at[11] = 0;
    }
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    *state = fixture;
    strcpy(fixture->path, "/tmp/kokonor-tuner-XXXXXX");
    int fd = mkstemp(fixture->path);
    fixture->bytes = malloc(FILE_PACKETS * PACKET);
    fill_packets(fixture->bytes, FILE_PACKETS, 27000 * 5); /* 5 ms a PCR: 300 ms in all */
    bool good = write(fd, fixture->bytes, FILE_PACKETS * PACKET) == FILE_PACKETS * PACKET;
    close(fd);
    return good ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    unlink(fixture->path);
    free(fixture->bytes);
    free(fixture);
    return 0;
}

/* Reads to the end; the bytes must be the file's. */
static size_t read_all(struct tuner *tuner, const struct fixture *fixture)
{
    uint8_t got[4000];
    size_t total = 0;
    while (is_ready(tuner, 5000)) {
        ssize_t size = tuner_read(tuner, got, sizeof(got));
        if (size < 0 && errno == EAGAIN)
            continue;
        if (size <= 0)
            break;
        assert_true(total + (size_t)size <= FILE_PACKETS * PACKET);
        assert_memory_equal(got, fixture->bytes + total, size);
        total += (size_t)size;
    }
    assert_int_equal(tuner_read(tuner, got, sizeof(got)), 0);
    assert_int_equal(tuner_port(tuner), 0);
    return total;
}

static void test_file_fast(void **state)
{
    struct fixture *fixture = *state;
    char url[128];
    snprintf(url, sizeof(url), "file://%s?pace=none", fixture->path);
    struct tuner *tuner = tuner_open(url, NULL);
    assert_non_null(tuner);
    assert_int_equal(read_all(tuner, fixture), FILE_PACKETS * PACKET);
    tuner_close(tuner);
}

/* A paced file is never ahead of its clock, and comes whole. */
static void test_file_paced(void **state)
{
    struct fixture *fixture = *state;
    struct tuner *tuner = tuner_open(fixture->path, NULL);
    assert_non_null(tuner);
    int64_t start_us = clock_monotonic_us();
    assert_int_equal(read_all(tuner, fixture), FILE_PACKETS * PACKET);
    assert_true(clock_monotonic_us() - start_us >= (FILE_PACKETS / 10 - 1) * 5000);
    tuner_close(tuner);
}

/* Between PCRs, packets come little by little: in the middle of the file no read brings a whole interval. */
static void test_file_paced_smoothly(void **state)
{
    struct fixture *fixture = *state;
    uint8_t got[TUNER_READ_SIZE];
    fill_packets(fixture->bytes, FILE_PACKETS, 27000 * 200); /* 200 ms between PCRs, 20 ms a packet */
    int fd = open(fixture->path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, fixture->bytes, 50 * PACKET), 50 * PACKET);
    close(fd);
    struct tuner *tuner = tuner_open(fixture->path, NULL);
    assert_non_null(tuner);
    size_t total = 0, reads = 0;
    int64_t start_us = clock_monotonic_us();
    while (total < 40 * PACKET && is_ready(tuner, 5000)) {
        ssize_t size = tuner_read(tuner, got, sizeof(got));
        if (size <= 0)
            continue;
        /* Behind the second PCR the rate is known. */
        if (total >= 10 * PACKET) {
            int64_t due_us = (int64_t)(total / PACKET) * 20000;
            assert_true(clock_monotonic_us() - start_us >= due_us - 5000);
        }
        total += (size_t)size;
        reads++;
    }
    assert_true(reads >= 4);
    tuner_close(tuner);
}

/* The same with what other recorders put between packets, and with a piece of a packet in front. */
static void test_file_strides(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        size_t front, behind, cut;
    } formats[] = {{4, 0, 0}, {0, 16, 0}, {0, 0, 100}, {4, 0, 77}, {0, 16, 190}};
    for (size_t i = 0; i < 5; i++) {
        size_t size = 0;
        uint8_t *bytes = malloc(FILE_PACKETS * 204), got[4000];
        for (size_t j = 0; j < FILE_PACKETS; j++) {
            memset(bytes + size, 0x11, 204);
            memcpy(bytes + size + formats[i].front, fixture->bytes + j * PACKET, PACKET);
            size += formats[i].front + PACKET + formats[i].behind;
        }
        int fd = open(fixture->path, O_WRONLY | O_TRUNC);
        assert_int_equal(write(fd, bytes + formats[i].cut, size - formats[i].cut), size - formats[i].cut);
        close(fd);
        struct tuner *tuner = tuner_open(fixture->path, NULL);
        int64_t start_us = clock_monotonic_us();
        size_t total = formats[i].cut;
        for (ssize_t part = 1; part != 0 && is_ready(tuner, 5000);) {
            part = tuner_read(tuner, got, sizeof(got));
            assert_true(part >= 0 || errno == EAGAIN);
            if (part > 0) {
                assert_memory_equal(got, bytes + total, part);
                total += (size_t)part;
            }
        }
        assert_int_equal(total, size);
        assert_true(clock_monotonic_us() - start_us >= (FILE_PACKETS / 10 - 2) * 5000);
        tuner_close(tuner);
        free(bytes);
    }
}

static void test_file_loops(void **state)
{
    struct fixture *fixture = *state;
    char url[128];
    uint8_t got[TUNER_READ_SIZE];
    snprintf(url, sizeof(url), "file://%s?pace=none&loop=yes", fixture->path);
    struct tuner *tuner = tuner_open(url, NULL);
    assert_non_null(tuner);
    size_t total = 0;
    while (total < 3 * FILE_PACKETS * PACKET) {
        assert_true(is_ready(tuner, 0));
        ssize_t size = tuner_read(tuner, got, sizeof(got));
        assert_true(size > 0);
        size_t at = total % (FILE_PACKETS * PACKET);
        assert_true(at + (size_t)size <= FILE_PACKETS * PACKET);
        assert_memory_equal(got, fixture->bytes + at, size);
        total += (size_t)size;
    }
    tuner_close(tuner);
}

/* An empty file ends, also where it is to be looped; a cut one gives all it has. */
static void test_file_short(void **state)
{
    struct fixture *fixture = *state;
    char url[128];
    uint8_t got[TUNER_READ_SIZE];
    assert_int_equal(truncate(fixture->path, 300), 0);
    struct tuner *tuner = tuner_open(fixture->path, NULL);
    assert_int_equal(read_all(tuner, fixture), 300);
    tuner_close(tuner);
    assert_int_equal(truncate(fixture->path, 0), 0);
    snprintf(url, sizeof(url), "file://%s?loop=yes", fixture->path);
    tuner = tuner_open(url, NULL);
    assert_int_equal(tuner_read(tuner, got, sizeof(got)), 0);
    assert_int_equal(tuner_read(tuner, got, 100), -1);
    assert_int_equal(errno, EINVAL);
    tuner_close(tuner);
}

static void test_memory(void **state)
{
    (void)state;
    uint8_t got[100];
    struct tuner *tuner = tuner_open_memory("abcdefgh", 8, 5);
    assert_true(is_ready(tuner, 0));
    assert_int_equal(tuner_read(tuner, got, sizeof(got)), 5);
    assert_int_equal(tuner_read(tuner, got, 2), 2);
    assert_int_equal(tuner_read(tuner, got, sizeof(got)), 1);
    assert_memory_equal(got, "h", 1);
    assert_int_equal(tuner_read(tuner, got, sizeof(got)), 0);
    tuner_close(tuner);
    tuner_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_udp_unicast),
        cmocka_unit_test(test_udp_whole_datagrams),
        cmocka_unit_test(test_udp_multicast),
        cmocka_unit_test(test_udp_port_taken),
        cmocka_unit_test(test_bad_urls),
        cmocka_unit_test_setup_teardown(test_file_fast, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file_paced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file_paced_smoothly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file_strides, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file_loops, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file_short, set_up, tear_down),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
