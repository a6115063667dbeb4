/* SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"

void reader_init(struct reader *reader, const void *data, size_t size)
{
    *reader = (struct reader){.data = data, .size = size};
}

size_t reader_left(const struct reader *reader)
{
    return reader->failed ? 0 : reader->size - reader->position;
}

struct bytes reader_bytes(struct reader *reader, size_t size)
{
    if (reader->failed || size > reader->size - reader->position) {
        reader->failed = true;
        return (struct bytes){NULL, 0};
    }
    struct bytes bytes = {size ? reader->data + reader->position : reader->data, size};
    reader->position += size;
    return bytes;
}

void reader_skip(struct reader *reader, size_t size)
{
    reader_bytes(reader, size);
}

static uint64_t read_big_endian(struct reader *reader, size_t size)
{
    struct bytes bytes = reader_bytes(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.size; i++)
        value = value << 8 | bytes.data[i];
    return value;
}

uint8_t reader_u8(struct reader *reader)
{
    return (uint8_t)read_big_endian(reader, 1);
}

uint16_t reader_u16(struct reader *reader)
{
    return (uint16_t)read_big_endian(reader, 2);
}

uint32_t reader_u24(struct reader *reader)
{
    return (uint32_t)read_big_endian(reader, 3);
}

uint32_t reader_u32(struct reader *reader)
{
    return (uint32_t)read_big_endian(reader, 4);
}

uint64_t reader_u64(struct reader *reader)
{
    return read_big_endian(reader, 8);
}

struct reader reader_sub(struct reader *reader, size_t size)
{
    struct bytes bytes = reader_bytes(reader, size);
    return (struct reader){.data = bytes.data, .size = bytes.size, .failed = reader->failed};
}
