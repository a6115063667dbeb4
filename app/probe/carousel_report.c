/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/carousel_report.h"
#include "base/text.h"
#include "dsmcc/stream.h"
#include "probe/layout.h"
#include <openssl/evp.h>

#define LISTED_BLOCKS_MAX 256
#define LISTED_UNANNOUNCED_MAX 64
#define SHA256_SIZE 32

json_t *carousel_report_modules(const struct dsmcc_receiver *receiver)
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

json_t *carousel_report_files(const struct dsmcc_tree *tree)
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

static json_t *describe_stream(const struct dsmcc_entry *entry, const struct dsmcc_stream *stream)
{
    json_t *taps = json_array(), *events = json_array();
    for (size_t i = 0; i < stream->tap_count; i++)
        json_array_append_new(taps, json_pack("{s:i, s:i, s:i}", "id", stream->taps[i].id, "use",
                                              stream->taps[i].use, "association_tag",
                                              stream->taps[i].association_tag));
    for (size_t i = 0; i < stream->event_count; i++)
        json_array_append_new(events, json_pack("{s:i, s:o}", "id", stream->events[i].event_id, "name",
                                                layout_utf8(stream->events[i].name)));
    return json_pack("{s:s, s:s, s:o, s:f, s:b, s:b, s:b, s:o, s:o}", "path", entry->path, "kind",
                     dsmcc_kind_str(entry->kind), "description", layout_utf8(stream->description),
                     "duration_s", stream->duration_s + stream->duration_us / 1e6, "audio", stream->audio,
                     "video", stream->video, "data", stream->data, "taps", taps, "events", events);
}

json_t *carousel_report_streams(const struct dsmcc_tree *tree)
{
    json_t *streams = json_array();
    for (size_t i = 0; tree && i < dsmcc_tree_count(tree); i++) {
        const struct dsmcc_entry *entry = dsmcc_tree_entry(tree, i);
        struct dsmcc_stream stream;
        if (entry->kind != DSMCC_KIND_FILE && dsmcc_stream_of_entry(entry, &stream))
            json_array_append_new(streams, describe_stream(entry, &stream));
        else if (entry->kind != DSMCC_KIND_FILE)
            json_array_append_new(streams, json_pack("{s:s, s:s, s:b}", "path", entry->path, "kind",
                                                     dsmcc_kind_str(entry->kind), "broken", 1));
    }
    return streams;
}

json_t *carousel_report_missing(const struct dsmcc_receiver *receiver)
{
    struct dsmcc_progress progress;
    dsmcc_receiver_progress(receiver, &progress);
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
    return json_pack("{s:b, s:o, s:o, s:I}", "service_gateway", !progress.has_gateway, "modules", incomplete,
                     "modules_not_announced", unannounced, "objects", (json_int_t)progress.counts.dangling);
}

json_t *carousel_report_rejects(const struct dsmcc_receiver_counts *counts)
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
        {"vanished_groups", counts->vanished_groups},
    };
    json_t *rejects = json_object();
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        json_object_set_new(rejects, kinds[i].name, json_integer((json_int_t)kinds[i].count));
    return rejects;
}
