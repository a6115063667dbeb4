/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers the PES packets of one PID (ISO/IEC 13818-1, 2.4.3.6). Part of the demultiplexer. */
#ifndef KOKONOR_TS_PES_FILTER_H
#define KOKONOR_TS_PES_FILTER_H

#include "ts/demux.h"

struct ts_pes_filter {
    uint8_t *data; /* TS_PES_SIZE_MAX and its header */
    size_t fill;
    bool gathering;
    bool lost; /* something is missing before or inside what is gathered, or will be next */
    bool random_access;
    unsigned generation; /* counts resets, so that a packet under way notices one made by its callback */
    uint64_t *bad_pes;
};

/* False without memory. bad_pes is the demultiplexer's counter. */
bool ts_pes_filter_init(struct ts_pes_filter *filter, uint64_t *bad_pes);
void ts_pes_filter_finish(struct ts_pes_filter *filter);
void ts_pes_filter_reset(struct ts_pes_filter *filter);
/* One packet's payload. lost: something is missing before it; what was gathered is delivered as far as it
 * came, marked, and the bytes up to the next start are passed over. deliver may reset. pid of what is
 * delivered is for the caller to set. */
typedef void ts_pes_filter_fn(void *context, struct ts_pes *pes);
void ts_pes_filter_push(struct ts_pes_filter *filter, const struct ts_packet *packet, bool lost,
                        ts_pes_filter_fn *deliver, void *context);
/* Delivers what is gathered, as at the start of a successor. */
void ts_pes_filter_flush(struct ts_pes_filter *filter, ts_pes_filter_fn *deliver, void *context);

#endif
