/* SPDX-License-Identifier: Apache-2.0 */
/* Which of a service's sounds is heard: languages, and descriptions for those who do not see the picture. No
 * state; any thread. */
#ifndef KOKONOR_RECEPTION_SOUNDS_H
#define KOKONOR_RECEPTION_SOUNDS_H

#include "decoder/sound.h"
#include "si/watcher.h"

/* What the viewer would like to hear, of any service. */
struct sound_wish {
    char language[SI_LANGUAGE_SIZE]; /* ISO 639-2, either code where it has two; "": any */
    bool description;                /* audio description */
    uint16_t pid;                    /* of several that are as good; 0: the first */
};

/* One of a service's sounds, as the PMT says it. */
struct service_sound {
    uint16_t pid;
    char language[SI_LANGUAGE_SIZE]; /* "": not said */
    bool description;     /* audio_type 3 of the ISO_639_language_descriptor (ISO 13818-1, 2.6.19) */
    enum sound_kind kind; /* never SOUND_NONE */
    bool wanted;          /* this one is heard, as the wish is now */
};
#define SERVICE_SOUNDS_MAX 8

/* What the player makes of a component; SOUND_NONE: nothing. */
enum sound_kind sounds_kind(const struct si_component *component);
/* True also for the two codes of one language: "chi" and "zho", "tib" and "bod" (ISO 639-2/B and /T). */
bool sounds_same_language(const char *a, const char *b);
/* The sound to play: first by language, then by whether it describes the picture, then by PID; else the first
 * in the PMT. NULL: none that the player plays. wish may be NULL. */
const struct si_component *sounds_choose(const struct si_service *service, const struct sound_wish *wish);
/* All that the player plays, in the PMT's order. Returns how many, at most SERVICE_SOUNDS_MAX. */
size_t sounds_list(const struct si_service *service, const struct sound_wish *wish,
                   struct service_sound sounds[SERVICE_SOUNDS_MAX]);

#endif
