/* SPDX-License-Identifier: Apache-2.0 */
/* Sections of stream descriptors and PCRs into the follower: two bytes of size with a section behind them, or
 * size 0 with eight bytes of PCR. What was read is built and read again. The bytes are a stream object's as
 * well. */
#include "base/log.h"
#include "dsmcc/biop.h"
#include "dsmcc/stream.h"
#include "dsmcc/stream_event.h"
#include "ts/crc32.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MINIMUM 12

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void on_event(void *context, const struct dsmcc_stream_event *event, bool scheduled)
{
    unsigned *sum = context;
    for (size_t i = 0; i < event->private_data.size; i++)
        *sum += event->private_data.data[i];
    *sum += scheduled;
}

static void build_again(struct dsmcc_stream_section *read)
{
    enum dsmcc_stream_descriptor descriptor;
    while ((descriptor = dsmcc_stream_section_next(read)) != DSMCC_STREAM_DESCRIPTOR_END) {
        struct buffer section;
        struct dsmcc_stream_section again;
        buffer_init(&section, TS_SECTION_SIZE_MAX);
        if (descriptor == DSMCC_STREAM_DESCRIPTOR_EVENT)
            dsmcc_stream_event_append(&section, &read->event, read->version);
        else if (descriptor == DSMCC_STREAM_DESCRIPTOR_NPT)
            dsmcc_npt_reference_append(&section, &read->npt, read->version);
        if (section.size > 0 && !section.failed) {
            require(dsmcc_stream_section_read(section.data, section.size, &again) &&
                    dsmcc_stream_section_next(&again) == descriptor);
            if (descriptor == DSMCC_STREAM_DESCRIPTOR_EVENT)
                require(again.event.event_id == read->event.event_id &&
                        again.event.npt_90khz == read->event.npt_90khz &&
                        again.event.private_data.size == read->event.private_data.size);
            else
                require(again.npt.stc_90khz == read->npt.stc_90khz &&
                        again.npt.npt_90khz == read->npt.npt_90khz);
        }
        buffer_finish(&section);
    }
}

static void push(struct dsmcc_events *events, const uint8_t *data, size_t size)
{
    struct dsmcc_stream_section read;
    uint8_t *section = malloc(size); /* of its own size: a read beyond it is seen */
    require(section != NULL);
    memcpy(section, data, size);
    section[1] = (uint8_t)((section[1] & 0xF0) | (size - 3) >> 8);
    section[2] = (uint8_t)(size - 3);
    uint32_t crc = ts_crc32(section, size - 4);
    for (unsigned i = 0; i < 4; i++)
        section[size - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
    dsmcc_events_push_section(events, section, size);
    if (dsmcc_stream_section_read(section, size, &read))
        build_again(&read);
    free(section);
}

static void read_object(const uint8_t *data, size_t size)
{
    struct dsmcc_stream stream, again;
    size_t info = size > 0 ? data[0] : 0;
    if (info + 1 > size)
        return;
    enum dsmcc_kind kind = size & 1 ? DSMCC_KIND_STREAM : DSMCC_KIND_STREAM_EVENT;
    if (!dsmcc_stream_read(kind, (struct bytes){data + 1, info},
                           (struct bytes){data + 1 + info, size - 1 - info}, &stream) ||
        !dsmcc_stream_is_good(&stream))
        return;
    struct buffer message;
    struct reader reader;
    struct dsmcc_object object;
    buffer_init(&message, 1u << 18);
    dsmcc_stream_append(&message, 1, &stream);
    reader_init(&reader, message.data, message.size);
    require(message.size == dsmcc_stream_size(&stream) && dsmcc_object_read(&reader, &object) &&
            dsmcc_stream_read(object.kind, object.info, object.body, &again) &&
            again.event_count == stream.event_count && again.tap_count == stream.tap_count &&
            again.duration_us == stream.duration_us);
    buffer_finish(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned sum = 0;
    const struct dsmcc_events_options options = {.max_waiting = 4, .happens = on_event, .context = &sum};
    struct dsmcc_events *events = dsmcc_events_create(NULL, 0, 0, &options);
    require(events != NULL);
    read_object(data, size);
    while (size >= 2) {
        size_t wanted = (size_t)data[0] << 8 | data[1];
        data += 2;
        size -= 2;
        if (wanted == 0 && size >= 8) {
            uint64_t pcr = 0;
            for (unsigned i = 0; i < 8; i++)
                pcr = pcr << 8 | data[i];
            dsmcc_events_push_pcr(events, pcr >> 1, pcr & 1);
            wanted = 8;
        } else {
            wanted = wanted < size ? wanted : size;
            if (wanted >= MINIMUM && wanted <= TS_SECTION_SIZE_MAX)
                push(events, data, wanted);
        }
        data += wanted;
        size -= wanted;
    }
    struct dsmcc_events_counts counts;
    dsmcc_events_counts(events, &counts);
    require(counts.waiting <= 4);
    dsmcc_events_destroy(events);
    return 0;
}
