/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/interaction.h"

#include "base/log.h"
#include "base/text.h"
#include "dsmcc/stream.h"
#include "dsmcc/stream_event.h"
#include "si/applications.h"

#include <stdlib.h>
#include <string.h>

struct interaction {
    struct ts_demux *demux;
    void (*changed)(void *context);
    void *context;
    uint16_t service_id, events_pid, pcr_pid;
    struct si_applications *applications;
    struct dsmcc_events *events; /* NULL: the service has none */
    struct dsmcc_tree *tree;     /* NULL: none yet */
    struct interaction_state state;
    uint64_t bad_before; /* of followers that are gone */
};

/* ---- applications ---- */

static void on_application(void *context, enum si_application_action action,
                           const struct si_application_id *id, const struct si_application *application)
{
    static const char *const words[] = {"starts", "is to be fetched", "stops", "is killed"};
    (void)context;
    log_info("application %08x.%04x%s%s %s", (unsigned)id->organisation_id, id->application_id,
             application ? " " : "", application ? application->name : "", words[action]);
}

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
        if (size == 0 || size >= INTERACTION_NAME_SIZE || !text_is_utf8((const char *)found->name.data, size))
            continue;
        memcpy(name, found->name.data, size);
        name[size] = 0;
    }
}

static void on_event(void *context, const struct dsmcc_stream_event *event, bool scheduled)
{
    struct interaction *interaction = context;
    interaction->state.events++;
    interaction->state.event_id = event->event_id;
    find_name(interaction->tree, event->event_id, interaction->state.event);
    log_info("stream event 0x%04x %s%s, %zu bytes", event->event_id, interaction->state.event,
             scheduled ? ", as scheduled" : "", event->private_data.size);
    interaction->changed(interaction->context);
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

static void follow_events(struct interaction *interaction, const struct si_service *service)
{
    uint16_t pid = events_pid_of(service);
    uint16_t pcr_pid = pid != SI_PID_NONE ? service->pcr_pid : SI_PID_NONE;
    if (pid == interaction->events_pid && pcr_pid == interaction->pcr_pid)
        return;
    interaction->bad_before = bad_sections(interaction);
    dsmcc_events_destroy(interaction->events);
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

/* ---- both ---- */

void interaction_update(struct interaction *interaction, const struct si_watcher *watcher,
                        uint16_t service_id)
{
    const struct si_service *service = service_id ? si_watcher_find_service(watcher, service_id) : NULL;
    if (service_id != interaction->service_id) {
        interaction->service_id = service_id;
        si_applications_select_service(interaction->applications, service && service->ait_pid != SI_PID_NONE);
    }
    si_applications_update(interaction->applications, service ? service->ait : NULL);
    follow_events(interaction, service);
    size_t running = si_applications_running(interaction->applications);
    if (running != interaction->state.applications) {
        interaction->state.applications = running;
        interaction->changed(interaction->context);
    }
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

struct interaction *interaction_create(struct ts_demux *demux, void (*changed)(void *context), void *context)
{
    struct interaction *interaction = calloc(1, sizeof(*interaction));
    if (!interaction)
        return NULL;
    interaction->demux = demux;
    interaction->changed = changed;
    interaction->context = context;
    interaction->events_pid = interaction->pcr_pid = SI_PID_NONE;
    interaction->applications = si_applications_create(on_application, interaction);
    if (!interaction->applications) {
        free(interaction);
        return NULL;
    }
    return interaction;
}

void interaction_destroy(struct interaction *interaction)
{
    if (!interaction)
        return;
    dsmcc_events_destroy(interaction->events);
    si_applications_destroy(interaction->applications);
    dsmcc_tree_unref(interaction->tree);
    free(interaction);
}
