/* SPDX-License-Identifier: Apache-2.0 */
#include "si/watcher_state.h"
#include <string.h>

bool si_watcher_stream_id(const struct si_watcher *watcher, uint16_t *transport_stream_id)
{
    *transport_stream_id = watcher->has_pat ? watcher->pat.transport_stream_id : 0;
    return watcher->has_pat;
}

bool si_watcher_original_network_id(const struct si_watcher *watcher, uint16_t *original_network_id)
{
    *original_network_id = watcher->has_sdt ? watcher->original_network_id : 0;
    return watcher->has_sdt;
}

const struct si_nit *si_watcher_network(const struct si_watcher *watcher)
{
    return watcher->has_nit ? &watcher->nit : NULL;
}

size_t si_watcher_service_count(const struct si_watcher *watcher)
{
    return watcher->lineup.count;
}

const struct si_service *si_watcher_service(const struct si_watcher *watcher, size_t index)
{
    return index < watcher->lineup.count ? &watcher->lineup.services[index]->service : NULL;
}

const struct si_service *si_watcher_find_service(const struct si_watcher *watcher, uint16_t service_id)
{
    const struct si_tracked *tracked = si_lineup_find(&watcher->lineup, service_id);
    return tracked ? &tracked->service : NULL;
}

const struct si_clock *si_watcher_clock(const struct si_watcher *watcher)
{
    return watcher->has_clock ? &watcher->clock : NULL;
}

bool si_watcher_is_complete(const struct si_watcher *watcher)
{
    if (!watcher->has_pat || !watcher->has_sdt)
        return false;
    for (size_t i = 0; i < watcher->lineup.count; i++)
        if (watcher->lineup.services[i]->feed && !watcher->lineup.services[i]->service.has_pmt)
            return false;
    return true;
}

void si_watcher_counts(const struct si_watcher *watcher, struct si_watcher_counts *counts)
{
    *counts = watcher->counts;
}

const struct si_guide *si_watcher_guide(const struct si_watcher *watcher)
{
    return watcher->guide;
}

struct si_text *si_watcher_text(const struct si_watcher *watcher)
{
    return watcher->text;
}

bool si_watcher_guide_service(const struct si_watcher *watcher, uint16_t service_id,
                              struct si_guide_service *service)
{
    *service =
        (struct si_guide_service){watcher->original_network_id, watcher->pat.transport_stream_id, service_id};
    return watcher->has_sdt && watcher->has_pat;
}

bool si_watcher_cat(const struct si_watcher *watcher, struct si_cat *cat)
{
    memset(cat, 0, sizeof(*cat));
    size_t sections = si_archive_section_count(watcher->archive, SI_TABLE_CAT, 0);
    for (size_t i = 0; i < sections; i++) {
        struct bytes section = si_archive_section(watcher->archive, SI_TABLE_CAT, 0, i);
        si_cat_read_section(section.data, section.size, cat);
    }
    return sections > 0;
}

size_t si_watcher_other_count(const struct si_watcher *watcher, uint8_t table_id)
{
    return si_archive_count(watcher->archive, table_id);
}

bool si_watcher_read_network(const struct si_watcher *watcher, uint8_t table_id, size_t index,
                             struct si_nit *nit)
{
    memset(nit, 0, sizeof(*nit));
    size_t sections = si_archive_section_count(watcher->archive, table_id, index), left_out = 0;
    bool good = sections > 0;
    for (size_t i = 0; i < sections; i++) {
        struct bytes section = si_archive_section(watcher->archive, table_id, index, i);
        good &= si_nit_read_section(section.data, section.size, watcher->text, nit, &left_out);
    }
    return good;
}

bool si_watcher_read_other_services(const struct si_watcher *watcher, size_t index, struct si_sdt *sdt)
{
    sdt->service_count = 0;
    size_t sections = si_archive_section_count(watcher->archive, SI_TABLE_SDT_OTHER, index), left_out = 0;
    bool good = sections > 0;
    for (size_t i = 0; i < sections; i++) {
        struct bytes section = si_archive_section(watcher->archive, SI_TABLE_SDT_OTHER, index, i);
        good &= si_sdt_read_section(section.data, section.size, watcher->text, sdt, &left_out);
    }
    return good;
}
