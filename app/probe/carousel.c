/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/carousel.h"
#include "probe/carousel_report.h"
#include "probe/folder.h"
#include "probe/source.h"
#include "si/taps.h"
#include <stdio.h>
#include <string.h>

#define USAGE "carousel SOURCE [--pid N] [--carousel ID] [--service N] [--output DIR] [--duration S] [--json]"
#define TAPS_MAX 32

struct command {
    long pid;           /* -1: from the PMT */
    long carousel;      /* -1: any */
    long service_id;    /* -1: any */
    const char *output; /* NULL: nothing is written */
    struct ts_demux *demux;
    struct si_watcher *watcher; /* NULL where pid is given */
    bool looking;               /* first of two ways through a file: for the PMT */
    bool found;
    struct si_carousel carousel_found;
    struct dsmcc_receiver *receiver; /* NULL until it is known where */
    size_t versions;                 /* complete trees so far */
    bool failed;                     /* no memory */
};

/* The value of "--name value" or "--name=value", or NULL. */
static const char *value_of(const char *name, int argc, char **argv, int *index)
{
    size_t size = strlen(name);
    if (strncmp(argv[*index], name, size) != 0)
        return NULL;
    if (argv[*index][size] == '=')
        return argv[*index] + size + 1;
    if (argv[*index][size] != 0 || *index + 1 >= argc)
        return NULL;
    return argv[++*index];
}

static bool take_argument(void *context, int argc, char **argv, int *index)
{
    struct command *command = context;
    const struct {
        const char *name;
        long maximum;
        long *value;
    } numbers[] = {{"--pid", TS_PID_NULL - 1, &command->pid},
                   {"--carousel", 0x7FFFFFFF, &command->carousel},
                   {"--service", 0xFFFF, &command->service_id}};
    const char *value = value_of("--output", argc, argv, index);
    if (value) {
        command->output = value;
        return true;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        value = value_of(numbers[i].name, argc, argv, index);
        if (value && probe_number(value, numbers[i].maximum, numbers[i].value))
            return true;
        if (value)
            return false;
    }
    return false;
}

static void on_tree(void *context, struct dsmcc_tree *tree)
{
    struct command *command = context;
    (void)tree;
    command->versions++;
}

static void receive(struct command *command, uint16_t pid, const struct dsmcc_tap_pid *taps, size_t count)
{
    const struct dsmcc_receiver_events events = {.context = command, .tree = on_tree};
    const struct si_carousel *found = &command->carousel_found; /* of nothing where the PID was given */
    const struct dsmcc_receiver_options options = {
        .has_carousel_id = command->carousel >= 0 || found->has_id,
        .carousel_id = command->carousel >= 0 ? (uint32_t)command->carousel : found->carousel_id};
    command->receiver = dsmcc_receiver_create(command->demux, pid, taps, count, &options, &events);
    command->failed = !command->receiver;
}

static bool find_carousel(struct command *command)
{
    struct si_carousel carousels[SI_CAROUSELS_MAX];
    size_t count = si_watcher_carousels(command->watcher, carousels, SI_CAROUSELS_MAX);
    for (size_t i = 0; i < count; i++) {
        if ((command->carousel >= 0 &&
             (!carousels[i].has_id || carousels[i].carousel_id != (uint32_t)command->carousel)) ||
            (command->service_id >= 0 && carousels[i].service_id != command->service_id))
            continue;
        command->carousel_found = carousels[i];
        return true;
    }
    return false;
}

static void receive_found(struct command *command)
{
    const struct si_service *service =
        si_watcher_find_service(command->watcher, command->carousel_found.service_id);
    struct si_tap found[TAPS_MAX];
    struct dsmcc_tap_pid taps[TAPS_MAX];
    size_t count = service ? si_service_taps(command->watcher, service, found, TAPS_MAX) : 0;
    for (size_t i = 0; i < count; i++)
        taps[i] = (struct dsmcc_tap_pid){.association_tag = found[i].association_tag, .pid = found[i].pid};
    receive(command, command->carousel_found.pid, taps, count);
}

/* Between two pieces, where PIDs may come. */
static void push(void *context, const uint8_t *data, size_t size)
{
    struct command *command = context;
    if (command->failed || (command->looking && command->found))
        return;
    ts_demux_push(command->demux, data, size);
    if (!command->watcher)
        return;
    if (!command->found)
        command->found = find_carousel(command);
    /* All services must be known, for they may lend each other streams; but no longer than that. */
    if (command->looking)
        command->found = command->found && si_watcher_is_complete(command->watcher);
    else if (command->found && !command->receiver)
        receive_found(command);
}

static json_t *describe_transport(const struct ts_demux *demux)
{
    struct ts_demux_counts counts;
    ts_demux_counts(demux, &counts);
    return json_pack("{s:I, s:I, s:I, s:I}", "packets", (json_int_t)counts.packets, "transport_errors",
                     (json_int_t)counts.transport_errors, "continuity_errors",
                     (json_int_t)counts.continuity_errors, "bad_sections", (json_int_t)counts.bad_sections);
}

/* All that the stream announces, whether taken or not. */
static json_t *describe_carousels(const struct command *command)
{
    struct si_carousel carousels[SI_CAROUSELS_MAX];
    json_t *array = json_array();
    size_t count = command->watcher ? si_watcher_carousels(command->watcher, carousels, SI_CAROUSELS_MAX) : 0;
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            array,
            json_pack("{s:i, s:i, s:o, s:o}", "service_id", (int)carousels[i].service_id, "pid",
                      (int)carousels[i].pid, "carousel_id",
                      carousels[i].has_id ? json_integer((json_int_t)carousels[i].carousel_id) : json_null(),
                      "association_tag",
                      carousels[i].association_tag >= 0 ? json_integer(carousels[i].association_tag)
                                                        : json_null()));
    return array;
}

/* Of the complete tree where there is one, else of what there is. */
static bool write_files(const struct dsmcc_tree *tree, const char *output, size_t *written)
{
    struct error error;
    struct folder folder;
    if (!folder_open(&folder, output, &error)) {
        fprintf(stderr, "kokonor-probe carousel: %s\n", error.text);
        return false;
    }
    bool good = true;
    for (size_t i = 0; tree && i < dsmcc_tree_count(tree); i++) {
        const struct dsmcc_entry *entry = dsmcc_tree_entry(tree, i);
        if (entry->kind != DSMCC_KIND_FILE)
            continue;
        if (folder_write(&folder, entry->path, entry->data, &error)) {
            ++*written;
        } else {
            fprintf(stderr, "kokonor-probe carousel: %s\n", error.text);
            good = false;
        }
    }
    folder_close(&folder);
    return good;
}

static bool print_summary(const struct command *command, const char *source, const struct dsmcc_tree *tree,
                          size_t written)
{
    struct dsmcc_progress progress;
    dsmcc_receiver_progress(command->receiver, &progress);
    bool known = progress.has_gateway || progress.modules > 0, whole = dsmcc_receiver_tree(command->receiver);
    json_t *summary = json_pack(
        "{s:o, s:i, s:b, s:b, s:I, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:I, s:o, s:I, s:b, s:I, s:o}",
        "file", probe_text(source), "pid",
        (int)(command->pid >= 0 ? command->pid : command->carousel_found.pid), "complete", whole,
        "update_pending", whole && !progress.complete, "versions", (json_int_t)command->versions, "carousels",
        describe_carousels(command), "carousel_id",
        known ? json_integer((json_int_t)progress.carousel_id) : json_null(), "bytes",
        (json_int_t)progress.bytes, "bytes_received", (json_int_t)progress.bytes_have, "modules",
        carousel_report_modules(command->receiver), "files", carousel_report_files(tree), "streams",
        carousel_report_streams(tree), "missing", carousel_report_missing(command->receiver), "files_written",
        (json_int_t)written, "rejected", carousel_report_rejects(&progress.counts), "early_blocks",
        (json_int_t)progress.counts.early_blocks, "data_carousel", progress.of_data, "modules_elsewhere",
        (json_int_t)progress.modules_elsewhere, "transport", describe_transport(command->demux));
    bool good = summary && json_dumpf(summary, stdout, JSON_INDENT(2)) == 0 && fputc('\n', stdout) != EOF &&
                fflush(stdout) == 0;
    if (!good)
        fprintf(stderr, "kokonor-probe carousel: the summary could not be written\n");
    json_decref(summary);
    return good;
}

static int report(const struct command *command, const char *source)
{
    struct dsmcc_tree *whole = dsmcc_receiver_tree(command->receiver);
    struct dsmcc_tree *tree = whole ? dsmcc_tree_ref(whole) : dsmcc_receiver_partial_tree(command->receiver);
    size_t written = 0;
    bool good = !command->output || write_files(tree, command->output, &written);
    good = print_summary(command, source, tree, written) && good;
    dsmcc_tree_unref(tree);
    return !good ? PROBE_STATUS_ERROR : whole ? PROBE_STATUS_FOUND : PROBE_STATUS_NONE;
}

/* False: nothing can be read, or no memory. A file is read twice where its PMT must be found first. */
static bool read_source(struct command *command, const struct probe_arguments *arguments)
{
    bool again = command->watcher && !strstr(arguments->source, "://");
    command->looking = again;
    if (!probe_source_run("carousel", arguments->source, arguments->duration_s, push, command))
        return false;
    if (!again || !find_carousel(command))
        return !command->failed;
    command->looking = false;
    command->found = true;
    ts_demux_reset(command->demux);
    receive_found(command);
    return !command->failed &&
           probe_source_run("carousel", arguments->source, arguments->duration_s, push, command);
}

static int run(struct command *command, const struct probe_arguments *arguments)
{
    command->demux = ts_demux_create();
    if (command->demux && command->pid >= 0)
        receive(command, (uint16_t)command->pid, NULL, 0);
    else if (command->demux)
        command->watcher = si_watcher_create(command->demux, NULL);
    if (!command->receiver && !command->watcher) {
        fprintf(stderr, "kokonor-probe carousel: no memory\n");
        return PROBE_STATUS_ERROR;
    }
    if (!read_source(command, arguments)) {
        if (command->failed)
            fprintf(stderr, "kokonor-probe carousel: no memory\n");
        return PROBE_STATUS_ERROR;
    }
    if (command->receiver)
        return report(command, arguments->source);
    fprintf(stderr, "kokonor-probe carousel: %s: no PMT announces such a carousel; --pid names its PID\n",
            arguments->source);
    return PROBE_STATUS_NONE;
}

int probe_carousel(int argc, char **argv)
{
    struct probe_arguments arguments;
    struct command command = {.pid = -1, .carousel = -1, .service_id = -1};
    if (!probe_arguments_read(&arguments, argc, argv, take_argument, &command, USAGE))
        return PROBE_STATUS_ERROR;
    int status = run(&command, &arguments);
    dsmcc_receiver_destroy(command.receiver);
    si_watcher_destroy(command.watcher);
    ts_demux_destroy(command.demux);
    return status;
}
