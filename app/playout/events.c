/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/events.h"
#include "base/file.h"
#include "base/log.h"
#include "base/queue.h"
#include "base/text.h"
#include "dsmcc/stream_event.h"
#include "ts/section.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MS (INT64_C(27000))
#define PATH_SIZE 4096
#define STATE_NAME "events" /* lines of "ID VERSION" */
#define SECTION_SIZE_MAX 512
#define SPACING (INT64_C(188) * 8 * 27) /* 1 Mbit/s, as tables */

struct message {
    uint16_t event_id;
    size_t size;
    uint8_t section[SECTION_SIZE_MAX];
};

struct active {
    struct message *message; /* NULL: free */
    int64_t due, until;
};

struct events {
    struct channel_frame frame;
    /* The triggering thread's. */
    char state_path[PATH_SIZE]; /* "": nothing is kept */
    uint8_t versions[CHANNEL_STREAM_EVENTS_MAX];
    /* Between the two. */
    struct queue *queue;
    atomic_bool has_new;
    atomic_int count; /* on their way or active */
    /* The multiplexer's. */
    uint64_t time_base_90khz;
    int64_t npt_due;
    struct active active[EVENTS_AT_ONCE_MAX];
    struct ts_sectioner sectioner;
    struct message sending;
    bool has_pending;
    int64_t next_allowed;
};

static void read_versions(struct events *events)
{
    struct buffer buffer;
    struct stat status;
    unsigned id, version;
    int used;
    if (!events->state_path[0] || stat(events->state_path, &status) < 0)
        return;
    buffer_init(&buffer, 65536);
    const char *at = file_read(events->state_path, &buffer, NULL) ? buffer_text(&buffer) : NULL;
    for (; at && sscanf(at, "%u %u%n", &id, &version, &used) == 2; at += used) {
        if (id >= 1 && id <= CHANNEL_STREAM_EVENTS_MAX)
            events->versions[id - 1] = version & 31;
    }
    buffer_finish(&buffer);
}

static void write_versions(const struct events *events)
{
    struct buffer buffer;
    struct error error = {0};
    if (!events->state_path[0])
        return;
    buffer_init(&buffer, 65536);
    for (size_t i = 0; i < events->frame.stream_event_count; i++)
        buffer_printf(&buffer, "%zu %u\n", i + 1, events->versions[i]);
    if (!buffer.failed && !file_write(events->state_path, buffer.data, buffer.size, &error))
        log_error("%s; after a restart a stream event may be taken for one that has happened", error.text);
    buffer_finish(&buffer);
}

struct events *events_create(const struct channel_frame *frame, uint64_t time_base_90khz,
                             const char *state_folder)
{
    struct events *events = calloc(1, sizeof(*events));
    if (!events)
        return NULL;
    events->frame = *frame;
    events->time_base_90khz = time_base_90khz;
    events->queue = queue_create(EVENTS_AT_ONCE_MAX, free, NULL, NULL);
    if (!events->queue || (state_folder && !file_join(events->state_path, sizeof(events->state_path),
                                                      state_folder, STATE_NAME))) {
        events_destroy(events);
        return NULL;
    }
    ts_sectioner_init(&events->sectioner, frame->event_pid);
    read_versions(events);
    return events;
}

void events_destroy(struct events *events)
{
    if (!events)
        return;
    if (events->queue)
        queue_destroy(events->queue);
    for (size_t i = 0; i < EVENTS_AT_ONCE_MAX; i++)
        free(events->active[i].message);
    free(events);
}

/* The event's number by its name, from 0; stream_event_count where there is none. */
static size_t find(const struct channel_frame *frame, const char *name)
{
    size_t i = 0;
    while (i < frame->stream_event_count && strcmp(frame->stream_events[i], name) != 0)
        i++;
    return i;
}

static struct message *make_message(uint16_t event_id, const char *payload, uint8_t version)
{
    struct buffer section;
    struct message *message = calloc(1, sizeof(*message));
    const struct dsmcc_stream_event event = {.event_id = event_id,
                                             .private_data = {(const uint8_t *)payload, strlen(payload)}};
    buffer_init(&section, SECTION_SIZE_MAX);
    dsmcc_stream_event_append(&section, &event, version);
    if (!message || section.failed) {
        free(message);
        message = NULL;
    } else {
        message->event_id = event_id;
        message->size = section.size;
        memcpy(message->section, section.data, section.size);
    }
    buffer_finish(&section);
    return message;
}

bool events_trigger(struct events *events, const char *name, const char *payload, struct error *error)
{
    size_t number = find(&events->frame, name), size = strlen(payload);
    if (events->frame.event_pid == 0)
        return error_set(error, "expected event_pid in the service of " CHANNEL_FILE ", found none");
    if (number == events->frame.stream_event_count)
        return error_set(
            error, "event: expected a name of stream_events in " CHANNEL_FILE ", found \"%.100s\"", name);
    if (size > EVENTS_PAYLOAD_MAX)
        return error_set(error, "payload: expected at most %d bytes, found %zu", EVENTS_PAYLOAD_MAX, size);
    if (atomic_load(&events->count) >= EVENTS_AT_ONCE_MAX)
        return error_set(error, "expected at most %d events in %d s: try again soon", EVENTS_AT_ONCE_MAX,
                         EVENTS_REPEAT_MS / 1000);
    events->versions[number] = (events->versions[number] + 1) & 31;
    struct message *message = make_message((uint16_t)(number + 1), payload, events->versions[number]);
    if (!message)
        return error_set(error, "out of memory");
    write_versions(events); /* before it is on air */
    atomic_fetch_add(&events->count, 1);
    queue_push(events->queue, message, false);
    atomic_store(&events->has_new, true);
    return true;
}

static void end_active(struct events *events, struct active *active)
{
    free(active->message);
    active->message = NULL;
    atomic_fetch_sub(&events->count, 1);
}

/* Takes message. The same event, happening again, takes the place of the former. */
static void activate(struct events *events, struct message *message, int64_t now)
{
    struct active *place = NULL;
    for (size_t i = 0; i < EVENTS_AT_ONCE_MAX; i++) {
        struct active *active = &events->active[i];
        if (active->message && active->message->event_id == message->event_id)
            end_active(events, active);
        if (!active->message && !place)
            place = active;
    }
    if (!place) { /* cannot be: count has kept one free */
        free(message);
        atomic_fetch_sub(&events->count, 1);
        return;
    }
    *place = (struct active){.message = message, .due = now, .until = now + EVENTS_REPEAT_MS * MS};
}

static const uint8_t *take_pending(void *context, size_t *size)
{
    struct events *events = context;
    if (!events->has_pending)
        return NULL;
    events->has_pending = false;
    *size = events->sending.size;
    return events->sending.section;
}

/* The same reference for a minute, so that its version tells when there is another. */
static bool start_npt(struct events *events, int64_t now)
{
    struct buffer section;
    if (now < events->npt_due)
        return false;
    uint64_t number = (uint64_t)(now / (EVENTS_NPT_BASE_S * 1000 * MS));
    uint64_t npt = number * EVENTS_NPT_BASE_S * 90000;
    const struct dsmcc_npt_reference reference = {.stc_90khz =
                                                      (events->time_base_90khz + npt) & DSMCC_NPT_MASK,
                                                  .npt_90khz = npt & DSMCC_NPT_MASK,
                                                  .numerator = 1,
                                                  .denominator = 1};
    buffer_init(&section, SECTION_SIZE_MAX);
    dsmcc_npt_reference_append(&section, &reference, (uint8_t)(number & 31));
    bool good = !section.failed;
    if (good) {
        memcpy(events->sending.section, section.data, section.size);
        events->sending.size = section.size;
        events->has_pending = true;
    }
    buffer_finish(&section);
    events->npt_due = now + EVENTS_NPT_INTERVAL_MS * MS;
    return good;
}

/* Puts the section that has waited longest under way, else normal play time; false: none is due. */
static bool start_section(struct events *events, int64_t now)
{
    struct active *chosen = NULL;
    for (size_t i = 0; i < EVENTS_AT_ONCE_MAX; i++) {
        struct active *active = &events->active[i];
        if (active->message && active->due <= now && (!chosen || active->due < chosen->due))
            chosen = active;
    }
    if (!chosen)
        return start_npt(events, now);
    events->sending = *chosen->message;
    events->has_pending = true;
    chosen->due = now + EVENTS_INTERVAL_MS * MS;
    if (chosen->due > chosen->until)
        end_active(events, chosen);
    return true;
}

bool events_packet(struct events *events, int64_t now_27mhz, uint8_t bytes[TS_PACKET_SIZE])
{
    if (atomic_exchange(&events->has_new, false)) {
        for (struct message *message; (message = queue_pop(events->queue));)
            activate(events, message, now_27mhz);
    }
    if (now_27mhz < events->next_allowed || (!events->sectioner.section && !start_section(events, now_27mhz)))
        return false;
    events->next_allowed = now_27mhz + SPACING;
    return ts_sectioner_packet(&events->sectioner, bytes, take_pending, events);
}
