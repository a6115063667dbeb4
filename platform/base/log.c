/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/clock.h"
#include "base/text.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static const char *const level_names[] = {"error", "warning", "info", "debug"};

/* A program has one log: the level and the sink are the project's only mutable globals. */
static atomic_int current_level = LOG_LEVEL_INFO;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static log_sink_fn *current_sink;
static void *sink_context;

void log_set_level(enum log_level level)
{
    atomic_store(&current_level, level);
}

void log_set_sink(log_sink_fn *sink, void *context)
{
    pthread_mutex_lock(&lock);
    current_sink = sink;
    sink_context = context;
    pthread_mutex_unlock(&lock);
}

void log_write(enum log_level level, const char *module, const char *format, ...)
{
    if ((int)level > atomic_load(&current_level))
        return;
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    text_make_plain(text); /* a hostile name must not forge a line, nor move the terminal's cursor */

    char when[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(clock_utc_s(), when);
    pthread_mutex_lock(&lock);
    if (current_sink)
        current_sink(sink_context, level, module, text);
    else
        fprintf(stderr, "%s %-7s %s: %s\n", when, level_names[level], module, text);
    pthread_mutex_unlock(&lock);
}
