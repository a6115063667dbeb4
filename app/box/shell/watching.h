/* SPDX-License-Identifier: Apache-2.0 */
/* What the household watches and how it listens: the service, the one before it, volume, mute and the sound
 * that is preferred. Kept in its settings, so that a box that was switched off goes on as it was. Knows no
 * list of services, no player and no pixels; the shell owns it. Main thread only. */
#ifndef KOKONOR_SHELL_WATCHING_H
#define KOKONOR_SHELL_WATCHING_H

#include "content/text.h"
#include "reception/reception.h"
#include "store/settings.h"
#include <uv.h>

struct watching;

/* Begins as it was kept; what is not there or cannot be read is as on the first day. loop or settings NULL:
 * nothing is kept. NULL only without memory. */
struct watching *watching_create(uv_loop_t *loop, struct settings *settings);
/* What was given last is still written while the loop runs out. NULL does nothing. */
void watching_destroy(struct watching *watching);

/* service_id 0: nothing was chosen yet; and none was watched before. */
const struct reception_key *watching_chosen(const struct watching *watching);
const struct reception_key *watching_before(const struct watching *watching);
/* The viewer chooses to; from is what was watched until now (NULL: nothing). */
void watching_choose(struct watching *watching, const struct reception_key *from,
                     const struct reception_key *to);

int watching_volume(const struct watching *watching); /* 0..AUDIO_VOLUME_MAX */
bool watching_muted(const struct watching *watching);
void watching_set_volume(struct watching *watching, int volume, bool muted); /* volume is brought in range */

/* In the language that the viewer chose for sound, else in that of the screens. */
struct sound_wish watching_sound(const struct watching *watching, enum content_language language);
/* The viewer chooses a sound: its language and kind are kept, and count for all services. */
void watching_choose_sound(struct watching *watching, const struct service_sound *sound);

#endif
