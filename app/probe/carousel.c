/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/carousel.h"
#include "base/text.h"
#include "dsmcc/receiver.h"
#include "probe/folder.h"
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status { STATUS_COMPLETE, STATUS_INCOMPLETE, STATUS_FAILED };

#define LISTED_BLOCKS_MAX 256
#define LISTED_UNANNOUNCED_MAX 64
#define SHA256_SIZE 32
#define PACKETS_AT_ONCE 512

struct arguments {
    const char *file;
    const char *output; /* NULL: nothing is written */
    uint16_t pid;
};

static bool fail_usage(const char *reason)
{
    fprintf(stderr, "kokonor-probe carousel: %s\nusage: kokonor-probe carousel FILE --pid N [--output DIR]\n",
            reason);
    return false;
}

static bool parse_pid(const char *text, uint16_t *pid)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 0);
    if (errno != 0 || end == text || *end != 0 || value < 0 || value >= TS_PID_NULL)
        return false;
    *pid = (uint16_t)value;
    return true;
}

static bool parse_arguments(int argc, char **argv, struct arguments *arguments)
{
    static const struct option options[] = {
        {"pid", required_argument, NULL, 'p'}, {"output", required_argument, NULL, 'o'}, {0}};
    bool has_pid = false;
    *arguments = (struct arguments){0};
    optind = 0; /* GNU: from the start, also when called again */
    opterr = 0; /* it would not say which program */
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'o')
            arguments->output = optarg;
        else if (option != 'p')
            return fail_usage("unknown option, or one without its value");
        else if (!parse_pid(optarg, &arguments->pid))
            return fail_usage("--pid: expected a number from 0 to 8190, decimal or 0x");
        else
            has_pid = true;
    }
    if (!has_pid)
        return fail_usage("--pid is missing");
    if (argc - optind != 1)
        return fail_usage("expected one FILE");
    arguments->file = argv[optind];
    return true;
}

static bool read_stream(const char *path, struct ts_demux *demux)
{
    static const size_t size = PACKETS_AT_ONCE * TS_PACKET_SIZE;
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = file ? malloc(size) : NULL;
    bool good = bytes != NULL;
    for (size_t got; good && (got = fread(bytes, 1, size, file)) > 0;)
        ts_demux_push(demux, bytes, got);
    good = good && !ferror(file);
    if (!good)
        fprintf(stderr, "kokonor-probe carousel: %s: %s\n", path, strerror(errno));
    free(bytes);
    if (file)
        fclose(file);
    return good;
}

static json_t *describe_modules(const struct dsmcc_receiver *receiver)
{
    json_t *modules = json_array();
    struct dsmcc_module_status status;
    for (size_t i = 0; dsmcc_receiver_module(receiver, i, &status); i++) {
        uint16_t missing[LISTED_BLOCKS_MAX];
        size_t count = dsmcc_receiver_missing_blocks(receiver, i, missing, LISTED_BLOCKS_MAX);
        json_t *blocks = json_array();
        for (size_t j = 0; j < count && j < LISTED_BLOCKS_MAX; j++)
            json_array_append_new(blocks, json_integer(missing[j]));
        json_array_append_new(
            modules,
            json_pack("{s:i, s:i, s:I, s:I, s:b, s:b, s:b, s:I, s:I, s:o}", "id", status.module_id, "version",
                      status.version, "size", (json_int_t)status.size, "original_size",
                      (json_int_t)status.original_size, "compressed", status.compressed, "complete",
                      status.complete, "rejected", status.rejected, "blocks", (json_int_t)status.blocks,
                      "blocks_missing", (json_int_t)count, "missing_blocks", blocks));
    }
    return modules;
}

static json_t *describe_files(const struct dsmcc_tree *tree)
{
    json_t *files = json_array();
    for (size_t i = 0; tree && i < dsmcc_tree_count(tree); i++) {
        const struct dsmcc_entry *entry = dsmcc_tree_entry(tree, i);
        json_t *file =
            json_pack("{s:s, s:s, s:i, s:i}", "path", entry->path, "kind", dsmcc_kind_str(entry->kind),
                      "module", entry->module_id, "module_version", entry->module_version);
        uint8_t digest[SHA256_SIZE];
        char hex[2 * SHA256_SIZE + 1];
        if (entry->kind == DSMCC_KIND_FILE &&
            EVP_Digest(entry->data.data, entry->data.size, digest, NULL, EVP_sha256(), NULL) == 1) {
            text_hex(digest, sizeof digest, hex);
            json_object_set_new(file, "size", json_integer((json_int_t)entry->data.size));
            json_object_set_new(file, "sha256", json_string(hex));
        }
        json_array_append_new(files, file);
    }
    return files;
}

static json_t *describe_missing(const struct dsmcc_receiver *receiver, const struct dsmcc_progress *progress)
{
    json_t *incomplete = json_array(), *unannounced = json_array();
    struct dsmcc_module_status status;
    for (size_t i = 0; dsmcc_receiver_module(receiver, i, &status); i++) {
        if (!status.complete)
            json_array_append_new(incomplete, json_integer(status.module_id));
    }
    struct dsmcc_unannounced modules[LISTED_UNANNOUNCED_MAX];
    size_t count = dsmcc_receiver_unannounced(receiver, modules, LISTED_UNANNOUNCED_MAX);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(unannounced,
                              json_pack("{s:i, s:I}", "module", modules[i].module_id, "transaction_id",
                                        (json_int_t)modules[i].transaction_id));
    return json_pack("{s:b, s:o, s:o, s:I}", "service_gateway", !progress->has_gateway, "modules", incomplete,
                     "modules_not_announced", unannounced, "objects", (json_int_t)progress->counts.dangling);
}

static json_t *describe_rejects(const struct dsmcc_receiver_counts *counts)
{
    const struct {
        const char *name;
        uint64_t count;
    } kinds[] = {
        {"other_sections", counts->other_sections},
        {"bad_messages", counts->bad_messages},
        {"other_carousels", counts->other_carousels},
        {"unannounced_blocks", counts->unannounced_blocks},
        {"other_versions", counts->other_versions},
        {"bad_blocks", counts->bad_blocks},
        {"refused_modules", counts->refused_modules},
        {"bad_modules", counts->bad_modules},
        {"bad_names", counts->bad_names},
        {"cycles", counts->cycles},
        {"too_deep", counts->too_deep},
        {"too_many", counts->too_many},
        {"dangling", counts->dangling},
        {"foreign", counts->foreign},
    };
    json_t *rejects = json_object();
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        json_object_set_new(rejects, kinds[i].name, json_integer((json_int_t)kinds[i].count));
    return rejects;
}

static json_t *describe_transport(const struct ts_demux *demux)
{
    struct ts_demux_counts counts;
    ts_demux_counts(demux, &counts);
    return json_pack("{s:I, s:I, s:I, s:I}", "packets", (json_int_t)counts.packets, "transport_errors",
                     (json_int_t)counts.transport_errors, "continuity_errors",
                     (json_int_t)counts.continuity_errors, "bad_sections", (json_int_t)counts.bad_sections);
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

static bool print_summary(const struct arguments *arguments, const struct ts_demux *demux,
                          const struct dsmcc_receiver *receiver, const struct dsmcc_tree *tree,
                          size_t written)
{
    struct dsmcc_progress progress;
    dsmcc_receiver_progress(receiver, &progress);
    bool known = progress.has_gateway || progress.modules > 0;
    json_t *summary =
        json_pack("{s:s, s:i, s:b, s:o, s:I, s:I, s:o, s:o, s:o, s:I, s:o, s:o}", "file", arguments->file,
                  "pid", arguments->pid, "complete", progress.complete, "carousel_id",
                  known ? json_integer((json_int_t)progress.carousel_id) : json_null(), "bytes",
                  (json_int_t)progress.bytes, "bytes_received", (json_int_t)progress.bytes_have, "modules",
                  describe_modules(receiver), "files", describe_files(tree), "missing",
                  describe_missing(receiver, &progress), "files_written", (json_int_t)written, "rejected",
                  describe_rejects(&progress.counts), "transport", describe_transport(demux));
    bool good = summary && json_dumpf(summary, stdout, JSON_INDENT(2)) == 0 && fputc('\n', stdout) != EOF &&
                fflush(stdout) == 0;
    if (!good)
        fprintf(stderr, "kokonor-probe carousel: the summary could not be written\n");
    json_decref(summary);
    return good;
}

static enum status extract(const struct arguments *arguments, struct ts_demux *demux,
                           struct dsmcc_receiver *receiver)
{
    if (!read_stream(arguments->file, demux))
        return STATUS_FAILED;
    struct dsmcc_progress progress;
    dsmcc_receiver_progress(receiver, &progress);
    struct dsmcc_tree *tree = progress.complete ? dsmcc_tree_ref(dsmcc_receiver_tree(receiver))
                                                : dsmcc_receiver_partial_tree(receiver);
    size_t written = 0;
    bool good = !arguments->output || write_files(tree, arguments->output, &written);
    good = print_summary(arguments, demux, receiver, tree, written) && good;
    dsmcc_tree_unref(tree);
    return !good ? STATUS_FAILED : progress.complete ? STATUS_COMPLETE : STATUS_INCOMPLETE;
}

int probe_carousel(int argc, char **argv)
{
    struct arguments arguments;
    if (!parse_arguments(argc, argv, &arguments))
        return STATUS_FAILED;
    enum status status = STATUS_FAILED;
    struct ts_demux *demux = ts_demux_create();
    struct dsmcc_receiver *receiver =
        demux ? dsmcc_receiver_create(demux, arguments.pid, NULL, 0, NULL, NULL) : NULL;
    if (receiver)
        status = extract(&arguments, demux, receiver);
    else
        fprintf(stderr, "kokonor-probe carousel: no memory\n");
    dsmcc_receiver_destroy(receiver);
    ts_demux_destroy(demux);
    return status;
}
