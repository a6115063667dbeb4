/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/number.h"
#include "base/clock.h"
#include <stdio.h>
#include <string.h>

enum { RANDOM_RANGE = 10000000, DATE_DIGITS = 6, RANDOM_DIGITS = 7 };

/* ISO/IEC 7064 clause 8 (hybrid system MOD 11,10): the check character over the digits in text, hyphens
 * passed over. */
static char check_digit(const char *text, size_t size)
{
    int product = 10;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '-') {
            continue;
        }
        int sum = (product + (text[i] - '0')) % 10;
        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return (char)('0' + (11 - product) % 10);
}

void number_make(int64_t utc_s, uint32_t random, char number[NUMBER_SIZE])
{
    struct clock_civil day = clock_civil(utc_s, CLOCK_CHINA_OFFSET_S);
    char text[64];
    snprintf(text, sizeof text, "%02u%02u%02u-%07u-", (unsigned)day.year % 100, (unsigned)day.month % 100,
             (unsigned)day.day % 100, random % RANDOM_RANGE);
    memcpy(number, text, NUMBER_SIZE - 2);
    number[NUMBER_SIZE - 2] = check_digit(number, NUMBER_SIZE - 2);
    number[NUMBER_SIZE - 1] = '\0';
}

bool number_check(const char *text)
{
    if (strnlen(text, NUMBER_SIZE) != NUMBER_SIZE - 1) {
        return false;
    }
    for (int i = 0; i < NUMBER_SIZE - 1; i++) {
        bool hyphen = i == DATE_DIGITS || i == DATE_DIGITS + 1 + RANDOM_DIGITS;
        if (hyphen ? text[i] != '-' : text[i] < '0' || text[i] > '9') {
            return false;
        }
    }
    return text[NUMBER_SIZE - 2] == check_digit(text, NUMBER_SIZE - 2);
}
