/* SPDX-License-Identifier: Apache-2.0 */
/* Modules and their blocks: from the air, from before their DII, from the cache. */
#include "dsmcc/acquire.h"
#include "base/log.h"
#include "dsmcc/cache.h"
#include "ts/crc32.h"
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
    if (acquisition->groups && acquisition->modules)
        return true;
    acquisition_finish(acquisition);
    return false;
}

uint64_t module_reservation(const struct module *module)
{
    const struct dsmcc_dii_module *announced = &module->announced;
    return announced->size > announced->original_size ? announced->size : announced->original_size;
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

/* ---- the cache ---- */

static struct dsmcc_cache_key key_of(const struct acquisition *acquisition, const struct module *module)
{
    return (struct dsmcc_cache_key){.scope = acquisition->limits.cache_scope,
                                    .download_id = module->download_id,
                                    .module_id = module->announced.module_id,
                                    .version = module->announced.version,
                                    .compressed = module->announced.compressed,
                                    .size = module->announced.size,
                                    .original_size = module->announced.original_size,
                                    .transaction_id = acquisition->groups[module->group].transaction_id};
}

static size_t block_bytes(const struct module *module, uint32_t block)
{
    return block + 1 < module->blocks ? module->block_size
                                      : module->announced.size - (size_t)block * module->block_size;
}

/* What the air must say if the cache was right. */
static bool expect(struct module *module, const uint8_t *data)
{
    module->expected = calloc(1, module->blocks * sizeof *module->expected + (module->blocks + 7) / 8);
    if (!module->expected)
        return false;
    for (uint32_t i = 0; i < module->blocks; i++)
        module->expected[i] = ts_crc32(data + (size_t)i * module->block_size, block_bytes(module, i));
    module->confirmed = 0;
    return true;
}

static void become_complete(struct acquisition *acquisition, struct module *module, struct dsmcc_blob *blob)
{
    module->state = MODULE_COMPLETE;
    module->blob = blob;
    module->have = module->blocks;
    acquisition->complete_count++;
    if (module->awaited)
        acquisition->awaited_count--;
    module->awaited = false;
    acquisition->completed(acquisition->context, module);
}

static void take_from_cache(struct acquisition *acquisition, struct module *module)
{
    struct dsmcc_cache *cache = acquisition->limits.cache;
    struct dsmcc_cache_key key = key_of(acquisition, module);
    struct dsmcc_blob *blob = NULL;
    struct buffer data;
    buffer_init(&data, module->announced.size);
    if (!cache || !dsmcc_cache_get(cache, &key, &data)) {
        buffer_finish(&data);
        return;
    }
    if (dsmcc_blob_create(buffer_view(&data), module->announced.compressed, module->announced.original_size,
                          acquisition->limits.max_files, &blob) == DSMCC_BLOB_OK &&
        expect(module, data.data)) {
        module->from_cache = true;
        acquisition->from_cache++;
        become_complete(acquisition, module, blob);
    } else {
        dsmcc_blob_unref(blob);
    }
    buffer_finish(&data);
}

/* The air speaks of a module that came from the cache. False where it says something else: the module starts
 * anew. */
static bool confirm(struct acquisition *acquisition, struct module *module, const struct dsmcc_ddb *ddb)
{
    uint32_t block = ddb->block_number;
    uint8_t *bits = (uint8_t *)(module->expected + module->blocks);
    if (bits[block / 8] >> block % 8 & 1)
        return true;
    if (ts_crc32(ddb->data.data, ddb->data.size) == module->expected[block]) {
        bits[block / 8] |= (uint8_t)(1u << block % 8);
        if (++module->confirmed == module->blocks) {
            free(module->expected);
            module->expected = NULL;
        }
        return true;
    }
    struct dsmcc_cache_key key = key_of(acquisition, module);
    dsmcc_cache_remove(acquisition->limits.cache, &key);
    if (acquisition->cache_wrong++ == 0)
        log_info("carousel %u: module %u is not what the cache had; it is fetched again", module->download_id,
                 module->announced.module_id);
    module_forget_bytes(acquisition, module);
    acquisition->reserved += module_reservation(module);
    module->state = MODULE_PARTIAL;
    acquisition->changed = true;
    return false;
}

/* ---- blocks ---- */

/* All blocks are there. */
static void complete(struct acquisition *acquisition, struct module *module)
{
    struct dsmcc_blob *blob;
    struct bytes data = {module->data, module->announced.size};
    enum dsmcc_blob_result result =
        dsmcc_blob_create(data, module->announced.compressed, module->announced.original_size,
                          acquisition->limits.max_files, &blob);
    if (result == DSMCC_BLOB_OK && acquisition->limits.cache) {
        struct dsmcc_cache_key key = key_of(acquisition, module);
        dsmcc_cache_put(acquisition->limits.cache, &key, data);
    }
    free(module->data);
    module->data = module->bits = NULL;
    if (result == DSMCC_BLOB_OK) {
        become_complete(acquisition, module, blob);
        return;
    }
    module->have = 0;
    if (result == DSMCC_BLOB_BAD && ++module->failures == FAILURES_MAX) {
        module->have = module->blocks;
        acquisition->reserved -= module_reservation(module);
        module->state = MODULE_REJECTED;
        if (module->awaited)
            acquisition->awaited_count--;
        module->awaited = false;
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
    if (block >= module->blocks || ddb->data.size != block_bytes(module, block)) {
        acquisition->bad_blocks++;
        return false;
    }
    if (acquisition_has_block(module, block) && (!module->expected || confirm(acquisition, module, ddb))) {
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
    orphans_add(&acquisition->orphans, acquisition->tick, pid, ddb);
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

/* ---- the ceilings ---- */

void module_start(struct acquisition *acquisition, struct module *module)
{
    const struct dsmcc_receiver_options *limits = &acquisition->limits;
    const struct dsmcc_dii_module *announced = &module->announced;
    uint64_t bytes = module_reservation(module);
    bool possible = bytes <= limits->max_module_bytes && module->blocks > 0;
    if (!possible || acquisition->reserved + bytes > limits->max_total_bytes) {
        module->state = MODULE_REJECTED;
        module->by_ceiling = possible;
        /* Once: a stream that does it all the time shall not fill the log. The counts tell the rest. */
        if (acquisition->refused++ == 0)
            log_warning("carousel %u: module %u of %u bytes (%u unpacked) refused: empty or beyond a limit",
                        module->download_id, announced->module_id, announced->size, announced->original_size);
        return;
    }
    acquisition->reserved += bytes;
    module->state = MODULE_PARTIAL;
    module->by_ceiling = false;
    take_from_cache(acquisition, module);
    struct adoption adoption = {acquisition, module};
    orphans_take(&acquisition->orphans, module->download_id, announced->module_id, announced->version, adopt,
                 &adoption);
}

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
        module->awaited = module->used = module->preferred = false;
    }
    acquisition->awaited_count = 0;
}

/* The largest module that is not preferred, or NULL. */
static struct module *least_wanted(const struct acquisition *acquisition)
{
    struct module *found = NULL;
    for (size_t i = 0; i < acquisition->module_count; i++) {
        struct module *module = acquisition->modules[i];
        if (!module->preferred && module->state != MODULE_REJECTED &&
            (!found || module_reservation(module) > module_reservation(found)))
            found = module;
    }
    return found;
}

static uint64_t not_preferred_bytes(const struct acquisition *acquisition)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < acquisition->module_count; i++) {
        const struct module *module = acquisition->modules[i];
        if (!module->preferred && module->state != MODULE_REJECTED)
            bytes += module_reservation(module);
    }
    return bytes;
}

void acquisition_make_way(struct acquisition *acquisition)
{
    uint64_t maximum = acquisition->limits.max_total_bytes;
    for (size_t i = 0; i < acquisition->module_count; i++) {
        struct module *module = acquisition->modules[i];
        if (!module->preferred || module->state != MODULE_REJECTED || !module->by_ceiling)
            continue;
        uint64_t bytes = module_reservation(module);
        if (acquisition->reserved - not_preferred_bytes(acquisition) + bytes > maximum)
            continue; /* even then it would not fit */
        while (acquisition->reserved + bytes > maximum) {
            struct module *other = least_wanted(acquisition);
            module_forget_bytes(acquisition, other);
            other->state = MODULE_REJECTED;
            other->by_ceiling = true;
            acquisition->refused++;
        }
        module_start(acquisition, module);
        acquisition_await(acquisition, module);
    }
}
