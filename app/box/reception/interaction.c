/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/interaction.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "dsmcc/stream.h"
#include "si/ait.h"

#include <stdlib.h>
#include <string.h>

/* An event is repeated for some seconds; whoever hears it anew by then has heard it before. */
#define HEARD_MAX 32
#define HEARD_US 10000000

struct heard {
    uint16_t service_id, event_id;
    uint8_t version;
    unsigned follower; /* which one heard it; 0: free */
    int64_t at_us;
};

struct interaction {
    struct ts_demux *demux;
    struct interaction_calls calls;
    uint16_t service_id, events_pid, pcr_pid;
    struct dsmcc_events *events; /* NULL: the service has none */
    unsigned follower;           /* counts those that events has been */
    struct heard heard[HEARD_MAX];
    size_t next_heard;
    struct dsmcc_tree *tree; /* NULL: none yet */
    struct interaction_state state;
    uint64_t bad_before; /* of followers that are gone */
};

/* ---- stream events ---- */

/* The name of an event in any stream-event object of the tree. */
static void find_name(const struct dsmcc_tree *tree, uint16_t event_id, char name[INTERACTION_NAME_SIZE])
{
    name[0] = 0;
    for (size_t i = 0; tree && i < dsmcc_tree_count(tree) && !name[0]; i++) {
        const struct dsmcc_entry *entry = dsmcc_tree_entry(tree, i);
        struct dsmcc_stream stream;
        if (entry->kind != DSMCC_KIND_STREAM_EVENT || !dsmcc_stream_of_entry(entry, &stream))
            continue;
        const struct dsmcc_stream_event_name *found = dsmcc_stream_find_event(&stream, event_id);
        size_t size = found ? found->name.size : 0;
        if (size == 0 || size >= INTERACTION_NAME_SIZE ||
            !text_is_plain((const char *)found->name.data, size))
            continue;
        memcpy(name, found->name.data, size);
        name[size] = 0;
    }
}

/* The follower itself hears each version once; another one after it, on another PID or after another service,
 * does not know what this one has heard. */
static bool was_heard(struct interaction *interaction, const struct dsmcc_stream_event *event)
{
    int64_t now = clock_monotonic_us();
    for (size_t i = 0; i < HEARD_MAX; i++) {
        const struct heard *heard = &interaction->heard[i];
        if (heard->follower && heard->follower != interaction->follower &&
            heard->service_id == interaction->service_id && heard->event_id == event->event_id &&
            heard->version == event->version && now - heard->at_us < HEARD_US)
            return true;
    }
    interaction->heard[interaction->next_heard] =
        (struct heard){interaction->service_id, event->event_id, event->version, interaction->follower, now};
    interaction->next_heard = (interaction->next_heard + 1) % HEARD_MAX;
    return false;
}

static void on_event(void *context, const struct dsmcc_stream_event *event, bool scheduled)
{
    struct interaction *interaction = context;
    struct interaction_event told = {.service_id = interaction->service_id,
                                     .event_id = event->event_id,
                                     .scheduled = scheduled,
                                     .size = event->private_data.size};
    if (told.size > sizeof(told.payload) || was_heard(interaction, event))
        return;
    if (told.size)
        memcpy(told.payload, event->private_data.data, told.size);
    find_name(interaction->tree, event->event_id, told.name);
    interaction->state.events++;
    interaction->state.event_id = event->event_id;
    memcpy(interaction->state.event, told.name, sizeof(told.name));
    log_info("stream event 0x%04x %s%s, %zu bytes", event->event_id, told.name,
             scheduled ? ", as scheduled" : "", told.size);
    if (!interaction->calls.event(interaction->calls.context, &told))
        interaction->state.lost++;
    interaction->calls.changed(interaction->calls.context);
}

/* The PID whose sections tell events: the first component of stream_type 0x0C. */
static uint16_t events_pid_of(const struct si_service *service)
{
    for (size_t i = 0; service && i < service->component_count; i++)
        if (service->components[i].stream_type == SI_STREAM_TYPE_DSMCC_STREAM)
            return service->components[i].pid;
    return SI_PID_NONE;
}

static uint64_t bad_sections(const struct interaction *interaction)
{
    struct dsmcc_events_counts counts = {0};
    if (interaction->events)
        dsmcc_events_counts(interaction->events, &counts);
    return interaction->bad_before + counts.bad_descriptors + counts.refused;
}

static void follow_events(struct interaction *interaction, const struct si_service *service, bool other)
{
    uint16_t pid = events_pid_of(service);
    uint16_t pcr_pid = pid != SI_PID_NONE ? service->pcr_pid : SI_PID_NONE;
    if (!other && pid == interaction->events_pid && pcr_pid == interaction->pcr_pid)
        return;
    interaction->bad_before = bad_sections(interaction);
    dsmcc_events_destroy(interaction->events);
    interaction->follower++;
    interaction->events_pid = pid;
    interaction->pcr_pid = pcr_pid;
    interaction->events = pid == SI_PID_NONE
                              ? NULL
                              : dsmcc_events_create(interaction->demux, pid, pcr_pid,
                                                    &(struct dsmcc_events_options){.happens = on_event,
                                                                                   .context = interaction});
    if (pid != SI_PID_NONE && !interaction->events)
        log_error("the stream events on PID %u are not followed: no memory", pid);
}

/* ---- applications ---- */

static void take_applications(struct interaction_state *state, const struct si_service *service)
{
    const struct si_ait *ait = service ? service->ait : NULL;
    state->signalled_count = state->applications = 0;
    memset(state->signalled, 0, sizeof(state->signalled)); /* states are compared as bytes */
    if (!ait) {
        bool none = service && service->has_pmt && service->ait_pid == SI_PID_NONE;
        state->ait = none ? INTERACTION_AIT_NONE : INTERACTION_AIT_AWAITED;
        return;
    }
    state->ait = INTERACTION_AIT_HERE;
    for (size_t i = 0; i < ait->application_count; i++) {
        const struct si_application *from = &ait->applications[i];
        struct interaction_application *to = &state->signalled[state->signalled_count++];
        to->organisation_id = from->organisation_id;
        to->application_id = from->application_id;
        to->control_code = from->control_code;
        to->priority = from->priority;
        to->service_bound = from->service_bound;
        state->applications += from->control_code == SI_CONTROL_AUTOSTART;
    }
}

/* ---- both ---- */

void interaction_update(struct interaction *interaction, const struct si_watcher *watcher,
                        uint16_t service_id)
{
    const struct si_service *service = service_id ? si_watcher_find_service(watcher, service_id) : NULL;
    bool other = service_id != interaction->service_id;
    struct interaction_state before = interaction->state;
    interaction->service_id = interaction->state.service_id = service_id;
    take_applications(&interaction->state, service);
    follow_events(interaction, service, other);
    if (memcmp(&before, &interaction->state, sizeof(before)) != 0)
        interaction->calls.changed(interaction->calls.context);
}

void interaction_take_tree(struct interaction *interaction, struct dsmcc_tree *tree)
{
    dsmcc_tree_unref(interaction->tree);
    interaction->tree = dsmcc_tree_ref(tree);
}

void interaction_state(const struct interaction *interaction, struct interaction_state *state)
{
    *state = interaction->state;
    state->bad_sections = bad_sections(interaction);
}

struct interaction *interaction_create(struct ts_demux *demux, const struct interaction_calls *calls)
{
    struct interaction *interaction = calloc(1, sizeof(*interaction));
    if (!interaction)
        return NULL;
    interaction->demux = demux;
    interaction->calls = *calls;
    interaction->events_pid = interaction->pcr_pid = SI_PID_NONE;
    return interaction;
}

void interaction_destroy(struct interaction *interaction)
{
    if (!interaction)
        return;
    dsmcc_events_destroy(interaction->events);
    dsmcc_tree_unref(interaction->tree);
    free(interaction);
}
