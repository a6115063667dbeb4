/* SPDX-License-Identifier: Apache-2.0 */
/* Where the Taps of an object carousel lead: from association tags to PIDs (TR 101 202, 4.7.7; TS 102 809,
 * B.3.1.2). No state; the watcher's thread. */
#ifndef KOKONOR_SI_TAPS_H
#define KOKONOR_SI_TAPS_H

#include "si/watcher.h"

struct si_tap {
    uint16_t association_tag;
    uint16_t pid;
};

/* The tags that the service knows: first those that its deferred_association_tags_descriptors lend from other
 * services of this stream, then those of its own carousel components. The first of a tag counts. Writes up to
 * maximum and returns how many were written. */
size_t si_service_taps(const struct si_watcher *watcher, const struct si_service *service,
                       struct si_tap *taps, size_t maximum);

#endif
