/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the stream as packets, each as often as DVB asks (ETSI TR 101 211, 4.4; TR 101 290): PAT,
 * PMT, SDT and NIT, BAT, EIT present/following and schedule, TDT, TOT, AIT. Belongs to one thread. Times are
 * 27 MHz ticks since the stream's start. */
#ifndef KOKONOR_PLAYOUT_TABLES_H
#define KOKONOR_PLAYOUT_TABLES_H

#include "playout/channel.h"
#include "trust/manifest.h"
#include "ts/packet.h"

#define TABLES_CAROUSEL_ASSOCIATION_TAG 0x0B
#define TABLES_EVENTS_ASSOCIATION_TAG 0x05

struct tables_options {
    bool has_video, has_audio;
    uint32_t carousel_id;
    uint32_t organisation_id; /* of the AIT's application */
    uint16_t application_id;
};

/* Tables with a version_number, which changes where and only where what they say does. SDT of other streams
 * and BAT have one for each sub-table, and one that counts the changes of any, from which those of new
 * sub-tables begin. */
enum tables_kind {
    TABLES_PAT,
    TABLES_AIT,
    TABLES_PMT,
    TABLES_SDT,
    TABLES_SDT_OTHER,
    TABLES_NIT,
    TABLES_BAT,
    TABLES_EIT, /* present/following and schedule: raised by what happens with time beside this */
    TABLES_KINDS
};
extern const char *const tables_kind_names[TABLES_KINDS];

struct tables_version {
    bool known;
    uint8_t number; /* 0 .. 31 */
    uint8_t sha256[TRUST_SHA256_SIZE];
};

/* A sub-table of SDT other or BAT. */
struct tables_subtable {
    enum tables_kind kind;
    uint32_t id; /* SDT: original_network_id << 16 | transport_stream_id; BAT: bouquet_id */
    struct tables_version version;
};
#define TABLES_SUBTABLES_MAX (2 * (NEIGHBOURS_STREAMS_MAX + NEIGHBOURS_BOUQUETS_MAX))

/* What must be remembered of the tables over a restart; all zero: nothing was on air before. */
struct tables_memory {
    struct tables_version versions[TABLES_KINDS];
    /* Those on air last behind those that were before, so that one that comes back goes on from where it was.
     */
    size_t subtable_count;
    struct tables_subtable subtables[TABLES_SUBTABLES_MAX];
};

struct tables;

/* channel is not kept. memory says what was on air before and, on success, what is now. NULL and a reason in
 * error: no memory, or a table that does not fit its sections. */
struct tables *tables_create(const struct channel *channel, const struct tables_options *options,
                             struct tables_memory *memory, struct error *error);
void tables_destroy(struct tables *tables); /* NULL does nothing */
/* Bits a second that the packets take, on average; above this they would come late. */
#define TABLES_BIT_RATE_MAX 900000
int64_t tables_bit_rate(const struct tables *tables);
/* Puts the tables of fresh, made with the same frame, in the place of those on air; sections under way are
 * finished first. Takes fresh. */
void tables_replace(struct tables *tables, struct tables *fresh);

/* Writes the packet that is due at now; false: none is. utc_s is what TDT and TOT say and EIT goes by. */
bool tables_packet(struct tables *tables, int64_t now_27mhz, int64_t utc_s, uint8_t bytes[TS_PACKET_SIZE]);

#endif
