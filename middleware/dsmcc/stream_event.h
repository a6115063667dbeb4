/* SPDX-License-Identifier: Apache-2.0 */
/* Stream descriptors in sections of table 0x3D: events that happen now or at a moment of the programme, and
 * normal play time, which says when that is (ISO/IEC 13818-6, 8.1 to 8.3; TS 102 809, B.2.4). Read and built
 * side by side; no state, any thread. The follower below belongs to the thread that feeds it. */
#ifndef KOKONOR_DSMCC_STREAM_EVENT_H
#define KOKONOR_DSMCC_STREAM_EVENT_H

#include "base/reader.h"
#include "ts/demux.h"

#define DSMCC_TABLE_STREAM 0x3D
#define DSMCC_NPT_MASK ((UINT64_C(1) << 33) - 1) /* NPT and STC have 33 bits of 90 kHz, and wrap */
#define DSMCC_EVENT_DATA_MAX 245

/* event_id: 0x0001 .. 0x3FFF now, 0x8000 .. 0xBFFF scheduled, and 14 bits of it are the section's
 * table_id_extension. */
struct dsmcc_stream_event {
    uint16_t event_id;
    uint64_t npt_90khz; /* of no meaning for an event that happens now */
    struct bytes private_data;
    uint8_t version; /* of the section that said so; read only */
};

/* npt = npt_90khz + (stc - stc_90khz) * numerator / denominator; numerator 0: it stands still. */
struct dsmcc_npt_reference {
    bool post_discontinuity; /* counts from the next discontinuity of the STC on */
    uint8_t content_id;      /* 7 bits */
    uint64_t stc_90khz, npt_90khz;
    uint16_t numerator, denominator;
};

enum dsmcc_stream_descriptor {
    DSMCC_STREAM_DESCRIPTOR_END, /* or the rest is broken: the reader failed then */
    DSMCC_STREAM_DESCRIPTOR_EVENT,
    DSMCC_STREAM_DESCRIPTOR_NPT,
    DSMCC_STREAM_DESCRIPTOR_OTHER, /* unknown, or one of ours whose body is broken */
};

struct dsmcc_stream_section {
    uint16_t table_id_extension;
    uint8_t version;
    struct reader descriptors;
    /* What the last descriptor was. */
    struct dsmcc_stream_event event;
    struct dsmcc_npt_reference npt;
};

/* A whole section whose CRC_32 was checked. False where it is none of table 0x3D with CRC_32, or not
 * applicable yet (current_next_indicator 0). */
bool dsmcc_stream_section_read(const uint8_t *section, size_t size, struct dsmcc_stream_section *read);
/* The next descriptor, in event or npt. */
enum dsmcc_stream_descriptor dsmcc_stream_section_next(struct dsmcc_stream_section *section);
/* Whether events of the section happen when they are heard (bits 15 and 14 of the table_id_extension 00;
 * where they say neither, the event's own id tells). */
bool dsmcc_event_is_now(uint16_t table_id_extension, uint16_t event_id);

/* Whole sections with CRC_32. version: a new one for each time that the event happens, or is moved. Fail
 * (buffer->failed) on an event_id out of its ranges, more than 245 bytes of data, or a denominator of 0. */
void dsmcc_stream_event_append(struct buffer *buffer, const struct dsmcc_stream_event *event,
                               uint8_t version);
void dsmcc_npt_reference_append(struct buffer *buffer, const struct dsmcc_npt_reference *reference,
                                uint8_t version);

/* ---- normal play time, from references and a system time clock ---- */

struct dsmcc_npt_clock {
    bool known, has_next;
    struct dsmcc_npt_reference now, next; /* next: from the discontinuity on */
};

/* False where it cannot count (denominator 0). */
bool dsmcc_npt_clock_take(struct dsmcc_npt_clock *clock, const struct dsmcc_npt_reference *reference);
/* A new base of the STC begins: what was known counts no more. */
void dsmcc_npt_clock_discontinuity(struct dsmcc_npt_clock *clock);
/* False where it is not known. */
bool dsmcc_npt_clock_at(const struct dsmcc_npt_clock *clock, uint64_t stc_90khz, uint64_t *npt_90khz);

/* ---- the follower ---- */

/* Once for each version of an event that happens now; once for a scheduled one, at its time. event is valid
 * during the call; the callback may destroy the follower. */
typedef void dsmcc_event_fn(void *context, const struct dsmcc_stream_event *event, bool scheduled);

/* Zero means the default. */
struct dsmcc_events_options {
    size_t max_waiting; /* scheduled events; 64 */
    unsigned late_ms;   /* an event whose time is past by more, of programme time, does not happen; 1,000 */
    dsmcc_event_fn *happens;
    void *context;
};

struct dsmcc_events_counts {
    uint64_t sections, other_sections; /* of table 0x3D, and others or not applicable */
    uint64_t bad_descriptors;
    uint64_t happened, late, refused; /* refused: beyond max_waiting */
    size_t waiting;
};

struct dsmcc_events;

/* Follows pid, with the clock of pcr_pid (TS_PID_NULL: none). demux may be NULL: the caller then feeds
 * sections and PCRs. demux must outlive the follower. NULL without memory. */
struct dsmcc_events *dsmcc_events_create(struct ts_demux *demux, uint16_t pid, uint16_t pcr_pid,
                                         const struct dsmcc_events_options *options);
void dsmcc_events_destroy(struct dsmcc_events *events); /* NULL does nothing */
void dsmcc_events_push_section(struct dsmcc_events *events, const uint8_t *section, size_t size);
void dsmcc_events_push_pcr(struct dsmcc_events *events, uint64_t pcr_27mhz, bool discontinuity);
/* Normal play time as of the last PCR; false where it is not known. */
bool dsmcc_events_npt(const struct dsmcc_events *events, uint64_t *npt_90khz);
void dsmcc_events_counts(const struct dsmcc_events *events, struct dsmcc_events_counts *counts);

#endif
