/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/channel.h"
#include "base/file.h"
#include "base/text.h"
#include "playout/channel_text.h"
#include "ts/packet.h"
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE_MAX (1024 * 1024)
#define PID_FIRST 0x20 /* below are the PIDs of DVB's own tables */
#define PID_LAST (TS_PID_NULL - 1)

struct number {
    const char *key;
    size_t offset;
    int64_t low, high;
};

#define NUMBER(name, low, high)                                                                              \
    {                                                                                                        \
#name, offsetof(struct channel_frame, name), low, high                                               \
    }

static const struct number service_numbers[] = {
    NUMBER(service_id, 1, 0xFFFF),          NUMBER(pmt_pid, PID_FIRST, PID_LAST),
    NUMBER(pcr_pid, PID_FIRST, PID_LAST),   NUMBER(video_pid, PID_FIRST, PID_LAST),
    NUMBER(audio_pid, PID_FIRST, PID_LAST), NUMBER(carousel_pid, PID_FIRST, PID_LAST),
    NUMBER(ait_pid, PID_FIRST, PID_LAST),
};

static const struct number network_numbers[] = {
    NUMBER(network_id, 1, 0xFFFF),
    NUMBER(original_network_id, 1, 0xFFFF),
    NUMBER(transport_stream_id, 0, 0xFFFF),
};

static void read_numbers(struct content_json *reader, const json_t *object, const struct number *numbers,
                         size_t count, struct channel_frame *frame)
{
    for (size_t i = 0; i < count; i++) {
        int64_t value =
            content_json_integer(reader, object, numbers[i].key, true, 0, numbers[i].low, numbers[i].high);
        uint16_t number = (uint16_t)value;
        memcpy((char *)frame + numbers[i].offset, &number, sizeof(number));
    }
}

/* Each stream has a PID of its own; only the PCR may ride on another's, the picture's or the sound's. */
static void check_pids(struct content_json *reader, const struct channel_frame *frame)
{
    const uint16_t pids[] = {frame->pmt_pid,   frame->carousel_pid, frame->ait_pid, frame->event_pid,
                             frame->video_pid, frame->audio_pid,    frame->pcr_pid};
    for (size_t i = 0; i < 7; i++) {
        for (size_t j = i + 1; j < 7; j++) {
            bool shared_pcr = j == 6 && i >= 4;
            if (pids[i] == pids[j] && pids[i] != 0 && !shared_pcr)
                content_json_say(reader, CONTENT_ERROR, "expected different PIDs, found %u twice", pids[i]);
        }
    }
}

static void read_service(struct content_json *reader, const json_t *root, struct channel *channel)
{
    const json_t *service = content_json_object(reader, root, "service", true);
    if (!service)
        return;
    static const char *const known[] = {"name",    "provider",  "service_id", "pmt_pid",
                                        "pcr_pid", "video_pid", "audio_pid",  "carousel_pid",
                                        "ait_pid", "lcn",       "event_pid",  NULL};
    size_t mark = content_json_enter_key(reader, "service");
    unsigned before = reader->errors;
    channel_text_read(reader, service, "name", true, channel->guide.languages, channel->service_names[0],
                      SI_TRANSLATION_SIZE);
    channel_text_read(reader, service, "provider", true, channel->guide.languages, channel->providers[0],
                      SI_TRANSLATION_SIZE);
    channel->frame.event_pid =
        (uint16_t)content_json_integer(reader, service, "event_pid", false, 0, PID_FIRST, PID_LAST);
    channel->lcn = (uint16_t)content_json_integer(reader, service, "lcn", false, 0, 1, 999);
    read_numbers(reader, service, service_numbers, sizeof(service_numbers) / sizeof(service_numbers[0]),
                 &channel->frame);
    content_json_warn_unknown(reader, service, known);
    if (reader->errors == before)
        check_pids(reader, &channel->frame);
    content_json_leave(reader, mark);
}

static void read_network(struct content_json *reader, const json_t *root, struct channel *channel)
{
    const json_t *network = content_json_object(reader, root, "network", true);
    if (!network)
        return;
    static const char *const known[] = {
        "name",         "network_id",  "original_network_id", "transport_stream_id",
        "frequency_hz", "symbol_rate", "modulation",          NULL};
    size_t mark = content_json_enter_key(reader, "network");
    channel_text_read(reader, network, "name", true, channel->guide.languages, channel->network_names[0],
                      SI_TRANSLATION_SIZE);
    read_numbers(reader, network, network_numbers, sizeof(network_numbers) / sizeof(network_numbers[0]),
                 &channel->frame);
    neighbours_read_cable(reader, network, &channel->frame.cable);
    content_json_warn_unknown(reader, network, known);
    content_json_leave(reader, mark);
}

/* The own stream stands in the tables by itself. */
static void check_neighbours(struct content_json *reader, const struct channel *channel)
{
    const struct channel_frame *frame = &channel->frame;
    for (size_t i = 0; i < channel->neighbours.stream_count; i++) {
        const struct neighbour_stream *stream = &channel->neighbours.streams[i];
        if (stream->transport_stream_id == frame->transport_stream_id &&
            stream->original_network_id == frame->original_network_id)
            content_json_say(reader, CONTENT_ERROR,
                             "streams: expected other transport streams, found this one, %u",
                             frame->transport_stream_id);
    }
}

static bool is_event_name(const char *name)
{
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* Names of events without a PID to send them on are a mistake; a PID without names has one event. */
static void read_stream_events(struct content_json *reader, const json_t *root, struct channel_frame *frame)
{
    const json_t *names =
        content_json_array(reader, root, "stream_events", false, 1, CHANNEL_STREAM_EVENTS_MAX);
    if (names && frame->event_pid == 0)
        content_json_say(reader, CONTENT_ERROR, "stream_events: expected service.event_pid, too, found none");
    frame->stream_event_count = json_array_size(names);
    size_t mark = content_json_enter_key(reader, "stream_events");
    for (size_t i = 0; i < frame->stream_event_count; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        size_t inner = content_json_enter_index(reader, i);
        if (!name || !name[0] || strlen(name) >= CHANNEL_STREAM_EVENT_SIZE || !is_event_name(name))
            content_json_fail(reader, "a name of 1 to 48 letters a-z, digits and -",
                              json_array_get(names, i));
        else
            text_copy(frame->stream_events[i], CHANNEL_STREAM_EVENT_SIZE, name);
        content_json_leave(reader, inner);
    }
    content_json_leave(reader, mark);
    if (!names && frame->event_pid)
        text_copy(frame->stream_events[frame->stream_event_count++], CHANNEL_STREAM_EVENT_SIZE, "now");
}

static void read_rest(struct content_json *reader, const json_t *root, struct channel_frame *frame)
{
    static const char *const known_rates[] = {"transport", "carousel", NULL};
    static const char *const known[] = {"service", "network",  "bit_rates",     "events",       "clip",
                                        "streams", "bouquets", "stream_events", "applications", NULL};
    frame->bit_rate = 6000000;
    frame->carousel_bit_rate = 2000000;
    const json_t *rates = content_json_object(reader, root, "bit_rates", false);
    if (rates) {
        size_t mark = content_json_enter_key(reader, "bit_rates");
        frame->bit_rate =
            content_json_integer(reader, rates, "transport", false, frame->bit_rate, 500000, 100000000);
        frame->carousel_bit_rate = content_json_integer(reader, rates, "carousel", false,
                                                        frame->carousel_bit_rate, 50000, 100000000);
        content_json_warn_unknown(reader, rates, known_rates);
        content_json_leave(reader, mark);
    }
    const char *clip = content_json_string(reader, root, "clip", false, 1, sizeof(frame->clip) - 1);
    if (clip)
        text_copy(frame->clip, sizeof(frame->clip), clip);
    content_json_warn_unknown(reader, root, known);
}

struct channel *channel_parse(struct bytes text, enum content_language language, content_report_fn *report,
                              void *context, struct error *error)
{
    struct content_json reader;
    content_json_init(&reader, CHANNEL_FILE, report, context);
    json_t *root = content_json_load(&reader, text, FILE_SIZE_MAX);
    struct channel *channel = root ? calloc(1, sizeof(*channel)) : NULL;
    if (channel && content_json_is_object(&reader, root)) {
        guide_order_languages(language, channel->guide.languages);
        guide_order_languages(language, channel->neighbours.languages);
        read_service(&reader, root, channel);
        read_network(&reader, root, channel);
        guide_read(&reader, root, &channel->guide);
        neighbours_read(&reader, root, channel->frame.original_network_id, &channel->neighbours);
        check_neighbours(&reader, channel);
        read_stream_events(&reader, root, &channel->frame);
        announced_read(&reader, root, channel->guide.languages, &channel->announced);
        read_rest(&reader, root, &channel->frame);
    }
    json_decref(root);
    if (channel && reader.errors == 0)
        return channel;
    error_set(error, "%s", reader.errors ? reader.first.text : CHANNEL_FILE ": out of memory");
    channel_destroy(channel);
    return NULL;
}

struct channel *channel_load(const char *folder, enum content_language language, content_report_fn *report,
                             void *context, struct error *error)
{
    char path[4096];
    struct buffer buffer;
    struct channel *channel = NULL;
    buffer_init(&buffer, FILE_SIZE_MAX);
    if (!file_join(path, sizeof(path), folder, CHANNEL_FILE))
        error_set(error, "%s: the path is too long", folder);
    else if (file_read(path, &buffer, error))
        channel = channel_parse(buffer_view(&buffer), language, report, context, error);
    buffer_finish(&buffer);
    return channel;
}

static bool dump(const json_t *root, struct buffer *text)
{
    char *dumped = json_dumps(root, JSON_INDENT(2));
    if (dumped)
        buffer_printf(text, "%s\n", dumped);
    free(dumped);
    return dumped && !text->failed;
}

bool channel_put_member(const char *folder, const char *member, struct bytes value, struct buffer *text,
                        content_report_fn *report, void *context)
{
    static const char *const members[] = {"events", "streams", "bouquets", "applications"};
    char path[4096], name[64];
    struct content_json reader;
    struct buffer whole;
    struct error error = {0};
    snprintf(name, sizeof(name), CHANNEL_FILE "/%s", member);
    content_json_init(&reader, name, report, context);
    bool known = false;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        known = known || !strcmp(member, members[i]);
    if (!known) {
        content_json_say(
            &reader, CONTENT_ERROR,
            "expected events, streams, bouquets or applications, which change on air, found \"%s\"", member);
        return false;
    }
    buffer_init(&whole, FILE_SIZE_MAX);
    json_t *part = content_json_load(&reader, value, FILE_SIZE_MAX), *root = NULL;
    if (part && (!file_join(path, sizeof(path), folder, CHANNEL_FILE) || !file_read(path, &whole, &error)))
        content_json_say(&reader, CONTENT_ERROR, "%s", error.text);
    else if (part) {
        content_json_init(&reader, CHANNEL_FILE, report, context);
        root = content_json_load(&reader, buffer_view(&whole), FILE_SIZE_MAX);
    }
    bool good =
        content_json_is_object(&reader, root) && json_object_set(root, member, part) == 0 && dump(root, text);
    json_decref(part);
    json_decref(root);
    buffer_finish(&whole);
    return good;
}

void channel_destroy(struct channel *channel)
{
    if (channel)
        neighbours_finish(&channel->neighbours);
    free(channel);
}

static void compare_numbers(const char *object, const struct number *numbers, size_t count,
                            const struct channel_frame *old, const struct channel_frame *new,
                            struct buffer *text)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t before, after;
        memcpy(&before, (const char *)old + numbers[i].offset, sizeof(before));
        memcpy(&after, (const char *)new + numbers[i].offset, sizeof(after));
        if (before != after)
            buffer_printf(text, "%s%s.%s %u to %u", text->size ? ", " : "", object, numbers[i].key, before,
                          after);
    }
}

void channel_compare(const struct channel_frame *old, const struct channel_frame *new, struct buffer *text)
{
    compare_numbers("service", service_numbers, sizeof(service_numbers) / sizeof(service_numbers[0]), old,
                    new, text);
    compare_numbers("network", network_numbers, sizeof(network_numbers) / sizeof(network_numbers[0]), old,
                    new, text);
    if (old->cable.frequency_hz != new->cable.frequency_hz ||
        old->cable.symbol_rate != new->cable.symbol_rate || old->cable.modulation != new->cable.modulation)
        buffer_printf(text, "%stuning of the network", text->size ? ", " : "");
    if (old->event_pid != new->event_pid)
        buffer_printf(text, "%sservice.event_pid %u to %u", text->size ? ", " : "", old->event_pid,
                      new->event_pid);
    if (old->stream_event_count != new->stream_event_count ||
        memcmp(old->stream_events, new->stream_events, sizeof(old->stream_events)) != 0)
        buffer_printf(text, "%sstream_events", text->size ? ", " : "");
    if (old->bit_rate != new->bit_rate)
        buffer_printf(text, "%sbit_rates.transport %lld to %lld", text->size ? ", " : "",
                      (long long)old->bit_rate, (long long)new->bit_rate);
    if (strcmp(old->clip, new->clip) != 0)
        buffer_printf(text, "%sclip", text->size ? ", " : "");
}
