/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* Decodes one sequence of at most size bytes; its length, or 0 where it is not valid UTF-8. */
static size_t decode(const unsigned char *s, size_t size, uint32_t *code_point)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (s[0] < 0x80) {
        *code_point = s[0];
        return 1;
    }
    size_t length = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || length > size)
        return 0;
    uint32_t c = s[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3F);
    }
    if (c < smallest[length] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return 0;
    *code_point = c;
    return length;
}

bool text_is_utf8(const char *text, size_t size)
{
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < size;) {
        uint32_t code_point;
        size_t length = decode(s + i, size - i, &code_point);
        if (length == 0 || code_point == 0)
            return false;
        i += length;
    }
    return true;
}

static bool is_control(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

bool text_is_plain(const char *text, size_t size)
{
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < size;) {
        uint32_t code_point;
        size_t length = decode(s + i, size - i, &code_point);
        if (length == 0 || is_control(code_point))
            return false;
        i += length;
    }
    return true;
}

void text_make_plain(char *text)
{
    char *out = text;
    for (size_t left = strlen(text); left > 0;) {
        uint32_t code_point;
        size_t length = decode((const unsigned char *)text, left, &code_point);
        if (length == 0 || is_control(code_point)) {
            *out++ = length == 0 ? '?' : ' ';
        } else {
            memmove(out, text, length);
            out += length;
        }
        text += length ? length : 1;
        left -= length ? length : 1;
    }
    *out = 0;
}

uint32_t text_next(const char **text)
{
    uint32_t code_point = 0;
    if (!**text)
        return 0;
    size_t length = decode((const unsigned char *)*text, strnlen(*text, 4), &code_point);
    *text += length ? length : 1;
    return length ? code_point : 0xFFFD;
}

bool text_put(char **out, const char *end, uint32_t c)
{
    unsigned char bytes[4];
    size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    if ((size_t)(end - *out) < length)
        return false;
    for (size_t i = length - 1; i > 0; i--, c >>= 6)
        bytes[i] = (unsigned char)(0x80 | (c & 0x3F));
    bytes[0] = (unsigned char)(length == 1 ? c : (0xF00u >> length & 0xF0) | c);
    memcpy(*out, bytes, length);
    *out += length;
    return true;
}

bool text_copy(char *out, size_t size, const char *text)
{
    size_t length = strnlen(text, size);
    bool whole = length < size;
    if (!whole) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    memcpy(out, text, length);
    out[length] = 0;
    return whole;
}

void text_hex(const void *data, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * size] = 0;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_unhex(const char *hex, void *data, size_t size)
{
    unsigned char *bytes = data;
    if (strnlen(hex, 2 * size + 1) != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

bool text_uuid(char out[TEXT_UUID_SIZE])
{
    unsigned char random[16];
    char hex[33];
    if (getrandom(random, sizeof(random), 0) != sizeof(random))
        return false;
    random[6] = (random[6] & 0x0F) | 0x40;
    random[8] = (random[8] & 0x3F) | 0x80;
    text_hex(random, sizeof(random), hex);
    snprintf(out, TEXT_UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
    return true;
}

void text_money(int64_t fen, char out[TEXT_MONEY_SIZE])
{
    uint64_t amount = fen < 0 ? 0 - (uint64_t)fen : (uint64_t)fen;
    snprintf(out, TEXT_MONEY_SIZE, "%s%" PRIu64 ".%02u", fen < 0 ? "-" : "", amount / 100,
             (unsigned)(amount % 100));
}
