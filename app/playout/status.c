/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/status.h"
#include "base/clock.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct board {
    pthread_mutex_t mutex;
    struct status status;
};

struct board *board_create(void)
{
    struct board *board = calloc(1, sizeof(*board));
    if (!board)
        return NULL;
    pthread_mutex_init(&board->mutex, NULL);
    board->status.started_utc_s = clock_utc_s();
    board->status.started_us = clock_monotonic_us();
    return board;
}

void board_destroy(struct board *board)
{
    if (!board)
        return;
    pthread_mutex_destroy(&board->mutex);
    free(board);
}

struct status *board_lock(struct board *board)
{
    pthread_mutex_lock(&board->mutex);
    return &board->status;
}

void board_unlock(struct board *board)
{
    pthread_mutex_unlock(&board->mutex);
}

static void set_time(json_t *object, const char *key, int64_t utc_s)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(utc_s, text);
    json_object_set_new(object, key, json_string(text));
}

static void set_part(json_t *object, const char *key, const char *from, const char *end)
{
    json_object_set_new(object, key, json_stringn(from, (size_t)(end - from)));
}

json_t *status_mistake_json(const char *text)
{
    json_t *object = json_pack("{s:s}", "text", text);
    const char *file = strstr(text, ": "), *expected = file ? strstr(file, ": expected ") : NULL;
    const char *found = expected ? strstr(expected, ", found ") : NULL;
    if (!object || !found)
        return object;
    set_part(object, "file", text, file);
    set_part(object, "place", expected == file ? file : file + 2, expected);
    set_part(object, "expected", expected + strlen(": expected "), found);
    found += strlen(", found ");
    set_part(object, "found", found, found + strlen(found));
    return object;
}

static json_t *refusal_json(const struct status_refusal *refusal)
{
    if (!refusal->text[0])
        return json_null();
    json_t *object = status_mistake_json(refusal->text);
    set_time(object, "time", refusal->utc_s);
    return object;
}

static json_t *role_json(const struct status_role *role)
{
    json_t *object = json_pack("{s:b, s:I, s:I, s:o}", "on_air", role->sequence > 0, "sequence",
                               (json_int_t)role->sequence, "files", (json_int_t)role->files, "refusal",
                               refusal_json(&role->refusal));
    if (role->sequence > 0)
        set_time(object, "valid_until", role->valid_until);
    return object;
}

static json_t *packets_json(const struct mux_counts *counts)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "all", (json_int_t)counts->packets, "live",
                     (json_int_t)counts->live_packets, "carousel", (json_int_t)counts->carousel_packets,
                     "tables", (json_int_t)counts->table_packets, "pcr_only",
                     (json_int_t)counts->pcr_only_packets, "null", (json_int_t)counts->null_packets);
}

static json_t *carousel_json(const struct dsmcc_builder_info *info)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "files", (json_int_t)info->files,
                     "directories", (json_int_t)info->directories, "modules", (json_int_t)info->modules,
                     "file_bytes", (json_int_t)info->file_bytes, "module_bytes",
                     (json_int_t)info->module_bytes, "modules_changed", (json_int_t)info->modules_changed,
                     "urgent_bytes", (json_int_t)info->urgent_bytes, "rounds", (json_int_t)info->rounds);
}

json_t *status_json(const struct status *status)
{
    json_t *root = json_object(), *roles = json_object(), *versions = json_object();
    set_time(root, "started", status->started_utc_s);
    json_object_set_new(root, "uptime_s",
                        json_integer((clock_monotonic_us() - status->started_us) / 1000000));
    json_object_set_new(root, "bit_rates",
                        json_pack("{s:I, s:I}", "transport", (json_int_t)status->bit_rate, "carousel",
                                  (json_int_t)status->carousel_bit_rate));
    json_object_set_new(root, "packets", packets_json(&status->mux));
    json_object_set_new(root, "live",
                        json_pack("{s:I, s:I, s:I}", "pictures", (json_int_t)status->live.pictures, "rounds",
                                  (json_int_t)status->live.rounds, "late", (json_int_t)status->live.late));
    json_object_set_new(root, "buffer",
                        json_pack("{s:I, s:I, s:I}", "datagrams", (json_int_t)status->held, "capacity",
                                  (json_int_t)status->capacity, "sent", (json_int_t)status->sent));
    json_object_set_new(root, "carousel", carousel_json(&status->carousel));
    for (int kind = 0; kind < TABLES_KINDS; kind++)
        json_object_set_new(versions, tables_kind_names[kind], json_integer(status->table_versions[kind]));
    json_object_set_new(root, "table_versions", versions);
    json_object_set_new(root, "events", json_integer((json_int_t)status->events));
    json_object_set_new(root, "channel", json_pack("{s:o}", "refusal", refusal_json(&status->channel)));
    for (int role = 0; role < CONTENT_ROLES; role++)
        json_object_set_new(roles, content_role_str(role), role_json(&status->roles[role]));
    json_object_set_new(root, "roles", roles);
    return root;
}
