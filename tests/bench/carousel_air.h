/* SPDX-License-Identifier: Apache-2.0 */
/* A carousel on air, without air: its sections in a row, and how long viewers who tune in at random wait.
 * Time is counted in bytes of sections. For the bench and its quick sibling among the tests; one thread. */
#ifndef KOKONOR_TESTS_CAROUSEL_AIR_H
#define KOKONOR_TESTS_CAROUSEL_AIR_H

#include "dsmcc/builder.h"

enum air_class { AIR_POPULAR, AIR_ORDINARY, AIR_RARE, AIR_CLASSES };
const char *air_class_str(enum air_class class);

/* Mean waits, from tuning in to having an object's module whole. */
struct air_result {
    double cycle;   /* bytes of everything once, with the control messages that go with it: a flat cycle */
    double longest; /* interval planned for the rarest module, in flat cycles: the schedule's own cycle, in
                       which it sends everything at least once */
    double mean;    /* over all viewers, each wanting by demand */
    double classes[AIR_CLASSES]; /* those who want such an object */
    double bound;                /* what no schedule can beat for mean, in the air that control messages and
                                    directories leave, and that lets no object wait longer than the longest
                                    interval asked for */
    double bound_classes[AIR_CLASSES];
    double free_bound, free_classes[AIR_CLASSES]; /* the same without that last condition */
    double overhead;                              /* part of the air that those take */
    double acquisition,
        acquisition_most; /* mean and longest way to the whole tree, in flat cycles: a real receiver */
};

/* cycles of a carousel under the schedule, of which the first two are not looked at; viewers tune in for each
 * class; receivers acquire the whole. seed fixes all that is random. False: no memory, or a receiver did not
 * get everything. */
struct air_options {
    enum dsmcc_schedule schedule;
    unsigned cycles, viewers, receivers;
    uint64_t seed;
    unsigned longest_interval;        /* percent of a flat cycle; 0: the default */
    const struct dsmcc_source *files; /* borrowed; NULL: some of each class, made up */
    size_t file_count;
    unsigned demands[AIR_CLASSES]; /* with files: the demand by which a class is told; 0: no such class */
};
bool air_run(const struct air_options *options, struct air_result *result);

#endif
