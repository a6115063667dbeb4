/* SPDX-License-Identifier: Apache-2.0 */
/* The frequency list: what is read, what is refused and where, and which URL receives what. */
#include "tuner/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char list[] = "# a small town\n"
                           "\n"
                           "307000000 6875000 64QAM udp://239.1.1.1:5000?interface=lo\r\n"
                           "\t315000000   6875000 256QAM\t# the frontend's\n"
                           "323000000 6875000 auto file:///srv/third.ts?loop=yes";

static bool parse(struct tuner_plan *plan, const char *text, struct error *error)
{
    return tuner_plan_parse(plan, (struct bytes){(const uint8_t *)text, strlen(text)}, error);
}

static void good_lists(void **state)
{
    (void)state;
    struct tuner_plan plan;
    struct error error = {""};
    if (!parse(&plan, list, &error))
        fail_msg("%s", error.text);
    assert_int_equal(plan.count, 3);
    assert_int_equal(plan.carriers[0].frequency_hz, 307000000);
    assert_int_equal(plan.carriers[0].symbol_rate, 6875000);
    assert_string_equal(plan.carriers[0].modulation, "64QAM");
    assert_string_equal(plan.carriers[0].url, "udp://239.1.1.1:5000?interface=lo");
    assert_string_equal(plan.carriers[1].url, "");
    assert_ptr_equal(tuner_plan_find(&plan, 323100000), &plan.carriers[2]);
    assert_null(tuner_plan_find(&plan, 331000000));
    tuner_plan_finish(&plan);
    assert_true(parse(&plan, "", &error));
    assert_int_equal(plan.count, 0);
    tuner_plan_finish(&plan);
    assert_false(tuner_plan_read(&plan, "/nowhere/at/all", &error));
    assert_non_null(strstr(error.text, "/nowhere/at/all"));
}

static void bad_lists(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"307000000 6875000\n", "line 1: expected FREQUENCY_HZ"},
        {"\n307000000 6875000 64QAM udp://1:5 more", "line 2: expected FREQUENCY_HZ"},
        {"307 6875000 64QAM", "frequency"},
        {"-307000000 6875000 64QAM", "expected FREQUENCY_HZ"},
        {"4602000000 6875000 64QAM", "expected FREQUENCY_HZ"},
        {"307000000 1 64QAM", "symbol_rate"},
        {"307000000 6875000 8PSK", "modulation"},
        {"307000000 6875000 very-long-modulation", "expected FREQUENCY_HZ"},
        {"307000000 6875000 64QAM udp://239.1.1.1", "HOST:PORT"},
        {"307000000 6875000 64QAM satellite://1", "satellite"},
        {"307000000 6875000 64QAM\n307100000 6875000 64QAM", "line 2: 307100000 Hz is there twice"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tuner_plan plan;
        struct error error = {""};
        if (parse(&plan, cases[i].text, &error))
            fail_msg("taken: %s", cases[i].text);
        if (!strstr(error.text, cases[i].says))
            fail_msg("%s: \"%s\"", cases[i].text, error.text);
        assert_int_equal(plan.count, 0);
        assert_null(plan.carriers);
    }
    struct tuner_plan plan;
    struct error error;
    assert_false(tuner_plan_parse(&plan, (struct bytes){(const uint8_t *)"3\0", 2}, &error));
    char *many = calloc(TUNER_CARRIERS_MAX + 1, 64), *at = many;
    assert_non_null(many);
    for (unsigned i = 0; i <= TUNER_CARRIERS_MAX; i++)
        at += sprintf(at, "%u 6875000 64QAM\n", 107000000 + i * 1000000);
    assert_false(parse(&plan, many, &error));
    assert_non_null(strstr(error.text, "line 257: more than 256"));
    free(many);
}

static void urls(void **state)
{
    (void)state;
    static const char base[] = "dvb://1/2?frequency=307000000&symbol_rate=6875000&demux=3&modulation=64QAM";
    struct tuner_plan plan;
    struct tuner_carrier carrier;
    struct error error;
    char url[TUNER_URL_SIZE];
    assert_true(parse(&plan, list, &error));
    const struct tuner_carrier other = {555000000, 6900000, "128QAM", ""};
    assert_true(tuner_plan_url(&plan, base, &other, url));
    assert_string_equal(url, "dvb://1/2?frequency=555000000&symbol_rate=6900000&modulation=128QAM&demux=3");
    assert_true(tuner_plan_locate(&plan, url, &carrier));
    assert_int_equal(carrier.frequency_hz, 555000000);
    assert_int_equal(carrier.symbol_rate, 6900000);
    assert_string_equal(carrier.modulation, "128QAM");
    assert_false(tuner_plan_url(&plan, "udp://127.0.0.1:5000", &other, url));
    assert_false(tuner_plan_locate(&plan, "udp://127.0.0.1:5000", &carrier));
    assert_int_equal(carrier.frequency_hz, 0);
    assert_false(tuner_plan_url(&plan, base, &carrier, url));
    const struct tuner_carrier listed = {323000000, 6875000, "", ""};
    assert_true(tuner_plan_url(&plan, base, &listed, url));
    assert_string_equal(url, "file:///srv/third.ts?loop=yes");
    assert_true(tuner_plan_url(&plan, base, &plan.carriers[1], url)); /* listed, without a URL */
    assert_non_null(strstr(url, "frequency=315000000"));
    assert_true(tuner_plan_url(NULL, base, &listed, url));
    assert_non_null(strstr(url, "modulation=auto"));
    assert_true(tuner_plan_locate(&plan, "file:///srv/third.ts?loop=yes", &carrier));
    assert_int_equal(carrier.frequency_hz, 323000000);
    tuner_plan_finish(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_lists),
        cmocka_unit_test(bad_lists),
        cmocka_unit_test(urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
