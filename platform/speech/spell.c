/* SPDX-License-Identifier: Apache-2.0 */
#include "speech/spell.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUN_MAX 40    /* characters without a pause */
#define NUMBER_MAX 12 /* digits that are a number; more are read one by one */
#define CODE_DIGITS 7 /* from so many on it is a telephone or a document, unless money */

/* What is being written. */
struct speller {
    enum speech_language language;
    char *out;
    const char *end; /* of the room, before the NUL */
    int run;
    bool pause;   /* a comma is due before the next word */
    bool space;   /* a space is due */
    bool started; /* something was said */
    bool full;
};

static bool is_mandarin(const struct speller *speller)
{
    return speller->language == SPEECH_MANDARIN;
}

static void put(struct speller *speller, uint32_t code_point)
{
    speller->full = speller->full || !text_put(&speller->out, speller->end, code_point);
}

/* One character of a word, behind the pause or space that is due. */
static void say_letter(struct speller *speller, uint32_t code_point)
{
    if (speller->run >= RUN_MAX)
        speller->pause = true;
    if (speller->started && (speller->pause || speller->space)) {
        if (speller->pause)
            put(speller, ',');
        put(speller, ' ');
        speller->run = 0;
    }
    speller->pause = speller->space = false;
    speller->started = true;
    speller->run++;
    put(speller, code_point);
}

static void say(struct speller *speller, const char *words)
{
    for (uint32_t letter; (letter = text_next(&words)) != 0;) {
        if (letter == ' ')
            speller->space = true;
        else
            say_letter(speller, letter);
    }
}

/* ---- numbers ---- */

static const char *const digits_zh[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};

static void say_digits(struct speller *speller, const char *digits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isdigit((unsigned char)digits[i]))
            continue;
        if (is_mandarin(speller)) {
            say(speller, digits_zh[digits[i] - '0']);
        } else {
            speller->space = true;
            say_letter(speller, (uint32_t)digits[i]);
            speller->space = true;
        }
    }
}

/* 0..9999; inside: higher digits were said, so that a gap is a zero and ten is "one ten". */
static void say_thousands(struct speller *speller, int value, bool inside)
{
    static const char *const places[] = {"千", "百", "十", ""};
    bool said = inside, gap = false;
    for (int i = 0, unit = 1000; i < 4; i++, unit /= 10) {
        int digit = value / unit % 10;
        if (digit == 0) {
            gap = said;
            continue;
        }
        if (gap)
            say(speller, "零");
        gap = false;
        if (!(unit == 10 && digit == 1 && !said))
            say(speller, digits_zh[digit]);
        say(speller, places[i]);
        said = true;
    }
}

static void say_number_zh(struct speller *speller, int64_t value)
{
    static const char *const names[] = {"亿", "万", ""};
    bool said = false;
    if (value == 0) {
        say(speller, "零");
        return;
    }
    int64_t unit = 100000000;
    for (int i = 0; i < 3; i++, unit /= 10000) {
        int part = (int)(value / unit % 10000);
        if (part == 0)
            continue;
        say_thousands(speller, part, said);
        say(speller, names[i]);
        said = true;
    }
}

static void say_number(struct speller *speller, int64_t value)
{
    char text[24];
    if (is_mandarin(speller)) {
        say_number_zh(speller, value);
        return;
    }
    snprintf(text, sizeof(text), "%lld ", (long long)value);
    say(speller, text);
}

/* Two of something that is counted. */
static bool is_counted(const char *next)
{
    static const char *const words[] = {"个", "件", "元", "点", "种", "项", "位", "家",
                                        "户", "斤", "盒", "瓶", "袋", "条", "只", "头",
                                        "千", "公", "张", "块", "份", "天", "次"};
    while (*next == ' ')
        next++;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strncmp(next, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

static void say_count(struct speller *speller, int64_t value, const char *next)
{
    if (is_mandarin(speller) && value == 2 && is_counted(next))
        say(speller, "两");
    else
        say_number(speller, value);
}

/* ---- what stands at a place of the text; each returns its length in bytes, 0: it is something else ---- */

static size_t digits_at(const char *text)
{
    size_t count = 0;
    while (isdigit((unsigned char)text[count]))
        count++;
    return count;
}

/* Digits, in groups of three with commas or not: the value, and how long it is. */
static size_t integer_at(const char *text, int64_t *value)
{
    size_t length = digits_at(text);
    if (length == 0 || length > NUMBER_MAX)
        return 0;
    *value = strtoll(text, NULL, 10);
    for (int group = 0; group < 3 && length <= 3 * (size_t)(group + 1) + (size_t)group &&
                        text[length] == ',' && digits_at(text + length + 1) == 3;
         group++) {
        *value = *value * 1000 + strtol(text + length + 1, NULL, 10);
        length += 4;
    }
    return length;
}

static size_t dash_at(const char *text)
{
    static const char *const dashes[] = {"-", "–", "—", "~", "～"};
    for (size_t i = 0; i < sizeof(dashes) / sizeof(dashes[0]); i++)
        if (strncmp(text, dashes[i], strlen(dashes[i])) == 0)
            return strlen(dashes[i]);
    return 0;
}

static void say_money(struct speller *speller, int64_t yuan, int fen)
{
    if (!is_mandarin(speller)) {
        say_number(speller, yuan);
        say(speller, " yuan");
        if (fen > 0) {
            say(speller, fen < 10 ? " oh " : " ");
            say_number(speller, fen);
        }
        return;
    }
    if (yuan > 0 || fen == 0) {
        say_count(speller, yuan, "元");
        say(speller, "元");
    }
    if (fen >= 10) {
        say(speller, digits_zh[fen / 10]);
        say(speller, "角");
    } else if (fen > 0 && yuan > 0) {
        say(speller, "零");
    }
    if (fen % 10 > 0) {
        say(speller, digits_zh[fen % 10]);
        say(speller, "分");
    }
}

static size_t say_money_at(struct speller *speller, const char *text)
{
    size_t length = strncmp(text, "¥", 2) == 0 ? 2 : strncmp(text, "￥", 3) == 0 ? 3 : 0;
    int64_t yuan;
    int fen = 0;
    if (length == 0)
        return 0;
    length += strspn(text + length, " ");
    size_t number = integer_at(text + length, &yuan);
    if (number == 0)
        return 0;
    length += number;
    if (text[length] == '.' && digits_at(text + length + 1) == 2) {
        fen = atoi(text + length + 1);
        length += 3;
    }
    speller->space |= !is_mandarin(speller);
    say_money(speller, yuan, fen);
    if (text[length] == '/' && text[length + 1]) { /* a kilo */
        say(speller, is_mandarin(speller) ? "每" : " per ");
        length++;
    }
    return length;
}

static size_t say_date_at(struct speller *speller, const char *text)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    if (digits_at(text) != 4 || text[4] != '-' || digits_at(text + 5) != 2 || text[7] != '-' ||
        digits_at(text + 8) != 2)
        return 0;
    int month = atoi(text + 5), day = atoi(text + 8);
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return 0;
    if (is_mandarin(speller)) {
        say_digits(speller, text, 4);
        say(speller, "年");
        say_number(speller, month);
        say(speller, "月");
        say_number(speller, day);
        say(speller, "日");
        return 10;
    }
    speller->space = true;
    say_number(speller, day);
    say(speller, " ");
    say(speller, months[month - 1]);
    say(speller, " ");
    say_number(speller, atoi(text));
    return 10;
}

static size_t say_time_at(struct speller *speller, const char *text)
{
    size_t length = digits_at(text);
    if (length < 1 || length > 2 || text[length] != ':' || digits_at(text + length + 1) != 2)
        return 0;
    int hour = atoi(text), minute = atoi(text + length + 1);
    length += 3;
    if (hour > 24 || minute > 59)
        return 0;
    if (text[length] == ':' && digits_at(text + length + 1) == 2)
        length += 3; /* nobody wants the seconds */
    speller->space |= !is_mandarin(speller);
    say_count(speller, hour, "点");
    say(speller, is_mandarin(speller) ? "点" : minute == 0 ? " o'clock" : minute < 10 ? " oh " : " ");
    if (minute > 0) {
        if (is_mandarin(speller) && minute < 10)
            say(speller, "零");
        say_number(speller, minute);
    }
    if (is_mandarin(speller))
        say(speller, minute > 0 ? "分" : "整");
    return length;
}

/* Groups of digits with dashes, the first one beginning with 0 or a long one: a telephone, a document. */
static size_t say_code_at(struct speller *speller, const char *text)
{
    size_t first = digits_at(text), length = first, all = first;
    while (text[length] == '-' && digits_at(text + length + 1) > 0) {
        size_t group = digits_at(text + length + 1);
        length += 1 + group;
        all += group;
    }
    bool zero = text[0] == '0' && first > 1;
    bool decimal = text[length] == '.' && digits_at(text + length + 1) > 0;
    if (first == 0 || !(zero || all >= CODE_DIGITS) || decimal)
        return 0;
    for (size_t at = 0; at < length;) {
        size_t group = digits_at(text + at);
        say_digits(speller, text + at, group);
        at += group;
        if (at < length) {
            speller->pause = true;
            at++;
        }
    }
    return length;
}

static const struct unit {
    const char *sign, *zh, *en;
} units[] = {{"kg", "千克", " kilograms"},   {"km", "公里", " kilometres"},  {"ml", "毫升", " millilitres"},
             {"mL", "毫升", " millilitres"}, {"cm", "厘米", " centimetres"}, {"mm", "毫米", " millimetres"},
             {"g", "克", " grams"},          {"L", "升", " litres"},         {"m", "米", " metres"}};

/* The unit right behind a number. */
static size_t say_unit_at(struct speller *speller, const char *text)
{
    size_t spaces = strspn(text, " ");
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t length = spaces + strlen(units[i].sign);
        if (strncmp(text + spaces, units[i].sign, length - spaces) == 0 &&
            !isalnum((unsigned char)text[length])) {
            say(speller, is_mandarin(speller) ? units[i].zh : units[i].en);
            return length;
        }
    }
    return 0;
}

static size_t say_number_at(struct speller *speller, const char *text)
{
    int64_t value;
    size_t length = integer_at(text, &value), fraction = 0;
    if (length == 0)
        return 0;
    if (text[length] == '.')
        fraction = digits_at(text + length + 1);
    if (fraction > NUMBER_MAX)
        fraction = 0;
    const char *behind = text + length + (fraction > 0 ? fraction + 1 : 0);
    bool percent = *behind == '%';
    if (is_mandarin(speller) && percent)
        say(speller, "百分之");
    if (is_mandarin(speller) && length == 4 && strncmp(behind, "年", 3) == 0)
        say_digits(speller, text, 4);
    else
        say_count(speller, value, fraction > 0 ? "" : behind);
    if (fraction > 0) {
        say(speller, is_mandarin(speller) ? "点" : " point");
        say_digits(speller, text + length + 1, fraction);
    }
    if (!is_mandarin(speller) && percent)
        say(speller, " percent");
    behind += percent ? 1 : say_unit_at(speller, behind);
    return (size_t)(behind - text);
}

/* Letters and digits mixed are a code: read one by one. */
static size_t say_mixed_at(struct speller *speller, const char *text)
{
    size_t length = 0, letters = 0, digits = 0;
    while (isalnum((unsigned char)text[length])) {
        isdigit((unsigned char)text[length]) ? digits++ : letters++;
        length++;
    }
    if (letters == 0 || digits < 2 || letters + digits < 6)
        return 0;
    for (size_t i = 0; i < length; i++) {
        speller->space = true;
        if (isdigit((unsigned char)text[i]))
            say_digits(speller, text + i, 1);
        else
            say_letter(speller, (uint32_t)(unsigned char)text[i]);
        speller->space = true;
    }
    return length;
}

/* A language's own name, in the letters of another voice. */
static size_t say_name_at(struct speller *speller, const char *text)
{
    static const struct {
        const char *name, *zh, *en;
    } names[] = {{"བོད་ཡིག", "藏文", "Tibetan"}, {"中文", NULL, "Chinese"}, {"English", "英文", NULL}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *said = is_mandarin(speller) ? names[i].zh : names[i].en;
        if (said && strncmp(text, names[i].name, strlen(names[i].name)) == 0) {
            speller->space |= !is_mandarin(speller);
            say(speller, said);
            return strlen(names[i].name);
        }
    }
    return 0;
}

/* ---- letters ---- */

static bool is_han(uint32_t letter)
{
    return (letter >= 0x4e00 && letter <= 0x9fff) || (letter >= 0x3400 && letter <= 0x4dbf);
}

static bool is_latin(const struct speller *speller, uint32_t letter)
{
    return (letter < 0x80 && isalpha((int)letter)) ||
           (!is_mandarin(speller) && letter >= 0xc0 && letter <= 0x17f && letter != 0xd7 && letter != 0xf7);
}

static bool is_pause(uint32_t letter)
{
    static const uint32_t pauses[] = {'\n',   ',',    '.',    ';',    ':',    '!',    '?',    '(',    ')',
                                      0xff0c, 0x3002, 0x3001, 0xff1b, 0xff1a, 0xff01, 0xff1f, 0xff08, 0xff09,
                                      0x2026, 0x2014, 0x2013, 0x300a, 0x300b, 0x201c, 0x201d, '/'};
    for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++)
        if (letter == pauses[i])
            return true;
    return false;
}

/* One character that is no number. */
static size_t say_character_at(struct speller *speller, const char *text)
{
    const char *next = text;
    uint32_t letter = text_next(&next);
    if (is_latin(speller, letter) || (is_mandarin(speller) && is_han(letter)))
        say_letter(speller, letter);
    else if (letter == '\'' && !is_mandarin(speller) && isalpha((unsigned char)*next) && !speller->space &&
             speller->started)
        say_letter(speller, letter); /* isn't */
    else if (letter == 0x2103)       /* degrees */
        say(speller, is_mandarin(speller) ? "摄氏度" : " degrees");
    else if (is_pause(letter))
        speller->pause = true;
    else
        speller->space = true;
    return (size_t)(next - text);
}

static bool is_letter(char byte)
{
    return isalnum((unsigned char)byte) != 0;
}

static size_t say_at(struct speller *speller, const char *text, bool fresh)
{
    typedef size_t say_fn(struct speller *, const char *);
    static say_fn *const forms[] = {say_money_at, say_date_at, say_time_at,
                                    say_mixed_at, say_code_at, say_number_at};
    size_t length = say_name_at(speller, text);
    for (size_t i = 0; fresh && length == 0 && i < sizeof(forms) / sizeof(forms[0]); i++)
        length = forms[i](speller, text);
    if (length == 0 && isdigit((unsigned char)*text)) {
        length = digits_at(text);
        say_digits(speller, text, length);
    }
    if (length > 0 && isdigit((unsigned char)text[length - 1])) { /* from ... to */
        size_t spaces = strspn(text + length, " "), dash = dash_at(text + length + spaces);
        size_t behind = length + spaces + dash + strspn(text + length + spaces + dash, " ");
        if (dash > 0 && isdigit((unsigned char)text[behind])) {
            say(speller, is_mandarin(speller) ? "到" : " to ");
            length = behind;
        }
    }
    return length > 0 ? length : say_character_at(speller, text);
}

bool speech_spell(enum speech_language language, const char *text, char *out, size_t size)
{
    struct speller speller = {.language = language, .out = out, .end = out + size - 1};
    bool fresh = true;
    while (*text && !speller.full) {
        size_t length = say_at(&speller, text, fresh);
        fresh = !is_letter(text[length - 1]) || !is_letter(text[length]) ||
                isdigit((unsigned char)text[length - 1]) != isdigit((unsigned char)text[length]);
        text += length;
    }
    *speller.out = 0;
    return speller.started;
}
