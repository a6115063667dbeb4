/* SPDX-License-Identifier: Apache-2.0 */
/* Devices without a card: they consume sound in real time by the clock; memory also remembers it. */
#include "audio/memory.h"
#include "audio/audio.h"
#include <stdlib.h>
#include <string.h>

struct timed {
    struct audio_options options;
    int64_t empty_at_us;  /* when what was written will have been played */
    int64_t fraction;     /* frames * 1000000 not yet counted in empty_at_us, below AUDIO_RATE */
    int16_t *kept;        /* NULL: null */
    uint64_t kept_frames; /* ever written */
};

static struct timed *open_timed(const struct audio_options *options, bool keep, struct error *error)
{
    struct timed *timed = calloc(1, sizeof *timed);
    if (timed != NULL && keep)
        timed->kept = calloc((size_t)AUDIO_MEMORY_FRAMES * AUDIO_CHANNELS, sizeof *timed->kept);
    if (timed == NULL || (keep && timed->kept == NULL)) {
        free(timed);
        error_set(error, "audio: out of memory");
        return NULL;
    }
    timed->options = *options;
    return timed;
}

static void *open_null(const struct audio_options *options, struct error *error)
{
    return open_timed(options, false, error);
}

static void *open_memory(const struct audio_options *options, struct error *error)
{
    return open_timed(options, true, error);
}

static void close_timed(void *device)
{
    struct timed *timed = device;
    free(timed->kept);
    free(timed);
}

static int64_t delay_timed(void *device)
{
    const struct timed *timed = device;
    int64_t left = timed->empty_at_us - timed->options.clock(timed->options.clock_context);
    return left > 0 ? left : 0;
}

static void keep_frames(struct timed *timed, const int16_t *frames, int count)
{
    for (int i = 0; i < count; i++) {
        size_t slot = (size_t)(timed->kept_frames++ % AUDIO_MEMORY_FRAMES) * AUDIO_CHANNELS;
        timed->kept[slot] = frames[2 * i];
        timed->kept[slot + 1] = frames[2 * i + 1];
    }
}

static int write_timed(void *device, const int16_t *frames, int count)
{
    struct timed *timed = device;
    int64_t now = timed->options.clock(timed->options.clock_context);
    if (timed->empty_at_us < now) {
        timed->empty_at_us = now;
        timed->fraction = 0;
    }
    int64_t room_us = timed->options.buffer_us - (timed->empty_at_us - now);
    int64_t room = room_us > 0 ? room_us * AUDIO_RATE / 1000000 : 0;
    int taken = count < room ? count : (int)room;
    int64_t scaled = (int64_t)taken * 1000000 + timed->fraction;
    timed->empty_at_us += scaled / AUDIO_RATE;
    timed->fraction = scaled % AUDIO_RATE;
    if (timed->kept != NULL)
        keep_frames(timed, frames, taken);
    return taken;
}

static void drop_timed(void *device)
{
    struct timed *timed = device;
    timed->empty_at_us = 0;
    timed->fraction = 0;
}

int memory_read(const void *device, int16_t *frames, int count)
{
    const struct timed *timed = device;
    uint64_t there = timed->kept_frames < AUDIO_MEMORY_FRAMES ? timed->kept_frames : AUDIO_MEMORY_FRAMES;
    int wanted = (uint64_t)count < there ? count : (int)there;
    for (int i = 0; i < wanted; i++) {
        uint64_t number = timed->kept_frames - (uint64_t)(wanted - i);
        memcpy(frames + 2 * i, timed->kept + number % AUDIO_MEMORY_FRAMES * AUDIO_CHANNELS,
               2 * sizeof *frames);
    }
    return wanted;
}

const struct audio_backend audio_backend_null = {"null",      open_null,   close_timed,
                                                 write_timed, delay_timed, drop_timed};
const struct audio_backend audio_backend_memory = {"memory",    open_memory, close_timed,
                                                   write_timed, delay_timed, drop_timed};
