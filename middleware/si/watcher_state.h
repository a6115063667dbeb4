/* SPDX-License-Identifier: Apache-2.0 */
/* What a watcher holds: shared by the file that follows the tables (watcher.c) and the one that answers
 * questions (watcher_ask.c). Inside si only. */
#ifndef KOKONOR_SI_WATCHER_STATE_H
#define KOKONOR_SI_WATCHER_STATE_H

#include "si/aits.h"
#include "si/archive.h"
#include "si/eit.h"
#include "si/feed.h"
#include "si/lineup.h"
#include "si/watcher.h"

struct si_watcher {
    struct ts_demux *demux;
    si_changed_fn *changed;
    void *context;
    char country[4], language[SI_LANGUAGE_SIZE];
    unsigned region;
    struct si_text *text;
    struct si_guide *guide; /* NULL: none was asked for */
    struct si_archive *archive;
    unsigned pending; /* SI_CHANGED_ bits not yet told */
    struct si_watcher_counts counts;
    bool warned_bad, warned_limit;
    uint64_t stream_flips, stream_flips_said; /* changes of the transport_stream_id */
    int64_t stream_said_us;

    struct si_feed *pat_feed, *sdt_feed, *nit_feed, *time_feed;
    struct ts_subscription *pat_subscription, *sdt_subscription, *nit_subscription, *eit_subscription,
        *time_subscription, *cat_subscription;
    uint16_t nit_pid;

    bool has_pat, has_sdt, has_nit, has_clock;
    bool pat_is_new; /* read within the feed's callback, applied behind it */
    struct si_pat pat;
    uint16_t original_network_id;
    struct si_nit nit;
    struct si_clock clock;
    int64_t doubted_utc_s; /* the last TDT that jumped; -1 none */
    struct si_lineup lineup;
    struct si_ait_slot *aits[SI_AITS_MAX];
    size_t ait_count;

    union { /* too large for a reception thread's stack */
        struct si_sdt sdt;
        struct si_nit nit;
        struct si_pmt pmt;
        struct si_eit_section eit;
    } scratch;
};

#endif
