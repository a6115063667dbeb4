/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/watching.h"

#include "base/text.h"
#include "reception/lineup.h"
#include "shell/keeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_VOLUME 80

struct watching {
    struct reception_key chosen, before;
    int volume;
    bool muted;
    bool has_sound; /* the viewer chose one */
    struct sound_wish sound;
    struct keeper *service_keeper, *volume_keeper, *sound_keeper; /* NULL: not kept */
};

/* ---- what is kept: "65281.1.101"; "80" or "80 muted"; "tib" or "tib description" ---- */

static void read_service(struct watching *watching, const char *text)
{
    unsigned network, stream, service;
    char end;
    if (sscanf(text, "%5u.%5u.%5u%c", &network, &stream, &service, &end) == 3 && network <= UINT16_MAX &&
        stream <= UINT16_MAX && service <= UINT16_MAX)
        watching->chosen = (struct reception_key){(uint16_t)network, (uint16_t)stream, (uint16_t)service};
}

static void read_volume(struct watching *watching, const char *text)
{
    int volume;
    char word[8] = "";
    if (sscanf(text, "%3d %7s", &volume, word) < 1 || volume < 0 || volume > AUDIO_VOLUME_MAX)
        return;
    watching->volume = volume;
    watching->muted = !strcmp(word, "muted");
}

static void read_sound(struct watching *watching, const char *text)
{
    char language[SI_LANGUAGE_SIZE], word[16] = "";
    if (sscanf(text, "%3s %15s", language, word) < 1 || strlen(language) != SI_LANGUAGE_SIZE - 1)
        return;
    watching->has_sound = true;
    watching->sound.description = !strcmp(word, "description");
    text_copy(watching->sound.language, sizeof(watching->sound.language), language);
}

static void read_settings(struct watching *watching, struct settings *settings)
{
    char text[64];
    if (settings_get(settings, "watched", "", text, sizeof(text)))
        read_service(watching, text);
    if (settings_get(settings, "volume", "", text, sizeof(text)))
        read_volume(watching, text);
    if (settings_get(settings, "sound", "", text, sizeof(text)))
        read_sound(watching, text);
}

/* ---- services ---- */

const struct reception_key *watching_chosen(const struct watching *watching)
{
    return &watching->chosen;
}

const struct reception_key *watching_before(const struct watching *watching)
{
    return &watching->before;
}

static bool is_same(const struct reception_key *a, const struct reception_key *b)
{
    return a->service_id == b->service_id && a->transport_stream_id == b->transport_stream_id &&
           a->original_network_id == b->original_network_id;
}

void watching_choose(struct watching *watching, const struct reception_key *from,
                     const struct reception_key *to)
{
    char text[32];
    if (from && !is_same(from, to))
        watching->before = *from;
    if (is_same(to, &watching->chosen))
        return;
    watching->chosen = *to;
    snprintf(text, sizeof(text), "%u.%u.%u", to->original_network_id, to->transport_stream_id,
             to->service_id);
    keeper_set(watching->service_keeper, text);
}

/* ---- sound ---- */

int watching_volume(const struct watching *watching)
{
    return watching->volume;
}

bool watching_muted(const struct watching *watching)
{
    return watching->muted;
}

void watching_set_volume(struct watching *watching, int volume, bool muted)
{
    char text[32];
    watching->volume = volume < 0 ? 0 : volume > AUDIO_VOLUME_MAX ? AUDIO_VOLUME_MAX : volume;
    watching->muted = muted;
    snprintf(text, sizeof(text), "%d%s", watching->volume, muted ? " muted" : "");
    keeper_set(watching->volume_keeper, text);
}

struct sound_wish watching_sound(const struct watching *watching, enum content_language language)
{
    struct sound_wish wish = watching->sound;
    if (!watching->has_sound || !*wish.language)
        text_copy(wish.language, sizeof(wish.language), lineup_language(language));
    return wish;
}

/* One that does not say its language says nothing of what is preferred elsewhere: its PID alone counts. */
void watching_choose_sound(struct watching *watching, const struct service_sound *sound)
{
    char text[32];
    watching->sound.description = sound->description;
    watching->sound.pid = sound->pid;
    if (!*sound->language)
        return;
    watching->has_sound = true;
    text_copy(watching->sound.language, sizeof(watching->sound.language), sound->language);
    snprintf(text, sizeof(text), "%s%s", sound->language, sound->description ? " description" : "");
    keeper_set(watching->sound_keeper, text);
}

/* ---- life ---- */

struct watching *watching_create(uv_loop_t *loop, struct settings *settings)
{
    struct watching *watching = calloc(1, sizeof(*watching));
    if (!watching)
        return NULL;
    watching->volume = START_VOLUME;
    if (!settings)
        return watching;
    read_settings(watching, settings);
    if (!loop)
        return watching;
    watching->service_keeper = keeper_create(loop, settings, "watched");
    watching->volume_keeper = keeper_create(loop, settings, "volume");
    watching->sound_keeper = keeper_create(loop, settings, "sound");
    return watching;
}

void watching_destroy(struct watching *watching)
{
    if (!watching)
        return;
    keeper_destroy(watching->service_keeper);
    keeper_destroy(watching->volume_keeper);
    keeper_destroy(watching->sound_keeper);
    free(watching);
}
