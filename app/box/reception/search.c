/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/search.h"

#include "base/text.h"
#include "reception/lineup.h"

#include <stdlib.h>

/* A frontend's lock, and a file's or a group's first packets. */
#define SIGNAL_TIMEOUT_US INT64_C(3000000)

struct search {
    struct search_options options;
    struct si_scan *scan;
    bool stuck; /* no URL receives the present frequency */
    int64_t now_us;
};

bool search_url(const struct search_options *options, const struct si_cable *cable, char url[TUNER_URL_SIZE])
{
    struct tuner_carrier home,
        carrier = {.frequency_hz = cable->frequency_hz, .symbol_rate = cable->symbol_rate};
    tuner_plan_locate(options->plan, options->home, &home);
    if (cable->frequency_hz == 0 || cable->frequency_hz == home.frequency_hz)
        return text_copy(url, TUNER_URL_SIZE, options->home);
    if (cable->modulation != SI_MODULATION_UNDEFINED)
        text_copy(carrier.modulation, sizeof(carrier.modulation), si_modulation_str(cable->modulation));
    return tuner_plan_url(options->plan, options->home, &carrier, url);
}

static void on_tune(void *context, const struct si_cable *cable)
{
    struct search *search = context;
    char url[TUNER_URL_SIZE];
    search->stuck = !search_url(&search->options, cable, url);
    if (!search->stuck)
        source_tune(search->options.source, url, search->now_us);
}

static struct si_cable cable_of(const struct tuner_carrier *carrier)
{
    return (struct si_cable){.frequency_hz = carrier->frequency_hz,
                             .symbol_rate = carrier->symbol_rate,
                             .modulation = si_modulation_from_str(carrier->modulation),
                             .fec_outer = SI_FEC_OUTER_RS,
                             .fec_inner = SI_FEC_INNER_NONE};
}

struct search *search_create(const struct search_options *options, int64_t now_us)
{
    struct tuner_carrier home;
    struct si_cable frequencies[SI_SCAN_FREQUENCIES_MAX];
    size_t count = 0;
    struct search *search = calloc(1, sizeof(*search));
    if (!search)
        return NULL;
    search->options = *options;
    search->now_us = now_us;
    tuner_plan_locate(options->plan, options->home, &home);
    frequencies[count++] = cable_of(&home);
    for (size_t i = 0; i < options->plan->count && count < SI_SCAN_FREQUENCIES_MAX; i++)
        frequencies[count++] = cable_of(&options->plan->carriers[i]);
    const struct si_scan_options scan = {.frequencies = frequencies,
                                         .frequency_count = count,
                                         .follow_network = true,
                                         .charset = options->charset,
                                         .signal_timeout_us = SIGNAL_TIMEOUT_US,
                                         .tune = on_tune,
                                         .context = search};
    search->scan = si_scan_create(&scan, now_us);
    if (search->scan)
        return search;
    free(search);
    return NULL;
}

void search_destroy(struct search *search)
{
    if (!search)
        return;
    si_scan_destroy(search->scan);
    free(search);
}

void search_push(struct search *search, const uint8_t *data, size_t size, int64_t now_us)
{
    search->now_us = now_us;
    si_scan_push(search->scan, data, size, now_us);
}

bool search_tick(struct search *search, int64_t now_us)
{
    struct si_scan_progress progress;
    search->now_us = now_us;
    si_scan_progress(search->scan, &progress);
    /* What ended or cannot be opened now will not say more. */
    if (!progress.done && (search->stuck || source_fd(search->options.source) < 0))
        si_scan_skip(search->scan, now_us);
    else
        si_scan_tick(search->scan, now_us);
    si_scan_progress(search->scan, &progress);
    return !progress.done;
}

void search_tell(const struct search *search, struct search_state *state)
{
    struct si_scan_progress progress;
    const struct si_channels *found = si_scan_found(search->scan);
    si_scan_progress(search->scan, &progress);
    *state = (struct search_state){.phase = progress.done ? SEARCH_DONE : SEARCH_RUNNING,
                                   .frequencies = progress.frequencies,
                                   .finished = progress.finished,
                                   .with_signal = progress.with_signal,
                                   .channels = progress.channels,
                                   .frequency_hz = progress.now.frequency_hz};
    for (size_t i = found->count; i-- > 0 && state->name_count < SEARCH_NAMES_MAX;) {
        struct search_name *name = &state->names[state->name_count++];
        lineup_names(&found->channels[i], name->text);
        name->radio = lineup_is_radio(found->channels[i].type);
    }
}

const struct si_channels *search_found(const struct search *search)
{
    return si_scan_found(search->scan);
}
