/* SPDX-License-Identifier: Apache-2.0 */
/* Administrative divisions (GB/T 2260) and their names, from resources/divisions.json: province, prefectures,
 * counties; a division lies in the one whose code begins its own. Immutable once loaded. */
#ifndef KOKONOR_UI_DIVISIONS_H
#define KOKONOR_UI_DIVISIONS_H

#include "base/error.h"
#include <stddef.h>

struct divisions;

#define DIVISION_CODE_SIZE 13 /* twelve digits */
#define DIVISION_PATH_SIZE 384

/* At most 4,000 divisions, 1 MiB. Every code is 2, 4, 6 or more digits, stands there once and lies in one
 * that stands before it, or in none; every name is there in zh, bo and en. NULL with error set where not. */
struct divisions *divisions_load(const char *path, struct error *error);
void divisions_destroy(struct divisions *divisions); /* NULL does nothing */

/* How many lie directly in the one with this code; "": those that lie in none. NULL divisions: 0. */
size_t divisions_count(const struct divisions *divisions, const char *within);
/* The code of one of them, in the file's order; NULL where there is none of that index. */
const char *divisions_code(const struct divisions *divisions, const char *within, size_t index);
/* In language "zh", "bo" or "en"; NULL where the code is not known. */
const char *divisions_name(const struct divisions *divisions, const char *code, const char *language);
/* The code of the one that code lies in; "" where there is none. */
void divisions_above(const struct divisions *divisions, const char *code, char above[DIVISION_CODE_SIZE]);
/* The names of all that the code lies in, from within (not itself; "" all) down to itself: "Hainan · Gonghe".
 * A code that is not known is written as it is, behind what is known of its beginning. */
void divisions_path(const struct divisions *divisions, const char *within, const char *code,
                    const char *language, char path[DIVISION_PATH_SIZE]);

#endif
