/* SPDX-License-Identifier: Apache-2.0 */
/* How long a change takes from the file saved to the whole new tree at a receiver, over UDP on loopback:
 * until its first DII is there (noticed, checked, signed, built, waited behind what was ready to be sent),
 * and its own air time from there to the end. Goal: the first part under a second. */
#include "base/clock.h"
#include "base/file.h"
#include "playout_fixture.h"
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS 20
#define CAROUSEL_PID 272
#define TABLE_ID_DSM_CC 0x3B
#define TRANSACTION_ID_AT 12 /* in a DSI or DII section */
#define PATIENCE_US INT64_C(30000000)

struct look {
    struct box box;
    struct ts_demux *demux; /* of the DII alone */
    uint32_t transaction_id;
    int64_t announced_us; /* when a DII of another transaction came; 0: not yet */
};

static void on_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct look *look = context;
    uint32_t id;
    (void)pid;
    if (section[0] != TABLE_ID_DSM_CC || size < 24 || (section[3] << 8 | section[4]) < 2)
        return;
    memcpy(&id, section + TRANSACTION_ID_AT, sizeof(id));
    if (id != look->transaction_id && look->announced_us == 0)
        look->announced_us = clock_monotonic_us();
    look->transaction_id = id;
}

static void receive(struct look *look, struct tuner *tuner)
{
    static uint8_t bytes[TUNER_READ_SIZE];
    struct pollfd poll_fd = {.fd = tuner_fd(tuner), .events = POLLIN};
    poll(&poll_fd, 1, 100);
    ssize_t size = tuner_read(tuner, bytes, sizeof(bytes));
    if (size <= 0)
        return;
    ts_demux_push(look->demux, bytes, (size_t)size);
    ts_demux_push(look->box.demux, bytes, (size_t)size);
}

static bool receive_newer(struct look *look, struct tuner *tuner, int64_t sequence)
{
    int64_t end_us = clock_monotonic_us() + PATIENCE_US;
    for (unsigned trees = look->box.trees; clock_monotonic_us() < end_us;) {
        receive(look, tuner);
        if (look->box.trees != trees && box_sequence(&look->box, "commerce") > sequence)
            return true;
        trees = look->box.trees;
    }
    return false;
}

static int compare(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void print(const char *what, int64_t us[ROUNDS])
{
    qsort(us, ROUNDS, sizeof(us[0]), compare);
    printf("%-44s %6.1f ms median, %6.1f ms at most\n", what, (double)us[ROUNDS / 2] / 1000,
           (double)us[ROUNDS - 1] / 1000);
}

static void test_file_saved_to_tree(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct look look = {.demux = ts_demux_create()};
    int64_t notice[ROUNDS], air[ROUNDS], total[ROUNDS];
    pthread_t thread;
    struct tuner *tuner = tuner_open("udp://127.0.0.1:0", NULL);
    snprintf(fixture->output, sizeof(fixture->output), "udp://127.0.0.1:%u", tuner_port(tuner));
    struct running running = {.fixture = fixture, .playout = fixture_playout(fixture, 0, &error)};
    if (!running.playout)
        fail_msg("%s", error.text);
    assert_int_equal(pthread_create(&thread, NULL, running_thread, &running), 0);
    box_open(&look.box, fixture);
    ts_demux_sections(look.demux, CAROUSEL_PID, on_section, &look);
    assert_true(receive_newer(&look, tuner, 0));
    for (int i = 0; i < ROUNDS; i++) {
        char price[16];
        for (int64_t end_us = clock_monotonic_us() + 300000 + i * 37000; clock_monotonic_us() < end_us;)
            receive(&look, tuner); /* at any place of the carousel */
        int64_t sequence = box_sequence(&look.box, "commerce");
        snprintf(price, sizeof(price), "%d", 1000 + i);
        look.announced_us = 0;
        fixture_write_product(fixture, price);
        int64_t saved_us = clock_monotonic_us();
        assert_true(receive_newer(&look, tuner, sequence));
        int64_t now_us = clock_monotonic_us();
        notice[i] = look.announced_us - saved_us;
        air[i] = now_us - look.announced_us;
        total[i] = now_us - saved_us;
    }
    atomic_store(&fixture->stop, true);
    pthread_join(thread, NULL);
    playout_destroy(running.playout);
    ts_demux_destroy(look.demux);
    box_close(&look.box);
    tuner_close(tuner);
    print("file saved to its first DII at the receiver", notice);
    print("the change's own air time at 1.5 Mbit/s", air);
    print("file saved to the whole tree", total);
    printf("goal: below 1000 ms before its own air time: %s\n",
           notice[ROUNDS - 1] < 1000000 ? "met" : "missed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_file_saved_to_tree, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
