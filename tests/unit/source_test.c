/* SPDX-License-Identifier: Apache-2.0 */
/* Reception's tuner when it breaks: opened again, not too often, and said once. Time is the test's. */
#include "base/log.h"
#include "reception/source.h"
#include "tuner/backend.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

/* A device of this test; the tuners made of it have no state of their own. */
static struct device {
    const char *refusal; /* open says so; NULL: it opens */
    int error;           /* reads fail with it; 0: one byte; -1: the end */
    bool has_status;
    struct tuner_status status;
    unsigned opened, closed, asked;
    char log[4096];
} device;

static void close_device(void *state)
{
    (void)state;
    device.closed++;
}

static int device_fd(const void *state)
{
    (void)state;
    return 1000;
}

static ssize_t read_device(void *state, void *buffer, size_t size)
{
    (void)state;
    (void)size;
    errno = device.error;
    if (device.error)
        return device.error < 0 ? 0 : -1;
    *(uint8_t *)buffer = 0x47;
    return 1;
}

static bool device_status(void *state, struct tuner_status *status)
{
    (void)state;
    device.asked++;
    *status = device.status;
    return device.has_status;
}

static const struct tuner_backend backend = {
    .close = close_device, .fd = device_fd, .read = read_device, .status = device_status};

static struct tuner *open_device(const char *url, struct error *error)
{
    (void)url;
    if (device.refusal) {
        error_set(error, "%s", device.refusal);
        return NULL;
    }
    device.opened++;
    return tuner_create(&backend, &device);
}

static void keep_line(void *context, enum log_level level, const char *module, const char *text)
{
    size_t used = strlen(device.log);
    (void)context;
    (void)level;
    (void)module;
    snprintf(device.log + used, sizeof(device.log) - used, "%s\n", text);
}

static int set_up(void **state)
{
    (void)state;
    memset(&device, 0, sizeof(device));
    log_set_sink(keep_line, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    log_set_sink(NULL, NULL);
    return device.opened == device.closed ? 0 : -1;
}

static unsigned lines(const char *text)
{
    unsigned count = 0;
    for (const char *at = device.log; (at = strstr(at, text)); at++)
        count++;
    return count;
}

static enum source_condition condition(struct source *source, struct source_state *state)
{
    source_take_state(source, state);
    return state->condition;
}

static struct source *tuned(void)
{
    struct source *source = source_create(open_device, NULL);
    assert_non_null(source);
    source_tune(source, "dvb://0/0?frequency=307000000&symbol_rate=6875000", 0);
    return source;
}

static void a_break_is_mended(void **state)
{
    (void)state;
    uint8_t byte;
    struct source_state told;
    struct source *source = tuned();
    assert_int_equal(condition(source, &told), SOURCE_OPEN);
    assert_int_equal(told.frequency_hz, 307000000);
    source_tune(source, source_url(source), 0); /* what it does anyway */
    assert_int_equal(device.opened, 1);
    assert_int_equal(source_read(source, &byte, 1, 0), 1);
    device.error = ENODEV;
    assert_int_equal(source_read(source, &byte, 1, 20 * SECOND), 0);
    assert_int_equal(source_fd(source), -1);
    assert_int_equal(condition(source, &told), SOURCE_BROKEN);
    assert_string_equal(told.problem, strerror(ENODEV));
    int64_t due_us = source_due_us(source);
    assert_in_range(due_us, 20 * SECOND + SOURCE_RETRY_FIRST_US * 3 / 4,
                    20 * SECOND + SOURCE_RETRY_FIRST_US * 5 / 4);
    source_tick(source, due_us - 1);
    assert_int_equal(device.opened, 1);
    device.error = 0;
    source_tick(source, due_us);
    assert_int_equal(device.opened, 2);
    assert_int_equal(condition(source, &told), SOURCE_OPEN);
    assert_string_equal(told.problem, "");
    assert_int_equal(told.attempts, 1);
    assert_int_equal(source_read(source, &byte, 1, due_us), 1);
    assert_true(source_take_state(source, &told));
    assert_int_equal(told.attempts, 0);
    assert_int_equal(lines("tried again"), 1);
    assert_int_equal(lines("received again"), 1);
    source_destroy(source);
}

/* For ten minutes nothing helps: few attempts, a line for each reason. */
static void a_break_that_lasts(void **state)
{
    (void)state;
    struct source_state told;
    device.refusal = "no such device";
    struct source *source = tuned();
    int64_t now_us = 0, longest_us = 0;
    while (now_us < 600 * SECOND) {
        int64_t due_us = source_due_us(source);
        assert_true(due_us > now_us && due_us - now_us <= SOURCE_RETRY_MAX_US * 5 / 4);
        longest_us = due_us - now_us > longest_us ? due_us - now_us : longest_us;
        now_us = due_us;
        if (now_us > 300 * SECOND)
            device.refusal = "busy";
        source_tick(source, now_us);
        assert_int_equal(condition(source, &told), SOURCE_BROKEN);
    }
    assert_true(longest_us >= SOURCE_RETRY_MAX_US * 3 / 4);
    assert_in_range(told.attempts, 10, 50);
    assert_int_equal(lines("no such device"), 1);
    assert_int_equal(lines("busy"), 1);
    source_destroy(source);
}

/* It opens each time and breaks at once: the waits grow all the same; after a good while they begin anew. */
static void a_tuner_that_flaps(void **state)
{
    (void)state;
    uint8_t byte;
    struct source *source = tuned();
    int64_t now_us = 0;
    for (int i = 0; i < 12; i++) {
        device.error = EIO;
        assert_int_equal(source_read(source, &byte, 1, now_us), 0);
        now_us = source_due_us(source);
        device.error = 0;
        source_tick(source, now_us);
        assert_int_equal(source_read(source, &byte, 1, now_us), 1);
    }
    device.error = EIO;
    source_read(source, &byte, 1, now_us);
    assert_true(source_due_us(source) - now_us >= SOURCE_RETRY_MAX_US * 3 / 4);
    now_us = source_due_us(source);
    device.error = 0;
    source_tick(source, now_us);
    now_us += SOURCE_STEADY_US;
    device.error = EIO;
    source_read(source, &byte, 1, now_us);
    assert_true(source_due_us(source) - now_us <= SOURCE_RETRY_FIRST_US * 5 / 4);
    source_destroy(source);
}

static void an_end_is_the_end(void **state)
{
    (void)state;
    uint8_t byte;
    struct source_state told;
    struct source *source = tuned();
    device.error = -1;
    assert_int_equal(source_read(source, &byte, 1, 0), 0);
    assert_int_equal(condition(source, &told), SOURCE_ENDED);
    assert_int_equal(source_fd(source), -1);
    assert_true(source_due_us(source) == INT64_MAX);
    source_tick(source, 100 * SECOND);
    source_fail(source, 100 * SECOND);
    assert_int_equal(source_read(source, &byte, 1, 0), 0);
    assert_int_equal(device.opened, 1);
    device.error = EAGAIN; /* nothing now is neither an end nor a break */
    source_tune(source, "udp://127.0.0.1:0", 0);
    assert_int_equal(source_read(source, &byte, 1, 0), 0);
    assert_int_equal(condition(source, &told), SOURCE_OPEN);
    assert_int_equal(told.frequency_hz, 0);
    source_destroy(source);
    source_destroy(NULL);
}

static void the_status_is_asked_for_slowly(void **state)
{
    (void)state;
    struct source_state told;
    device.has_status = true;
    struct source *source = tuned();
    source_take_state(source, &told);
    source_tick(source, 0);
    assert_true(source_take_state(source, &told));
    assert_true(told.has_status && !told.status.locked);
    for (int64_t now_us = 0; now_us < 20 * SECOND; now_us += SECOND / 10)
        source_tick(source, now_us);
    assert_in_range(device.asked, 9, 11);
    assert_false(source_take_state(source, &told)); /* nothing new */
    device.status.locked = true;
    device.status.strength_mdbm = -43500;
    source_tick(source, 30 * SECOND);
    assert_true(source_take_state(source, &told));
    assert_true(told.status.locked);
    assert_int_equal(told.status.strength_mdbm, -43500);
    source_destroy(source);
    device.asked = 0;
    device.has_status = false; /* a kind of tuner that knows nothing is asked once */
    source = tuned();
    for (int64_t now_us = 0; now_us < 20 * SECOND; now_us += SECOND)
        source_tick(source, now_us);
    assert_int_equal(device.asked, 1);
    assert_true(source_due_us(source) == INT64_MAX);
    source_destroy(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_break_is_mended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_break_that_lasts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_tuner_that_flaps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_end_is_the_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_status_is_asked_for_slowly, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
