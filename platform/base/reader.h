/* SPDX-License-Identifier: Apache-2.0 */
/* The one bounded reader over bytes from outside. Big-endian. A read beyond the end sets failed, moves
 * nothing and gives zero, as does every later read: read a whole structure, then check failed once before
 * using it. */
#ifndef KOKONOR_BASE_READER_H
#define KOKONOR_BASE_READER_H

#include "base/buffer.h"

struct reader {
    const uint8_t *data;
    size_t size;
    size_t position;
    bool failed;
};

void reader_init(struct reader *reader, const void *data, size_t size);
size_t reader_left(const struct reader *reader);
uint8_t reader_u8(struct reader *reader);
uint16_t reader_u16(struct reader *reader);
uint32_t reader_u24(struct reader *reader);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u64(struct reader *reader);
void reader_skip(struct reader *reader, size_t size);
/* The next size bytes, not copied; empty and failed where fewer are left. */
struct bytes reader_bytes(struct reader *reader, size_t size);
/* A reader over the next size bytes; failed itself where fewer are left. The parent moves behind them. */
struct reader reader_sub(struct reader *reader, size_t size);

#endif
