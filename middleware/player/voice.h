/* SPDX-License-Identifier: Apache-2.0 */
/* The player's sound: decoded pieces joined to one line without gaps, started at their moment, and kept in
 * step with the sender's clock. Tells when the line's points are heard. Only the player's thread uses it. */
#ifndef KOKONOR_PLAYER_VOICE_H
#define KOKONOR_PLAYER_VOICE_H

#include "audio/audio.h"
#include "decoder/sound.h"

struct voice;

/* Opens the device; NULL with error set where that fails. name and options as for audio_open. */
struct voice *voice_create(const char *name, const struct audio_options *options, struct error *error);
void voice_destroy(struct voice *voice); /* NULL does nothing */
const char *voice_device(const struct voice *voice);
/* Forgets all sound and begins with a decoder of that kind; SOUND_NONE: with none. */
bool voice_begin(struct voice *voice, enum sound_kind kind, struct error *error);
/* Forgets all sound. */
void voice_flush(struct voice *voice);
/* Whether more should be pushed now. */
bool voice_hungry(const struct voice *voice);
/* One PES packet's payload, padded; pts on the timeline, or TIMELINE_NONE. */
void voice_push(struct voice *voice, const uint8_t *data, size_t size, int64_t pts);
/* Gives the device what is due. base_us: when line 0 is to be presented (timeline_base_us). Returns the
 * monotonic time at which it wants to be called again, INT64_MAX where only more sound helps. */
int64_t voice_play(struct voice *voice, int64_t now_us, int64_t base_us);
/* Whether sound is being heard; then *base_us is when line 0 was heard, by the device. */
bool voice_clock(const struct voice *voice, int64_t *base_us);
void voice_set_volume(struct voice *voice, int volume, bool mute);
/* What plays it; still the voice's (tests read back what the memory device was given). */
const struct audio *voice_audio(const struct voice *voice);
uint64_t voice_underruns(const struct voice *voice);
void voice_counts(const struct voice *voice, struct sound_counts *counts);

#endif
