/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a maximum, big-endian writers, and a view of bytes owned by someone else.
 * A failed append (maximum reached, no memory) sets failed and every later append does nothing: check once,
 * at the end. */
#ifndef KOKONOR_BASE_BUFFER_H
#define KOKONOR_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *data;
    size_t size;
};

struct buffer {
    uint8_t *data; /* NULL while nothing was appended */
    size_t size;
    size_t capacity;
    size_t maximum;
    bool failed;
};

void buffer_init(struct buffer *buffer, size_t maximum);
void buffer_finish(struct buffer *buffer);
/* Keeps the memory, forgets the bytes and the failure. */
void buffer_clear(struct buffer *buffer);
struct bytes buffer_view(const struct buffer *buffer);

void buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_append_string(struct buffer *buffer, const char *text); /* without the NUL */
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_u8(struct buffer *buffer, unsigned value);
void buffer_u16(struct buffer *buffer, unsigned value);
void buffer_u24(struct buffer *buffer, uint32_t value);
void buffer_u32(struct buffer *buffer, uint32_t value);
void buffer_u64(struct buffer *buffer, uint64_t value);
/* Overwrites two bytes at offset, which must lie within what was appended (lengths known afterwards). */
void buffer_patch_u8(struct buffer *buffer, size_t offset, unsigned value);
void buffer_patch_u16(struct buffer *buffer, size_t offset, unsigned value);
void buffer_patch_u32(struct buffer *buffer, size_t offset, uint32_t value);
/* NUL-terminates without counting the NUL and returns the text, or NULL if the buffer failed. */
const char *buffer_text(struct buffer *buffer);

#endif
