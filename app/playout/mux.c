/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/mux.h"
#include <stdlib.h>

#define TICKS INT64_C(27000000)
/* A PCR names the time of the byte that holds the last bit of its base: the eleventh of the packet (2.4.3.5).
 */
#define PCR_BYTE 10
#define PCR_SOON (30 * TICKS / 1000)
#define PCR_LATEST (MUX_PCR_INTERVAL_MS * TICKS / 1000)
/* Packets that the carousel may catch up at once after pictures and sound were in its way. */
#define CAROUSEL_BURST 32

struct mux {
    struct mux_options options;
    struct ts_sectioner carousel;
    uint64_t slot;
    int64_t utc_ms_at_start;
    int64_t last_pcr; /* since the stream's start */
    bool has_pcr;
    int64_t carousel_credit; /* in bit_rate-ths of a packet */
    struct mux_counts counts;
};

/* When the byte numbered within the slot goes out, in ticks since the start, without overflow for as long as
 * a stream can run. */
static int64_t time_of(const struct mux *mux, uint64_t slot, unsigned byte)
{
    uint64_t bits = (slot * TS_PACKET_SIZE + byte) * 8, rate = (uint64_t)mux->options.bit_rate;
    return (int64_t)(bits / rate * TICKS + bits % rate * TICKS / rate);
}

struct mux *mux_create(const struct mux_options *options)
{
    struct mux *mux = calloc(1, sizeof(*mux));
    if (!mux)
        return NULL;
    mux->options = *options;
    mux->utc_ms_at_start = options->utc_ms;
    if (mux->options.pcr_start_90khz == 0)
        mux->options.pcr_start_90khz = MUX_PCR_START_90KHZ;
    ts_sectioner_init(&mux->carousel, options->carousel_pid);
    return mux;
}

void mux_destroy(struct mux *mux)
{
    free(mux);
}

int64_t mux_time_us(const struct mux *mux)
{
    return time_of(mux, mux->slot, 0) / 27;
}

void mux_set_utc_ms(struct mux *mux, int64_t utc_ms)
{
    mux->utc_ms_at_start = utc_ms - mux_time_us(mux) / 1000;
}

void mux_set_carousel_bit_rate(struct mux *mux, int64_t bit_rate)
{
    mux->options.carousel_bit_rate = bit_rate;
}

/* Marks a PCR as sent in this slot and returns its value. */
static int64_t take_pcr(struct mux *mux)
{
    int64_t since_start = time_of(mux, mux->slot, PCR_BYTE);
    mux->last_pcr = since_start;
    mux->has_pcr = true;
    return (int64_t)mux->options.pcr_start_90khz * 300 + since_start;
}

static bool pcr_is_due(const struct mux *mux, int64_t within)
{
    /* The slot behind this one would be too late. */
    return !mux->has_pcr || time_of(mux, mux->slot + 1, PCR_BYTE) - mux->last_pcr > within;
}

static bool write_live(struct mux *mux, int64_t now, enum live_need least, uint8_t *bytes)
{
    uint16_t pid = TS_PID_NULL;
    struct live *live = mux->options.live;
    if (!live || live_need(live, now, &pid) < least)
        return false;
    bool pcr = pid == mux->options.pcr_pid && pcr_is_due(mux, PCR_SOON);
    live_packet(live, now, pcr ? take_pcr(mux) : -1, bytes);
    mux->counts.live_packets++;
    return true;
}

/* A packet of nothing but a PCR, where none of the PID's own comes in time. */
static bool write_pcr(struct mux *mux, int64_t now, uint8_t *bytes)
{
    if (!pcr_is_due(mux, PCR_LATEST))
        return false;
    uint16_t pid = TS_PID_NULL, pcr_pid = mux->options.pcr_pid;
    struct live *live = mux->options.live;
    if (live && live_need(live, now, &pid) != LIVE_NOTHING && pid == pcr_pid)
        return write_live(mux, now, LIVE_MAY, bytes);
    const struct ts_packet_options options = {.pid = pcr_pid,
                                              .continuity_counter = live ? live_counter(live, pcr_pid) : 0,
                                              .has_pcr = true,
                                              .pcr_27mhz = (uint64_t)take_pcr(mux)};
    ts_packet_write(bytes, &options, NULL, 0);
    mux->counts.pcr_only_packets++;
    return true;
}

/* Stream events first: they are rare, and happen now. */
static bool write_table(struct mux *mux, int64_t now, uint8_t *bytes)
{
    if (mux->options.events && events_packet(mux->options.events, now, bytes)) {
        mux->counts.table_packets++;
        return true;
    }
    int64_t utc_ms = mux->utc_ms_at_start + now / (TICKS / 1000);
    if (!tables_packet(mux->options.tables, now, utc_ms / 1000, bytes))
        return false;
    mux->counts.table_packets++;
    return true;
}

static bool write_carousel(struct mux *mux, uint8_t *bytes)
{
    if (!mux->options.carousel || mux->carousel_credit < mux->options.bit_rate ||
        !ts_sectioner_packet(&mux->carousel, bytes, mux->options.carousel, mux->options.carousel_context))
        return false;
    mux->carousel_credit -= mux->options.bit_rate;
    mux->counts.carousel_packets++;
    return true;
}

static void earn_credit(struct mux *mux)
{
    int64_t most = CAROUSEL_BURST * mux->options.bit_rate;
    mux->carousel_credit += mux->options.carousel_bit_rate;
    if (mux->carousel_credit > most)
        mux->carousel_credit = most;
}

void mux_packet(struct mux *mux, uint8_t bytes[TS_PACKET_SIZE])
{
    int64_t now = time_of(mux, mux->slot, 0);
    earn_credit(mux);
    if (!write_pcr(mux, now, bytes) && !write_table(mux, now, bytes) &&
        !write_live(mux, now, LIVE_MUST, bytes) && !write_carousel(mux, bytes) &&
        !write_live(mux, now, LIVE_MAY, bytes)) {
        ts_packet_write_null(bytes);
        mux->counts.null_packets++;
    }
    mux->slot++;
    mux->counts.packets++;
}

void mux_counts(const struct mux *mux, struct mux_counts *counts)
{
    *counts = mux->counts;
}
