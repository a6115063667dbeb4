/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/spoken.h"

#include "base/log.h"
#include "shell/keeper.h"

#include <stdlib.h>
#include <string.h>

struct spoken {
    struct spoken_options options;
    struct keeper *keeper; /* NULL: not kept */
    struct aloud *aloud;   /* NULL: off */
    int volume;            /* of the programme, as the viewer wants it */
    bool muted;
    bool speaking;
};

static void set_programme(const struct spoken *spoken)
{
    if (spoken->options.player)
        player_set_volume(spoken->options.player,
                          spoken->speaking ? spoken->volume * SPOKEN_DUCKED / 100 : spoken->volume);
}

static void on_speaking(void *context, bool speaking)
{
    struct spoken *spoken = context;
    spoken->speaking = speaking;
    set_programme(spoken);
}

static void start(struct spoken *spoken)
{
    struct error error = {""};
    spoken->aloud = aloud_create(&(struct aloud_options){.loop = spoken->options.loop,
                                                         .ui = spoken->options.ui,
                                                         .speech = spoken->options.speech,
                                                         .speaking = on_speaking,
                                                         .context = spoken},
                                 &error);
    if (!spoken->aloud)
        log_warning("%s", error.text);
    aloud_set_volume(spoken->aloud, spoken->volume);
    aloud_set_mute(spoken->aloud, spoken->muted);
}

static void stop(struct spoken *spoken)
{
    aloud_destroy(spoken->aloud);
    spoken->aloud = NULL;
    if (spoken->speaking)
        on_speaking(spoken, false);
}

struct spoken *spoken_create(const struct spoken_options *options)
{
    char value[8];
    struct spoken *spoken = calloc(1, sizeof(*spoken));
    if (!spoken)
        return NULL;
    spoken->options = *options;
    spoken->volume = AUDIO_VOLUME_MAX;
    if (!options->settings)
        return spoken;
    spoken->keeper = keeper_create(options->loop, options->settings, SPOKEN_SETTING);
    if (settings_get(options->settings, SPOKEN_SETTING, "off", value, sizeof(value)) &&
        strcmp(value, "on") == 0)
        start(spoken);
    return spoken;
}

void spoken_destroy(struct spoken *spoken)
{
    if (!spoken)
        return;
    aloud_destroy(spoken->aloud);
    keeper_destroy(spoken->keeper);
    free(spoken);
}

bool spoken_is_on(const struct spoken *spoken)
{
    return spoken && spoken->aloud;
}

void spoken_switch(struct spoken *spoken, bool on)
{
    if (!spoken || on == spoken_is_on(spoken))
        return;
    if (on)
        start(spoken);
    else
        stop(spoken);
    keeper_set(spoken->keeper, on ? "on" : "off");
}

void spoken_key(struct spoken *spoken, struct key_event event)
{
    if (spoken)
        aloud_key(spoken->aloud, event);
}

void spoken_set_sound(struct spoken *spoken, int volume, bool muted)
{
    if (!spoken)
        return;
    spoken->volume = volume;
    spoken->muted = muted;
    aloud_set_volume(spoken->aloud, volume);
    aloud_set_mute(spoken->aloud, muted);
    if (spoken->speaking)
        set_programme(spoken);
}

struct aloud *spoken_aloud(const struct spoken *spoken)
{
    return spoken ? spoken->aloud : NULL;
}
