/* SPDX-License-Identifier: Apache-2.0 */
/* The demultiplexer over any bytes, pushed in pieces of uneven size, with a subscriber of each kind and the
 * monitor; the packet writer takes what was delivered, so that reader and writer disagree nowhere. */
#include "ts/demux.h"
#include "ts/monitor.h"
#include "ts/section.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PIDS 64 /* enough for the seeds; every further one costs a start-up */

static void require(bool truth)
{
    if (!truth)
        abort();
}

struct taste {
    struct ts_demux *demux;
    struct ts_subscription *transient;
    unsigned sum;
};

static void touch(struct taste *taste, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        taste->sum += data[i];
}

static void on_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct taste *taste = context;
    struct ts_section_header header;
    require(pid < TS_PID_COUNT && size >= 3 && size <= TS_SECTION_SIZE_MAX);
    ts_section_read_header(section, size, &header);
    touch(taste, section, size);
}

static void on_pes(void *context, const struct ts_pes *pes)
{
    require(pes->size <= TS_PES_SIZE_MAX + 264 && pes->pts_90khz >> 33 == 0 && pes->dts_90khz >> 33 == 0);
    touch(context, pes->data, pes->size);
}

static void on_pcr(void *context, uint16_t pid, uint64_t pcr_27mhz, uint64_t packet_index, bool discontinuity)
{
    struct taste *taste = context;
    (void)pid, (void)packet_index, (void)discontinuity;
    require(pcr_27mhz < (UINT64_C(1) << 33) * 300 + 512);
    taste->sum += (unsigned)pcr_27mhz;
}

/* Ends itself and begins again, now and then resets: what a callback may do. */
static void on_packet(void *context, const struct ts_packet *packet, const uint8_t bytes[TS_PACKET_SIZE],
                      bool lost)
{
    struct taste *taste = context;
    (void)bytes;
    touch(taste, packet->payload, packet->payload_size);
    if (lost && (taste->sum & 3) == 0) {
        ts_demux_unsubscribe(taste->demux, taste->transient);
        taste->transient = ts_demux_packets(taste->demux, TS_PID_COUNT, on_packet, taste);
    }
    if ((taste->sum & 0xFFF) == 0xFFF)
        ts_demux_reset(taste->demux);
    const struct ts_packet_options options = {.pid = packet->pid,
                                              .continuity_counter = packet->continuity_counter,
                                              .payload_unit_start = packet->payload_unit_start,
                                              .has_pcr = packet->has_pcr,
                                              .pcr_27mhz = packet->pcr_27mhz};
    uint8_t again[TS_PACKET_SIZE];
    struct ts_packet reread;
    size_t taken = ts_packet_write(again, &options, packet->payload, packet->payload_size);
    require(ts_packet_read(again, &reread) && reread.pid == packet->pid && taken <= packet->payload_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct taste taste = {.demux = ts_demux_create()};
    require(taste.demux != NULL);
    struct ts_monitor *monitor = ts_monitor_create(taste.demux, NULL);
    require(monitor != NULL);
    taste.transient = ts_demux_packets(taste.demux, TS_PID_COUNT, on_packet, &taste);
    for (uint16_t pid = 0; pid < PIDS; pid++) {
        ts_demux_sections(taste.demux, pid, on_section, &taste);
        ts_demux_pcr(taste.demux, pid, on_pcr, &taste);
    }
    ts_demux_pes(taste.demux, 33, on_pes, &taste);
    ts_demux_pes(taste.demux, 34, on_pes, &taste);
    for (size_t at = 0, piece = 1; at < size; piece = piece * 7 % 1999 + 1) {
        size_t part = piece < size - at ? piece : size - at;
        ts_demux_push(taste.demux, data + at, part);
        at += part;
    }
    ts_demux_flush(taste.demux);
    struct ts_demux_counts counts;
    ts_demux_counts(taste.demux, &counts);
    require(counts.packets * TS_PACKET_SIZE + counts.bytes_skipped <= size);
    ts_monitor_finish(monitor);
    struct ts_monitor_result result;
    for (int check = 0; check < TS_MONITOR_CHECK_COUNT; check++)
        ts_monitor_result(monitor, check, &result);
    ts_monitor_destroy(monitor);
    ts_demux_destroy(taste.demux);
    return 0;
}
