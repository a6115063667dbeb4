/* SPDX-License-Identifier: Apache-2.0 */
/* Packet synchronisation over a stream of bytes (TR 101 290, 1.1), for packets 188, 192 (four bytes of
 * arrival time in front) or 204 bytes apart (sixteen of error correction behind). Part of the demultiplexer;
 * storage is the caller's. */
#ifndef KOKONOR_TS_SYNC_H
#define KOKONOR_TS_SYNC_H

#include "ts/packet.h"

#define TS_SYNC_STRIDE_MAX 204
#define TS_SYNC_WINDOW (8 * TS_SYNC_STRIDE_MAX)

struct ts_sync {
    uint8_t window[TS_SYNC_WINDOW]; /* bytes that wait for the rest of their packet, or for proof of one */
    size_t fill;
    size_t stride;  /* bytes from one packet to the next */
    size_t between; /* bytes still to pass over before the next packet */
    bool locked;
    bool proven;         /* two packets in a row, or three sync bytes, since lock was taken for granted */
    unsigned misses;     /* packets in a row without sync byte */
    unsigned generation; /* counts resets, so that a push notices one made by its callback */
    size_t hunted;       /* bytes passed over since lock was lost, not in bytes_skipped yet */
    uint64_t bytes_skipped;
    uint64_t losses;
    uint64_t byte_errors; /* wrong sync bytes where one was due */
};

void ts_sync_init(struct ts_sync *sync);
/* Forgets the bytes held; a push under way ends after the callback that it is in. Counts stay. */
void ts_sync_reset(struct ts_sync *sync);
/* Takes the packets at bytes, bytes + stride ... while they begin with a sync byte, at most count of them;
 * returns how many it took. */
typedef size_t ts_sync_packets_fn(void *context, const uint8_t *bytes, size_t count, size_t stride);
/* Gives packets, as many in one call as lie in one piece, while locked. The first packet after a reset is
 * believed and taken for one of 188 bytes; where it is followed by no other, and once lock is lost, three
 * headers at one of the distances are asked for. */
void ts_sync_push(struct ts_sync *sync, const uint8_t *data, size_t size, ts_sync_packets_fn *packets,
                  void *context);

#endif
