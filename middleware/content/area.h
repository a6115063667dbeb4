/* SPDX-License-Identifier: Apache-2.0 */
/* Administrative division codes (GB/T 2260 and GB/T 10114): 2 to 12 digits, each longer code lying inside its
 * beginnings. */
#ifndef KOKONOR_CONTENT_AREA_H
#define KOKONOR_CONTENT_AREA_H

#include <stdbool.h>
#include <stddef.h>

#define CONTENT_AREA_MINIMUM 2
#define CONTENT_AREA_MAXIMUM 12

/* 2 to 12 decimal digits. */
bool content_area_is_code(const char *code);
/* True where own_code starts with one of the count codes, or where there are none (everywhere). A box that
 * does not know its area (own_code NULL or empty) is only in "everywhere". */
bool content_area_matches(const char *const *areas, size_t count, const char *own_code);

#endif
