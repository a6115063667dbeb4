/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/services.h"
#include "probe/describe.h"
#include "probe/source.h"
#include <stdio.h>

#define USAGE "services SOURCE [--duration S] [--charset gb18030|iso6937] [--json]"

static void push(void *context, const uint8_t *data, size_t size)
{
    ts_demux_push(context, data, size);
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
    struct probe_arguments arguments;
    if (!probe_arguments_read(&arguments, argc, argv, NULL, NULL, USAGE))
        return PROBE_STATUS_ERROR;
    int status = PROBE_STATUS_ERROR;
    const struct si_watcher_options options = {.charset = arguments.charset};
    struct ts_demux *demux = ts_demux_create();
    struct si_watcher *watcher = demux ? si_watcher_create(demux, &options) : NULL;
    if (!watcher) {
        fprintf(stderr, "kokonor-probe: no memory\n");
        goto out;
    }
    if (probe_source_run("services", arguments.source, arguments.duration_s, push, demux) &&
        print(watcher, demux))
        status = si_watcher_service_count(watcher) > 0 ? PROBE_STATUS_FOUND : PROBE_STATUS_NONE;
out:
    si_watcher_destroy(watcher);
    ts_demux_destroy(demux);
    return status;
}
