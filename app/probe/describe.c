/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/describe.h"
#include "base/clock.h"
#include <stdlib.h>

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

static json_t *pid_or_null(uint16_t pid)
{
    return pid == SI_PID_NONE ? json_null() : json_integer(pid);
}

/* Numbers that the model keeps as -1 where they are absent. */
static json_t *number_or_null(int number)
{
    return number < 0 ? json_null() : json_integer(number);
}

static json_t *time_or_null(int64_t utc_s)
{
    char text[CLOCK_RFC3339_SIZE];
    if (utc_s < 0)
        return json_null();
    clock_format_rfc3339(utc_s, text);
    return json_string(text);
}

static json_t *describe_names(const struct si_names *names)
{
    json_t *json = json_object();
    for (size_t i = 0; i < names->count; i++)
        json_object_set_new(json, names->entries[i].language, json_string(names->entries[i].name));
    return json;
}

static json_t *describe_linkages(const struct si_linkage *linkages, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_pack("{s:i, s:i, s:i, s:i}", "type", (int)linkages[i].type,
                                               "original_network_id", (int)linkages[i].original_network_id,
                                               "transport_stream_id", (int)linkages[i].transport_stream_id,
                                               "service_id", (int)linkages[i].service_id));
    return array;
}

static json_t *describe_accesses(const struct si_access *accesses, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_pack("{s:i, s:i}", "ca_system_id", (int)accesses[i].system_id,
                                               "pid", (int)accesses[i].pid));
    return array;
}

static json_t *describe_cable(const struct si_cable *cable)
{
    return json_pack("{s:I, s:I, s:s, s:i, s:i}", "frequency_hz", (json_int_t)cable->frequency_hz,
                     "symbol_rate", (json_int_t)cable->symbol_rate, "modulation",
                     si_modulation_str(cable->modulation), "fec_outer", (int)cable->fec_outer, "fec_inner",
                     (int)cable->fec_inner);
}

static json_t *describe_stream(const struct si_stream *stream)
{
    json_t *services = json_array();
    for (size_t i = 0; i < stream->service_count; i++)
        json_array_append_new(
            services, json_pack("{s:i, s:i, s:o, s:b}", "service_id", (int)stream->services[i].service_id,
                                "type", (int)stream->services[i].type, "lcn",
                                stream->services[i].lcn ? json_integer(stream->services[i].lcn) : json_null(),
                                "hidden", (int)stream->services[i].hidden));
    return json_pack("{s:i, s:i, s:o, s:o}", "original_network_id", (int)stream->original_network_id,
                     "transport_stream_id", (int)stream->transport_stream_id, "cable",
                     stream->has_cable ? describe_cable(&stream->cable) : json_null(), "services", services);
}

static json_t *describe_network(const struct si_nit *network)
{
    if (!network)
        return json_null();
    json_t *streams = json_array();
    for (size_t i = 0; i < network->stream_count; i++)
        json_array_append_new(streams, describe_stream(&network->streams[i]));
    return json_pack("{s:i, s:o, s:o, s:o, s:o}", "network_id", (int)network->network_id, "name",
                     text_or_null(network->name), "transport_streams", streams, "names",
                     describe_names(&network->names), "linkages",
                     describe_linkages(network->linkages, network->linkage_count));
}

static json_t *describe_clock(const struct si_clock *clock)
{
    if (!clock)
        return json_null();
    bool has_region = clock->has_offset;
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "utc", time_or_null(clock->utc_s), "local_offset_s",
                     clock->has_offset ? json_integer(clock->offset_s) : json_null(), "country",
                     has_region ? json_string(clock->region.country) : json_null(), "change",
                     has_region ? time_or_null(clock->region.change_utc_s) : json_null(), "next_offset_s",
                     has_region ? json_integer(clock->region.next_offset_s) : json_null());
}

static json_t *describe_subtitles(const struct si_component *component)
{
    json_t *array = json_array();
    for (size_t i = 0; i < component->subtitle_count; i++)
        json_array_append_new(array,
                              json_pack("{s:s, s:i, s:i, s:i}", "language", component->subtitles[i].language,
                                        "type", (int)component->subtitles[i].type, "composition_page",
                                        (int)component->subtitles[i].composition_page, "ancillary_page",
                                        (int)component->subtitles[i].ancillary_page));
    return array;
}

static json_t *describe_component(const struct si_component *component)
{
    json_t *types = json_array();
    for (size_t i = 0; i < component->signal_count; i++)
        json_array_append_new(types, json_integer(component->signals[i].application_type));
    return json_pack("{s:i, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "pid",
                     (int)component->pid, "stream_type", (int)component->stream_type, "codec",
                     si_codec_str(component->codec), "component_tag",
                     number_or_null(component->component_tag), "language", text_or_null(component->language),
                     "carousel_id",
                     component->has_carousel ? json_integer((json_int_t)component->carousel_id) : json_null(),
                     "data_broadcast_id", number_or_null(component->data_broadcast_id), "application_types",
                     types, "scrambled", (int)component->conditional_access, "second_language",
                     text_or_null(component->second_language), "association_tag",
                     number_or_null(component->association_tag), "ca",
                     describe_accesses(component->accesses, component->access_count), "subtitles",
                     describe_subtitles(component), "profile", number_or_null(component->profile), "level",
                     number_or_null(component->level));
}

static json_t *describe_components(const struct si_service *service)
{
    json_t *components = json_array();
    for (size_t i = 0; i < service->component_count; i++)
        json_array_append_new(components, describe_component(&service->components[i]));
    return components;
}

static json_t *describe_carousels(const struct si_service *service)
{
    struct si_carousel found[SI_COMPONENTS_MAX];
    size_t count = si_service_carousels(service, found, SI_COMPONENTS_MAX);
    json_t *carousels = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            carousels,
            json_pack("{s:i, s:o, s:o, s:o}", "pid", (int)found[i].pid, "carousel_id",
                      found[i].has_id ? json_integer((json_int_t)found[i].carousel_id) : json_null(),
                      "association_tag", number_or_null(found[i].association_tag), "data_broadcast_id",
                      number_or_null(found[i].data_broadcast_id)));
    return carousels;
}

static json_t *describe_application(const struct si_application *application)
{
    json_t *transports = json_array();
    for (size_t i = 0; i < application->transport_count; i++) {
        const struct si_transport *transport = &application->transports[i];
        json_array_append_new(transports, json_pack("{s:i, s:o, s:o}", "protocol", (int)transport->protocol,
                                                    "component_tag", number_or_null(transport->component_tag),
                                                    "url", text_or_null(transport->url)));
    }
    return json_pack("{s:I, s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:s, s:o, s:b, s:i, s:i}", "organisation_id",
                     (json_int_t)application->organisation_id, "application_id",
                     (int)application->application_id, "control_code", (int)application->control_code,
                     "priority", (int)application->priority, "language", text_or_null(application->language),
                     "name", text_or_null(application->name), "path", text_or_null(application->path),
                     "transports", transports, "control", si_control_code_str(application->control_code),
                     "names", describe_names(&application->names), "service_bound",
                     (int)application->service_bound, "visibility", (int)application->visibility, "usage",
                     application->usage);
}

json_t *probe_describe_applications(const struct si_ait *ait)
{
    json_t *applications = json_array();
    for (size_t i = 0; ait && i < ait->application_count; i++)
        json_array_append_new(applications, describe_application(&ait->applications[i]));
    return applications;
}

static json_t *describe_event(const struct si_event *event)
{
    if (!event->exists)
        return json_null();
    return json_pack("{s:i, s:o, s:o, s:i, s:b, s:o, s:o, s:o}", "event_id", (int)event->event_id, "start",
                     time_or_null(event->start_utc_s), "duration_s", number_or_null(event->duration_s),
                     "running_status", (int)event->running_status, "scrambled", (int)event->scrambled,
                     "language", text_or_null(event->language), "name", text_or_null(event->name), "text",
                     text_or_null(event->text));
}

static json_t *describe_service_names(const struct si_service_details *details)
{
    json_t *json = json_object();
    for (size_t i = 0; i < details->word_count; i++)
        json_object_set_new(
            json, details->words[i].language,
            json_pack("{s:s, s:s}", "name", details->words[i].name, "provider", details->words[i].provider));
    return json;
}

static json_t *describe_ca_systems(const struct si_service_details *details)
{
    json_t *array = json_array();
    for (size_t i = 0; i < details->ca_system_count; i++)
        json_array_append_new(array, json_integer(details->ca_systems[i]));
    return array;
}

static json_t *describe_service(const struct si_watcher *watcher, const struct si_service *service)
{
    json_t *json = json_pack("{s:i, s:o, s:o, s:o, s:o, s:o}", "service_id", (int)service->service_id, "name",
                             text_or_null(service->name), "provider", text_or_null(service->provider), "type",
                             service->has_sdt ? json_integer(service->type) : json_null(), "running_status",
                             service->has_sdt ? json_integer(service->running_status) : json_null(),
                             "scrambled", service->has_sdt ? json_boolean(service->scrambled) : json_null());
    if (!json)
        return NULL;
    json_object_set_new(json, "pmt_pid", pid_or_null(service->pmt_pid));
    json_object_set_new(json, "pcr_pid", pid_or_null(service->pcr_pid));
    json_object_set_new(json, "ait_pid", pid_or_null(service->ait_pid));
    json_object_set_new(json, "components", describe_components(service));
    json_object_set_new(json, "carousels", describe_carousels(service));
    json_object_set_new(json, "applications", probe_describe_applications(service->ait));
    json_object_set_new(json, "present", describe_event(&service->present));
    json_object_set_new(json, "following", describe_event(&service->following));
    const struct si_service_details *details = &service->details;
    bool hidden;
    uint16_t lcn = si_watcher_lcn(watcher, service->service_id, &hidden);
    json_object_set_new(json, "lcn", lcn ? json_integer(lcn) : json_null());
    json_object_set_new(json, "hidden", json_boolean(hidden));
    json_object_set_new(json, "names", describe_service_names(details));
    json_object_set_new(json, "ca_systems", describe_ca_systems(details));
    json_object_set_new(json, "ca", describe_accesses(service->accesses, service->access_count));
    json_object_set_new(json, "linkages", describe_linkages(details->linkages, details->linkage_count));
    json_object_set_new(json, "data_broadcast_id",
                        details->has_data_broadcast ? json_integer(details->data_broadcast_id) : json_null());
    json_object_set_new(json, "eit_schedule", json_boolean(service->eit_schedule));
    return json;
}

static json_t *describe_reception(const struct si_watcher *watcher, const struct ts_demux *demux,
                                  const struct probe_before *before)
{
    struct ts_demux_counts ts;
    struct si_watcher_counts si;
    ts_demux_counts(demux, &ts);
    si_watcher_counts(watcher, &si);
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I}", "packets", (json_int_t)(ts.packets - before->ts.packets),
        "bytes_skipped", (json_int_t)(ts.bytes_skipped - before->ts.bytes_skipped), "transport_errors",
        (json_int_t)(ts.transport_errors - before->ts.transport_errors), "continuity_errors",
        (json_int_t)(ts.continuity_errors - before->ts.continuity_errors), "bad_sections",
        (json_int_t)(ts.bad_sections + si.bad_sections - before->ts.bad_sections - before->si.bad_sections),
        "over_limit", (json_int_t)(si.over_limit - before->si.over_limit));
}

/* The networks, bouquets or streams of others, by name. */
static json_t *describe_others(const struct si_watcher *watcher, uint8_t table_id)
{
    json_t *array = json_array();
    struct si_nit *nit = calloc(1, sizeof(*nit));
    for (size_t i = 0; nit && i < si_watcher_other_count(watcher, table_id); i++)
        if (si_watcher_read_network(watcher, table_id, i, nit))
            json_array_append_new(array, describe_network(nit));
    free(nit);
    return array;
}

static json_t *describe_other_services(const struct si_watcher *watcher)
{
    json_t *array = json_array();
    struct si_sdt *sdt = malloc(sizeof(*sdt));
    for (size_t i = 0; sdt && i < si_watcher_other_count(watcher, SI_TABLE_SDT_OTHER); i++) {
        if (!si_watcher_read_other_services(watcher, i, sdt))
            continue;
        json_t *services = json_array();
        for (size_t k = 0; k < sdt->service_count; k++)
            json_array_append_new(services, json_pack("{s:i, s:o, s:i, s:o}", "service_id",
                                                      (int)sdt->services[k].service_id, "name",
                                                      text_or_null(sdt->services[k].name), "type",
                                                      (int)sdt->services[k].type, "names",
                                                      describe_service_names(&sdt->services[k].details)));
        json_array_append_new(array, json_pack("{s:i, s:i, s:o}", "original_network_id",
                                               (int)sdt->original_network_id, "transport_stream_id",
                                               (int)sdt->transport_stream_id, "services", services));
    }
    free(sdt);
    return array;
}

static json_t *describe_access(const struct si_watcher *watcher)
{
    struct si_cat cat;
    si_watcher_cat(watcher, &cat);
    return describe_accesses(cat.accesses, cat.access_count);
}

json_t *probe_describe(const struct si_watcher *watcher, const struct ts_demux *demux,
                       const struct probe_before *before)
{
    uint16_t stream_id, network_id;
    bool has_stream = si_watcher_stream_id(watcher, &stream_id);
    bool has_network = si_watcher_original_network_id(watcher, &network_id);
    json_t *services = json_array();
    for (size_t i = 0; i < si_watcher_service_count(watcher); i++)
        json_array_append_new(services, describe_service(watcher, si_watcher_service(watcher, i)));
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "transport_stream_id",
        has_stream ? json_integer(stream_id) : json_null(), "original_network_id",
        has_network ? json_integer(network_id) : json_null(), "network",
        describe_network(si_watcher_network(watcher)), "clock", describe_clock(si_watcher_clock(watcher)),
        "services", services, "reception", describe_reception(watcher, demux, before), "other_networks",
        describe_others(watcher, SI_TABLE_NIT_OTHER), "bouquets", describe_others(watcher, SI_TABLE_BAT),
        "other_streams", describe_other_services(watcher), "emm", describe_access(watcher));
}
