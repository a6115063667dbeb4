/* SPDX-License-Identifier: Apache-2.0 */
/* A text in the three languages of the screen, and plain dates. Any thread may call it. */
#ifndef KOKONOR_CONTENT_TEXT_H
#define KOKONOR_CONTENT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

enum content_language { CONTENT_ZH, CONTENT_BO, CONTENT_EN, CONTENT_LANGUAGES };

/* "zh", "bo" or "en"; "?" for anything else. */
const char *content_language_str(enum content_language language);
/* False, and language untouched, where code names none of the three. */
bool content_language_from_str(const char *code, enum content_language *language);

/* Valid UTF-8, owned. All three NULL: the text is absent. zh is never NULL in a text that is present. */
struct content_text {
    char *zh, *bo, *en;
};

/* The text in language; Chinese where that language is absent; "" where the whole text is. Never NULL, owned
 * by text. */
const char *content_text_get(const struct content_text *text, enum content_language language);
bool content_text_is_absent(const struct content_text *text);
/* Frees the strings and makes the text absent. */
void content_text_finish(struct content_text *text);

/* A day, "2026-11-23"; the empty string where there is none. Two dates compare in time as strcmp compares
 * them. */
#define CONTENT_DATE_SIZE 11
struct content_date {
    char text[CONTENT_DATE_SIZE];
};

/* Accepts exactly YYYY-MM-DD with a day that exists, years 1900 to 9999; date untouched otherwise. */
bool content_date_parse(const char *text, struct content_date *date);
/* The day in China (UTC+8) at utc_s, seconds since 1970. */
struct content_date content_date_china(int64_t utc_s);

#endif
