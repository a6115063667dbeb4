/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/monitor_pcr.h"
#include <math.h>

#define TICKS_A_US 27
#define PCR_RANGE ((INT64_C(1) << 33) * 300)
#define DISCONTINUITY_LIMIT (100000 * TICKS_A_US)
/* ISO/IEC 13818-1, 2.4.2.2: 500 ns. */
#define ACCURACY_LIMIT 13.5
/* A PCR so far from the line is one of another bit rate, or plainly wrong. */
#define JUMP_LIMIT (25.0 * TICKS_A_US)
/* A new line is begun so often, since clocks drift. */
#define LINE_LENGTH (INT64_C(5000000) * TICKS_A_US)

static void anchor(struct monitor_pcr *pcr, uint64_t index, uint64_t damage)
{
    pcr->anchor_index = index;
    pcr->since_anchor = 0;
    pcr->damage = damage;
}

static void note_inaccurate(struct monitor_pcr *pcr, int64_t now_us)
{
    if (pcr->inaccurate == 0)
        pcr->inaccurate_first_us = now_us;
    pcr->inaccurate++;
    pcr->inaccurate_last_us = now_us;
}

/* Holds the PCR against the line, which it then lengthens. */
static void check_line(struct monitor_pcr *pcr, uint64_t index, uint64_t damage, int64_t interval,
                       int64_t now_us)
{
    if (damage != pcr->damage || index <= pcr->last_index) {
        pcr->ticks_a_packet = 0;
        anchor(pcr, index, damage);
        return;
    }
    pcr->since_anchor += interval;
    double packets = (double)(index - pcr->anchor_index);
    if (pcr->ticks_a_packet > 0) {
        double distance = fabs((double)pcr->since_anchor - packets * pcr->ticks_a_packet);
        pcr->checks++;
        if (distance > ACCURACY_LIMIT)
            note_inaccurate(pcr, now_us);
        if (distance > JUMP_LIMIT) {
            pcr->jumps++;
            pcr->ticks_a_packet = 0;
            anchor(pcr, index, damage);
            return;
        }
        if (distance > pcr->accuracy_max)
            pcr->accuracy_max = distance;
    }
    pcr->ticks_a_packet = (double)pcr->since_anchor / packets;
    if (pcr->since_anchor > LINE_LENGTH)
        anchor(pcr, index, damage);
}

struct monitor_pcr_step monitor_pcr_take(struct monitor_pcr *pcr, uint64_t pcr_27mhz, uint64_t index,
                                         bool discontinuity, uint64_t damage, int64_t now_us)
{
    struct monitor_pcr_step step = {.follows = pcr->count > 0 && !discontinuity};
    pcr->discontinuities += discontinuity;
    if (step.follows) {
        step.interval = ((int64_t)pcr_27mhz - (int64_t)pcr->last_pcr + PCR_RANGE) % PCR_RANGE;
        step.in_range = step.interval <= DISCONTINUITY_LIMIT;
    }
    if (step.in_range) {
        pcr->intervals++;
        pcr->interval_sum += step.interval;
        check_line(pcr, index, damage, step.interval, now_us);
    } else {
        pcr->ticks_a_packet = 0;
        anchor(pcr, index, damage);
    }
    pcr->count++;
    pcr->last_pcr = pcr_27mhz;
    pcr->last_index = index;
    return step;
}

bool monitor_pcr_is_constant(const struct monitor_pcr *pcr)
{
    return pcr->checks >= 2 && pcr->jumps * 5 < pcr->checks;
}
