/* SPDX-License-Identifier: Apache-2.0 */
/* The follower of stream events: what happens now, once a version, and what waits for its time. */
#include "dsmcc/stream_event.h"
#include <stdlib.h>
#include <string.h>

#define WAITING_DEFAULT 64
#define WAITING_MAX 4096
#define LATE_DEFAULT_MS 1000

struct waiting {
    uint16_t table_id_extension; /* of the section that said so */
    struct dsmcc_stream_event event;
    uint8_t data[DSMCC_EVENT_DATA_MAX];
};

struct dsmcc_events {
    struct dsmcc_events_options options;
    struct ts_demux *demux;
    struct ts_subscription *sections, *pcrs;
    struct dsmcc_npt_clock clock;
    bool has_stc;
    uint64_t stc_90khz;
    struct dsmcc_events_counts counts;
    bool busy, doomed;
    uint8_t versions[0x10000]; /* by table_id_extension: 1 + the version heard last */
    struct waiting waiting[];
};

static void on_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    (void)pid;
    dsmcc_events_push_section(context, section, size);
}

static void on_pcr(void *context, uint16_t pid, uint64_t pcr_27mhz, uint64_t packet_index, bool discontinuity)
{
    (void)pid;
    (void)packet_index;
    dsmcc_events_push_pcr(context, pcr_27mhz, discontinuity);
}

struct dsmcc_events *dsmcc_events_create(struct ts_demux *demux, uint16_t pid, uint16_t pcr_pid,
                                         const struct dsmcc_events_options *options)
{
    size_t waiting = options->max_waiting ? options->max_waiting : WAITING_DEFAULT;
    waiting = waiting > WAITING_MAX ? WAITING_MAX : waiting;
    struct dsmcc_events *events = calloc(1, sizeof *events + waiting * sizeof events->waiting[0]);
    if (!events)
        return NULL;
    events->options = *options;
    events->options.max_waiting = waiting;
    events->options.late_ms = options->late_ms ? options->late_ms : LATE_DEFAULT_MS;
    events->demux = demux;
    if (!demux)
        return events;
    events->sections = ts_demux_sections(demux, pid, on_section, events);
    if (pcr_pid < TS_PID_NULL)
        events->pcrs = ts_demux_pcr(demux, pcr_pid, on_pcr, events);
    if (events->sections && (events->pcrs || pcr_pid >= TS_PID_NULL))
        return events;
    dsmcc_events_destroy(events);
    return NULL;
}

void dsmcc_events_destroy(struct dsmcc_events *events)
{
    if (!events)
        return;
    ts_demux_unsubscribe(events->demux, events->sections);
    ts_demux_unsubscribe(events->demux, events->pcrs);
    events->sections = events->pcrs = NULL;
    if (events->busy)
        events->doomed = true;
    else
        free(events);
}

static void leave(struct dsmcc_events *events)
{
    events->busy = false;
    if (events->doomed)
        dsmcc_events_destroy(events);
}

static void happen(struct dsmcc_events *events, const struct dsmcc_stream_event *event, bool scheduled)
{
    events->counts.happened++;
    if (events->options.happens && !events->doomed)
        events->options.happens(events->options.context, event, scheduled);
}

static void forget(struct dsmcc_events *events, size_t index)
{
    size_t last = --events->counts.waiting;
    if (index == last)
        return;
    struct waiting *to = &events->waiting[index];
    *to = events->waiting[last];
    to->event.private_data.data = to->data;
}

/* A new version of a section takes the place of what the old one said. */
static void forget_section(struct dsmcc_events *events, uint16_t table_id_extension)
{
    for (size_t i = events->counts.waiting; i-- > 0;) {
        if (events->waiting[i].table_id_extension == table_id_extension)
            forget(events, i);
    }
}

static void wait_for(struct dsmcc_events *events, uint16_t table_id_extension,
                     const struct dsmcc_stream_event *event)
{
    if (events->counts.waiting == events->options.max_waiting) {
        events->counts.refused++;
        return;
    }
    struct waiting *waiting = &events->waiting[events->counts.waiting++];
    waiting->table_id_extension = table_id_extension;
    waiting->event = *event;
    memcpy(waiting->data, event->private_data.data, event->private_data.size);
    waiting->event.private_data.data = waiting->data;
}

static void take_descriptors(struct dsmcc_events *events, struct dsmcc_stream_section *section,
                             bool new_version)
{
    enum dsmcc_stream_descriptor descriptor;
    while (!events->doomed &&
           (descriptor = dsmcc_stream_section_next(section)) != DSMCC_STREAM_DESCRIPTOR_END) {
        /* References are repeated with one version and other values. */
        if (descriptor == DSMCC_STREAM_DESCRIPTOR_NPT)
            events->counts.bad_descriptors += !dsmcc_npt_clock_take(&events->clock, &section->npt);
        if (descriptor != DSMCC_STREAM_DESCRIPTOR_EVENT || !new_version)
            continue;
        if (dsmcc_event_is_now(section->table_id_extension, section->event.event_id))
            happen(events, &section->event, false);
        else
            wait_for(events, section->table_id_extension, &section->event);
    }
    events->counts.bad_descriptors += section->descriptors.failed;
}

void dsmcc_events_push_section(struct dsmcc_events *events, const uint8_t *section, size_t size)
{
    struct dsmcc_stream_section read;
    if (!dsmcc_stream_section_read(section, size, &read)) {
        events->counts.other_sections++;
        return;
    }
    events->counts.sections++;
    uint8_t *version = &events->versions[read.table_id_extension];
    bool new_version = *version != read.version + 1;
    *version = read.version + 1;
    if (new_version)
        forget_section(events, read.table_id_extension);
    events->busy = true;
    take_descriptors(events, &read, new_version);
    leave(events);
}

/* The event that is due first, or SIZE_MAX. */
static size_t find_due(const struct dsmcc_events *events, uint64_t npt, uint64_t *late)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < events->counts.waiting; i++) {
        uint64_t gone = (npt - events->waiting[i].event.npt_90khz) & DSMCC_NPT_MASK;
        if (gone > DSMCC_NPT_MASK / 2 || (found != SIZE_MAX && gone <= *late))
            continue;
        found = i;
        *late = gone;
    }
    return found;
}

void dsmcc_events_push_pcr(struct dsmcc_events *events, uint64_t pcr_27mhz, bool discontinuity)
{
    uint64_t npt, late = 0;
    if (discontinuity)
        dsmcc_npt_clock_discontinuity(&events->clock);
    events->has_stc = true;
    events->stc_90khz = pcr_27mhz / 300 & DSMCC_NPT_MASK;
    if (events->counts.waiting == 0 || !dsmcc_npt_clock_at(&events->clock, events->stc_90khz, &npt))
        return;
    events->busy = true;
    for (size_t index; !events->doomed && (index = find_due(events, npt, &late)) != SIZE_MAX;) {
        struct waiting due = events->waiting[index];
        due.event.private_data.data = due.data;
        forget(events, index);
        if (late <= events->options.late_ms * UINT64_C(90))
            happen(events, &due.event, true);
        else
            events->counts.late++;
    }
    leave(events);
}

bool dsmcc_events_npt(const struct dsmcc_events *events, uint64_t *npt_90khz)
{
    return events->has_stc && dsmcc_npt_clock_at(&events->clock, events->stc_90khz, npt_90khz);
}

void dsmcc_events_counts(const struct dsmcc_events *events, struct dsmcc_events_counts *counts)
{
    *counts = events->counts;
}
