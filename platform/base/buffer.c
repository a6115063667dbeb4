/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_init(struct buffer *buffer, size_t maximum)
{
    *buffer = (struct buffer){.maximum = maximum};
}

void buffer_finish(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){.maximum = buffer->maximum};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

struct bytes buffer_view(const struct buffer *buffer)
{
    return (struct bytes){buffer->data, buffer->size};
}

/* Room for extra bytes behind those in use; the one place that grows. */
static bool reserve(struct buffer *buffer, size_t extra)
{
    if (buffer->failed || extra > buffer->maximum || buffer->size > buffer->maximum - extra) {
        buffer->failed = true;
        return false;
    }
    size_t needed = buffer->size + extra;
    if (needed <= buffer->capacity)
        return true;
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    while (capacity < needed)
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    uint8_t *data = realloc(buffer->data, capacity);
    if (!data) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    if (size == 0 || !reserve(buffer, size))
        return;
    memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
}

void buffer_append_string(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size < 0) {
        buffer->failed = true;
    } else if (reserve(buffer, (size_t)size)) {
        /* vsnprintf wants room for its NUL, which is not counted against the maximum */
        char *text = malloc((size_t)size + 1);
        if (text) {
            vsnprintf(text, (size_t)size + 1, format, again);
            buffer_append(buffer, text, (size_t)size);
            free(text);
        } else {
            buffer->failed = true;
        }
    }
    va_end(again);
}

static void append_big_endian(struct buffer *buffer, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    buffer_append(buffer, bytes, size);
}

void buffer_u8(struct buffer *buffer, unsigned value)
{
    append_big_endian(buffer, value, 1);
}

void buffer_u16(struct buffer *buffer, unsigned value)
{
    append_big_endian(buffer, value, 2);
}

void buffer_u24(struct buffer *buffer, uint32_t value)
{
    append_big_endian(buffer, value, 3);
}

void buffer_u32(struct buffer *buffer, uint32_t value)
{
    append_big_endian(buffer, value, 4);
}

void buffer_u64(struct buffer *buffer, uint64_t value)
{
    append_big_endian(buffer, value, 8);
}

static void patch_big_endian(struct buffer *buffer, size_t offset, uint32_t value, size_t size)
{
    if (buffer->failed)
        return;
    assert(offset + size <= buffer->size);
    for (size_t i = 0; i < size; i++)
        buffer->data[offset + i] = (uint8_t)(value >> (8 * (size - 1 - i)));
}

void buffer_patch_u8(struct buffer *buffer, size_t offset, unsigned value)
{
    patch_big_endian(buffer, offset, value, 1);
}

void buffer_patch_u16(struct buffer *buffer, size_t offset, unsigned value)
{
    patch_big_endian(buffer, offset, value, 2);
}

void buffer_patch_u32(struct buffer *buffer, size_t offset, uint32_t value)
{
    patch_big_endian(buffer, offset, value, 4);
}

const char *buffer_text(struct buffer *buffer)
{
    if (buffer->failed)
        return NULL;
    if (buffer->size == buffer->capacity) {
        uint8_t *data = realloc(buffer->data, buffer->capacity + 1);
        if (!data) {
            buffer->failed = true;
            return NULL;
        }
        buffer->data = data;
        buffer->capacity++;
    }
    buffer->data[buffer->size] = 0;
    return (const char *)buffer->data;
}
