/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent when. DSI and DIIs come again after so many bytes; a changed module goes first; else the
 * module that has waited longest, measured in its own intervals. That keeps each module's sendings evenly
 * spaced, in proportion to its frequency; with the frequency of the square root rule the mean wait of a
 * viewer is near its least (N. H. Vaidya and S. Hameed, "Scheduling data broadcast in asymmetric
 * communication environments", 1999, give rule and bound). */
#include "dsmcc/carousel.h"
#include "ts/demux.h"

#define SIZE_OF_WEIGHT_1 (1u << 20)   /* a module of this size and demand 1 has weight 1 */
#define BLOCK_OVERHEAD 122            /* section and message headers, and half a packet of stuffing */
#define URGENT_CONTROL_BLOCKS 8       /* while something urgent goes out, its DII is repeated as often */
#define URGENT_TWICE_MAX (512 * 1024) /* so much is sent twice at once: a lost packet costs no round */

static uint64_t square_root(uint64_t value)
{
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1) {
        if ((root | bit) * (root | bit) <= value)
            root |= bit;
    }
    return root;
}

uint32_t schedule_frequency(uint64_t demand, uint32_t size)
{
    uint64_t unit = (uint64_t)FREQUENCY_OF_WEIGHT * FREQUENCY_OF_WEIGHT * SIZE_OF_WEIGHT_1;
    uint64_t most = UINT64_MAX / unit;
    uint64_t frequency = square_root((demand < most ? demand : most) * unit / (size + BLOCK_OVERHEAD));
    return frequency > 0 ? (uint32_t)frequency : 1;
}

static uint32_t block_count(const struct dsmcc_builder *builder, const struct on_air *module)
{
    return (module->size + builder->options.block_size - 1) / builder->options.block_size;
}

void schedule_changed(struct dsmcc_builder *builder, bool urgent)
{
    struct carousel *carousel = &builder->carousel;
    struct schedule *schedule = &builder->schedule;
    uint64_t bytes = 0;
    for (size_t i = 1; i < carousel->module_count; i++)
        bytes += carousel->modules[i].urgent ? carousel->modules[i].size : 0;
    for (size_t i = 1; i < carousel->module_count; i++) {
        struct on_air *module = &carousel->modules[i];
        if (module->urgent)
            module->urgent = !urgent ? 0 : bytes <= URGENT_TWICE_MAX ? 2 : 1;
    }
    /* What was under way goes on at its next_block, if it is still the same module. */
    schedule->current = 0;
    schedule->control = 0;
    schedule->since_control = 0;
}

/* True where a goes before b: in front, under way, longer waited for, smaller. */
static bool goes_before(const struct on_air *a, const struct on_air *b, uint64_t now)
{
    if (a->urgent != b->urgent)
        return a->urgent > b->urgent;
    if ((a->next_block > 0) != (b->next_block > 0))
        return a->next_block > 0;
    if ((a->sent == 0) != (b->sent == 0))
        return a->sent == 0;
    uint64_t x = (now - a->last) * a->frequency, y = (now - b->last) * b->frequency;
    if (x != y)
        return x > y;
    if (a->frequency != b->frequency)
        return a->frequency > b->frequency;
    return a->size < b->size;
}

static uint16_t choose(const struct carousel *carousel, uint64_t now)
{
    uint16_t best = 0;
    for (size_t i = 1; i < carousel->module_count; i++) {
        if (carousel->modules[i].live &&
            (best == 0 || goes_before(&carousel->modules[i], &carousel->modules[best], now)))
            best = (uint16_t)i;
    }
    return best;
}

static bool anything_urgent(const struct carousel *carousel)
{
    for (size_t i = 1; i < carousel->module_count; i++) {
        if (carousel->modules[i].urgent > 0)
            return true;
    }
    return false;
}

static void finish_module(struct dsmcc_builder *builder, struct on_air *module)
{
    struct schedule *schedule = &builder->schedule;
    bool urgent = module->urgent > 0;
    module->next_block = 0;
    module->sent++;
    module->urgent -= urgent;
    schedule->current = 0;
    /* Of several DIIs a receiver must hear each after the last that changed to know that all is there. */
    if (urgent && builder->carousel.group_count > 1 && !anything_urgent(&builder->carousel))
        schedule->control = 0;
}

static void append_block(struct dsmcc_builder *builder)
{
    struct schedule *schedule = &builder->schedule;
    if (schedule->current == 0)
        schedule->current = choose(&builder->carousel, schedule->now);
    struct on_air *module = &builder->carousel.modules[schedule->current];
    uint32_t count = block_count(builder, module), block = module->next_block;
    size_t offset = (size_t)block * builder->options.block_size, left = module->size - offset;
    struct dsmcc_ddb ddb = {
        .download_id = builder->options.carousel_id,
        .module_id = schedule->current,
        .version = module->version,
        .block_number = (uint16_t)block,
        .data = {module->data + offset,
                 left < builder->options.block_size ? left : builder->options.block_size},
    };
    dsmcc_ddb_append(&schedule->section, &ddb, (uint8_t)(count - 1));
    if (block == 0)
        module->last = schedule->now;
    schedule->now += schedule->section.size;
    schedule->since_control += schedule->section.size;
    size_t interval = builder->options.control_interval_bytes;
    if (module->urgent > 0 && interval > URGENT_CONTROL_BLOCKS * (size_t)builder->options.block_size)
        interval = URGENT_CONTROL_BLOCKS * (size_t)builder->options.block_size;
    if (schedule->since_control >= interval) {
        schedule->since_control = 0;
        schedule->control = 0;
    }
    module->next_block++;
    if (module->next_block == count)
        finish_module(builder, module);
}

/* False where this round of control messages is over. */
static bool append_control(struct dsmcc_builder *builder)
{
    struct schedule *schedule = &builder->schedule;
    const struct carousel *carousel = &builder->carousel;
    const struct control *control = NULL;
    while (schedule->control <= carousel->group_count && !control) {
        control = schedule->control == 0 ? &carousel->dsi : &carousel->groups[schedule->control - 1];
        control = control->live ? control : NULL;
        schedule->control++;
    }
    if (control)
        buffer_append(&schedule->section, control->section.data, control->section.size);
    return control != NULL;
}

const uint8_t *dsmcc_builder_next_section(void *context, size_t *size)
{
    struct dsmcc_builder *builder = context;
    struct buffer *section = &builder->schedule.section;
    *size = 0;
    if (!builder->started)
        return NULL;
    buffer_clear(section);
    if (!append_control(builder))
        append_block(builder);
    if (section->failed)
        return NULL;
    *size = section->size;
    return section->data;
}
