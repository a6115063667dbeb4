/* SPDX-License-Identifier: Apache-2.0 */
/* The PCRs of one PID, judged (TR 101 290, 5.2.2 and 5.3.2.6). Part of the monitor; storage is the caller's.
 */
#ifndef KOKONOR_TS_MONITOR_PCR_H
#define KOKONOR_TS_MONITOR_PCR_H

#include "ts/packet.h"

struct monitor_pcr {
    uint16_t pid;
    uint64_t count, discontinuities, inaccurate;
    uint64_t last_pcr, last_index;
    int64_t interval_max, interval_sum; /* 27 MHz */
    uint64_t intervals;
    /* The line through the PCRs of a constant bit rate: PCR against packet number, since an anchor. */
    uint64_t anchor_index;
    uint64_t damage;        /* what was lost when the line began: positions behind a loss mean nothing */
    int64_t since_anchor;   /* 27 MHz */
    double ticks_a_packet;  /* 0: not known yet */
    uint64_t checks, jumps; /* PCRs held against the line, and those far from it: the rate is not constant */
    double accuracy_max;    /* 27 MHz, among those not far */
    int64_t inaccurate_first_us, inaccurate_last_us;
};

/* What one PCR tells. */
struct monitor_pcr_step {
    bool follows;     /* there was one before, of the same time base */
    bool in_range;    /* within 0 .. 100 ms of it */
    int64_t interval; /* 27 MHz, modulo the PCR's range */
};

/* damage: any number that grows where packets are lost. now_us: stream time, for the record. */
struct monitor_pcr_step monitor_pcr_take(struct monitor_pcr *pcr, uint64_t pcr_27mhz, uint64_t index,
                                         bool discontinuity, uint64_t damage, int64_t now_us);
bool monitor_pcr_is_constant(const struct monitor_pcr *pcr);

#endif
