/* SPDX-License-Identifier: Apache-2.0 */
/* The household's settings (language, area, address ...) in household.db, kept through a power cut. Any
 * thread may call it. settings_get never touches the disk; settings_set waits for it, so call it from a
 * worker, not from a loop. */
#ifndef KOKONOR_STORE_SETTINGS_H
#define KOKONOR_STORE_SETTINGS_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

#define SETTINGS_NAME_MAXIMUM 64
#define SETTINGS_VALUE_MAXIMUM 4096
#define SETTINGS_COUNT_MAXIMUM 256

struct settings;

/* Opens the settings in the database at path, making it where needed. A damaged file is kept beside and never
 * deleted (see DATABASE_KEEP). NULL and a reason in error where it cannot be opened. */
struct settings *settings_open(const char *path, struct error *error);
void settings_close(struct settings *settings);

/* Copies the value to value (size bytes, cut at a character where too long); false, and fallback copied
 * (NULL: ""), where it is unset. */
bool settings_get(struct settings *settings, const char *name, const char *fallback, char *value,
                  size_t size);
/* Sets name to value, or forgets it where value is NULL, and returns when that is on the disk. False and a
 * reason where it is not: the old value then stays. */
bool settings_set(struct settings *settings, const char *name, const char *value, struct error *error);

#endif
