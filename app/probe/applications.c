/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/applications.h"
#include "probe/describe.h"
#include "probe/source.h"
#include "si/archive.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "applications SOURCE [--duration S] [--charset gb18030|iso6937] [--json]"

#define ARCHIVE_BYTES ((size_t)1024 * 1024)

struct command {
    struct ts_demux *demux;
    struct si_watcher *watcher;
    struct si_archive *archive; /* AITs; the PID tells those of one type apart */
    struct si_ait ait;
    bool followed[TS_PID_COUNT];
    size_t tables;
};

static void on_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct command *command = context;
    if (size > 0 && section[0] == SI_TABLE_AIT)
        si_archive_push(command->archive, section, size, pid);
}

static void on_changed(void *context, unsigned changed)
{
    struct command *command = context;
    for (size_t i = 0; (changed & SI_CHANGED_SERVICES) && i < si_watcher_service_count(command->watcher);
         i++) {
        const struct si_service *service = si_watcher_service(command->watcher, i);
        for (size_t k = 0; k < service->component_count; k++) {
            const struct si_component *component = &service->components[k];
            if (component->codec != SI_CODEC_AIT || command->followed[component->pid])
                continue;
            command->followed[component->pid] = true;
            ts_demux_sections(command->demux, component->pid, on_section, command);
        }
    }
}

static uint16_t pid_of(const struct command *command, size_t index)
{
    uint16_t second;
    si_archive_key(command->archive, SI_TABLE_AIT, index, NULL, &second);
    return second;
}

/* Every service whose PMT names the PID. */
static json_t *describe_owners(const struct command *command, uint16_t pid)
{
    json_t *array = json_array();
    for (size_t i = 0; i < si_watcher_service_count(command->watcher); i++) {
        const struct si_service *service = si_watcher_service(command->watcher, i);
        for (size_t k = 0; k < service->component_count; k++)
            if (service->components[k].pid == pid)
                json_array_append_new(array, json_integer(service->service_id));
    }
    return array;
}

static json_t *describe_table(struct command *command, size_t index)
{
    struct si_ait *ait = &command->ait;
    struct si_ait_header header = {0};
    memset(ait, 0, sizeof(*ait));
    for (size_t i = 0; i < si_archive_section_count(command->archive, SI_TABLE_AIT, index); i++) {
        struct bytes section = si_archive_section(command->archive, SI_TABLE_AIT, index, i);
        si_ait_read_header(section.data, section.size, &header);
        si_ait_read(section.data, section.size, si_watcher_text(command->watcher), ait);
    }
    uint16_t pid = pid_of(command, index);
    return json_pack("{s:i, s:o, s:i, s:b, s:i, s:o}", "pid", (int)pid, "services",
                     describe_owners(command, pid), "application_type", (int)ait->application_type, "test",
                     (int)ait->test, "version", (int)header.version, "applications",
                     probe_describe_applications(ait));
}

/* PIDs that a PMT names and that no whole AIT came on. */
static json_t *describe_missing(const struct command *command)
{
    json_t *array = json_array();
    for (unsigned pid = 0; pid < TS_PID_COUNT; pid++) {
        bool found = !command->followed[pid];
        for (size_t i = 0; !found && i < command->tables; i++)
            found = pid_of(command, i) == pid;
        if (!found)
            json_array_append_new(array, json_integer((json_int_t)pid));
    }
    return array;
}

static void push(void *context, const uint8_t *data, size_t size)
{
    struct command *command = context;
    ts_demux_push(command->demux, data, size);
}

static void again(void *context)
{
    struct command *command = context;
    ts_demux_reset(command->demux);
}

static int print(struct command *command)
{
    command->tables = si_archive_count(command->archive, SI_TABLE_AIT);
    json_t *tables = json_array(), *missing = describe_missing(command);
    for (size_t i = 0; i < command->tables; i++)
        json_array_append_new(tables, describe_table(command, i));
    int status =
        command->tables > 0 && json_array_size(missing) == 0 ? PROBE_STATUS_FOUND : PROBE_STATUS_NONE;
    json_t *json = json_pack("{s:o, s:o}", "tables", tables, "missing_pids", missing);
    bool good =
        json && json_dumpf(json, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF && fflush(stdout) == 0;
    json_decref(json);
    if (!good)
        fprintf(stderr, "kokonor-probe applications: the result could not be written\n");
    return good ? status : PROBE_STATUS_ERROR;
}

int probe_applications(int argc, char **argv)
{
    struct probe_arguments arguments;
    if (!probe_arguments_read(&arguments, argc, argv, NULL, NULL, USAGE))
        return PROBE_STATUS_ERROR;
    struct command *command = calloc(1, sizeof(*command));
    if (!command)
        return PROBE_STATUS_ERROR;
    const struct si_watcher_options options = {
        .charset = arguments.charset, .changed = on_changed, .context = command};
    int status = PROBE_STATUS_ERROR;
    command->demux = ts_demux_create();
    command->archive = si_archive_create(ARCHIVE_BYTES);
    command->watcher = command->demux ? si_watcher_create(command->demux, &options) : NULL;
    if (!command->watcher || !command->archive)
        fprintf(stderr, "kokonor-probe applications: no memory\n");
    else if (probe_source_run_twice("applications", arguments.source, arguments.duration_s, push, again,
                                    command))
        status = print(command);
    si_watcher_destroy(command->watcher);
    ts_demux_destroy(command->demux);
    si_archive_destroy(command->archive);
    free(command);
    return status;
}
