/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/services.h"
#include "probe/describe.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define STATUS_FOUND 0
#define STATUS_NONE 1
#define STATUS_ERROR 2

#define CHUNK_SIZE 65536

struct arguments {
    const char *path;
    enum si_charset charset;
};

static bool read_arguments(int argc, char **argv, struct arguments *arguments)
{
    *arguments = (struct arguments){.charset = SI_CHARSET_GB18030};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--charset") == 0) {
            if (++i == argc || !si_charset_from_name(argv[i], &arguments->charset))
                return false;
        } else if (argv[i][0] == '-' || arguments->path) {
            return false;
        } else {
            arguments->path = argv[i];
        }
    }
    return arguments->path != NULL;
}

static bool push_file(const char *path, struct ts_demux *demux)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "kokonor-probe: %s: %s\n", path, strerror(errno));
        return false;
    }
    uint8_t chunk[CHUNK_SIZE];
    size_t size;
    while ((size = fread(chunk, 1, sizeof(chunk), file)) > 0)
        ts_demux_push(demux, chunk, size);
    bool ok = !ferror(file);
    if (!ok)
        fprintf(stderr, "kokonor-probe: %s: %s\n", path, strerror(errno));
    fclose(file);
    return ok;
}

static bool print(const struct si_watcher *watcher, const struct ts_demux *demux)
{
    json_t *json = probe_describe(watcher, demux);
    bool ok =
        json && json_dumpf(json, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF && fflush(stdout) == 0;
    json_decref(json);
    if (!ok)
        fprintf(stderr, "kokonor-probe: the result could not be written\n");
    return ok;
}

int probe_services(int argc, char **argv)
{
    struct arguments arguments;
    if (!read_arguments(argc, argv, &arguments)) {
        fprintf(stderr, "usage: kokonor-probe services FILE [--charset gb18030|iso6937]\n");
        return STATUS_ERROR;
    }
    int status = STATUS_ERROR;
    const struct si_watcher_options options = {.charset = arguments.charset};
    struct ts_demux *demux = ts_demux_create();
    struct si_watcher *watcher = demux ? si_watcher_create(demux, &options) : NULL;
    if (!watcher) {
        fprintf(stderr, "kokonor-probe: no memory\n");
        goto out;
    }
    if (push_file(arguments.path, demux) && print(watcher, demux))
        status = si_watcher_service_count(watcher) > 0 ? STATUS_FOUND : STATUS_NONE;
out:
    si_watcher_destroy(watcher);
    ts_demux_destroy(demux);
    return status;
}
