/* SPDX-License-Identifier: Apache-2.0 */
/* Stream and stream-event objects of a carousel: what a stream is, and the names of its events (TR 101 202,
 * 4.7.4.5; TS 102 809, B.2.2.6). Read and built side by side. No state; any thread. Views point into what was
 * read. */
#ifndef KOKONOR_DSMCC_STREAM_H
#define KOKONOR_DSMCC_STREAM_H

#include "base/reader.h"
#include "dsmcc/tree.h"

#define DSMCC_STREAM_TAPS_MAX 16
#define DSMCC_STREAM_EVENTS_MAX 255 /* eventIds_count has 8 bits */

/* use of a Tap */
#define DSMCC_TAP_NPT 0x000B
#define DSMCC_TAP_STATUS_AND_EVENT 0x000C /* eventIds of "do it now" and of scheduled events, with NPT */
#define DSMCC_TAP_EVENT 0x000D
#define DSMCC_TAP_STATUS 0x000E
#define DSMCC_TAP_ES 0x0018
#define DSMCC_TAP_PROGRAM 0x0019

struct dsmcc_stream_tap {
    uint16_t id, use, association_tag;
};

struct dsmcc_stream_event_name {
    uint16_t event_id;
    struct bytes name; /* without its NUL; any bytes */
};

struct dsmcc_stream {
    enum dsmcc_kind kind; /* STREAM or STREAM_EVENT */
    struct bytes description;
    int32_t duration_s;
    uint32_t duration_us;
    bool audio, video, data;
    size_t tap_count, event_count;
    struct dsmcc_stream_tap taps[DSMCC_STREAM_TAPS_MAX]; /* those beyond are left out */
    struct dsmcc_stream_event_name events[DSMCC_STREAM_EVENTS_MAX];
};

/* Reads objectInfo and messageBody of a STREAM or STREAM_EVENT; false where they break the syntax, names and
 * ids differ in number, or kind is another. aMicroSeconds has 16 bits in one standard and 32 in the other:
 * what makes the rest fit exactly is taken, 16 bits where both do or neither. */
bool dsmcc_stream_read(enum dsmcc_kind kind, struct bytes info, struct bytes body,
                       struct dsmcc_stream *stream);
/* The same of a tree's entry. */
bool dsmcc_stream_of_entry(const struct dsmcc_entry *entry, struct dsmcc_stream *stream);
/* The event's name, or NULL. */
const struct dsmcc_stream_event_name *dsmcc_stream_find_event(const struct dsmcc_stream *stream,
                                                              uint16_t event_id);

/* Whether it can be built: at most 255 bytes of description, names of 1 .. 254 bytes without NUL, and
 * everything within the 65,535 bytes of an objectInfo. */
bool dsmcc_stream_is_good(const struct dsmcc_stream *stream);
/* Of the message that dsmcc_stream_append appends. */
size_t dsmcc_stream_size(const struct dsmcc_stream *stream);
/* A whole message with a key of 4 bytes. aMicroSeconds is written with 16 bits, and duration_us must fit
 * them.
 */
void dsmcc_stream_append(struct buffer *buffer, uint32_t key, const struct dsmcc_stream *stream);

#endif
