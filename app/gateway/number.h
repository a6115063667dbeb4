/* SPDX-License-Identifier: Apache-2.0 */
/* Order numbers, as read out over the telephone: "261123-0482175-3" is the day in China (YYMMDD), seven
 * random digits and a check digit over all thirteen (ISO/IEC 7064, MOD 11,10), which catches any wrong digit
 * and nearly all swapped neighbours. Any thread. */
#ifndef KOKONOR_GATEWAY_NUMBER_H
#define KOKONOR_GATEWAY_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#define NUMBER_SIZE 17

/* random: any number. Two calls may give the same: the database says what is taken. */
void number_make(int64_t utc_s, uint32_t random, char number[NUMBER_SIZE]);
/* True for what number_make can have made. */
bool number_check(const char *text);

#endif
