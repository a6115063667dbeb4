/* SPDX-License-Identifier: Apache-2.0 */
#include "si/taps.h"

/* The component of another service whose own tag it is; chains of deferred tags are not followed. */
static const struct si_component *find_own(const struct si_service *service, uint16_t association_tag)
{
    for (size_t i = 0; i < service->component_count; i++) {
        const struct si_component *component = &service->components[i];
        int tag = component->association_tag >= 0 ? component->association_tag : component->component_tag;
        if (tag == association_tag || (component->association_tag < 0 && tag == (association_tag & 0xFF)))
            return component;
    }
    return NULL;
}

static bool is_here(const struct si_watcher *watcher, const struct si_deferred *deferred)
{
    uint16_t transport_stream_id;
    return deferred->transport_stream_id == 0 || (si_watcher_stream_id(watcher, &transport_stream_id) &&
                                                  transport_stream_id == deferred->transport_stream_id);
}

size_t si_service_taps(const struct si_watcher *watcher, const struct si_service *service,
                       struct si_tap *taps, size_t maximum)
{
    size_t count = 0;
    for (size_t i = 0; i < service->deferred_count && count < maximum; i++) {
        const struct si_deferred *deferred = &service->deferred[i];
        const struct si_service *other =
            is_here(watcher, deferred) ? si_watcher_find_service(watcher, deferred->program_number) : NULL;
        const struct si_component *component =
            other && other->has_pmt ? find_own(other, deferred->association_tag) : NULL;
        if (component)
            taps[count++] = (struct si_tap){deferred->association_tag, component->pid};
    }
    for (size_t i = 0; i < service->component_count && count < maximum; i++) {
        const struct si_component *component = &service->components[i];
        int tag = component->association_tag >= 0 ? component->association_tag : component->component_tag;
        if ((component->codec == SI_CODEC_CAROUSEL || component->has_carousel) && tag >= 0)
            taps[count++] = (struct si_tap){(uint16_t)tag, component->pid};
    }
    return count;
}
