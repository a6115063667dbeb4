/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "probe/analyze.h"
#include "probe_run.h"
#include "ts/packet.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define OPENCASTER CONFORMANCE_DIR "/opencaster.ts"
#define STREAM_MAX ((size_t)16 << 20)

static json_int_t errors_of(const json_t *analysis, const char *name)
{
    const json_t *check;
    size_t i;
    json_array_foreach(json_object_get(json_object_get(analysis, "tr_101_290"), "checks"), i, check)
    {
        if (!strcmp(json_string_value(json_object_get(check, "name")), name))
            return json_integer_value(json_object_get(check, "errors"));
    }
    fail_msg("no check %s", name);
    return -1;
}

static json_int_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static const json_t *find_pid(const json_t *analysis, int pid)
{
    const json_t *at;
    size_t i;
    json_array_foreach(json_object_get(analysis, "pids"), i, at)
    {
        if (json_integer_value(json_object_get(at, "pid")) == pid)
            return at;
    }
    fail_msg("no PID %d", pid);
    return NULL;
}

static int analyze(const char *input, const char *option, const char *value, json_t **analysis)
{
    const char *const arguments[] = {"analyze", "--json", input, option, value, NULL};
    return probe_run(probe_analyze, arguments, analysis);
}

/* A stream of a third party's head-end, whose rate is known. */
static void test_conformance(void **state)
{
    (void)state;
    json_t *analysis;
    assert_int_equal(analyze(OPENCASTER, NULL, NULL, &analysis), 0);
    assert_int_equal(number(analysis, "packets"), 26000);
    assert_int_equal(number(analysis, "packet_size"), 188);
    assert_in_range(number(analysis, "bit_rate"), 4990000, 5010000);
    const json_t *carousel = find_pid(analysis, 2003);
    assert_string_equal(json_string_value(json_object_get(carousel, "role")), "data");
    assert_int_equal(number(carousel, "packets"), 7799);
    assert_in_range(number(carousel, "bit_rate"), 1490000, 1510000);
    assert_string_equal(json_string_value(json_object_get(find_pid(analysis, 0x810), "role")), "video");
    assert_int_equal(errors_of(analysis, "PAT_error"), 0);
    json_decref(analysis);
    assert_int_equal(analyze(OPENCASTER, "--duration", "2", &analysis), 0);
    assert_in_range(number(analysis, "packets"), 6400, 7600);
    json_decref(analysis);
    const char *const text[] = {"analyze", OPENCASTER, NULL};
    assert_int_equal(probe_run(probe_analyze, text, NULL), 0);
}

/* The same off air and cut: packets are missing, which is an error of first priority. */
static void test_incomplete_capture(void **state)
{
    (void)state;
    json_t *analysis;
    assert_int_equal(analyze(CONFORMANCE_DIR "/m6-single.ts", NULL, NULL, &analysis), 1);
    assert_true(errors_of(analysis, "Continuity_count_error") > 0);
    assert_true(json_is_null(json_object_get(analysis, "bit_rate")));
    json_decref(analysis);
}

/* Each damage is found where it was done. */
static void test_damaged(void **state)
{
    (void)state;
    char path[] = "/tmp/kokonor-analyze-XXXXXX";
    struct buffer stream;
    json_t *analysis;
    buffer_init(&stream, STREAM_MAX);
    assert_true(file_read(OPENCASTER, &stream, NULL));
    stream.data[10000 * TS_PACKET_SIZE] = 0;
    stream.data[11000 * TS_PACKET_SIZE + 1] |= 0x80;
    memset(stream.data + 12000 * TS_PACKET_SIZE, 0, 5 * TS_PACKET_SIZE);
    for (size_t i = 13000; i < 18000; i++) {
        if ((stream.data[i * TS_PACKET_SIZE + 1] & 0x1F) == 0 && stream.data[i * TS_PACKET_SIZE + 2] == 0)
            ts_packet_write_null(stream.data + i * TS_PACKET_SIZE);
    }
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, stream.data, stream.size) == (ssize_t)stream.size);
    close(fd);
    int status = analyze(path, NULL, NULL, &analysis);
    unlink(path);
    buffer_finish(&stream);
    assert_int_equal(status, 1);
    assert_int_equal(errors_of(analysis, "TS_sync_loss"), 1);
    assert_int_equal(errors_of(analysis, "Sync_byte_error"), 3);
    assert_int_equal(errors_of(analysis, "Transport_error"), 1);
    assert_in_range(errors_of(analysis, "PAT_error"), 2, 3);
    assert_int_equal(errors_of(analysis, "PMT_error"), 0);
    assert_false(json_is_true(json_object_get(json_object_get(analysis, "tr_101_290"), "priority_1_clean")));
    assert_false(json_is_true(json_object_get(json_object_get(analysis, "tr_101_290"), "priority_2_clean")));
    json_decref(analysis);
}

/* The file's name is no text: it is shown as one, and everything else as ever. */
static void test_odd_name(void **state)
{
    (void)state;
    char folder[] = "/tmp/kokonor-analyze-XXXXXX", path[64];
    json_t *analysis;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/\xff\x1b[2J", folder);
    assert_int_equal(symlink(OPENCASTER, path), 0);
    assert_int_equal(analyze(path, NULL, NULL, &analysis), 0);
    unlink(path);
    rmdir(folder);
    assert_string_equal(strrchr(json_string_value(json_object_get(analysis, "input")), '/'), "/? [2J");
    json_decref(analysis);
}

struct sender {
    in_port_t port;
    atomic_bool stop;
};

static void *send_null_packets(void *context)
{
    struct sender *sender = context;
    uint8_t datagram[7][TS_PACKET_SIZE];
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(sender->port)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    for (size_t i = 0; i < 7; i++)
        ts_packet_write_null(datagram[i]);
    while (!atomic_load(&sender->stop)) {
        sendto(fd, datagram, sizeof(datagram), 0, (const struct sockaddr *)&address, sizeof(address));
        usleep(10000);
    }
    close(fd);
    return NULL;
}

/* A port that is free now. */
static in_port_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

/* Live, time goes on by the clock: a stream of null packets alone lacks its PAT. */
static void test_live(void **state)
{
    (void)state;
    struct sender sender = {.port = free_port()};
    pthread_t thread;
    char url[64];
    json_t *analysis;
    atomic_init(&sender.stop, false);
    snprintf(url, sizeof(url), "udp://127.0.0.1:%u", sender.port);
    assert_int_equal(pthread_create(&thread, NULL, send_null_packets, &sender), 0);
    int status = analyze(url, "--duration", "1.3", &analysis);
    atomic_store(&sender.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(status, 1);
    assert_true(number(analysis, "packets") > 0);
    assert_true(errors_of(analysis, "PAT_error") >= 1);
    assert_int_equal(errors_of(analysis, "Continuity_count_error"), 0);
    json_decref(analysis);
}

static void test_usage(void **state)
{
    (void)state;
    static const char *const wrong[][4] = {
        {"analyze", NULL},
        {"analyze", "a", "b", NULL},
        {"analyze", "--duration", NULL},
        {"analyze", "a", "--duration=0", NULL},
        {"analyze", "a", "--duration=x", NULL},
        {"analyze", "a", "--pcr-interval=0.1", NULL},
        {"analyze", "a", "--other", NULL},
        {"analyze", "/no/such/file", NULL},
        {"analyze", "/tmp", NULL},
        {"analyze", "gopher://127.0.0.1:70", NULL},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(probe_run(probe_analyze, wrong[i], NULL), 2);
    json_t *analysis;
    assert_int_equal(analyze("/dev/null", NULL, NULL, &analysis), 1);
    json_decref(analysis);
}

int main(void)
{
    const struct CMUnitTest anywhere[] = {
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_live),
    };
    const struct CMUnitTest with_streams[] = {
        cmocka_unit_test(test_conformance),
        cmocka_unit_test(test_incomplete_capture),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_odd_name),
    };
    int failed = cmocka_run_group_tests(anywhere, NULL, NULL);
    if (access(OPENCASTER, R_OK) != 0) {
        printf("%s is absent: not tested on streams of others\n", CONFORMANCE_DIR);
        return failed ? failed : 77;
    }
    return failed + cmocka_run_group_tests(with_streams, NULL, NULL);
}
