/* SPDX-License-Identifier: Apache-2.0 */
/* What the builders of tables share: descriptors with their lengths, and entries spread over sections. Inside
 * si only. No state; the caller owns all buffers. */
#ifndef KOKONOR_SI_WRITER_H
#define KOKONOR_SI_WRITER_H

#include "si/sections.h"
#include "ts/section.h"

/* PSI and SI sections have at most 1,024 bytes (EN 300 468, 5.1.1; only EIT may have 4,096). */
#define SI_SECTION_BODY_MAX (1024 - TS_SECTION_HEADER_SIZE - TS_SECTION_CRC_SIZE)

/* Appends a tag and a length to come; returns where the body begins, for si_descriptor_end. */
size_t si_descriptor_begin(struct buffer *buffer, uint8_t tag);
/* Writes the length; the buffer fails where the body has more than 255 bytes. */
void si_descriptor_end(struct buffer *buffer, size_t body);
/* Appends a 16-bit word to come: four bits 1 and a 12-bit length of what follows up to si_loop_end. */
size_t si_loop_begin(struct buffer *buffer);
/* Writes the length under the four bits flags; the buffer fails where it has more than 12 bits. */
void si_loop_end(struct buffer *buffer, size_t body, unsigned flags);
/* Appends text with its length before it, cut to maximum encoded bytes. Returns the bytes of the text. */
size_t si_write_text(struct buffer *buffer, const char *utf8, size_t maximum);
/* Three letters of an ISO 639-2 code, "und" where language is not three bytes long. */
void si_write_language(struct buffer *buffer, const char *language);

/* Appends bytes as one more of the list. False: out is as it was. */
bool si_sections_append(struct si_sections *out, const void *data, size_t size);
/* Appends one section with this body. */
bool si_sections_append_table(struct si_sections *out, const struct ts_section_header *header,
                              const struct buffer *body);
/* The same for an EIT, up to 4,096 bytes. */
bool si_sections_append_long_table(struct si_sections *out, const struct ts_section_header *header,
                                   const struct buffer *body);
/* Writes another last_section_number into a section, and its CRC_32 anew. */
void si_section_set_last(uint8_t *section, size_t size, uint8_t last_section_number);
/* Appends as many sections as hold all entries in order, each beginning with prefix and, with loop, the
 * 12-bit length of its entries; section_number and last_section_number are set. No entries: one section.
 * False: out is as it was. */
bool si_sections_split(struct si_sections *out, struct ts_section_header header, struct bytes prefix,
                       bool loop, const struct si_sections *entries);

#endif
