/* SPDX-License-Identifier: Apache-2.0 */
/* Watches a transport stream: the indicators of first and second priority of ETSI TR 101 290 (5.2.1, 5.2.2)
 * and what PCRs say of time and rate. An observer of a demultiplexer, on its thread; makes subscriptions of
 * its own and never allocates per packet. Destroy it before the demultiplexer. */
#ifndef KOKONOR_TS_MONITOR_H
#define KOKONOR_TS_MONITOR_H

#include "ts/demux.h"

struct ts_monitor;

enum ts_monitor_check {
    /* First priority: 1.1 to 1.6. */
    TS_MONITOR_SYNC_LOSS,
    TS_MONITOR_SYNC_BYTE,
    TS_MONITOR_PAT,
    TS_MONITOR_CONTINUITY,
    TS_MONITOR_PMT,
    TS_MONITOR_PID,
    /* Second priority: 2.1 to 2.6. */
    TS_MONITOR_TRANSPORT,
    TS_MONITOR_CRC,
    TS_MONITOR_PCR_REPETITION,
    TS_MONITOR_PCR_DISCONTINUITY,
    TS_MONITOR_PCR_ACCURACY,
    TS_MONITOR_PTS,
    TS_MONITOR_CAT,
    TS_MONITOR_CHECK_COUNT
};

/* Zero means the default. */
struct ts_monitor_options {
    /* Time is that of ts_monitor_arrive; else that of the first PID with PCRs, carried on by its bit rate,
     * and checks that need a time are not measured before its second PCR. */
    bool live;
    unsigned pcr_interval_max_ms; /* 100, as TR 101 290 V1.4.1 says; its earlier versions said 40 */
    unsigned pid_interval_max_ms; /* of referred pictures and sound; 5,000 */
};

/* False in measured: nothing in the stream so far could be judged (no time, no PCR, no constant rate ...). */
struct ts_monitor_result {
    uint64_t errors;
    bool measured;
    int64_t first_us, last_us; /* when the errors were noticed; 0 without */
    int last_pid;              /* where the last one has a PID, else -1 */
};

struct ts_monitor_pcr {
    uint16_t pid;
    uint64_t count;
    uint64_t discontinuities; /* announced */
    int64_t interval_max_us;  /* between two, by their own values */
    int64_t interval_mean_us; /* 0 with fewer than two */
    bool constant_rate;       /* the packets between PCRs say so: accuracy has a meaning */
    int64_t accuracy_max_ns;  /* the largest distance of a PCR from the constant rate's time */
    uint64_t inaccurate;      /* PCRs beyond 500 ns; counted as errors where constant_rate */
};
#define TS_MONITOR_PCR_PIDS_MAX 64

/* options NULL: defaults. NULL without memory. */
struct ts_monitor *ts_monitor_create(struct ts_demux *demux, const struct ts_monitor_options *options);
void ts_monitor_destroy(struct ts_monitor *monitor); /* NULL does nothing */

/* Live: the time by a clock that never goes back, before each push of what has arrived. */
void ts_monitor_arrive(struct ts_monitor *monitor, int64_t now_us);
/* Judges what is overdue at the end of the stream, or now. */
void ts_monitor_finish(struct ts_monitor *monitor);

void ts_monitor_result(const struct ts_monitor *monitor, enum ts_monitor_check check,
                       struct ts_monitor_result *result);
/* Why it is not measured, for people: "the bit rate is not constant ..."; NULL where it is. */
const char *ts_monitor_not_measured(const struct ts_monitor *monitor, enum ts_monitor_check check);
/* "Continuity_count_error" and the like; its number, "1.4"; 1 or 2. */
const char *ts_monitor_check_str(enum ts_monitor_check check);
const char *ts_monitor_check_number(enum ts_monitor_check check);
int ts_monitor_check_priority(enum ts_monitor_check check);
/* By index from 0; false beyond the last. */
bool ts_monitor_pcr(const struct ts_monitor *monitor, size_t index, struct ts_monitor_pcr *pcr);
/* Stream time since the first packet; 0 while unknown. */
int64_t ts_monitor_time_us(const struct ts_monitor *monitor);

/* What PAT and PMTs say of a PID, for people: "PAT", "PMT", "video", "audio", "data", "null", "PCR", "" ...
 */
const char *ts_monitor_pid_role(const struct ts_monitor *monitor, uint16_t pid);

#endif
