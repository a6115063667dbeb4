/* SPDX-License-Identifier: Apache-2.0 */
#include "player/ring.h"
#include <stdlib.h>
#include <string.h>

bool ring_init(struct ring *ring, size_t bytes_max, int packets_max)
{
    memset(ring, 0, sizeof *ring);
    ring->bytes = malloc(bytes_max);
    ring->entries = calloc((size_t)packets_max, sizeof *ring->entries);
    ring->capacity = bytes_max;
    ring->entries_max = packets_max;
    if (ring->bytes != NULL && ring->entries != NULL)
        return true;
    ring_finish(ring);
    return false;
}

void ring_finish(struct ring *ring)
{
    free(ring->bytes);
    free(ring->entries);
    memset(ring, 0, sizeof *ring);
}

void ring_clear(struct ring *ring)
{
    ring->first = ring->count = 0;
    ring->end = 0;
    ring->lost_next = false;
}

/* Where size bytes fit in one piece between the newest packet and the oldest. */
static bool find_room(const struct ring *ring, size_t size, size_t *offset)
{
    if (ring->count == 0) {
        *offset = 0;
        return size <= ring->capacity;
    }
    if (ring->count == ring->entries_max)
        return false;
    size_t start = ring->entries[ring->first].offset;
    *offset = ring->end;
    if (ring->end <= start)
        return size <= start - ring->end;
    if (size <= ring->capacity - ring->end)
        return true;
    *offset = 0;
    return size <= start;
}

static void drop_oldest(struct ring *ring)
{
    ring->first = (ring->first + 1) % ring->entries_max;
    ring->count--;
}

static int make_room(struct ring *ring, size_t size, bool skip_to_key, size_t *offset)
{
    int dropped = 0;
    while (!find_room(ring, size, offset)) {
        do {
            drop_oldest(ring);
            dropped++;
        } while (skip_to_key && ring->count > 0 && !ring->entries[ring->first].packet.key);
    }
    if (dropped > 0 && ring->count > 0)
        ring->entries[ring->first].packet.lost = true;
    return dropped;
}

int ring_push(struct ring *ring, const struct ring_packet *packet, const void *data, bool skip_to_key)
{
    if (packet->size == 0 || packet->size > ring->capacity) {
        ring->lost_next = true;
        return 1;
    }
    size_t offset;
    int dropped = make_room(ring, packet->size, skip_to_key, &offset);
    struct ring_entry *entry = &ring->entries[(ring->first + ring->count) % ring->entries_max];
    entry->packet = *packet;
    entry->packet.lost = packet->lost || ring->lost_next || (dropped > 0 && ring->count == 0);
    entry->offset = offset;
    memcpy(ring->bytes + offset, data, packet->size);
    ring->end = offset + packet->size;
    ring->lost_next = false;
    ring->count++;
    return dropped;
}

bool ring_pop(struct ring *ring, struct ring_packet *packet, uint8_t *out)
{
    if (ring->count == 0)
        return false;
    const struct ring_entry *entry = &ring->entries[ring->first];
    *packet = entry->packet;
    memcpy(out, ring->bytes + entry->offset, entry->packet.size);
    drop_oldest(ring);
    return true;
}
