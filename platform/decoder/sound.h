/* SPDX-License-Identifier: Apache-2.0 */
/* Coded sound in, 48 kHz stereo S16 in native byte order out: AAC (ADTS, LATM), MPEG layer I/II, AC-3,
 * E-AC-3. One thread uses a decoder (the player's). Damaged input is counted and survived. */
#ifndef KOKONOR_DECODER_SOUND_H
#define KOKONOR_DECODER_SOUND_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

enum sound_kind { SOUND_NONE, SOUND_AAC_ADTS, SOUND_AAC_LATM, SOUND_MPEG, SOUND_AC3, SOUND_EAC3 };
const char *sound_kind_str(enum sound_kind kind);
/* The kind of a PMT's stream_type: 0x0F, 0x11, 0x03 and 0x04, 0x81, 0x87; SOUND_NONE for all others. DVB's
 * AC-3 is private data (0x06) with an AC-3 descriptor: its caller knows. */
enum sound_kind sound_kind_from_stream_type(uint8_t stream_type);

#define SOUND_RATE 48000
#define SOUND_TIME_NONE INT64_MIN

struct sound_decoder;

struct sound_counts {
    uint64_t frames; /* coded frames that became sound */
    uint64_t errors; /* and those that did not */
};

/* count stereo frames (2 * count samples), valid during the call. time_90khz of the first, or SOUND_TIME_NONE
 * where the stream does not tell: then it follows what came before. */
typedef void sound_fn(void *context, const int16_t *samples, int count, int64_t time_90khz);

/* NULL with error set where this FFmpeg has no such decoder, or without memory. */
struct sound_decoder *sound_decoder_open(enum sound_kind kind, struct error *error);
void sound_decoder_close(struct sound_decoder *decoder); /* NULL does nothing */
/* Pushes the payload of one PES packet, which need not begin or end with a coded frame; borrowed during the
 * call and followed by DECODER_PADDING (decoder/video.h) readable bytes. Calls fn for each piece of sound
 * that is ready. */
void sound_decoder_push(struct sound_decoder *decoder, const uint8_t *data, size_t size, int64_t pts_90khz,
                        sound_fn *fn, void *context);
void sound_decoder_flush(struct sound_decoder *decoder);
/* Plays slightly faster (ppm > 0) or slower, -2000..2000, to follow the sender's clock where the sound card's
 * differs. 0: as is. */
void sound_decoder_set_speed(struct sound_decoder *decoder, int ppm);
void sound_decoder_counts(const struct sound_decoder *decoder, struct sound_counts *counts);

#endif
