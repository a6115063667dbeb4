/* SPDX-License-Identifier: Apache-2.0 */
/* One line of time without end, in 90 kHz ticks, from the 33-bit times of a stream (ISO/IEC 13818-1, 2.4.2.2
 * and 2.7): the wrap and the jumps of a looped file or a switched encoder are bridged. Also when a point of
 * the line is to be presented. Not locked. */
#ifndef KOKONOR_PLAYER_TIMELINE_H
#define KOKONOR_PLAYER_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#define TIMELINE_NONE INT64_MIN
#define TIMELINE_MARGIN_US 200000      /* between a PCR's arrival and its presentation, at first */
#define TIMELINE_MARGIN_MAX_US 2000000 /* for a sender that multiplexes too late */

enum timeline_stream { TIMELINE_VIDEO, TIMELINE_AUDIO, TIMELINE_STREAMS };

/* raw on the stream's clock is line on ours. */
struct timeline_epoch {
    bool valid;
    uint64_t raw;
    int64_t line;
};

struct timeline {
    struct timeline_epoch now, before;
    bool have_pcr;
    bool made_by_packet; /* now was guessed from a packet: the next PCR may lie before it */
    bool ignore_pcr;     /* its clock is not the packets' */
    int64_t pcr_line;    /* of the last PCR, and when it came */
    int64_t pcr_arrived_us;
    int64_t last[TIMELINE_STREAMS]; /* line of each stream's last packet, or TIMELINE_NONE */
    int64_t start;                  /* line of the first time that comes */
    int64_t furthest;
    bool anchored;
    int64_t anchor_us; /* monotonic time at which line 0 would have arrived */
    int64_t margin_us;
    int steps_in_a_row;
    int jumps_in_a_row;
    int64_t jumped_us;
    uint64_t discontinuities;
};

void timeline_init(struct timeline *timeline);
/* Forgets the stream's clock; the line goes on behind all that was on it. */
void timeline_reset(struct timeline *timeline);
void timeline_pcr(struct timeline *timeline, uint64_t pcr_27mhz, bool discontinuity, int64_t arrived_us);
/* The line of a packet's decoding time, 33 bits. */
int64_t timeline_packet(struct timeline *timeline, enum timeline_stream stream, uint64_t dts_90khz,
                        int64_t arrived_us);
/* A packet to be presented at line has come, behind the PCR in the stream itself: raises the margin so that
 * it is in time. */
void timeline_expect(struct timeline *timeline, int64_t line);
/* Monotonic time at which line 0 would be presented: add timeline_us(line). Only once something has come
 * (anchored). */
int64_t timeline_base_us(const struct timeline *timeline);

/* The difference of two 33-bit times, -2^32 .. 2^32 - 1. */
int64_t timeline_difference(uint64_t raw, uint64_t from);
int64_t timeline_us(int64_t line);
int64_t timeline_from_us(int64_t us);

#endif
