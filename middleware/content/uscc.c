/* SPDX-License-Identifier: Apache-2.0 */
/* GB 32100-2015, clause 5 and annex: characters count 0 to 30, weights are the powers of 3 modulo 31. */
#include "content/uscc.h"

#include <string.h>

static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/* -1 where character is not of the alphabet. */
static int value_of(char character)
{
    const char *found = character != '\0' ? strchr(alphabet, character) : NULL;
    return found != NULL ? (int)(found - alphabet) : -1;
}

bool content_uscc_is_shaped(const char *code)
{
    size_t length = strspn(code, alphabet);
    return length == CONTENT_USCC_LENGTH && code[length] == '\0';
}

char content_uscc_check_digit(const char *code)
{
    int sum = 0, weight = 1;
    for (size_t i = 0; i < CONTENT_USCC_LENGTH - 1; i++) {
        int value = value_of(code[i]);
        if (value < 0) {
            return '\0';
        }
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    return alphabet[(31 - sum % 31) % 31];
}

bool content_uscc_is_valid(const char *code)
{
    return content_uscc_is_shaped(code) && content_uscc_check_digit(code) == code[CONTENT_USCC_LENGTH - 1];
}
