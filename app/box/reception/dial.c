/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/dial.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define TICK_US 100000

struct dial {
    struct source *source;
    struct tuner_plan plan;
    struct numbers *numbers;
    char home[TUNER_URL_SIZE];
    char url[TUNER_URL_SIZE]; /* what is listened to while no search runs */
    struct search_options search_options;
    struct feed_wish wish; /* that was followed last */
    bool has_place;        /* the following were tuned to */
    uint16_t original_network_id, transport_stream_id;
    bool knows_home; /* the following are received at home */
    uint16_t home_network_id, home_stream_id;
    struct search *search; /* NULL: none runs */
    struct search_state told;
    int64_t ticked_us;
};

static bool open_parts(struct dial *dial, const struct dial_options *options, struct error *error)
{
    if (!text_copy(dial->home, sizeof(dial->home), options->url))
        return error_set(error, "the tuner's URL is longer than %d bytes", TUNER_URL_SIZE - 1);
    if (options->list_path && !tuner_plan_read(&dial->plan, options->list_path, error))
        return false;
    dial->source = source_create(options->open, &dial->plan);
    return dial->source || error_set(error, "reception: no memory");
}

struct dial *dial_create(const struct dial_options *options, struct error *error)
{
    if (!tuner_check(options->url, error))
        return NULL;
    struct dial *dial = calloc(1, sizeof(*dial));
    if (!dial) {
        error_set(error, "reception: no memory");
        return NULL;
    }
    dial->numbers = options->numbers;
    dial->search_options =
        (struct search_options){.plan = &dial->plan, .home = dial->home, .charset = options->charset};
    if (!open_parts(dial, options, error)) {
        dial_destroy(dial);
        return NULL;
    }
    dial->search_options.source = dial->source;
    text_copy(dial->url, sizeof(dial->url), dial->home);
    source_tune(dial->source, dial->url, clock_monotonic_us());
    return dial;
}

void dial_destroy(struct dial *dial)
{
    if (!dial)
        return;
    search_destroy(dial->search);
    source_destroy(dial->source);
    tuner_plan_finish(&dial->plan);
    free(dial);
}

struct source *dial_source(struct dial *dial)
{
    return dial->source;
}

/* ---- where ---- */

bool dial_place(const struct dial *dial, const struct si_watcher *watcher, uint16_t *original_network_id,
                uint16_t *transport_stream_id)
{
    *original_network_id = dial->original_network_id;
    *transport_stream_id = dial->transport_stream_id;
    uint16_t network, stream;
    if (!si_watcher_original_network_id(watcher, &network) || !si_watcher_stream_id(watcher, &stream))
        return dial->has_place;
    *original_network_id = network;
    *transport_stream_id = stream;
    return true;
}

static bool says_where(const struct feed_wish *wish)
{
    return wish->original_network_id || wish->transport_stream_id;
}

bool dial_has(const struct dial *dial, const struct si_watcher *watcher, const struct feed_wish *wish)
{
    uint16_t network, stream;
    return !says_where(wish) || (dial_place(dial, watcher, &network, &stream) &&
                                 network == wish->original_network_id && stream == wish->transport_stream_id);
}

static bool same_service(const struct feed_wish *a, const struct feed_wish *b)
{
    return a->service_id == b->service_id && a->original_network_id == b->original_network_id &&
           a->transport_stream_id == b->transport_stream_id;
}

/* So that it is found again where neither the network nor a list says where it lies. */
static void learn_home(struct dial *dial, const struct si_watcher *watcher)
{
    uint16_t network, stream;
    if (strcmp(dial->url, dial->home) != 0 || !si_watcher_original_network_id(watcher, &network) ||
        !si_watcher_stream_id(watcher, &stream))
        return;
    dial->knows_home = true;
    dial->home_network_id = network;
    dial->home_stream_id = stream;
}

static bool find_url(const struct dial *dial, const struct feed_wish *wish, char url[TUNER_URL_SIZE])
{
    if (dial->knows_home && wish->original_network_id == dial->home_network_id &&
        wish->transport_stream_id == dial->home_stream_id)
        return text_copy(url, TUNER_URL_SIZE, dial->home);
    const struct si_channel *channel =
        si_channels_find(numbers_channels(dial->numbers), wish->original_network_id,
                         wish->transport_stream_id, wish->service_id);
    return channel && search_url(&dial->search_options, &channel->cable, url);
}

bool dial_follow(struct dial *dial, const struct si_watcher *watcher, const struct feed_wish *wish,
                 int64_t now_us)
{
    char url[TUNER_URL_SIZE];
    if (wish->service_id == 0 || same_service(wish, &dial->wish) || dial->search)
        return false;
    dial->wish = *wish;
    learn_home(dial, watcher);
    if (dial_has(dial, watcher, wish))
        return false;
    if (!find_url(dial, wish, url)) {
        log_warning("service %u of stream %u: no tuner receives it", wish->service_id,
                    wish->transport_stream_id);
        return false;
    }
    if (!strcmp(url, dial->url))
        return false; /* it is here: the stream has not said yet which it is, or says another */
    dial->has_place = true;
    dial->original_network_id = wish->original_network_id;
    dial->transport_stream_id = wish->transport_stream_id;
    text_copy(dial->url, sizeof(dial->url), url);
    log_info("tuned to %s", dial->url);
    source_tune(dial->source, dial->url, now_us);
    return true;
}

/* ---- the search ---- */

static void end_search(struct dial *dial, int64_t now_us)
{
    search_destroy(dial->search);
    dial->search = NULL;
    source_tune(dial->source, dial->url, now_us);
}

bool dial_search(struct dial *dial, unsigned run, int64_t now_us)
{
    if (run == 0 && dial->search) {
        log_info("the search for channels was ended");
        dial->told.phase = SEARCH_NONE;
        end_search(dial, now_us);
        return true;
    }
    if (run == 0 || run == dial->told.run)
        return false;
    search_destroy(dial->search);
    dial->search = search_create(&dial->search_options, now_us);
    dial->told = (struct search_state){.phase = SEARCH_DONE, .run = run};
    dial->ticked_us = now_us;
    if (dial->search)
        log_info("the search for channels begins");
    else
        log_error("channels are not searched for: no memory");
    return true;
}

bool dial_is_searching(const struct dial *dial)
{
    return dial->search != NULL;
}

void dial_push(struct dial *dial, const uint8_t *data, size_t size, int64_t now_us)
{
    search_push(dial->search, data, size, now_us);
}

int64_t dial_due_us(const struct dial *dial)
{
    return dial->search ? dial->ticked_us + TICK_US : INT64_MAX;
}

bool dial_tick(struct dial *dial, int64_t now_us)
{
    if (!dial->search || now_us < dial_due_us(dial))
        return false;
    dial->ticked_us = now_us;
    if (search_tick(dial->search, now_us))
        return false;
    unsigned run = dial->told.run;
    search_tell(dial->search, &dial->told);
    dial->told.run = run;
    numbers_merge(dial->numbers, search_found(dial->search));
    log_info("%zu channels were found on %zu of %zu frequencies", dial->told.channels, dial->told.with_signal,
             dial->told.frequencies);
    end_search(dial, now_us);
    return true;
}

void dial_tell(const struct dial *dial, struct search_state *state)
{
    if (dial->search)
        search_tell(dial->search, state);
    else
        *state = dial->told;
    state->run = dial->told.run;
}
