/* SPDX-License-Identifier: Apache-2.0 */
/* Questions that a service's components answer. */
#include "si/descriptor.h"
#include "si/watcher.h"
#include <string.h>

static bool is_carousel(const struct si_component *component)
{
    return component->stream_type == SI_STREAM_TYPE_DSMCC_UN || component->has_carousel;
}

size_t si_service_carousels(const struct si_service *service, struct si_carousel *carousels, size_t maximum)
{
    size_t count = 0;
    for (size_t i = 0; i < service->component_count && count < maximum; i++) {
        const struct si_component *component = &service->components[i];
        if (!is_carousel(component))
            continue;
        carousels[count++] = (struct si_carousel){
            .service_id = service->service_id,
            .pid = component->pid,
            .has_id = component->has_carousel,
            .carousel_id = component->carousel_id,
            .component_tag = component->component_tag,
            .association_tag =
                component->association_tag >= 0 ? component->association_tag : component->component_tag,
            .data_broadcast_id = component->data_broadcast_id,
        };
    }
    return count;
}

static bool has_pid(const struct si_carousel *carousels, size_t count, uint16_t pid)
{
    for (size_t i = 0; i < count; i++)
        if (carousels[i].pid == pid)
            return true;
    return false;
}

size_t si_watcher_carousels(const struct si_watcher *watcher, struct si_carousel *carousels, size_t maximum)
{
    size_t count = 0;
    for (size_t i = 0; i < si_watcher_service_count(watcher); i++) {
        struct si_carousel found[SI_COMPONENTS_MAX];
        size_t found_count = si_service_carousels(si_watcher_service(watcher, i), found, SI_COMPONENTS_MAX);
        for (size_t k = 0; k < found_count && count < maximum; k++)
            if (!has_pid(carousels, count, found[k].pid))
                carousels[count++] = found[k];
    }
    return count;
}

const struct si_component *si_service_video(const struct si_service *service)
{
    for (size_t i = 0; i < service->component_count; i++)
        if (si_codec_is_video(service->components[i].codec))
            return &service->components[i];
    return NULL;
}

const struct si_component *si_service_audio(const struct si_service *service, const char *language)
{
    const struct si_component *first = NULL;
    for (size_t i = 0; i < service->component_count; i++) {
        const struct si_component *component = &service->components[i];
        if (!si_codec_is_audio(component->codec))
            continue;
        if (language && strcmp(component->language, language) == 0)
            return component;
        if (!first)
            first = component;
    }
    return first;
}

const struct si_component *si_service_component(const struct si_service *service, int component_tag)
{
    for (size_t i = 0; component_tag >= 0 && i < service->component_count; i++)
        if (service->components[i].component_tag == component_tag)
            return &service->components[i];
    return NULL;
}

static const struct si_service_words *words_in(const struct si_service *service, const char *language)
{
    for (size_t i = 0; language && i < service->details.word_count; i++)
        if (si_language_matches(service->details.words[i].language, language))
            return &service->details.words[i];
    return NULL;
}

const char *si_service_name(const struct si_service *service, const char *language)
{
    const struct si_service_words *words = words_in(service, language);
    return words && words->name[0] ? words->name : service->name;
}

const char *si_service_provider(const struct si_service *service, const char *language)
{
    const struct si_service_words *words = words_in(service, language);
    return words && words->provider[0] ? words->provider : service->provider;
}

const struct si_component *si_service_association(const struct si_service *service, uint16_t association_tag,
                                                  const struct si_deferred **deferred)
{
    const struct si_deferred *unused = NULL;
    if (!deferred)
        deferred = &unused;
    *deferred = NULL;
    for (size_t i = 0; i < service->deferred_count; i++) {
        if (service->deferred[i].association_tag != association_tag)
            continue;
        *deferred = &service->deferred[i];
        if (service->deferred[i].program_number != service->service_id)
            return NULL;
    }
    for (size_t i = 0; i < service->component_count; i++)
        if (service->components[i].association_tag == association_tag)
            return &service->components[i];
    return si_service_component(service, association_tag & 0xFF);
}

uint16_t si_watcher_lcn(const struct si_watcher *watcher, uint16_t service_id, bool *hidden)
{
    const struct si_nit *nit = si_watcher_network(watcher);
    uint16_t id;
    bool has_id = si_watcher_stream_id(watcher, &id);
    if (hidden)
        *hidden = false;
    for (size_t i = 0; nit && i < nit->stream_count; i++) {
        const struct si_stream *stream = &nit->streams[i];
        if (has_id && stream->transport_stream_id != id)
            continue;
        for (size_t k = 0; k < stream->service_count; k++) {
            if (stream->services[k].service_id != service_id)
                continue;
            if (hidden)
                *hidden = stream->services[k].hidden;
            return stream->services[k].lcn;
        }
    }
    return 0;
}
