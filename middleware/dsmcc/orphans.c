/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/orphans.h"
#include <stdlib.h>
#include <string.h>

void orphans_init(struct orphans *orphans, size_t capacity)
{
    *orphans = (struct orphans){.capacity = capacity};
}

void orphans_finish(struct orphans *orphans)
{
    free(orphans->entries);
    free(orphans->storage);
    *orphans = (struct orphans){0};
}

static bool make_storage(struct orphans *orphans)
{
    if (orphans->storage)
        return true;
    orphans->entries = calloc(ORPHANS_MAX, sizeof *orphans->entries);
    orphans->storage = malloc(orphans->capacity);
    if (orphans->entries && orphans->storage)
        return true;
    free(orphans->entries);
    free(orphans->storage);
    orphans->entries = NULL;
    orphans->storage = NULL;
    return false;
}

static struct orphan *at(const struct orphans *orphans, size_t index)
{
    return &orphans->entries[(orphans->first + index) % ORPHANS_MAX];
}

static void drop_oldest(struct orphans *orphans)
{
    orphans->first = (orphans->first + 1) % ORPHANS_MAX;
    orphans->count--;
}

/* The oldest block is the first one at or behind the place of writing: those in the way go. */
static void make_room(struct orphans *orphans, size_t size)
{
    if (orphans->write + size > orphans->capacity) {
        while (orphans->count > 0 && at(orphans, 0)->offset >= orphans->write)
            drop_oldest(orphans);
        orphans->write = 0;
    }
    while (orphans->count == ORPHANS_MAX || (orphans->count > 0 && at(orphans, 0)->offset >= orphans->write &&
                                             at(orphans, 0)->offset < orphans->write + size))
        drop_oldest(orphans);
}

void orphans_add(struct orphans *orphans, uint64_t tick, uint16_t pid, const struct dsmcc_ddb *ddb)
{
    size_t size = ddb->data.size;
    if (size == 0 || size > orphans->capacity || !make_storage(orphans))
        return;
    make_room(orphans, size);
    struct orphan *orphan = at(orphans, orphans->count++);
    *orphan = (struct orphan){.live = true,
                              .download_id = ddb->download_id,
                              .module_id = ddb->module_id,
                              .version = ddb->version,
                              .block_number = ddb->block_number,
                              .pid = pid,
                              .size = (uint16_t)size,
                              .offset = orphans->write,
                              .tick = tick};
    memcpy(orphans->storage + orphans->write, ddb->data.data, size);
    orphans->write += size;
}

void orphans_take(struct orphans *orphans, uint32_t download_id, uint16_t module_id, uint8_t version,
                  orphan_use_fn *use, void *context)
{
    for (size_t i = 0; i < orphans->count; i++) {
        struct orphan *orphan = at(orphans, i);
        if (!orphan->live || orphan->download_id != download_id || orphan->module_id != module_id)
            continue;
        orphan->live = false;
        if (orphan->version != version)
            continue;
        struct dsmcc_ddb ddb = {.download_id = download_id,
                                .module_id = module_id,
                                .version = version,
                                .block_number = orphan->block_number,
                                .data = {orphans->storage + orphan->offset, orphan->size}};
        use(context, orphan->tick, orphan->pid, &ddb);
    }
    while (orphans->count > 0 && !at(orphans, 0)->live)
        drop_oldest(orphans);
}
