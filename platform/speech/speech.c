/* SPDX-License-Identifier: Apache-2.0 */
#include "speech/speech.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "speech/spell.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUFFER_US 200000
#define POLL_US 20000    /* how often a full output is asked again */
#define IDLE_US 10000000 /* then the output is given back */
#define CHUNK_FRAMES 1024
#define DIARY_MAX 4096

struct speech {
    const struct speech_engine *engine;
    struct speech_options options;
    char audio_name[16], audio_device[64];
    pthread_t thread;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    char text[SPEECH_TEXT_MAX]; /* this and the following: under the lock */
    enum speech_language language;
    unsigned wanted; /* counts texts and stops: what is being said is over when it changes */
    bool waiting;    /* text is to be said */
    bool speaking;
    bool ending;
    int volume;
    char diary[DIARY_MAX];

    /* the thread's own */
    void *voice;
    struct audio *audio;
    bool failed;     /* it was logged: nothing is tried again */
    bool quiet;      /* no output was to be had; logged once */
    unsigned saying; /* wanted, when this text was taken */
    int64_t phase;   /* place between the samples of the engine, in 1 / AUDIO_RATE of them */
    int16_t last;
    int16_t frames[CHUNK_FRAMES * AUDIO_CHANNELS];
    int count;
};

static const struct speech_engine *const engines[] = {&speech_engine_espeak, &speech_engine_memory,
                                                      &speech_engine_none};

static const struct speech_engine *find_engine(const char *name)
{
    if (!name || strcmp(name, "auto") == 0)
        return &speech_engine_espeak;
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
        if (strcmp(engines[i]->name, name) == 0)
            return engines[i];
    return NULL;
}

static struct audio_options audio_options(const struct speech_options *options)
{
    return (struct audio_options){.buffer_us = BUFFER_US,
                                  .device = options->audio_device,
                                  .clock = options->clock,
                                  .clock_context = options->clock_context};
}

static const char *audio_name_of(const struct speech_options *options)
{
    return options->audio ? options->audio : "auto";
}

bool speech_possible(const struct speech_options *options, struct error *why)
{
    const struct speech_engine *engine = find_engine(options->engine);
    const struct audio_options sound = audio_options(options);
    if (!engine)
        return error_set(why, "speech: \"%s\" is none of auto, espeak, memory, none", options->engine);
    return engine->possible(why) && audio_heard(audio_name_of(options), &sound, why);
}

/* ---- on the thread ---- */

static void note(struct speech *speech, const char *what, const char *text)
{
    size_t length = strlen(speech->diary), more = strlen(what) + 1 + strlen(text) + 1;
    while (length + more >= sizeof(speech->diary) && length > 0) {
        const char *line = strchr(speech->diary, '\n');
        size_t gone = line ? (size_t)(line - speech->diary) + 1 : length;
        memmove(speech->diary, speech->diary + gone, length - gone + 1);
        length -= gone;
    }
    snprintf(speech->diary + length, sizeof(speech->diary) - length, "%s %s\n", what, text);
}

/* Waits so long or until something is wanted; with the lock held. */
static void wait_for(struct speech *speech, int64_t us)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += us / 1000000;
    until.tv_nsec += us % 1000000 * 1000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&speech->changed, &speech->lock, &until);
}

/* Lets the output play for a moment; false where what is being said is over. */
static bool rest(struct speech *speech, int64_t us)
{
    pthread_mutex_lock(&speech->lock);
    if (us > 0 && speech->wanted == speech->saying)
        wait_for(speech, us);
    bool go_on = speech->wanted == speech->saying;
    int volume = speech->volume;
    pthread_mutex_unlock(&speech->lock);
    audio_set_volume(speech->audio, volume);
    return go_on;
}

static bool flush(struct speech *speech)
{
    int done = 0;
    while (done < speech->count) {
        int written =
            audio_write(speech->audio, speech->frames + AUDIO_CHANNELS * done, speech->count - done);
        done += written;
        if (!rest(speech, done < speech->count ? POLL_US : 0))
            return false;
    }
    speech->count = 0;
    return true;
}

/* The engine's rate becomes the output's along straight lines, which is enough for speech. */
static bool hear(void *context, const int16_t *samples, int count, int rate)
{
    struct speech *speech = context;
    for (int i = 0; i < count; i++) {
        for (; speech->phase < AUDIO_RATE; speech->phase += rate) {
            int value =
                speech->last + (int)((int64_t)(samples[i] - speech->last) * speech->phase / AUDIO_RATE);
            speech->frames[2 * speech->count] = speech->frames[2 * speech->count + 1] = (int16_t)value;
            if (++speech->count == CHUNK_FRAMES && !flush(speech))
                return false;
        }
        speech->phase -= AUDIO_RATE;
        speech->last = samples[i];
    }
    return true;
}

/* Until the last of it was heard. */
static bool drain(struct speech *speech)
{
    bool go_on = flush(speech);
    while (go_on) {
        int64_t delay = audio_delay_us(speech->audio);
        if (delay <= 0)
            break;
        go_on = rest(speech, delay < POLL_US ? delay : POLL_US);
    }
    return go_on;
}

static bool open_voice(struct speech *speech)
{
    struct error error = {""};
    if (!speech->voice && !speech->failed) {
        speech->voice = speech->engine->open(&error);
        speech->failed = !speech->voice;
        if (speech->failed)
            log_warning("nothing is read aloud: %s", error.text);
    }
    if (!speech->voice || speech->audio)
        return speech->voice != NULL;
    const struct audio_options sound = audio_options(&speech->options);
    const char *name = audio_name_of(&speech->options);
    speech->audio = audio_open(strcmp(name, "auto") == 0 ? "alsa" : name, &sound, &error);
    if (!speech->audio && !speech->quiet)
        log_warning("nothing is read aloud: %s", error.text);
    speech->quiet = !speech->audio;
    return speech->audio != NULL;
}

/* True where all of it was heard. */
static bool perform(struct speech *speech, enum speech_language language, const char *text)
{
    if (!open_voice(speech))
        return false;
    speech->phase = 0;
    speech->last = 0;
    speech->count = 0;
    bool done =
        rest(speech, 0) && speech->engine->say(speech->voice, language, text, hear, speech) && drain(speech);
    if (!done)
        audio_drop(speech->audio);
    return done;
}

/* With the lock held; releases it while it speaks. */
static void say_next(struct speech *speech)
{
    char text[SPEECH_TEXT_MAX];
    memcpy(text, speech->text, sizeof(text));
    enum speech_language language = speech->language;
    speech->saying = speech->wanted;
    speech->waiting = false;
    note(speech, "begin", text);
    pthread_mutex_unlock(&speech->lock);
    bool done = perform(speech, language, text);
    pthread_mutex_lock(&speech->lock);
    note(speech, done ? "end" : "cut", text);
    if (speech->wanted != speech->saying)
        return;
    speech->speaking = false;
    if (!speech->options.wake)
        return;
    pthread_mutex_unlock(&speech->lock);
    speech->options.wake(speech->options.wake_context);
    pthread_mutex_lock(&speech->lock);
}

static void *run(void *context)
{
    struct speech *speech = context;
    int64_t idle_at = 0;
    pthread_mutex_lock(&speech->lock);
    while (!speech->ending) {
        if (speech->waiting) {
            say_next(speech);
            idle_at = clock_monotonic_us() + IDLE_US;
        } else if (!speech->audio) {
            pthread_cond_wait(&speech->changed, &speech->lock);
        } else if (clock_monotonic_us() < idle_at) {
            wait_for(speech, idle_at - clock_monotonic_us());
        } else { /* another program may want it */
            pthread_mutex_unlock(&speech->lock);
            audio_close(speech->audio);
            speech->audio = NULL;
            pthread_mutex_lock(&speech->lock);
        }
    }
    pthread_mutex_unlock(&speech->lock);
    audio_close(speech->audio);
    if (speech->voice)
        speech->engine->close(speech->voice);
    return NULL;
}

/* ---- from outside ---- */

static bool start_thread(struct speech *speech)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&speech->lock, NULL);
    pthread_cond_init(&speech->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&speech->thread, NULL, run, speech) == 0)
        return true;
    pthread_cond_destroy(&speech->changed);
    pthread_mutex_destroy(&speech->lock);
    return false;
}

struct speech *speech_create(const struct speech_options *options, struct error *error)
{
    const struct speech_engine *engine = find_engine(options->engine);
    if (!engine) {
        error_set(error, "speech: \"%s\" is none of auto, espeak, memory, none", options->engine);
        return NULL;
    }
    struct speech *speech = calloc(1, sizeof(*speech));
    if (!speech) {
        error_set(error, "speech: out of memory");
        return NULL;
    }
    speech->engine = engine;
    speech->options = *options;
    speech->options.engine = engine->name;
    text_copy(speech->audio_name, sizeof(speech->audio_name), audio_name_of(options));
    speech->options.audio = speech->audio_name;
    if (options->audio_device) {
        text_copy(speech->audio_device, sizeof(speech->audio_device), options->audio_device);
        speech->options.audio_device = speech->audio_device;
    }
    speech->volume = AUDIO_VOLUME_MAX;
    if (start_thread(speech))
        return speech;
    error_set(error, "speech: no thread");
    free(speech);
    return NULL;
}

void speech_destroy(struct speech *speech)
{
    if (!speech)
        return;
    pthread_mutex_lock(&speech->lock);
    speech->ending = true;
    speech->waiting = speech->speaking = false;
    speech->wanted++;
    pthread_cond_broadcast(&speech->changed);
    pthread_mutex_unlock(&speech->lock);
    pthread_join(speech->thread, NULL);
    pthread_cond_destroy(&speech->changed);
    pthread_mutex_destroy(&speech->lock);
    free(speech);
}

void speech_say(struct speech *speech, enum speech_language language, const char *text)
{
    pthread_mutex_lock(&speech->lock);
    speech->language = language;
    speech->waiting = speech->speaking = speech_spell(language, text, speech->text, sizeof(speech->text));
    speech->wanted++;
    pthread_cond_broadcast(&speech->changed);
    pthread_mutex_unlock(&speech->lock);
}

void speech_stop(struct speech *speech)
{
    pthread_mutex_lock(&speech->lock);
    speech->waiting = speech->speaking = false;
    speech->wanted++;
    pthread_cond_broadcast(&speech->changed);
    pthread_mutex_unlock(&speech->lock);
}

bool speech_speaking(struct speech *speech)
{
    pthread_mutex_lock(&speech->lock);
    bool speaking = speech->speaking;
    pthread_mutex_unlock(&speech->lock);
    return speaking;
}

void speech_set_volume(struct speech *speech, int volume)
{
    pthread_mutex_lock(&speech->lock);
    speech->volume = volume;
    pthread_mutex_unlock(&speech->lock);
}

void speech_diary(struct speech *speech, char *out, size_t size)
{
    pthread_mutex_lock(&speech->lock);
    text_copy(out, size, speech->diary);
    pthread_mutex_unlock(&speech->lock);
}
