/* SPDX-License-Identifier: Apache-2.0 */
/* A program's settings: an INI file (libinih) with [section] name = value, overridden by "section.name=value"
 * arguments. */
#ifndef KOKONOR_BASE_CONFIG_H
#define KOKONOR_BASE_CONFIG_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

struct config;

/* An empty configuration; NULL only without memory. */
struct config *config_create(void);
void config_destroy(struct config *config);
/* Reads path, at most 256 KiB and 1,000 settings. On failure error names file and line, and config keeps what
 * it had read. */
bool config_load(struct config *config, const char *path, struct error *error);
/* Sets one value from "section.name=value". */
bool config_override(struct config *config, const char *assignment, struct error *error);

/* The value, or fallback (which may be NULL) where there is none. Owned by config, valid until it is changed
 * or destroyed. */
const char *config_string(const struct config *config, const char *section, const char *name,
                          const char *fallback);
/* A whole number within [low, high]; anything else is logged as a warning and gives fallback. Decimal or 0x.
 */
int64_t config_integer(const struct config *config, const char *section, const char *name, int64_t fallback,
                       int64_t low, int64_t high);
/* yes/no, true/false, on/off, 1/0 */
bool config_boolean(const struct config *config, const char *section, const char *name, bool fallback);
/* Relative paths in a configuration are relative to its file. Writes to path; false where it does not fit or
 * there is no value. */
bool config_path(const struct config *config, const char *section, const char *name, char *path, size_t size);

#endif
