/* SPDX-License-Identifier: Apache-2.0 */
/* The events of the channel's guide: a round of programmes that repeats for ever, or programmes with their
 * starts. Immutable once read. Any thread. */
#ifndef KOKONOR_PLAYOUT_GUIDE_H
#define KOKONOR_PLAYOUT_GUIDE_H

#include "content/json.h"
#include "content/text.h"
#include "si/event.h"

#define GUIDE_EVENTS_MAX 500
#define GUIDE_DAYS 8 /* of the schedule on air */

/* Texts in the order in which they go on air: the channel's own language first. */
struct guide_event {
    int minutes;         /* 1 .. 1440 */
    int64_t start_utc_s; /* of an event with a start */
    char titles[CONTENT_LANGUAGES][SI_NAME_SIZE], texts[CONTENT_LANGUAGES][SI_TEXT_SIZE];
};

struct guide {
    bool fixed; /* the events have starts, in order and without overlap; else they follow each other, round
                   and round from midnight in China of 1970-01-01 */
    enum content_language languages[CONTENT_LANGUAGES];
    size_t count;
    struct guide_event events[GUIDE_EVENTS_MAX]; /* about 1.4 MiB */
};

/* The channel's languages in order, main first. */
void guide_order_languages(enum content_language main, enum content_language languages[CONTENT_LANGUAGES]);
/* ISO 639-2: "chi", "tib", "eng" */
const char *guide_language_code(enum content_language language);

/* Reads the member "events" of root, if there is one. Mistakes go to reader; guide begins all zero but for
 * its languages. */
void guide_read(struct content_json *reader, const json_t *root, struct guide *guide);

/* An event at its time. */
struct guide_moment {
    const struct guide_event *event; /* NULL: none */
    uint16_t event_id;
    int64_t start_utc_s;
};

/* The events that run and follow at utc_s. Returns a number that is one or more higher whenever this changes.
 */
int64_t guide_at(const struct guide *guide, int64_t utc_s, struct guide_moment *present,
                 struct guide_moment *following);
/* The events that start in [from, to), in order, at most maximum. */
size_t guide_between(const struct guide *guide, int64_t from_utc_s, int64_t to_utc_s,
                     struct guide_moment *moments, size_t maximum);

/* The moment for a table; words is filled and must live as long as source. moment->event must not be NULL. */
void guide_source(const struct guide *guide, const struct guide_moment *moment, uint8_t running_status,
                  struct si_event_source_words words[CONTENT_LANGUAGES], struct si_event_source *source);

#endif
