/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/tables.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "si/ait.h"
#include "si/nit.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/sdt.h"
#include "si/tdt.h"
#include "ts/section.h"
#include <stdlib.h>
#include <string.h>

#define MS (INT64_C(27000))
/* The transport buffer of system information empties at 1 Mbit/s (ISO/IEC 13818-1, 2.4.2.4): a packet
 * takes 1.5 ms. */
#define SPACING (INT64_C(188) * 8 * 27)
/* Sections of one sub-table keep this distance (EN 300 468, 5.1.4). */
#define SECTION_GAP (30 * MS)

enum table { TABLE_PAT, TABLE_PMT, TABLE_EIT, TABLE_SDT, TABLE_AIT, TABLE_NIT, TABLE_TIME, TABLE_COUNT };

/* How often the whole table comes: a good deal more often than the longest interval allowed. */
static const int64_t intervals[TABLE_COUNT] = {
    [TABLE_PAT] = 90 * MS,  [TABLE_PMT] = 90 * MS,   [TABLE_EIT] = 1500 * MS,   [TABLE_SDT] = 1500 * MS,
    [TABLE_AIT] = 800 * MS, [TABLE_NIT] = 5000 * MS, [TABLE_TIME] = 10000 * MS,
};

struct slot {
    struct si_sections sections;
    size_t next; /* section */
    int64_t due; /* when it is to be sent */
    struct ts_sectioner sectioner;
    bool has_pending; /* the section below waits to be taken by the sectioner */
    struct bytes pending;
};

struct tables {
    struct channel channel;
    struct tables_options options;
    uint8_t versions[TABLES_KINDS];
    struct slot slots[TABLE_COUNT];
    struct buffer sending; /* a copy of the section under way, so that a table may be rebuilt under it */
    size_t sending_slot;   /* TABLE_COUNT: none */
    int64_t next_allowed;
    int64_t utc_s;
    uint16_t present_id;
    bool has_present;
};

static bool build_pat(struct tables *tables, struct si_sections *out)
{
    const struct channel_frame *frame = &tables->channel.frame;
    const struct si_pat pat = {.transport_stream_id = frame->transport_stream_id,
                               .nit_pid = SI_PID_NIT,
                               .program_count = 1,
                               .programs = {{.program_number = frame->service_id, .pid = frame->pmt_pid}}};
    return si_build_pat(out, &pat, tables->versions[TABLES_PAT]);
}

static struct si_component *add_component(struct si_pmt *pmt, uint16_t pid, uint8_t stream_type, int tag)
{
    struct si_component *component = &pmt->components[pmt->component_count++];
    si_component_init(component, pid, stream_type);
    component->component_tag = tag;
    return component;
}

static bool build_pmt(struct tables *tables, struct si_sections *out)
{
    const struct channel_frame *frame = &tables->channel.frame;
    struct si_pmt pmt = {.program_number = frame->service_id, .pcr_pid = frame->pcr_pid};
    if (tables->options.has_video)
        add_component(&pmt, frame->video_pid, SI_STREAM_TYPE_H264, 1);
    if (tables->options.has_audio)
        text_copy(add_component(&pmt, frame->audio_pid, SI_STREAM_TYPE_AAC_ADTS, 2)->language,
                  SI_LANGUAGE_SIZE, "chi");
    struct si_component *carousel =
        add_component(&pmt, frame->carousel_pid, SI_STREAM_TYPE_DSMCC_UN, TABLES_CAROUSEL_ASSOCIATION_TAG);
    carousel->has_carousel = true;
    carousel->carousel_id = tables->options.carousel_id;
    carousel->association_tag = TABLES_CAROUSEL_ASSOCIATION_TAG;
    carousel->data_broadcast_id = SI_DATA_BROADCAST_ID_OBJECT_CAROUSEL;
    struct si_component *ait = add_component(&pmt, frame->ait_pid, SI_STREAM_TYPE_PRIVATE_SECTIONS, 4);
    ait->signal_count = 1;
    ait->signals[0] = (struct si_signal){SI_APPLICATION_TYPE_HBBTV, tables->versions[TABLES_AIT]};
    return si_build_pmt(out, &pmt, tables->versions[TABLES_PMT]);
}

static bool build_sdt(struct tables *tables, struct si_sections *out)
{
    const struct channel *channel = &tables->channel;
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    if (!sdt)
        return false;
    sdt->transport_stream_id = channel->frame.transport_stream_id;
    sdt->original_network_id = channel->frame.original_network_id;
    sdt->service_count = 1;
    struct si_sdt_service *service = &sdt->services[0];
    service->service_id = channel->frame.service_id;
    service->type = tables->options.has_video ? SI_SERVICE_TYPE_HD_TV : SI_SERVICE_TYPE_DATA;
    service->running_status = SI_RUNNING_YES;
    service->eit_present_following = channel->event_count > 0;
    text_copy(service->name, sizeof(service->name), channel->service_name);
    text_copy(service->provider, sizeof(service->provider), channel->provider);
    bool good = si_build_sdt(out, sdt, tables->versions[TABLES_SDT]);
    free(sdt);
    return good;
}

static bool build_nit(struct tables *tables, struct si_sections *out)
{
    const struct channel *channel = &tables->channel;
    struct si_nit *nit = calloc(1, sizeof(*nit));
    if (!nit)
        return false;
    nit->network_id = channel->frame.network_id;
    text_copy(nit->name, sizeof(nit->name), channel->network_name);
    nit->stream_count = 1;
    struct si_stream *stream = &nit->streams[0];
    stream->transport_stream_id = channel->frame.transport_stream_id;
    stream->original_network_id = channel->frame.original_network_id;
    stream->has_cable = true;
    stream->cable = channel->frame.cable;
    stream->service_count = 1;
    stream->services[0].service_id = channel->frame.service_id;
    stream->services[0].type = tables->options.has_video ? SI_SERVICE_TYPE_HD_TV : SI_SERVICE_TYPE_DATA;
    bool good = si_build_nit(out, nit, tables->versions[TABLES_NIT]);
    free(nit);
    return good;
}

/* PRESENT, not AUTOSTART: a Kokonor box finds its content by the carousel; other receivers may offer it, and
 * must not start it. */
static bool build_ait(struct tables *tables, struct si_sections *out)
{
    struct si_ait *ait = calloc(1, sizeof(*ait));
    if (!ait)
        return false;
    ait->application_type = SI_APPLICATION_TYPE_HBBTV;
    ait->application_count = 1;
    struct si_application *application = &ait->applications[0];
    application->organisation_id = tables->options.organisation_id;
    application->application_id = tables->options.application_id;
    application->control_code = SI_CONTROL_PRESENT;
    application->priority = 1;
    application->service_bound = true;
    application->visibility = 3;
    application->has_profile = true;
    application->version_major = 1;
    text_copy(application->language, sizeof(application->language), "eng");
    text_copy(application->name, sizeof(application->name), "Kokonor");
    text_copy(application->path, sizeof(application->path), "/");
    application->transport_count = 1;
    application->transports[0] = (struct si_transport){.protocol = SI_PROTOCOL_OBJECT_CAROUSEL,
                                                       .label = 1,
                                                       .component_tag = TABLES_CAROUSEL_ASSOCIATION_TAG};
    bool good = si_build_ait(out, ait, tables->versions[TABLES_AIT]);
    free(ait);
    return good;
}

/* The version follows from the event, so that it is right after a restart too. */
static bool build_eit(struct tables *tables, struct si_sections *out)
{
    const struct channel *channel = &tables->channel;
    struct si_eit *eit = calloc(1, sizeof(*eit));
    if (!eit)
        return false;
    eit->service_id = channel->frame.service_id;
    eit->transport_stream_id = channel->frame.transport_stream_id;
    eit->original_network_id = channel->frame.original_network_id;
    channel_events_at(channel, tables->utc_s, &eit->present, &eit->following);
    tables->present_id = eit->present.event_id;
    tables->has_present = eit->present.exists;
    bool good = si_build_eit(out, eit, eit->present.event_id + tables->versions[TABLES_EIT]);
    free(eit);
    return good;
}

static bool build_time(struct tables *tables, struct si_sections *out)
{
    const struct si_tot tot = {
        .utc_s = tables->utc_s, .has_offset = true, .country = "CHN", .offset_s = CLOCK_CHINA_OFFSET_S};
    return si_build_tdt(out, tables->utc_s) && si_build_tot(out, &tot);
}

typedef bool build_fn(struct tables *tables, struct si_sections *out);
static build_fn *const builders[TABLE_COUNT] = {
    [TABLE_PAT] = build_pat, [TABLE_PMT] = build_pmt, [TABLE_EIT] = build_eit,   [TABLE_SDT] = build_sdt,
    [TABLE_AIT] = build_ait, [TABLE_NIT] = build_nit, [TABLE_TIME] = build_time,
};
static const char *const names[TABLE_COUNT] = {"PAT", "PMT", "EIT", "SDT", "AIT", "NIT", "TDT and TOT"};

/* Builds the table anew; on failure its slot is empty. */
static bool rebuild(struct tables *tables, int table)
{
    struct slot *slot = &tables->slots[table];
    si_sections_clear(&slot->sections);
    if (builders[table](tables, &slot->sections))
        return true;
    si_sections_clear(&slot->sections);
    return false;
}

const char *const tables_kind_names[TABLES_KINDS] = {
    [TABLES_PAT] = "PAT", [TABLES_AIT] = "AIT", [TABLES_PMT] = "PMT",
    [TABLES_SDT] = "SDT", [TABLES_NIT] = "NIT", [TABLES_EIT] = "EIT"};
static const enum table of_kind[TABLES_KINDS] = {
    [TABLES_PAT] = TABLE_PAT, [TABLES_AIT] = TABLE_AIT, [TABLES_PMT] = TABLE_PMT,
    [TABLES_SDT] = TABLE_SDT, [TABLES_NIT] = TABLE_NIT, [TABLES_EIT] = TABLE_EIT};

/* What a table says, whatever its version. EIT changes with the time: there it is what it is made from. */
static bool digest(struct tables *tables, enum tables_kind kind, uint8_t sha256[TRUST_SHA256_SIZE])
{
    const struct channel *channel = &tables->channel;
    if (kind == TABLES_EIT) {
        /* The channel was cleared before it was filled, so texts are followed by zeros. */
        struct bytes events = {(const uint8_t *)channel->events,
                               channel->event_count * sizeof(channel->events[0])};
        return trust_sha256(events, sha256);
    }
    tables->versions[kind] = 0;
    return rebuild(tables, (int)of_kind[kind]) &&
           trust_sha256(buffer_view(&tables->slots[of_kind[kind]].sections.bytes), sha256);
}

/* In the order of the kinds: the PMT tells the AIT's version. */
static bool choose_versions(struct tables *tables, struct tables_memory *memory, struct error *error)
{
    for (int kind = 0; kind < TABLES_KINDS; kind++) {
        struct tables_version *version = &memory->versions[kind];
        uint8_t sha256[TRUST_SHA256_SIZE];
        if (!digest(tables, kind, sha256))
            return error_set(error, "%s: a text is too long for its section, or out of memory",
                             tables_kind_names[kind]);
        if (version->known && memcmp(sha256, version->sha256, sizeof(sha256)) != 0)
            version->number = (version->number + 1) & 31;
        version->known = true;
        memcpy(version->sha256, sha256, sizeof(sha256));
        tables->versions[kind] = version->number;
    }
    return true;
}

static bool rebuild_all(struct tables *tables, struct error *error)
{
    for (int table = 0; table < TABLE_COUNT; table++) {
        if (!rebuild(tables, table))
            return error_set(error, "%s: a text is too long for its section, or out of memory", names[table]);
    }
    return true;
}

struct tables *tables_create(const struct channel *channel, const struct tables_options *options,
                             struct tables_memory *memory, struct error *error)
{
    struct tables *tables = calloc(1, sizeof(*tables));
    struct tables_memory trial = *memory;
    if (!tables) {
        error_set(error, "tables: out of memory");
        return NULL;
    }
    const struct channel_frame *frame = &channel->frame;
    const uint16_t pids[TABLE_COUNT] = {SI_PID_PAT,     frame->pmt_pid, SI_PID_EIT, SI_PID_SDT,
                                        frame->ait_pid, SI_PID_NIT,     SI_PID_TDT};
    tables->channel = *channel;
    tables->options = *options;
    tables->sending_slot = TABLE_COUNT;
    tables->utc_s = clock_utc_s();
    buffer_init(&tables->sending, 4096);
    for (int table = 0; table < TABLE_COUNT; table++) {
        si_sections_init(&tables->slots[table].sections);
        ts_sectioner_init(&tables->slots[table].sectioner, pids[table]);
    }
    if (!choose_versions(tables, &trial, error) || !rebuild_all(tables, error)) {
        tables_destroy(tables);
        return NULL;
    }
    *memory = trial;
    return tables;
}

void tables_destroy(struct tables *tables)
{
    if (!tables)
        return;
    for (int table = 0; table < TABLE_COUNT; table++)
        si_sections_finish(&tables->slots[table].sections);
    buffer_finish(&tables->sending);
    free(tables);
}

void tables_replace(struct tables *tables, struct tables *fresh)
{
    for (int table = 0; table < TABLE_COUNT; table++) {
        struct si_sections old = tables->slots[table].sections;
        tables->slots[table].sections = fresh->slots[table].sections;
        fresh->slots[table].sections = old;
        tables->slots[table].next = 0;
    }
    tables->channel = fresh->channel;
    tables->options = fresh->options;
    memcpy(tables->versions, fresh->versions, sizeof(tables->versions));
    tables->present_id = fresh->present_id;
    tables->has_present = fresh->has_present;
    tables_destroy(fresh);
}

static const uint8_t *take_pending(void *context, size_t *size)
{
    struct slot *slot = context;
    if (!slot->has_pending)
        return NULL;
    slot->has_pending = false;
    *size = slot->pending.size;
    return slot->pending.data;
}

/* Brings what depends on the time up to date before a section of the table is chosen. */
static void refresh(struct tables *tables, int table)
{
    struct slot *slot = &tables->slots[table];
    if (slot->next >= slot->sections.count)
        slot->next = 0;
    if (table == TABLE_TIME) {
        rebuild(tables, table);
    } else if (table == TABLE_EIT && slot->next == 0) {
        struct si_event present, following;
        channel_events_at(&tables->channel, tables->utc_s, &present, &following);
        if (present.exists != tables->has_present || present.event_id != tables->present_id)
            rebuild(tables, table);
    }
    if (slot->next >= slot->sections.count)
        slot->next = 0;
}

/* Puts the slot's next section under way; false where the table has none. */
static bool start_section(struct tables *tables, int table, int64_t now)
{
    struct slot *slot = &tables->slots[table];
    refresh(tables, table);
    size_t count = slot->sections.count;
    int64_t gap = count ? intervals[table] / (int64_t)count : intervals[table];
    /* An interval counts from the planned time, so that it does not stretch, unless that is long past. */
    slot->due = (now - slot->due < gap ? slot->due : now) + (gap < SECTION_GAP ? SECTION_GAP : gap);
    if (count == 0)
        return false;
    struct bytes section = si_sections_get(&slot->sections, slot->next++);
    buffer_clear(&tables->sending);
    buffer_append(&tables->sending, section.data, section.size);
    if (tables->sending.failed)
        return false;
    slot->pending = buffer_view(&tables->sending);
    slot->has_pending = true;
    tables->sending_slot = (size_t)table;
    return true;
}

/* The table that has waited longest beyond its time; TABLE_COUNT: none is due. */
static int most_overdue(const struct tables *tables, int64_t now)
{
    int chosen = TABLE_COUNT;
    for (int table = 0; table < TABLE_COUNT; table++) {
        int64_t due = tables->slots[table].due;
        if (due <= now && (chosen == TABLE_COUNT || due < tables->slots[chosen].due))
            chosen = table;
    }
    return chosen;
}

bool tables_packet(struct tables *tables, int64_t now_27mhz, int64_t utc_s, uint8_t bytes[TS_PACKET_SIZE])
{
    if (now_27mhz < tables->next_allowed)
        return false;
    tables->utc_s = utc_s;
    if (tables->sending_slot == TABLE_COUNT) {
        int table = most_overdue(tables, now_27mhz);
        if (table == TABLE_COUNT || !start_section(tables, table, now_27mhz))
            return false;
    }
    struct slot *slot = &tables->slots[tables->sending_slot];
    bool written = ts_sectioner_packet(&slot->sectioner, bytes, take_pending, slot);
    if (!slot->has_pending && !slot->sectioner.section)
        tables->sending_slot = TABLE_COUNT;
    tables->next_allowed = now_27mhz + SPACING;
    return written;
}
