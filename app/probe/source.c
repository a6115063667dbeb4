/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/source.h"
#include "base/clock.h"
#include "base/text.h"
#include "tuner/tuner.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fail(const char *command, const char *url, const char *reason)
{
    fprintf(stderr, "kokonor-probe %s: %s: %s\n", command, url, reason);
    return false;
}

static bool run_file(const char *command, const char *path, uint8_t *chunk, probe_source_fn *fn,
                     void *context)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return fail(command, path, strerror(errno));
    size_t size;
    while ((size = fread(chunk, 1, TUNER_READ_SIZE, file)) > 0)
        fn(context, chunk, size);
    bool ok = !ferror(file);
    if (!ok)
        fail(command, path, strerror(errno));
    fclose(file);
    return ok;
}

/* Waits for bytes until the end; false where the time is over or waiting failed. */
static bool wait_for(const struct tuner *tuner, int64_t end_us)
{
    int64_t left_us = end_us - clock_monotonic_us();
    struct pollfd descriptor = {.fd = tuner_fd(tuner), .events = POLLIN};
    if (left_us <= 0)
        return false;
    int ready = poll(&descriptor, 1, (int)(left_us / 1000 + 1));
    return ready > 0 || (ready < 0 && errno == EINTR);
}

static bool run_tuner(const char *command, const char *url, int64_t duration_us, uint8_t *chunk,
                      probe_source_fn *fn, void *context)
{
    struct error error;
    struct tuner *tuner = tuner_open(url, &error);
    if (!tuner) {
        fprintf(stderr, "kokonor-probe %s: %s\n", command, error.text);
        return false;
    }
    int64_t end_us = clock_monotonic_us() + duration_us;
    bool good = true;
    while (wait_for(tuner, end_us)) {
        ssize_t size = tuner_read(tuner, chunk, TUNER_READ_SIZE);
        if (size > 0) {
            fn(context, chunk, (size_t)size);
        } else if (size == 0) {
            break;
        } else if (errno != EAGAIN) {
            good = fail(command, url, strerror(errno));
            break;
        }
    }
    tuner_close(tuner);
    return good;
}

bool probe_source_run(const char *command, const char *url, double duration_s, probe_source_fn *fn,
                      void *context)
{
    uint8_t *chunk = malloc(TUNER_READ_SIZE);
    if (!chunk)
        return fail(command, url, "no memory");
    bool is_file = strncmp(url, "file://", 7) == 0;
    double seconds = duration_s > 0 ? duration_s : is_file ? 86400 : PROBE_DURATION_S;
    bool good = strstr(url, "://") ? run_tuner(command, url, (int64_t)(seconds * 1e6), chunk, fn, context)
                                   : run_file(command, url, chunk, fn, context);
    free(chunk);
    return good;
}

bool probe_source_run_twice(const char *command, const char *url, double duration_s, probe_source_fn *fn,
                            void (*again)(void *context), void *context)
{
    if (!probe_source_run(command, url, duration_s, fn, context))
        return false;
    if (strstr(url, "://"))
        return true;
    again(context);
    return probe_source_run(command, url, duration_s, fn, context);
}

json_t *probe_text(const char *text)
{
    char *plain = strdup(text);
    if (plain)
        text_make_plain(plain);
    json_t *json = plain ? json_string(plain) : NULL;
    free(plain);
    return json;
}

bool probe_number(const char *text, long maximum, long *value)
{
    char *end;
    errno = 0;
    *value = strtol(text, &end, 0);
    return errno == 0 && end != text && *end == '\0' && *value >= 0 && *value <= maximum;
}

static bool read_common(struct probe_arguments *arguments, int argc, char **argv, int *index)
{
    const char *option = argv[*index];
    const char *value = *index + 1 < argc ? argv[*index + 1] : NULL;
    if (strcmp(option, "--json") == 0)
        return true; /* the only form there is */
    if (strcmp(option, "--charset") == 0 && value && si_charset_from_name(value, &arguments->charset)) {
        ++*index;
        return true;
    }
    if (strcmp(option, "--duration") == 0 && value) {
        char *end;
        arguments->duration_s = strtod(value, &end);
        ++*index;
        return end != value && *end == '\0' && arguments->duration_s > 0 && arguments->duration_s <= 86400;
    }
    if (option[0] == '-' || arguments->source)
        return false;
    arguments->source = option;
    return true;
}

bool probe_arguments_read(struct probe_arguments *arguments, int argc, char **argv, probe_argument_fn *others,
                          void *context, const char *usage)
{
    *arguments = (struct probe_arguments){.charset = SI_CHARSET_GB18030};
    bool good = true;
    for (int i = 1; good && i < argc; i++)
        good = (others && others(context, argc, argv, &i)) || read_common(arguments, argc, argv, &i);
    if (good && arguments->source)
        return true;
    fprintf(stderr, "usage: kokonor-probe %s\n", usage);
    return false;
}
