/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to packets, sections and PES packets of the PIDs that someone asked for. Belongs to one thread
 * (reception). Allocates when a PID is first subscribed, never per packet. A callback may subscribe and
 * unsubscribe, itself included. */
#ifndef KOKONOR_TS_DEMUX_H
#define KOKONOR_TS_DEMUX_H

#include "ts/packet.h"

struct ts_demux;
struct ts_subscription;

#define TS_SECTION_SIZE_MAX 4096
#define TS_PES_SIZE_MAX (1024 * 1024)

/* Packets that are whole and fit to use: errored, scrambled, payload-less and duplicate ones are counted and
 * not delivered. lost: the continuity counter jumped before this packet. On a PID without a subscriber of its
 * own, a repeated counter alone makes a duplicate; else the payload must be repeated too. */
typedef void ts_packet_fn(void *context, const struct ts_packet *packet, const uint8_t bytes[TS_PACKET_SIZE],
                          bool lost);
/* A whole section from table_id to its end. With section_syntax_indicator 1 (or table_id 0x73) its CRC_32 was
 * right. The bytes are valid during the call only. */
typedef void ts_section_fn(void *context, uint16_t pid, const uint8_t *section, size_t size);
/* Looks at the first TS_SECTION_HEAD_SIZE bytes of a section, before the others have come and its CRC_32 was
 * checked: false passes it over. It comes all the same where another subscriber of the PID wants it, or where
 * a packet ends earlier. Must not subscribe, unsubscribe, reset or destroy. */
#define TS_SECTION_HEAD_SIZE 26
typedef bool ts_section_want_fn(void *context, uint16_t pid, const uint8_t head[TS_SECTION_HEAD_SIZE]);
/* One PES packet's payload with its times, valid during the call only. lost: something before or inside is
 * missing. */
struct ts_pes {
    uint16_t pid;
    uint8_t stream_id;
    bool has_pts, has_dts;
    uint64_t pts_90khz, dts_90khz; /* 33 bits; dts equals pts where has_dts is false */
    const uint8_t *data;
    size_t size;
    bool lost;
    bool random_access;
};
typedef void ts_pes_fn(void *context, const struct ts_pes *pes);
/* A PCR and the packet that carried it, counted since creation (the first is 0): with a constant bit rate,
 * the byte position. pcr_27mhz: 0 .. 2^33 * 300 - 1. discontinuity: a new time base starts here (2.4.3.5).
 * Packets without payload count too. */
typedef void ts_pcr_fn(void *context, uint16_t pid, uint64_t pcr_27mhz, uint64_t packet_index,
                       bool discontinuity);

/* Counts since creation, over all PIDs, subscribed or not; sections and PES packets of subscribed PIDs only.
 */
struct ts_demux_counts {
    uint64_t packets;
    uint64_t bytes_skipped; /* while out of synchronisation */
    uint64_t sync_losses;
    uint64_t transport_errors;
    uint64_t bad_headers;
    uint64_t scrambled;
    uint64_t duplicates;
    uint64_t continuity_errors;
    uint64_t sections;
    uint64_t bad_sections; /* CRC or length */
    uint64_t bad_pes;
    uint64_t sync_byte_errors; /* packets in synchronisation that did not begin with a sync byte */
    uint64_t discontinuities;  /* discontinuity_indicator set */
    uint64_t passed_sections;  /* that nobody wanted: not in sections or bad_sections */
};

/* Of one PID, since creation. packets includes all that follow but transport_errors, whose PID is doubtful.
 */
struct ts_pid_counts {
    uint64_t packets;
    uint64_t transport_errors;
    uint64_t scrambled;
    uint64_t duplicates;
    uint64_t continuity_errors; /* jumps without discontinuity_indicator, and third copies */
    uint64_t discontinuities;
    uint64_t crc_errors; /* while someone subscribes to its sections */
};

struct ts_demux *ts_demux_create(void);
void ts_demux_destroy(struct ts_demux *demux);
/* Feeds any number of bytes; finds and keeps packet synchronisation, of packets of 188 bytes and of those
 * that have four bytes of arrival time in front (192) or sixteen of error correction behind (204). */
void ts_demux_push(struct ts_demux *demux, const uint8_t *data, size_t size);
/* Forgets partial packets, sections and PES packets (a zap, a file rewound); subscriptions stay. From a
 * callback: the rest of the bytes of that push is forgotten too. */
void ts_demux_reset(struct ts_demux *demux);
/* Delivers a last PES packet of unbounded length that waits for its successor (end of a file). */
void ts_demux_flush(struct ts_demux *demux);

/* Any number of subscribers a PID. NULL without memory. The subscription is the demux's; it ends with
 * unsubscribe or destroy. pid TS_PID_COUNT with packets and PCRs: every PID. */
struct ts_subscription *ts_demux_packets(struct ts_demux *demux, uint16_t pid, ts_packet_fn *fn,
                                         void *context);
struct ts_subscription *ts_demux_sections(struct ts_demux *demux, uint16_t pid, ts_section_fn *fn,
                                          void *context);
/* With another question than whether it is there: see ts_section_want_fn, which gets context too. */
void ts_demux_set_want(struct ts_subscription *sections, ts_section_want_fn *want);
struct ts_subscription *ts_demux_pes(struct ts_demux *demux, uint16_t pid, ts_pes_fn *fn, void *context);
struct ts_subscription *ts_demux_pcr(struct ts_demux *demux, uint16_t pid, ts_pcr_fn *fn, void *context);
void ts_demux_unsubscribe(struct ts_demux *demux,
                          struct ts_subscription *subscription); /* NULL does nothing */

void ts_demux_counts(const struct ts_demux *demux, struct ts_demux_counts *counts);
/* False, with counts all 0, where nothing came on that PID. */
bool ts_demux_pid_counts(const struct ts_demux *demux, uint16_t pid, struct ts_pid_counts *counts);
/* Bytes from one packet to the next: 188, 192 or 204. */
size_t ts_demux_stride(const struct ts_demux *demux);

#endif
