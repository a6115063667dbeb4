/* SPDX-License-Identifier: Apache-2.0 */
/* A sound card, or what the machine's ALSA configuration makes of "default" (PipeWire, dmix). Never waits. */
#include "audio/audio.h"
#include "base/log.h"
#include <alsa/asoundlib.h>
#include <stdlib.h>

struct card {
    snd_pcm_t *pcm;
};

/* ALSA would write to standard error; the caller tells what matters. */
__attribute__((format(printf, 5, 6))) static void hear_alsa(const char *file, int line, const char *function,
                                                            int code, const char *format, ...)
{
    (void)file;
    (void)line;
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    log_debug("%s: %s%s%s", function, text, code != 0 ? ": " : "", code != 0 ? snd_strerror(code) : "");
}

/* Sound starts with the first period: when it begins is the caller's decision, made with silence. */
static int set_parameters(snd_pcm_t *pcm, int buffer_us)
{
    int result = snd_pcm_set_params(pcm, SND_PCM_FORMAT_S16, SND_PCM_ACCESS_RW_INTERLEAVED, AUDIO_CHANNELS,
                                    AUDIO_RATE, 1, (unsigned)buffer_us);
    if (result < 0)
        return result;
    snd_pcm_uframes_t buffer_frames, period_frames;
    result = snd_pcm_get_params(pcm, &buffer_frames, &period_frames);
    if (result < 0)
        return result;
    snd_pcm_sw_params_t *software;
    result = snd_pcm_sw_params_malloc(&software);
    if (result < 0)
        return result;
    result = snd_pcm_sw_params_current(pcm, software);
    if (result >= 0)
        result = snd_pcm_sw_params_set_start_threshold(pcm, software, period_frames);
    if (result >= 0)
        result = snd_pcm_sw_params(pcm, software);
    snd_pcm_sw_params_free(software);
    return result;
}

static void *open_card(const struct audio_options *options, struct error *error)
{
    const char *name = options->device != NULL ? options->device : "default";
    struct card *card = calloc(1, sizeof *card);
    if (card == NULL) {
        error_set(error, "alsa: out of memory");
        return NULL;
    }
    snd_lib_error_set_handler(hear_alsa);
    int result = snd_pcm_open(&card->pcm, name, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
    if (result < 0) {
        error_set(error, "alsa device \"%s\": %s", name, snd_strerror(result));
        free(card);
        return NULL;
    }
    result = set_parameters(card->pcm, options->buffer_us);
    if (result < 0) {
        error_set(error, "alsa device \"%s\": 48 kHz stereo: %s", name, snd_strerror(result));
        snd_pcm_close(card->pcm);
        free(card);
        return NULL;
    }
    return card;
}

static void close_card(void *device)
{
    struct card *card = device;
    snd_pcm_drop(card->pcm);
    snd_pcm_close(card->pcm);
    free(card);
}

static int write_card(void *device, const int16_t *frames, int count)
{
    struct card *card = device;
    for (int attempt = 0; attempt < 3; attempt++) {
        snd_pcm_sframes_t written = snd_pcm_writei(card->pcm, frames, (snd_pcm_uframes_t)count);
        if (written >= 0)
            return (int)written;
        if (written == -EAGAIN)
            return 0;
        if (snd_pcm_recover(card->pcm, (int)written, 1) < 0)
            return -1;
    }
    return -1;
}

static int64_t delay_card(void *device)
{
    struct card *card = device;
    snd_pcm_sframes_t frames = 0;
    if (snd_pcm_delay(card->pcm, &frames) < 0 || frames < 0)
        return 0;
    return (int64_t)frames * 1000000 / AUDIO_RATE;
}

static void drop_card(void *device)
{
    struct card *card = device;
    snd_pcm_drop(card->pcm);
    snd_pcm_prepare(card->pcm);
}

const struct audio_backend audio_backend_alsa = {"alsa",     open_card,  close_card,
                                                 write_card, delay_card, drop_card};
