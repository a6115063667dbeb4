/* SPDX-License-Identifier: Apache-2.0 */
/* A voice that reads short texts aloud, on a thread and a sound output of its own. An engine is a descriptor:
 * espeak (libespeak-ng, opened when it is needed), memory (tests), none. Only who made a voice calls it; one
 * at a time in a process, for espeak-ng keeps its state there. */
#ifndef KOKONOR_SPEECH_SPEECH_H
#define KOKONOR_SPEECH_SPEECH_H

#include "audio/audio.h"
#include "base/error.h"
#include <stdbool.h>

/* espeak-ng has no Tibetan. */
enum speech_language { SPEECH_MANDARIN, SPEECH_ENGLISH };

/* A text is cut at so many bytes, NUL included: three minutes of Mandarin. */
#define SPEECH_TEXT_MAX 2048

struct speech_options {
    const char *engine;       /* "auto" (espeak), "espeak", "memory", "none"; NULL: "auto" */
    const char *audio;        /* audio_open's name; NULL: "auto" */
    const char *audio_device; /* alsa's device; NULL: "default" */
    /* It has fallen silent by itself. Called on the voice's thread; it must not wait and must not call the
     * voice (uv_async_send). NULL: nobody is told. */
    void (*wake)(void *context);
    void *wake_context;
    audio_clock_fn *clock; /* tests: of the sound output; NULL: the monotonic one */
    void *clock_context;
};

/* Takes mono samples; false: enough, the text is not wanted any more. */
typedef bool speech_sound_fn(void *context, const int16_t *samples, int count, int rate);

/* What an engine offers. possible: whether open would find all it needs, without keeping anything. open,
 * say and close are called on the voice's thread. say turns text, as speech_spell leaves it, into sound and
 * returns when all is given away or sound has returned false; false: it could not. */
struct speech_engine {
    const char *name;
    bool (*possible)(struct error *why);
    void *(*open)(struct error *error);
    void (*close)(void *voice);
    bool (*say)(void *voice, enum speech_language language, const char *text, speech_sound_fn *sound,
                void *context);
};

extern const struct speech_engine speech_engine_espeak;
/* Gives a tenth of a second of a tone for each byte of text. */
extern const struct speech_engine speech_engine_memory;
extern const struct speech_engine speech_engine_none;

/* Whether a voice would be heard on this machine: the engine has all it needs, and the sound output opens
 * (audio_heard). Keeps nothing open. False with the reason in why. */
bool speech_possible(const struct speech_options *options, struct error *why);

struct speech;

/* Starts the thread; the engine and the sound output are opened with the first text, the output is given back
 * when nothing has been said for a while. options is copied, its strings too. NULL with error set where there
 * is no such engine, memory or thread. */
struct speech *speech_create(const struct speech_options *options, struct error *error);
/* Falls silent at once and gives everything back. NULL does nothing. */
void speech_destroy(struct speech *speech);

/* Says text (see speech_spell) instead of what it is saying now: nothing is queued. A text without anything
 * to say only makes it silent. An engine or an output that does not open is logged once; then it stays
 * silent. */
void speech_say(struct speech *speech, enum speech_language language, const char *text);
/* Silent at once. */
void speech_stop(struct speech *speech);
/* From speech_say until the last sample was heard, or it was stopped. */
bool speech_speaking(struct speech *speech);
void speech_set_volume(struct speech *speech, int volume); /* 0..AUDIO_VOLUME_MAX, at first that */

/* What became of the texts so far, a line each, oldest first: "begin TEXT", then "end TEXT" where all of it
 * was heard, else "cut TEXT". At most the last 4 KiB; for tests. */
void speech_diary(struct speech *speech, char *out, size_t size);

#endif
