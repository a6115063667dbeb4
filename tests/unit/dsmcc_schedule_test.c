/* SPDX-License-Identifier: Apache-2.0 */
/* What the carousel's schedule promises, on a fixed carousel with fixed viewers: waits near the least
 * possible, and everything within a cycle where it is flat. A simulation in bytes, not in time. */
#include "../bench/carousel_air.h"
#include "base/log.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void waits_are_near_the_bound(void **state)
{
    (void)state;
    const struct air_options options = {.cycles = 12, .viewers = 4000, .receivers = 4, .seed = 7};
    struct air_result result;
    assert_true(air_run(&options, &result));
    assert_true(result.mean <= 1.05 * result.bound);
    assert_true(result.mean >= 0.95 * result.bound); /* else the bound is none */
    assert_true(result.bound >= result.free_bound);
    for (int class = 0; class < AIR_CLASSES; class ++)
        assert_true(result.classes[class] <= 1.05 * result.bound_classes[class]);
    assert_true(result.classes[AIR_POPULAR] < result.classes[AIR_ORDINARY]);
    assert_true(result.classes[AIR_ORDINARY] < result.classes[AIR_RARE]);
    assert_true(result.overhead < 0.08);
}

/* Whatever the demand, no module waits longer for its turn than asked for. */
static void the_rarest_is_not_forgotten(void **state)
{
    (void)state;
    static const unsigned ceilings[] = {100, 130, 160, 200};
    double waited = 1e30;
    for (size_t i = 0; i < sizeof ceilings / sizeof ceilings[0]; i++) {
        const struct air_options options = {
            .cycles = 12, .viewers = 4000, .receivers = 6, .seed = 9, .longest_interval = ceilings[i]};
        struct air_result result;
        assert_true(air_run(&options, &result));
        assert_true(result.longest <= ceilings[i] / 100.0 * 1.001);
        assert_true(result.acquisition <= 1.02 * result.longest);
        assert_true(result.acquisition_most <= 1.1 * result.longest);
        assert_true(result.mean < waited); /* what the patience is for */
        waited = result.mean;
    }
}

static void a_flat_carousel_is_whole_after_a_cycle(void **state)
{
    (void)state;
    const struct air_options options = {
        .schedule = DSMCC_SCHEDULE_FLAT, .cycles = 6, .viewers = 500, .receivers = 8, .seed = 8};
    struct air_result result;
    assert_true(air_run(&options, &result));
    assert_true(result.acquisition_most <= 1.02);
    assert_true(result.mean > 2 * result.bound); /* which is what the rule is for */
}

static void drop_line(void *context, enum log_level level, const char *module, const char *text)
{
    (void)context;
    (void)level;
    (void)module;
    (void)text;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_are_near_the_bound),
        cmocka_unit_test(the_rarest_is_not_forgotten),
        cmocka_unit_test(a_flat_carousel_is_whole_after_a_cycle),
    };
    log_set_sink(drop_line, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
