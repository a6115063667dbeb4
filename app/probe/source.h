/* SPDX-License-Identifier: Apache-2.0 */
/* Where a command's stream comes from, and the arguments that every command shares. One call, any thread;
 * keeps nothing. */
#ifndef KOKONOR_PROBE_SOURCE_H
#define KOKONOR_PROBE_SOURCE_H

#include "si/text.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_STATUS_FOUND 0
#define PROBE_STATUS_NONE 1
#define PROBE_STATUS_ERROR 2

/* How long a source without an end is read where --duration does not say. */
#define PROBE_DURATION_S 10

typedef void probe_source_fn(void *context, const uint8_t *data, size_t size);

/* Reads all of url: a file's path (as fast as it goes), or a URL of tuner_open, which is read for duration_s
 * seconds at most (0: PROBE_DURATION_S; a file:// to its end). False, the reason printed on standard error
 * after "kokonor-probe COMMAND: ". */
bool probe_source_run(const char *command, const char *url, double duration_s, probe_source_fn *fn,
                      void *context);

/* The same; but a file, which has an end, is read a second time, so that what lies before the table that
 * names its PID counts as well. again is called in between. */
bool probe_source_run_twice(const char *command, const char *url, double duration_s, probe_source_fn *fn,
                            void (*again)(void *context), void *context);

/* SOURCE [--duration S] [--charset gb18030|iso6937] [--json] and, where others is not NULL, what it takes. */
struct probe_arguments {
    const char *source;
    double duration_s; /* 0: not given */
    enum si_charset charset;
};
/* Looks at argv[*index], and may take its value too by moving *index; false: not its. */
typedef bool probe_argument_fn(void *context, int argc, char **argv, int *index);
/* False: usage was printed on standard error. */
bool probe_arguments_read(struct probe_arguments *arguments, int argc, char **argv, probe_argument_fn *others,
                          void *context, const char *usage);
/* text, which may be any bytes, as a JSON string; NULL without memory. */
json_t *probe_text(const char *text);
/* A number, decimal or 0x, of at most maximum. */
bool probe_number(const char *text, long maximum, long *value);

#endif
