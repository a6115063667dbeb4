/* SPDX-License-Identifier: Apache-2.0 */
/* One log for a program: "time level module: text" lines on standard error. Any thread may call it. */
#ifndef KOKONOR_BASE_LOG_H
#define KOKONOR_BASE_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above the level are dropped. The default is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);

/* Sends every line that passes the level to sink instead of standard error (tests, the diagnostics page);
 * NULL restores the default. The sink is called under the log's lock: it must not log. */
typedef void log_sink_fn(void *context, enum log_level level, const char *module, const char *text);
void log_set_sink(log_sink_fn *sink, void *context);

void log_write(enum log_level level, const char *module, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* LOG_MODULE is defined for each library by the build. error: someone must act. warning: we coped. info: a
 * state that an operator follows. debug: the rest. No personal data, PIN or key in any of them. */
#define log_error(...) log_write(LOG_LEVEL_ERROR, LOG_MODULE, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, LOG_MODULE, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, LOG_MODULE, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, LOG_MODULE, __VA_ARGS__)

#endif
