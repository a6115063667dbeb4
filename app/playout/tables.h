/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the stream as packets, each as often as DVB asks (ETSI TR 101 211, 4.4; TR 101 290): PAT,
 * PMT, SDT, NIT, EIT present/following, TDT, TOT, AIT. Belongs to one thread. Times are 27 MHz ticks since
 * the stream's start. */
#ifndef KOKONOR_PLAYOUT_TABLES_H
#define KOKONOR_PLAYOUT_TABLES_H

#include "playout/channel.h"
#include "ts/packet.h"

#define TABLES_CAROUSEL_ASSOCIATION_TAG 0x0B

struct tables_options {
    bool has_video, has_audio;
    uint32_t carousel_id;
    uint32_t organisation_id; /* of the AIT's application */
    uint16_t application_id;
    unsigned version; /* & 31, of PAT, PMT, SDT, NIT and AIT */
};

struct tables;

/* channel is copied. NULL and a reason in error: no memory, or a table that does not fit its sections. */
struct tables *tables_create(const struct channel *channel, const struct tables_options *options,
                             struct error *error);
void tables_destroy(struct tables *tables); /* NULL does nothing */
/* Names and events change; the frame must be the same. On failure everything stays as it was. */
bool tables_set_channel(struct tables *tables, const struct channel *channel, unsigned version,
                        struct error *error);

/* Writes the packet that is due at now; false: none is. utc_s is what TDT and TOT say and EIT goes by. */
bool tables_packet(struct tables *tables, int64_t now_27mhz, int64_t utc_s, uint8_t bytes[TS_PACKET_SIZE]);

#endif
