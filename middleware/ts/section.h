/* SPDX-License-Identifier: Apache-2.0 */
/* Building sections and cutting them into packets (ISO/IEC 13818-1, 2.4.4). */
#ifndef KOKONOR_TS_SECTION_H
#define KOKONOR_TS_SECTION_H

#include "base/buffer.h"
#include "ts/packet.h"

/* The long header (section_syntax_indicator 1). private_indicator is bit 6 of byte 1: 1 for DVB SI, 0 for PSI
 * and DSM-CC. */
struct ts_section_header {
    uint8_t table_id;
    bool private_indicator;
    uint16_t table_id_extension;
    uint8_t version; /* & 31 */
    bool current_next;
    uint8_t section_number;
    uint8_t last_section_number;
};

#define TS_SECTION_HEADER_SIZE 8
#define TS_SECTION_CRC_SIZE 4

/* Reads the long header; false where the section is shorter than header and CRC or has
 * section_syntax_indicator 0. */
bool ts_section_read_header(const uint8_t *section, size_t size, struct ts_section_header *header);
/* Appends header, body and CRC_32. Fails (buffer->failed) where body does not fit 4096 bytes in all. */
void ts_section_append(struct buffer *buffer, const struct ts_section_header *header, const void *body,
                       size_t size);

/* Cuts sections into packets of one PID: pointer_field, several sections a packet where they fit, 0xFF
 * stuffing at the end only when the caller has nothing more to send. Storage is the caller's; no allocation.
 */
struct ts_sectioner {
    uint16_t pid;
    uint8_t continuity_counter;
    const uint8_t *section; /* being sent, or NULL; borrowed until it is sent */
    size_t size;
    size_t sent;
};
void ts_sectioner_init(struct ts_sectioner *sectioner, uint16_t pid);
/* Gives the next section to send, which must stay valid until sent; NULL where there is none now. */
typedef const uint8_t *ts_section_source_fn(void *context, size_t *size);
/* Writes the next packet; false (nothing written) where no section is under way and the source has none. */
bool ts_sectioner_packet(struct ts_sectioner *sectioner, uint8_t bytes[TS_PACKET_SIZE],
                         ts_section_source_fn *source, void *context);

#endif
