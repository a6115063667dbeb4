/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/programmes.h"

#include "reception/lineup.h"

#include <stdlib.h>
#include <string.h>

/* While words are gathered their place is an offset: the buffer may move. */
struct gathering {
    struct si_event_view views[PROGRAMMES_MAX];
    struct programme items[PROGRAMMES_MAX];
    size_t names[PROGRAMMES_MAX][CONTENT_LANGUAGES];
    size_t texts[PROGRAMMES_MAX][CONTENT_LANGUAGES];
    size_t count;
    struct buffer words; /* begins with the empty text */
    struct si_event_words event;
    char extended[SI_EXTENDED_SIZE];
};

/* Returns where the text lies; the empty one where there is no room. */
static size_t keep(struct buffer *words, const char *first, const char *second)
{
    size_t size = strlen(first) + strlen(second) + 2, at = words->size;
    if ((!*first && !*second) || size > words->maximum - words->size)
        return 0;
    buffer_append_string(words, first);
    if (*first && *second)
        buffer_append(words, "\n", 1);
    buffer_append_string(words, second);
    buffer_u8(words, 0);
    return words->failed ? 0 : at;
}

static int least_age(const struct si_event_view *view)
{
    struct si_rating ratings[SI_RATINGS_MAX];
    size_t count = si_event_ratings(view, ratings, SI_RATINGS_MAX);
    int least = 0;
    for (size_t i = 0; i < count; i++) {
        int age = si_rating_age(&ratings[i]);
        if (age && (!least || age < least))
            least = age;
    }
    return least;
}

static void gather(struct gathering *gathering, const struct si_event_view *view, struct si_text *text)
{
    size_t index = gathering->count++;
    gathering->items[index] = (struct programme){.event_id = view->event_id,
                                                 .start_utc_s = view->start_utc_s,
                                                 .duration_s = view->duration_s,
                                                 .age = least_age(view)};
    for (int language = 0; language < CONTENT_LANGUAGES; language++) {
        const char *code = lineup_language(language);
        if (!si_event_words(view, text, code, false, &gathering->event))
            continue;
        if (!si_event_extended(view, text, code, gathering->extended, sizeof(gathering->extended)))
            gathering->extended[0] = 0;
        gathering->names[index][language] = keep(&gathering->words, gathering->event.name, "");
        gathering->texts[index][language] =
            keep(&gathering->words, gathering->event.text, gathering->extended);
    }
}

static struct programmes *put_together(const struct gathering *gathering, const struct programmes_wish *wish)
{
    size_t head = sizeof(struct programmes) + gathering->count * sizeof(struct programme);
    struct programmes *programmes = malloc(head + gathering->words.size);
    if (!programmes)
        return NULL;
    char *words = (char *)programmes + head;
    memcpy(words, gathering->words.data, gathering->words.size);
    programmes->wish = *wish;
    programmes->count = gathering->count;
    for (size_t i = 0; i < gathering->count; i++) {
        programmes->items[i] = gathering->items[i];
        for (int language = 0; language < CONTENT_LANGUAGES; language++) {
            programmes->items[i].name[language] = words + gathering->names[i][language];
            programmes->items[i].text[language] = words + gathering->texts[i][language];
        }
    }
    return programmes;
}

struct programmes *programmes_create(const struct si_watcher *watcher, struct si_text *text,
                                     const struct programmes_wish *wish)
{
    const struct si_guide *guide = si_watcher_guide(watcher);
    struct si_guide_service service;
    struct programmes *programmes = NULL;
    struct gathering *gathering = calloc(1, sizeof(*gathering));
    if (!gathering)
        return NULL;
    buffer_init(&gathering->words, PROGRAMMES_WORDS_MAX);
    buffer_u8(&gathering->words, 0);
    if (guide && si_watcher_guide_service(watcher, wish->service_id, &service)) {
        size_t found = si_guide_schedule(guide, &service, wish->from_utc_s, wish->to_utc_s, gathering->views,
                                         PROGRAMMES_MAX);
        for (size_t i = 0; i < found; i++)
            if (gathering->views[i].start_utc_s >= 0 && gathering->views[i].duration_s >= 0)
                gather(gathering, &gathering->views[i], text);
    }
    if (!gathering->words.failed)
        programmes = put_together(gathering, wish);
    buffer_finish(&gathering->words);
    free(gathering);
    return programmes;
}

void programmes_destroy(struct programmes *programmes)
{
    free(programmes);
}
