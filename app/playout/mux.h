/* SPDX-License-Identifier: Apache-2.0 */
/* The constant bit rate multiplex: which packet goes into which slot. Slot n is sent n * 1504 / bit_rate
 * seconds after the first, and PCRs say so exactly (ISO/IEC 13818-1, 2.4.2.2). Belongs to one thread. No
 * allocation per packet. */
#ifndef KOKONOR_PLAYOUT_MUX_H
#define KOKONOR_PLAYOUT_MUX_H

#include "playout/events.h"
#include "playout/live.h"
#include "playout/tables.h"
#include "ts/section.h"

#define MUX_PCR_START_90KHZ (UINT64_C(90000) * 10)
/* The longest time between two PCRs, packets in the way included (TR 101 154 allows 100 ms, TR 101 290 alarms
 * at 40 ms). */
#define MUX_PCR_INTERVAL_MS 38

struct mux;

/* Pointers are borrowed for the multiplex's life. */
struct mux_options {
    int64_t bit_rate;          /* 500,000 .. 100,000,000 bits a second, all packets */
    int64_t carousel_bit_rate; /* at most; less where pictures and sound need the room */
    uint16_t pcr_pid, carousel_pid;
    struct tables *tables;
    struct events *events;          /* NULL: none */
    struct live *live;              /* NULL: none; PCRs come all the same */
    ts_section_source_fn *carousel; /* NULL: none */
    void *carousel_context;
    int64_t utc_ms;           /* of the first packet */
    uint64_t pcr_start_90khz; /* what the PCR's base says at the stream's start, as live and events were
                                 told; 0: MUX_PCR_START_90KHZ */
};

/* NULL without memory. */
struct mux *mux_create(const struct mux_options *options);
void mux_destroy(struct mux *mux); /* NULL does nothing */
/* Writes the next slot's packet. */
void mux_packet(struct mux *mux, uint8_t bytes[TS_PACKET_SIZE]);
/* When the next slot is sent, in microseconds since the first. */
int64_t mux_time_us(const struct mux *mux);
/* Sets the time that the tables tell, for the next slot. */
void mux_set_utc_ms(struct mux *mux, int64_t utc_ms);
void mux_set_carousel_bit_rate(struct mux *mux, int64_t bit_rate);

struct mux_counts {
    uint64_t packets, null_packets, carousel_packets, live_packets, table_packets;
    uint64_t pcr_only_packets;
};
void mux_counts(const struct mux *mux, struct mux_counts *counts);

#endif
