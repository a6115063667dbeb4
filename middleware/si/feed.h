/* SPDX-License-Identifier: Apache-2.0 */
/* One table of one PID through libdvbpsi, behind a fence. Inside si only; belongs to the thread that feeds
 * it. The decoders of libdvbpsi 1.3.3 trust lengths inside a section, which a right CRC_32 does not vouch
 * for, and packets. So they see neither packets nor sections from outside: see feed.c for each trap and its
 * fence. */
#ifndef KOKONOR_SI_FEED_H
#define KOKONOR_SI_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum si_feed_table { SI_FEED_PAT, SI_FEED_PMT, SI_FEED_SDT, SI_FEED_NIT, SI_FEED_TIME };

enum si_feed_result {
    SI_FEED_TAKEN,   /* the table may have been given out during the call */
    SI_FEED_IGNORED, /* a repetition, another table of the PID, or not yet current */
    SI_FEED_BAD      /* not well formed, or more than we allow */
};

struct si_feed;

/* table is a dvbpsi_pat_t, dvbpsi_pmt_t, dvbpsi_sdt_t, dvbpsi_nit_t or dvbpsi_tot_t, valid during the call
 * only. The feed must not be destroyed in it. */
typedef void si_feed_fn(void *context, const void *table);

/* program_number: of a PMT; else unused. NULL without memory. */
struct si_feed *si_feed_create(enum si_feed_table table, uint16_t program_number, si_feed_fn *fn,
                               void *context);
void si_feed_destroy(struct si_feed *feed);
/* A section as ts_demux_sections delivers it. */
enum si_feed_result si_feed_push(struct si_feed *feed, const uint8_t *section, size_t size);

#endif
