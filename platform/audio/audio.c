/* SPDX-License-Identifier: Apache-2.0 */
#include "audio/audio.h"
#include "audio/memory.h"
#include "base/clock.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define CHUNK_FRAMES 1024

struct audio {
    const struct audio_backend *backend;
    void *device;
    struct audio_options options;
    char device_name[64];
    int volume;
    bool mute;
    int gain;  /* what volume and mute ask for, 0..65536 */
    int heard; /* the gain of the last frame written; follows gain without a click */
};

static const struct audio_backend *const backends[] = {&audio_backend_alsa, &audio_backend_null,
                                                       &audio_backend_memory};

static int64_t monotonic(void *context)
{
    (void)context;
    return clock_monotonic_us();
}

static bool open_backend(struct audio *audio, const struct audio_backend *backend, struct error *error)
{
    audio->backend = backend;
    audio->device = backend->open(&audio->options, error);
    return audio->device != NULL;
}

static bool open_auto(struct audio *audio, struct error *error)
{
    struct error reason = {""};
    if (open_backend(audio, &audio_backend_alsa, &reason))
        return true;
    log_info("no sound card (%s): sound is timed but not heard", reason.text);
    return open_backend(audio, &audio_backend_null, error);
}

static bool open_named(struct audio *audio, const char *name, struct error *error)
{
    if (strcmp(name, "auto") == 0)
        return open_auto(audio, error);
    for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++)
        if (strcmp(name, backends[i]->name) == 0)
            return open_backend(audio, backends[i], error);
    return error_set(error, "audio: \"%s\" is none of auto, alsa, null, memory", name);
}

struct audio *audio_open(const char *name, const struct audio_options *options, struct error *error)
{
    struct audio *audio = calloc(1, sizeof *audio);
    if (audio == NULL) {
        error_set(error, "audio: out of memory");
        return NULL;
    }
    if (options != NULL)
        audio->options = *options;
    if (audio->options.device != NULL) {
        strncpy(audio->device_name, audio->options.device, sizeof audio->device_name - 1);
        audio->options.device = audio->device_name;
    }
    if (audio->options.buffer_us <= 0)
        audio->options.buffer_us = 200000;
    if (audio->options.clock == NULL)
        audio->options.clock = monotonic;
    audio->volume = AUDIO_VOLUME_MAX;
    audio->gain = audio->heard = 65536;
    if (!open_named(audio, name, error)) {
        free(audio);
        return NULL;
    }
    log_info("sound out: %s", audio->backend->name);
    return audio;
}

bool audio_heard(const char *name, const struct audio_options *options, struct error *why)
{
    if (strcmp(name, "null") == 0)
        return error_set(why, "sound is timed but not heard");
    struct audio *audio = audio_open(strcmp(name, "auto") == 0 ? "alsa" : name, options, why);
    audio_close(audio);
    return audio != NULL;
}

void audio_close(struct audio *audio)
{
    if (audio == NULL)
        return;
    if (audio->device != NULL)
        audio->backend->close(audio->device);
    free(audio);
}

const char *audio_name(const struct audio *audio)
{
    return audio->backend->name;
}

/* The card has gone: from now on time passes as if it played. */
static void replace_device(struct audio *audio)
{
    log_warning("%s was lost while playing: sound is timed but not heard until the next start",
                audio->backend->name);
    audio->backend->close(audio->device);
    struct error error = {""};
    if (!open_backend(audio, &audio_backend_null, &error))
        log_error("audio: %s", error.text);
}

static int write_some(struct audio *audio, const int16_t *frames, int count)
{
    if (audio->device == NULL)
        return count; /* nothing left to play on: swallow it */
    int written = audio->backend->write(audio->device, frames, count);
    if (written >= 0)
        return written;
    replace_device(audio);
    return audio->device == NULL ? count : audio->backend->write(audio->device, frames, count);
}

#define GAIN_STEP 128 /* a frame: about 10 ms from full to silence, so that it does not click */

/* The gain after count frames on the way from heard to gain. */
static int follow(int heard, int gain, int count)
{
    int64_t reach = (int64_t)GAIN_STEP * count;
    if (gain > heard)
        return gain - heard < reach ? gain : heard + (int)reach;
    return heard - gain < reach ? gain : heard - (int)reach;
}

static void apply_gain(int heard, int gain, const int16_t *from, int16_t *to, int count)
{
    for (int i = 0; i < count; i++) {
        heard = follow(heard, gain, 1);
        to[2 * i] = (int16_t)((int64_t)from[2 * i] * heard / 65536);
        to[2 * i + 1] = (int16_t)((int64_t)from[2 * i + 1] * heard / 65536);
    }
}

int audio_write(struct audio *audio, const int16_t *frames, int count)
{
    if (audio->gain == 65536 && audio->heard == 65536)
        return write_some(audio, frames, count);
    int16_t chunk[CHUNK_FRAMES * AUDIO_CHANNELS];
    int done = 0;
    while (done < count) {
        int size = count - done < CHUNK_FRAMES ? count - done : CHUNK_FRAMES;
        apply_gain(audio->heard, audio->gain, frames + 2 * done, chunk, size);
        int written = write_some(audio, chunk, size);
        audio->heard = follow(audio->heard, audio->gain, written);
        done += written;
        if (written < size)
            break;
    }
    return done;
}

int64_t audio_delay_us(struct audio *audio)
{
    return audio->device == NULL ? 0 : audio->backend->delay_us(audio->device);
}

void audio_drop(struct audio *audio)
{
    if (audio->device != NULL)
        audio->backend->drop(audio->device);
}

static void set_gain(struct audio *audio)
{
    audio->gain =
        audio->mute ? 0 : audio->volume * audio->volume * 65536 / (AUDIO_VOLUME_MAX * AUDIO_VOLUME_MAX);
}

void audio_set_volume(struct audio *audio, int volume)
{
    audio->volume = volume < 0 ? 0 : volume > AUDIO_VOLUME_MAX ? AUDIO_VOLUME_MAX : volume;
    set_gain(audio);
}

void audio_set_mute(struct audio *audio, bool mute)
{
    audio->mute = mute;
    set_gain(audio);
}

int audio_memory_read(const struct audio *audio, int16_t *frames, int count)
{
    if (audio->backend != &audio_backend_memory || audio->device == NULL)
        return 0;
    return memory_read(audio->device, frames, count);
}
