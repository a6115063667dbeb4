/* SPDX-License-Identifier: Apache-2.0 */
/* Packet synchronisation over a stream of bytes (TR 101 290, 1.1). Part of the demultiplexer; storage is the
 * caller's. */
#ifndef KOKONOR_TS_SYNC_H
#define KOKONOR_TS_SYNC_H

#include "ts/packet.h"

#define TS_SYNC_WINDOW (8 * TS_PACKET_SIZE)

struct ts_sync {
    uint8_t window[TS_SYNC_WINDOW]; /* bytes that wait for the rest of their packet, or for proof of one */
    size_t fill;
    bool locked;
    bool had_lock;       /* since reset */
    unsigned misses;     /* packets in a row without sync byte */
    unsigned generation; /* counts resets, so that a push notices one made by its callback */
    uint64_t bytes_skipped;
    uint64_t losses;
};

void ts_sync_init(struct ts_sync *sync);
/* Forgets the bytes held; a push under way ends after the callback that it is in. Counts stay. */
void ts_sync_reset(struct ts_sync *sync);
/* Calls packet for each 188 bytes that begin with a sync byte while locked. The first packet after a reset is
 * believed; once lock is lost, three sync bytes at the right distance are asked for. */
typedef void ts_sync_packet_fn(void *context, const uint8_t bytes[TS_PACKET_SIZE]);
void ts_sync_push(struct ts_sync *sync, const uint8_t *data, size_t size, ts_sync_packet_fn *packet,
                  void *context);

#endif
