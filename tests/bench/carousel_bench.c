/* SPDX-License-Identifier: Apache-2.0 */
/* How long a viewer waits who tunes in at random: the square root rule beside a flat cycle and beside the
 * least that any schedule could reach, and how long one who waits for everything. A simulation: its numbers
 * are the same on every machine. */
#include "base/log.h"
#include "carousel_air.h"
#include "folder/content_set.h"
#include "playout/on_air.h"
#include <stdio.h>
#include <stdlib.h>

#define RATE_BYTES_S (1.5e6 / 8)
#define DEFAULT_LONGEST 210
#define GOAL 1.05             /* waits, of the bound */
#define ACQUISITION_GOAL 1.02 /* the whole, of the schedule's own cycle, in the mean */

static void print_row(const char *name, double rule, double flat, double bound, double free_bound)
{
    printf("%-10s %9.2f s %9.2f s %9.2f s %9.3f %11.2f s %9.3f\n", name, rule / RATE_BYTES_S,
           flat / RATE_BYTES_S, bound / RATE_BYTES_S, rule / bound, free_bound / RATE_BYTES_S,
           rule / free_bound);
}

static void print_whole(const char *name, const struct air_result *result)
{
    printf("%-22s %10.2f %13.3f %13.3f %13.3f %13.3f %9.2f s\n", name, result->longest, result->acquisition,
           result->acquisition_most, result->acquisition / result->longest,
           result->acquisition_most / result->longest, result->mean / RATE_BYTES_S);
}

/* The rule beside a flat cycle; true where every class is near the bound, and the whole comes in a cycle. */
static bool compare(const char *title, const struct air_options *options, const char *const names[])
{
    struct air_result rule, flat;
    struct air_options flat_options = *options;
    flat_options.schedule = DSMCC_SCHEDULE_FLAT;
    if (!air_run(options, &rule) || !air_run(&flat_options, &flat)) {
        fprintf(stderr, "carousel_bench: no memory, or a receiver did not get everything\n");
        return false;
    }
    printf("%s: mean wait at 1.5 Mbit/s; a flat cycle is %.1f s\n", title, flat.cycle / RATE_BYTES_S);
    printf("%-10s %11s %11s %11s %9s %13s %9s\n", "object", "rule", "flat", "bound", "of it", "free bound",
           "of it");
    bool good = rule.mean <= GOAL * rule.bound;
    for (int class = 0; class < AIR_CLASSES; class ++) {
        if (rule.bound_classes[class] <= 0)
            continue;
        print_row(names[class], rule.classes[class], flat.classes[class], rule.bound_classes[class],
                  rule.free_classes[class]);
        good = good && rule.classes[class] <= GOAL * rule.bound_classes[class] &&
               rule.classes[class] <= GOAL * rule.free_classes[class];
    }
    print_row("viewer", rule.mean, flat.mean, rule.bound, rule.free_bound);
    printf("the bound is that of intervals of at most %.1f flat cycles, the free one lets the rarest wait\n",
           DEFAULT_LONGEST / 100.0);
    printf("control messages and directories take %.1f %% of the air (flat: %.1f %%)\n\n",
           100 * rule.overhead, 100 * flat.overhead);
    printf("%-22s %10s %27s %27s\n", "the whole carousel", "own cycle", "flat cycles: mean, most",
           "own cycles: mean, most");
    print_whole("flat", &flat);
    print_whole("rule", &rule);
    return good && rule.acquisition <= ACQUISITION_GOAL * rule.longest &&
           flat.acquisition_most <= ACQUISITION_GOAL;
}

static bool compare_made_up(void)
{
    static const unsigned ceilings[] = {100, 150, 200, 400};
    const struct air_options options = {.cycles = 24, .viewers = 20000, .receivers = 24, .seed = 20261123};
    static const char *const names[AIR_CLASSES] = {"popular", "ordinary", "rare"};
    bool good = compare("A shop", &options, names);
    for (size_t i = 0; i < sizeof(ceilings) / sizeof(ceilings[0]); i++) {
        char name[64];
        struct air_options other = options;
        struct air_result result;
        other.longest_interval = ceilings[i];
        snprintf(name, sizeof(name), "rule, at most %.1f", ceilings[i] / 100.0);
        good = air_run(&other, &result) && good;
        print_whole(name, &result);
        good = good && result.mean <= GOAL * result.bound &&
               result.acquisition <= ACQUISITION_GOAL * result.longest;
    }
    return good;
}

#define FILES_MAX 1000

/* The demo's files with the demand that the playout sends them by. */
static bool compare_demo(void)
{
    struct dsmcc_source *files = calloc(FILES_MAX, sizeof(*files));
    struct content_set *sets[CONTENT_ROLES] = {0};
    struct error error = {0};
    struct air_options options = {.cycles = 24, .viewers = 20000, .receivers = 24, .seed = 20261123};
    static const char *const names[AIR_CLASSES] = {[AIR_ORDINARY] = "document", [AIR_RARE] = "picture"};
    bool good = files != NULL;
    for (int role = 0; good && role < CONTENT_ROLES; role++) {
        sets[role] = content_set_load(DEMO_CONTENT, role, &error);
        good = sets[role] != NULL;
        for (size_t i = 0; good && i < sets[role]->count && options.file_count < FILES_MAX; i++) {
            const struct content_file *file = &sets[role]->files[i];
            files[options.file_count++] =
                (struct dsmcc_source){.path = file->path,
                                      .data = file->bytes.data,
                                      .size = file->bytes.size,
                                      .demand = content_path_is_picture(file->path) ? ON_AIR_DEMAND_PICTURE
                                                                                    : ON_AIR_DEMAND_DOCUMENT};
        }
    }
    options.files = files;
    options.demands[AIR_ORDINARY] = ON_AIR_DEMAND_DOCUMENT;
    options.demands[AIR_RARE] = ON_AIR_DEMAND_PICTURE;
    printf("\n");
    good = good && compare("The demo's content", &options, names);
    for (int role = 0; role < CONTENT_ROLES; role++)
        content_set_destroy(sets[role]);
    free(files);
    return good;
}

int main(void)
{
    log_set_level(LOG_LEVEL_WARNING);
    bool shop = compare_made_up(), demo = compare_demo();
    return shop && demo ? 0 : 1;
}
