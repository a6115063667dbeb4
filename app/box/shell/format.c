/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/format.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>

static void date_words(struct strings *strings, int year, int month, int day, char out[FORMAT_SIZE])
{
    char y[12], m[12], d[12];
    snprintf(y, sizeof(y), "%d", year);
    snprintf(m, sizeof(m), "%d", month);
    snprintf(d, sizeof(d), "%d", day);
    strings_format(strings, "date.full", (const char *const[]){y, m, d}, 3, out, FORMAT_SIZE);
}

void format_date(struct strings *strings, int64_t utc_s, char out[FORMAT_SIZE])
{
    struct clock_civil civil = clock_civil(utc_s, CLOCK_CHINA_OFFSET_S);
    date_words(strings, civil.year, civil.month, civil.day, out);
}

void format_day(struct strings *strings, const struct content_date *date, char out[FORMAT_SIZE])
{
    int year, month, day;
    out[0] = 0;
    if (sscanf(date->text, "%4d-%2d-%2d", &year, &month, &day) == 3)
        date_words(strings, year, month, day, out);
}

void format_time(int64_t utc_s, char out[FORMAT_SIZE])
{
    struct clock_civil civil = clock_civil(utc_s, CLOCK_CHINA_OFFSET_S);
    snprintf(out, FORMAT_SIZE, "%02d:%02d", civil.hour, civil.minute);
}

void format_clock(struct strings *strings, int64_t utc_s, char out[FORMAT_SIZE])
{
    struct clock_civil civil = clock_civil(utc_s, CLOCK_CHINA_OFFSET_S);
    char month[12], day[12], date[FORMAT_SIZE], time[FORMAT_SIZE];
    snprintf(month, sizeof(month), "%d", civil.month);
    snprintf(day, sizeof(day), "%d", civil.day);
    strings_format(strings, "date.short", (const char *const[]){month, day}, 2, date, sizeof(date));
    format_time(utc_s, time);
    strings_format(strings, "date.with_time", (const char *const[]){date, time}, 2, out, FORMAT_SIZE);
}

void format_date_time(struct strings *strings, int64_t utc_s, char out[FORMAT_SIZE])
{
    char date[FORMAT_SIZE], time[FORMAT_SIZE];
    format_date(strings, utc_s, date);
    format_time(utc_s, time);
    strings_format(strings, "date.with_time", (const char *const[]){date, time}, 2, out, FORMAT_SIZE);
}

void format_money(struct strings *strings, int64_t fen, char out[FORMAT_SIZE])
{
    char amount[TEXT_MONEY_SIZE];
    text_money(fen, amount);
    strings_format(strings, "shopping.yuan", (const char *const[]){amount}, 1, out, FORMAT_SIZE);
}
