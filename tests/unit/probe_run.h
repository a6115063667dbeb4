/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of the probe: runs one command and gives what it printed. One thread. */
#ifndef KOKONOR_TESTS_PROBE_RUN_H
#define KOKONOR_TESTS_PROBE_RUN_H

#include <jansson.h>

/* Calls command with the arguments up to NULL, the first its name. *printed (may be NULL) gets what it
 * printed as JSON, the caller's, or NULL where that is none. Returns its exit status, -1 where standard
 * output could not be caught. */
int probe_run(int (*command)(int argc, char **argv), const char *const *arguments, json_t **printed);

/* The same for a command that prints one JSON value a line: *lines gets an array of them, the caller's. */
int probe_run_lines(int (*command)(int argc, char **argv), const char *const *arguments, json_t **lines);

/* The same for a command that prints a text; cut to size bytes with the NUL at their end. */
int probe_run_text(int (*command)(int argc, char **argv), const char *const *arguments, char *text,
                   size_t size);

#endif
