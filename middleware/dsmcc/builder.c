/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/builder.h"
#include "dsmcc/carousel.h"
#include "ts/demux.h"
#include <stdlib.h>

#define CONTROL_INTERVAL_BYTES 65536
#define CONTROL_INTERVAL_MS UINT64_C(350)
#define CONTROL_INTERVAL_LEAST 4096 /* a stream of nothing but control messages is of no use */

static bool set_defaults(struct dsmcc_builder_options *options)
{
    static const struct dsmcc_builder_options defaults = {
        .carousel_id = 1,
        .association_tag = 0x0B,
        .block_size = DSMCC_BLOCK_SIZE_MAX,
        .control_interval_bytes = CONTROL_INTERVAL_BYTES,
        .max_files = 10000,
        .max_modules = 2000,
        .max_total_bytes = 60u << 20,
        .longest_interval = 210,
    };
#define DEFAULT(field) options->field = options->field ? options->field : defaults.field
    if (options->bit_rate > 0 && options->control_interval_bytes == 0)
        options->control_interval_bytes = (size_t)(options->bit_rate / 8 * CONTROL_INTERVAL_MS / 1000);
    if (options->control_interval_bytes > 0 && options->control_interval_bytes < CONTROL_INTERVAL_LEAST)
        options->control_interval_bytes = CONTROL_INTERVAL_LEAST;
    DEFAULT(carousel_id);
    DEFAULT(association_tag);
    DEFAULT(block_size);
    DEFAULT(control_interval_bytes);
    DEFAULT(max_files);
    DEFAULT(max_modules);
    DEFAULT(max_total_bytes);
    DEFAULT(longest_interval);
#undef DEFAULT
    return options->block_size >= 512 && options->block_size <= DSMCC_BLOCK_SIZE_MAX &&
           options->max_modules <= MODULE_ID_MAX && options->max_files <= 1000000 &&
           options->max_total_bytes <= 1u << 30 && options->caching_transparency <= 3 &&
           options->longest_interval >= 100 && options->longest_interval <= 10000 &&
           (options->schedule == DSMCC_SCHEDULE_SQUARE_ROOT || options->schedule == DSMCC_SCHEDULE_FLAT);
}

struct dsmcc_builder *dsmcc_builder_create(const struct dsmcc_builder_options *options)
{
    struct dsmcc_builder *builder = calloc(1, sizeof *builder);
    if (!builder)
        return NULL;
    if (options)
        builder->options = *options;
    buffer_init(&builder->schedule.section, TS_SECTION_SIZE_MAX);
    builder->carousel.plan.next_key = GATEWAY_KEY + 1;
    if (set_defaults(&builder->options))
        return builder;
    dsmcc_builder_destroy(builder);
    return NULL;
}

void dsmcc_builder_destroy(struct dsmcc_builder *builder)
{
    if (!builder)
        return;
    carousel_finish(&builder->carousel);
    buffer_finish(&builder->schedule.section);
    free(builder);
}

struct dsmcc_change {
    struct carousel carousel;
    size_t modules_changed;
};

struct dsmcc_change *dsmcc_builder_prepare(const struct dsmcc_builder *builder,
                                           const struct dsmcc_source *files, size_t count,
                                           struct error *error)
{
    struct dsmcc_change *change = calloc(1, sizeof *change);
    if (!change) {
        error_set(error, "no memory for a carousel");
        return NULL;
    }
    if (carousel_make(&change->carousel, &builder->carousel, &builder->options, files, count,
                      &change->modules_changed, error))
        return change;
    free(change);
    return NULL;
}

void dsmcc_change_destroy(struct dsmcc_change *change)
{
    if (!change)
        return;
    carousel_finish(&change->carousel);
    free(change);
}

void dsmcc_builder_apply(struct dsmcc_builder *builder, struct dsmcc_change *change)
{
    carousel_replace(&builder->carousel, &change->carousel);
    /* At the start everything is new, and weight alone decides. */
    schedule_changed(builder, builder->started);
    builder->started = true;
    builder->modules_changed = change->modules_changed;
    free(change);
}

bool dsmcc_builder_set_tree(struct dsmcc_builder *builder, const struct dsmcc_source *files, size_t count,
                            struct error *error)
{
    struct dsmcc_change *change = dsmcc_builder_prepare(builder, files, count, error);
    if (change)
        dsmcc_builder_apply(builder, change);
    return change != NULL;
}

void dsmcc_change_export(const struct dsmcc_builder *builder, const struct dsmcc_change *change,
                         struct buffer *state)
{
    state_export(&builder->options, &change->carousel, state);
}

void dsmcc_builder_info(const struct dsmcc_builder *builder, struct dsmcc_builder_info *info)
{
    const struct carousel *carousel = &builder->carousel;
    *info = (struct dsmcc_builder_info){.modules_changed = builder->modules_changed,
                                        .dsi_transaction_id = carousel->dsi.transaction_id,
                                        .rounds = UINT64_MAX};
    for (size_t i = 0; i < carousel->plan.count; i++) {
        info->directories += carousel->plan.nodes[i].directory;
        info->files += !carousel->plan.nodes[i].directory;
        info->file_bytes += carousel->plan.nodes[i].content_size;
    }
    for (size_t i = 0; i < carousel->group_count; i++)
        info->groups += carousel->groups[i].live;
    for (size_t i = 0; i < carousel->module_count; i++) {
        const struct on_air *module = &carousel->modules[i];
        if (!module->live)
            continue;
        uint64_t done = (uint64_t)module->next_block * builder->options.block_size;
        info->modules++;
        info->module_bytes += module->size;
        info->urgent_bytes += module->urgent ? (uint64_t)module->urgent * module->size - done : 0;
        if (module->sent < info->rounds)
            info->rounds = module->sent;
    }
    if (info->modules == 0)
        info->rounds = 0;
}

bool dsmcc_builder_module(const struct dsmcc_builder *builder, size_t index,
                          struct dsmcc_builder_module *module)
{
    const struct carousel *carousel = &builder->carousel;
    for (size_t i = 0; i < carousel->module_count; i++) {
        const struct on_air *on_air = &carousel->modules[i];
        if (!on_air->live || index-- > 0)
            continue;
        *module = (struct dsmcc_builder_module){.module_id = (uint16_t)i,
                                                .version = on_air->version,
                                                .size = on_air->size,
                                                .original_size = on_air->original_size,
                                                .compressed = on_air->compressed,
                                                .weight = (on_air->frequency + FREQUENCY_OF_WEIGHT / 2) /
                                                          FREQUENCY_OF_WEIGHT,
                                                .objects = on_air->objects,
                                                .sent = on_air->sent,
                                                .frequency = on_air->frequency,
                                                .demand = on_air->demand};
        return true;
    }
    return false;
}

bool dsmcc_builder_set_weight(struct dsmcc_builder *builder, const char *path, unsigned weight)
{
    const struct node *node = plan_find(&builder->carousel.plan, path);
    if (!builder->started || !node || node->directory || weight < 1 || weight > 1000)
        return false;
    builder->carousel.modules[node->module_id].frequency = weight * FREQUENCY_OF_WEIGHT;
    return true;
}
