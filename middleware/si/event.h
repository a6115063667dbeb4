/* SPDX-License-Identifier: Apache-2.0 */
/* One event of an EIT with all that its descriptors say, in every language (EN 300 468, 5.2.4): read from the
 * bytes on demand, so that a guide of many days costs its bytes only; and written. No state; any thread. */
#ifndef KOKONOR_SI_EVENT_H
#define KOKONOR_SI_EVENT_H

#include "base/buffer.h"
#include "base/reader.h"
#include "si/model.h"
#include "si/text.h"

#define SI_EXTENDED_SIZE 4096 /* bytes of UTF-8 of an extended text, with its NUL */
#define SI_CONTENTS_MAX 8
#define SI_RATINGS_MAX 8

/* An event where it lies in a section: the bytes are borrowed. */
struct si_event_view {
    uint16_t event_id;
    int64_t start_utc_s; /* -1: undefined */
    int32_t duration_s;  /* -1: undefined */
    uint8_t running_status;
    bool scrambled;
    struct bytes descriptors;
};

/* The next event of an EIT's loop; false at its end and where it is cut (then loop->failed). */
bool si_event_next(struct reader *loop, struct si_event_view *view);

/* short_event_descriptor (6.2.37) */
struct si_event_words {
    char language[SI_LANGUAGE_SIZE];
    char name[SI_NAME_SIZE];
    char text[SI_TEXT_SIZE];
};

/* Languages of the short events, in the order of the stream; returns how many of languages are filled. */
size_t si_event_languages(const struct si_event_view *view, char (*languages)[SI_LANGUAGE_SIZE],
                          size_t maximum);
/* Name and text in language (ISO 639-2, either code), else English where the language is not there and
 * fallback is true, else the first. False: no short event at all (words are then empty). */
bool si_event_words(const struct si_event_view *view, struct si_text *text, const char *language,
                    bool fallback, struct si_event_words *words);
/* The extended_event_descriptors (6.2.15) of one language put together, items as "description: item" lines
 * before the text; chosen as si_event_words does. Parsed here: libdvbpsi's decoder of 0x4E reads and writes
 * beyond the descriptor. Returns the length; 0: none. */
size_t si_event_extended(const struct si_event_view *view, struct si_text *text, const char *language,
                         char *out, size_t out_size);
/* What short events need of it, as the watcher keeps it. */
void si_event_fill(const struct si_event_view *view, struct si_text *text, const char *language,
                   struct si_event *event);

/* content_descriptor (6.2.9) */
struct si_content {
    uint8_t level_1, level_2, user; /* nibbles; user: the byte */
};
size_t si_event_contents(const struct si_event_view *view, struct si_content *contents, size_t maximum);

/* parental_rating_descriptor (6.2.28) */
struct si_rating {
    char country[SI_LANGUAGE_SIZE];
    uint8_t rating; /* 1 .. 15: age - 3 */
};
size_t si_event_ratings(const struct si_event_view *view, struct si_rating *ratings, size_t maximum);
/* The least age of a rating; 0 where it says none (0, and 16 and up, are undefined or the broadcaster's). */
int si_rating_age(const struct si_rating *rating);

/* component_descriptor (6.2.8) and multilingual_component_descriptor (6.2.23) */
struct si_event_component {
    uint8_t stream_content; /* with stream_content_ext above it where it is 0x9 or 0xB */
    uint8_t component_type;
    uint8_t component_tag;
    char language[SI_LANGUAGE_SIZE];
    char text[SI_TRANSLATION_SIZE];
    struct si_names names; /* of the multilingual one */
};
size_t si_event_components(const struct si_event_view *view, struct si_text *text,
                           struct si_event_component *components, size_t maximum);
size_t si_event_linkages(const struct si_event_view *view, struct si_linkage *linkages, size_t maximum);

/* What to write; all pointers are borrowed. */
struct si_event_source_words {
    const char *language; /* ISO 639-2 */
    const char *name;
    const char *text;     /* may be NULL */
    const char *extended; /* may be NULL */
};
struct si_event_source {
    uint16_t event_id;
    int64_t start_utc_s; /* -1: undefined */
    int32_t duration_s;  /* -1: undefined */
    uint8_t running_status;
    bool scrambled;
    size_t word_count; /* 0 .. SI_LANGUAGES_MAX + 1 */
    const struct si_event_source_words *words;
    size_t content_count;
    const struct si_content *contents;
    size_t rating_count;
    const struct si_rating *ratings;
    size_t component_count;
    const struct si_event_component *components;
    size_t linkage_count;
    const struct si_linkage *linkages;
};
/* Appends the event; text that does not fit its descriptor is cut, extended text goes over up to 16
 * descriptors. extended false: without those. buffer->failed where the loop has more than 4,095 bytes. */
void si_event_write(struct buffer *buffer, const struct si_event_source *source, bool extended);

#endif
