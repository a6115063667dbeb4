/* SPDX-License-Identifier: Apache-2.0 */
/* The search for the network's channels: from where reception listens at first through the NIT, and over the
 * frequency list where there is one. It borrows reception's source while it lasts. Reception thread only. */
#ifndef KOKONOR_RECEPTION_SEARCH_H
#define KOKONOR_RECEPTION_SEARCH_H

#include "content/text.h"
#include "reception/source.h"
#include "si/scan.h"

#define SEARCH_NAMES_MAX 12

struct search;

enum search_phase { SEARCH_NONE, SEARCH_RUNNING, SEARCH_DONE };

/* As the viewer is told. */
struct search_state {
    enum search_phase phase;
    unsigned run; /* which search this is: as reception_search said */
    size_t frequencies, finished, with_signal, channels;
    uint32_t frequency_hz; /* now; 0: not known */
    size_t name_count;
    struct search_name {
        char text[CONTENT_LANGUAGES][SI_NAME_SIZE];
        bool radio;
    } names[SEARCH_NAMES_MAX]; /* the newest that were found, newest first */
};

struct search_options {
    struct source *source; /* the caller's, tuned by the search from now on */
    const struct tuner_plan *plan;
    const char *home; /* URL */
    enum si_charset charset;
};

/* Tunes to the first frequency. options and what it names must outlive the search. NULL only without memory.
 */
struct search *search_create(const struct search_options *options, int64_t now_us);
void search_destroy(struct search *search); /* NULL does nothing; the source stays where it is */
void search_push(struct search *search, const uint8_t *data, size_t size, int64_t now_us);
/* Call it often (say, ten times a second). False: it has come to its end. */
bool search_tick(struct search *search, int64_t now_us);
/* All but run. */
void search_tell(const struct search *search, struct search_state *state);
const struct si_channels *search_found(const struct search *search);

/* By which URL a frequency is received (0: home's); false: by none. */
bool search_url(const struct search_options *options, const struct si_cable *cable, char url[TUNER_URL_SIZE]);

#endif
