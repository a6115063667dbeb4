/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/aloud.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The loop's handles outlive it by a turn. */
struct beat {
    uv_prepare_t prepare; /* looks before the loop sleeps */
    uv_async_t async;     /* the voice has fallen silent */
    int handles;
    struct aloud *aloud; /* NULL: gone */
};

struct aloud {
    struct aloud_options options;
    struct speech *speech;
    struct beat *beat;
    struct reading before, now;
    bool key; /* one has come since it looked last */
    bool mute;
    bool speaking; /* as told */
    char text[ALOUD_SIZE];
};

/* ---- what to say ---- */

static void add(char out[ALOUD_SIZE], const char *text)
{
    size_t length = strlen(out);
    if (*text)
        snprintf(out + length, ALOUD_SIZE - length, "%s%s", length ? "\n" : "", text);
}

static bool has_line(const char *text, const char *line, size_t length)
{
    while (text) {
        if (strncmp(text, line, length) == 0 && (text[length] == 0 || text[length] == '\n'))
            return true;
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return false;
}

/* The same thing says something else, a number or a choice: only that. */
static void add_new_lines(char out[ALOUD_SIZE], const char *before, const char *now)
{
    for (const char *line = now; line && *line;) {
        const char *end = strchr(line, '\n');
        size_t length = end ? (size_t)(end - line) : strlen(line), said = strlen(out);
        if (length > 0 && !has_line(before, line, length))
            snprintf(out + said, ALOUD_SIZE - said, "%s%.*s", said ? "\n" : "", (int)length, line);
        line = end ? end + 1 : NULL;
    }
}

void aloud_compose(const struct reading *before, const struct reading *now, bool key, char out[ALOUD_SIZE])
{
    bool title = strcmp(before->title, now->title) != 0, text = strcmp(before->text, now->text) != 0;
    bool screen = before->scope != now->scope && (key || text || strcmp(before->rest, now->rest) != 0);
    out[0] = 0;
    if (screen || (title && now->title[0])) {
        add(out, now->title);
        add(out, now->text);
        add(out, now->rest);
    } else if (before->focus != now->focus) {
        if (key || text)
            add(out, now->text);
    } else if (text && key) {
        add_new_lines(out, before->text, now->text);
    }
}

/* ---- saying it ---- */

static void tell(struct aloud *aloud)
{
    bool speaking = speech_speaking(aloud->speech);
    if (speaking == aloud->speaking)
        return;
    aloud->speaking = speaking;
    if (aloud->options.speaking)
        aloud->options.speaking(aloud->options.context, speaking);
}

/* There is no Tibetan voice: what has Chinese words is read in Chinese. */
static void look(struct aloud *aloud)
{
    bool english = strcmp(strings_language(ui_strings(aloud->options.ui)), "en") == 0;
    scene_read(ui_scene(aloud->options.ui), english ? "en" : "zh", &aloud->now);
    aloud_compose(&aloud->before, &aloud->now, aloud->key, aloud->text);
    aloud->before = aloud->now;
    aloud->key = false;
    if (aloud->text[0] && !aloud->mute)
        speech_say(aloud->speech, english ? SPEECH_ENGLISH : SPEECH_MANDARIN, aloud->text);
    tell(aloud);
}

static void before_sleep(uv_prepare_t *prepare)
{
    struct beat *beat = prepare->data;
    if (beat->aloud)
        look(beat->aloud);
}

static void on_silence(uv_async_t *async)
{
    struct beat *beat = async->data;
    if (beat->aloud)
        tell(beat->aloud);
}

static void wake(void *context)
{
    uv_async_send(&((struct beat *)context)->async);
}

void aloud_key(struct aloud *aloud, struct key_event event)
{
    if (!aloud || event.key == KEY_VOLUME_UP || event.key == KEY_VOLUME_DOWN)
        return;
    aloud->key = true;
    speech_stop(aloud->speech);
}

void aloud_set_volume(struct aloud *aloud, int volume)
{
    if (aloud)
        speech_set_volume(aloud->speech, volume);
}

void aloud_set_mute(struct aloud *aloud, bool mute)
{
    if (!aloud)
        return;
    aloud->mute = mute;
    if (mute)
        speech_stop(aloud->speech);
}

struct speech *aloud_speech(struct aloud *aloud)
{
    return aloud ? aloud->speech : NULL;
}

/* ---- life ---- */

static void beat_closed(uv_handle_t *handle)
{
    struct beat *beat = handle->data;
    if (--beat->handles == 0)
        free(beat);
}

static bool start_beat(struct aloud *aloud)
{
    struct beat *beat = calloc(1, sizeof(*beat));
    if (!beat || uv_async_init(aloud->options.loop, &beat->async, on_silence) != 0) {
        free(beat);
        return false;
    }
    uv_prepare_init(aloud->options.loop, &beat->prepare);
    beat->handles = 2;
    beat->prepare.data = beat->async.data = beat;
    beat->aloud = aloud;
    aloud->beat = beat;
    uv_prepare_start(&beat->prepare, before_sleep);
    uv_unref((uv_handle_t *)&beat->prepare);
    uv_unref((uv_handle_t *)&beat->async);
    return true;
}

struct aloud *aloud_create(const struct aloud_options *options, struct error *error)
{
    struct aloud *aloud = calloc(1, sizeof(*aloud));
    if (!aloud || (aloud->options = *options, !start_beat(aloud))) {
        error_set(error, "spoken help: out of memory");
        free(aloud);
        return NULL;
    }
    struct speech_options speech = *options->speech;
    speech.wake = wake;
    speech.wake_context = aloud->beat;
    aloud->speech = speech_create(&speech, error);
    if (aloud->speech)
        return aloud;
    aloud_destroy(aloud);
    return NULL;
}

void aloud_destroy(struct aloud *aloud)
{
    if (!aloud)
        return;
    speech_destroy(aloud->speech); /* then nobody wakes any more */
    aloud->beat->aloud = NULL;
    uv_close((uv_handle_t *)&aloud->beat->prepare, beat_closed);
    uv_close((uv_handle_t *)&aloud->beat->async, beat_closed);
    free(aloud);
}
