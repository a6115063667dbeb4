/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent when. DSI and DIIs come again after so many bytes; a changed module goes first; else the
 * module that has waited longest, measured in its own intervals, and one whose interval is over goes between
 * the blocks of a rarer one. That keeps each module's sendings evenly spaced, in proportion to its frequency;
 * with the frequency of the square root rule the mean wait of a viewer is near its least (N. H. Vaidya and S.
 * Hameed, "Scheduling data broadcast in asymmetric communication environments", 1999, give rule and bound).
 */
#include "dsmcc/carousel.h"
#include "ts/demux.h"

#define SIZE_OF_WEIGHT_1 (1u << 20) /* a module of this size and demand 1 has weight 1 */
#define SECTION_OVERHEAD 30         /* of a block: section and message headers, CRC */
#define BLOCK_OVERHEAD 122          /* section and message headers, and half a packet of stuffing */
#define GOLDEN_RATIO 2654435769u    /* its fraction, times 2^32 */
#define PRESSING 2              /* times as often as what is under way a module must be due to go between */
#define URGENT_CONTROL_BLOCKS 8 /* while something urgent goes out, its DII is repeated as often */
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

static uint32_t block_count(const struct dsmcc_builder_options *options, const struct on_air *module)
{
    return (module->size + options->block_size - 1) / options->block_size;
}

/* Section bytes that the module takes, once. */
static uint64_t air_of(const struct dsmcc_builder_options *options, const struct on_air *module)
{
    return module->size + (uint64_t)block_count(options, module) * SECTION_OVERHEAD;
}

/* Whether no interval is too long where the rule's frequencies are least or more: a module's interval is the
 * sum of what each takes times its frequency, divided by its own. */
static bool is_often_enough(const struct carousel *carousel, const struct dsmcc_builder_options *options,
                            uint32_t least)
{
    uint64_t cycle = 0, sum = 0;
    for (size_t i = 1; i < carousel->module_count; i++) {
        const struct on_air *module = &carousel->modules[i];
        if (!module->live)
            continue;
        uint64_t air = air_of(options, module);
        cycle += air;
        sum += air * (module->by_rule && module->frequency < least ? least : module->frequency);
    }
    return sum / options->longest_interval <= cycle * least / 100;
}

void schedule_bound(struct carousel *carousel, const struct dsmcc_builder_options *options)
{
    uint32_t low = UINT32_MAX, high = 1;
    for (size_t i = 1; i < carousel->module_count; i++) {
        const struct on_air *module = &carousel->modules[i];
        if (module->live && module->by_rule && module->frequency < low)
            low = module->frequency;
        if (module->live && module->frequency > high)
            high = module->frequency;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_often_enough(carousel, options, middle))
            high = middle;
        else
            low = middle + 1;
    }
    for (size_t i = 1; i < carousel->module_count; i++) {
        struct on_air *module = &carousel->modules[i];
        if (module->live && module->by_rule && module->frequency < low)
            module->frequency = low;
    }
}

/* A module's interval times its frequency, which is the same for all. */
static uint64_t share_of(const struct carousel *carousel, const struct dsmcc_builder_options *options)
{
    uint64_t share = 0;
    for (size_t i = 1; i < carousel->module_count; i++) {
        const struct on_air *module = &carousel->modules[i];
        share += module->live ? air_of(options, module) * module->frequency : 0;
    }
    return share;
}

/* Bytes in which what comes less than once a flat cycle can be sent once beside the rest. */
static uint64_t first_round_of(const struct carousel *carousel, const struct dsmcc_builder_options *options,
                               uint64_t share)
{
    uint64_t cycle = 0, rare = 0, used = 0; /* used: of share, by what comes more often */
    for (size_t i = 1; i < carousel->module_count; i++)
        cycle += carousel->modules[i].live ? air_of(options, &carousel->modules[i]) : 0;
    for (size_t i = 1; i < carousel->module_count; i++) {
        const struct on_air *module = &carousel->modules[i];
        if (module->live && share / module->frequency > cycle)
            rare += air_of(options, module);
        else if (module->live)
            used += air_of(options, module) * module->frequency;
    }
    return used < share ? (uint64_t)((double)rare * (double)share / (double)(share - used)) : 0;
}

/* Spreads modules with neighbouring ids evenly over 0 to length. */
static uint64_t part_of(uint64_t length, size_t module_id)
{
    uint32_t part = (uint32_t)((uint64_t)module_id * GOLDEN_RATIO);
    return (uint64_t)((double)length * part / 4294967296.0);
}

/* At the start modules have waited for a part of their intervals, as they have later at any time; but those
 * with long ones go out once in the first round, for receivers that wait for everything. */
static void begin(struct dsmcc_builder *builder)
{
    struct carousel *carousel = &builder->carousel;
    struct schedule *schedule = &builder->schedule;
    uint64_t share = share_of(carousel, &builder->options);
    schedule->first_round = first_round_of(carousel, &builder->options, share);
    schedule->now += share; /* no interval is longer */
    for (size_t i = 1; i < carousel->module_count; i++) {
        struct on_air *module = &carousel->modules[i];
        if (!module->live)
            continue;
        uint64_t interval = share / module->frequency, round = schedule->first_round;
        module->last = schedule->now - interval + part_of(interval < round ? interval : round, i);
    }
}

void schedule_changed(struct dsmcc_builder *builder, bool urgent)
{
    struct carousel *carousel = &builder->carousel;
    struct schedule *schedule = &builder->schedule;
    if (!urgent)
        begin(builder);
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

/* What choosing looks at. */
struct moment {
    uint64_t now;
    uint64_t share;
    uint32_t fastest; /* of the modules under way */
};

static struct moment moment_of(const struct dsmcc_builder *builder)
{
    const struct carousel *carousel = &builder->carousel;
    struct moment moment = {.now = builder->schedule.now, .share = share_of(carousel, &builder->options)};
    for (size_t i = 1; i < carousel->module_count; i++) {
        const struct on_air *module = &carousel->modules[i];
        if (module->live && module->next_block > 0 && module->frequency > moment.fastest)
            moment.fastest = module->frequency;
    }
    return moment;
}

static uint64_t due(const struct on_air *module, const struct moment *moment)
{
    return module->last + moment->share / module->frequency;
}

enum rank { RANK_WAITS, RANK_UNDER_WAY, RANK_DUE };

static enum rank rank_of(const struct on_air *module, const struct moment *moment)
{
    if (module->next_block > 0)
        return RANK_UNDER_WAY;
    bool pressing = module->frequency / PRESSING >= moment->fastest && due(module, moment) <= moment->now;
    return pressing ? RANK_DUE : RANK_WAITS;
}

/* True where a goes before b: in front, due while a rarer one is under way, under way, due sooner, smaller.
 */
static bool goes_before(const struct on_air *a, const struct on_air *b, const struct moment *moment)
{
    if (a->urgent != b->urgent)
        return a->urgent > b->urgent;
    enum rank x = rank_of(a, moment), y = rank_of(b, moment);
    if (x != y)
        return x > y;
    uint64_t m = due(a, moment), n = due(b, moment);
    if (x != RANK_UNDER_WAY && m != n)
        return m < n;
    if (a->frequency != b->frequency)
        return a->frequency > b->frequency;
    return a->size < b->size;
}

static uint16_t choose(const struct dsmcc_builder *builder)
{
    const struct carousel *carousel = &builder->carousel;
    const struct moment moment = moment_of(builder);
    uint16_t best = 0;
    for (size_t i = 1; i < carousel->module_count; i++) {
        if (carousel->modules[i].live &&
            (best == 0 || goes_before(&carousel->modules[i], &carousel->modules[best], &moment)))
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

/* A module's interval counts from when it was due, so that one that was held up does not hold up those behind
 * it for ever; but not where that is long past. */
static void begin_module(const struct dsmcc_builder *builder, uint16_t module_id)
{
    const struct schedule *schedule = &builder->schedule;
    struct on_air *module = &builder->carousel.modules[module_id];
    uint64_t interval = share_of(&builder->carousel, &builder->options) / module->frequency;
    uint64_t planned = module->last + interval, now = schedule->now;
    if (module->urgent > 0)
        module->last = now;
    else if (module->sent == 0 && interval > schedule->first_round)
        /* Out of the first round into places spread over the whole interval. */
        module->last = planned - (interval - schedule->first_round) +
                       part_of(interval - schedule->first_round, module_id);
    else
        module->last = planned > now || now - planned > interval / 2 ? now : planned;
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
    schedule->current = choose(builder);
    struct on_air *module = &builder->carousel.modules[schedule->current];
    uint32_t count = block_count(&builder->options, module), block = module->next_block;
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
        begin_module(builder, schedule->current);
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
