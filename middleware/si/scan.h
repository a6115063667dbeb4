/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the channels of a cable network: from a home frequency through the NIT, or over a list of
 * frequencies. The tuner is the caller's: the scan says what to tune to and takes the bytes. Belongs to one
 * thread. */
#ifndef KOKONOR_SI_SCAN_H
#define KOKONOR_SI_SCAN_H

#include "si/channels.h"

#define SI_SCAN_FREQUENCIES_MAX 256
/* Receivers find a carrier within this; a frequency this near to one that was scanned is the same. */
#define SI_SCAN_SAME_HZ 500000

struct si_scan;

/* Tune to this now. Bytes of the former frequency must not be pushed any more. The callback must not call the
 * scan. */
typedef void si_scan_tune_fn(void *context, const struct si_cable *cable);

struct si_scan_options {
    const struct si_cable *frequencies; /* the home frequency, or the list; copied. The first may have 0 Hz:
                                           what the tuner receives anyway, the NIT knows where that is */
    size_t frequency_count;             /* 1 .. SI_SCAN_FREQUENCIES_MAX */
    bool follow_network;                /* go on to what the NIT actual names */
    uint16_t network_id;                /* with follow_network: only this network's NIT; 0: any */
    enum si_charset charset;
    int64_t signal_timeout_us; /* without a packet; 0: 3 s */
    int64_t tables_timeout_us; /* for PAT, PMTs, SDT and NIT of one frequency; 0: 12 s (a NIT may come every
                                  10) */
    si_scan_tune_fn *tune;
    void *context;
};

struct si_scan_progress {
    bool done;
    size_t frequencies, finished; /* finished <= frequencies; more may be found */
    size_t with_signal, complete; /* of those finished */
    size_t channels;
    struct si_cable now; /* where done is false */
};

/* Tunes to the first frequency. NULL: no frequency, no tune, or no memory. */
struct si_scan *si_scan_create(const struct si_scan_options *options, int64_t now_us);
void si_scan_destroy(struct si_scan *scan); /* NULL does nothing */
/* Bytes of the present frequency. Goes on to the next one when all tables came. */
void si_scan_push(struct si_scan *scan, const uint8_t *data, size_t size, int64_t now_us);
/* Call it often (say, 4 times a second): goes on where the time is over. */
void si_scan_tick(struct si_scan *scan, int64_t now_us);
/* Nothing more will come from the present frequency, or it cannot be tuned to: goes on to the next one. */
void si_scan_skip(struct si_scan *scan, int64_t now_us);
void si_scan_progress(const struct si_scan *scan, struct si_scan_progress *progress);
/* What became of a frequency. */
struct si_scan_result {
    struct si_cable cable; /* as the network names it, where it does */
    bool has_signal;
    bool complete; /* PAT, PMTs and SDT came, and the NIT if there is one */
    bool has_stream_id;
    uint16_t transport_stream_id, original_network_id;
    size_t channels; /* found here and nowhere before */
};
/* In the order in which they were tuned; false: index has not been finished. */
bool si_scan_result(const struct si_scan *scan, size_t index, struct si_scan_result *result);
/* What was found, without numbers: for si_channels_merge. The scan's, until it is destroyed. */
const struct si_channels *si_scan_found(const struct si_scan *scan);

#endif
