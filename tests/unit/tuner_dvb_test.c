/* SPDX-License-Identifier: Apache-2.0 */
/* The DVB back-end over a kernel that is played by this test. */
#include "tuner/dvb.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/dvb/dmx.h>
#include <linux/dvb/frontend.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#define URL "dvb://1/2?frequency=323000000&symbol_rate=6875000&modulation=64QAM"
#define FRONTEND 1000
#define DEMUX 1001

/* What the driver does and what was asked of it. Functions without a context need it here. */
static struct kernel {
    const char *missing;   /* a part of the path of a device that is not there */
    unsigned long failing; /* an ioctl that fails */
    bool old;              /* a driver without the statistics of version 5 */
    bool relative;         /* with those in a scale of its own */
    enum fe_status status;
    int dvr;
    int open_count, close_count;
    uint32_t properties[DTV_MAX_COMMAND + 1];
    bool cleared, tuned;
    unsigned long buffer_size;
    struct dmx_pes_filter_params filter;
    uint16_t pids[8];
    size_t pid_count;
    int overruns;
} kernel;

static int fake_open(const char *path, int flags)
{
    assert_true(flags & O_NONBLOCK);
    if (kernel.missing && strstr(path, kernel.missing)) {
        errno = ENODEV;
        return -1;
    }
    kernel.open_count++;
    if (!strcmp(path, "/dev/dvb/adapter1/frontend2"))
        return FRONTEND;
    if (!strcmp(path, "/dev/dvb/adapter1/demux0"))
        return DEMUX;
    assert_string_equal(path, "/dev/dvb/adapter1/dvr0");
    return kernel.dvr;
}

static int fake_close(int fd)
{
    assert_true(fd == FRONTEND || fd == DEMUX || fd == kernel.dvr);
    kernel.close_count++;
    return 0;
}

static void set_properties(const struct dtv_properties *list)
{
    for (uint32_t i = 0; i < list->num; i++) {
        const struct dtv_property *property = &list->props[i];
        assert_in_range(property->cmd, 0, DTV_MAX_COMMAND);
        kernel.cleared = kernel.cleared || property->cmd == DTV_CLEAR;
        kernel.tuned = kernel.tuned || property->cmd == DTV_TUNE;
        kernel.properties[property->cmd] = property->u.data;
    }
}

static void get_properties(const struct dtv_properties *list)
{
    for (uint32_t i = 0; i < list->num; i++) {
        struct dtv_fe_stats *statistics = &list->props[i].u.st;
        struct dtv_stats *value = &statistics->stat[0];
        statistics->len = kernel.old ? 0 : 1;
        value->scale = FE_SCALE_COUNTER;
        if (list->props[i].cmd == DTV_STAT_SIGNAL_STRENGTH && !kernel.relative) {
            value->scale = FE_SCALE_DECIBEL;
            value->svalue = -43500;
        } else if (list->props[i].cmd == DTV_STAT_CNR && !kernel.relative) {
            value->scale = FE_SCALE_DECIBEL;
            value->svalue = 34100;
        } else if (list->props[i].cmd == DTV_STAT_SIGNAL_STRENGTH || list->props[i].cmd == DTV_STAT_CNR) {
            value->scale = FE_SCALE_RELATIVE;
            value->uvalue = 32768;
        } else if (list->props[i].cmd == DTV_STAT_PRE_TOTAL_BIT_COUNT) {
            value->uvalue = 1000000;
        } else {
            value->uvalue = 5;
        }
    }
}

static int fake_ioctl(int fd, unsigned long request, void *argument)
{
    uint16_t half = 65535 / 2;
    uint32_t nine = 9;
    if (request == kernel.failing) {
        errno = EINVAL;
        return -1;
    }
    if (request == DMX_SET_BUFFER_SIZE) {
        assert_int_equal(fd, kernel.dvr);
        kernel.buffer_size = (unsigned long)(uintptr_t)argument;
    } else if (request == DMX_SET_PES_FILTER) {
        assert_int_equal(fd, DEMUX);
        kernel.filter = *(struct dmx_pes_filter_params *)argument;
    } else if (request == DMX_ADD_PID) {
        assert_int_equal(fd, DEMUX);
        kernel.pids[kernel.pid_count++] = *(uint16_t *)argument;
    } else {
        assert_int_equal(fd, FRONTEND);
        if (request == FE_SET_PROPERTY)
            set_properties(argument);
        else if (request == FE_GET_PROPERTY)
            get_properties(argument);
        else if (request == FE_READ_STATUS)
            *(enum fe_status *)argument = kernel.status;
        else if (request == FE_READ_SIGNAL_STRENGTH || request == FE_READ_SNR)
            memcpy(argument, &half, sizeof(half));
        else if (request == FE_READ_BER || request == FE_READ_UNCORRECTED_BLOCKS)
            memcpy(argument, &nine, sizeof(nine));
        else
            fail_msg("ioctl %lu", request);
    }
    return 0;
}

static ssize_t fake_read(int fd, void *buffer, size_t size)
{
    assert_int_equal(fd, kernel.dvr);
    if (kernel.overruns > 0) {
        kernel.overruns--;
        errno = EOVERFLOW;
        return -1;
    }
    memset(buffer, 0x47, size);
    return (ssize_t)size;
}

static const struct tuner_dvb_system fake = {
    .open = fake_open, .close = fake_close, .ioctl = fake_ioctl, .read = fake_read};

static int set_up(void **state)
{
    (void)state;
    kernel = (struct kernel){.dvr = eventfd(1, EFD_CLOEXEC)};
    return kernel.dvr >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    close(kernel.dvr);
    return 0;
}

static struct tuner *open_good(const char *url)
{
    struct error error = {0};
    struct tuner *tuner = tuner_open_dvb(url, &fake, &error);
    if (!tuner)
        fail_msg("%s", error.text);
    return tuner;
}

static void test_tunes(void **state)
{
    (void)state;
    struct tuner *tuner = open_good(URL);
    assert_true(kernel.cleared && kernel.tuned);
    assert_int_equal(kernel.properties[DTV_DELIVERY_SYSTEM], SYS_DVBC_ANNEX_A);
    assert_int_equal(kernel.properties[DTV_FREQUENCY], 323000000);
    assert_int_equal(kernel.properties[DTV_SYMBOL_RATE], 6875000);
    assert_int_equal(kernel.properties[DTV_MODULATION], QAM_64);
    assert_int_equal(kernel.properties[DTV_INVERSION], INVERSION_AUTO);
    assert_int_equal(kernel.filter.pid, 0x2000);
    assert_int_equal(kernel.filter.output, DMX_OUT_TS_TAP);
    assert_int_equal(kernel.filter.pes_type, DMX_PES_OTHER);
    assert_int_equal(kernel.filter.flags, DMX_IMMEDIATE_START);
    assert_true(kernel.buffer_size >= 1024 * 1024);
    assert_int_equal(tuner_fd(tuner), kernel.dvr);
    tuner_close(tuner);
    assert_int_equal(kernel.open_count, 3);
    assert_int_equal(kernel.close_count, 3);
}

static void test_pids(void **state)
{
    (void)state;
    tuner_close(open_good("dvb://1/2?frequency=323000000&symbol_rate=6875000&pids=0+17+0x1234"));
    assert_int_equal(kernel.properties[DTV_MODULATION], QAM_AUTO);
    assert_int_equal(kernel.filter.pid, 0);
    assert_int_equal(kernel.pid_count, 2);
    assert_int_equal(kernel.pids[0], 17);
    assert_int_equal(kernel.pids[1], 0x1234);
}

static void test_reads(void **state)
{
    (void)state;
    uint8_t bytes[376];
    struct tuner_status status;
    struct tuner *tuner = open_good(URL);
    kernel.overruns = 2;
    assert_int_equal(tuner_read(tuner, bytes, sizeof(bytes)), sizeof(bytes));
    assert_true(tuner_status(tuner, &status));
    assert_int_equal(status.overruns, 2);
    tuner_close(tuner);
}

static void test_status(void **state)
{
    (void)state;
    struct tuner_status status;
    struct tuner *tuner = open_good(URL);
    assert_true(tuner_status(tuner, &status));
    assert_false(status.locked);
    kernel.status = FE_HAS_SIGNAL | FE_HAS_CARRIER | FE_HAS_SYNC | FE_HAS_LOCK;
    assert_true(tuner_status(tuner, &status));
    assert_true(status.locked && status.has_strength_dbm && status.has_cnr_db && status.has_ber &&
                status.has_uncorrected);
    assert_false(status.has_strength || status.has_cnr || status.has_bit_errors);
    assert_int_equal(status.strength_mdbm, -43500);
    assert_int_equal(status.cnr_mdb, 34100);
    assert_true(status.ber > 4.9e-6 && status.ber < 5.1e-6);
    assert_int_equal(status.uncorrected_blocks, 5);
    kernel.relative = true;
    assert_true(tuner_status(tuner, &status));
    assert_true(status.has_strength && status.has_cnr);
    assert_int_equal(status.strength_permille, 500);
    kernel.failing = FE_READ_STATUS;
    assert_false(tuner_status(tuner, &status));
    tuner_close(tuner);
}

/* A driver with the readings of version 3 only, and one with none. */
static void test_status_of_old_drivers(void **state)
{
    (void)state;
    struct tuner_status status;
    struct tuner *tuner = open_good(URL);
    kernel.old = true;
    assert_true(tuner_status(tuner, &status));
    assert_true(status.has_strength && status.has_cnr && status.has_bit_errors && status.has_uncorrected);
    assert_false(status.has_ber || status.has_strength_dbm || status.has_cnr_db);
    assert_in_range(status.cnr_permille, 499, 500);
    assert_int_equal(status.bit_errors, 9);
    kernel.failing = FE_READ_SNR;
    assert_true(tuner_status(tuner, &status));
    assert_false(status.has_cnr);
    tuner_close(tuner);
}

/* Whatever fails: an error that names it, and nothing stays open. */
static void test_failures(void **state)
{
    (void)state;
    static const struct {
        const char *missing;
        unsigned long failing;
        const char *named;
    } cases[] = {{"frontend", 0, "/dev/dvb/adapter1/frontend2"},
                 {"demux", 0, "/dev/dvb/adapter1/demux0"},
                 {"dvr", 0, "/dev/dvb/adapter1/dvr0"},
                 {NULL, FE_SET_PROPERTY, "323000000"},
                 {NULL, DMX_SET_PES_FILTER, "pids="}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error error = {0};
        kernel.missing = cases[i].missing;
        kernel.failing = cases[i].failing;
        assert_null(tuner_open_dvb(URL, &fake, &error));
        assert_non_null(strstr(error.text, cases[i].named));
        assert_int_equal(kernel.open_count, kernel.close_count);
    }
    kernel.failing = DMX_SET_BUFFER_SIZE; /* the small buffer will do */
    tuner_close(open_good(URL));
}

static void test_bad_urls(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "dvb://0",
        "dvb://0/0",
        "dvb:///0?frequency=323000000&symbol_rate=6875000",
        "dvb://0/?frequency=323000000&symbol_rate=6875000",
        "dvb://0/0/0?frequency=323000000&symbol_rate=6875000",
        "dvb://64/0?frequency=323000000&symbol_rate=6875000",
        "dvb://-1/0?frequency=323000000&symbol_rate=6875000",
        "dvb://0/0?frequency=323&symbol_rate=6875000",
        "dvb://0/0?frequency=323000000&symbol_rate=6875",
        "dvb://0/0?frequency=323000000",
        "dvb://0/0?frequency=323000000&symbol_rate=6875000&modulation=8PSK",
        "dvb://0/0?frequency=323000000&symbol_rate=6875000&demux=x",
        "dvb://0/0?frequency=323000000&symbol_rate=6875000&pids=1,2",
        "dvb://0/0?frequency=323000000&symbol_rate=6875000&pids=+1",
        "dvb://0/0?frequency=323000000&symbol_rate=6875000&pids=8192",
        "dvb://0/0?frequency=323000000&symbol_rate=6875000&ttl=1",
    };
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct error error = {0};
        if (tuner_open_dvb(urls[i], &fake, &error))
            fail_msg("%s was opened", urls[i]);
        assert_true(error.text[0] != '\0');
    }
    assert_int_equal(kernel.open_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tunes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pids, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_status, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_status_of_old_drivers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_urls, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
