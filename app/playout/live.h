/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures and sound of a clip, round and round, as transport packets in time for their decoding (ISO/IEC
 * 13818-1, 2.4.2: the system target decoder's buffers neither run over nor dry). Belongs to one thread. Times
 * are 27 MHz ticks since the stream's start. */
#ifndef KOKONOR_PLAYOUT_LIVE_H
#define KOKONOR_PLAYOUT_LIVE_H

#include "playout/clip.h"
#include "ts/packet.h"

struct live;

struct live_options {
    const struct clip *clip; /* must outlive the live service */
    uint16_t video_pid, audio_pid;
    uint64_t time_base_90khz; /* what the PCR's base says at the stream's start */
    int64_t first_dts_27mhz;  /* when the first picture is decoded */
};

/* NULL without memory. */
struct live *live_create(const struct live_options *options);
void live_destroy(struct live *live); /* NULL does nothing */

enum live_need {
    LIVE_NOTHING, /* no packet may go out now: the decoder's buffers are as full as they may be */
    LIVE_MAY,
    LIVE_MUST, /* half of the time before decoding has passed */
};

/* Whether a packet should go out at now, and of which PID it is. */
enum live_need live_need(struct live *live, int64_t now_27mhz, uint16_t *pid);
/* Writes that packet, with pcr_27mhz where that is not negative. Call only after live_need, with the same
 * time, said MAY or MUST. */
void live_packet(struct live *live, int64_t now_27mhz, int64_t pcr_27mhz, uint8_t bytes[TS_PACKET_SIZE]);
/* The continuity counter of pid's last packet, for one without payload. */
uint8_t live_counter(const struct live *live, uint16_t pid);

struct live_counts {
    uint64_t pictures, frames, rounds;
    uint64_t late; /* units whose last packet went out after their decoding time */
};
void live_counts(const struct live *live, struct live_counts *counts);

/* Bits a second of the clip's streams with their PES and packet headers, on average. */
int64_t live_bit_rate(const struct clip *clip);

#endif
