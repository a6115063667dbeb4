/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8, hexadecimal and bounded string copies. */
#ifndef KOKONOR_BASE_TEXT_H
#define KOKONOR_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True where text is valid UTF-8 (RFC 3629: no surrogates, no overlong forms, no NUL within size). */
bool text_is_utf8(const char *text, size_t size);
/* True where text is also without control characters (U+0000 to U+001F, U+007F to U+009F), which a terminal
 * or a log would obey. */
bool text_is_plain(const char *text, size_t size);
/* Makes any bytes such a text, in place: a control character becomes a space, a byte that is no UTF-8 a
 * question mark. It never grows. */
void text_make_plain(char *text);
/* The code point at *text (valid UTF-8, NUL-terminated), moving *text behind it; 0 at the end. */
uint32_t text_next(const char **text);
/* Appends code_point at *out as UTF-8 if it fits before end and moves *out; false (and nothing written) where
 * it does not. */
bool text_put(char **out, const char *end, uint32_t code_point);
/* Copies at most size - 1 bytes, cut at a character's start, always terminated; false where it was cut. */
bool text_copy(char *out, size_t size, const char *text);
/* 2 * size digits and a NUL, lower case. */
void text_hex(const void *data, size_t size, char *out);
/* Exactly 2 * size digits; false otherwise. */
bool text_unhex(const char *hex, void *data, size_t size);
/* A random version 4 UUID (RFC 9562) from the kernel; false where it gave no bytes. */
#define TEXT_UUID_SIZE 37
bool text_uuid(char out[TEXT_UUID_SIZE]);
/* "12.50" for 1250 fen; at least 24 bytes. */
#define TEXT_MONEY_SIZE 24
void text_money(int64_t fen, char out[TEXT_MONEY_SIZE]);

#endif
