/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan found, as a table or as JSON. */
#ifndef KOKONOR_PROBE_SCAN_REPORT_H
#define KOKONOR_PROBE_SCAN_REPORT_H

#include "si/scan.h"
#include "tuner/plan.h"
#include "tuner/tuner.h"

/* One frequency, in the order in which they were tuned. */
struct probe_scan_line {
    char url[TUNER_URL_SIZE]; /* "" : there is none */
    char problem[200];        /* why it was not tuned to; "" */
    bool has_status;
    struct tuner_status status; /* last, before the next one */
    struct si_scan_result result;
};

struct probe_scan_report {
    const char *source, *list; /* as given; NULL: not */
    size_t count;
    const struct probe_scan_line *lines;
    const struct si_channels *channels; /* with numbers */
    bool complete;                      /* what was asked for */
};

/* False where standard output did not take it. */
bool probe_scan_print_json(const struct probe_scan_report *report);
bool probe_scan_print_text(const struct probe_scan_report *report);

#endif
