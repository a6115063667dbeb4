/* SPDX-License-Identifier: Apache-2.0 */
/* What the monitor keeps; shared by monitor.c (time, judgement, results) and monitor_tables.c (what PAT, CAT
 * and PMTs say, and what they name). */
#ifndef KOKONOR_TS_MONITOR_PARTS_H
#define KOKONOR_TS_MONITOR_PARTS_H

#include "ts/monitor.h"
#include "ts/monitor_pcr.h"

#define PID_PAT 0x0000
#define PID_CAT 0x0001
#define PROGRAMS_MAX 256
#define STREAMS_MAX 1024
#define PTS_INTERVAL_US 700000
#define SI_PIDS_MAX 4

enum role {
    ROLE_NONE,
    ROLE_PAT,
    ROLE_CAT,
    ROLE_SI,
    ROLE_PMT,
    ROLE_VIDEO,
    ROLE_AUDIO,
    ROLE_DATA,
    ROLE_PCR,
    ROLE_NULL
};

struct program {
    struct ts_monitor *monitor;
    uint16_t number, pid;
    uint32_t crc;    /* of the PMT read last; 0: none */
    int64_t last_us; /* a PMT came, or its absence was noted */
    struct ts_subscription *sections;
};

struct stream {
    struct ts_monitor *monitor;
    uint16_t pid, program;
    bool must_come; /* pictures and sound, not those for a few */
    bool has_pts;
    uint64_t packets; /* when last looked */
    int64_t packet_us, pts_us;
    struct ts_subscription *packets_of;
};

struct ts_monitor {
    struct ts_demux *demux;
    struct ts_monitor_options options;
    struct ts_subscription *pat, *cat, *pcrs_of, *si[SI_PIDS_MAX];
    struct ts_monitor_result results[TS_MONITOR_CHECK_COUNT];
    struct ts_demux_counts counts; /* when last judged */
    uint64_t crc_errors, pat_scrambled, pmt_scrambled;

    /* Time. */
    bool time_known;
    int64_t now_us;       /* live: of the last arrival */
    uint16_t clock_pid;   /* the first with PCRs */
    int64_t clock_ticks;  /* at clock_index */
    uint64_t clock_index; /* the packet of the last PCR */
    double ticks_a_packet;
    int64_t clock_interval; /* the last one of the clock's PID */
    bool clock_varies;      /* the bit rate is not known to be constant */
    int64_t judged_us;

    uint8_t pat_version;
    bool has_pat, has_cat;
    int64_t pat_us, cat_us;
    struct program *programs[PROGRAMS_MAX];
    size_t program_count;
    struct stream *streams[STREAMS_MAX];
    size_t stream_count;
    struct monitor_pcr pcrs[TS_MONITOR_PCR_PIDS_MAX];
    int64_t pcr_us[TS_MONITOR_PCR_PIDS_MAX];
    size_t pcr_count;
    uint8_t roles[TS_PID_COUNT];
};

void monitor_note(struct ts_monitor *monitor, enum ts_monitor_check check, uint64_t errors, int pid);
/* Looks what is overdue, where time has gone on; before a table's time is noted. */
void monitor_judge(struct ts_monitor *monitor);

/* For subscriptions to the PIDs of PAT and CAT; context is the monitor. */
void monitor_pat_section(void *context, uint16_t pid, const uint8_t *section, size_t size);
void monitor_cat_section(void *context, uint16_t pid, const uint8_t *section, size_t size);
/* Forgets programmes and their streams. */
void monitor_remove_programs(struct ts_monitor *monitor);

#endif
