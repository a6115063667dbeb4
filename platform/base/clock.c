/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t now_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

int64_t clock_utc_s(void)
{
    return now_us(CLOCK_REALTIME) / 1000000;
}

int64_t clock_utc_ms(void)
{
    return now_us(CLOCK_REALTIME) / 1000;
}

#define PLAUSIBLE_UTC_S 1767225600 /* 2026-01-01T00:00:00Z */

int64_t clock_plausible_utc_s(void)
{
    int64_t now = clock_utc_s();
    return now >= PLAUSIBLE_UTC_S ? now : 0;
}

void clock_sleep_us(int64_t us)
{
    if (us <= 0)
        return;
    struct timespec left = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    while (nanosleep(&left, &left) && errno == EINTR)
        ;
}

/* Days since 1970-01-01 of a proleptic Gregorian date. The year is counted from March, so that the leap day
 * is its last. */
static int64_t days_from_date(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, struct clock_civil *civil)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    civil->day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    civil->month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    civil->year = (int)(year_of_era + era * 400 + (civil->month <= 2));
}

struct clock_civil clock_civil(int64_t utc_s, int offset_s)
{
    int64_t local = utc_s + offset_s;
    int64_t days = local / 86400, second = local % 86400;
    if (second < 0) {
        second += 86400;
        days--;
    }
    struct clock_civil civil = {.hour = (int)(second / 3600),
                                .minute = (int)(second / 60 % 60),
                                .second = (int)(second % 60),
                                .weekday = (int)(((days + 4) % 7 + 7) % 7)};
    date_from_days(days, &civil);
    return civil;
}

int64_t clock_from_civil(const struct clock_civil *civil, int offset_s)
{
    return days_from_date(civil->year, civil->month, civil->day) * 86400 + civil->hour * 3600 +
           civil->minute * 60 + civil->second - offset_s;
}

void clock_format_rfc3339(int64_t utc_s, char text[CLOCK_RFC3339_SIZE])
{
    struct clock_civil c = clock_civil(utc_s, 0);
    snprintf(text, CLOCK_RFC3339_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year % 10000, c.month, c.day,
             c.hour, c.minute, c.second);
}

/* Reads count digits as a number within [low, high] and moves *text behind them. */
static bool digits(const char **text, int count, int low, int high, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *value = *value * 10 + (**text - '0');
    }
    return *value >= low && *value <= high;
}

static bool literal(const char **text, const char *any)
{
    if (!**text || !strchr(any, **text))
        return false;
    (*text)++;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool parse_offset(const char **text, int *offset_s)
{
    int sign = **text == '-' ? -1 : 1, hours, minutes;
    if (literal(text, "Zz")) {
        *offset_s = 0;
        return true;
    }
    if (!literal(text, "+-") || !digits(text, 2, 0, 23, &hours) || !literal(text, ":") ||
        !digits(text, 2, 0, 59, &minutes))
        return false;
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool clock_parse_rfc3339(const char *text, int64_t *utc_s)
{
    struct clock_civil civil = {0};
    int offset_s = CLOCK_CHINA_OFFSET_S;
    if (!digits(&text, 4, 1, 9999, &civil.year) || !literal(&text, "-") ||
        !digits(&text, 2, 1, 12, &civil.month) || !literal(&text, "-") ||
        !digits(&text, 2, 1, 31, &civil.day) || civil.day > days_in_month(civil.year, civil.month))
        return false;
    if (*text) {
        if (!literal(&text, "Tt ") || !digits(&text, 2, 0, 23, &civil.hour) || !literal(&text, ":") ||
            !digits(&text, 2, 0, 59, &civil.minute) || !literal(&text, ":") ||
            !digits(&text, 2, 0, 60, &civil.second))
            return false;
        if (literal(&text, "."))
            while (*text >= '0' && *text <= '9')
                text++;
        if (!parse_offset(&text, &offset_s) || *text)
            return false;
    }
    *utc_s = clock_from_civil(&civil, offset_s);
    return true;
}
