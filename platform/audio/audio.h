/* SPDX-License-Identifier: Apache-2.0 */
/* Sound out: 48 kHz stereo S16 in native byte order. A device is a descriptor: alsa, null (a clock that
 * consumes), memory (tests). One thread uses an output (the player's); nothing blocks. Volume and mute are
 * software gain, also where a card has a mixer. */
#ifndef KOKONOR_AUDIO_AUDIO_H
#define KOKONOR_AUDIO_AUDIO_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

#define AUDIO_RATE 48000
#define AUDIO_CHANNELS 2
#define AUDIO_VOLUME_MAX 100

/* The monotonic time in microseconds; NULL where a function takes one means clock_monotonic_us. */
typedef int64_t audio_clock_fn(void *context);

struct audio_options {
    int buffer_us;         /* how much sound waits in the device at most; 0: 200 ms */
    const char *device;    /* alsa's device name; NULL: "default" */
    audio_clock_fn *clock; /* NULL: clock_monotonic_us */
    void *clock_context;
};

/* What a back-end offers. frames are pairs of samples. write takes at most count frames and returns how many
 * it took (0: full), or -1 where the device is lost for good. delay_us: time until a frame written now is
 * heard (0: all was played). drop forgets what waits. open returns NULL and sets error. */
struct audio_backend {
    const char *name;
    void *(*open)(const struct audio_options *options, struct error *error);
    void (*close)(void *device);
    int (*write)(void *device, const int16_t *frames, int count);
    int64_t (*delay_us)(void *device);
    void (*drop)(void *device);
};

extern const struct audio_backend audio_backend_alsa;
/* Consumes in real time by the clock, so that pictures keep in step on a machine without a card. */
extern const struct audio_backend audio_backend_null;
/* Consumes like null and keeps the last AUDIO_MEMORY_FRAMES frames for audio_memory_read. */
extern const struct audio_backend audio_backend_memory;
#define AUDIO_MEMORY_FRAMES (10 * AUDIO_RATE)

struct audio;

/* name: "auto" (alsa, and null where no card opens), "alsa", "null", "memory". options may be NULL. Returns
 * NULL with error set where name is unknown or its device does not open; "auto" fails only without memory. */
struct audio *audio_open(const char *name, const struct audio_options *options, struct error *error);
/* Whether sound that is written to such an output would be heard: the device opens (and is given back at
 * once) and is not one that only lets time pass. False with the reason in why. "auto" is taken as "alsa". */
bool audio_heard(const char *name, const struct audio_options *options, struct error *why);
/* Gives the device back; what waits is not played. NULL does nothing. */
void audio_close(struct audio *audio);
/* The back-end in use: "alsa", "null", "memory". */
const char *audio_name(const struct audio *audio);
/* Writes count frames (2 * count samples) with the gain applied; returns how many were taken, 0..count,
 * without waiting. A device lost while playing (an unplugged card) is replaced by null and logged: the caller
 * sees no failure. */
int audio_write(struct audio *audio, const int16_t *frames, int count);
/* Microseconds until a frame written now is heard. */
int64_t audio_delay_us(struct audio *audio);
/* Forgets what waits in the device (zap, discontinuity). */
void audio_drop(struct audio *audio);
/* 0..AUDIO_VOLUME_MAX, other values are clamped; 100 leaves samples alone, 0 is silence, in between the gain
 * is (volume / 100) squared, which the ear takes for even steps. */
void audio_set_volume(struct audio *audio, int volume);
void audio_set_mute(struct audio *audio, bool mute);

/* memory only: copies the newest frames, at most count, oldest first, and returns how many; 0 with another
 * back-end. */
int audio_memory_read(const struct audio *audio, int16_t *frames, int count);

#endif
