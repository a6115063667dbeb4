/* SPDX-License-Identifier: Apache-2.0 */
/* Spoken help: says what has the focus, on a new screen first where that is. It exists only while it is
 * switched on, and with it the voice. Main thread only; it looks at the scene at the end of each turn of the
 * loop. Owned by who made it. */
#ifndef KOKONOR_SHELL_ALOUD_H
#define KOKONOR_SHELL_ALOUD_H

#include "remote/key.h"
#include "speech/speech.h"
#include "ui/reading.h"
#include "ui/ui.h"

struct aloud;

struct aloud_options {
    uv_loop_t *loop; /* borrowed, as is ui */
    struct ui *ui;
    const struct speech_options *speech; /* its wake is not used */
    /* It begins or ends to speak: the programme's sound is to be lowered, or as before. */
    void (*speaking)(void *context, bool speaking);
    void *context;
};

/* NULL with error set where there is no memory, engine or thread. */
struct aloud *aloud_create(const struct aloud_options *options, struct error *error);
/* Silent at once; speaking is called no more. Run the loop once more. NULL does nothing, here and below. */
void aloud_destroy(struct aloud *aloud);

/* A key has come, before it is handled: what is being said stops, but for volume keys. */
void aloud_key(struct aloud *aloud, struct key_event event);
void aloud_set_volume(struct aloud *aloud, int volume);
/* A muted box says nothing. */
void aloud_set_mute(struct aloud *aloud, bool mute);
/* The voice, for tests; NULL where aloud is. */
struct speech *aloud_speech(struct aloud *aloud);

/* What is to be said where the screen was before and is now: in out, "" where nothing is. key: the viewer has
 * pressed one since; what changes by itself is said only where a screen comes or the focus goes elsewhere. */
#define ALOUD_SIZE (READING_TITLE_SIZE + 2 * READING_SIZE)
void aloud_compose(const struct reading *before, const struct reading *now, bool key, char out[ALOUD_SIZE]);

#endif
