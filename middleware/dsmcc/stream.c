/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/stream.h"
#include "dsmcc/biop.h"
#include <assert.h>
#include <string.h>

#define INFO_SIZE (1 + 4 + 2 + 3) /* without the description, aMicroSeconds of 16 bits */
#define TAP_SIZE 7                /* with an empty selector */

static void read_info(struct reader *reader, bool wide, struct dsmcc_stream *stream)
{
    stream->description = reader_bytes(reader, reader_u8(reader));
    stream->duration_s = (int32_t)reader_u32(reader);
    stream->duration_us = wide ? reader_u32(reader) : reader_u16(reader);
    stream->audio = reader_u8(reader) != 0;
    stream->video = reader_u8(reader) != 0;
    stream->data = reader_u8(reader) != 0;
}

static void read_names(struct reader *reader, struct dsmcc_stream *stream)
{
    unsigned count = reader_u16(reader);
    stream->event_count = 0;
    if (count > DSMCC_STREAM_EVENTS_MAX)
        reader->failed = true;
    for (unsigned i = 0; i < count && !reader->failed; i++) {
        struct bytes name = reader_bytes(reader, reader_u8(reader));
        if (name.size > 0 && name.data[name.size - 1] == 0)
            name.size--;
        stream->events[stream->event_count++] = (struct dsmcc_stream_event_name){.name = name};
    }
}

/* How well objectInfo goes with that width of aMicroSeconds. */
enum fit { FIT_NOT, FIT_WITH_REST, FIT_EXACTLY };

static enum fit try_info(struct bytes info, bool wide, struct dsmcc_stream *stream)
{
    struct reader reader;
    reader_init(&reader, info.data, info.size);
    read_info(&reader, wide, stream);
    if (stream->kind == DSMCC_KIND_STREAM_EVENT)
        read_names(&reader, stream);
    return reader.failed ? FIT_NOT : reader_left(&reader) > 0 ? FIT_WITH_REST : FIT_EXACTLY;
}

static bool read_both_ways(struct bytes info, struct dsmcc_stream *stream)
{
    enum fit narrow = try_info(info, false, stream);
    if (narrow == FIT_EXACTLY)
        return true;
    enum fit wide = try_info(info, true, stream);
    if (wide > narrow)
        return true;
    return try_info(info, false, stream) != FIT_NOT;
}

static bool read_body(struct reader *reader, struct dsmcc_stream *stream)
{
    unsigned taps = reader_u8(reader);
    stream->tap_count = 0;
    for (unsigned i = 0; i < taps && !reader->failed; i++) {
        struct dsmcc_stream_tap tap;
        tap.id = reader_u16(reader);
        tap.use = reader_u16(reader);
        tap.association_tag = reader_u16(reader);
        reader_skip(reader, reader_u8(reader));
        if (!reader->failed && stream->tap_count < DSMCC_STREAM_TAPS_MAX)
            stream->taps[stream->tap_count++] = tap;
    }
    if (stream->kind != DSMCC_KIND_STREAM_EVENT)
        return !reader->failed;
    unsigned ids = reader_u8(reader);
    if (reader->failed || ids != stream->event_count)
        return false;
    for (unsigned i = 0; i < ids; i++)
        stream->events[i].event_id = reader_u16(reader);
    return !reader->failed;
}

bool dsmcc_stream_read(enum dsmcc_kind kind, struct bytes info, struct bytes body,
                       struct dsmcc_stream *stream)
{
    memset(stream, 0, sizeof *stream);
    stream->kind = kind;
    if ((kind != DSMCC_KIND_STREAM && kind != DSMCC_KIND_STREAM_EVENT) || !read_both_ways(info, stream))
        return false;
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    return read_body(&reader, stream);
}

bool dsmcc_stream_of_entry(const struct dsmcc_entry *entry, struct dsmcc_stream *stream)
{
    return dsmcc_stream_read(entry->kind, entry->data, entry->body, stream);
}

const struct dsmcc_stream_event_name *dsmcc_stream_find_event(const struct dsmcc_stream *stream,
                                                              uint16_t event_id)
{
    for (size_t i = 0; i < stream->event_count; i++) {
        if (stream->events[i].event_id == event_id)
            return &stream->events[i];
    }
    return NULL;
}

static size_t info_size(const struct dsmcc_stream *stream)
{
    size_t size = INFO_SIZE + stream->description.size;
    if (stream->kind != DSMCC_KIND_STREAM_EVENT)
        return size;
    size += 2;
    for (size_t i = 0; i < stream->event_count; i++)
        size += 1 + stream->events[i].name.size + 1;
    return size;
}

bool dsmcc_stream_is_good(const struct dsmcc_stream *stream)
{
    bool events = stream->kind == DSMCC_KIND_STREAM_EVENT;
    if ((!events && stream->kind != DSMCC_KIND_STREAM) || stream->description.size > 255 ||
        stream->duration_us > UINT16_MAX || stream->tap_count > DSMCC_STREAM_TAPS_MAX ||
        stream->event_count > (events ? DSMCC_STREAM_EVENTS_MAX : 0))
        return false;
    for (size_t i = 0; i < stream->event_count; i++) {
        struct bytes name = stream->events[i].name;
        if (name.size == 0 || name.size > 254 || memchr(name.data, 0, name.size))
            return false;
    }
    return info_size(stream) <= UINT16_MAX;
}

static size_t body_size(const struct dsmcc_stream *stream)
{
    size_t events = stream->kind == DSMCC_KIND_STREAM_EVENT ? 1 + 2 * stream->event_count : 0;
    return 1 + TAP_SIZE * stream->tap_count + events;
}

size_t dsmcc_stream_size(const struct dsmcc_stream *stream)
{
    return dsmcc_object_size(info_size(stream), body_size(stream));
}

static void append_info(struct buffer *buffer, const struct dsmcc_stream *stream)
{
    buffer_u8(buffer, (unsigned)stream->description.size);
    buffer_append(buffer, stream->description.data, stream->description.size);
    buffer_u32(buffer, (uint32_t)stream->duration_s);
    buffer_u16(buffer, stream->duration_us);
    buffer_u8(buffer, stream->audio);
    buffer_u8(buffer, stream->video);
    buffer_u8(buffer, stream->data);
    if (stream->kind != DSMCC_KIND_STREAM_EVENT)
        return;
    buffer_u16(buffer, (unsigned)stream->event_count);
    for (size_t i = 0; i < stream->event_count; i++) {
        buffer_u8(buffer, (unsigned)stream->events[i].name.size + 1);
        buffer_append(buffer, stream->events[i].name.data, stream->events[i].name.size);
        buffer_u8(buffer, 0);
    }
}

static void append_body(struct buffer *buffer, const struct dsmcc_stream *stream)
{
    buffer_u8(buffer, (unsigned)stream->tap_count);
    for (size_t i = 0; i < stream->tap_count; i++) {
        buffer_u16(buffer, stream->taps[i].id);
        buffer_u16(buffer, stream->taps[i].use);
        buffer_u16(buffer, stream->taps[i].association_tag);
        buffer_u8(buffer, 0);
    }
    if (stream->kind != DSMCC_KIND_STREAM_EVENT)
        return;
    buffer_u8(buffer, (unsigned)stream->event_count);
    for (size_t i = 0; i < stream->event_count; i++)
        buffer_u16(buffer, stream->events[i].event_id);
}

void dsmcc_stream_append(struct buffer *buffer, uint32_t key, const struct dsmcc_stream *stream)
{
    assert(dsmcc_stream_is_good(stream));
    struct buffer info, body;
    buffer_init(&info, UINT16_MAX);
    buffer_init(&body, 1024);
    append_info(&info, stream);
    append_body(&body, stream);
    if (info.failed || body.failed)
        buffer->failed = true;
    else
        dsmcc_object_append(buffer, stream->kind, key, buffer_view(&info), buffer_view(&body));
    buffer_finish(&info);
    buffer_finish(&body);
}
