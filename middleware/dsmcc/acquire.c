/* SPDX-License-Identifier: Apache-2.0 */
/* Modules and their blocks: from the air, and from before their DII. */
#include "dsmcc/acquire.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

/* A module whose CRCs were all right and that does not unpack was most likely hit by a bit error that CRC_32
 * missed: try again, but not for ever. */
#define FAILURES_MAX 3

bool acquisition_init(struct acquisition *acquisition, const struct dsmcc_receiver_options *limits,
                      struct dsmcc_tap_pid *taps, size_t tap_count)
{
    *acquisition = (struct acquisition){.limits = *limits, .taps = taps, .tap_count = tap_count};
    acquisition->groups = calloc(limits->max_groups, sizeof *acquisition->groups);
    acquisition->modules = calloc(limits->max_modules, sizeof(struct module *));
    orphans_init(&acquisition->orphans, limits->max_orphan_bytes);
    orphans_init(&acquisition->orphans_wanted, limits->max_orphan_bytes);
    if (acquisition->groups && acquisition->modules)
        return true;
    acquisition_finish(acquisition);
    return false;
}

uint64_t module_reservation(const struct module *module)
{
    const struct dsmcc_dii_module *announced = &module->announced;
    uint64_t bytes = announced->size > announced->original_size ? announced->size : announced->original_size;
    return bytes + module->table_bytes;
}

/* Complete, or rejected: the walk that missed it need not wait any more. */
static void await_no_more(struct acquisition *acquisition, struct module *module)
{
    if (!module->awaited)
        return;
    module->awaited = false;
    acquisition->awaited_count--;
    acquisition->changed |= acquisition->awaited_count == 0;
    acquisition->early |= module->directory && module->rank >= RANK_WANTED;
}

void module_forget_bytes(struct acquisition *acquisition, struct module *module)
{
    if (module->state == MODULE_COMPLETE)
        acquisition->complete_count--;
    if (module->state != MODULE_REJECTED)
        acquisition->reserved -= module_reservation(module);
    if (module->awaited)
        acquisition->awaited_count--;
    module->awaited = false;
    acquisition->asking -= module->ask_cache;
    module->ask_cache = false;
    free(module->data);
    module->data = module->bits = NULL;
    free(module->expected);
    module->expected = NULL;
    dsmcc_blob_unref(module->blob);
    module->blob = NULL;
    module->have = 0;
    module->from_cache = false;
}

void module_destroy(struct acquisition *acquisition, struct module *module)
{
    module_forget_bytes(acquisition, module);
    free(module);
}

void acquisition_finish(struct acquisition *acquisition)
{
    for (size_t i = 0; i < acquisition->module_count; i++)
        module_destroy(acquisition, acquisition->modules[i]);
    free(acquisition->modules);
    free(acquisition->groups);
    orphans_finish(&acquisition->orphans);
    orphans_finish(&acquisition->orphans_wanted);
    acquisition->modules = NULL;
    acquisition->groups = NULL;
    acquisition->module_count = acquisition->group_count = 0;
}

/* Index of the first module not before (download_id, module_id). */
static size_t position(const struct acquisition *acquisition, uint32_t download_id, uint16_t module_id)
{
    uint64_t wanted = (uint64_t)download_id << 16 | module_id;
    size_t low = 0, high = acquisition->module_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct module *module = acquisition->modules[middle];
        if (((uint64_t)module->download_id << 16 | module->announced.module_id) < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct module *acquisition_find(const struct acquisition *acquisition, uint32_t download_id,
                                uint16_t module_id)
{
    size_t index = position(acquisition, download_id, module_id);
    if (index == acquisition->module_count)
        return NULL;
    struct module *module = acquisition->modules[index];
    return module->download_id == download_id && module->announced.module_id == module_id ? module : NULL;
}

uint64_t acquisition_last_tick(const struct acquisition *acquisition, const struct module *module)
{
    uint64_t announced = acquisition->groups[module->group].tick;
    return announced > module->block_tick ? announced : module->block_tick;
}

struct module *module_insert(struct acquisition *acquisition, uint32_t download_id, uint16_t module_id)
{
    if (acquisition->module_count == acquisition->limits.max_modules)
        return NULL;
    struct module *module = calloc(1, sizeof *module);
    if (!module)
        return NULL;
    module->download_id = download_id;
    module->announced.module_id = module_id;
    module->state = MODULE_REJECTED; /* until it is set up */
    size_t index = position(acquisition, download_id, module_id);
    memmove(acquisition->modules + index + 1, acquisition->modules + index,
            (acquisition->module_count - index) * sizeof(struct module *));
    acquisition->modules[index] = module;
    acquisition->module_count++;
    return module;
}

bool acquisition_has_block(const struct module *module, uint32_t block)
{
    if (module->state == MODULE_COMPLETE)
        return true;
    return module->data && (module->bits[block / 8] >> block % 8 & 1);
}

static bool make_room(struct module *module)
{
    if (module->data)
        return true;
    size_t bits_size = (module->blocks + 7) / 8;
    module->data = malloc(module->announced.size + bits_size);
    if (!module->data)
        return false;
    module->bits = module->data + module->announced.size;
    memset(module->bits, 0, bits_size);
    return true;
}

size_t module_block_bytes(const struct module *module, uint32_t block)
{
    return block + 1 < module->blocks ? module->block_size
                                      : module->announced.size - (size_t)block * module->block_size;
}

void module_become_complete(struct acquisition *acquisition, struct module *module, struct dsmcc_blob *blob)
{
    free(module->data);
    module->data = module->bits = NULL;
    acquisition->asking -= module->ask_cache;
    module->ask_cache = false;
    module->state = MODULE_COMPLETE;
    module->blob = blob;
    module->have = module->blocks;
    acquisition->complete_count++;
    await_no_more(acquisition, module);
    acquisition->completed(acquisition->context, module);
}

/* All blocks are there. */
static void complete(struct acquisition *acquisition, struct module *module)
{
    struct dsmcc_blob *blob;
    struct bytes data = {module->data, module->announced.size};
    enum dsmcc_blob_result result =
        dsmcc_blob_create(data, module->announced.compressed, module->announced.original_size,
                          acquisition->limits.max_files, &blob);
    if (result == DSMCC_BLOB_OK) {
        module_remember(acquisition, module, data);
        if (module_charge(acquisition, module, blob))
            module_become_complete(acquisition, module, blob);
        else
            dsmcc_blob_unref(blob);
        return;
    }
    free(module->data);
    module->data = module->bits = NULL;
    module->have = 0;
    if (result == DSMCC_BLOB_BAD && ++module->failures == FAILURES_MAX) {
        module->have = module->blocks;
        acquisition->reserved -= module_reservation(module);
        module->state = MODULE_REJECTED;
        acquisition->asking -= module->ask_cache;
        module->ask_cache = false;
        await_no_more(acquisition, module);
    }
    if (acquisition->bad_modules++ == 0)
        log_warning("carousel %u: module %u version %u is whole but %s", module->download_id,
                    module->announced.module_id, module->announced.version,
                    result == DSMCC_BLOB_BAD ? "does not unpack to what was announced"
                                             : "there is no memory for it");
}

/* A block of the module in the version announced. True where it was of use. */
static bool place(struct acquisition *acquisition, struct module *module, uint64_t tick, uint16_t pid,
                  const struct dsmcc_ddb *ddb)
{
    uint32_t block = ddb->block_number;
    if (module->pid != 0 && module->pid != pid) {
        acquisition->other_pids++;
        return false;
    }
    module->block_tick = tick > module->block_tick ? tick : module->block_tick;
    if (module->state == MODULE_REJECTED)
        return false;
    if (block >= module->blocks || ddb->data.size != module_block_bytes(module, block)) {
        acquisition->bad_blocks++;
        return false;
    }
    if (acquisition_has_block(module, block) &&
        (!module->expected || module_confirm(acquisition, module, ddb))) {
        acquisition->duplicate_blocks++;
        return false;
    }
    if (!make_room(module))
        return false;
    memcpy(module->data + (size_t)block * module->block_size, ddb->data.data, ddb->data.size);
    module->bits[block / 8] |= (uint8_t)(1u << block % 8);
    module->have++;
    if (module->have == module->blocks)
        complete(acquisition, module);
    return true;
}

bool acquisition_ddb(struct acquisition *acquisition, uint16_t pid, const struct dsmcc_ddb *ddb)
{
    struct module *module = acquisition_find(acquisition, ddb->download_id, ddb->module_id);
    if (module && module->announced.version == ddb->version) {
        place(acquisition, module, acquisition->tick, pid, ddb);
        return true;
    }
    if (module)
        acquisition->other_versions++;
    else
        acquisition->unannounced_blocks++;
    /* What is wanted is not pushed out by what is not. */
    bool wanted = module && module->rank >= RANK_WANTED;
    orphans_add(wanted ? &acquisition->orphans_wanted : &acquisition->orphans, acquisition->tick, pid, ddb);
    return false;
}

bool acquisition_ddb_is_known(struct acquisition *acquisition, uint16_t pid, const struct dsmcc_ddb *ddb)
{
    struct module *module = acquisition_find(acquisition, ddb->download_id, ddb->module_id);
    if (!module || module->announced.version != ddb->version || module->state != MODULE_COMPLETE ||
        module->expected || (module->pid != 0 && module->pid != pid) || ddb->block_number >= module->blocks)
        return false;
    /* No word about when the module was on air: nobody has checked these bytes, its DII tells. */
    acquisition->tick++;
    acquisition->duplicate_blocks++;
    return true;
}

/* For orphans_take. */
struct adoption {
    struct acquisition *acquisition;
    struct module *module;
};

static void adopt(void *context, uint64_t tick, uint16_t pid, const struct dsmcc_ddb *ddb)
{
    struct adoption *adoption = context;
    /* The version was on air then already. */
    if (tick < adoption->module->first_tick)
        adoption->module->first_tick = tick;
    if (place(adoption->acquisition, adoption->module, tick, pid, ddb))
        adoption->acquisition->early_blocks++;
}

void module_adopt(struct acquisition *acquisition, struct module *module)
{
    struct adoption adoption = {acquisition, module};
    struct orphans *const both[] = {&acquisition->orphans, &acquisition->orphans_wanted};
    for (size_t i = 0; i < 2; i++)
        orphans_take(both[i], module->download_id, module->announced.module_id, module->announced.version,
                     adopt, &adoption);
}

/* ---- walks ---- */

void acquisition_await(struct acquisition *acquisition, struct module *module)
{
    if (!module->awaited && module->state == MODULE_PARTIAL) {
        module->awaited = true;
        acquisition->awaited_count++;
    }
}

void acquisition_await_none(struct acquisition *acquisition)
{
    for (size_t i = 0; i < acquisition->module_count; i++) {
        struct module *module = acquisition->modules[i];
        module->rank_before = module->rank;
        module->directory_before = module->directory;
        module->awaited = module->used = module->directory = false;
        module->rank = RANK_NONE;
    }
    acquisition->awaited_count = 0;
    acquisition->early = false;
}

void acquisition_keep_ranks(struct acquisition *acquisition)
{
    for (size_t i = 0; i < acquisition->module_count; i++) {
        struct module *module = acquisition->modules[i];
        if (module->used)
            continue;
        module->rank = module->rank_before;
        module->directory = module->directory_before;
    }
}

void acquisition_forget_ranks(struct acquisition *acquisition)
{
    for (size_t i = 0; i < acquisition->module_count; i++)
        acquisition->modules[i]->rank = RANK_NONE;
}
