/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded ring of packets, oldest first, that allocates when it is made and never again. Not locked. */
#ifndef KOKONOR_PLAYER_RING_H
#define KOKONOR_PLAYER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring_packet {
    int64_t pts, dts; /* on the timeline, or TIMELINE_NONE */
    bool key;         /* decoding can begin here */
    bool lost;        /* something before it is missing */
    size_t size;
};

struct ring_entry {
    struct ring_packet packet;
    size_t offset;
};

struct ring {
    uint8_t *bytes;
    struct ring_entry *entries;
    size_t capacity;
    int entries_max;
    int first, count;
    size_t end; /* offset behind the newest packet */
    bool lost_next;
};

/* False without memory; ring is then finished. */
bool ring_init(struct ring *ring, size_t bytes_max, int packets_max);
void ring_finish(struct ring *ring);
void ring_clear(struct ring *ring);
/* Copies the packet in; where there is no room, drops the oldest ones, and with skip_to_key those behind them
 * up to one that is a key. Returns how many were dropped; a packet larger than the ring is itself dropped. */
int ring_push(struct ring *ring, const struct ring_packet *packet, const void *data, bool skip_to_key);
/* Copies the oldest packet's bytes to out, which holds any that was pushed; false where there is none. */
bool ring_pop(struct ring *ring, struct ring_packet *packet, uint8_t *out);

#endif
