/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/acquire.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define BLOCKS_MAX 65536 /* block numbers have 16 bits */
/* A module whose CRCs were all right and that does not unpack was most likely hit by a bit error that CRC_32
 * missed: try again, but not for ever. */
#define FAILURES_MAX 3

bool acquisition_init(struct acquisition *acquisition, const struct dsmcc_receiver_options *limits,
                      struct dsmcc_tap_pid *taps, size_t tap_count)
{
    *acquisition = (struct acquisition){.limits = *limits, .taps = taps, .tap_count = tap_count};
    acquisition->groups = calloc(limits->max_groups, sizeof *acquisition->groups);
    acquisition->modules = calloc(limits->max_modules, sizeof(struct module *));
    if (acquisition->groups && acquisition->modules)
        return true;
    acquisition_finish(acquisition);
    return false;
}

/* What the module may take of the total: as sent or unpacked, whichever is more. */
static uint64_t reservation(const struct module *module)
{
    const struct dsmcc_dii_module *announced = &module->announced;
    return announced->size > announced->original_size ? announced->size : announced->original_size;
}

static void forget_bytes(struct acquisition *acquisition, struct module *module)
{
    if (module->state == MODULE_COMPLETE)
        acquisition->complete_count--;
    if (module->state != MODULE_REJECTED)
        acquisition->reserved -= reservation(module);
    if (module->awaited)
        acquisition->awaited_count--;
    module->awaited = false;
    free(module->data);
    module->data = module->bits = NULL;
    dsmcc_blob_unref(module->blob);
    module->blob = NULL;
    module->have = 0;
}

static void module_destroy(struct acquisition *acquisition, struct module *module)
{
    forget_bytes(acquisition, module);
    free(module);
}

void acquisition_finish(struct acquisition *acquisition)
{
    for (size_t i = 0; i < acquisition->module_count; i++)
        module_destroy(acquisition, acquisition->modules[i]);
    free(acquisition->modules);
    free(acquisition->groups);
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

static struct module *insert(struct acquisition *acquisition, uint32_t download_id, uint16_t module_id)
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

static uint16_t pid_of(const struct acquisition *acquisition, const struct dsmcc_dii_module *announced)
{
    for (size_t i = 0; i < acquisition->tap_count; i++) {
        if (announced->has_tap && acquisition->taps[i].association_tag == announced->association_tag)
            return acquisition->taps[i].pid;
    }
    return 0;
}

/* Starts the module anew in the version announced. */
static void set_up(struct acquisition *acquisition, struct module *module,
                   const struct dsmcc_dii_module *announced, uint16_t block_size)
{
    const struct dsmcc_receiver_options *limits = &acquisition->limits;
    forget_bytes(acquisition, module);
    module->announced = *announced;
    module->block_size = block_size;
    module->failures = 0;
    uint64_t blocks = ((uint64_t)announced->size + block_size - 1) / block_size;
    module->blocks = blocks > BLOCKS_MAX ? 0 : (uint32_t)blocks;
    uint64_t bytes = reservation(module);
    if (bytes > limits->max_module_bytes || acquisition->reserved + bytes > limits->max_total_bytes ||
        module->blocks == 0) {
        module->state = MODULE_REJECTED;
        /* Once: a stream that does it all the time shall not fill the log. The counts tell the rest. */
        if (acquisition->refused++ == 0)
            log_warning("carousel %u: module %u of %u bytes (%u unpacked) refused: empty or beyond a limit",
                        module->download_id, announced->module_id, announced->size, announced->original_size);
        return;
    }
    acquisition->reserved += bytes;
    module->state = MODULE_PARTIAL;
}

static bool same(const struct module *module, const struct dsmcc_dii_module *announced, uint16_t block_size)
{
    const struct dsmcc_dii_module *known = &module->announced;
    return known->size == announced->size && known->version == announced->version &&
           known->compressed == announced->compressed && known->original_size == announced->original_size &&
           module->block_size == block_size;
}

/* A place for a new DII: behind the others, or that of one which announces nothing any more. */
static struct group *free_group(struct acquisition *acquisition)
{
    if (acquisition->group_count < acquisition->limits.max_groups)
        return &acquisition->groups[acquisition->group_count++];
    for (size_t i = 0; i < acquisition->group_count; i++) {
        bool used = false;
        for (size_t j = 0; j < acquisition->module_count && !used; j++)
            used = acquisition->modules[j]->group == i;
        if (!used)
            return &acquisition->groups[i];
    }
    return NULL;
}

static struct group *find_group(struct acquisition *acquisition, uint16_t pid, const struct dsmcc_dii *dii)
{
    uint16_t identification = dsmcc_identification(dii->transaction_id);
    for (size_t i = 0; i < acquisition->group_count; i++) {
        struct group *group = &acquisition->groups[i];
        if (group->pid == pid && group->identification == identification)
            return group;
    }
    struct group *group = free_group(acquisition);
    if (group)
        *group = (struct group){
            .pid = pid, .identification = identification, .transaction_id = ~dii->transaction_id};
    return group;
}

/* Frees what the DII gives up, before anything new is weighed against the ceilings. */
static void give_up_old(struct acquisition *acquisition, size_t group, struct dsmcc_dii dii)
{
    struct dsmcc_dii_module announced;
    for (size_t i = 0; i < acquisition->module_count; i++)
        acquisition->modules[i]->announced_now = false;
    while (dsmcc_dii_next(&dii, &announced)) {
        struct module *module = acquisition_find(acquisition, dii.download_id, announced.module_id);
        if (!module)
            continue;
        module->group = group;
        module->announced_now = true;
        if (!same(module, &announced, dii.block_size)) {
            forget_bytes(acquisition, module);
            module->state = MODULE_REJECTED;
            module->block_size = 0; /* the same as nothing: take_over sets it up */
        }
    }
}

/* True where the module is new or has a new version. */
static bool take_over(struct acquisition *acquisition, size_t group, const struct dsmcc_dii *dii,
                      const struct dsmcc_dii_module *announced)
{
    struct module *module = acquisition_find(acquisition, dii->download_id, announced->module_id);
    if (!module)
        module = insert(acquisition, dii->download_id, announced->module_id);
    if (!module) {
        acquisition->refused++;
        return false;
    }
    module->group = group;
    module->pid = pid_of(acquisition, announced);
    module->announced_now = true;
    if (same(module, announced, dii->block_size))
        return false;
    set_up(acquisition, module, announced, dii->block_size);
    return true;
}

/* Removes the modules for which gone says so and returns whether there were any. */
typedef bool gone_fn(const struct module *module, uint64_t value);
static bool remove_modules(struct acquisition *acquisition, gone_fn *gone, uint64_t value)
{
    size_t kept = 0, count = acquisition->module_count;
    for (size_t i = 0; i < count; i++) {
        struct module *module = acquisition->modules[i];
        if (gone(module, value))
            module_destroy(acquisition, module);
        else
            acquisition->modules[kept++] = module;
    }
    acquisition->module_count = kept;
    return kept != count;
}

static bool no_longer_announced(const struct module *module, uint64_t group)
{
    return module->group == group && !module->announced_now;
}

static bool of_another_carousel(const struct module *module, uint64_t download_id)
{
    return module->download_id != download_id;
}

enum acquisition_result acquisition_dii(struct acquisition *acquisition, uint16_t pid, uint32_t crc,
                                        struct dsmcc_dii *dii)
{
    struct dsmcc_dii check = *dii;
    struct dsmcc_dii_module announced;
    while (dsmcc_dii_next(&check, &announced))
        ;
    if (check.modules.failed)
        return ACQUISITION_BAD;
    struct group *group = find_group(acquisition, pid, dii);
    if (!group) {
        acquisition->refused++;
        return ACQUISITION_UNCHANGED;
    }
    if (group->transaction_id == dii->transaction_id && group->crc == crc)
        return ACQUISITION_UNCHANGED;
    group->transaction_id = dii->transaction_id;
    group->download_id = dii->download_id;
    group->crc = crc;
    size_t index = (size_t)(group - acquisition->groups);
    give_up_old(acquisition, index, *dii);
    bool changed = remove_modules(acquisition, no_longer_announced, index);
    while (dsmcc_dii_next(dii, &announced))
        changed |= take_over(acquisition, index, dii, &announced);
    return changed ? ACQUISITION_CHANGED : ACQUISITION_UNCHANGED;
}

void acquisition_keep_only(struct acquisition *acquisition, uint32_t download_id)
{
    remove_modules(acquisition, of_another_carousel, download_id);
    /* Groups keep their place, because modules name it; one of another carousel may be announced anew. */
    for (size_t i = 0; i < acquisition->group_count; i++) {
        if (acquisition->groups[i].download_id != download_id)
            acquisition->groups[i].transaction_id = ~acquisition->groups[i].transaction_id;
    }
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

/* All blocks are there. */
static bool complete(struct acquisition *acquisition, struct module *module)
{
    struct dsmcc_blob *blob;
    enum dsmcc_blob_result result =
        dsmcc_blob_create((struct bytes){module->data, module->announced.size}, module->announced.compressed,
                          module->announced.original_size, acquisition->limits.max_files, &blob);
    free(module->data);
    module->data = module->bits = NULL;
    if (result == DSMCC_BLOB_OK) {
        module->state = MODULE_COMPLETE;
        module->blob = blob;
        acquisition->complete_count++;
        if (module->awaited)
            acquisition->awaited_count--;
        module->awaited = false;
        return true;
    }
    module->have = 0;
    if (result == DSMCC_BLOB_BAD && ++module->failures == FAILURES_MAX) {
        module->have = module->blocks;
        acquisition->reserved -= reservation(module);
        module->state = MODULE_REJECTED;
    }
    if (acquisition->bad_modules++ == 0)
        log_warning("carousel %u: module %u version %u is whole but %s", module->download_id,
                    module->announced.module_id, module->announced.version,
                    result == DSMCC_BLOB_BAD ? "does not unpack to what was announced"
                                             : "there is no memory for it");
    return false;
}

struct module *acquisition_ddb(struct acquisition *acquisition, uint16_t pid, const struct dsmcc_ddb *ddb)
{
    struct module *module = acquisition_find(acquisition, ddb->download_id, ddb->module_id);
    uint32_t block = ddb->block_number;
    if (!module) {
        acquisition->unannounced_blocks++;
        return NULL;
    }
    if (module->pid != 0 && module->pid != pid) {
        acquisition->other_pids++;
        return NULL;
    }
    if (module->announced.version != ddb->version) {
        acquisition->other_versions++;
        return NULL;
    }
    if (module->state == MODULE_REJECTED)
        return NULL;
    size_t offset = (size_t)block * module->block_size;
    if (block >= module->blocks ||
        ddb->data.size !=
            (block + 1 < module->blocks ? module->block_size : module->announced.size - offset)) {
        acquisition->bad_blocks++;
        return NULL;
    }
    if (acquisition_has_block(module, block)) {
        acquisition->duplicate_blocks++;
        return NULL;
    }
    if (!make_room(module))
        return NULL;
    memcpy(module->data + offset, ddb->data.data, ddb->data.size);
    module->bits[block / 8] |= (uint8_t)(1u << block % 8);
    module->have++;
    return module->have == module->blocks && complete(acquisition, module) ? module : NULL;
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
    for (size_t i = 0; i < acquisition->module_count; i++)
        acquisition->modules[i]->awaited = false;
    acquisition->awaited_count = 0;
}
