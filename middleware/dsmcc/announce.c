/* SPDX-License-Identifier: Apache-2.0 */
/* What DIIs announce: modules that come, change, move and go. */
#include "base/log.h"
#include "dsmcc/acquire.h"
#include <stdlib.h>
#include <string.h>

#define BLOCKS_MAX 65536 /* block numbers have 16 bits */
/* A DII is given up when another message has come so many times since it came last: head ends repeat them at
 * different rates, but not that different. */
#define MISSED_MAX 64

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
    module_forget_bytes(acquisition, module);
    module->announced = *announced;
    module->table_bytes = 0;
    module->block_size = block_size;
    module->failures = 0;
    module->first_tick = acquisition->tick;
    module->block_tick = 0;
    uint64_t blocks = ((uint64_t)announced->size + block_size - 1) / block_size;
    module->blocks = blocks > BLOCKS_MAX ? 0 : (uint32_t)blocks;
    module_start(acquisition, module);
}

static bool same(const struct module *module, const struct dsmcc_dii_module *announced, uint16_t block_size)
{
    const struct dsmcc_dii_module *known = &module->announced;
    return known->size == announced->size && known->version == announced->version &&
           known->compressed == announced->compressed && known->original_size == announced->original_size &&
           module->block_size == block_size;
}

/* A place for a new DII: behind the others, or that of one which is gone or announces nothing any more. */
static struct group *free_group(struct acquisition *acquisition)
{
    for (size_t i = 0; i < acquisition->group_count; i++) {
        if (acquisition->groups[i].gone)
            return &acquisition->groups[i];
    }
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
        if (!group->gone && group->pid == pid && group->identification == identification)
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
            module_forget_bytes(acquisition, module);
            module->state = MODULE_REJECTED;
            module->by_ceiling = false;
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
        module = module_insert(acquisition, dii->download_id, announced->module_id);
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

static bool of_group(const struct module *module, uint64_t group)
{
    return module->group == group;
}

static bool of_another_carousel(const struct module *module, uint64_t download_id)
{
    return module->download_id != download_id;
}

/* What went with one DII another may announce as well: each is taken once more when it comes. */
static void doubt_all(struct acquisition *acquisition)
{
    for (size_t i = 0; i < acquisition->group_count; i++)
        acquisition->groups[i].crc = ~acquisition->groups[i].crc;
}

bool acquisition_round(struct acquisition *acquisition, uint64_t before, const struct group *except)
{
    bool changed = false;
    for (size_t i = 0; i < acquisition->group_count; i++) {
        struct group *group = &acquisition->groups[i];
        if (group == except || group->gone || before <= group->tick || ++group->missed < MISSED_MAX)
            continue;
        group->gone = true;
        acquisition->vanished++;
        changed |= remove_modules(acquisition, of_group, i);
        doubt_all(acquisition);
    }
    return changed;
}

static bool take_dii(struct acquisition *acquisition, struct group *group, uint32_t crc,
                     struct dsmcc_dii *dii)
{
    size_t index = (size_t)(group - acquisition->groups);
    struct dsmcc_dii_module announced;
    group->transaction_id = dii->transaction_id;
    group->download_id = dii->download_id;
    group->crc = crc;
    give_up_old(acquisition, index, *dii);
    bool changed = remove_modules(acquisition, no_longer_announced, index);
    while (dsmcc_dii_next(dii, &announced))
        changed |= take_over(acquisition, index, dii, &announced);
    return changed;
}

/* Of a DII that was taken before: nearly all are. */
static bool is_repetition(const struct acquisition *acquisition, uint16_t pid, uint32_t crc,
                          const struct dsmcc_dii *dii)
{
    for (size_t i = 0; i < acquisition->group_count; i++) {
        const struct group *group = &acquisition->groups[i];
        if (!group->gone && group->pid == pid && group->transaction_id == dii->transaction_id &&
            group->crc == crc && group->download_id == dii->download_id)
            return true;
    }
    return false;
}

static bool is_sound(struct dsmcc_dii dii)
{
    struct dsmcc_dii_module announced;
    while (dsmcc_dii_next(&dii, &announced))
        ;
    return !dii.modules.failed;
}

enum acquisition_result acquisition_dii(struct acquisition *acquisition, uint16_t pid, uint32_t crc,
                                        struct dsmcc_dii *dii)
{
    if (!is_repetition(acquisition, pid, crc, dii) && !is_sound(*dii))
        return ACQUISITION_BAD;
    struct group *group = find_group(acquisition, pid, dii);
    if (!group) {
        acquisition->refused++;
        return ACQUISITION_UNCHANGED;
    }
    uint64_t before = group->tick;
    group->tick = acquisition->tick;
    group->missed = 0;
    bool changed = false;
    if (group->transaction_id != dii->transaction_id || group->crc != crc)
        changed = take_dii(acquisition, group, crc, dii);
    changed |= acquisition_round(acquisition, before, group);
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
