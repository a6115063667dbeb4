/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/tables.h"
#include "base/reader.h"
#include "probe/layout.h"
#include "probe/message.h"
#include "probe/source.h"
#include "si/watcher.h"
#include "ts/crc32.h"
#include "ts/demux.h"
#include "ts/section.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE                                                                                                \
    "tables SOURCE [--pid N] [--table-id N] [--all] [--duration S] [--charset gb18030|iso6937] [--json]"

#define SHORT_HEADER_SIZE 3
#define SEEN_SLOTS ((size_t)1 << 18) /* of different sections; more than half full, it begins anew */

#define TABLE_TOT 0x73 /* short, with a CRC_32 all the same; so is that of SCTE 35 */
#define TABLE_SPLICE 0xFC

struct command {
    int pid, table_id; /* -1: any */
    bool all, quiet;   /* quiet: only look for PIDs */
    struct ts_demux *demux;
    struct si_watcher *watcher;
    struct si_text *text;
    bool followed[TS_PID_COUNT];
    uint64_t *seen; /* hashes; 0: free */
    size_t seen_count;
    uint64_t sections, printed;
    struct ts_demux_counts before; /* of the reading that only looked for PIDs */
    bool failed;
};

static void read_body(const struct layout_table *table, struct bytes body, struct si_text *text, json_t *json)
{
    bool good;
    if (table->first == 0x3B || table->first == 0x3C)
        good = message_read(body, text, json);
    else
        good = layout_read(table->body, body, table->context, text, json);
    if (good)
        return;
    json_object_set_new(json, "broken", json_true());
    json_object_set_new(json, "hex", layout_hex(body));
}

json_t *probe_section(const uint8_t *section, size_t size, struct si_text *text)
{
    if (size < SHORT_HEADER_SIZE)
        return json_pack("{s:b, s:o}", "broken", 1, "hex", layout_hex((struct bytes){section, size}));
    const struct layout_table *table = layout_find_table(section[0]);
    json_t *json = json_pack("{s:i, s:s?, s:i}", "table_id", (int)section[0], "table",
                             table ? table->name : NULL, "size", (int)size);
    struct ts_section_header header;
    bool is_long = ts_section_read_header(section, size, &header);
    size_t start = is_long ? TS_SECTION_HEADER_SIZE : SHORT_HEADER_SIZE;
    bool has_crc = is_long || section[0] == TABLE_TOT || section[0] == TABLE_SPLICE;
    size_t tail = has_crc ? TS_SECTION_CRC_SIZE : 0;
    if (is_long) {
        const char *extension = table && table->extension ? table->extension : "table_id_extension";
        json_object_set_new(json, extension, json_integer(header.table_id_extension));
        json_object_set_new(json, "version", json_integer(header.version));
        json_object_set_new(json, "current_next", json_boolean(header.current_next));
        json_object_set_new(json, "section_number", json_integer(header.section_number));
        json_object_set_new(json, "last_section_number", json_integer(header.last_section_number));
    }
    if (size < start + tail)
        tail = 0;
    if (section[0] == TABLE_SPLICE) /* no filter has looked at this one */
        json_object_set_new(json, "crc_good", json_boolean(ts_crc32(section, size) == 0));
    const struct bytes body = {section + start, size - start - tail};
    if (table && is_long == (table->extension != NULL))
        read_body(table, body, text, json);
    else
        json_object_set_new(json, "hex", layout_hex(body));
    return json;
}

/* FNV-1a; a section's CRC_32 alone would let two differ unseen. */
static uint64_t hash_of(uint16_t pid, const uint8_t *section, size_t size)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ pid;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ section[i]) * UINT64_C(1099511628211);
    return hash ? hash : 1;
}

static bool is_new(struct command *command, uint16_t pid, const uint8_t *section, size_t size)
{
    uint64_t hash = hash_of(pid, section, size);
    if (command->seen_count > SEEN_SLOTS / 2) {
        memset(command->seen, 0, SEEN_SLOTS * sizeof(command->seen[0]));
        command->seen_count = 0;
    }
    size_t at = hash & (SEEN_SLOTS - 1);
    for (; command->seen[at]; at = (at + 1) & (SEEN_SLOTS - 1))
        if (command->seen[at] == hash)
            return false;
    command->seen[at] = hash;
    command->seen_count++;
    return true;
}

static bool print_line(json_t *json)
{
    bool good = json && json_dumpf(json, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;
    json_decref(json);
    return good;
}

static void on_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct command *command = context;
    if (command->quiet || (command->table_id >= 0 && section[0] != command->table_id))
        return;
    command->sections++;
    if (command->failed || (!command->all && !is_new(command, pid, section, size)))
        return;
    json_t *line = json_pack("{s:i}", "pid", (int)pid);
    json_t *fields = probe_section(section, size, command->text);
    json_object_update(line, fields);
    json_decref(fields);
    command->printed++;
    command->failed = !print_line(line);
}

static void follow(struct command *command, uint16_t pid)
{
    if (pid >= TS_PID_NULL || command->followed[pid] || (command->pid >= 0 && pid != command->pid))
        return;
    command->followed[pid] = true;
    if (!ts_demux_sections(command->demux, pid, on_section, command))
        command->failed = true;
}

/* stream_types whose PIDs carry sections (ISO/IEC 13818-1, Table 2-34; SCTE 35). */
static bool has_sections(const struct si_component *component)
{
    uint8_t stream_type = component->stream_type;
    return stream_type == 0x05 || (stream_type >= 0x0A && stream_type <= 0x0D) || stream_type == 0x13 ||
           stream_type == 0x14 || stream_type == 0x16 || component->codec == SI_CODEC_SPLICE;
}

static void follow_services(struct command *command)
{
    for (size_t i = 0; i < si_watcher_service_count(command->watcher); i++) {
        const struct si_service *service = si_watcher_service(command->watcher, i);
        follow(command, service->pmt_pid);
        for (size_t k = 0; k < service->access_count; k++)
            follow(command, service->accesses[k].pid);
        for (size_t k = 0; k < service->component_count; k++) {
            const struct si_component *component = &service->components[k];
            if (has_sections(component))
                follow(command, component->pid);
            for (size_t n = 0; n < component->access_count; n++)
                follow(command, component->accesses[n].pid);
        }
    }
    struct si_cat cat;
    si_watcher_cat(command->watcher, &cat);
    for (size_t i = 0; i < cat.access_count; i++)
        follow(command, cat.accesses[i].pid);
}

static void on_changed(void *context, unsigned changed)
{
    if (changed & (SI_CHANGED_SERVICES | SI_CHANGED_OTHERS))
        follow_services(context);
}

static void push(void *context, const uint8_t *data, size_t size)
{
    struct command *command = context;
    ts_demux_push(command->demux, data, size);
}

static bool print_summary(const struct command *command)
{
    struct ts_demux_counts counts;
    struct si_watcher_counts si;
    ts_demux_counts(command->demux, &counts);
    si_watcher_counts(command->watcher, &si);
    return print_line(json_pack(
        "{s:{s:I, s:I, s:I, s:I, s:I}}", "summary", "sections", (json_int_t)command->sections, "lines",
        (json_int_t)command->printed, "packets", (json_int_t)(counts.packets - command->before.packets),
        "bad_sections", (json_int_t)(counts.bad_sections - command->before.bad_sections), "not_well_formed",
        (json_int_t)si.bad_sections));
}

static bool take_argument(void *context, int argc, char **argv, int *index)
{
    struct command *command = context;
    long value;
    if (strcmp(argv[*index], "--all") == 0) {
        command->all = true;
        return true;
    }
    bool pid = strcmp(argv[*index], "--pid") == 0;
    if ((!pid && strcmp(argv[*index], "--table-id") != 0) || *index + 1 >= argc ||
        !probe_number(argv[*index + 1], pid ? TS_PID_NULL - 1 : 255, &value))
        return false;
    *(pid ? &command->pid : &command->table_id) = (int)value;
    ++*index;
    return true;
}

static bool set_up(struct command *command, enum si_charset charset)
{
    const struct si_watcher_options options = {.charset = charset, .changed = on_changed, .context = command};
    command->demux = ts_demux_create();
    command->text = si_text_create(charset);
    command->seen = calloc(SEEN_SLOTS, sizeof(command->seen[0]));
    if (!command->demux || !command->text || !command->seen)
        return false;
    static const uint16_t fixed[] = {0x00, 0x01, 0x02, 0x03, 0x10, 0x11, 0x12, 0x13, 0x14, 0x1E, 0x1F};
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        follow(command, fixed[i]);
    if (command->pid >= 0)
        follow(command, (uint16_t)command->pid);
    command->watcher = si_watcher_create(command->demux, &options);
    return command->watcher && !command->failed;
}

/* A file is read twice: what lies before the PMT that names its PID counts as well. */
static bool read_all(struct command *command, const struct probe_arguments *arguments)
{
    bool is_file = !strstr(arguments->source, "://");
    command->quiet = is_file;
    bool good = probe_source_run("tables", arguments->source, arguments->duration_s, push, command);
    if (!good || !is_file)
        return good;
    command->quiet = false;
    ts_demux_counts(command->demux, &command->before);
    ts_demux_reset(command->demux);
    return probe_source_run("tables", arguments->source, arguments->duration_s, push, command);
}

int probe_tables(int argc, char **argv)
{
    struct probe_arguments arguments;
    struct command *command = calloc(1, sizeof(*command));
    if (!command)
        return PROBE_STATUS_ERROR;
    command->pid = command->table_id = -1;
    int status = PROBE_STATUS_ERROR;
    if (!probe_arguments_read(&arguments, argc, argv, take_argument, command, USAGE))
        goto out;
    if (!set_up(command, arguments.charset)) {
        fprintf(stderr, "kokonor-probe tables: no memory\n");
        goto out;
    }
    if (read_all(command, &arguments) && print_summary(command) && !command->failed && fflush(stdout) == 0)
        status = command->printed > 0 ? PROBE_STATUS_FOUND : PROBE_STATUS_NONE;
out:
    si_watcher_destroy(command->watcher);
    ts_demux_destroy(command->demux);
    si_text_destroy(command->text);
    free(command->seen);
    free(command);
    return status;
}
