/* SPDX-License-Identifier: Apache-2.0 */
/* The unified social credit code of GB 32100-2015: 18 characters, the last a check digit. Any thread may call
 * it. */
#ifndef KOKONOR_CONTENT_USCC_H
#define KOKONOR_CONTENT_USCC_H

#include <stdbool.h>

#define CONTENT_USCC_LENGTH 18

/* 18 characters, all of the code's alphabet (0-9 and A-Z without I, O, S, V, Z). */
bool content_uscc_is_shaped(const char *code);
/* The check digit for the first 17 characters of code, or NUL where one of them is outside the alphabet. */
char content_uscc_check_digit(const char *code);
/* Shaped, and the check digit is right. Early codes exist whose digit is wrong: a reason to warn, never to
 * refuse. */
bool content_uscc_is_valid(const char *code);

#endif
