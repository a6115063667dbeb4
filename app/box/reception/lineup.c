/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/lineup.h"

#include "base/text.h"
#include "reception/feed.h"

#include <stdlib.h>

const char *lineup_language(enum content_language language)
{
    static const char *const codes[CONTENT_LANGUAGES] = {"chi", "tib", "eng"};
    return codes[language];
}

/* Without a guide: the words in the one language that the watcher keeps. */
static void fill_plain(struct reception_event *out, const struct si_event *event)
{
    *out = (struct reception_event){
        .exists = event->exists, .start_utc_s = event->start_utc_s, .duration_s = event->duration_s};
    for (int language = 0; language < CONTENT_LANGUAGES; language++)
        text_copy(out->name[language], sizeof(out->name[language]), event->name);
}

static void fill_event(struct reception_event *out, const struct si_guide *guide,
                       const struct si_guide_service *key, bool following, struct si_text *text)
{
    struct si_event_view view;
    *out = (struct reception_event){.exists = si_guide_present(guide, key, following, &view)};
    if (!out->exists)
        return;
    out->start_utc_s = view.start_utc_s;
    out->duration_s = view.duration_s;
    for (int language = 0; language < CONTENT_LANGUAGES; language++) {
        struct si_event_words words;
        if (si_event_words(&view, text, lineup_language(language), false, &words))
            text_copy(out->name[language], sizeof(out->name[language]), words.name);
    }
}

void lineup_fill(struct reception_service *out, const struct si_watcher *watcher, struct si_text *text,
                 const struct si_service *service)
{
    const struct si_guide *guide = si_watcher_guide(watcher);
    struct si_guide_service key;
    out->service_id = service->service_id;
    for (int language = 0; language < CONTENT_LANGUAGES; language++)
        text_copy(out->name[language], sizeof(out->name[language]),
                  si_service_name(service, lineup_language(language)));
    out->video = feed_video_kind(service);
    out->sound = feed_sound_kind(service);
    out->scrambled = service->scrambled;
    if (guide && si_watcher_guide_service(watcher, service->service_id, &key)) {
        fill_event(&out->present, guide, &key, false, text);
        fill_event(&out->following, guide, &key, true, text);
    } else {
        fill_plain(&out->present, &service->present);
        fill_plain(&out->following, &service->following);
    }
}

void lineup_names(const struct si_channel *channel, char names[CONTENT_LANGUAGES][SI_NAME_SIZE])
{
    for (int language = 0; language < CONTENT_LANGUAGES; language++)
        text_copy(names[language], SI_NAME_SIZE, si_channel_name(channel, lineup_language(language)));
}

bool lineup_is_radio(uint8_t type)
{
    return type == 0x02 || type == 0x0A;
}

/* Television in its codings, and radio; not data, teletext or references. */
static bool is_programme(uint8_t type)
{
    return lineup_is_radio(type) || type == 0x01 || type == 0x11 || type == 0x16 || type == 0x19 ||
           (type >= 0x1C && type <= 0x20);
}

static bool is_here(const struct lineup *lineup, const struct si_channel *channel)
{
    return lineup->has_place && channel->original_network_id == lineup->original_network_id &&
           channel->transport_stream_id == lineup->transport_stream_id;
}

static bool add_received(const struct lineup *lineup, const struct si_service *service,
                         struct reception_service *out)
{
    const struct si_channel *channel =
        lineup->has_place ? si_channels_find(numbers_channels(lineup->numbers), lineup->original_network_id,
                                             lineup->transport_stream_id, service->service_id)
                          : NULL;
    if (!service->has_pmt || (!si_service_video(service) && !si_service_audio(service, NULL)) ||
        (channel && channel->hidden))
        return false;
    lineup_fill(out, lineup->watcher, lineup->text, service);
    out->original_network_id = lineup->original_network_id;
    out->transport_stream_id = lineup->transport_stream_id;
    out->number = channel ? channel->number : 0;
    out->favourite = channel && channel->favourite;
    out->radio = lineup_is_radio(service->type) || out->video == VIDEO_NONE;
    out->sound_count = sounds_list(service, lineup->sound, out->sounds);
    return true;
}

/* Of the stream that is received the stored list says nothing once that is known. */
static bool is_wanted(const struct lineup *lineup, const struct si_channel *channel,
                      const struct reception_service *services, size_t count)
{
    bool here = is_here(lineup, channel);
    if (channel->hidden || channel->absent || !is_programme(channel->type) ||
        (here && si_watcher_is_complete(lineup->watcher)))
        return false;
    for (size_t i = 0; (here || !lineup->has_place) && i < count; i++)
        if (services[i].service_id == channel->service_id)
            return false;
    return true;
}

static int by_number(const void *a, const void *b)
{
    const struct reception_service *left = a, *right = b;
    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return left->service_id < right->service_id ? -1 : left->service_id > right->service_id;
}

size_t lineup_maximum(const struct lineup *lineup)
{
    return si_watcher_service_count(lineup->watcher) + numbers_channels(lineup->numbers)->count;
}

size_t lineup_make(const struct lineup *lineup, struct reception_service *services)
{
    const struct si_channels *channels = numbers_channels(lineup->numbers);
    size_t count = 0;
    for (size_t i = 0; i < si_watcher_service_count(lineup->watcher); i++)
        count += add_received(lineup, si_watcher_service(lineup->watcher, i), &services[count]);
    size_t received = count;
    for (size_t i = 0; i < channels->count; i++) {
        const struct si_channel *channel = &channels->channels[i];
        if (!is_wanted(lineup, channel, services, received))
            continue;
        struct reception_service *out = &services[count++];
        *out = (struct reception_service){.service_id = channel->service_id,
                                          .original_network_id = channel->original_network_id,
                                          .transport_stream_id = channel->transport_stream_id,
                                          .number = channel->number,
                                          .favourite = channel->favourite,
                                          .scrambled = channel->scrambled,
                                          .radio = lineup_is_radio(channel->type),
                                          .elsewhere = !is_here(lineup, channel)};
        lineup_names(channel, out->name);
    }
    qsort(services, count, sizeof(services[0]), by_number);
    return count;
}
