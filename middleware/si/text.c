/* SPDX-License-Identifier: Apache-2.0 */
/* EN 300 468 Annex A. One character at a time is cut out of the bytes and converted by itself, so that a
 * broken one costs itself only. */
#include "si/text.h"
#include "base/log.h"
#include "base/text.h"
#include "si/iso6937.h"
#include <assert.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT 0xFFFDu
#define BYTE_ORDER_MARK 0xFEFFu /* some head-ends begin a text with one */

enum table {
    TABLE_UTF8,
    TABLE_UTF16,
    TABLE_ISO6937,
    TABLE_GB18030,
    TABLE_KSX1001,
    TABLE_8859_1, /* and TABLE_8859_1 + n - 1 for part n */
    TABLE_COUNT = TABLE_8859_1 + 16
};

struct si_text {
    enum table initial;
    iconv_t converters[TABLE_COUNT]; /* NULL: not yet opened; CLOSED: this C library has none */
};

#define CLOSED ((iconv_t)-1)

/* What selectors 0x00..0x15 stand for (Table A.3); TABLE_COUNT: reserved, or 0x10, which has two bytes more.
 */
static const enum table selectors[] = {
    TABLE_COUNT,       TABLE_8859_1 + 4,  TABLE_8859_1 + 5,  TABLE_8859_1 + 6, TABLE_8859_1 + 7,
    TABLE_8859_1 + 8,  TABLE_8859_1 + 9,  TABLE_8859_1 + 10, TABLE_COUNT,      TABLE_8859_1 + 12,
    TABLE_8859_1 + 13, TABLE_8859_1 + 14, TABLE_COUNT,       TABLE_COUNT,      TABLE_COUNT,
    TABLE_COUNT,       TABLE_COUNT,       TABLE_UTF16,       TABLE_KSX1001,    TABLE_GB18030,
    TABLE_UTF16,       TABLE_UTF8,
};

bool si_charset_from_name(const char *name, enum si_charset *charset)
{
    if (strcmp(name, "gb18030") == 0)
        *charset = SI_CHARSET_GB18030;
    else if (strcmp(name, "iso6937") == 0)
        *charset = SI_CHARSET_ISO6937;
    else
        return false;
    return true;
}

struct si_text *si_text_create(enum si_charset default_charset)
{
    struct si_text *text = calloc(1, sizeof(*text));
    if (text)
        text->initial = default_charset == SI_CHARSET_ISO6937 ? TABLE_ISO6937 : TABLE_GB18030;
    return text;
}

void si_text_destroy(struct si_text *text)
{
    if (!text)
        return;
    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (text->converters[i] && text->converters[i] != CLOSED)
            iconv_close(text->converters[i]);
    free(text);
}

static iconv_t converter(struct si_text *text, enum table table)
{
    if (text->converters[table])
        return text->converters[table];
    char name[24];
    switch (table) {
    case TABLE_GB18030:
        strcpy(name, "GB18030");
        break;
    case TABLE_KSX1001:
        strcpy(name, "EUC-KR");
        break;
    default: {
        unsigned part = (unsigned)(table - TABLE_8859_1) + 1;
        char *end = stpcpy(name, "ISO-8859-");
        if (part >= 10)
            *end++ = '1';
        *end++ = (char)('0' + part % 10);
        *end = '\0';
    }
    }
    text->converters[table] = iconv_open("UTF-8", name);
    if (text->converters[table] == CLOSED)
        log_warning("the C library cannot convert %s: such text shows as replacement characters", name);
    return text->converters[table];
}

/* The size of the valid UTF-8 character at data, or 0. */
static size_t utf8_size(const uint8_t *data, size_t size)
{
    size_t wanted = data[0] < 0x80 ? 1 : data[0] < 0xE0 ? 2 : data[0] < 0xF0 ? 3 : 4;
    return wanted <= size && data[0] != 0 && text_is_utf8((const char *)data, wanted) ? wanted : 0;
}

/* Text without a selector that is UTF-8 all the same, as some head-ends send it: characters of three bytes or
 * more (Chinese and Tibetan are such), and among them a byte that is neither in GB 2312 nor a character of
 * ISO 6937. Of two bytes GB 2312 would have too many by chance. */
static bool is_unsaid_utf8(const uint8_t *data, size_t size)
{
    bool foreign = false;
    for (size_t at = 0, length; at < size; at += length) {
        length = utf8_size(data + at, size - at);
        if (length == 0 || length == 2)
            return false;
        for (size_t i = 1; i < length; i++)
            foreign |= data[at + i] < 0xA0;
    }
    return foreign;
}

/* The table that the first bytes choose, and how many bytes they are. 0x1F (private encodings) gives false.
 */
static bool select_table(const struct si_text *text, const uint8_t *data, size_t size, enum table *table,
                         size_t *skip)
{
    *table = text->initial;
    *skip = 0;
    if (size == 0 || data[0] >= 0x20) {
        if (size > 0 && is_unsaid_utf8(data, size))
            *table = TABLE_UTF8;
        return true;
    }
    *skip = 1;
    if (data[0] == 0x1F)
        return false;
    if (data[0] == 0x10) {
        *skip = size < 3 ? size : 3;
        if (size >= 3 && data[1] == 0 && data[2] >= 1 && data[2] <= 15 && data[2] != 12)
            *table = TABLE_8859_1 + data[2] - 1;
    } else if (data[0] < sizeof(selectors) / sizeof(selectors[0]) && selectors[data[0]] != TABLE_COUNT) {
        *table = selectors[data[0]];
    }
    return true;
}

static bool is_control(uint8_t byte)
{
    return byte < 0x20 || (byte >= 0x7F && byte < 0xA0);
}

/* In GB 18030 the control codes are first bytes of rare characters as well. Where the bytes behind one pair
 * up by themselves, it is a control code; where they need it as a partner, it is a character. */
static bool gb_is_control(const uint8_t *data, size_t size)
{
    if (data[0] <= 0x80 || data[0] == 0x7F)
        return is_control(data[0]);
    if (data[0] != 0x86 && data[0] != 0x87 && data[0] != 0x8A)
        return false;
    size_t run = 1;
    while (run < size && data[run] >= 0xA0)
        run++;
    return (run - 1) % 2 == 0;
}

/* How many bytes the character at data has, going by its first bytes only; at most size. */
static size_t character_size(enum table table, const uint8_t *data, size_t size)
{
    size_t wanted = 1;
    if (table == TABLE_KSX1001)
        wanted = data[0] >= 0xA1 ? 2 : 1;
    else if (table == TABLE_GB18030 && data[0] >= 0x81)
        wanted = size > 1 && data[1] >= 0x30 && data[1] <= 0x39 ? 4 : 2;
    return wanted < size ? wanted : size;
}

struct output {
    char *at;
    const char *end; /* where the NUL goes at the latest */
    bool full;
};

static void put(struct output *out, uint32_t code_point)
{
    if (!out->full && !text_put(&out->at, out->end, code_point))
        out->full = true;
}

/* A control code point: removed, or a line's end. */
static void put_control(struct output *out, uint32_t code)
{
    if (code == 0x8A || code == '\n')
        put(out, '\n');
}

/* A character of ISO/IEC 10646, whose control codes are at U+E080 (Annex A.1, Table A.2). */
static void put_10646(struct output *out, uint32_t code_point)
{
    if (code_point >= 0xE080 && code_point <= 0xE09F)
        put_control(out, code_point - 0xE000);
    else if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0))
        put_control(out, code_point);
    else if (code_point != BYTE_ORDER_MARK)
        put(out, code_point);
}

/* A character of a legacy table. Some map to where ISO/IEC 10646 has its own control codes: those mean
 * nothing. */
static void put_legacy(struct output *out, uint32_t code_point)
{
    if (code_point >= 0xE080 && code_point <= 0xE09F)
        put(out, REPLACEMENT);
    else
        put_10646(out, code_point);
}

static bool convert(iconv_t converter_, const uint8_t *data, size_t size, struct output *out)
{
    char utf8[16];
    char *in = (char *)(uintptr_t)data, *result = utf8;
    size_t in_left = size, out_left = sizeof(utf8) - 1;
    iconv(converter_, NULL, NULL, NULL, NULL);
    if (iconv(converter_, &in, &in_left, &result, &out_left) == (size_t)-1 || in_left > 0 ||
        iconv(converter_, NULL, NULL, &result, &out_left) == (size_t)-1)
        return false;
    *result = '\0';
    const char *at = utf8;
    for (uint32_t code_point; (code_point = text_next(&at)) != 0;)
        put_legacy(out, code_point);
    return true;
}

static void decode_iso6937(const uint8_t *data, size_t size, struct output *out)
{
    for (size_t at = 0; at < size && !out->full;) {
        uint32_t points[2];
        if (is_control(data[at])) {
            put_control(out, data[at++]);
        } else if (data[at] < 0x7F) {
            put(out, data[at++]);
        } else {
            at += si_iso6937_next(data + at, size - at, points);
            put(out, points[0] ? points[0] : REPLACEMENT);
            if (points[1])
                put(out, points[1]);
        }
    }
}

/* The control codes of tables with two bytes a character (Table A.2), which is where GB 18030 has three rare
 * characters: whoever writes a text for the air means the control code. */
static bool is_long_control(enum table table, const uint8_t *data, size_t size)
{
    return (table == TABLE_GB18030 || table == TABLE_KSX1001) && size > 1 && data[0] == 0xE0 &&
           (data[1] == 0x86 || data[1] == 0x87 || data[1] == 0x8A);
}

static void decode_legacy(struct si_text *text, enum table table, const uint8_t *data, size_t size,
                          struct output *out)
{
    iconv_t with = converter(text, table);
    for (size_t at = 0; at < size && !out->full;) {
        const uint8_t *here = data + at;
        size_t left = size - at;
        if (is_long_control(table, here, left)) {
            put_control(out, here[1]);
            at += 2;
        } else if (table == TABLE_GB18030 ? gb_is_control(here, left) : is_control(*here)) {
            put_control(out, *here);
            at++;
        } else if (*here < 0x7F) {
            put(out, *here);
            at++;
        } else {
            size_t wanted = character_size(table, here, left);
            if (with != CLOSED && convert(with, here, wanted, out)) {
                at += wanted;
            } else {
                put(out, REPLACEMENT);
                at++;
            }
        }
    }
}

static void decode_utf16(const uint8_t *data, size_t size, struct output *out)
{
    size_t at = 0;
    while (at + 2 <= size && !out->full) {
        uint32_t unit = (uint32_t)data[at] << 8 | data[at + 1];
        at += 2;
        if (unit >= 0xD800 && unit < 0xDC00 && at + 2 <= size && (data[at] & 0xFC) == 0xDC) {
            unit = 0x10000 + ((unit & 0x3FF) << 10) + ((uint32_t)(data[at] & 3) << 8 | data[at + 1]);
            at += 2;
        } else if (unit >= 0xD800 && unit < 0xE000) {
            unit = REPLACEMENT;
        }
        put_10646(out, unit);
    }
    if (at < size && !out->full)
        put(out, REPLACEMENT);
}

static void decode_utf8(const uint8_t *data, size_t size, struct output *out)
{
    for (size_t at = 0; at < size && !out->full;) {
        size_t length = utf8_size(data + at, size - at);
        if (length == 0) {
            if (data[at] != 0)
                put(out, REPLACEMENT);
            at++;
            continue;
        }
        char one[5] = {0};
        memcpy(one, data + at, length);
        const char *from = one;
        put_10646(out, text_next(&from));
        at += length;
    }
}

size_t si_text_decode(struct si_text *text, const uint8_t *data, size_t size, char *out, size_t out_size)
{
    assert(out_size > 0);
    struct output output = {.at = out, .end = out + out_size - 1};
    enum table table;
    size_t skip;
    if (select_table(text, data, size, &table, &skip)) {
        data = size ? data + skip : data;
        size -= skip;
        if (table == TABLE_UTF8)
            decode_utf8(data, size, &output);
        else if (table == TABLE_UTF16)
            decode_utf16(data, size, &output);
        else if (table == TABLE_ISO6937)
            decode_iso6937(data, size, &output);
        else
            decode_legacy(text, table, data, size, &output);
    }
    *output.at = '\0';
    return (size_t)(output.at - out);
}

static bool is_plain_ascii(const char *text)
{
    for (; *text; text++)
        if ((uint8_t)*text < 0x20 || (uint8_t)*text >= 0x7F)
            return false;
    return true;
}

/* Code points that are control codes on air, or none that a text should hold. */
static bool is_unsendable(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) ||
           (code_point >= 0xE080 && code_point <= 0xE09F);
}

size_t si_text_encode(const char *utf8, uint8_t *out, size_t maximum)
{
    size_t left = strlen(utf8), used = 0;
    if (left == 0 || maximum == 0)
        return 0;
    if (is_plain_ascii(utf8)) {
        used = left < maximum ? left : maximum;
        memcpy(out, utf8, used);
        return used;
    }
    char *at = (char *)out;
    *at++ = 0x15;
    for (const char *from = utf8; left > 0;) {
        size_t size = utf8_size((const uint8_t *)from, left);
        const char *next = from;
        uint32_t code_point = size ? text_next(&next) : 0;
        from += size ? size : 1;
        left -= size ? size : 1;
        if (code_point == '\n')
            code_point = 0xE08A;
        else if (is_unsendable(code_point))
            continue;
        if (!text_put(&at, (char *)out + maximum, code_point))
            break;
    }
    used = (size_t)(at - (char *)out);
    return used == 1 ? 0 : used;
}
