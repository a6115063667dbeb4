/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/tables_build.h"
#include "base/clock.h"
#include "base/text.h"
#include "playout/channel_text.h"
#include "si/ait.h"
#include "si/descriptor.h"
#include "si/eit.h"
#include "si/nit.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/sdt.h"
#include "si/tdt.h"
#include <stdlib.h>
#include <string.h>

#define DAY_S 86400
#define TAG_VIDEO 1
#define TAG_AUDIO 2
#define TAG_AIT 4

bool tables_build_pat(const struct tables_source *source, struct si_sections *out)
{
    const struct channel_frame *frame = source->frame;
    const struct si_pat pat = {.transport_stream_id = frame->transport_stream_id,
                               .nit_pid = SI_PID_NIT,
                               .program_count = 1,
                               .programs = {{.program_number = frame->service_id, .pid = frame->pmt_pid}}};
    return si_build_pat(out, &pat, source->versions[TABLES_PAT]);
}

static struct si_component *add_component(struct si_pmt *pmt, uint16_t pid, uint8_t stream_type, int tag)
{
    struct si_component *component = &pmt->components[pmt->component_count++];
    si_component_init(component, pid, stream_type);
    component->component_tag = tag;
    return component;
}

bool tables_build_pmt(const struct tables_source *source, struct si_sections *out)
{
    const struct channel_frame *frame = source->frame;
    struct si_pmt *pmt = calloc(1, sizeof(*pmt));
    if (!pmt)
        return false;
    pmt->program_number = frame->service_id;
    pmt->pcr_pid = frame->pcr_pid;
    if (source->options->has_video)
        add_component(pmt, frame->video_pid, SI_STREAM_TYPE_H264, TAG_VIDEO);
    if (source->options->has_audio)
        text_copy(add_component(pmt, frame->audio_pid, SI_STREAM_TYPE_AAC_ADTS, TAG_AUDIO)->language,
                  SI_LANGUAGE_SIZE, "chi");
    struct si_component *carousel =
        add_component(pmt, frame->carousel_pid, SI_STREAM_TYPE_DSMCC_UN, TABLES_CAROUSEL_ASSOCIATION_TAG);
    carousel->has_carousel = true;
    carousel->carousel_id = source->options->carousel_id;
    carousel->association_tag = TABLES_CAROUSEL_ASSOCIATION_TAG;
    carousel->data_broadcast_id = SI_DATA_BROADCAST_ID_OBJECT_CAROUSEL;
    struct si_component *ait = add_component(pmt, frame->ait_pid, SI_STREAM_TYPE_PRIVATE_SECTIONS, TAG_AIT);
    ait->signal_count = 1;
    ait->signals[0] = (struct si_signal){SI_APPLICATION_TYPE_HBBTV, source->versions[TABLES_AIT]};
    if (frame->event_pid) {
        struct si_component *events =
            add_component(pmt, frame->event_pid, SI_STREAM_TYPE_DSMCC_STREAM, TABLES_EVENTS_ASSOCIATION_TAG);
        events->association_tag = TABLES_EVENTS_ASSOCIATION_TAG;
    }
    bool good = si_build_pmt(out, pmt, source->versions[TABLES_PMT]);
    free(pmt);
    return good;
}

/* Names and providers beyond the first language, which stands in the service_descriptor. */
static void fill_words(struct si_service_details *details, const enum content_language *languages,
                       const char (*names)[SI_TRANSLATION_SIZE], const char (*providers)[SI_TRANSLATION_SIZE])
{
    for (int i = 0; i < CONTENT_LANGUAGES; i++) {
        if (!names[i][0])
            continue;
        struct si_service_words *words = &details->words[details->word_count++];
        text_copy(words->language, sizeof(words->language), guide_language_code(languages[i]));
        text_copy(words->name, sizeof(words->name), names[i]);
        text_copy(words->provider, sizeof(words->provider),
                  providers[i][0] ? providers[i] : channel_text_first(providers[0], SI_TRANSLATION_SIZE));
    }
}

static void fill_names(struct si_names *out, const enum content_language *languages,
                       const char (*names)[SI_TRANSLATION_SIZE])
{
    for (int i = 0; i < CONTENT_LANGUAGES; i++) {
        if (!names[i][0])
            continue;
        struct si_name *name = &out->entries[out->count++];
        text_copy(name->language, sizeof(name->language), guide_language_code(languages[i]));
        text_copy(name->name, sizeof(name->name), names[i]);
    }
}

static uint8_t own_type(const struct tables_source *source)
{
    return source->options->has_video ? SI_SERVICE_TYPE_HD_TV : SI_SERVICE_TYPE_DATA;
}

bool tables_build_sdt(const struct tables_source *source, struct si_sections *out)
{
    const struct channel *channel = source->channel;
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    if (!sdt)
        return false;
    sdt->transport_stream_id = source->frame->transport_stream_id;
    sdt->original_network_id = source->frame->original_network_id;
    sdt->service_count = 1;
    struct si_sdt_service *service = &sdt->services[0];
    service->service_id = source->frame->service_id;
    service->type = own_type(source);
    service->running_status = SI_RUNNING_YES;
    service->eit_present_following = service->eit_schedule = source->guide->count > 0;
    text_copy(service->name, sizeof(service->name),
              channel_text_first(channel->service_names[0], SI_TRANSLATION_SIZE));
    text_copy(service->provider, sizeof(service->provider),
              channel_text_first(channel->providers[0], SI_TRANSLATION_SIZE));
    fill_words(&service->details, channel->guide.languages, channel->service_names, channel->providers);
    bool good = si_build_sdt(out, sdt, source->versions[TABLES_SDT]);
    free(sdt);
    return good;
}

static void fill_neighbour(struct si_sdt *sdt, const struct neighbour_stream *stream,
                           const enum content_language *languages)
{
    memset(sdt, 0, sizeof(*sdt));
    sdt->transport_stream_id = stream->transport_stream_id;
    sdt->original_network_id = stream->original_network_id;
    sdt->service_count = stream->service_count;
    for (size_t i = 0; i < stream->service_count; i++) {
        const struct neighbour_service *from = &stream->services[i];
        struct si_sdt_service *service = &sdt->services[i];
        service->service_id = from->service_id;
        service->type = from->type;
        service->running_status = SI_RUNNING_UNDEFINED; /* of other streams nothing is known here */
        text_copy(service->name, sizeof(service->name),
                  channel_text_first(from->names[0], SI_TRANSLATION_SIZE));
        text_copy(service->provider, sizeof(service->provider),
                  channel_text_first(from->providers[0], SI_TRANSLATION_SIZE));
        fill_words(&service->details, languages, from->names, from->providers);
    }
}

static bool build_other(const struct tables_source *source, size_t index, struct si_sections *out)
{
    const struct neighbours *neighbours = &source->channel->neighbours;
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    if (!sdt)
        return false;
    fill_neighbour(sdt, &neighbours->streams[index], neighbours->languages);
    bool good = si_build_sdt_other(out, sdt, source->stream_versions ? source->stream_versions[index] : 0);
    free(sdt);
    return good;
}

static void fill_stream(struct si_stream *stream, uint16_t transport_stream_id, uint16_t original_network_id,
                        const struct si_cable *cable)
{
    stream->transport_stream_id = transport_stream_id;
    stream->original_network_id = original_network_id;
    stream->has_cable = cable != NULL;
    if (cable)
        stream->cable = *cable;
}

static void add_service(struct si_stream *stream, uint16_t service_id, uint8_t type, uint16_t lcn)
{
    if (stream->service_count == SI_STREAM_SERVICES_MAX)
        return;
    struct si_stream_service *service = &stream->services[stream->service_count++];
    *service = (struct si_stream_service){.service_id = service_id, .type = type, .lcn = lcn};
    if (lcn) {
        stream->lcn_specifier = SI_SPECIFIER_EACEM;
        stream->lcn_tag = SI_TAG_LOGICAL_CHANNEL;
    }
}

bool tables_build_nit(const struct tables_source *source, struct si_sections *out)
{
    const struct channel *channel = source->channel;
    const struct neighbours *neighbours = &channel->neighbours;
    struct si_nit *nit = calloc(1, sizeof(*nit));
    if (!nit)
        return false;
    nit->network_id = source->frame->network_id;
    text_copy(nit->name, sizeof(nit->name),
              channel_text_first(channel->network_names[0], SI_TRANSLATION_SIZE));
    fill_names(&nit->names, channel->guide.languages, channel->network_names);
    struct si_stream *stream = &nit->streams[nit->stream_count++];
    fill_stream(stream, source->frame->transport_stream_id, source->frame->original_network_id,
                &source->frame->cable);
    add_service(stream, source->frame->service_id, own_type(source), channel->lcn);
    for (size_t i = 0; i < neighbours->stream_count && nit->stream_count < SI_STREAMS_MAX; i++) {
        const struct neighbour_stream *from = &neighbours->streams[i];
        stream = &nit->streams[nit->stream_count++];
        fill_stream(stream, from->transport_stream_id, from->original_network_id, &from->cable);
        for (size_t j = 0; j < from->service_count; j++)
            add_service(stream, from->services[j].service_id, from->services[j].type, from->services[j].lcn);
    }
    bool good = si_build_nit(out, nit, source->versions[TABLES_NIT]);
    free(nit);
    return good;
}

/* The bouquet's place for the transport stream; NULL where there is no room. */
static struct si_stream *bouquet_stream(struct si_nit *bouquet, uint16_t transport_stream_id,
                                        uint16_t original_network_id)
{
    for (size_t i = 0; i < bouquet->stream_count; i++) {
        if (bouquet->streams[i].transport_stream_id == transport_stream_id)
            return &bouquet->streams[i];
    }
    if (bouquet->stream_count == SI_STREAMS_MAX)
        return NULL;
    struct si_stream *stream = &bouquet->streams[bouquet->stream_count++];
    fill_stream(stream, transport_stream_id, original_network_id, NULL);
    return stream;
}

static void add_member(struct si_nit *bouquet, const struct tables_source *source,
                       const struct neighbour_member *member)
{
    const struct neighbours *neighbours = &source->channel->neighbours;
    uint16_t network = source->frame->original_network_id;
    uint8_t type = SI_SERVICE_TYPE_DIGITAL_TV;
    if (member->transport_stream_id == source->frame->transport_stream_id)
        type = own_type(source);
    for (size_t i = 0; i < neighbours->stream_count; i++) {
        const struct neighbour_stream *stream = &neighbours->streams[i];
        for (size_t j = 0; j < stream->service_count; j++) {
            if (stream->transport_stream_id == member->transport_stream_id &&
                stream->services[j].service_id == member->service_id) {
                type = stream->services[j].type;
                network = stream->original_network_id;
            }
        }
    }
    struct si_stream *stream = bouquet_stream(bouquet, member->transport_stream_id, network);
    if (stream)
        add_service(stream, member->service_id, type, 0);
}

static bool build_bouquet(const struct tables_source *source, size_t index, struct si_sections *out)
{
    const struct neighbours *neighbours = &source->channel->neighbours;
    const struct neighbour_bouquet *from = &neighbours->bouquets[index];
    struct si_nit *bouquet = calloc(1, sizeof(*bouquet));
    if (!bouquet)
        return false;
    bouquet->network_id = from->bouquet_id;
    text_copy(bouquet->name, sizeof(bouquet->name), channel_text_first(from->names[0], SI_TRANSLATION_SIZE));
    fill_names(&bouquet->names, neighbours->languages, from->names);
    for (size_t i = 0; i < from->count; i++)
        add_member(bouquet, source, &from->members[i]);
    bool good = si_build_bat(out, bouquet, source->bouquet_versions ? source->bouquet_versions[index] : 0);
    free(bouquet);
    return good;
}

size_t tables_subtable_count(const struct channel *channel, enum tables_kind kind)
{
    const struct neighbours *neighbours = &channel->neighbours;
    return kind == TABLES_SDT_OTHER ? neighbours->stream_count
           : kind == TABLES_BAT     ? neighbours->bouquet_count
                                    : 0;
}

uint32_t tables_subtable_id(const struct channel *channel, enum tables_kind kind, size_t index)
{
    const struct neighbours *neighbours = &channel->neighbours;
    if (kind == TABLES_BAT)
        return neighbours->bouquets[index].bouquet_id;
    const struct neighbour_stream *stream = &neighbours->streams[index];
    return (uint32_t)stream->original_network_id << 16 | stream->transport_stream_id;
}

bool tables_build_subtable(const struct tables_source *source, enum tables_kind kind, size_t index,
                           struct si_sections *out)
{
    return kind == TABLES_BAT ? build_bouquet(source, index, out) : build_other(source, index, out);
}

static bool build_subtables(const struct tables_source *source, enum tables_kind kind,
                            struct si_sections *out)
{
    size_t count = tables_subtable_count(source->channel, kind);
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = tables_build_subtable(source, kind, i, out);
    return good;
}

bool tables_build_sdt_other(const struct tables_source *source, struct si_sections *out)
{
    return build_subtables(source, TABLES_SDT_OTHER, out);
}

bool tables_build_bat(const struct tables_source *source, struct si_sections *out)
{
    return build_subtables(source, TABLES_BAT, out);
}

static struct si_application *add_application(struct si_ait *ait, const struct tables_source *source)
{
    struct si_application *application = &ait->applications[ait->application_count++];
    application->organisation_id = source->options->organisation_id;
    application->visibility = 3;
    application->has_profile = true;
    application->version_major = 1;
    text_copy(application->path, sizeof(application->path), "/");
    application->transport_count = 1;
    application->transports[0] = (struct si_transport){.protocol = SI_PROTOCOL_OBJECT_CAROUSEL,
                                                       .label = 1,
                                                       .component_tag = TABLES_CAROUSEL_ASSOCIATION_TAG};
    return application;
}

static void add_announced(struct si_ait *ait, const struct tables_source *source,
                          const struct announced_application *from)
{
    struct si_application *application = add_application(ait, source);
    application->application_id = from->application_id;
    application->control_code = from->control_code;
    application->priority = from->priority;
    application->service_bound = from->service_bound;
    struct si_names names = {0};
    fill_names(&names, source->channel->guide.languages, from->names);
    for (size_t i = 0; i < names.count; i++) {
        if (i > 0) {
            application->names.entries[application->names.count++] = names.entries[i];
            continue;
        }
        text_copy(application->language, sizeof(application->language), names.entries[0].language);
        text_copy(application->name, sizeof(application->name), names.entries[0].name);
    }
}

/* PRESENT, not AUTOSTART: a Kokonor box finds its content by the carousel; other receivers may offer it, and
 * must not start it. */
static void add_own(struct si_ait *ait, const struct tables_source *source)
{
    struct si_application *application = add_application(ait, source);
    application->application_id = source->options->application_id;
    application->control_code = SI_CONTROL_PRESENT;
    application->priority = 1;
    application->service_bound = true;
    text_copy(application->language, sizeof(application->language), "eng");
    text_copy(application->name, sizeof(application->name), "Kokonor");
}

bool tables_build_ait(const struct tables_source *source, struct si_sections *out)
{
    const struct announced *announced = &source->channel->announced;
    struct si_ait *ait = calloc(1, sizeof(*ait));
    if (!ait)
        return false;
    ait->application_type = SI_APPLICATION_TYPE_HBBTV;
    if (!announced->given)
        add_own(ait, source);
    for (size_t i = 0; i < announced->count; i++)
        add_announced(ait, source, &announced->applications[i]);
    bool good = si_build_ait(out, ait, source->versions[TABLES_AIT]);
    free(ait);
    return good;
}

static struct si_eit_service eit_service(const struct tables_source *source)
{
    return (struct si_eit_service){.service_id = source->frame->service_id,
                                   .transport_stream_id = source->frame->transport_stream_id,
                                   .original_network_id = source->frame->original_network_id};
}

int64_t tables_present_state(const struct tables_source *source)
{
    struct guide_moment present, following;
    return guide_at(source->guide, source->utc_s, &present, &following);
}

int64_t tables_schedule_day(const struct tables_source *source)
{
    return source->utc_s / DAY_S;
}

/* The versions of EIT follow from the event and the day, so that they are right after a restart too; their
 * upper bits from the guide's, so that another guide never has the version that is on air, whatever event it
 * is at. */
static unsigned eit_version(const struct tables_source *source, int64_t moment, unsigned moment_bits)
{
    unsigned low = (unsigned)moment & ((1u << moment_bits) - 1);
    return ((source->versions[TABLES_EIT] << moment_bits) | low) & 31;
}

bool tables_build_present(const struct tables_source *source, struct si_sections *out)
{
    struct guide_moment present, following;
    struct si_event_source_words words[2][CONTENT_LANGUAGES];
    struct si_event_source events[2];
    int64_t state = guide_at(source->guide, source->utc_s, &present, &following);
    const struct si_eit_service service = eit_service(source);
    if (source->guide->count == 0)
        return true;
    if (present.event)
        guide_source(source->guide, &present, SI_RUNNING_YES, words[0], &events[0]);
    if (following.event)
        guide_source(source->guide, &following, SI_RUNNING_NOT, words[1], &events[1]);
    return si_build_present_following(out, &service, present.event ? &events[0] : NULL,
                                      following.event ? &events[1] : NULL, eit_version(source, state, 4));
}

/* What one rebuilding of the schedule needs at hand; a minute is the shortest event. */
#define SCHEDULE_EVENTS_MAX (GUIDE_DAYS * 24 * 60)
struct schedule_work {
    struct guide_moment moments[SCHEDULE_EVENTS_MAX];
    struct si_event_source_words words[SCHEDULE_EVENTS_MAX][CONTENT_LANGUAGES];
    struct si_event_source events[SCHEDULE_EVENTS_MAX];
};

bool tables_build_schedule(const struct tables_source *source, struct si_sections *out)
{
    if (source->guide->count == 0)
        return true;
    struct schedule_work *work = malloc(sizeof(*work));
    if (!work)
        return false;
    int64_t day = tables_schedule_day(source), midnight = day * DAY_S;
    size_t count = guide_between(source->guide, midnight, midnight + GUIDE_DAYS * DAY_S, work->moments,
                                 SCHEDULE_EVENTS_MAX);
    for (size_t i = 0; i < count; i++)
        guide_source(source->guide, &work->moments[i], SI_RUNNING_UNDEFINED, work->words[i],
                     &work->events[i]);
    const struct si_schedule schedule = {.service = eit_service(source),
                                         .midnight_utc_s = midnight,
                                         .days = GUIDE_DAYS,
                                         .event_count = count,
                                         .events = work->events};
    bool good = si_build_schedule(out, &schedule, eit_version(source, day, 3));
    free(work);
    return good;
}

bool tables_build_time(const struct tables_source *source, struct si_sections *out)
{
    struct si_tot *tot = calloc(1, sizeof(*tot));
    if (!tot)
        return false;
    tot->utc_s = source->utc_s;
    tot->has_offset = true;
    text_copy(tot->country, sizeof(tot->country), "CHN");
    tot->offset_s = CLOCK_CHINA_OFFSET_S;
    bool good = si_build_tdt(out, source->utc_s) && si_build_tot(out, tot);
    free(tot);
    return good;
}
