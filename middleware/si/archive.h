/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sub-tables as they came, of tables that are read on demand (CAT, SDT and NIT other, BAT), within a
 * ceiling of bytes. A version becomes visible when all its sections are there. Belongs to one thread. */
#ifndef KOKONOR_SI_ARCHIVE_H
#define KOKONOR_SI_ARCHIVE_H

#include "base/buffer.h"

struct si_archive;

enum si_archive_result {
    SI_ARCHIVE_NOTHING_NEW,
    SI_ARCHIVE_CHANGED, /* a sub-table is whole that was not there, or is not what it was */
    SI_ARCHIVE_BAD,
    SI_ARCHIVE_FULL
};

/* maximum: bytes for sections and what finds them again. NULL without memory. */
struct si_archive *si_archive_create(size_t maximum);
void si_archive_destroy(struct si_archive *archive); /* NULL does nothing */
void si_archive_clear(struct si_archive *archive);

/* Takes a section with the long header whose CRC_32 was right and that is current. second: what tells
 * sub-tables apart beside table_id and table_id_extension (SDT: original_network_id), else 0. */
enum si_archive_result si_archive_push(struct si_archive *archive, const uint8_t *section, size_t size,
                                       uint16_t second);
/* How many whole sub-tables of table_id there are, and their sections: section < count, index < count; the
 * bytes are valid until the next push. */
size_t si_archive_count(const struct si_archive *archive, uint8_t table_id);
size_t si_archive_section_count(const struct si_archive *archive, uint8_t table_id, size_t index);
struct bytes si_archive_section(const struct si_archive *archive, uint8_t table_id, size_t index,
                                size_t section);
/* What tells the sub-table apart; either may be NULL. False: no such one. */
bool si_archive_key(const struct si_archive *archive, uint8_t table_id, size_t index, uint16_t *extension,
                    uint16_t *second);
size_t si_archive_bytes(const struct si_archive *archive);

#endif
