/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "si/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct vector {
    const char *what;
    enum si_charset charset;
    const char *bytes;
    size_t size;
    const char *expected;
};

#define GB SI_CHARSET_GB18030
#define ISO SI_CHARSET_ISO6937
#define BYTES(text) text, sizeof(text) - 1

static const struct vector vectors[] = {
    {"nothing", GB, BYTES(""), ""},
    {"only a selector", GB, BYTES("\x13"), ""},
    {"ASCII", GB, BYTES("CCTV-1 HD"), "CCTV-1 HD"},
    {"GB 2312 by default", GB, BYTES("\xD6\xD0\xD1\xEB"), "中央"},
    {"GB 2312 by selector", ISO, BYTES("\x13\xD6\xD0\xD1\xEB"), "中央"},
    {"GBK behind selector 0x13", ISO, BYTES("\x13\x81\x40\x95\x40"), "丂旲"},
    {"GB 18030 four bytes", GB, BYTES("\x81\x39\xEE\x39"), "㐀"},
    {"euro sign in GB 18030", GB, BYTES("\xA2\xE3"), "€"},
    {"GB 18030 behind ASCII", GB,
     BYTES("A\xD6\xD0"
           "1"),
     "A中1"},
    {"newline between characters", GB, BYTES("\x13\xD6\xD0\x8A\xD1\xEB"), "中\n央"},
    {"newline at the end", GB, BYTES("\xD6\xD0\x8A"), "中\n"},
    {"newline before ASCII", GB,
     BYTES("\xD6\xD0\x8A"
           "A"),
     "中\nA"},
    {"emphasis removed", GB, BYTES("\x86\xD6\xD0\x87\xD1\xEB"), "中央"},
    {"first byte of a GBK character that looks like a newline", GB, BYTES("\xD6\xD0\x8A\xD0"), "中娦"},
    {"GB cut within a character", GB, BYTES("\xD6\xD0\xD1"), "中\xEF\xBF\xBD"},
    {"GB with a byte that means nothing", GB, BYTES("\xFF\xD6\xD0"), "\xEF\xBF\xBD中"},
    {"GB second byte wrong", GB, BYTES("\xD6\x20\xD1\xEB"), "\xEF\xBF\xBD 央"},
    {"ISO 6937 by default", ISO,
     BYTES("Fran\xCB"
           "cais \xC2"
           "etage"),
     "Français étage"},
    {"ISO 6937 accent without a letter", ISO, BYTES("a\xC2"), "a\xEF\xBF\xBD"},
    {"ISO 6937 letters of its own", ISO, BYTES("\xFB\xF1"), "ßæ"},
    {"ISO 6937 euro and currency sign", ISO, BYTES("\xA4\xA8"), "€¤"},
    {"ISO 6937 accents of every kind", ISO,
     BYTES("\xC1"
           "a\xC3"
           "o\xC4"
           "n\xC5"
           "u\xC6"
           "g\xC7"
           "z\xC8"
           "u\xCA"
           "A\xCD"
           "o\xCE"
           "e\xCF"
           "s"),
     "àôñūğżüÅőęš"},
    {"ISO 6937 a letter that has no such accent", ISO,
     BYTES("\xC2"
           "q"),
     "q\xCC\x81"},
    {"ISO 6937 an accent alone", ISO, BYTES("\xC2 b"), "´b"},
    {"ISO 6937 an accent before a control code", ISO,
     BYTES("\xC2\x8A"
           "b"),
     "\xEF\xBF\xBD\nb"},
    {"ISO 6937 nothing there", ISO, BYTES("\xD8x"), "\xEF\xBF\xBDx"},
    {"ISO 8859-2 by selector", GB, BYTES("\x10\x00\x02\xE8"), "č"},
    {"ISO 8859-6", GB, BYTES("\x02\xC7"), "ا"},
    {"ISO 8859-8", GB, BYTES("\x04\xE0"), "א"},
    {"ISO 8859-10", GB, BYTES("\x06\xA1"), "Ą"},
    {"ISO 8859-11", GB, BYTES("\x07\xA1"), "ก"},
    {"ISO 8859-13", GB, BYTES("\x09\xE0"), "ą"},
    {"ISO 8859-14", GB, BYTES("\x0A\xA1"), "Ḃ"},
    {"two-byte controls in GB 2312", ISO, BYTES("\x13\xE0\x86\xD6\xD0\xE0\x87\xE0\x8A\xD1\xEB"), "中\n央"},
    {"two-byte controls in KS X 1001", GB, BYTES("\x12\xB0\xA1\xE0\x8A\xB0\xA1"), "가\n가"},
    {"Big5's part of ISO/IEC 10646", GB, BYTES("\x14\x4E\x2D\xE0\x8A\x59\x2E"), "中\n央"},
    {"ISO 8859-5", GB, BYTES("\x01\xBF\xE0"), "Пр"},
    {"ISO 8859-7", GB, BYTES("\x03\xC1\xE1"), "Αα"},
    {"ISO 8859-9", GB, BYTES("\x05\xDD\xFE"), "İş"},
    {"ISO 8859-15", GB, BYTES("\x0B\xA4"), "€"},
    {"ISO 8859-1 by three bytes", GB, BYTES("\x10\x00\x01\xE9"), "é"},
    {"ISO 8859-2 by three bytes", GB, BYTES("\x10\x00\x02\xB1"), "ą"},
    {"three bytes cut", GB, BYTES("\x10\x00"), ""},
    {"three bytes of a part that is reserved", GB, BYTES("\x10\x00\x0C\xD6\xD0"), "中"},
    {"a reserved selector", GB, BYTES("\x08\xD6\xD0"), "中"},
    {"controls in a table of single bytes", GB,
     BYTES("\x05"
           "a\x86"
           "b\x87"
           "c\x8A"
           "d\x81"),
     "abc\nd"},
    {"UCS-2", GB, BYTES("\x11\x4E\x2D\x0F\x56"), "中བ"},
    {"UCS-2 controls", GB, BYTES("\x11\xE0\x86\x4E\x2D\xE0\x87\xE0\x8A\x00\x41"), "中\nA"},
    {"UCS-2 cut", GB, BYTES("\x11\x4E\x2D\x4E"), "中\xEF\xBF\xBD"},
    {"UTF-16 pair", GB, BYTES("\x14\xD8\x40\xDC\x00"), "𠀀"},
    {"UTF-16 half a pair", GB, BYTES("\x14\xD8\x40\x00\x41"),
     "\xEF\xBF\xBD"
     "A"},
    {"KS X 1001", GB,
     BYTES("\x12\xB0\xA1"
           "b"),
     "가b"},
    {"UTF-8", GB,
     BYTES("\x15"
           "中བོད"),
     "中བོད"},
    {"UTF-8 without its selector", GB, BYTES("青海卫视 1"), "青海卫视 1"},
    {"UTF-8 without its selector, Tibetan", ISO, BYTES("བོད་"), "བོད་"},
    {"GB 2312 that could be UTF-8 of two bytes", GB, BYTES("\xD1\xA7\xD0\xA3"), "学校"},
    {"GB 2312 that could be UTF-8 of three bytes", GB, BYTES("\xE6\xB0\xB2\xE6\xB1\xB3"), "姘叉背"},
    {"a byte order mark", GB, BYTES("\x11\xFE\xFF\x4E\x2D"), "中"},
    {"a byte order mark in UTF-8", GB,
     BYTES("\x15\xEF\xBB\xBF"
           "1"),
     "1"},
    {"UTF-8 controls", GB,
     BYTES("\x15"
           "\xEE\x82\x86"
           "a\xEE\x82\x87\xEE\x82\x8A"
           "b"),
     "a\nb"},
    {"UTF-8 overlong and surrogate", GB,
     BYTES("\x15\xC0\xAF\xED\xA0\x80"
           "b"),
     "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
     "b"},
    {"UTF-8 cut", GB,
     BYTES("\x15"
           "a\xE4\xB8"),
     "a\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"NUL and C0 within", GB, BYTES("a\0b\tc\nd"), "abc\nd"},
    {"a private encoding", GB, BYTES("\x1F\x01\x80\x90"), ""},
};

static void test_decodes(void **state)
{
    (void)state;
    struct si_text *texts[2] = {si_text_create(GB), si_text_create(ISO)};
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const struct vector *v = &vectors[i];
        char out[64];
        size_t size = si_text_decode(texts[v->charset], (const uint8_t *)v->bytes, v->size, out, sizeof(out));
        if (strcmp(out, v->expected) != 0)
            print_error("%s\n", v->what);
        assert_string_equal(out, v->expected);
        assert_int_equal(size, strlen(v->expected));
    }
    si_text_destroy(texts[0]);
    si_text_destroy(texts[1]);
}

/* Whatever the bytes, the result is UTF-8 and fits; every byte behind every selector, and every room. */
static void test_is_always_utf8(void **state)
{
    (void)state;
    struct si_text *text = si_text_create(GB);
    for (unsigned selector = 0; selector <= 0x20; selector++) {
        uint8_t bytes[260] = {(uint8_t)selector};
        for (unsigned i = 0; i < 256; i++)
            bytes[1 + i] = (uint8_t)(i * 7);
        for (size_t room = 1; room <= 768; room += room < 8 ? 1 : 95) {
            char out[768];
            size_t size = si_text_decode(text, bytes, 257, out, room);
            assert_true(size < room && out[size] == '\0');
            assert_true(text_is_utf8(out, size));
        }
    }
    si_text_destroy(text);
}

static void test_cuts_at_whole_characters(void **state)
{
    (void)state;
    struct si_text *text = si_text_create(GB);
    char out[6];
    assert_int_equal(si_text_decode(text, (const uint8_t *)"\xD6\xD0\xD1\xEB", 4, out, sizeof(out)), 3);
    assert_string_equal(out, "中");
    si_text_destroy(text);
}

static void test_encodes(void **state)
{
    (void)state;
    static const struct {
        const char *utf8;
        size_t maximum;
        const char *expected;
    } table[] = {
        {"", 20, ""},
        {"plain", 20, "plain"},
        {"plain", 3, "pla"},
        {"中b", 20, "\x15中b"},
        {"中文", 6, "\x15中"},
        {"中文", 7, "\x15中文"},
        {"中", 3, ""},
        {"a\nb", 20,
         "\x15"
         "a\xEE\x82\x8A"
         "b"},
        {"a\nb", 4,
         "\x15"
         "a"},
        {"བོད", 20,
         "\x15"
         "བོད"},
        {"\xE4\xB8 x\xFFy", 20, "\x15 xy"},
        {"中", 0, ""},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        uint8_t out[20];
        size_t size = si_text_encode(table[i].utf8, out, table[i].maximum);
        assert_int_equal(size, strlen(table[i].expected));
        assert_memory_equal(out, table[i].expected, size);
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    static const char *const texts[] = {"青海卫视", "མཚོ་སྔོན་བརྙན་འཕྲིན།", "Kokonor 1", "一行\n二行", "𠀀"};
    struct si_text *text = si_text_create(ISO);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        uint8_t bytes[255];
        char out[256];
        size_t size = si_text_encode(texts[i], bytes, sizeof(bytes));
        si_text_decode(text, bytes, size, out, sizeof(out));
        assert_string_equal(out, texts[i]);
    }
    si_text_destroy(text);
}

static void test_charset_names(void **state)
{
    (void)state;
    enum si_charset charset;
    assert_true(si_charset_from_name("iso6937", &charset) && charset == SI_CHARSET_ISO6937);
    assert_true(si_charset_from_name("gb18030", &charset) && charset == SI_CHARSET_GB18030);
    assert_false(si_charset_from_name("GB18030", &charset) || si_charset_from_name("", &charset));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decodes),
        cmocka_unit_test(test_is_always_utf8),
        cmocka_unit_test(test_cuts_at_whole_characters),
        cmocka_unit_test(test_encodes),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_charset_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
