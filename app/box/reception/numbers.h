/* SPDX-License-Identifier: Apache-2.0 */
/* The channels' list of this box, kept in a file: numbers, favourites, and what the network changes while it
 * is watched. Reception thread only; writing waits for the disk. */
#ifndef KOKONOR_RECEPTION_NUMBERS_H
#define KOKONOR_RECEPTION_NUMBERS_H

#include "si/channels.h"

struct numbers;

/* Reads the list at path; a file that cannot be read is logged, left as it is until the list changes, and the
 * list begins empty. path NULL: nothing is kept. NULL only without memory. */
struct numbers *numbers_create(const char *path);
/* Writes what numbers_update has left. NULL does nothing. */
void numbers_destroy(struct numbers *numbers);
/* Merges the stream that watcher follows, once it is known whole; what changed is on the disk when it
 * returns, or, within a minute of another change, with a later call. */
void numbers_update(struct numbers *numbers, const struct si_watcher *watcher);
/* Takes over a whole search, where it found anything. */
void numbers_merge(struct numbers *numbers, const struct si_channels *found);
/* The viewer's mark on a channel; on the disk when it returns. False: it is not in the list (yet). */
bool numbers_set_favourite(struct numbers *numbers, uint16_t original_network_id,
                           uint16_t transport_stream_id, uint16_t service_id, bool favourite);
/* All of them, by number. */
const struct si_channels *numbers_channels(const struct numbers *numbers);
/* The channel of a service of that stream; NULL: not in the list (yet). */
const struct si_channel *numbers_find(const struct numbers *numbers, const struct si_watcher *watcher,
                                      uint16_t service_id);

#endif
