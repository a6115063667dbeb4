/* SPDX-License-Identifier: Apache-2.0 */
#include "si_test_stream.h"
#include "ts/section.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define STREAM_MAX ((size_t)4 * 1024 * 1024)

static void on_changed(void *context, unsigned changed)
{
    struct test_stream *stream = context;
    stream->calls++;
    stream->changed |= changed;
}

struct test_stream *test_stream_create(enum si_charset charset)
{
    struct test_stream *stream = calloc(1, sizeof(*stream));
    assert_non_null(stream);
    stream->demux = ts_demux_create();
    assert_non_null(stream->demux);
    const struct si_watcher_options options = {.charset = charset, .changed = on_changed, .context = stream};
    stream->watcher = si_watcher_create(stream->demux, &options);
    assert_non_null(stream->watcher);
    buffer_init(&stream->packets, STREAM_MAX);
    return stream;
}

void test_stream_destroy(struct test_stream *stream)
{
    si_watcher_destroy(stream->watcher);
    ts_demux_destroy(stream->demux);
    buffer_finish(&stream->packets);
    free(stream);
}

struct source {
    const uint8_t *section;
    size_t size;
};

static const uint8_t *next_section(void *context, size_t *size)
{
    struct source *source = context;
    const uint8_t *section = source->section;
    *size = source->size;
    source->section = NULL;
    return section;
}

void test_stream_add_section(struct test_stream *stream, uint16_t pid, const uint8_t *section, size_t size)
{
    struct source source = {section, size};
    struct ts_sectioner sectioner;
    ts_sectioner_init(&sectioner, pid);
    sectioner.continuity_counter = stream->counters[pid];
    uint8_t packet[TS_PACKET_SIZE];
    while (ts_sectioner_packet(&sectioner, packet, next_section, &source))
        buffer_append(&stream->packets, packet, sizeof(packet));
    stream->counters[pid] = sectioner.continuity_counter;
    assert_false(stream->packets.failed);
}

void test_stream_add(struct test_stream *stream, uint16_t pid, const struct si_sections *sections)
{
    for (size_t i = 0; i < sections->count; i++) {
        struct bytes section = si_sections_get(sections, i);
        test_stream_add_section(stream, pid, section.data, section.size);
    }
}

void test_stream_push(struct test_stream *stream)
{
    ts_demux_push(stream->demux, stream->packets.data, stream->packets.size);
    buffer_clear(&stream->packets);
}
