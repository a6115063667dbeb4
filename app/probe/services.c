/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/services.h"
#include "probe/describe.h"
#include "probe/source.h"
#include <stdio.h>

#define USAGE "services SOURCE [--duration S] [--charset gb18030|iso6937] [--json]"

struct command {
    struct ts_demux *demux;
    struct si_watcher *watcher;
    struct probe_before before;
};

static void push(void *context, const uint8_t *data, size_t size)
{
    struct command *command = context;
    ts_demux_push(command->demux, data, size);
}

static void again(void *context)
{
    struct command *command = context;
    ts_demux_reset(command->demux);
    ts_demux_counts(command->demux, &command->before.ts);
    si_watcher_counts(command->watcher, &command->before.si);
}

static bool print(const struct command *command)
{
    json_t *json = probe_describe(command->watcher, command->demux, &command->before);
    bool ok =
        json && json_dumpf(json, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF && fflush(stdout) == 0;
    json_decref(json);
    if (!ok)
        fprintf(stderr, "kokonor-probe: the result could not be written\n");
    return ok;
}

/* The PMT of every service that the PAT names came. */
static bool is_whole(const struct si_watcher *watcher)
{
    size_t count = si_watcher_service_count(watcher);
    for (size_t i = 0; i < count; i++) {
        const struct si_service *service = si_watcher_service(watcher, i);
        if (service->pmt_pid != SI_PID_NONE && !service->has_pmt)
            return false;
    }
    return count > 0;
}

int probe_services(int argc, char **argv)
{
    struct probe_arguments arguments;
    if (!probe_arguments_read(&arguments, argc, argv, NULL, NULL, USAGE))
        return PROBE_STATUS_ERROR;
    int status = PROBE_STATUS_ERROR;
    const struct si_watcher_options options = {.charset = arguments.charset};
    struct command command = {.demux = ts_demux_create()};
    command.watcher = command.demux ? si_watcher_create(command.demux, &options) : NULL;
    if (!command.watcher) {
        fprintf(stderr, "kokonor-probe: no memory\n");
        goto out;
    }
    if (probe_source_run_twice("services", arguments.source, arguments.duration_s, push, again, &command) &&
        print(&command))
        status = is_whole(command.watcher) ? PROBE_STATUS_FOUND : PROBE_STATUS_NONE;
out:
    si_watcher_destroy(command.watcher);
    ts_demux_destroy(command.demux);
    return status;
}
