/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/on_air.h"
#include "base/file.h"
#include "base/log.h"
#include "playout/tables.h"
#include "trust/verify.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define STATE_NAME "carousel"
#define STATE_SIZE_MAX (16u * 1024 * 1024)
#define OWN_FILES 3 /* manifest, signature, chain */
#define OWN_PATH_SIZE 64

struct on_air {
    struct dsmcc_builder *builder;
    struct edition *editions[CONTENT_ROLES];
    char state_path[EDITION_PATH_SIZE]; /* "" where nothing is kept */
    struct channel_frame frame;         /* whose names the stream points to */
    struct dsmcc_stream stream;         /* without events: there is no such object */
};

static void import_state(struct on_air *on_air)
{
    struct buffer state;
    struct stat status;
    struct error error = {0};
    if (!on_air->state_path[0] || stat(on_air->state_path, &status) < 0)
        return;
    buffer_init(&state, STATE_SIZE_MAX);
    if (!file_read(on_air->state_path, &state, &error) ||
        !dsmcc_builder_import(on_air->builder, state.data, state.size, &error))
        log_warning("%s: %s; the carousel begins anew", on_air->state_path, error.text);
    buffer_finish(&state);
}

static void export_state(struct on_air *on_air, const struct dsmcc_change *change)
{
    struct buffer state;
    struct error error = {0};
    if (!on_air->state_path[0])
        return;
    buffer_init(&state, STATE_SIZE_MAX);
    dsmcc_change_export(on_air->builder, change, &state);
    if (state.failed || !file_write(on_air->state_path, state.data, state.size, &error))
        log_error("%s: %s; after a restart boxes will fetch more than they need", on_air->state_path,
                  state.failed ? "too large" : error.text);
    buffer_finish(&state);
}

/* Its events happen now, in sections of the elementary stream with this association tag. */
static void describe_events(struct on_air *on_air)
{
    const struct channel_frame *frame = &on_air->frame;
    struct dsmcc_stream *stream = &on_air->stream;
    stream->kind = DSMCC_KIND_STREAM_EVENT;
    stream->audio = stream->video = true;
    stream->tap_count = 2;
    stream->taps[1] =
        (struct dsmcc_stream_tap){.use = DSMCC_TAP_NPT, .association_tag = TABLES_EVENTS_ASSOCIATION_TAG};
    stream->taps[0] = (struct dsmcc_stream_tap){.use = DSMCC_TAP_STATUS_AND_EVENT,
                                                .association_tag = TABLES_EVENTS_ASSOCIATION_TAG};
    stream->event_count = frame->stream_event_count;
    for (size_t i = 0; i < frame->stream_event_count; i++)
        stream->events[i] = (struct dsmcc_stream_event_name){
            .event_id = (uint16_t)(i + 1),
            .name = {(const uint8_t *)frame->stream_events[i], strlen(frame->stream_events[i])}};
}

struct on_air *on_air_create(const struct on_air_options *options, struct error *error)
{
    const struct dsmcc_builder_options builder_options = {.carousel_id = options->carousel_id,
                                                          .bit_rate = (uint32_t)options->bit_rate,
                                                          .association_tag = TABLES_CAROUSEL_ASSOCIATION_TAG,
                                                          .longest_interval = options->longest_interval};
    const char *state_folder = options->state_folder;
    struct on_air *on_air = calloc(1, sizeof(*on_air));
    if (on_air) {
        on_air->builder = dsmcc_builder_create(&builder_options);
        on_air->frame = *options->frame;
        describe_events(on_air);
    }
    if (!on_air || !on_air->builder ||
        (state_folder &&
         !file_join(on_air->state_path, sizeof(on_air->state_path), state_folder, STATE_NAME))) {
        error_set(error, "carousel: out of memory, or the state's path is too long");
        on_air_destroy(on_air);
        return NULL;
    }
    import_state(on_air);
    return on_air;
}

void on_air_destroy(struct on_air *on_air)
{
    if (!on_air)
        return;
    dsmcc_builder_destroy(on_air->builder);
    for (int role = 0; role < CONTENT_ROLES; role++)
        edition_destroy(on_air->editions[role]);
    free(on_air);
}

/* The files of one edition, its own three in front. */
static size_t list_edition(const struct edition *edition, char (*paths)[OWN_PATH_SIZE],
                           struct dsmcc_source *sources)
{
    static const char *const names[OWN_FILES] = {TRUST_MANIFEST_NAME, TRUST_SIGNATURE_NAME, TRUST_CHAIN_NAME};
    const struct buffer *own[OWN_FILES] = {&edition->manifest, &edition->signature, &edition->chain};
    size_t count = 0;
    for (int i = 0; i < OWN_FILES; i++) {
        snprintf(paths[i], OWN_PATH_SIZE, "%s/%s", content_role_str(edition->set->role), names[i]);
        sources[count++] = (struct dsmcc_source){
            .path = paths[i], .data = own[i]->data, .size = own[i]->size, .demand = ON_AIR_DEMAND_DOCUMENT};
    }
    for (size_t i = 0; i < edition->set->count; i++) {
        const struct content_file *file = &edition->set->files[i];
        sources[count++] = (struct dsmcc_source){
            .path = file->path,
            .data = file->bytes.data,
            .size = file->bytes.size,
            .demand = content_path_is_picture(file->path) ? ON_AIR_DEMAND_PICTURE : ON_AIR_DEMAND_DOCUMENT};
    }
    return count;
}

static struct dsmcc_change *prepare(struct on_air *on_air, struct edition *const editions[CONTENT_ROLES],
                                    struct error *error)
{
    char paths[CONTENT_ROLES][OWN_FILES][OWN_PATH_SIZE];
    size_t count = 0;
    for (int role = 0; role < CONTENT_ROLES; role++)
        count += editions[role] ? editions[role]->set->count + OWN_FILES : 0;
    struct dsmcc_source *sources = calloc(count + 2, sizeof(*sources));
    if (!sources) {
        error_set(error, "carousel: out of memory");
        return NULL;
    }
    count = 0;
    for (int role = 0; role < CONTENT_ROLES; role++)
        count += editions[role] ? list_edition(editions[role], paths[role], sources + count) : 0;
    if (on_air->stream.event_count > 0)
        sources[count++] = (struct dsmcc_source){.path = ON_AIR_EVENTS_PATH, .stream = &on_air->stream};
    struct dsmcc_change *change = dsmcc_builder_prepare(on_air->builder, sources, count, error);
    free(sources);
    if (change)
        export_state(on_air, change); /* before any of it is on air: a version is never used twice */
    return change;
}

struct dsmcc_change *on_air_prepare(struct on_air *on_air, struct edition *edition, struct error *error)
{
    enum content_role role = edition->set->role;
    struct edition *editions[CONTENT_ROLES];
    memcpy(editions, on_air->editions, sizeof(editions));
    editions[role] = edition;
    struct dsmcc_change *change = prepare(on_air, editions, error);
    struct edition *unused = change ? on_air->editions[role] : edition;
    if (change)
        on_air->editions[role] = edition;
    edition_destroy(unused);
    return change;
}

bool on_air_put_first(struct on_air *on_air, struct edition *const editions[CONTENT_ROLES],
                      struct error *error)
{
    struct dsmcc_change *change = prepare(on_air, editions, error);
    if (!change)
        return false;
    on_air_apply(on_air, change);
    memcpy(on_air->editions, editions, sizeof(on_air->editions));
    return true;
}

void on_air_apply(struct on_air *on_air, struct dsmcc_change *change)
{
    dsmcc_builder_apply(on_air->builder, change);
}

const uint8_t *on_air_next_section(void *context, size_t *size)
{
    struct on_air *on_air = context;
    return dsmcc_builder_next_section(on_air->builder, size);
}

void on_air_info(const struct on_air *on_air, struct dsmcc_builder_info *info)
{
    dsmcc_builder_info(on_air->builder, info);
}

const struct edition *on_air_edition(const struct on_air *on_air, enum content_role role)
{
    return on_air->editions[role];
}
