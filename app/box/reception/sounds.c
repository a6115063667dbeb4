/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/sounds.h"

#include "base/text.h"

#include <string.h>

#define VISUAL_IMPAIRED_COMMENTARY 3 /* audio_type, ISO 13818-1, Table 2-60 */

enum sound_kind sounds_kind(const struct si_component *component)
{
    switch (component ? component->codec : SI_CODEC_UNKNOWN) {
    case SI_CODEC_AAC:
        return SOUND_AAC_ADTS;
    case SI_CODEC_AAC_LATM:
        return SOUND_AAC_LATM;
    case SI_CODEC_MPEG_AUDIO:
        return SOUND_MPEG;
    case SI_CODEC_AC3:
        return SOUND_AC3;
    case SI_CODEC_EAC3:
        return SOUND_EAC3;
    default:
        return SOUND_NONE;
    }
}

/* As the bibliographic code, which DVB uses. */
static const char *usual_code(const char *language)
{
    static const char *const pairs[][2] = {{"zho", "chi"}, {"bod", "tib"}, {"fra", "fre"}, {"deu", "ger"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (!strcmp(language, pairs[i][0]))
            return pairs[i][1];
    return language;
}

bool sounds_same_language(const char *a, const char *b)
{
    return !strcmp(usual_code(a), usual_code(b));
}

static bool describes(const struct si_component *component)
{
    return component->audio_type == VISUAL_IMPAIRED_COMMENTARY;
}

static int worth(const struct si_component *component, const struct sound_wish *wish)
{
    bool spoken =
        *wish->language &&
        (sounds_same_language(component->language, wish->language) ||
         (*component->second_language && sounds_same_language(component->second_language, wish->language)));
    return (spoken ? 4 : 0) + (describes(component) == wish->description ? 2 : 0) +
           (wish->pid && component->pid == wish->pid ? 1 : 0);
}

const struct si_component *sounds_choose(const struct si_service *service, const struct sound_wish *wish)
{
    static const struct sound_wish any = {.pid = 0};
    const struct si_component *best = NULL;
    int best_worth = -1;
    for (size_t i = 0; i < service->component_count; i++) {
        const struct si_component *component = &service->components[i];
        int found = sounds_kind(component) ? worth(component, wish ? wish : &any) : -1;
        if (found <= best_worth)
            continue;
        best = component;
        best_worth = found;
    }
    return best;
}

size_t sounds_list(const struct si_service *service, const struct sound_wish *wish,
                   struct service_sound sounds[SERVICE_SOUNDS_MAX])
{
    const struct si_component *chosen = sounds_choose(service, wish);
    size_t count = 0;
    for (size_t i = 0; i < service->component_count && count < SERVICE_SOUNDS_MAX; i++) {
        const struct si_component *component = &service->components[i];
        if (!sounds_kind(component))
            continue;
        struct service_sound *sound = &sounds[count++];
        *sound = (struct service_sound){.pid = component->pid,
                                        .description = describes(component),
                                        .kind = sounds_kind(component),
                                        .wanted = component == chosen};
        text_copy(sound->language, sizeof(sound->language), component->language);
    }
    return count;
}
