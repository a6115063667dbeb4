/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/pes_filter.h"
#include "base/reader.h"
#include <stdlib.h>
#include <string.h>

#define START_SIZE 6 /* start code, stream_id, PES_packet_length */
#define HEADER_SIZE_MAX (START_SIZE + 3 + 255)
#define GATHER_MAX (TS_PES_SIZE_MAX + HEADER_SIZE_MAX)
#define PADDING_STREAM 0xBE

bool ts_pes_filter_init(struct ts_pes_filter *filter, uint64_t *bad_pes)
{
    memset(filter, 0, sizeof(*filter));
    filter->bad_pes = bad_pes;
    /* The kernel backs the pages when they are first written, so a small audio stream costs a few of them. */
    filter->data = malloc(GATHER_MAX);
    return filter->data != NULL;
}

void ts_pes_filter_finish(struct ts_pes_filter *filter)
{
    free(filter->data);
    filter->data = NULL;
}

void ts_pes_filter_reset(struct ts_pes_filter *filter)
{
    filter->fill = 0;
    filter->gathering = false;
    filter->lost = false;
    filter->random_access = false;
    filter->generation++;
}

/* Streams whose PES packets have no optional header (Table 2-21). */
static bool is_plain(uint8_t stream_id)
{
    static const uint8_t plain[] = {0xBC, 0xBE, 0xBF, 0xF0, 0xF1, 0xF2, 0xF8, 0xFF};
    return memchr(plain, stream_id, sizeof(plain)) != NULL;
}

static uint64_t read_time(struct reader *reader)
{
    uint64_t high = reader_u8(reader) >> 1 & 7;
    uint64_t middle = reader_u16(reader) >> 1;
    uint64_t low = reader_u16(reader) >> 1;
    return high << 30 | middle << 15 | low;
}

/* The optional header; leaves reader at the payload. False: it breaks a rule of 2.4.3.6. */
static bool read_optional(struct reader *reader, struct ts_pes *pes)
{
    unsigned marker = reader_u8(reader) >> 6;
    unsigned flags = reader_u8(reader) >> 6;
    size_t length = reader_u8(reader);
    struct reader header = reader_sub(reader, length);
    if (marker != 2 || flags == 1)
        return false;
    if (flags & 2) {
        pes->has_pts = true;
        pes->pts_90khz = read_time(&header);
        pes->dts_90khz = pes->pts_90khz;
    }
    if (flags == 3) {
        pes->has_dts = true;
        pes->dts_90khz = read_time(&header);
    }
    return !header.failed && !reader->failed;
}

static bool read_pes(const struct ts_pes_filter *filter, struct ts_pes *pes)
{
    struct reader reader;
    reader_init(&reader, filter->data, filter->fill);
    if (reader_u24(&reader) != 1)
        return false;
    pes->stream_id = reader_u8(&reader);
    reader_skip(&reader, 2);
    if (!is_plain(pes->stream_id) && !read_optional(&reader, pes))
        return false;
    pes->size = reader_left(&reader);
    pes->data = reader_bytes(&reader, pes->size).data;
    return !reader.failed;
}

/* Delivers what is gathered, or counts it as bad, which the next delivery then tells as lost. */
static void deliver_gathered(struct ts_pes_filter *filter, bool lost, ts_pes_filter_fn *deliver,
                             void *context)
{
    struct ts_pes pes = {.lost = filter->lost || lost, .random_access = filter->random_access};
    bool good = read_pes(filter, &pes);
    filter->gathering = false;
    filter->lost = !good || lost;
    if (!good)
        ++*filter->bad_pes;
    else if (pes.stream_id != PADDING_STREAM)
        deliver(context, &pes);
}

/* The size of a bounded PES packet, 0 while or where it has none. */
static size_t bounded_size(const struct ts_pes_filter *filter)
{
    if (filter->fill < START_SIZE)
        return 0;
    size_t length = (size_t)filter->data[4] << 8 | filter->data[5];
    return length ? START_SIZE + length : 0;
}

static void gather(struct ts_pes_filter *filter, const uint8_t *data, size_t size, ts_pes_filter_fn *deliver,
                   void *context)
{
    if (size > GATHER_MAX - filter->fill) {
        ++*filter->bad_pes;
        filter->gathering = false;
        filter->lost = true;
        return;
    }
    memcpy(filter->data + filter->fill, data, size);
    filter->fill += size;
    size_t whole = bounded_size(filter);
    if (whole && filter->fill >= whole) {
        filter->fill = whole;
        deliver_gathered(filter, false, deliver, context);
    }
}

void ts_pes_filter_push(struct ts_pes_filter *filter, const struct ts_packet *packet, bool lost,
                        ts_pes_filter_fn *deliver, void *context)
{
    unsigned generation = filter->generation;
    /* A bounded packet still gathered when its successor starts is short: its end is missing. */
    if (filter->gathering && (lost || packet->payload_unit_start))
        deliver_gathered(filter, lost || bounded_size(filter) != 0, deliver, context);
    if (filter->generation != generation)
        return;
    if (lost)
        filter->lost = true;
    if (packet->payload_unit_start) {
        filter->gathering = true;
        filter->fill = 0;
        filter->random_access = packet->random_access;
    }
    if (filter->gathering)
        gather(filter, packet->payload, packet->payload_size, deliver, context);
}

void ts_pes_filter_flush(struct ts_pes_filter *filter, ts_pes_filter_fn *deliver, void *context)
{
    if (filter->gathering)
        deliver_gathered(filter, bounded_size(filter) != 0, deliver, context);
}
