/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/groups.h"

#include "base/text.h"
#include "reception/lineup.h"

#include <stdlib.h>

static bool has_service(const struct si_nit *bouquet, const struct reception_service *service)
{
    for (size_t i = 0; i < bouquet->stream_count; i++) {
        const struct si_stream *stream = &bouquet->streams[i];
        if (stream->original_network_id != service->original_network_id ||
            stream->transport_stream_id != service->transport_stream_id)
            continue;
        for (size_t k = 0; k < stream->service_count; k++)
            if (stream->services[k].service_id == service->service_id)
                return true;
    }
    return false;
}

static void copy_name(struct reception_group *group, const struct si_nit *bouquet)
{
    for (int language = 0; language < CONTENT_LANGUAGES; language++) {
        const char *name = bouquet->name;
        for (size_t i = 0; i < bouquet->names.count; i++)
            if (sounds_same_language(bouquet->names.entries[i].language, lineup_language(language)))
                name = bouquet->names.entries[i].name;
        text_copy(group->name[language], sizeof(group->name[language]), name);
    }
}

static void add_bouquet(struct reception_news *news, const struct si_nit *bouquet)
{
    uint8_t bit = (uint8_t)(1u << news->group_count);
    bool used = false;
    for (size_t i = 0; i < news->service_count; i++) {
        if (!has_service(bouquet, &news->services[i]))
            continue;
        news->services[i].groups |= bit;
        used = true;
    }
    if (used)
        copy_name(&news->groups[news->group_count++], bouquet);
}

void groups_fill(struct reception_news *news, const struct si_watcher *watcher)
{
    size_t count = si_watcher_other_count(watcher, SI_TABLE_BAT);
    struct si_nit *bouquet = count ? malloc(sizeof(*bouquet)) : NULL;
    for (size_t i = 0; bouquet && i < count && news->group_count < RECEPTION_GROUPS_MAX; i++)
        if (si_watcher_read_network(watcher, SI_TABLE_BAT, i, bouquet) && *bouquet->name)
            add_bouquet(news, bouquet);
    free(bouquet);
}
