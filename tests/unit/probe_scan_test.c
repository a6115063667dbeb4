/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe scan over a network of three streams in files, from its home frequency and over its list. */
#include "base/file.h"
#include "network_air.h"
#include "probe/scan.h"
#include "probe/source.h"
#include "probe_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define OPTIONS "pace=none"

static char folder[] = "/tmp/kokonor-scan-XXXXXX";
static char list[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(list, sizeof(list), "%s/frequencies", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

static json_int_t number(const json_t *json, const char *array, size_t index, const char *key)
{
    json_t *value = json_object_get(json_array_get(json_object_get(json, array), index), key);
    if (!json_is_integer(value))
        fail_msg("%s[%zu].%s is no number", array, index, key);
    return json_integer_value(value);
}

static bool truth(const json_t *json, size_t index, const char *key)
{
    return json_is_true(json_object_get(json_array_get(json_object_get(json, "frequencies"), index), key));
}

static int run(json_t **printed, const char *source, bool with_list)
{
    const char *arguments[8] = {"scan", "--json", "--wait", "20"};
    size_t count = 4;
    if (with_list) {
        arguments[count++] = "--list";
        arguments[count++] = list;
    }
    arguments[count] = source;
    return probe_run(probe_scan, arguments, printed);
}

static void check_channels(const json_t *json)
{
    assert_int_equal(json_array_size(json_object_get(json, "channels")), 2 * NETWORK_AIR_STREAMS);
    for (size_t i = 0; i < NETWORK_AIR_STREAMS; i++) {
        assert_int_equal(number(json, "channels", i, "number"), i + 1);
        assert_int_equal(number(json, "channels", i, "lcn"), i + 1);
        assert_int_equal(number(json, "channels", i, "service_id"), NETWORK_AIR_TELEVISION(i));
        assert_int_equal(number(json, "channels", i, "transport_stream_id"), i + 1);
        assert_int_equal(number(json, "channels", i, "original_network_id"), NETWORK_AIR_ID);
        assert_int_equal(number(json, "channels", i, "frequency_hz"), NETWORK_AIR_HZ(i));
    }
    for (size_t i = 0; i < NETWORK_AIR_STREAMS; i++)
        assert_int_equal(number(json, "channels", NETWORK_AIR_STREAMS + i, "number"),
                         NETWORK_AIR_STREAMS + i + 1);
}

/* A home frequency leads to all that the network names; its number, its URL in the list and any URL will do.
 */
static void from_home(void **state)
{
    (void)state;
    char url[300], other[300], path[64];
    network_air_write(folder, OPTIONS, false);
    network_air_url(folder, OPTIONS, 1, url, sizeof(url));
    snprintf(path, sizeof(path), "%s/home.ts", folder); /* a source that the list does not have */
    snprintf(other, sizeof(other), "%s/stream-1.ts", folder);
    assert_int_equal(rename(other, path), 0);
    assert_int_equal(symlink(path, other), 0);
    snprintf(other, sizeof(other), "file://%s?pace=none", path);
    const char *const sources[] = {"315000000", url, other};
    for (size_t i = 0; i < 3; i++) {
        json_t *json;
        int status = run(&json, sources[i], true);
        assert_non_null(json);
        assert_int_equal(status, PROBE_STATUS_FOUND);
        assert_true(json_is_true(json_object_get(json, "complete")));
        assert_int_equal(json_array_size(json_object_get(json, "frequencies")), NETWORK_AIR_STREAMS);
        assert_int_equal(number(json, "frequencies", 0, "frequency_hz"), NETWORK_AIR_HZ(1));
        for (size_t k = 0; k < NETWORK_AIR_STREAMS; k++) {
            assert_true(truth(json, k, "signal") && truth(json, k, "complete"));
            assert_int_equal(number(json, "frequencies", k, "channels"), 2);
        }
        check_channels(json);
        json_decref(json);
    }
}

/* The network names a frequency that nothing is received on: it says so, and the rest is found. */
static void a_dead_frequency(void **state)
{
    (void)state;
    json_t *json;
    network_air_write(folder, OPTIONS, true);
    assert_int_equal(run(&json, "307000000", true), PROBE_STATUS_NONE);
    assert_false(json_is_true(json_object_get(json, "complete")));
    assert_int_equal(json_array_size(json_object_get(json, "frequencies")), NETWORK_AIR_STREAMS + 1);
    assert_int_equal(number(json, "frequencies", 3, "frequency_hz"), NETWORK_AIR_HZ(3));
    assert_false(truth(json, 3, "signal") || truth(json, 3, "complete"));
    json_t *line = json_array_get(json_object_get(json, "frequencies"), 3);
    assert_true(json_is_string(json_object_get(line, "problem")));
    check_channels(json);
    json_decref(json);
    /* Of a list that is no fault: it need not know what is in use. */
    char text[1000] = "";
    struct buffer old;
    struct error error;
    buffer_init(&old, sizeof(text));
    assert_true(file_read(list, &old, &error));
    snprintf(text, sizeof(text), "%.*s331000000 6875000 64QAM file:///nowhere/at/all.ts\n", (int)old.size,
             (const char *)old.data);
    buffer_finish(&old);
    assert_true(file_write(list, text, strlen(text), &error));
    assert_int_equal(run(&json, NULL, true), PROBE_STATUS_FOUND);
    assert_int_equal(json_array_size(json_object_get(json, "frequencies")), NETWORK_AIR_STREAMS + 1);
    line = json_array_get(json_object_get(json, "frequencies"), 3);
    assert_non_null(strstr(json_string_value(json_object_get(line, "problem")), "/nowhere/at/all.ts"));
    check_channels(json);
    json_decref(json);
}

/* Without a list the home stream is all that can be received. */
static void home_alone(void **state)
{
    (void)state;
    char url[300];
    json_t *json;
    network_air_write(folder, OPTIONS, false);
    network_air_url(folder, OPTIONS, 0, url, sizeof(url));
    assert_int_equal(run(&json, url, false), PROBE_STATUS_NONE);
    assert_int_equal(json_array_size(json_object_get(json, "frequencies")), NETWORK_AIR_STREAMS);
    assert_int_equal(json_array_size(json_object_get(json, "channels")), 2);
    json_decref(json);
}

/* The table has a line for each frequency and each channel. */
static void as_a_table(void **state)
{
    (void)state;
    static const char *const says[] = {" 307.0000",     " 331.0000", "no tuner receives",
                                       "television 10", "radio 31",  "6 channels; not everything"};
    char text[8192];
    const char *const arguments[] = {"scan", "307000000", "--list", list, NULL};
    network_air_write(folder, OPTIONS, true);
    assert_int_equal(probe_run_text(probe_scan, arguments, text, sizeof(text)), PROBE_STATUS_NONE);
    for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++)
        if (!strstr(text, says[i]))
            fail_msg("\"%s\" is not in\n%s", says[i], text);
}

static void bad_calls(void **state)
{
    (void)state;
    static const char *const calls[][6] = {
        {"scan", NULL},
        {"scan", "satellite://1", NULL},
        {"scan", "307000000", NULL}, /* a number needs a list */
        {"scan", "a", "b", NULL},
        {"scan", "--list", NULL},
        {"scan", "--list", "/nowhere/at/all", NULL},
        {"scan", "udp://127.0.0.1:0", "--wait", "0", NULL},
        {"scan", "udp://127.0.0.1:0", "--network", "65536", NULL},
        {"scan", "udp://127.0.0.1:0", "--charset", "klingon", NULL},
        {"scan", "udp://127.0.0.1:0", "--colour", "red", NULL},
    };
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        assert_int_equal(probe_run(probe_scan, calls[i], NULL), PROBE_STATUS_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_home),  cmocka_unit_test(a_dead_frequency), cmocka_unit_test(home_alone),
        cmocka_unit_test(as_a_table), cmocka_unit_test(bad_calls),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
