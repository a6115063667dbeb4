/* SPDX-License-Identifier: Apache-2.0 */
#include "player/voice.h"
#include "base/log.h"
#include "player/timeline.h"
#include <stdlib.h>
#include <string.h>

#define RATE AUDIO_RATE
#define FIFO_FRAMES (2 * RATE)
#define ENOUGH_FRAMES (RATE * 3 / 10)  /* decoded ahead */
#define START_FRAMES (RATE / 20)       /* decoded before sound starts */
#define JITTER_FRAMES (RATE * 3 / 100) /* times this near each other are the same: senders round */
#define LEAD_US 150000 /* silence written before the first sound, so that it starts to the sample */
#define DEVICE_US 200000
#define REFILL_US 100000
#define RESYNC_US 300000 /* farther from the sender's clock than speed can mend */
#define SPEED_PPM_MAX 1000
#define SPEED_DEADBAND_US 5000
#define SPEED_US_PER_PPM 50

/* Positions on the line in samples of 48 kHz. */
struct voice {
    struct audio *device;
    struct sound_decoder *decoder;
    int16_t *fifo;
    int first, count;
    int64_t end; /* position behind the newest sample in the fifo */
    bool placed; /* end means something */
    bool playing;
    int64_t base_us;
    uint64_t underruns;
};

static int64_t position(int64_t line)
{
    return line * 8 / 15;
}

static int64_t position_us(int64_t samples)
{
    return samples * 125 / 6;
}

struct voice *voice_create(const char *name, const struct audio_options *options, struct error *error)
{
    struct voice *voice = calloc(1, sizeof *voice);
    if (voice != NULL)
        voice->fifo = malloc((size_t)FIFO_FRAMES * AUDIO_CHANNELS * sizeof *voice->fifo);
    if (voice == NULL || voice->fifo == NULL) {
        error_set(error, "sound: out of memory");
        free(voice);
        return NULL;
    }
    struct audio_options own = *options;
    own.buffer_us = DEVICE_US;
    voice->device = audio_open(name, &own, error);
    if (voice->device == NULL) {
        voice_destroy(voice);
        return NULL;
    }
    return voice;
}

void voice_destroy(struct voice *voice)
{
    if (voice == NULL)
        return;
    sound_decoder_close(voice->decoder);
    audio_close(voice->device);
    free(voice->fifo);
    free(voice);
}

const char *voice_device(const struct voice *voice)
{
    return audio_name(voice->device);
}

static void silence(struct voice *voice)
{
    audio_drop(voice->device);
    voice->first = voice->count = 0;
    voice->placed = false;
    voice->playing = false;
}

bool voice_begin(struct voice *voice, enum sound_kind kind, struct error *error)
{
    silence(voice);
    voice->underruns = 0;
    sound_decoder_close(voice->decoder);
    voice->decoder = NULL;
    if (kind == SOUND_NONE)
        return true;
    voice->decoder = sound_decoder_open(kind, error);
    return voice->decoder != NULL;
}

void voice_flush(struct voice *voice)
{
    silence(voice);
    if (voice->decoder != NULL)
        sound_decoder_flush(voice->decoder);
}

bool voice_hungry(const struct voice *voice)
{
    return voice->decoder != NULL && voice->count < ENOUGH_FRAMES;
}

/* Appends count frames, silence where samples is NULL; what does not fit is lost. */
static void append(struct voice *voice, const int16_t *samples, int64_t count)
{
    int64_t room = FIFO_FRAMES - voice->count;
    count = count < room ? count : room;
    voice->end += count;
    while (count > 0) {
        int at = (voice->first + voice->count) % FIFO_FRAMES;
        int piece = count < FIFO_FRAMES - at ? (int)count : FIFO_FRAMES - at;
        int16_t *to = voice->fifo + (size_t)at * AUDIO_CHANNELS;
        size_t bytes = (size_t)piece * AUDIO_CHANNELS * sizeof *to;
        if (samples != NULL) {
            memcpy(to, samples, bytes);
            samples += (size_t)piece * AUDIO_CHANNELS;
        } else {
            memset(to, 0, bytes);
        }
        voice->count += piece;
        count -= piece;
    }
}

/* Joins a decoded piece to the line: a gap is filled with silence, an overlap cut. A small difference only
 * corrects where we are, which is also how a changed speed becomes visible. */
static void on_sound(void *context, const int16_t *samples, int count, int64_t time)
{
    struct voice *voice = context;
    int64_t start = time == TIMELINE_NONE ? voice->end : position(time);
    if (time == TIMELINE_NONE && !voice->placed)
        return;
    int64_t gap = voice->placed ? start - voice->end : 0;
    if (!voice->placed || gap > RATE || gap < -RATE) {
        if (voice->placed)
            silence(voice);
        voice->placed = true;
        voice->end = start;
    } else if (gap > JITTER_FRAMES) {
        append(voice, NULL, gap);
    } else if (gap < -JITTER_FRAMES) {
        int64_t cut = -gap < count ? -gap : count;
        samples += cut * AUDIO_CHANNELS;
        count -= (int)cut;
    } else {
        voice->end = start;
    }
    append(voice, samples, count);
}

void voice_push(struct voice *voice, const uint8_t *data, size_t size, int64_t pts)
{
    if (voice->decoder != NULL)
        sound_decoder_push(voice->decoder, data, size, pts, on_sound, voice);
}

static void skip(struct voice *voice, int64_t frames)
{
    int some = frames < voice->count ? (int)frames : voice->count;
    voice->first = (voice->first + some) % FIFO_FRAMES;
    voice->count -= some;
}

static void write_silence(struct voice *voice, int64_t frames)
{
    static const int16_t nothing[1024 * AUDIO_CHANNELS];
    while (frames > 0) {
        int written = audio_write(voice->device, nothing, frames < 1024 ? (int)frames : 1024);
        if (written <= 0)
            return;
        frames -= written;
    }
}

/* Starts so that the first sample in the fifo is heard at its moment; what is already late is left out. */
static int64_t start(struct voice *voice, int64_t now_us, int64_t base_us)
{
    int64_t late_us = now_us - (base_us + position_us(voice->end - voice->count));
    if (late_us > 0)
        skip(voice, late_us * RATE / 1000000);
    if (voice->count < START_FRAMES)
        return INT64_MAX;
    int64_t begin_us = base_us + position_us(voice->end - voice->count);
    if (begin_us - now_us > LEAD_US)
        return begin_us - LEAD_US;
    write_silence(voice, (begin_us - now_us) * RATE / 1000000);
    voice->playing = true;
    return now_us;
}

static void write_fifo(struct voice *voice)
{
    while (voice->count > 0) {
        int piece = voice->count < FIFO_FRAMES - voice->first ? voice->count : FIFO_FRAMES - voice->first;
        int written = audio_write(voice->device, voice->fifo + (size_t)voice->first * AUDIO_CHANNELS, piece);
        if (written <= 0)
            return;
        skip(voice, written);
    }
}

/* The card's clock is not the sender's: behind it, play a little faster. */
static void set_speed(struct voice *voice, int64_t behind_us)
{
    int64_t ppm = behind_us / SPEED_US_PER_PPM;
    if (behind_us < SPEED_DEADBAND_US && behind_us > -SPEED_DEADBAND_US)
        ppm = 0;
    ppm = ppm > SPEED_PPM_MAX ? SPEED_PPM_MAX : ppm < -SPEED_PPM_MAX ? -SPEED_PPM_MAX : ppm;
    if (voice->decoder != NULL)
        sound_decoder_set_speed(voice->decoder, (int)ppm);
}

int64_t voice_play(struct voice *voice, int64_t now_us, int64_t base_us)
{
    if (!voice->playing) {
        if (voice->count == 0)
            return INT64_MAX;
        int64_t again_us = start(voice, now_us, base_us);
        if (!voice->playing)
            return again_us;
    }

    write_fifo(voice);
    int64_t delay_us = audio_delay_us(voice->device);
    voice->base_us = now_us + delay_us - position_us(voice->end - voice->count);
    int64_t behind_us = voice->base_us - base_us;
    if (delay_us == 0) { /* nothing was left, and nothing came */
        voice->underruns++;
        voice->playing = false;
        return INT64_MAX;
    }
    if (behind_us > RESYNC_US || behind_us < -RESYNC_US) {
        log_info("sound is %lld ms from the sender's clock: started again", (long long)(behind_us / 1000));
        audio_drop(voice->device);
        voice->playing = false;
        return now_us;
    }
    set_speed(voice, behind_us);
    return voice->count > 0 ? now_us + (delay_us > REFILL_US ? delay_us - REFILL_US : delay_us / 2)
                            : now_us + delay_us;
}

bool voice_clock(const struct voice *voice, int64_t *base_us)
{
    *base_us = voice->base_us;
    return voice->playing;
}

void voice_set_volume(struct voice *voice, int volume, bool mute)
{
    audio_set_volume(voice->device, volume);
    audio_set_mute(voice->device, mute);
}

const struct audio *voice_audio(const struct voice *voice)
{
    return voice->device;
}

uint64_t voice_underruns(const struct voice *voice)
{
    return voice->underruns;
}

void voice_counts(const struct voice *voice, struct sound_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    if (voice->decoder != NULL)
        sound_decoder_counts(voice->decoder, counts);
}
