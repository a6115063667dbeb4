/* SPDX-License-Identifier: Apache-2.0 */
/* Modules that the cache had: asked for by their rank, a part with each section, and held against the air. */
#include "base/log.h"
#include "dsmcc/acquire.h"
#include "dsmcc/cache.h"
#include "ts/crc32.h"
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE_MIN 128
#define ASKING_COST 4096 /* bytes that an answer of the disk is worth, however small */

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

/* What the air must say if the cache was right. */
static bool expect(struct module *module, const uint8_t *data)
{
    module->expected = calloc(1, module->blocks * sizeof *module->expected + (module->blocks + 7) / 8);
    if (!module->expected)
        return false;
    for (uint32_t i = 0; i < module->blocks; i++)
        module->expected[i] = ts_crc32(data + (size_t)i * module->block_size, module_block_bytes(module, i));
    module->confirmed = 0;
    return true;
}

/* Of blocks that have come meanwhile: what they say counts, and they need not come again. */
static bool agrees(struct module *module, const uint8_t *data)
{
    uint8_t *confirmed = (uint8_t *)(module->expected + module->blocks);
    for (uint32_t i = 0; module->data && i < module->blocks; i++) {
        size_t offset = (size_t)i * module->block_size;
        if (!acquisition_has_block(module, i))
            continue;
        if (memcmp(module->data + offset, data + offset, module_block_bytes(module, i)) != 0)
            return false;
        confirmed[i / 8] |= (uint8_t)(1u << i % 8);
        module->confirmed++;
    }
    return true;
}

void module_remember(struct acquisition *acquisition, const struct module *module, struct bytes data)
{
    struct dsmcc_cache_key key = key_of(acquisition, module);
    if (acquisition->limits.cache)
        dsmcc_cache_put(acquisition->limits.cache, &key, data);
}

void module_recall(struct acquisition *acquisition, struct module *module)
{
    /* What is expected of blocks takes memory beside the ceiling: little, unless they are tiny. */
    module->ask_cache = acquisition->limits.cache && module->block_size >= BLOCK_SIZE_MIN;
    acquisition->asking += module->ask_cache;
}

static void take_from_cache(struct acquisition *acquisition, struct module *module)
{
    struct dsmcc_cache *cache = acquisition->limits.cache;
    struct dsmcc_cache_key key = key_of(acquisition, module);
    struct dsmcc_blob *blob = NULL;
    struct buffer data;
    buffer_init(&data, module->announced.size);
    bool good = dsmcc_cache_get(cache, &key, &data) && expect(module, data.data);
    if (good && !agrees(module, data.data)) {
        dsmcc_cache_remove(cache, &key);
        acquisition->cache_wrong++;
        good = false;
    }
    good = good && dsmcc_blob_create(buffer_view(&data), module->announced.compressed,
                                     module->announced.original_size, acquisition->limits.max_files,
                                     &blob) == DSMCC_BLOB_OK;
    buffer_finish(&data);
    if (!good || !module_charge(acquisition, module, blob)) {
        free(module->expected);
        module->expected = NULL;
        dsmcc_blob_unref(blob);
        return;
    }
    module->from_cache = true;
    acquisition->from_cache++;
    module_become_complete(acquisition, module, blob);
}

bool acquisition_recall(struct acquisition *acquisition, size_t *budget)
{
    struct module *best = NULL;
    if (acquisition->asking == 0 || *budget == 0)
        return false;
    for (size_t i = 0; i < acquisition->module_count; i++) {
        struct module *module = acquisition->modules[i];
        if (module->ask_cache && (!best || module->rank > best->rank))
            best = module;
    }
    uint64_t cost = module_reservation(best) + ASKING_COST;
    *budget -= cost < *budget ? (size_t)cost : *budget;
    best->ask_cache = false;
    acquisition->asking--;
    take_from_cache(acquisition, best);
    return true;
}

bool module_confirm(struct acquisition *acquisition, struct module *module, const struct dsmcc_ddb *ddb)
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
