/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/monitor_parts.h"
#include <stdlib.h>
#include <string.h>

#define TICKS_A_US 27

#define TABLE_INTERVAL_US 500000 /* of PAT and PMTs */
#define CAT_INTERVAL_US 2000000  /* TR 101 290 gives none */
#define JUDGE_INTERVAL_US 10000
#define PCR_STEP_MAX (INT64_C(1000000) * TICKS_A_US) /* a larger one is no passing of time */

static const char *const role_names[] = {"",      "PAT",   "CAT",  "SI",  "PMT",
                                         "video", "audio", "data", "PCR", "null"};

/* The PIDs of tables whose CRC errors count: NIT, SDT and BAT, EIT, TOT; PAT, CAT and PMTs besides. */
static const uint16_t si_pids[] = {0x10, 0x11, 0x12, 0x14};
#define SI_PID_COUNT (sizeof(si_pids) / sizeof(si_pids[0]))
_Static_assert(SI_PID_COUNT <= SI_PIDS_MAX, "a subscription each");

static const struct {
    const char *number, *name;
} checks[TS_MONITOR_CHECK_COUNT] = {
    [TS_MONITOR_SYNC_LOSS] = {"1.1", "TS_sync_loss"},
    [TS_MONITOR_SYNC_BYTE] = {"1.2", "Sync_byte_error"},
    [TS_MONITOR_PAT] = {"1.3", "PAT_error"},
    [TS_MONITOR_CONTINUITY] = {"1.4", "Continuity_count_error"},
    [TS_MONITOR_PMT] = {"1.5", "PMT_error"},
    [TS_MONITOR_PID] = {"1.6", "PID_error"},
    [TS_MONITOR_TRANSPORT] = {"2.1", "Transport_error"},
    [TS_MONITOR_CRC] = {"2.2", "CRC_error"},
    [TS_MONITOR_PCR_REPETITION] = {"2.3a", "PCR_repetition_error"},
    [TS_MONITOR_PCR_DISCONTINUITY] = {"2.3b", "PCR_discontinuity_indicator_error"},
    [TS_MONITOR_PCR_ACCURACY] = {"2.4", "PCR_accuracy_error"},
    [TS_MONITOR_PTS] = {"2.5", "PTS_error"},
    [TS_MONITOR_CAT] = {"2.6", "CAT_error"},
};

int64_t ts_monitor_time_us(const struct ts_monitor *monitor)
{
    if (!monitor->time_known)
        return 0;
    if (monitor->options.live)
        return monitor->now_us;
    struct ts_demux_counts counts;
    ts_demux_counts(monitor->demux, &counts);
    double behind = (double)(int64_t)(counts.packets - monitor->clock_index) * monitor->ticks_a_packet;
    /* Where the rate is not known to be constant, the last interval's says nothing of this one: time then
     * waits for the next PCR. */
    if (monitor->clock_varies && behind > (double)monitor->clock_interval)
        behind = (double)monitor->clock_interval;
    return (monitor->clock_ticks + (int64_t)behind) / TICKS_A_US;
}

void monitor_note(struct ts_monitor *monitor, enum ts_monitor_check check, uint64_t errors, int pid)
{
    struct ts_monitor_result *result = &monitor->results[check];
    if (errors == 0)
        return;
    result->last_us = ts_monitor_time_us(monitor);
    if (result->errors == 0)
        result->first_us = result->last_us;
    result->errors += errors;
    result->last_pid = pid;
}

/* Everything that is waited for has been there just now: time begins, or stood still. */
static void restart_waiting(struct ts_monitor *monitor, int64_t now_us)
{
    monitor->pat_us = monitor->cat_us = monitor->judged_us = now_us;
    for (size_t i = 0; i < monitor->program_count; i++)
        monitor->programs[i]->last_us = now_us;
    for (size_t i = 0; i < monitor->stream_count; i++)
        monitor->streams[i]->packet_us = monitor->streams[i]->pts_us = now_us;
}

/* Its CRC errors are all that is wanted. */
static void on_si_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    (void)pid, (void)section, (void)size;
    monitor_judge(context);
}

/* PCRs and time. */

static struct monitor_pcr *find_pcr(struct ts_monitor *monitor, uint16_t pid)
{
    for (size_t i = 0; i < monitor->pcr_count; i++) {
        if (monitor->pcrs[i].pid == pid)
            return &monitor->pcrs[i];
    }
    if (monitor->pcr_count == TS_MONITOR_PCR_PIDS_MAX)
        return NULL;
    struct monitor_pcr *pcr = &monitor->pcrs[monitor->pcr_count++];
    *pcr = (struct monitor_pcr){.pid = pid};
    return pcr;
}

/* Carries the file's time on to this PCR of the clock's PID. */
static void follow_clock(struct ts_monitor *monitor, const struct monitor_pcr_step *step, uint64_t index)
{
    uint64_t packets = index - monitor->clock_index;
    bool first = !monitor->time_known;
    if (step->follows && step->interval <= PCR_STEP_MAX && packets > 0) {
        monitor->ticks_a_packet = (double)step->interval / (double)packets;
        if (first)
            monitor->clock_ticks = (int64_t)((double)monitor->clock_index * monitor->ticks_a_packet);
        monitor->clock_ticks += step->interval;
        monitor->clock_interval = step->interval;
        monitor->time_known = true;
    } else if (monitor->clock_varies) {
        monitor->clock_ticks = ts_monitor_time_us(monitor) * TICKS_A_US;
    } else {
        monitor->clock_ticks += (int64_t)((double)packets * monitor->ticks_a_packet);
    }
    monitor->clock_index = index;
    if (first && monitor->time_known)
        restart_waiting(monitor, ts_monitor_time_us(monitor));
}

static uint64_t damage(const struct ts_demux_counts *counts)
{
    return counts->sync_losses + counts->bytes_skipped + counts->continuity_errors + counts->bad_headers;
}

static void on_pcr(void *context, uint16_t pid, uint64_t pcr_27mhz, uint64_t index, bool discontinuity)
{
    struct ts_monitor *monitor = context;
    struct monitor_pcr *pcr = find_pcr(monitor, pid);
    if (!pcr)
        return;
    if (monitor->pcr_count == 1 && pcr->count == 0)
        monitor->clock_pid = pid;
    struct ts_demux_counts counts;
    ts_demux_counts(monitor->demux, &counts);
    struct monitor_pcr_step step =
        monitor_pcr_take(pcr, pcr_27mhz, index, discontinuity, damage(&counts), ts_monitor_time_us(monitor));
    if (!monitor->options.live && pid == monitor->clock_pid) {
        follow_clock(monitor, &step, index);
        monitor->clock_varies = !monitor_pcr_is_constant(pcr);
    }
    int64_t now_us = ts_monitor_time_us(monitor), *last_us = &monitor->pcr_us[pcr - monitor->pcrs];
    if (step.follows && !step.in_range)
        monitor_note(monitor, TS_MONITOR_PCR_DISCONTINUITY, 1, pid);
    int64_t interval =
        step.follows && step.interval <= PCR_STEP_MAX ? step.interval : (now_us - *last_us) * TICKS_A_US;
    if (pcr->count > 1) {
        monitor->results[TS_MONITOR_PCR_REPETITION].measured = true;
        if (interval > pcr->interval_max)
            pcr->interval_max = interval;
        if (interval > (int64_t)monitor->options.pcr_interval_max_ms * 1000 * TICKS_A_US)
            monitor_note(monitor, TS_MONITOR_PCR_REPETITION, 1, pid);
    }
    *last_us = now_us;
    monitor_judge(monitor);
}

/* What is overdue, and what the demultiplexer has counted. */

static uint64_t count_crc_errors(const struct ts_monitor *monitor, uint64_t *pmt_scrambled)
{
    static const uint16_t pids[] = {PID_PAT, PID_CAT};
    struct ts_pid_counts counts;
    uint64_t errors = 0;
    for (size_t i = 0; i < 2; i++) {
        ts_demux_pid_counts(monitor->demux, pids[i], &counts);
        errors += counts.crc_errors;
    }
    for (size_t i = 0; i < SI_PID_COUNT; i++) {
        ts_demux_pid_counts(monitor->demux, si_pids[i], &counts);
        errors += counts.crc_errors;
    }
    *pmt_scrambled = 0;
    for (size_t i = 0; i < monitor->program_count; i++) {
        ts_demux_pid_counts(monitor->demux, monitor->programs[i]->pid, &counts);
        errors += counts.crc_errors;
        *pmt_scrambled += counts.scrambled;
    }
    return errors;
}

/* Growth of a count; programmes that were taken out may make it smaller. */
static uint64_t growth(uint64_t *last, uint64_t now)
{
    uint64_t more = now > *last ? now - *last : 0;
    *last = now;
    return more;
}

static void judge_counts(struct ts_monitor *monitor)
{
    struct ts_demux_counts *last = &monitor->counts, now;
    struct ts_pid_counts pat;
    uint64_t pmt_scrambled;
    ts_demux_counts(monitor->demux, &now);
    ts_demux_pid_counts(monitor->demux, PID_PAT, &pat);
    monitor_note(monitor, TS_MONITOR_SYNC_LOSS, now.sync_losses - last->sync_losses, -1);
    monitor_note(monitor, TS_MONITOR_SYNC_BYTE, now.sync_byte_errors - last->sync_byte_errors, -1);
    monitor_note(monitor, TS_MONITOR_CONTINUITY, now.continuity_errors - last->continuity_errors, -1);
    monitor_note(monitor, TS_MONITOR_TRANSPORT, now.transport_errors - last->transport_errors, -1);
    monitor_note(monitor, TS_MONITOR_PAT, growth(&monitor->pat_scrambled, pat.scrambled), PID_PAT);
    uint64_t crc_errors = count_crc_errors(monitor, &pmt_scrambled);
    monitor_note(monitor, TS_MONITOR_CRC, growth(&monitor->crc_errors, crc_errors), -1);
    monitor_note(monitor, TS_MONITOR_PMT, growth(&monitor->pmt_scrambled, pmt_scrambled), -1);
    *last = now;
}

static bool overdue(int64_t *last_us, int64_t now_us, int64_t limit_us)
{
    if (now_us - *last_us <= limit_us)
        return false;
    *last_us = now_us;
    return true;
}

static void judge_stream(struct ts_monitor *monitor, struct stream *stream, int64_t now_us)
{
    struct ts_pid_counts counts;
    ts_demux_pid_counts(monitor->demux, stream->pid, &counts);
    if (growth(&stream->packets, counts.packets) > 0)
        stream->packet_us = now_us;
    else if (stream->must_come &&
             overdue(&stream->packet_us, now_us, (int64_t)monitor->options.pid_interval_max_ms * 1000))
        monitor_note(monitor, TS_MONITOR_PID, 1, stream->pid);
    if (stream->has_pts && stream->must_come && overdue(&stream->pts_us, now_us, PTS_INTERVAL_US)) {
        monitor_note(monitor, TS_MONITOR_PTS, 1, stream->pid);
        stream->has_pts = false; /* one gap is one error, however long */
    }
}

static void judge_times(struct ts_monitor *monitor, int64_t now_us)
{
    if (overdue(&monitor->pat_us, now_us, TABLE_INTERVAL_US))
        monitor_note(monitor, TS_MONITOR_PAT, 1, PID_PAT);
    for (size_t i = 0; i < monitor->program_count; i++) {
        if (overdue(&monitor->programs[i]->last_us, now_us, TABLE_INTERVAL_US))
            monitor_note(monitor, TS_MONITOR_PMT, 1, monitor->programs[i]->pid);
    }
    for (size_t i = 0; i < monitor->stream_count; i++)
        judge_stream(monitor, monitor->streams[i], now_us);
    if (monitor->counts.scrambled > 0 && overdue(&monitor->cat_us, now_us, CAT_INTERVAL_US))
        monitor_note(monitor, TS_MONITOR_CAT, 1, PID_CAT);
}

void monitor_judge(struct ts_monitor *monitor)
{
    int64_t now_us = ts_monitor_time_us(monitor);
    if (monitor->time_known && now_us - monitor->judged_us < JUDGE_INTERVAL_US)
        return;
    monitor->judged_us = now_us;
    judge_counts(monitor);
    if (monitor->time_known)
        judge_times(monitor, now_us);
}

void ts_monitor_arrive(struct ts_monitor *monitor, int64_t now_us)
{
    if (!monitor->options.live)
        return;
    if (!monitor->time_known) {
        monitor->time_known = true;
        monitor->clock_ticks = now_us; /* where time begins */
        restart_waiting(monitor, 0);
    }
    monitor->now_us = now_us - monitor->clock_ticks;
    monitor_judge(monitor);
}

void ts_monitor_finish(struct ts_monitor *monitor)
{
    judge_counts(monitor);
    if (monitor->time_known)
        judge_times(monitor, ts_monitor_time_us(monitor));
    if (!monitor->has_pat && monitor->results[TS_MONITOR_PAT].errors == 0)
        monitor_note(monitor, TS_MONITOR_PAT, 1, PID_PAT);
    if (monitor->counts.scrambled > 0 && !monitor->has_cat && monitor->results[TS_MONITOR_CAT].errors == 0)
        monitor_note(monitor, TS_MONITOR_CAT, 1, PID_CAT);
}

struct ts_monitor *ts_monitor_create(struct ts_demux *demux, const struct ts_monitor_options *options)
{
    struct ts_monitor *monitor = calloc(1, sizeof(*monitor));
    if (!monitor)
        return NULL;
    monitor->demux = demux;
    if (options)
        monitor->options = *options;
    if (monitor->options.pcr_interval_max_ms == 0)
        monitor->options.pcr_interval_max_ms = 100;
    if (monitor->options.pid_interval_max_ms == 0)
        monitor->options.pid_interval_max_ms = 5000;
    ts_demux_counts(demux, &monitor->counts);
    for (size_t i = 0; i < TS_MONITOR_CHECK_COUNT; i++)
        monitor->results[i].last_pid = -1;
    monitor->roles[PID_PAT] = ROLE_PAT;
    monitor->roles[PID_CAT] = ROLE_CAT;
    monitor->roles[TS_PID_NULL] = ROLE_NULL;
    bool good = (monitor->pat = ts_demux_sections(demux, PID_PAT, monitor_pat_section, monitor)) &&
                (monitor->cat = ts_demux_sections(demux, PID_CAT, monitor_cat_section, monitor)) &&
                (monitor->pcrs_of = ts_demux_pcr(demux, TS_PID_COUNT, on_pcr, monitor));
    for (size_t i = 0; good && i < SI_PID_COUNT; i++) {
        monitor->roles[si_pids[i]] = ROLE_SI;
        good = (monitor->si[i] = ts_demux_sections(demux, si_pids[i], on_si_section, monitor));
    }
    if (!good) {
        ts_monitor_destroy(monitor);
        return NULL;
    }
    return monitor;
}

void ts_monitor_destroy(struct ts_monitor *monitor)
{
    if (!monitor)
        return;
    monitor_remove_programs(monitor);
    ts_demux_unsubscribe(monitor->demux, monitor->pat);
    ts_demux_unsubscribe(monitor->demux, monitor->cat);
    ts_demux_unsubscribe(monitor->demux, monitor->pcrs_of);
    for (size_t i = 0; i < SI_PID_COUNT; i++)
        ts_demux_unsubscribe(monitor->demux, monitor->si[i]);
    free(monitor);
}

/* Accuracy has a meaning, PID by PID, only at a constant rate, which is known once there were enough PCRs. */
static void accuracy_result(const struct ts_monitor *monitor, struct ts_monitor_result *result)
{
    for (size_t i = 0; i < monitor->pcr_count; i++) {
        const struct monitor_pcr *pcr = &monitor->pcrs[i];
        if (!monitor_pcr_is_constant(pcr))
            continue;
        result->measured = true;
        if (pcr->inaccurate == 0)
            continue;
        if (result->errors == 0 || pcr->inaccurate_first_us < result->first_us)
            result->first_us = pcr->inaccurate_first_us;
        if (result->errors == 0 || pcr->inaccurate_last_us >= result->last_us) {
            result->last_us = pcr->inaccurate_last_us;
            result->last_pid = pcr->pid;
        }
        result->errors += pcr->inaccurate;
    }
}

static const char no_packets[] = "no packets", no_time[] = "no time without two PCRs of a PID",
                  no_pcr_pair[] = "no PID has two PCRs", no_streams[] = "no PMT names pictures or sound",
                  not_constant[] = "the bit rate is not constant, or too few PCRs came";

/* NULL: it is measured. */
static const char *reason_of(const struct ts_monitor *monitor, enum ts_monitor_check check)
{
    switch (check) {
    case TS_MONITOR_PID:
    case TS_MONITOR_PTS:
        return !monitor->time_known ? no_time : monitor->stream_count == 0 ? no_streams : NULL;
    case TS_MONITOR_PCR_REPETITION:
    case TS_MONITOR_PCR_DISCONTINUITY:
        return monitor->results[TS_MONITOR_PCR_REPETITION].measured ? NULL : no_pcr_pair;
    case TS_MONITOR_PCR_ACCURACY:
        return not_constant;
    case TS_MONITOR_PAT:
    case TS_MONITOR_PMT:
        return monitor->time_known ? NULL : no_time;
    default:
        return monitor->counts.packets > 0 ? NULL : no_packets;
    }
}

void ts_monitor_result(const struct ts_monitor *monitor, enum ts_monitor_check check,
                       struct ts_monitor_result *result)
{
    *result = monitor->results[check];
    if (check == TS_MONITOR_PCR_ACCURACY)
        accuracy_result(monitor, result);
    else
        result->measured = result->errors > 0 || !reason_of(monitor, check);
}

const char *ts_monitor_not_measured(const struct ts_monitor *monitor, enum ts_monitor_check check)
{
    struct ts_monitor_result result;
    ts_monitor_result(monitor, check, &result);
    return result.measured ? NULL : reason_of(monitor, check);
}

const char *ts_monitor_check_str(enum ts_monitor_check check)
{
    return checks[check].name;
}

const char *ts_monitor_check_number(enum ts_monitor_check check)
{
    return checks[check].number;
}

int ts_monitor_check_priority(enum ts_monitor_check check)
{
    return check < TS_MONITOR_TRANSPORT ? 1 : 2;
}

bool ts_monitor_pcr(const struct ts_monitor *monitor, size_t index, struct ts_monitor_pcr *pcr)
{
    if (index >= monitor->pcr_count)
        return false;
    const struct monitor_pcr *at = &monitor->pcrs[index];
    int64_t mean = at->intervals > 0 ? at->interval_sum / (int64_t)at->intervals : 0;
    *pcr = (struct ts_monitor_pcr){.pid = at->pid,
                                   .count = at->count,
                                   .discontinuities = at->discontinuities,
                                   .interval_max_us = at->interval_max / TICKS_A_US,
                                   .interval_mean_us = mean / TICKS_A_US,
                                   .constant_rate = monitor_pcr_is_constant(at),
                                   .accuracy_max_ns = (int64_t)(at->accuracy_max * 1000 / TICKS_A_US),
                                   .inaccurate = at->inaccurate};
    return true;
}

const char *ts_monitor_pid_role(const struct ts_monitor *monitor, uint16_t pid)
{
    return role_names[monitor->roles[pid]];
}
