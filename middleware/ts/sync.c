/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/sync.h"
#include <string.h>

/* One damaged sync byte among good ones is a damaged packet; so many in a row are a lost position. */
#define MISSES_MAX 2
#define HEADER_SIZE 4

static const size_t strides[] = {TS_PACKET_SIZE, 192, TS_SYNC_STRIDE_MAX};
#define STRIDE_COUNT (sizeof(strides) / sizeof(strides[0]))

void ts_sync_init(struct ts_sync *sync)
{
    memset(sync, 0, sizeof(*sync));
    ts_sync_reset(sync);
}

void ts_sync_reset(struct ts_sync *sync)
{
    sync->fill = 0;
    sync->bytes_skipped += sync->hunted;
    sync->hunted = 0;
    sync->stride = TS_PACKET_SIZE;
    sync->between = 0;
    sync->locked = true;
    sync->proven = false;
    sync->misses = 0;
    sync->generation++;
}

/* The byte that is due is no sync byte. True: lock is kept, its packet is passed over. */
static bool bear_miss(struct ts_sync *sync)
{
    if (sync->proven) {
        sync->byte_errors++;
        if (++sync->misses < MISSES_MAX) {
            sync->bytes_skipped += TS_PACKET_SIZE;
            return true;
        }
        sync->losses++;
    }
    sync->locked = false;
    return false;
}

/* Takes whole packets from data while lock lasts; returns the bytes taken, which may be more than size by
 * what lies between two packets. */
static size_t take_all(struct ts_sync *sync, const uint8_t *data, size_t size, ts_sync_packets_fn *packets,
                       void *context)
{
    unsigned generation = sync->generation;
    size_t taken = 0;
    while (taken < size && size - taken >= TS_PACKET_SIZE) {
        size_t count = (size - taken - TS_PACKET_SIZE) / sync->stride + 1;
        size_t good = packets(context, data + taken, count, sync->stride);
        if (sync->generation != generation)
            return size;
        taken += good * sync->stride;
        if (good > 0) {
            sync->misses = 0;
            /* Garbage that happens to begin with a sync byte proves nothing. */
            sync->proven = sync->proven || good > 1 || sync->stride != TS_PACKET_SIZE;
        }
        if (good == count)
            continue;
        if (!bear_miss(sync))
            break;
        taken += sync->stride;
    }
    return taken;
}

static void drop_front(struct ts_sync *sync, size_t size)
{
    memmove(sync->window, sync->window + size, sync->fill - size);
    sync->fill -= size;
}

/* What looks like a packet's header: arrival times and error correction hold sync bytes too, again and again
 * at the same place, but hardly an adaptation_field_control that is allowed. */
static bool is_header(const uint8_t *at)
{
    return at[0] == TS_SYNC_BYTE && (at[3] & 0x30) != 0;
}

/* The distance at which two headers follow the one at offset; 0: none. *unsure: there may be one, with more
 * bytes. */
static size_t find_stride(const struct ts_sync *sync, size_t offset, bool *unsure)
{
    *unsure = false;
    if (offset + HEADER_SIZE <= sync->fill && !is_header(sync->window + offset))
        return 0;
    for (size_t i = 0; i < STRIDE_COUNT; i++) {
        size_t second = offset + strides[i], third = second + strides[i];
        if (third + HEADER_SIZE > sync->fill)
            *unsure = true;
        else if (is_header(sync->window + second) && is_header(sync->window + third))
            return strides[i];
    }
    return 0;
}

/* How much speaks for packets at offset: headers without transport_error_indicator count twice. */
static unsigned score(const struct ts_sync *sync, size_t offset, size_t count)
{
    unsigned points = 0;
    for (size_t i = 0; i < count; i++, offset += sync->stride) {
        const uint8_t *at = sync->window + offset;
        points += !is_header(at) ? 0 : at[1] & 0x80 ? 1 : 2;
    }
    return points;
}

/* What lies between two packets may be like headers as often as they are, such as an arrival time whose first
 * byte stays the same for half a second: of the places within the gap the best one, and of equals the last.
 */
static size_t best_within_gap(const struct ts_sync *sync, size_t offset)
{
    size_t gap = sync->stride - TS_PACKET_SIZE, best = offset;
    if (offset + gap + HEADER_SIZE > sync->fill)
        return offset;
    size_t count = (sync->fill - offset - gap - HEADER_SIZE) / sync->stride + 1;
    unsigned most = score(sync, offset, count);
    for (size_t at = offset + 1; at <= offset + gap; at++) {
        unsigned points = score(sync, at, count);
        if (points >= most) {
            most = points;
            best = at;
        }
    }
    return best;
}

/* Looks in the window for a position with proof. True: it stands at the window's start. */
static bool hunt(struct ts_sync *sync)
{
    size_t offset = 0;
    bool unsure = false;
    sync->stride = 0;
    while (offset < sync->fill && !unsure) {
        const uint8_t *found = memchr(sync->window + offset, TS_SYNC_BYTE, sync->fill - offset);
        size_t next = found ? (size_t)(found - sync->window) : sync->fill;
        sync->hunted += next - offset;
        offset = next;
        if (offset == sync->fill)
            break;
        sync->stride = find_stride(sync, offset, &unsure);
        if (sync->stride != 0) {
            size_t best = best_within_gap(sync, offset);
            sync->hunted += best - offset;
            offset = best;
            break;
        }
        if (!unsure) {
            sync->hunted++;
            offset++;
        }
    }
    drop_front(sync, offset);
    return sync->stride != 0;
}

/* The bytes passed over until lock. What belongs between two packets (arrival time in front of the first,
 * error correction behind one that was believed) is no garbage. */
static void count_hunted(struct ts_sync *sync)
{
    size_t between = sync->stride - TS_PACKET_SIZE;
    sync->bytes_skipped += sync->hunted > between ? sync->hunted - between : 0;
    sync->hunted = 0;
}

/* Handles what the window holds, until it needs more. */
static void drain(struct ts_sync *sync, ts_sync_packets_fn *packets, void *context)
{
    unsigned generation = sync->generation;
    for (;;) {
        if (!sync->locked) {
            if (!hunt(sync))
                return;
            count_hunted(sync);
            sync->locked = sync->proven = true;
            sync->misses = 0;
        }
        size_t taken = take_all(sync, sync->window, sync->fill, packets, context);
        if (sync->generation != generation)
            return;
        if (taken > sync->fill) {
            sync->between = taken - sync->fill;
            taken = sync->fill;
        }
        drop_front(sync, taken);
        if (sync->locked)
            return;
    }
}

/* The bytes at the front of data that lie between two packets. */
static size_t pass_over(struct ts_sync *sync, size_t size)
{
    size_t part = sync->between < size ? sync->between : size;
    sync->between -= part;
    return part;
}

void ts_sync_push(struct ts_sync *sync, const uint8_t *data, size_t size, ts_sync_packets_fn *packets,
                  void *context)
{
    unsigned generation = sync->generation;
    while (size > 0) {
        size_t part = pass_over(sync, size);
        data += part;
        size -= part;
        if (sync->locked && sync->fill == 0) {
            size_t taken = take_all(sync, data, size, packets, context);
            if (sync->generation != generation)
                return;
            if (taken > size) {
                sync->between = taken - size;
                return;
            }
            data += taken;
            size -= taken;
        }
        size_t limit = sync->locked ? TS_PACKET_SIZE : TS_SYNC_WINDOW;
        part = limit - sync->fill < size ? limit - sync->fill : size;
        if (part > 0)
            memcpy(sync->window + sync->fill, data, part);
        sync->fill += part;
        data += part;
        size -= part;
        drain(sync, packets, context);
        if (sync->generation != generation)
            return;
    }
}
