/* SPDX-License-Identifier: Apache-2.0 */
/* Which modules may take of the memory that there is. */
#include "base/log.h"
#include "dsmcc/acquire.h"

/* Beyond the ceiling, now. */
static void refuse(struct acquisition *acquisition, struct module *module)
{
    module_forget_bytes(acquisition, module);
    module->state = MODULE_REJECTED;
    module->by_ceiling = true;
    acquisition->refused++;
}

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
    module_recall(acquisition, module);
    module_adopt(acquisition, module);
}

/* A complete module's table of objects counts too; how long it is nobody knows before. */
bool module_charge(struct acquisition *acquisition, struct module *module, const struct dsmcc_blob *blob)
{
    uint64_t before = module_reservation(module);
    module->table_bytes = dsmcc_blob_table_bytes(blob);
    acquisition->reserved += module_reservation(module) - before;
    if (acquisition->reserved <= acquisition->limits.max_total_bytes)
        return true;
    refuse(acquisition, module);
    acquisition->changed = true; /* it may be wanted more than others */
    return false;
}

/* ---- what makes way for what ---- */

/* Bytes by rank. */
struct account {
    uint64_t bytes[RANKS];
};

static bool by_held(const struct module *module)
{
    return module->state != MODULE_REJECTED;
}

static bool by_need(const struct module *module)
{
    return module->state != MODULE_REJECTED || module->by_ceiling;
}

static struct account add_up(const struct acquisition *acquisition, bool (*counts)(const struct module *))
{
    struct account account = {{0}};
    for (size_t i = 0; i < acquisition->module_count; i++) {
        const struct module *module = acquisition->modules[i];
        if (counts(module))
            account.bytes[module->rank] += module_reservation(module);
    }
    return account;
}

/* Files of a path that cannot be whole, however much makes way, are worth no more than any other. The
 * directories stay: they say how much it is. */
static void give_up_hopeless(struct acquisition *acquisition)
{
    struct account need = add_up(acquisition, by_need);
    uint64_t sum = 0;
    acquisition->hopeless = 0;
    for (unsigned rank = RANKS - 1; rank >= RANK_WANTED; rank--) {
        if (sum + need.bytes[rank] > acquisition->limits.max_total_bytes)
            acquisition->hopeless |= 1u << rank;
        else
            sum += need.bytes[rank];
    }
    for (size_t i = 0; acquisition->hopeless && i < acquisition->module_count; i++) {
        struct module *module = acquisition->modules[i];
        if (!module->directory && (acquisition->hopeless >> module->rank & 1))
            module->rank = RANK_NONE;
    }
}

/* The one that is wanted least, below rank; of those the largest, of equals the last. */
static struct module *least_wanted(const struct acquisition *acquisition, unsigned rank)
{
    struct module *found = NULL;
    for (size_t i = 0; i < acquisition->module_count; i++) {
        struct module *module = acquisition->modules[i];
        if (module->state == MODULE_REJECTED || module->rank >= rank)
            continue;
        if (!found || module->rank < found->rank ||
            (module->rank == found->rank && module_reservation(module) >= module_reservation(found)))
            found = module;
    }
    return found;
}

/* Makes room for bytes of that rank; false where even then it would not fit. */
static bool clear(struct acquisition *acquisition, unsigned rank, uint64_t bytes)
{
    uint64_t maximum = acquisition->limits.max_total_bytes;
    if (acquisition->reserved + bytes <= maximum)
        return true;
    struct account held = add_up(acquisition, by_held);
    uint64_t stays = acquisition->reserved;
    for (unsigned lower = 0; lower < rank; lower++)
        stays -= held.bytes[lower];
    if (stays + bytes > maximum)
        return false;
    while (acquisition->reserved + bytes > maximum)
        refuse(acquisition, least_wanted(acquisition, rank));
    return true;
}

/* Those of one rank that a ceiling keeps out; of rank NONE first those that the tree needs. */
static void admit(struct acquisition *acquisition, unsigned rank, bool used)
{
    for (size_t i = 0; i < acquisition->module_count; i++) {
        struct module *module = acquisition->modules[i];
        if (module->rank != rank || module->used != used || module->state != MODULE_REJECTED ||
            !module->by_ceiling || !clear(acquisition, rank, module_reservation(module)))
            continue;
        module_start(acquisition, module);
        acquisition_await(acquisition, module);
    }
}

void acquisition_make_way(struct acquisition *acquisition)
{
    give_up_hopeless(acquisition);
    for (unsigned rank = RANKS; rank-- > 0;)
        admit(acquisition, rank, true);
    admit(acquisition, RANK_NONE, false);
}
