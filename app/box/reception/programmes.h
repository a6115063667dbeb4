/* SPDX-License-Identifier: Apache-2.0 */
/* One service's programmes of one span of time, in the screens' languages: copied out of the guide by the
 * reception thread, then immutable, so that main can keep them as long as it shows them. */
#ifndef KOKONOR_RECEPTION_PROGRAMMES_H
#define KOKONOR_RECEPTION_PROGRAMMES_H

#include "content/text.h"
#include "si/watcher.h"

/* Of one answer: a day has about forty; a broadcast that sends more loses the last ones. */
#define PROGRAMMES_MAX 200
/* Words of one answer, in bytes; beyond them programmes keep their times and lose their texts. */
#define PROGRAMMES_WORDS_MAX ((size_t)512 * 1024)

/* What is asked for; service_id 0: nothing. Programmes that overlap [from_utc_s, to_utc_s). */
struct programmes_wish {
    uint16_t service_id;
    int64_t from_utc_s, to_utc_s;
};

struct programme {
    uint16_t event_id;
    int64_t start_utc_s; /* never undefined */
    int32_t duration_s;  /* never undefined */
    int age;             /* the least, of the parental ratings; 0: none */
    /* Name and text ("" where there is none), NUL-terminated UTF-8 in the same block. */
    const char *name[CONTENT_LANGUAGES];
    const char *text[CONTENT_LANGUAGES];
};

struct programmes {
    struct programmes_wish wish;
    size_t count;
    struct programme items[]; /* by start; the words lie behind them */
};

/* What the watcher's guide knows; count 0 where it knows nothing (yet). The caller's, freed with
 * programmes_destroy. NULL only without memory. */
struct programmes *programmes_create(const struct si_watcher *watcher, struct si_text *text,
                                     const struct programmes_wish *wish);
void programmes_destroy(struct programmes *programmes); /* NULL does nothing */

#endif
