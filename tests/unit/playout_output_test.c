/* SPDX-License-Identifier: Apache-2.0 */
/* What the playout sends by UDP and RTP, to one and to a group, comes back through the box's own tuner. */
#include "base/log.h"
#include "playout/output.h"
#include "tuner/tuner.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define BIT_RATE 6000000
#define DATAGRAMS 150
#define RTP_HEADER 12

static void fill(uint8_t *data, unsigned number)
{
    for (int i = 0; i < OUTPUT_PACKETS; i++) {
        memset(data + (size_t)i * TS_PACKET_SIZE, (int)number, TS_PACKET_SIZE);
        data[(size_t)i * TS_PACKET_SIZE] = 0x47;
        data[(size_t)i * TS_PACKET_SIZE + 1] = 0x1F;
    }
}

static struct output *open_output(const char *url)
{
    struct error error = {0};
    struct output *output = output_open(url, &error);
    if (!output)
        fail_msg("%s", error.text);
    assert_true(output_is_live(output));
    output_set_bit_rate(output, BIT_RATE);
    return output;
}

/* Each datagram is read before the next is sent, so that no buffer of the kernel's is asked for. */
static void send_and_read(struct tuner *tuner, struct output *output)
{
    for (unsigned i = 0; i < DATAGRAMS; i++) {
        uint8_t sent[OUTPUT_SIZE], got[TUNER_READ_SIZE];
        struct pollfd wait = {.fd = tuner_fd(tuner), .events = POLLIN};
        fill(sent, i);
        assert_true(output_write(output, sent, sizeof(sent), NULL));
        assert_int_equal(poll(&wait, 1, 20000), 1);
        assert_int_equal(tuner_read(tuner, got, sizeof(got)), OUTPUT_SIZE);
        assert_memory_equal(got, sent, sizeof(sent));
    }
}

static void round_trip(const char *scheme, const char *host, const char *options)
{
    char url[128];
    struct error error = {0};
    snprintf(url, sizeof(url), "%s://%s:0%s", scheme, host, options);
    struct tuner *tuner = tuner_open(url, &error);
    if (!tuner && options[0]) {
        print_message("%s; skipped\n", error.text);
        skip();
    }
    if (!tuner)
        fail_msg("%s", error.text);
    snprintf(url, sizeof(url), "%s://%s:%u%s", scheme, host, tuner_port(tuner), options);
    struct output *output = open_output(url);
    send_and_read(tuner, output);
    struct tuner_status status;
    if (!strcmp(scheme, "rtp")) {
        assert_true(tuner_status(tuner, &status));
        assert_int_equal(status.datagrams, DATAGRAMS);
        assert_int_equal(status.datagrams_lost + status.datagrams_late + status.datagrams_reordered +
                             status.datagrams_bad,
                         0);
    }
    output_close(output);
    tuner_close(tuner);
}

static void udp_to_one(void **state)
{
    (void)state;
    round_trip("udp", "127.0.0.1", "");
}

static void rtp_to_one(void **state)
{
    (void)state;
    round_trip("rtp", "127.0.0.1", "");
}

/* A kernel without multicast on its loopback refuses the group: then there is nothing to test. */
static void require_group(void)
{
    char host[] = "239.255.77.9";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
    const struct ip_mreqn request = {.imr_ifindex = (int)if_nametoindex("lo")};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, host, &address.sin_addr);
    bool good = fd >= 0 && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof(request)) == 0 &&
                sendto(fd, "", 0, 0, (struct sockaddr *)&address, sizeof(address)) == 0;
    if (fd >= 0)
        close(fd);
    if (!good) {
        print_message("the kernel sends to no group on its loopback; skipped\n");
        skip();
    }
}

static void udp_to_a_group(void **state)
{
    (void)state;
    require_group();
    round_trip("udp", "239.255.77.9", "?interface=lo");
}

static void rtp_to_a_group(void **state)
{
    (void)state;
    require_group();
    round_trip("rtp", "239.255.77.9", "?interface=lo");
}

static uint32_t number_at(const uint8_t *bytes, int size)
{
    uint32_t value = 0;
    for (int i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* RFC 3550, 5.1, and RFC 2250, 2: payload type 33, sequence by one, time by the bytes before, one source;
 * over the end of the sequence. */
static void rtp_headers(void **state)
{
    (void)state;
    char url[64];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    snprintf(url, sizeof(url), "rtp://127.0.0.1:%u", ntohs(address.sin_port));
    struct output *output = open_output(url);
    uint32_t sequence = 0, time = 0, source = 0;
    bool wrapped = false;
    for (uint64_t i = 0; i < 66000; i++) {
        uint8_t sent[OUTPUT_SIZE], got[2000];
        fill(sent, (unsigned)i);
        assert_true(output_write(output, sent, sizeof(sent), NULL));
        assert_int_equal(recv(fd, got, sizeof(got), 0), RTP_HEADER + OUTPUT_SIZE);
        assert_int_equal(got[0], 0x80);
        assert_int_equal(got[1], 33);
        if (i == 0) {
            sequence = number_at(got + 2, 2);
            time = number_at(got + 4, 4);
            source = number_at(got + 8, 4);
        }
        assert_int_equal(number_at(got + 2, 2), (sequence + i) & 0xFFFF);
        assert_int_equal((uint32_t)(number_at(got + 4, 4) - time), i * OUTPUT_SIZE * 8 * 90000 / BIT_RATE);
        assert_int_equal(number_at(got + 8, 4), source);
        assert_memory_equal(got + RTP_HEADER, sent, sizeof(sent));
        wrapped = wrapped || number_at(got + 2, 2) == 0;
    }
    assert_true(wrapped);
    output_close(output);
    close(fd);
}

static void refuses_what_cannot_be_sent_to(void **state)
{
    (void)state;
    static const struct {
        const char *url, *word;
    } bad[] = {
        {"rtp://127.0.0.1", "HOST:PORT"},
        {"rtp://127.0.0.1:0", "rtp://127.0.0.1:0: expected a host and a port"},
        {"rtp://:5000", "expected a host and a port"},
        {"rtp://127.0.0.1:5000?ttl=256", "expected 0 to 255, found \"256\""},
        {"rtp://127.0.0.1:5000?ttl=", "ttl"},
        {"rtp://127.0.0.1:5000?window=3", "window"},
        {"udp://239.1.1.1:5000?interface=no-such", "no network interface \"no-such\""},
        {"rtsp://127.0.0.1:5000", "expected udp://HOST:PORT, rtp://HOST:PORT, file:PATH or -"},
        {"file:/no/such/folder/x.ts", "/no/such/folder/x.ts"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct error error = {0};
        assert_null(output_open(bad[i].url, &error));
        if (!strstr(error.text, bad[i].word))
            fail_msg("%s: %s", bad[i].url, error.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(udp_to_one),     cmocka_unit_test(rtp_to_one),
        cmocka_unit_test(udp_to_a_group), cmocka_unit_test(rtp_to_a_group),
        cmocka_unit_test(rtp_headers),    cmocka_unit_test(refuses_what_cannot_be_sent_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
