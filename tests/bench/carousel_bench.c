/* SPDX-License-Identifier: Apache-2.0 */
/* How long a viewer waits who tunes in at random: the square root rule beside a flat cycle and beside the
 * least that any schedule could reach. A simulation: its numbers are the same on every machine. */
#include "base/log.h"
#include "carousel_air.h"
#include <stdio.h>

#define RATE_BYTES_S (1.5e6 / 8)

static void print_row(const char *name, double rule, double flat, double bound)
{
    printf("%-10s %9.2f s %9.2f s %9.2f s %8.3f\n", name, rule / RATE_BYTES_S, flat / RATE_BYTES_S,
           bound / RATE_BYTES_S, rule / bound);
}

int main(void)
{
    const struct air_options options = {.cycles = 24, .viewers = 20000, .receivers = 24, .seed = 20261123};
    struct air_options flat_options = options;
    struct air_result rule, flat;
    log_set_level(LOG_LEVEL_WARNING);
    flat_options.schedule = DSMCC_SCHEDULE_FLAT;
    if (!air_run(&options, &rule) || !air_run(&flat_options, &flat)) {
        fprintf(stderr, "carousel_bench: no memory, or a receiver did not get everything\n");
        return 1;
    }
    printf("mean wait at 1.5 Mbit/s; a cycle is %.1f s\n", flat.cycle / RATE_BYTES_S);
    printf("%-10s %11s %11s %11s %8s\n", "object", "rule", "flat", "bound", "to bound");
    for (int class = 0; class < AIR_CLASSES; class ++)
        print_row(air_class_str(class), rule.classes[class], flat.classes[class], rule.bound_classes[class]);
    print_row("viewer", rule.mean, flat.mean, rule.bound);
    printf("control messages and directories take %.1f %% of the air (flat: %.1f %%)\n", 100 * rule.overhead,
           100 * flat.overhead);
    printf("the whole carousel: %.3f cycles, at most %.3f (flat: %.3f, at most %.3f)\n", rule.acquisition,
           rule.acquisition_most, flat.acquisition, flat.acquisition_most);
    return rule.mean <= 1.05 * rule.bound && flat.acquisition_most <= 1.02 ? 0 : 1;
}
