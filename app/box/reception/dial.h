/* SPDX-License-Identifier: Apache-2.0 */
/* Where in the network reception listens: at home first, then where the services lie that are asked for; and
 * the search that goes through all of it. Reception thread only, but for dial_create and dial_destroy. */
#ifndef KOKONOR_RECEPTION_DIAL_H
#define KOKONOR_RECEPTION_DIAL_H

#include "reception/feed.h"
#include "reception/numbers.h"
#include "reception/search.h"

struct dial;

struct dial_options {
    source_open_fn *open;    /* NULL: tuner_open */
    const char *url;         /* home; needed during the call only, as is the next */
    const char *list_path;   /* a frequency list (tuner/plan.h); NULL: none */
    struct numbers *numbers; /* the caller's, outlives it */
    enum si_charset charset;
};

/* Listens at home. NULL with error set: no memory, a URL or a list that says nothing. */
struct dial *dial_create(const struct dial_options *options, struct error *error);
void dial_destroy(struct dial *dial); /* NULL does nothing */
struct source *dial_source(struct dial *dial);

/* The stream that is received: as watcher says, or until it does as was tuned to. False: not known yet. */
bool dial_place(const struct dial *dial, const struct si_watcher *watcher, uint16_t *original_network_id,
                uint16_t *transport_stream_id);
/* Whether wish is of the stream that is received, or does not say of which. */
bool dial_has(const struct dial *dial, const struct si_watcher *watcher, const struct feed_wish *wish);
/* Tunes to where a new wish lies. True: another stream comes from now on. A wish is followed once: what the
 * network then does, or a stream that nobody knows, does not lead away. */
bool dial_follow(struct dial *dial, const struct si_watcher *watcher, const struct feed_wish *wish,
                 int64_t now_us);

/* Starts the search of this number (0: ends the one that runs, and listens again where it did before). True
 * where the one or the other happened. */
bool dial_search(struct dial *dial, unsigned run, int64_t now_us);
/* While a search runs bytes are its own. */
bool dial_is_searching(const struct dial *dial);
void dial_push(struct dial *dial, const uint8_t *data, size_t size, int64_t now_us);
/* True: the search has ended; numbers has what it found, and the former stream comes again. */
bool dial_tick(struct dial *dial, int64_t now_us);
/* When dial_tick has something to do; INT64_MAX: never. */
int64_t dial_due_us(const struct dial *dial);
void dial_tell(const struct dial *dial, struct search_state *state);

#endif
