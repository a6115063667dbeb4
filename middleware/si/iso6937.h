/* SPDX-License-Identifier: Apache-2.0 */
/* The standard's default table, ISO/IEC 6937 with the euro sign (EN 300 468, Figure A.1). Inside si only. Own
 * table: C libraries lack the euro, refuse letters with unusual accents, or lack the table. No state. */
#ifndef KOKONOR_SI_ISO6937_H
#define KOKONOR_SI_ISO6937_H

#include <stddef.h>
#include <stdint.h>

/* The character at data (size >= 1, data[0] >= 0xA0): one code point, or a letter and its combining accent;
 * points[0] 0: it means nothing. Returns how many bytes it has. */
size_t si_iso6937_next(const uint8_t *data, size_t size, uint32_t points[2]);

#endif
