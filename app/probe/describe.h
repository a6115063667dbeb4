/* SPDX-License-Identifier: Apache-2.0 */
/* The model of a watcher as JSON for an engineer: keys always in the same order, null where the stream does
 * not say. */
#ifndef KOKONOR_PROBE_DESCRIBE_H
#define KOKONOR_PROBE_DESCRIBE_H

#include "si/watcher.h"
#include "ts/demux.h"
#include <jansson.h>

/* What was counted before, and does not belong to what is told. */
struct probe_before {
    struct ts_demux_counts ts;
    struct si_watcher_counts si;
};

/* A new reference, the caller's; NULL without memory. */
json_t *probe_describe(const struct si_watcher *watcher, const struct ts_demux *demux,
                       const struct probe_before *before);

/* An AIT's applications as an array, a new reference. */
json_t *probe_describe_applications(const struct si_ait *ait);

#endif
