/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe tables: every section of a stream, decoded. One call, any thread; keeps nothing. */
#ifndef KOKONOR_PROBE_TABLES_H
#define KOKONOR_PROBE_TABLES_H

#include "si/text.h"
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* kokonor-probe tables SOURCE [--pid N] [--table-id N] [--all] [--duration S] [--charset NAME]: argv[0] is
 * "tables". Prints one JSON object a line on standard output: each different section once (--all: each time),
 * and a summary at the end. Returns the exit status: 0 there were sections, 1 there were none, 2 usage or I/O
 * error. */
int probe_tables(int argc, char **argv);

/* One section as its line says it, without the PID; a new reference. */
json_t *probe_section(const uint8_t *section, size_t size, struct si_text *text);

#endif
