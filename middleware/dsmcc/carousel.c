/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/carousel.h"
#include "dsmcc/biop.h"
#include "dsmcc/module.h"
#include "ts/demux.h"
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define TAP_TIMEOUT_US 0xFFFFFFFFu
#define DIRECTORY_SHARE 16

/* Everything that one carousel_make needs at hand. */
struct making {
    struct carousel *next;
    const struct carousel *previous;
    const struct dsmcc_builder_options *options;
    struct buffer raw; /* the module that is being made */
    size_t changed;
    struct error *error;
};

static bool hash(const void *data, size_t size, uint8_t digest[HASH_SIZE])
{
    return EVP_Digest(data, size, digest, NULL, EVP_sha256(), NULL) == 1;
}

static uint16_t group_of(uint16_t module_id)
{
    return (uint16_t)((module_id - 1) / DSMCC_DII_MODULES_MAX);
}

struct dsmcc_ior carousel_ior(const struct dsmcc_builder_options *options, enum dsmcc_kind kind,
                              uint16_t module_id, uint32_t key)
{
    return (struct dsmcc_ior){.kind = kind,
                              .carousel_id = options->carousel_id,
                              .module_id = module_id,
                              .key = {.value = key, .size = 4},
                              .association_tag = options->association_tag,
                              /* Of version 0 always, so that no reference changes with the DII. */
                              .transaction_id = dsmcc_transaction_id((uint16_t)(group_of(module_id) + 1), 0),
                              .timeout_us = TAP_TIMEOUT_US};
}

static void control_finish(struct control *control)
{
    buffer_finish(&control->section);
}

void carousel_finish(struct carousel *carousel)
{
    for (size_t i = 0; i < carousel->module_count; i++)
        free(carousel->modules[i].data);
    for (size_t i = 0; i < carousel->group_count; i++)
        control_finish(&carousel->groups[i]);
    free(carousel->modules);
    free(carousel->groups);
    control_finish(&carousel->dsi);
    plan_finish(&carousel->plan);
    *carousel = (struct carousel){0};
}

/* Children stand behind their directory, but not together: those of "a" have "a/b/c" among them. */
static void append_directory(struct making *making, size_t index)
{
    const struct plan *plan = &making->next->plan;
    const struct node *directory = &plan->nodes[index];
    enum dsmcc_kind kind = index == 0 ? DSMCC_KIND_GATEWAY : DSMCC_KIND_DIRECTORY;
    size_t start = dsmcc_directory_begin(&making->raw, kind, directory->key, directory->children);
    size_t left = directory->children;
    for (size_t i = index + 1; left > 0; i++) {
        const struct node *child = &plan->nodes[i];
        if (child->parent != index)
            continue;
        const char *slash = strrchr(child->path, '/');
        const char *name = slash ? slash + 1 : child->path;
        struct dsmcc_ior ior = carousel_ior(making->options, child->kind, child->module_id, child->key);
        dsmcc_binding_append(&making->raw, name, strlen(name), &ior);
        left--;
    }
    dsmcc_directory_end(&making->raw, start);
}

static bool no_memory(struct making *making)
{
    return error_set(making->error, "no memory for a carousel");
}

static bool copy_sent(struct on_air *module, const void *data, size_t size)
{
    module->data = malloc(size ? size : 1);
    if (!module->data)
        return false;
    memcpy(module->data, data, size);
    module->size = (uint32_t)size;
    return true;
}

/* Fills module from the bytes in making->raw: as they were sent before where they did not change (packing is
 * slow), else packed. */
static bool pack(struct making *making, const struct on_air *before, struct on_air *module)
{
    struct bytes raw = buffer_view(&making->raw);
    if (!hash(raw.data, raw.size, module->raw_hash))
        return no_memory(making);
    module->original_size = (uint32_t)raw.size;
    if (before && before->data && memcmp(before->raw_hash, module->raw_hash, HASH_SIZE) == 0) {
        module->compressed = before->compressed;
        return copy_sent(module, before->data, before->size) || no_memory(making);
    }
    struct buffer packed;
    buffer_init(&packed, raw.size);
    module->compressed = dsmcc_module_pack(raw, &packed);
    bool good = module->compressed ? copy_sent(module, packed.data, packed.size)
                                   : copy_sent(module, raw.data, raw.size);
    buffer_finish(&packed);
    return good || no_memory(making);
}

static bool check_blocks(struct making *making, const struct on_air *module, const char *path)
{
    unsigned block_size = making->options->block_size;
    uint32_t blocks = (module->size + block_size - 1) / block_size;
    if (blocks <= BLOCKS_MAX)
        return true;
    return error_set(
        making->error,
        "%s: %u bytes when packed need %u blocks, a module has at most %d (%u bytes): make the file smaller",
        path, module->size, blocks, BLOCKS_MAX, BLOCKS_MAX * block_size);
}

static void append_node(struct making *making, size_t index)
{
    const struct node *node = &making->next->plan.nodes[index];
    if (node->directory)
        append_directory(making, index);
    else if (node->source->stream)
        dsmcc_stream_append(&making->raw, node->key, node->source->stream);
    else
        dsmcc_file_append(&making->raw, node->key, node->source->data, node->source->size);
}

/* A node in the order in which modules are made. */
struct member {
    uint16_t module_id;
    size_t node;
};

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    if (x->module_id != y->module_id)
        return x->module_id < y->module_id ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

/* Directories are wanted with whatever lies below them, but a receiver collects both side by side: one of
 * them a few times within the other's wait is enough. */
static uint64_t demand_of(const struct plan *plan, const struct member *members, size_t count)
{
    uint64_t demand = 0;
    for (size_t i = 0; i < count; i++) {
        const struct node *node = &plan->nodes[members[i].node];
        if (!node->directory)
            demand += node->demand;
        else if (node->demand / DIRECTORY_SHARE > demand)
            demand = node->demand / DIRECTORY_SHARE;
    }
    return demand > 0 ? demand : 1;
}

static void set_frequency(const struct making *making, const struct node *first, struct on_air *module)
{
    module->by_rule = making->options->schedule == DSMCC_SCHEDULE_SQUARE_ROOT && first->weight == 0;
    if (module->by_rule)
        module->frequency = schedule_frequency(module->demand, module->size);
    else if (making->options->schedule == DSMCC_SCHEDULE_FLAT)
        module->frequency = FREQUENCY_OF_WEIGHT;
    else
        module->frequency = first->weight * FREQUENCY_OF_WEIGHT;
}

/* Makes the module of count members. */
static bool make_module(struct making *making, const struct member *members, size_t count)
{
    const struct node *first = &making->next->plan.nodes[members[0].node];
    struct on_air *module = &making->next->modules[first->module_id];
    const struct on_air *before = first->module_id < making->previous->module_count
                                      ? &making->previous->modules[first->module_id]
                                      : NULL;
    buffer_clear(&making->raw);
    for (size_t i = 0; i < count; i++)
        append_node(making, members[i].node);
    if (making->raw.failed)
        return no_memory(making);
    if (making->raw.size > DSMCC_MODULE_UNPACKED_MAX)
        return error_set(making->error,
                         "%s: %zu bytes with its header, a module has at most %u: make the file smaller",
                         first->path, making->raw.size, DSMCC_MODULE_UNPACKED_MAX);
    if (!pack(making, before, module) || !check_blocks(making, module, first->path))
        return false;
    if (!hash(module->data, module->size, module->sent_hash))
        return no_memory(making);
    bool same = before && before->known && memcmp(before->sent_hash, module->sent_hash, HASH_SIZE) == 0;
    module->version = !before || !before->known ? 0 : same ? before->version : (uint8_t)(before->version + 1);
    module->live = module->known = true;
    module->objects = count;
    module->demand = demand_of(&making->next->plan, members, count);
    set_frequency(making, first, module);
    module->carried = same && before->live;
    if (!module->carried) {
        making->changed++;
        module->urgent = 1;
    }
    return true;
}

static bool make_modules(struct making *making)
{
    const struct plan *plan = &making->next->plan;
    struct member *members = calloc(plan->count, sizeof *members);
    if (!members)
        return no_memory(making);
    for (size_t i = 0; i < plan->count; i++)
        members[i] = (struct member){.module_id = plan->nodes[i].module_id, .node = i};
    qsort(members, plan->count, sizeof *members, compare_members);
    bool good = true;
    for (size_t start = 0, end; good && start < plan->count; start = end) {
        end = start;
        while (end < plan->count && members[end].module_id == members[start].module_id)
            end++;
        good = make_module(making, members + start, end - start);
    }
    free(members);
    schedule_bound(making->next, making->options);
    return good;
}

/* The section of transaction_id, into buffer. */
typedef void append_control_fn(const struct making *making, size_t group, uint32_t transaction_id,
                               struct buffer *buffer);

static void append_dsi(const struct making *making, size_t group, uint32_t transaction_id,
                       struct buffer *buffer)
{
    (void)group;
    struct dsmcc_dsi dsi = {
        .transaction_id = transaction_id,
        .gateway = carousel_ior(making->options, DSMCC_KIND_GATEWAY, GATEWAY_MODULE, GATEWAY_KEY),
    };
    dsmcc_dsi_append(buffer, &dsi);
}

static size_t first_of_group(size_t group)
{
    return group * DSMCC_DII_MODULES_MAX + 1;
}

static void append_dii(const struct making *making, size_t group, uint32_t transaction_id,
                       struct buffer *buffer)
{
    struct dsmcc_dii_module announced[DSMCC_DII_MODULES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < DSMCC_DII_MODULES_MAX; i++) {
        size_t id = first_of_group(group) + i;
        const struct on_air *module = id < making->next->module_count ? &making->next->modules[id] : NULL;
        if (!module || !module->live)
            continue;
        announced[count++] =
            (struct dsmcc_dii_module){.module_id = (uint16_t)id,
                                      .size = module->size,
                                      .version = module->version,
                                      .compressed = module->compressed,
                                      .original_size = module->original_size,
                                      .has_tap = true,
                                      .association_tag = making->options->association_tag,
                                      .caching_priority = making->options->caching_priority,
                                      .caching_transparency = making->options->caching_transparency};
    }
    dsmcc_dii_append(buffer, transaction_id, making->options->carousel_id, making->options->block_size,
                     announced, count);
}

/* Makes the message, in a new version where it says something else than before. */
static bool make_control(struct making *making, const struct control *before, struct control *control,
                         size_t group, uint16_t identification, append_control_fn *append)
{
    buffer_init(&control->section, TS_SECTION_SIZE_MAX);
    append(making, group, dsmcc_transaction_id(identification, 0), &control->section);
    if (control->section.failed || !hash(control->section.data, control->section.size, control->hash))
        return no_memory(making);
    control->live = control->known = true;
    if (before && before->known)
        control->version = memcmp(before->hash, control->hash, HASH_SIZE) == 0
                               ? before->version
                               : (before->version + 1) & 0x3FFF;
    control->transaction_id = dsmcc_transaction_id(identification, control->version);
    buffer_clear(&control->section);
    append(making, group, control->transaction_id, &control->section);
    return !control->section.failed || no_memory(making);
}

static bool group_is_live(const struct carousel *carousel, size_t group)
{
    size_t first = first_of_group(group);
    for (size_t id = first; id < first + DSMCC_DII_MODULES_MAX && id < carousel->module_count; id++) {
        if (carousel->modules[id].live)
            return true;
    }
    return false;
}

static bool make_controls(struct making *making)
{
    struct carousel *next = making->next;
    const struct carousel *previous = making->previous;
    if (!make_control(making, &previous->dsi, &next->dsi, 0, 0, append_dsi))
        return false;
    for (size_t i = 0; i < next->group_count; i++) {
        const struct control *before = i < previous->group_count ? &previous->groups[i] : NULL;
        if (!group_is_live(next, i)) {
            if (before)
                next->groups[i] = (struct control){.known = before->known, .version = before->version};
            continue;
        }
        if (!make_control(making, before, &next->groups[i], i, (uint16_t)(i + 1), append_dii))
            return false;
    }
    return true;
}

/* Places for all modules in use and all that were: those keep their version, should their id be used again.
 */
static bool make_places(struct making *making)
{
    struct carousel *next = making->next;
    const struct carousel *previous = making->previous;
    size_t count = (size_t)next->plan.last_module + 1;
    next->module_count = count > previous->module_count ? count : previous->module_count;
    next->group_count = (size_t)group_of((uint16_t)(next->module_count - 1)) + 1;
    next->modules = calloc(next->module_count, sizeof *next->modules);
    next->groups = calloc(next->group_count, sizeof *next->groups);
    if (!next->modules || !next->groups) {
        if (!next->modules)
            next->module_count = 0;
        if (!next->groups)
            next->group_count = 0;
        return no_memory(making);
    }
    for (size_t i = 0; i < previous->module_count; i++) {
        const struct on_air *before = &previous->modules[i];
        next->modules[i] = (struct on_air){.known = before->known, .version = before->version};
        memcpy(next->modules[i].sent_hash, before->sent_hash, HASH_SIZE);
    }
    return true;
}

bool carousel_make(struct carousel *next, const struct carousel *previous,
                   const struct dsmcc_builder_options *options, const struct dsmcc_source *files,
                   size_t count, size_t *modules_changed, struct error *error)
{
    *next = (struct carousel){0};
    struct making making = {.next = next, .previous = previous, .options = options, .error = error};
    buffer_init(&making.raw, options->max_total_bytes + SHARED_MODULE_MAX * 8);
    bool good = plan_make(&next->plan, &previous->plan, options, files, count, error) &&
                make_places(&making) && make_modules(&making) && make_controls(&making);
    buffer_finish(&making.raw);
    *modules_changed = making.changed;
    if (!good)
        carousel_finish(next);
    for (size_t i = 0; i < next->plan.count; i++)
        next->plan.nodes[i].source = NULL; /* the caller's files end with the call */
    return good;
}

static void take_schedule(struct on_air *module, const struct on_air *before)
{
    module->last = before->last;
    module->sent = before->sent;
    module->urgent = before->urgent;
    module->next_block = before->next_block;
}

void carousel_replace(struct carousel *previous, struct carousel *next)
{
    for (size_t i = 1; i < next->module_count; i++) {
        if (next->modules[i].carried)
            take_schedule(&next->modules[i], &previous->modules[i]);
    }
    carousel_finish(previous);
    *previous = *next;
    *next = (struct carousel){0};
}
