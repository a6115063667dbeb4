/* SPDX-License-Identifier: Apache-2.0 */
/* Time. UTC inside: int64_t seconds since 1970-01-01T00:00:00Z (not time_t). Any thread may call it. */
#ifndef KOKONOR_BASE_CLOCK_H
#define KOKONOR_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t clock_monotonic_us(void);
int64_t clock_utc_s(void);
int64_t clock_utc_ms(void);
/* The machine's clock, or 0 where it obviously was never set (a box without a battery starts long ago). */
int64_t clock_plausible_utc_s(void);
void clock_sleep_us(int64_t us);

struct clock_civil {
    int year, month, day; /* month and day from 1 */
    int hour, minute, second;
    int weekday; /* 0 Sunday */
};

#define CLOCK_CHINA_OFFSET_S (8 * 3600)

/* The civil time at utc_s + offset_s, proleptic Gregorian. */
struct clock_civil clock_civil(int64_t utc_s, int offset_s);
int64_t clock_from_civil(const struct clock_civil *civil, int offset_s);

#define CLOCK_RFC3339_SIZE 32
/* "2026-11-23T16:18:00Z" */
void clock_format_rfc3339(int64_t utc_s, char text[CLOCK_RFC3339_SIZE]);
/* Accepts a date and time with Z or a numeric offset (RFC 3339), fractions ignored; also a plain date, as
 * midnight UTC+8. */
bool clock_parse_rfc3339(const char *text, int64_t *utc_s);

#endif
