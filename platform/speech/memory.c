/* SPDX-License-Identifier: Apache-2.0 */
/* Engines without a voice: a tone for tests, and nothing at all. */
#include "speech/speech.h"

#include <string.h>

#define RATE 16000
#define TENTH (RATE / 10)

static bool always(struct error *why)
{
    (void)why;
    return true;
}

static void *open_memory(struct error *error)
{
    static const char voice[] = "memory"; /* it needs no state */
    (void)error;
    return (void *)voice;
}

static void close_memory(void *voice)
{
    (void)voice;
}

static bool hum(void *voice, enum speech_language language, const char *text, speech_sound_fn *sound,
                void *context)
{
    int16_t tone[TENTH];
    (void)voice;
    for (int i = 0; i < TENTH; i++)
        tone[i] = (int16_t)(i / (language == SPEECH_MANDARIN ? 20 : 30) % 2 ? 8000 : -8000);
    for (size_t i = strlen(text); i > 0; i--)
        if (!sound(context, tone, TENTH, RATE))
            return true;
    return true;
}

const struct speech_engine speech_engine_memory = {"memory", always, open_memory, close_memory, hum};

static bool never(struct error *why)
{
    return error_set(why, "no voice is wanted");
}

static void *open_none(struct error *error)
{
    error_set(error, "no voice is wanted");
    return NULL;
}

static bool say_nothing(void *voice, enum speech_language language, const char *text, speech_sound_fn *sound,
                        void *context)
{
    (void)voice;
    (void)language;
    (void)text;
    (void)sound;
    (void)context;
    return false;
}

const struct speech_engine speech_engine_none = {"none", never, open_none, close_memory, say_nothing};
