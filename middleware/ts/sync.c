/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/sync.h"
#include <string.h>

/* One damaged sync byte among good ones is a damaged packet; so many in a row are a lost position. */
#define MISSES_MAX 2
/* Sync bytes, a packet apart, that prove a position. */
#define PROOF_SPAN (2 * TS_PACKET_SIZE)

void ts_sync_init(struct ts_sync *sync)
{
    memset(sync, 0, sizeof(*sync));
    ts_sync_reset(sync);
}

void ts_sync_reset(struct ts_sync *sync)
{
    sync->fill = 0;
    sync->locked = true;
    sync->had_lock = false;
    sync->misses = MISSES_MAX - 1;
    sync->generation++;
}

/* One packet's worth of bytes. False, with nothing taken, where lock is lost here. */
static bool take(struct ts_sync *sync, const uint8_t *bytes, ts_sync_packet_fn *packet, void *context)
{
    if (bytes[0] == TS_SYNC_BYTE) {
        sync->misses = 0;
        sync->had_lock = true;
        packet(context, bytes);
        return true;
    }
    if (++sync->misses >= MISSES_MAX) {
        sync->locked = false;
        if (sync->had_lock)
            sync->losses++;
        return false;
    }
    sync->bytes_skipped += TS_PACKET_SIZE;
    return true;
}

/* Takes whole packets from data while lock lasts; returns the bytes taken. */
static size_t take_all(struct ts_sync *sync, const uint8_t *data, size_t size, ts_sync_packet_fn *packet,
                       void *context)
{
    unsigned generation = sync->generation;
    size_t taken = 0;
    while (size - taken >= TS_PACKET_SIZE && take(sync, data + taken, packet, context)) {
        if (sync->generation != generation)
            return size;
        taken += TS_PACKET_SIZE;
    }
    return taken;
}

static void drop_front(struct ts_sync *sync, size_t size)
{
    memmove(sync->window, sync->window + size, sync->fill - size);
    sync->fill -= size;
}

/* Looks in the window for a position with proof. True: it stands at the window's start. */
static bool hunt(struct ts_sync *sync)
{
    size_t offset = 0;
    while (offset < sync->fill) {
        const uint8_t *found = memchr(sync->window + offset, TS_SYNC_BYTE, sync->fill - offset);
        size_t next = found ? (size_t)(found - sync->window) : sync->fill;
        sync->bytes_skipped += next - offset;
        offset = next;
        if (offset + PROOF_SPAN >= sync->fill)
            break;
        if (sync->window[offset + TS_PACKET_SIZE] == TS_SYNC_BYTE &&
            sync->window[offset + PROOF_SPAN] == TS_SYNC_BYTE) {
            drop_front(sync, offset);
            return true;
        }
        sync->bytes_skipped++;
        offset++;
    }
    drop_front(sync, offset);
    return false;
}

/* Handles what the window holds, until it needs more. */
static void drain(struct ts_sync *sync, ts_sync_packet_fn *packet, void *context)
{
    unsigned generation = sync->generation;
    for (;;) {
        if (!sync->locked) {
            if (!hunt(sync))
                return;
            sync->locked = true;
            sync->misses = 0;
        }
        size_t taken = take_all(sync, sync->window, sync->fill, packet, context);
        if (sync->generation != generation)
            return;
        drop_front(sync, taken);
        if (sync->locked)
            return;
    }
}

void ts_sync_push(struct ts_sync *sync, const uint8_t *data, size_t size, ts_sync_packet_fn *packet,
                  void *context)
{
    unsigned generation = sync->generation;
    while (size > 0) {
        if (sync->locked && sync->fill == 0) {
            size_t taken = take_all(sync, data, size, packet, context);
            if (sync->generation != generation)
                return;
            data += taken;
            size -= taken;
        }
        size_t limit = sync->locked ? TS_PACKET_SIZE : TS_SYNC_WINDOW;
        size_t part = limit - sync->fill < size ? limit - sync->fill : size;
        memcpy(sync->window + sync->fill, data, part);
        sync->fill += part;
        data += part;
        size -= part;
        drain(sync, packet, context);
        if (sync->generation != generation)
            return;
    }
}
