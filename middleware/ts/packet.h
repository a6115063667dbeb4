/* SPDX-License-Identifier: Apache-2.0 */
/* One 188-byte transport packet (ISO/IEC 13818-1, 2.4.3.2), read and written. No state; any thread. */
#ifndef KOKONOR_TS_PACKET_H
#define KOKONOR_TS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TS_PACKET_SIZE 188
#define TS_SYNC_BYTE 0x47
#define TS_PID_NULL 0x1FFF
#define TS_PID_COUNT 8192

struct ts_packet {
    uint16_t pid;
    bool transport_error;
    bool payload_unit_start;
    bool scrambled; /* transport_scrambling_control != 0 */
    bool has_payload;
    bool discontinuity; /* discontinuity_indicator */
    bool random_access;
    bool has_pcr;
    uint8_t continuity_counter;
    uint64_t pcr_27mhz;     /* 0 .. 2^33 * 300 - 1, where has_pcr */
    const uint8_t *payload; /* into the bytes that were read; NULL where has_payload is false */
    uint8_t payload_size;   /* 0 .. 184 */
};

/* Reads the header of the 188 bytes. False: no sync byte, adaptation_field_control 0, or an adaptation field
 * that does not fit. */
bool ts_packet_read(const uint8_t bytes[TS_PACKET_SIZE], struct ts_packet *packet);

/* Writes one packet: header, an adaptation field as large as flags, PCR and stuffing need, then payload.
 * Returns how many of the payload's bytes it took: min(size, room). payload_size less than the room is
 * stuffed in the adaptation field. */
struct ts_packet_options {
    uint16_t pid;
    uint8_t continuity_counter; /* used & 15; the caller counts */
    bool payload_unit_start;
    bool discontinuity;
    bool random_access;
    bool has_pcr;
    uint64_t pcr_27mhz;
};
size_t ts_packet_write(uint8_t bytes[TS_PACKET_SIZE], const struct ts_packet_options *options,
                       const void *payload, size_t size);
void ts_packet_write_null(uint8_t bytes[TS_PACKET_SIZE]);

#endif
