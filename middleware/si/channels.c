/* SPDX-License-Identifier: Apache-2.0 */
#include "si/channels.h"
#include "base/text.h"
#include "si/descriptor.h"
#include <stdlib.h>
#include <string.h>

void si_channels_init(struct si_channels *channels)
{
    memset(channels, 0, sizeof(*channels));
}

void si_channels_finish(struct si_channels *channels)
{
    free(channels->channels);
    si_channels_init(channels);
}

static bool same_ids(const struct si_channel *a, const struct si_channel *b)
{
    return a->original_network_id == b->original_network_id &&
           a->transport_stream_id == b->transport_stream_id && a->service_id == b->service_id;
}

const struct si_channel *si_channels_find(const struct si_channels *channels, uint16_t original_network_id,
                                          uint16_t transport_stream_id, uint16_t service_id)
{
    const struct si_channel wanted = {.original_network_id = original_network_id,
                                      .transport_stream_id = transport_stream_id,
                                      .service_id = service_id};
    for (size_t i = 0; i < channels->count; i++)
        if (same_ids(&channels->channels[i], &wanted))
            return &channels->channels[i];
    return NULL;
}

const struct si_channel *si_channels_by_number(const struct si_channels *channels, unsigned number)
{
    for (size_t i = 0; i < channels->count; i++)
        if (channels->channels[i].number == number)
            return &channels->channels[i];
    return NULL;
}

const char *si_channel_name(const struct si_channel *channel, const char *language)
{
    return si_names_get(&channel->names, language, channel->name);
}

bool si_channels_add(struct si_channels *channels, const struct si_channel *channel)
{
    if (channels->count == channels->capacity) {
        size_t capacity = channels->capacity ? 2 * channels->capacity : 32;
        struct si_channel *list = channels->count < SI_CHANNELS_MAX
                                      ? realloc(channels->channels, capacity * sizeof(list[0]))
                                      : NULL;
        if (!list) {
            channels->left_out++;
            return false;
        }
        channels->channels = list;
        channels->capacity = capacity;
    }
    channels->channels[channels->count++] = *channel;
    return true;
}

static bool is_for_viewers(const struct si_service *service)
{
    /* NVOD reference and time-shifted services are entries of others (EN 300 468, Table 87). */
    return service->has_sdt && service->pmt_pid != SI_PID_NONE && service->name[0] && service->type != 0 &&
           service->type != 0x04 && service->type != 0x05 && service->type != 0xFF;
}

static void describe(struct si_channel *channel, const struct si_watcher *watcher,
                     const struct si_service *service)
{
    channel->service_id = service->service_id;
    channel->type = service->type;
    channel->scrambled = service->scrambled;
    channel->lcn = si_watcher_lcn(watcher, service->service_id, &channel->hidden);
    strcpy(channel->name, service->name);
    strcpy(channel->provider, service->provider);
    channel->names.count = service->details.word_count;
    for (size_t i = 0; i < service->details.word_count; i++) {
        strcpy(channel->names.entries[i].language, service->details.words[i].language);
        strcpy(channel->names.entries[i].name, service->details.words[i].name);
    }
}

void si_channels_collect(struct si_channels *found, const struct si_watcher *watcher,
                         const struct si_cable *cable)
{
    uint16_t original_network_id, transport_stream_id;
    if (!si_watcher_original_network_id(watcher, &original_network_id) ||
        !si_watcher_stream_id(watcher, &transport_stream_id))
        return;
    for (size_t i = 0; i < si_watcher_service_count(watcher); i++) {
        const struct si_service *service = si_watcher_service(watcher, i);
        struct si_channel channel;
        memset(&channel, 0, sizeof(channel));
        if (!is_for_viewers(service))
            continue;
        channel.original_network_id = original_network_id;
        channel.transport_stream_id = transport_stream_id;
        channel.cable = *cable;
        describe(&channel, watcher, service);
        struct si_channel *known = (struct si_channel *)si_channels_find(
            found, original_network_id, transport_stream_id, service->service_id);
        if (known)
            *known = channel; /* the same stream on two frequencies: the later */
        else
            si_channels_add(found, &channel);
    }
}

/* What stays of the viewer's doings. */
static void keep(struct si_channel *channel, const struct si_channel *before)
{
    channel->favourite = before->favourite;
    channel->own_number = before->own_number;
    channel->number = before->number;
}

static bool is_moved(const struct si_channel *now, const struct si_channel *before)
{
    return now->type == before->type && strcmp(now->name, before->name) == 0 &&
           strcmp(now->provider, before->provider) == 0;
}

struct merge {
    const struct si_channels *before, *found;
    bool one_stream; /* only of the following */
    uint16_t original_network_id, transport_stream_id;
    struct si_channels after;
    bool *used; /* of before */
};

static bool concerns(const struct merge *merge, const struct si_channel *channel)
{
    return !merge->one_stream || (channel->original_network_id == merge->original_network_id &&
                                  channel->transport_stream_id == merge->transport_stream_id);
}

static bool is_found(const struct merge *merge, const struct si_channel *channel)
{
    return si_channels_find(merge->found, channel->original_network_id, channel->transport_stream_id,
                            channel->service_id) != NULL;
}

/* The one that the found channel was before; NULL: it is new. */
static const struct si_channel *find_before(const struct merge *merge, const struct si_channel *channel)
{
    const struct si_channels *before = merge->before;
    for (size_t i = 0; i < before->count; i++)
        if (same_ids(&before->channels[i], channel))
            return &before->channels[i];
    for (size_t i = 0; i < before->count; i++)
        if (!merge->used[i] && concerns(merge, &before->channels[i]) &&
            is_moved(channel, &before->channels[i]) && !is_found(merge, &before->channels[i]))
            return &before->channels[i];
    return NULL;
}

static void take_found(struct merge *merge)
{
    for (size_t i = 0; i < merge->found->count; i++) {
        struct si_channel channel = merge->found->channels[i];
        if (!concerns(merge, &channel))
            continue;
        const struct si_channel *before = find_before(merge, &channel);
        channel.favourite = channel.own_number = channel.absent = false;
        channel.number = 0;
        if (before) {
            keep(&channel, before);
            merge->used[before - merge->before->channels] = true;
        }
        si_channels_add(&merge->after, &channel);
    }
}

static void take_rest(struct merge *merge)
{
    for (size_t i = 0; i < merge->before->count; i++) {
        struct si_channel channel = merge->before->channels[i];
        if (merge->used[i] || (concerns(merge, &channel) && !channel.favourite))
            continue;
        channel.absent |= concerns(merge, &channel);
        si_channels_add(&merge->after, &channel);
    }
}

/* Who gets a number first: the viewer's own, the network's, the one it had. */
static int claim(const struct si_channel *channel)
{
    return channel->own_number ? 0 : channel->lcn ? 1 : channel->number ? 2 : 3;
}

static void assign_numbers(struct si_channels *channels)
{
    bool taken[SI_CHANNEL_NUMBER_MAX + 1] = {true};
    unsigned last = 0;
    for (int turn = 0; turn < 3; turn++) {
        for (size_t i = 0; i < channels->count; i++) {
            struct si_channel *channel = &channels->channels[i];
            if (claim(channel) != turn)
                continue;
            unsigned wanted = turn == 1 ? channel->lcn : channel->number;
            bool free_ = wanted <= SI_CHANNEL_NUMBER_MAX && !taken[wanted];
            channel->number = free_ ? (uint16_t)wanted : 0;
            channel->own_number &= free_;
            taken[free_ ? wanted : 0] = true;
            if (turn == 1 && free_ && wanted > last)
                last = wanted;
        }
    }
    unsigned next = last + 1;
    for (size_t i = 0; i < channels->count; i++) {
        if (channels->channels[i].number)
            continue;
        while (next <= SI_CHANNEL_NUMBER_MAX && taken[next])
            next++;
        for (unsigned k = 1; next > SI_CHANNEL_NUMBER_MAX && k <= SI_CHANNEL_NUMBER_MAX; k++)
            next = taken[k] ? next : k;
        channels->channels[i].number = (uint16_t)next;
        taken[next] = true;
    }
}

static int compare(const void *a, const void *b)
{
    const struct si_channel *left = a, *right = b;
    return (int)left->number - (int)right->number;
}

static void sort(struct si_channels *channels)
{
    if (channels->count > 1)
        qsort(channels->channels, channels->count, sizeof(channels->channels[0]), compare);
}

static bool is_same_names(const struct si_names *a, const struct si_names *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->entries[i].language, b->entries[i].language) == 0 &&
               strcmp(a->entries[i].name, b->entries[i].name) == 0;
    return same;
}

static bool is_same_channel(const struct si_channel *a, const struct si_channel *b)
{
    return same_ids(a, b) && a->cable.frequency_hz == b->cable.frequency_hz &&
           a->cable.symbol_rate == b->cable.symbol_rate && a->cable.modulation == b->cable.modulation &&
           a->type == b->type && a->scrambled == b->scrambled && a->hidden == b->hidden && a->lcn == b->lcn &&
           a->number == b->number && a->favourite == b->favourite && a->own_number == b->own_number &&
           a->absent == b->absent && strcmp(a->name, b->name) == 0 && strcmp(a->provider, b->provider) == 0 &&
           is_same_names(&a->names, &b->names);
}

static bool is_same_list(const struct si_channels *a, const struct si_channels *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = is_same_channel(&a->channels[i], &b->channels[i]);
    return same;
}

static bool finish_merge(struct si_channels *channels, struct merge *merge)
{
    take_found(merge);
    take_rest(merge);
    free(merge->used);
    assign_numbers(&merge->after);
    sort(&merge->after);
    bool changed = !is_same_list(channels, &merge->after);
    si_channels_finish(channels);
    *channels = merge->after;
    return changed;
}

static bool run_merge(struct si_channels *channels, struct merge *merge)
{
    merge->used = calloc(channels->count + 1, sizeof(bool));
    return merge->used && finish_merge(channels, merge);
}

bool si_channels_merge(struct si_channels *channels, const struct si_channels *found)
{
    struct merge merge = {.before = channels, .found = found};
    return run_merge(channels, &merge);
}

bool si_channels_merge_stream(struct si_channels *channels, const struct si_channels *found,
                              uint16_t original_network_id, uint16_t transport_stream_id)
{
    struct merge merge = {.before = channels,
                          .found = found,
                          .one_stream = true,
                          .original_network_id = original_network_id,
                          .transport_stream_id = transport_stream_id};
    return run_merge(channels, &merge);
}

bool si_channels_set_favourite(struct si_channels *channels, size_t index, bool favourite)
{
    if (index >= channels->count)
        return false;
    channels->channels[index].favourite = favourite;
    return true;
}

bool si_channels_set_number(struct si_channels *channels, size_t index, unsigned number)
{
    if (index >= channels->count || number < 1 || number > SI_CHANNEL_NUMBER_MAX)
        return false;
    struct si_channel *channel = &channels->channels[index];
    for (size_t i = 0; i < channels->count; i++) {
        if (i == index || channels->channels[i].number != number)
            continue;
        channels->channels[i].number = channel->number;
        channels->channels[i].own_number = true; /* or the network's number would take it back */
    }
    channel->number = (uint16_t)number;
    channel->own_number = true;
    sort(channels);
    return true;
}
