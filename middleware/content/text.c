/* SPDX-License-Identifier: Apache-2.0 */
#include "content/text.h"

#include "base/clock.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const language_codes[CONTENT_LANGUAGES] = {"zh", "bo", "en"};

const char *content_language_str(enum content_language language)
{
    return (unsigned)language < CONTENT_LANGUAGES ? language_codes[language] : "?";
}

bool content_language_from_str(const char *code, enum content_language *language)
{
    for (unsigned i = 0; i < CONTENT_LANGUAGES; i++) {
        if (strcmp(code, language_codes[i]) == 0) {
            *language = (enum content_language)i;
            return true;
        }
    }
    return false;
}

const char *content_text_get(const struct content_text *text, enum content_language language)
{
    const char *wanted = language == CONTENT_BO ? text->bo : language == CONTENT_EN ? text->en : text->zh;
    if (wanted == NULL) {
        wanted = text->zh;
    }
    return wanted != NULL ? wanted : "";
}

bool content_text_is_absent(const struct content_text *text)
{
    return text->zh == NULL;
}

void content_text_finish(struct content_text *text)
{
    free(text->zh);
    free(text->bo);
    free(text->en);
    *text = (struct content_text){0};
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

bool content_date_parse(const char *text, struct content_date *date)
{
    static const char shape[] = "dddd-dd-dd";
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (strlen(text) != sizeof shape - 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == 'd' ? !is_digit : text[i] != '-') {
            return false;
        }
    }
    int year = two_digits(text) * 100 + two_digits(text + 2), month = two_digits(text + 5),
        day = two_digits(text + 8);
    if (year < 1900 || month < 1 || month > 12) {
        return false;
    }
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day < 1 || day > days[month - 1] + (month == 2 && is_leap ? 1 : 0)) {
        return false;
    }
    memcpy(date->text, text, sizeof date->text);
    return true;
}

struct content_date content_date_china(int64_t utc_s)
{
    struct content_date date;
    struct clock_civil civil = clock_civil(utc_s, CLOCK_CHINA_OFFSET_S);
    snprintf(date.text, sizeof date.text, "%04u-%02u-%02u", (unsigned)civil.year % 10000,
             (unsigned)civil.month % 100, (unsigned)civil.day % 100);
    return date;
}
