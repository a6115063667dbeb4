/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/lineup.h"

#include "base/text.h"
#include "reception/feed.h"

const char *lineup_language(enum content_language language)
{
    static const char *const codes[CONTENT_LANGUAGES] = {"chi", "tib", "eng"};
    return codes[language];
}

/* Without a guide: the words in the one language that the watcher keeps. */
static void fill_plain(struct reception_event *out, const struct si_event *event)
{
    *out = (struct reception_event){
        .exists = event->exists, .start_utc_s = event->start_utc_s, .duration_s = event->duration_s};
    for (int language = 0; language < CONTENT_LANGUAGES; language++)
        text_copy(out->name[language], sizeof(out->name[language]), event->name);
}

static void fill_event(struct reception_event *out, const struct si_guide *guide,
                       const struct si_guide_service *key, bool following, struct si_text *text)
{
    struct si_event_view view;
    *out = (struct reception_event){.exists = si_guide_present(guide, key, following, &view)};
    if (!out->exists)
        return;
    out->start_utc_s = view.start_utc_s;
    out->duration_s = view.duration_s;
    for (int language = 0; language < CONTENT_LANGUAGES; language++) {
        struct si_event_words words;
        if (si_event_words(&view, text, lineup_language(language), false, &words))
            text_copy(out->name[language], sizeof(out->name[language]), words.name);
    }
}

void lineup_fill(struct reception_service *out, const struct si_watcher *watcher, struct si_text *text,
                 const struct si_service *service)
{
    const struct si_guide *guide = si_watcher_guide(watcher);
    struct si_guide_service key;
    out->service_id = service->service_id;
    for (int language = 0; language < CONTENT_LANGUAGES; language++)
        text_copy(out->name[language], sizeof(out->name[language]),
                  si_service_name(service, lineup_language(language)));
    out->video = feed_video_kind(service);
    out->sound = feed_sound_kind(service);
    out->scrambled = service->scrambled;
    if (guide && si_watcher_guide_service(watcher, service->service_id, &key)) {
        fill_event(&out->present, guide, &key, false, text);
        fill_event(&out->following, guide, &key, true, text);
    } else {
        fill_plain(&out->present, &service->present);
        fill_plain(&out->following, &service->following);
    }
}
