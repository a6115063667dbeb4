/* SPDX-License-Identifier: Apache-2.0 */
/* Spoken help as the household switches it: keeps that, and lowers the programme while the voice speaks.
 * While it is off there is no voice, thread or output. Main thread only; the shell owns it. */
#ifndef KOKONOR_SHELL_SPOKEN_H
#define KOKONOR_SHELL_SPOKEN_H

#include "player/player.h"
#include "shell/aloud.h"
#include "store/settings.h"

#define SPOKEN_SETTING "speech" /* "on" or "off" */
#define SPOKEN_DUCKED 40        /* per cent of the programme's volume meanwhile */

struct spoken;

struct spoken_options {
    uv_loop_t *loop; /* all borrowed */
    struct ui *ui;
    struct settings *settings; /* may be NULL: not kept */
    struct player *player;     /* may be NULL */
    const struct speech_options *speech;
};

/* On where the household has left it on. NULL without memory. */
struct spoken *spoken_create(const struct spoken_options *options);
void spoken_destroy(struct spoken *spoken); /* Run the loop once more. NULL does nothing, here and below. */

bool spoken_is_on(const struct spoken *spoken);
void spoken_switch(struct spoken *spoken, bool on);
void spoken_key(struct spoken *spoken, struct key_event event); /* see aloud_key */
/* The programme has been given this volume. */
void spoken_set_sound(struct spoken *spoken, int volume, bool muted);
struct aloud *spoken_aloud(const struct spoken *spoken); /* NULL while it is off */

#endif
