/* SPDX-License-Identifier: Apache-2.0 */
/* The one bounded reader over bytes from outside. Big-endian. A read beyond the end sets failed, moves
 * nothing and gives zero, as does every later read: read a whole structure, then check failed once before
 * using it. Inline: parsers of the air spend their time here. */
#ifndef KOKONOR_BASE_READER_H
#define KOKONOR_BASE_READER_H

#include "base/buffer.h"

struct reader {
    const uint8_t *data;
    size_t size;
    size_t position;
    bool failed;
};

static inline void reader_init(struct reader *reader, const void *data, size_t size)
{
    *reader = (struct reader){.data = (const uint8_t *)data, .size = size};
}

static inline size_t reader_left(const struct reader *reader)
{
    return reader->failed ? 0 : reader->size - reader->position;
}

/* The next size bytes, not copied; empty and failed where fewer are left. */
static inline struct bytes reader_bytes(struct reader *reader, size_t size)
{
    if (reader->failed || size > reader->size - reader->position) {
        reader->failed = true;
        return (struct bytes){NULL, 0};
    }
    struct bytes bytes = {size ? reader->data + reader->position : reader->data, size};
    reader->position += size;
    return bytes;
}

static inline void reader_skip(struct reader *reader, size_t size)
{
    reader_bytes(reader, size);
}

static inline uint8_t reader_u8(struct reader *reader)
{
    const uint8_t *at = reader_bytes(reader, 1).data;
    return at ? at[0] : 0;
}

static inline uint16_t reader_u16(struct reader *reader)
{
    const uint8_t *at = reader_bytes(reader, 2).data;
    return at ? (uint16_t)(at[0] << 8 | at[1]) : 0;
}

static inline uint32_t reader_u24(struct reader *reader)
{
    const uint8_t *at = reader_bytes(reader, 3).data;
    return at ? (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2] : 0;
}

static inline uint32_t reader_u32(struct reader *reader)
{
    const uint8_t *at = reader_bytes(reader, 4).data;
    return at ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3] : 0;
}

static inline uint64_t reader_u64(struct reader *reader)
{
    struct bytes bytes = reader_bytes(reader, 8);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.size; i++)
        value = value << 8 | bytes.data[i];
    return value;
}

/* A reader over the next size bytes; failed itself where fewer are left. The parent moves behind them. */
static inline struct reader reader_sub(struct reader *reader, size_t size)
{
    struct bytes bytes = reader_bytes(reader, size);
    return (struct reader){.data = bytes.data, .size = bytes.size, .failed = reader->failed};
}

#endif
