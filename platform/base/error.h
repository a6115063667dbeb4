/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong, for a person: the thing, the place and the remedy in one English sentence. Owned by the
 * caller. */
#ifndef KOKONOR_BASE_ERROR_H
#define KOKONOR_BASE_ERROR_H

#include <stdbool.h>

struct error {
    char text[512]; /* empty: no error */
};

/* Writes the text, made plain (text_make_plain) and cut at its end if too long, and returns false, so that
 * "return error_set(...)" fails. error may be NULL. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
