/* SPDX-License-Identifier: Apache-2.0 */
#include "player/timeline.h"
#include "base/log.h"
#include <string.h>

#define SECOND 90000
#define EARLIEST (-3 * SECOND) /* a packet's time lies within these of the PCR beside it */
#define LATEST (12 * SECOND)
#define PCR_AHEAD_MAX (2 * SECOND)          /* of the time that has passed */
#define MARKED_DIFFERENCE_MAX (SECOND / 10) /* where discontinuity_indicator says that the clock changed */
#define STEP_US 500000                      /* a larger change of arrival is no jitter */
#define STEPS_MIN 10
#define SMOOTHING_EARLY 16
#define SMOOTHING_LATE 256
#define WITHOUT_PCR_US 300000 /* then a packet is taken to come this long before its decoding time */
#define JUMPS_MAX 8
#define JUMPS_WITHIN_US 2000000

int64_t timeline_difference(uint64_t raw, uint64_t from)
{
    const int64_t range = INT64_C(1) << 33;
    int64_t difference = (int64_t)((raw - from) & (uint64_t)(range - 1));
    return difference >= range / 2 ? difference - range : difference;
}

int64_t timeline_us(int64_t line)
{
    return line * 100 / 9;
}

int64_t timeline_from_us(int64_t us)
{
    return us * 9 / 100;
}

void timeline_init(struct timeline *timeline)
{
    memset(timeline, 0, sizeof *timeline);
    timeline->margin_us = TIMELINE_MARGIN_US;
    for (int i = 0; i < TIMELINE_STREAMS; i++)
        timeline->last[i] = TIMELINE_NONE;
}

void timeline_reset(struct timeline *timeline)
{
    int64_t start = timeline->furthest + 10 * SECOND;
    uint64_t discontinuities = timeline->discontinuities;
    timeline_init(timeline);
    timeline->start = timeline->furthest = start;
    timeline->discontinuities = discontinuities;
}

static void reach(struct timeline *timeline, int64_t line)
{
    if (line > timeline->furthest)
        timeline->furthest = line;
}

static int64_t line_in(const struct timeline_epoch *epoch, uint64_t raw)
{
    return epoch->line + timeline_difference(raw, epoch->raw);
}

/* The stream's clock jumped: from now on raw is line. */
static void begin_epoch(struct timeline *timeline, uint64_t raw, int64_t line, int64_t arrived_us)
{
    if (timeline->now.valid) {
        timeline->discontinuities++;
        bool soon = arrived_us - timeline->jumped_us < JUMPS_WITHIN_US;
        timeline->jumps_in_a_row = soon ? timeline->jumps_in_a_row + 1 : 1;
        timeline->jumped_us = arrived_us;
    }
    timeline->before = timeline->now;
    timeline->now = (struct timeline_epoch){true, raw, line};
    if (timeline->jumps_in_a_row > JUMPS_MAX && timeline->have_pcr && !timeline->ignore_pcr) {
        timeline->ignore_pcr = true;
        timeline->have_pcr = false;
        log_warning("the PCR is not the clock of the packets: it is ignored");
    }
}

/* line arrives now. Nothing comes before it was sent, so an early arrival tells more than a late one; a
 * lasting change is a stalled input that goes on from where it was. */
static void anchor(struct timeline *timeline, int64_t line, int64_t arrived_us)
{
    int64_t found = arrived_us - timeline_us(line);
    int64_t difference = found - timeline->anchor_us;
    bool step = difference > STEP_US || difference < -STEP_US;
    timeline->steps_in_a_row = step ? timeline->steps_in_a_row + 1 : 0;
    if (!timeline->anchored || timeline->steps_in_a_row >= STEPS_MIN)
        timeline->anchor_us = found;
    else if (!step)
        timeline->anchor_us += difference / (difference < 0 ? SMOOTHING_EARLY : SMOOTHING_LATE);
    timeline->anchored = true;
}

static bool pcr_continues(const struct timeline *timeline, int64_t line, bool discontinuity,
                          int64_t arrived_us)
{
    int64_t expected = timeline->pcr_line + timeline_from_us(arrived_us - timeline->pcr_arrived_us);
    if (discontinuity && !timeline->made_by_packet)
        return line - expected < MARKED_DIFFERENCE_MAX && expected - line < MARKED_DIFFERENCE_MAX;
    int64_t back = timeline->made_by_packet ? PCR_AHEAD_MAX : 0;
    return line >= timeline->pcr_line - back && line <= expected + PCR_AHEAD_MAX;
}

/* Packets came before the first PCR: is it of their clock? */
static bool pcr_fits_packets(const struct timeline *timeline, int64_t line)
{
    int64_t ahead = timeline->furthest - line;
    return ahead >= EARLIEST && ahead <= LATEST;
}

void timeline_pcr(struct timeline *timeline, uint64_t pcr_27mhz, bool discontinuity, int64_t arrived_us)
{
    uint64_t raw = pcr_27mhz / 300 & ((UINT64_C(1) << 33) - 1);
    if (timeline->ignore_pcr)
        return;
    if (!timeline->now.valid)
        timeline->now = (struct timeline_epoch){true, raw, timeline->start};
    int64_t line = line_in(&timeline->now, raw);
    if (!timeline->have_pcr) {
        timeline->anchored = false;
        if (!pcr_fits_packets(timeline, line)) {
            line = timeline->furthest;
            begin_epoch(timeline, raw, line, arrived_us);
        }
    } else if (!pcr_continues(timeline, line, discontinuity, arrived_us)) {
        int64_t passed = timeline_from_us(arrived_us - timeline->pcr_arrived_us);
        line = timeline->pcr_line + (passed > 0 ? passed : 0);
        begin_epoch(timeline, raw, line, arrived_us);
        if (timeline->ignore_pcr)
            return;
    }
    timeline->now.raw = raw;
    timeline->now.line = line;
    timeline->have_pcr = true;
    timeline->made_by_packet = false;
    timeline->pcr_line = line;
    timeline->pcr_arrived_us = arrived_us;
    reach(timeline, line);
    anchor(timeline, line, arrived_us);
}

/* The epoch whose line for raw is plausible and nearest to what the stream's last packet makes us expect. */
static bool find_line(const struct timeline *timeline, enum timeline_stream stream, uint64_t raw,
                      int64_t *line)
{
    const struct timeline_epoch *epochs[] = {&timeline->now, &timeline->before};
    int64_t last = timeline->last[stream];
    int64_t about = timeline->have_pcr      ? timeline->pcr_line
                    : last != TIMELINE_NONE ? last
                                            : timeline->furthest;
    int64_t nearest = INT64_MAX;
    for (int i = 0; i < 2; i++) {
        if (!epochs[i]->valid)
            continue;
        int64_t candidate = line_in(epochs[i], raw);
        if (candidate - about < EARLIEST || candidate - about > LATEST)
            continue;
        int64_t distance = last == TIMELINE_NONE ? i : candidate > last ? candidate - last : last - candidate;
        if (distance < nearest) {
            nearest = distance;
            *line = candidate;
        }
    }
    return nearest != INT64_MAX;
}

int64_t timeline_packet(struct timeline *timeline, enum timeline_stream stream, uint64_t dts_90khz,
                        int64_t arrived_us)
{
    uint64_t raw = dts_90khz & ((UINT64_C(1) << 33) - 1);
    int64_t line = timeline->start;
    if (!timeline->now.valid) {
        timeline->now = (struct timeline_epoch){true, raw, line};
    } else if (!find_line(timeline, stream, raw, &line)) {
        int64_t last = timeline->last[stream];
        line = last == TIMELINE_NONE ? timeline->furthest : last + SECOND / 25;
        begin_epoch(timeline, raw, line, arrived_us);
        timeline->made_by_packet = true;
    }
    timeline->last[stream] = line;
    reach(timeline, line);
    if (!timeline->have_pcr) {
        timeline->now.line = line_in(&timeline->now, raw);
        timeline->now.raw = raw;
        anchor(timeline, line, arrived_us + WITHOUT_PCR_US);
    }
    return line;
}

void timeline_expect(struct timeline *timeline, int64_t line)
{
    if (!timeline->have_pcr || line >= timeline->pcr_line)
        return;
    int64_t needed = TIMELINE_MARGIN_US + timeline_us(timeline->pcr_line - line);
    if (needed > TIMELINE_MARGIN_MAX_US)
        needed = TIMELINE_MARGIN_MAX_US;
    if (needed > timeline->margin_us)
        timeline->margin_us = needed;
}

int64_t timeline_base_us(const struct timeline *timeline)
{
    return timeline->anchor_us + timeline->margin_us;
}
