/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/numbers.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIST_SIZE_MAX (4u << 20)

/* A network that changes all the time (two senders on one address) must wear out no flash. */
#define KEEP_INTERVAL_US 60000000

struct numbers {
    char *path; /* NULL: nothing is kept */
    struct si_channels channels;
    bool unkept;     /* differs from the file */
    int64_t kept_us; /* when it was written for the network last; 0: never */
};

struct numbers *numbers_create(const char *path)
{
    struct numbers *numbers = calloc(1, sizeof(*numbers));
    if (!numbers)
        return NULL;
    si_channels_init(&numbers->channels);
    numbers->path = path ? strdup(path) : NULL;
    if (!path || access(path, F_OK) < 0)
        return numbers;
    struct error error;
    struct buffer json;
    buffer_init(&json, LIST_SIZE_MAX);
    if (!file_read(path, &json, &error) || !si_channels_read(&numbers->channels, buffer_view(&json), &error))
        log_warning("the list of channels begins anew: %s", error.text);
    buffer_finish(&json);
    return numbers;
}

static void keep(struct numbers *numbers)
{
    struct error error = {"no memory"};
    struct buffer json;
    numbers->unkept = false;
    if (!numbers->path)
        return;
    buffer_init(&json, LIST_SIZE_MAX);
    if (!si_channels_write(&numbers->channels, &json) ||
        !file_write(numbers->path, json.data, json.size, &error))
        log_warning("the list of channels is not kept: %s", error.text);
    buffer_finish(&json);
}

void numbers_destroy(struct numbers *numbers)
{
    if (!numbers)
        return;
    if (numbers->unkept)
        keep(numbers);
    si_channels_finish(&numbers->channels);
    free(numbers->path);
    free(numbers);
}

/* Where the stream lies, by its own NIT. */
static struct si_cable cable_of(const struct si_watcher *watcher, uint16_t network, uint16_t stream)
{
    const struct si_nit *nit = si_watcher_network(watcher);
    for (size_t i = 0; nit && i < nit->stream_count; i++)
        if (nit->streams[i].original_network_id == network && nit->streams[i].transport_stream_id == stream)
            return nit->streams[i].cable;
    return (struct si_cable){0};
}

/* Where the network does not say it, a stream is where a search has found it. */
static void keep_places(const struct numbers *numbers, struct si_channels *found)
{
    for (size_t i = 0; i < found->count; i++) {
        struct si_channel *channel = &found->channels[i];
        for (size_t k = 0; channel->cable.frequency_hz == 0 && k < numbers->channels.count; k++) {
            const struct si_channel *known = &numbers->channels.channels[k];
            if (known->original_network_id == channel->original_network_id &&
                known->transport_stream_id == channel->transport_stream_id)
                channel->cable = known->cable;
        }
    }
}

void numbers_update(struct numbers *numbers, const struct si_watcher *watcher)
{
    uint16_t network, stream;
    if (!si_watcher_is_complete(watcher) || !si_watcher_original_network_id(watcher, &network) ||
        !si_watcher_stream_id(watcher, &stream))
        return;
    struct si_channels found;
    struct si_cable cable = cable_of(watcher, network, stream);
    si_channels_init(&found);
    si_channels_collect(&found, watcher, &cable);
    keep_places(numbers, &found);
    numbers->unkept |= si_channels_merge_stream(&numbers->channels, &found, network, stream);
    int64_t now_us = clock_monotonic_us();
    if (numbers->unkept && (!numbers->kept_us || now_us - numbers->kept_us >= KEEP_INTERVAL_US)) {
        keep(numbers);
        numbers->kept_us = now_us;
    }
    si_channels_finish(&found);
}

void numbers_merge(struct numbers *numbers, const struct si_channels *found)
{
    if (found->count > 0 && si_channels_merge(&numbers->channels, found))
        keep(numbers);
}

bool numbers_set_favourite(struct numbers *numbers, uint16_t original_network_id,
                           uint16_t transport_stream_id, uint16_t service_id, bool favourite)
{
    const struct si_channel *channel =
        si_channels_find(&numbers->channels, original_network_id, transport_stream_id, service_id);
    if (!channel || !si_channels_set_favourite(&numbers->channels,
                                               (size_t)(channel - numbers->channels.channels), favourite))
        return false;
    keep(numbers);
    return true;
}

const struct si_channels *numbers_channels(const struct numbers *numbers)
{
    return &numbers->channels;
}

const struct si_channel *numbers_find(const struct numbers *numbers, const struct si_watcher *watcher,
                                      uint16_t service_id)
{
    uint16_t network, stream;
    if (!si_watcher_original_network_id(watcher, &network) || !si_watcher_stream_id(watcher, &stream))
        return NULL;
    return si_channels_find(&numbers->channels, network, stream, service_id);
}
