/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/packet.h"
#include <assert.h>
#include <string.h>

#define HEADER_SIZE 4
#define PCR_SIZE 6
#define ADAPTATION_MAX (TS_PACKET_SIZE - HEADER_SIZE - 1)
#define PCR_BASE_MASK ((UINT64_C(1) << 33) - 1)

static uint64_t read_pcr(const uint8_t *at)
{
    uint64_t base = (uint64_t)at[0] << 25 | (uint64_t)at[1] << 17 | (uint64_t)at[2] << 9 |
                    (uint64_t)at[3] << 1 | at[4] >> 7;
    uint64_t extension = (uint64_t)(at[4] & 1) << 8 | at[5];
    return base * 300 + extension;
}

static void write_pcr(uint8_t *at, uint64_t pcr_27mhz)
{
    uint64_t base = (pcr_27mhz / 300) & PCR_BASE_MASK;
    unsigned extension = (unsigned)(pcr_27mhz % 300);
    at[0] = (uint8_t)(base >> 25);
    at[1] = (uint8_t)(base >> 17);
    at[2] = (uint8_t)(base >> 9);
    at[3] = (uint8_t)(base >> 1);
    at[4] = (uint8_t)((base & 1) << 7 | 0x7E | extension >> 8);
    at[5] = (uint8_t)extension;
}

/* The adaptation field at bytes[4]; false where it, or the PCR that it announces, does not fit (2.4.3.5). */
static bool read_adaptation(const uint8_t *bytes, struct ts_packet *packet)
{
    unsigned length = bytes[HEADER_SIZE];
    unsigned maximum = packet->has_payload ? ADAPTATION_MAX - 1 : ADAPTATION_MAX;
    if (length > maximum)
        return false;
    if (length == 0)
        return true;
    unsigned flags = bytes[HEADER_SIZE + 1];
    packet->discontinuity = flags & 0x80;
    packet->random_access = flags & 0x40;
    if (flags & 0x10) {
        if (length < 1 + PCR_SIZE)
            return false;
        packet->has_pcr = true;
        packet->pcr_27mhz = read_pcr(bytes + HEADER_SIZE + 2);
    }
    return true;
}

bool ts_packet_read(const uint8_t bytes[TS_PACKET_SIZE], struct ts_packet *packet)
{
    memset(packet, 0, sizeof(*packet));
    unsigned adaptation_field_control = bytes[3] >> 4 & 3;
    if (bytes[0] != TS_SYNC_BYTE || adaptation_field_control == 0)
        return false;
    packet->transport_error = bytes[1] & 0x80;
    packet->payload_unit_start = bytes[1] & 0x40;
    packet->pid = (uint16_t)((bytes[1] & 0x1F) << 8 | bytes[2]);
    packet->scrambled = bytes[3] & 0xC0;
    packet->continuity_counter = bytes[3] & 0x0F;
    packet->has_payload = adaptation_field_control & 1;
    size_t start = HEADER_SIZE;
    if (adaptation_field_control & 2) {
        if (!read_adaptation(bytes, packet))
            return false;
        start += 1u + bytes[HEADER_SIZE];
    }
    if (packet->has_payload) {
        packet->payload = bytes + start;
        packet->payload_size = (uint8_t)(TS_PACKET_SIZE - start);
    }
    return true;
}

static size_t adaptation_needed(const struct ts_packet_options *options)
{
    if (options->has_pcr)
        return 2 + PCR_SIZE;
    return options->discontinuity || options->random_access ? 2 : 0;
}

static void write_adaptation(uint8_t *at, size_t size, const struct ts_packet_options *options)
{
    at[0] = (uint8_t)(size - 1);
    if (size == 1)
        return;
    memset(at + 1, 0xFF, size - 1);
    at[1] = (uint8_t)((options->discontinuity ? 0x80 : 0) | (options->random_access ? 0x40 : 0) |
                      (options->has_pcr ? 0x10 : 0));
    if (options->has_pcr)
        write_pcr(at + 2, options->pcr_27mhz);
}

size_t ts_packet_write(uint8_t bytes[TS_PACKET_SIZE], const struct ts_packet_options *options,
                       const void *payload, size_t size)
{
    assert(options->pid < TS_PID_COUNT);
    size_t adaptation = adaptation_needed(options);
    size_t room = TS_PACKET_SIZE - HEADER_SIZE - adaptation;
    size_t taken = size < room ? size : room;
    adaptation += room - taken;
    bytes[0] = TS_SYNC_BYTE;
    bytes[1] = (uint8_t)((options->payload_unit_start ? 0x40 : 0) | options->pid >> 8);
    bytes[2] = (uint8_t)options->pid;
    bytes[3] = (uint8_t)((adaptation ? 0x20 : 0) | (taken ? 0x10 : 0) | (options->continuity_counter & 15));
    if (adaptation)
        write_adaptation(bytes + HEADER_SIZE, adaptation, options);
    if (taken)
        memcpy(bytes + HEADER_SIZE + adaptation, payload, taken);
    return taken;
}

void ts_packet_write_null(uint8_t bytes[TS_PACKET_SIZE])
{
    memset(bytes, 0xFF, TS_PACKET_SIZE);
    bytes[0] = TS_SYNC_BYTE;
    bytes[1] = TS_PID_NULL >> 8;
    bytes[2] = TS_PID_NULL & 0xFF;
    bytes[3] = 0x10;
}
