/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/channel.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "ts/packet.h"
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE_MAX (1024 * 1024)
#define PID_FIRST 0x20 /* below are the PIDs of DVB's own tables */
#define PID_LAST (TS_PID_NULL - 1)

/* A text object, {"zh": ..., "bo": ..., "en": ...}, in one language. */
static void read_text(struct content_json *reader, const json_t *object, const char *key,
                      enum content_language language, bool required, char *out, size_t size)
{
    const json_t *texts = content_json_object(reader, object, key, required);
    out[0] = '\0';
    if (!texts)
        return;
    size_t mark = content_json_enter_key(reader, key);
    const char *chosen = content_json_string(reader, texts, "zh", true, 1, size - 1);
    for (int other = CONTENT_BO; other < CONTENT_LANGUAGES; other++) {
        const char *text =
            content_json_string(reader, texts, content_language_str(other), false, 1, size - 1);
        if (text && other == (int)language)
            chosen = text;
    }
    if (chosen)
        text_copy(out, size, chosen);
    content_json_leave(reader, mark);
}

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
    const uint16_t pids[] = {frame->pmt_pid,   frame->carousel_pid, frame->ait_pid,
                             frame->video_pid, frame->audio_pid,    frame->pcr_pid};
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = i + 1; j < 6; j++) {
            bool shared_pcr = j == 5 && i >= 3;
            if (pids[i] == pids[j] && !shared_pcr)
                content_json_say(reader, CONTENT_ERROR, "expected different PIDs, found %u twice", pids[i]);
        }
    }
}

static void read_service(struct content_json *reader, const json_t *root, enum content_language language,
                         struct channel *channel)
{
    const json_t *service = content_json_object(reader, root, "service", true);
    if (!service)
        return;
    static const char *const known[] = {"name",      "provider",  "service_id",   "pmt_pid", "pcr_pid",
                                        "video_pid", "audio_pid", "carousel_pid", "ait_pid", NULL};
    size_t mark = content_json_enter_key(reader, "service");
    unsigned before = reader->errors;
    read_text(reader, service, "name", language, true, channel->service_name, sizeof(channel->service_name));
    read_text(reader, service, "provider", language, true, channel->provider, sizeof(channel->provider));
    read_numbers(reader, service, service_numbers, sizeof(service_numbers) / sizeof(service_numbers[0]),
                 &channel->frame);
    content_json_warn_unknown(reader, service, known);
    if (reader->errors == before)
        check_pids(reader, &channel->frame);
    content_json_leave(reader, mark);
}

static void read_modulation(struct content_json *reader, const json_t *network, struct si_cable *cable)
{
    static const char *const names[] = {"16QAM", "32QAM", "64QAM", "128QAM", "256QAM"};
    const char *name = content_json_string(reader, network, "modulation", true, 1, 16);
    for (int i = 0; name && i < 5; i++) {
        if (!strcmp(name, names[i])) {
            cable->modulation = SI_MODULATION_16QAM + i;
            return;
        }
    }
    if (name)
        content_json_fail(reader, "modulation: one of 16QAM, 32QAM, 64QAM, 128QAM, 256QAM",
                          json_object_get(network, "modulation"));
}

static void read_network(struct content_json *reader, const json_t *root, enum content_language language,
                         struct channel *channel)
{
    const json_t *network = content_json_object(reader, root, "network", true);
    if (!network)
        return;
    static const char *const known[] = {
        "name",         "network_id",  "original_network_id", "transport_stream_id",
        "frequency_hz", "symbol_rate", "modulation",          NULL};
    struct si_cable *cable = &channel->frame.cable;
    size_t mark = content_json_enter_key(reader, "network");
    read_text(reader, network, "name", language, true, channel->network_name, sizeof(channel->network_name));
    read_numbers(reader, network, network_numbers, sizeof(network_numbers) / sizeof(network_numbers[0]),
                 &channel->frame);
    cable->frequency_hz =
        (uint32_t)content_json_integer(reader, network, "frequency_hz", true, 0, 40000000, 1100000000);
    cable->symbol_rate =
        (uint32_t)content_json_integer(reader, network, "symbol_rate", true, 0, 1000000, 9000000);
    cable->fec_outer = SI_FEC_OUTER_RS;
    cable->fec_inner = SI_FEC_INNER_NONE;
    read_modulation(reader, network, cable);
    content_json_warn_unknown(reader, network, known);
    content_json_leave(reader, mark);
}

static void read_event(struct content_json *reader, const json_t *value, enum content_language language,
                       struct channel_event *event)
{
    static const char *const known[] = {"minutes", "title", "text", NULL};
    if (!content_json_is_object(reader, value))
        return;
    event->minutes = (int)content_json_integer(reader, value, "minutes", true, 1, 1, 1440);
    read_text(reader, value, "title", language, true, event->title, sizeof(event->title));
    read_text(reader, value, "text", language, false, event->text, sizeof(event->text));
    content_json_warn_unknown(reader, value, known);
}

static void read_events(struct content_json *reader, const json_t *root, enum content_language language,
                        struct channel *channel)
{
    const json_t *events = content_json_array(reader, root, "events", false, 0, CHANNEL_EVENTS_MAX);
    if (!events)
        return;
    size_t mark = content_json_enter_key(reader, "events");
    channel->event_count = json_array_size(events);
    for (size_t i = 0; i < channel->event_count; i++) {
        size_t inner = content_json_enter_index(reader, i);
        read_event(reader, json_array_get(events, i), language, &channel->events[i]);
        content_json_leave(reader, inner);
    }
    content_json_leave(reader, mark);
}

static void read_rest(struct content_json *reader, const json_t *root, struct channel_frame *frame)
{
    static const char *const known_rates[] = {"transport", "carousel", NULL};
    static const char *const known[] = {"service", "network", "bit_rates", "events", "clip", NULL};
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

static const char *iso_639_2(enum content_language language)
{
    static const char *const codes[] = {[CONTENT_ZH] = "chi", [CONTENT_BO] = "tib", [CONTENT_EN] = "eng"};
    return codes[language];
}

static struct channel *parse(struct bytes text, enum content_language language, content_report_fn *report,
                             void *context, struct error *error)
{
    struct content_json reader;
    content_json_init(&reader, CHANNEL_FILE, report, context);
    json_t *root = content_json_load(&reader, text, FILE_SIZE_MAX);
    struct channel *channel = root ? calloc(1, sizeof(*channel)) : NULL;
    if (channel && content_json_is_object(&reader, root)) {
        text_copy(channel->language, sizeof(channel->language), iso_639_2(language));
        read_service(&reader, root, language, channel);
        read_network(&reader, root, language, channel);
        read_events(&reader, root, language, channel);
        read_rest(&reader, root, &channel->frame);
    }
    json_decref(root);
    if (channel && reader.errors == 0)
        return channel;
    error_set(error, "%s", reader.errors ? reader.first.text : CHANNEL_FILE ": out of memory");
    free(channel);
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
        channel = parse(buffer_view(&buffer), language, report, context, error);
    buffer_finish(&buffer);
    return channel;
}

void channel_destroy(struct channel *channel)
{
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
    if (old->bit_rate != new->bit_rate)
        buffer_printf(text, "%sbit_rates.transport %lld to %lld", text->size ? ", " : "",
                      (long long)old->bit_rate, (long long)new->bit_rate);
    if (strcmp(old->clip, new->clip) != 0)
        buffer_printf(text, "%sclip", text->size ? ", " : "");
}

static void fill_event(const struct channel *channel, int64_t number, int64_t start_utc_s,
                       struct si_event *event)
{
    const struct channel_event *source = &channel->events[number % (int64_t)channel->event_count];
    memset(event, 0, sizeof(*event));
    event->exists = true;
    event->event_id = (uint16_t)number;
    event->start_utc_s = start_utc_s;
    event->duration_s = source->minutes * 60;
    text_copy(event->language, sizeof(event->language), channel->language);
    text_copy(event->name, sizeof(event->name), source->title);
    text_copy(event->text, sizeof(event->text), source->text);
}

void channel_events_at(const struct channel *channel, int64_t utc_s, struct si_event *present,
                       struct si_event *following)
{
    int64_t cycle_s = 0;
    memset(present, 0, sizeof(*present));
    memset(following, 0, sizeof(*following));
    for (size_t i = 0; i < channel->event_count; i++)
        cycle_s += channel->events[i].minutes * 60;
    int64_t local_s = utc_s + CLOCK_CHINA_OFFSET_S;
    if (cycle_s == 0 || local_s < 0)
        return;
    int64_t cycle = local_s / cycle_s, start_s = cycle * cycle_s;
    int64_t number = cycle * (int64_t)channel->event_count;
    for (size_t i = 0; start_s + channel->events[i].minutes * 60 <= local_s; i++, number++)
        start_s += channel->events[i].minutes * 60;
    int64_t start_utc_s = start_s - CLOCK_CHINA_OFFSET_S;
    fill_event(channel, number, start_utc_s, present);
    present->running_status = SI_RUNNING_YES;
    fill_event(channel, number + 1, start_utc_s + present->duration_s, following);
    following->running_status = SI_RUNNING_NOT;
}
