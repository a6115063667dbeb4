/* SPDX-License-Identifier: Apache-2.0 */
#include "si/lineup.h"
#include <stdlib.h>
#include <string.h>

/* Where service_id is, or would be. */
static size_t position(const struct si_lineup *lineup, uint16_t service_id)
{
    size_t low = 0, high = lineup->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (lineup->services[middle]->service.service_id < service_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct si_tracked *si_lineup_find(const struct si_lineup *lineup, uint16_t service_id)
{
    size_t at = position(lineup, service_id);
    return at < lineup->count && lineup->services[at]->service.service_id == service_id ? lineup->services[at]
                                                                                        : NULL;
}

struct si_tracked *si_lineup_add(struct si_lineup *lineup, uint16_t service_id)
{
    struct si_tracked *tracked = si_lineup_find(lineup, service_id);
    if (tracked || lineup->count == SI_SERVICES_MAX)
        return tracked;
    tracked = calloc(1, sizeof(*tracked));
    if (!tracked)
        return NULL;
    tracked->service.service_id = service_id;
    tracked->service.pmt_pid = SI_PID_NONE;
    si_tracked_clear_pmt(tracked);
    size_t at = position(lineup, service_id);
    memmove(&lineup->services[at + 1], &lineup->services[at],
            (lineup->count - at) * sizeof(lineup->services[0]));
    lineup->services[at] = tracked;
    lineup->count++;
    return tracked;
}

bool si_lineup_sweep(struct si_lineup *lineup)
{
    size_t kept = 0;
    for (size_t i = 0; i < lineup->count; i++) {
        struct si_tracked *tracked = lineup->services[i];
        if (tracked->feed || tracked->service.has_sdt)
            lineup->services[kept++] = tracked;
        else
            free(tracked);
    }
    bool any = kept < lineup->count;
    lineup->count = kept;
    return any;
}

static bool copy_text(char *to, const char *from, size_t size)
{
    if (strcmp(to, from) == 0)
        return false;
    memset(to, 0, size);
    strcpy(to, from);
    return true;
}

static bool apply_service(struct si_service *service, const struct si_sdt_service *entry)
{
    bool changed = !service->has_sdt || service->type != entry->type ||
                   service->running_status != entry->running_status ||
                   service->scrambled != entry->scrambled ||
                   service->eit_present_following != entry->eit_present_following ||
                   service->eit_schedule != entry->eit_schedule ||
                   memcmp(&service->details, &entry->details, sizeof(entry->details)) != 0;
    service->has_sdt = true;
    service->eit_present_following = entry->eit_present_following;
    service->eit_schedule = entry->eit_schedule;
    memcpy(&service->details, &entry->details, sizeof(entry->details));
    service->type = entry->type;
    service->running_status = entry->running_status;
    service->scrambled = entry->scrambled;
    changed |= copy_text(service->name, entry->name, sizeof(service->name));
    changed |= copy_text(service->provider, entry->provider, sizeof(service->provider));
    return changed;
}

static void clear_sdt(struct si_service *service)
{
    const struct si_sdt_service nothing = {0};
    apply_service(service, &nothing);
    service->has_sdt = false;
}

bool si_lineup_apply_sdt(struct si_lineup *lineup, const struct si_sdt *sdt, uint64_t *left_out)
{
    bool changed = false;
    for (size_t i = 0; i < lineup->count; i++)
        lineup->services[i]->keep = false;
    for (size_t i = 0; i < sdt->service_count; i++) {
        struct si_tracked *tracked = si_lineup_add(lineup, sdt->services[i].service_id);
        if (tracked) {
            changed |= apply_service(&tracked->service, &sdt->services[i]);
            tracked->keep = true;
        } else {
            (*left_out)++;
        }
    }
    for (size_t i = 0; i < lineup->count; i++) {
        struct si_tracked *tracked = lineup->services[i];
        if (!tracked->keep && tracked->service.has_sdt) {
            clear_sdt(&tracked->service);
            changed = true;
        }
    }
    return si_lineup_sweep(lineup) || changed;
}

static uint16_t ait_pid(const struct si_pmt *pmt)
{
    for (size_t i = 0; i < pmt->component_count; i++)
        if (pmt->components[i].codec == SI_CODEC_AIT)
            return pmt->components[i].pid;
    return SI_PID_NONE;
}

bool si_tracked_apply_pmt(struct si_tracked *tracked, const struct si_pmt *pmt)
{
    struct si_service *service = &tracked->service;
    if (service->has_pmt && service->pcr_pid == pmt->pcr_pid &&
        service->component_count == pmt->component_count && service->access_count == pmt->access_count &&
        service->deferred_count == pmt->deferred_count &&
        memcmp(service->accesses, pmt->accesses, sizeof(pmt->accesses)) == 0 &&
        memcmp(service->deferred, pmt->deferred, sizeof(pmt->deferred)) == 0 &&
        memcmp(service->components, pmt->components, pmt->component_count * sizeof(pmt->components[0])) == 0)
        return false;
    si_tracked_clear_pmt(tracked);
    service->has_pmt = true;
    service->pcr_pid = pmt->pcr_pid;
    service->ait_pid = ait_pid(pmt);
    service->component_count = pmt->component_count;
    memcpy(service->components, pmt->components, pmt->component_count * sizeof(pmt->components[0]));
    service->access_count = pmt->access_count;
    memcpy(service->accesses, pmt->accesses, sizeof(pmt->accesses));
    service->deferred_count = pmt->deferred_count;
    memcpy(service->deferred, pmt->deferred, sizeof(pmt->deferred));
    return true;
}

void si_tracked_clear_pmt(struct si_tracked *tracked)
{
    struct si_service *service = &tracked->service;
    service->has_pmt = false;
    service->pcr_pid = SI_PID_NONE;
    service->ait_pid = SI_PID_NONE;
    service->component_count = 0;
    memset(service->components, 0, sizeof(service->components));
    service->access_count = service->deferred_count = 0;
    memset(service->accesses, 0, sizeof(service->accesses));
    memset(service->deferred, 0, sizeof(service->deferred));
}
