/* SPDX-License-Identifier: Apache-2.0 */
#include "si/eit.h"
#include "si/writer.h"
#include <string.h>

/* What an EIT section has of its own behind the long header. */
#define EIT_FIXED 6
/* An EIT section may have 4,096 bytes (EN 300 468, 5.1.1). */
#define EVENTS_SIZE_MAX (4096 - TS_SECTION_HEADER_SIZE - EIT_FIXED - TS_SECTION_CRC_SIZE)

static bool is_eit(uint8_t table_id)
{
    return table_id >= SI_TABLE_EIT_PRESENT_FOLLOWING && table_id <= 0x6F;
}

bool si_eit_read_header(const uint8_t *section, size_t size, struct si_eit_header *header)
{
    struct ts_section_header head;
    if (!ts_section_read_header(section, size, &head) || !is_eit(head.table_id) || !head.current_next ||
        head.section_number > head.last_section_number)
        return false;
    memset(header, 0, sizeof(*header));
    header->table_id = head.table_id;
    header->service_id = head.table_id_extension;
    header->version = head.version;
    header->section_number = head.section_number;
    header->last_section_number = head.last_section_number;
    struct reader reader;
    reader_init(&reader, section, size - TS_SECTION_CRC_SIZE);
    reader_skip(&reader, TS_SECTION_HEADER_SIZE);
    header->transport_stream_id = reader_u16(&reader);
    header->original_network_id = reader_u16(&reader);
    header->segment_last_section_number = reader_u8(&reader);
    header->last_table_id = reader_u8(&reader);
    if (reader.failed)
        return false;
    header->events = reader;
    struct si_event_view view;
    while (si_event_next(&reader, &view)) {
    }
    return !reader.failed;
}

bool si_eit_read_in(const uint8_t *section, size_t size, struct si_text *text, const char *language,
                    struct si_eit_section *eit)
{
    struct si_eit_header header;
    memset(eit, 0, sizeof(*eit));
    if (!si_eit_read_header(section, size, &header) ||
        header.table_id > SI_TABLE_EIT_PRESENT_FOLLOWING_OTHER || header.section_number > 1)
        return false;
    eit->service_id = header.service_id;
    eit->transport_stream_id = header.transport_stream_id;
    eit->original_network_id = header.original_network_id;
    eit->version = header.version;
    eit->section_number = header.section_number;
    struct si_event_view view;
    if (si_event_next(&header.events, &view))
        si_event_fill(&view, text, language, &eit->event);
    return true;
}

bool si_eit_read(const uint8_t *section, size_t size, struct si_text *text, struct si_eit_section *eit)
{
    return size > 0 && section[0] == SI_TABLE_EIT_PRESENT_FOLLOWING &&
           si_eit_read_in(section, size, text, NULL, eit);
}

struct placing {
    uint8_t table_id, last_table_id;
    uint8_t section_number, last_section_number, segment_last_section_number;
};

static bool append_section(struct si_sections *out, const struct si_eit_service *service, unsigned version,
                           const struct placing *at, struct bytes events)
{
    struct buffer body;
    buffer_init(&body, EIT_FIXED + EVENTS_SIZE_MAX);
    buffer_u16(&body, service->transport_stream_id);
    buffer_u16(&body, service->original_network_id);
    buffer_u8(&body, at->segment_last_section_number);
    buffer_u8(&body, at->last_table_id);
    buffer_append(&body, events.data, events.size);
    const struct ts_section_header header = {.table_id = at->table_id,
                                             .private_indicator = true,
                                             .table_id_extension = service->service_id,
                                             .version = (uint8_t)(version & 31),
                                             .current_next = true,
                                             .section_number = at->section_number,
                                             .last_section_number = at->last_section_number};
    bool ok = si_sections_append_long_table(out, &header, &body);
    buffer_finish(&body);
    return ok;
}

static bool append_event(struct si_sections *out, const struct si_eit_service *service, unsigned version,
                         uint8_t number, const struct si_event_source *source)
{
    uint8_t table_id = service->other ? SI_TABLE_EIT_PRESENT_FOLLOWING_OTHER : SI_TABLE_EIT_PRESENT_FOLLOWING;
    const struct placing at = {table_id, table_id, number, 1, 1};
    struct buffer events;
    buffer_init(&events, EVENTS_SIZE_MAX);
    if (source)
        si_event_write(&events, source, true);
    if (events.failed) {
        buffer_clear(&events);
        si_event_write(&events, source, false);
    }
    bool ok = !events.failed && append_section(out, service, version, &at, buffer_view(&events));
    buffer_finish(&events);
    return ok;
}

static void roll_back(struct si_sections *out, size_t count, size_t size)
{
    out->count = count;
    out->bytes.size = size;
    out->bytes.failed = false;
}

bool si_build_present_following(struct si_sections *out, const struct si_eit_service *service,
                                const struct si_event_source *present,
                                const struct si_event_source *following, unsigned version)
{
    size_t count = out->count, size = out->bytes.size;
    if (append_event(out, service, version, 0, present) && append_event(out, service, version, 1, following))
        return true;
    roll_back(out, count, size);
    return false;
}

static struct si_event_source source_of(const struct si_event *event, struct si_event_source_words *words)
{
    *words = (struct si_event_source_words){
        .language = event->language[0] ? event->language : "chi", .name = event->name, .text = event->text};
    return (struct si_event_source){.event_id = event->event_id,
                                    .start_utc_s = event->start_utc_s,
                                    .duration_s = event->duration_s,
                                    .running_status = event->running_status,
                                    .scrambled = event->scrambled,
                                    .word_count = 1,
                                    .words = words};
}

bool si_build_eit(struct si_sections *out, const struct si_eit *eit, unsigned version)
{
    struct si_event_source_words words[2];
    struct si_event_source present = source_of(&eit->present, &words[0]),
                           following = source_of(&eit->following, &words[1]);
    const struct si_eit_service service = {.service_id = eit->service_id,
                                           .transport_stream_id = eit->transport_stream_id,
                                           .original_network_id = eit->original_network_id};
    return si_build_present_following(out, &service, eit->present.exists ? &present : NULL,
                                      eit->following.exists ? &following : NULL, version);
}

/* Where the events of one segment lie in one buffer, cut into sections. */
struct segment {
    struct buffer events;
    size_t count; /* sections, at least one */
    size_t ends[SI_SECTIONS_PER_SEGMENT];
};

/* Fills the segment with events [first, end); false where they are too many for it. */
static bool fill(struct segment *segment, const struct si_event_source *events, size_t first, size_t end,
                 bool extended)
{
    buffer_clear(&segment->events);
    segment->count = 1;
    size_t start = 0;
    for (size_t i = first; i < end; i++) {
        size_t before = segment->events.size;
        si_event_write(&segment->events, &events[i], extended);
        if (segment->events.failed || segment->events.size - before > EVENTS_SIZE_MAX)
            return false;
        if (segment->events.size - start > EVENTS_SIZE_MAX) {
            if (segment->count == SI_SECTIONS_PER_SEGMENT)
                return false;
            segment->ends[segment->count++ - 1] = before;
            start = before;
        }
    }
    segment->ends[segment->count - 1] = segment->events.size;
    return true;
}

static bool append_segment(struct si_sections *out, const struct si_schedule *schedule, unsigned version,
                           const struct segment *segment, struct placing at)
{
    uint8_t first = at.section_number;
    at.segment_last_section_number = (uint8_t)(first + segment->count - 1);
    for (size_t i = 0, start = 0; i < segment->count; start = segment->ends[i++]) {
        struct bytes events = {segment->events.data + start, segment->ends[i] - start};
        if (segment->ends[i] == start)
            events = (struct bytes){NULL, 0};
        at.section_number = (uint8_t)(first + i);
        if (!append_section(out, &schedule->service, version, &at, events))
            return false;
    }
    return true;
}

/* The first event from index on that starts at or behind the time. */
static size_t skip_before(const struct si_schedule *schedule, size_t index, int64_t utc_s)
{
    while (index < schedule->event_count && schedule->events[index].start_utc_s < utc_s)
        index++;
    return index;
}

/* last_section_number of a sub-table follows from how many sections its last segment has, which is known
 * behind it: it is written into the sections made. */
static void patch_last(struct si_sections *out, size_t from, uint8_t last_section_number)
{
    for (size_t i = from; i < out->count; i++) {
        size_t start = i ? out->ends[i - 1] : 0;
        si_section_set_last(out->bytes.data + start, out->ends[i] - start, last_section_number);
    }
}

static bool append_table(struct si_sections *out, const struct si_schedule *schedule, unsigned version,
                         unsigned table, unsigned segments, struct segment *segment)
{
    size_t from = out->count;
    uint8_t base = schedule->service.other ? SI_TABLE_EIT_SCHEDULE_OTHER : SI_TABLE_EIT_SCHEDULE;
    struct placing at = {.table_id = (uint8_t)(base + table),
                         .last_table_id = (uint8_t)(base + (schedule->days - 1) / 4),
                         .last_section_number = 255};
    int64_t start = schedule->midnight_utc_s + (int64_t)table * SI_SEGMENTS_PER_TABLE * SI_SEGMENT_S;
    for (unsigned i = 0; i < segments; i++, start += SI_SEGMENT_S) {
        size_t first = skip_before(schedule, 0, start);
        size_t end = skip_before(schedule, first, start + SI_SEGMENT_S);
        if (!fill(segment, schedule->events, first, end, true) &&
            !fill(segment, schedule->events, first, end, false))
            return false;
        at.section_number = (uint8_t)(i * SI_SECTIONS_PER_SEGMENT);
        if (!append_segment(out, schedule, version, segment, at))
            return false;
    }
    patch_last(out, from, (uint8_t)((segments - 1) * SI_SECTIONS_PER_SEGMENT + segment->count - 1));
    return true;
}

bool si_build_schedule(struct si_sections *out, const struct si_schedule *schedule, unsigned version)
{
    if (schedule->days < 1 || schedule->days > SI_SCHEDULE_DAYS_MAX)
        return false;
    size_t count = out->count, size = out->bytes.size;
    struct segment segment = {.count = 0};
    buffer_init(&segment.events, (size_t)SI_SECTIONS_PER_SEGMENT * EVENTS_SIZE_MAX);
    bool ok = true;
    for (unsigned table = 0; ok && table * 4 < schedule->days; table++) {
        unsigned days = schedule->days - table * 4;
        ok = append_table(out, schedule, version, table, (days < 4 ? days : 4) * 8, &segment);
    }
    buffer_finish(&segment.events);
    if (!ok)
        roll_back(out, count, size);
    return ok;
}
