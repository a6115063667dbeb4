/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32/MPEG-2 (ISO/IEC 13818-1 Annex A): over a whole section including its CRC_32 it is 0. Any thread. */
#ifndef KOKONOR_TS_CRC32_H
#define KOKONOR_TS_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* By carry-less multiplication where the processor has it. */
uint32_t ts_crc32(const void *data, size_t size);
/* The same by tables, as on every other processor (for tests). */
uint32_t ts_crc32_portable(const void *data, size_t size);

#endif
