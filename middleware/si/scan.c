/* SPDX-License-Identifier: Apache-2.0 */
#include "si/scan.h"
#include <stdlib.h>
#include <string.h>

#define SIGNAL_TIMEOUT_US INT64_C(3000000)
#define TABLES_TIMEOUT_US INT64_C(12000000)

struct si_scan {
    struct si_scan_options options;
    struct si_cable frequencies[SI_SCAN_FREQUENCIES_MAX];
    struct si_scan_result results[SI_SCAN_FREQUENCIES_MAX]; /* of those before at */
    size_t count, at;                                       /* at == count: done */
    int64_t tuned_us;
    bool has_signal;
    uint64_t packets_before; /* counted when it was tuned */
    struct ts_demux *demux;
    struct si_watcher *watcher;
    struct si_channels found;
    size_t with_signal, complete;
};

static bool is_near(uint32_t a, uint32_t b)
{
    return (a > b ? a - b : b - a) < SI_SCAN_SAME_HZ;
}

static void add_frequency(struct si_scan *scan, const struct si_cable *cable)
{
    if (cable->frequency_hz == 0)
        return;
    for (size_t i = 0; i < scan->count; i++)
        if (is_near(scan->frequencies[i].frequency_hz, cable->frequency_hz))
            return;
    if (scan->count < SI_SCAN_FREQUENCIES_MAX)
        scan->frequencies[scan->count++] = *cable;
}

static void tune(struct si_scan *scan, int64_t now_us)
{
    scan->tuned_us = now_us;
    scan->has_signal = false;
    struct ts_demux_counts counts;
    ts_demux_counts(scan->demux, &counts);
    scan->packets_before = counts.packets;
    if (scan->at < scan->count)
        scan->options.tune(scan->options.context, &scan->frequencies[scan->at]);
}

static const struct si_nit *network(const struct si_scan *scan)
{
    const struct si_nit *nit = si_watcher_network(scan->watcher);
    return nit && (scan->options.network_id == 0 || nit->network_id == scan->options.network_id) ? nit : NULL;
}

/* How the network names this frequency: it knows the modulation better than the list, and all of it where the
 * list knows nothing. */
static struct si_cable cable_here(const struct si_scan *scan)
{
    const struct si_cable *tuned = &scan->frequencies[scan->at];
    const struct si_nit *nit = network(scan);
    uint16_t id;
    if (!nit || !si_watcher_stream_id(scan->watcher, &id))
        return *tuned;
    for (size_t i = 0; i < nit->stream_count; i++)
        if (nit->streams[i].transport_stream_id == id && nit->streams[i].has_cable &&
            (tuned->frequency_hz == 0 || is_near(nit->streams[i].cable.frequency_hz, tuned->frequency_hz)))
            return nit->streams[i].cable;
    return *tuned;
}

static void keep_result(struct si_scan *scan, const struct si_cable *here, bool complete)
{
    struct si_scan_result *result = &scan->results[scan->at];
    size_t before = scan->found.count;
    si_channels_collect(&scan->found, scan->watcher, here);
    *result = (struct si_scan_result){.cable = *here,
                                      .has_signal = scan->has_signal,
                                      .complete = complete,
                                      .channels = scan->found.count - before};
    result->has_stream_id = si_watcher_stream_id(scan->watcher, &result->transport_stream_id);
    si_watcher_original_network_id(scan->watcher, &result->original_network_id);
}

static void leave(struct si_scan *scan, bool complete, int64_t now_us)
{
    const struct si_nit *nit = network(scan);
    const struct si_cable here = cable_here(scan);
    scan->with_signal += scan->has_signal;
    scan->complete += complete;
    keep_result(scan, &here, complete);
    scan->frequencies[scan->at] = here; /* so that the network's name for it is not another one */
    for (size_t i = 0; scan->options.follow_network && nit && i < nit->stream_count; i++)
        if (nit->streams[i].has_cable)
            add_frequency(scan, &nit->streams[i].cable);
    scan->at++;
    ts_demux_reset(scan->demux);
    if (!si_watcher_reset(scan->watcher))
        scan->at = scan->count; /* no memory: what was found so far is all */
    tune(scan, now_us);
}

struct si_scan *si_scan_create(const struct si_scan_options *options, int64_t now_us)
{
    struct si_scan *scan =
        options->tune && options->frequency_count > 0 && options->frequency_count <= SI_SCAN_FREQUENCIES_MAX
            ? calloc(1, sizeof(*scan))
            : NULL;
    if (!scan)
        return NULL;
    const struct si_watcher_options watcher = {.charset = options->charset};
    scan->options = *options;
    scan->options.frequencies = NULL;
    if (scan->options.signal_timeout_us <= 0)
        scan->options.signal_timeout_us = SIGNAL_TIMEOUT_US;
    if (scan->options.tables_timeout_us <= 0)
        scan->options.tables_timeout_us = TABLES_TIMEOUT_US;
    si_channels_init(&scan->found);
    scan->frequencies[scan->count++] = options->frequencies[0];
    for (size_t i = 1; i < options->frequency_count; i++)
        add_frequency(scan, &options->frequencies[i]);
    scan->demux = ts_demux_create();
    scan->watcher = scan->demux ? si_watcher_create(scan->demux, &watcher) : NULL;
    if (!scan->watcher) {
        si_scan_destroy(scan);
        return NULL;
    }
    tune(scan, now_us);
    return scan;
}

void si_scan_destroy(struct si_scan *scan)
{
    if (!scan)
        return;
    si_watcher_destroy(scan->watcher);
    ts_demux_destroy(scan->demux);
    si_channels_finish(&scan->found);
    free(scan);
}

/* Everything that this frequency has to say: the NIT too, for its other frequencies and its channel numbers.
 */
static bool is_complete(const struct si_scan *scan)
{
    return si_watcher_is_complete(scan->watcher) && network(scan);
}

void si_scan_push(struct si_scan *scan, const uint8_t *data, size_t size, int64_t now_us)
{
    if (scan->at == scan->count)
        return;
    ts_demux_push(scan->demux, data, size);
    struct ts_demux_counts counts;
    ts_demux_counts(scan->demux, &counts);
    scan->has_signal |= counts.packets > scan->packets_before;
    if (is_complete(scan))
        leave(scan, true, now_us);
}

void si_scan_tick(struct si_scan *scan, int64_t now_us)
{
    if (scan->at == scan->count)
        return;
    int64_t waited_us = now_us - scan->tuned_us;
    if (waited_us >= (scan->has_signal ? scan->options.tables_timeout_us : scan->options.signal_timeout_us))
        leave(scan, si_watcher_is_complete(scan->watcher), now_us);
}

void si_scan_skip(struct si_scan *scan, int64_t now_us)
{
    if (scan->at < scan->count)
        leave(scan, si_watcher_is_complete(scan->watcher), now_us);
}

bool si_scan_result(const struct si_scan *scan, size_t index, struct si_scan_result *result)
{
    if (index >= scan->at)
        return false;
    *result = scan->results[index];
    return true;
}

void si_scan_progress(const struct si_scan *scan, struct si_scan_progress *progress)
{
    memset(progress, 0, sizeof(*progress));
    progress->done = scan->at == scan->count;
    progress->frequencies = scan->count;
    progress->finished = scan->at;
    progress->with_signal = scan->with_signal;
    progress->complete = scan->complete;
    progress->channels = scan->found.count;
    if (!progress->done)
        progress->now = scan->frequencies[scan->at];
}

const struct si_channels *si_scan_found(const struct si_scan *scan)
{
    return &scan->found;
}
