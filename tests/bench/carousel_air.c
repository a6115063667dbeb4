/* SPDX-License-Identifier: Apache-2.0 */
#include "carousel_air.h"
#include "dsmcc/message.h"
#include "dsmcc/receiver.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PID 0x100
#define FILES_MAX 256 /* made up */
#define LONGEST_INTERVAL 210
#define MODULES_MAX 512
#define BLOCKS_MAX 256
#define WARM_UP 2

static const struct {
    unsigned files, demand;
    size_t least, most; /* bytes */
    const char *folder;
} classes[AIR_CLASSES] = {
    [AIR_POPULAR] = {12, 200, 2000, 9000, "shop"},
    [AIR_ORDINARY] = {60, 20, 4000, 24000, "lists"},
    [AIR_RARE] = {140, 1, 20000, 200000, "pictures"},
};

const char *air_class_str(enum air_class class)
{
    static const char *const names[] = {"popular", "ordinary", "rare"};
    return names[class];
}

static uint32_t next_random(uint64_t *random)
{
    *random ^= *random >> 12;
    *random ^= *random << 25;
    *random ^= *random >> 27;
    return (uint32_t)(*random * UINT64_C(0x2545F4914F6CDD1D) >> 32);
}

/* A section on air. */
struct sent {
    uint64_t start;
    size_t offset; /* into bytes */
    uint16_t size;
    uint16_t module_id, block; /* 0: control */
};

struct air {
    const struct air_options *options;
    unsigned demands[AIR_CLASSES];
    struct dsmcc_builder *builder;
    struct dsmcc_source files[FILES_MAX];
    char paths[FILES_MAX][32];
    size_t file_count;
    struct sent *sent;
    size_t sent_count, sent_capacity;
    struct buffer bytes;
    uint64_t now, begin; /* begin: behind the warm-up */
    struct {
        uint64_t length; /* bytes on air, once */
        uint32_t frequency;
        uint64_t demand;      /* 0: no files */
        enum air_class class; /* of its files */
        unsigned blocks;
    } modules[MODULES_MAX];
};

static bool make_files(struct air *air, uint64_t *random)
{
    for (int class = 0; class < AIR_CLASSES; class ++) {
        air->demands[class] = classes[class].demand;
        for (unsigned i = 0; i < classes[class].files; i++) {
            size_t size =
                classes[class].least + next_random(random) % (classes[class].most - classes[class].least);
            uint8_t *data = malloc(size);
            char *path = air->paths[air->file_count];
            if (!data)
                return false;
            for (size_t j = 0; j < size; j++)
                data[j] = (uint8_t)next_random(random);
            snprintf(path, sizeof air->paths[0], "%s/%u", classes[class].folder, i);
            air->files[air->file_count++] = (struct dsmcc_source){
                .path = path, .data = data, .size = size, .demand = classes[class].demand};
        }
    }
    return true;
}

/* A module's class is told by its demand: files share one only with files of the same. */
static void note_modules(struct air *air)
{
    struct dsmcc_builder_module module;
    for (size_t i = 0; dsmcc_builder_module(air->builder, i, &module); i++) {
        uint64_t each = module.demand / (module.objects ? module.objects : 1);
        air->modules[module.module_id].frequency = module.frequency;
        for (int class = 0; class < AIR_CLASSES; class ++) {
            if (each == air->demands[class] && module.demand == each * module.objects) {
                air->modules[module.module_id].class = class;
                air->modules[module.module_id].demand = module.demand;
            }
        }
        if (module.module_id == 1)
            air->modules[1].demand = 0; /* the directories */
    }
}

static bool send(struct air *air)
{
    size_t size;
    struct dsmcc_message_any any;
    const uint8_t *section = dsmcc_builder_next_section(air->builder, &size);
    if (air->sent_count == air->sent_capacity) {
        size_t capacity = air->sent_capacity ? air->sent_capacity * 2 : 4096;
        struct sent *grown = realloc(air->sent, capacity * sizeof *grown);
        if (!grown)
            return false;
        air->sent = grown;
        air->sent_capacity = capacity;
    }
    struct sent *sent = &air->sent[air->sent_count++];
    *sent = (struct sent){.start = air->now, .offset = air->bytes.size, .size = (uint16_t)size};
    if (dsmcc_message_read(section, size, &any) == DSMCC_MESSAGE_DDB) {
        sent->module_id = any.ddb.module_id;
        sent->block = any.ddb.block_number;
        if (any.ddb.block_number + 1u > air->modules[any.ddb.module_id].blocks) {
            air->modules[any.ddb.module_id].blocks = any.ddb.block_number + 1u;
            air->modules[any.ddb.module_id].length += size;
        }
    }
    buffer_append(&air->bytes, section, size);
    air->now += size;
    return !air->bytes.failed;
}

static double once(const struct air *air)
{
    double bytes = 0;
    for (size_t i = 0; i < MODULES_MAX; i++)
        bytes += (double)air->modules[i].length;
    return bytes;
}

/* From time on, the first section that ends the module for who has nothing of it, or 0 where the record ends.
 */
static uint64_t whole_at(const struct air *air, uint16_t module_id, uint64_t time)
{
    bool have[BLOCKS_MAX] = {false};
    unsigned left = air->modules[module_id].blocks;
    size_t low = 0, high = air->sent_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (air->sent[middle].start < time)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < air->sent_count; i++) {
        const struct sent *sent = &air->sent[i];
        if (sent->module_id != module_id || have[sent->block])
            continue;
        have[sent->block] = true;
        if (--left == 0)
            return sent->start + sent->size;
    }
    return 0;
}

static uint64_t random_time(const struct air *air, double part, uint64_t *random)
{
    uint64_t span = (uint64_t)((double)(air->now - air->begin) * part);
    return air->begin + ((uint64_t)next_random(random) << 32 | next_random(random)) % span;
}

static uint64_t demand_of(const struct air *air, enum air_class class)
{
    uint64_t demand = 0;
    for (size_t i = 0; i < MODULES_MAX; i++)
        demand += air->modules[i].class == class ? air->modules[i].demand : 0;
    return demand;
}

static uint16_t random_module(const struct air *air, enum air_class class, uint64_t *random)
{
    uint64_t at = next_random(random) % demand_of(air, class);
    for (uint16_t i = 0; i < MODULES_MAX; i++) {
        uint64_t demand = air->modules[i].class == class ? air->modules[i].demand : 0;
        if (at < demand)
            return i;
        at -= demand;
    }
    return 0;
}

static bool watch(const struct air *air, unsigned viewers, uint64_t *random, struct air_result *result)
{
    double all = 0;
    for (int class = 0; class < AIR_CLASSES; class ++) {
        double sum = 0, demand = (double)demand_of(air, class);
        for (unsigned i = 0; i < viewers && demand > 0; i++) {
            uint64_t time = random_time(air, 0.6, random);
            uint64_t end = whole_at(air, random_module(air, class, random), time);
            if (end == 0)
                return false;
            sum += (double)(end - time);
        }
        result->classes[class] = sum / viewers;
        all += demand;
        result->mean += result->classes[class] * demand;
    }
    result->mean /= all;
    return true;
}

/* Sends of the module a byte: intervals of s cost s/2 + l - l^2/2s in the mean, and l/s of the air. The least
 * sum has one price of air for all. Never less than least. */
static double rate_at(double price, double demand, double length, double least)
{
    double under = 2 * price * length - demand * length * length;
    double rate = under > 0 ? sqrt(demand / under) : 1 / length;
    rate = rate < 1 / length ? rate : 1 / length;
    return rate > least ? rate : least;
}

static double share_at(const struct air *air, double price, double total, double least)
{
    double share = 0;
    for (size_t i = 0; i < MODULES_MAX; i++) {
        double demand = (double)air->modules[i].demand / total, length = (double)air->modules[i].length;
        share += demand > 0 ? length * rate_at(price, demand, length, least) : 0;
    }
    return share;
}

/* The bound on the mean wait where every module is sent at least that often; on each class's into
 * bound_classes. */
static double find_bound(const struct air *air, double least, struct air_result *result)
{
    double total = 0, low = 1e-9, high = 1e15, weights[AIR_CLASSES] = {0}, bound = 0;
    for (size_t i = 0; i < MODULES_MAX; i++)
        total += (double)air->modules[i].demand;
    for (unsigned i = 0; i < 200; i++) {
        double middle = sqrt(low * high);
        if (share_at(air, middle, total, least) > 1)
            low = middle;
        else
            high = middle;
    }
    memset(result->bound_classes, 0, sizeof result->bound_classes);
    for (size_t i = 0; i < MODULES_MAX; i++) {
        double demand = (double)air->modules[i].demand / total, length = (double)air->modules[i].length;
        if (demand <= 0)
            continue;
        double s = 1 / rate_at(high, demand, length, least);
        double wait = (s / 2 + length - length * length / (2 * s)) / (1 - result->overhead);
        bound += demand * wait;
        result->bound_classes[air->modules[i].class] += demand * wait;
        weights[air->modules[i].class] += demand;
    }
    for (int class = 0; class < AIR_CLASSES; class ++)
        result->bound_classes[class] /= weights[class] > 0 ? weights[class] : 1;
    return bound;
}

static void find_bounds(const struct air *air, struct air_result *result)
{
    unsigned percent = air->options->longest_interval ? air->options->longest_interval : LONGEST_INTERVAL;
    /* In the air of which the overhead is taken away afterwards. */
    double least = 100 / (percent * result->cycle * (1 - result->overhead));
    result->free_bound = find_bound(air, 0, result);
    memcpy(result->free_classes, result->bound_classes, sizeof result->free_classes);
    result->bound = find_bound(air, least, result);
}

static void find_longest(const struct air *air, struct air_result *result)
{
    double share = 0, least = 1e30, all = 0;
    for (size_t i = 0; i < MODULES_MAX; i++) {
        double frequency = air->modules[i].frequency, length = (double)air->modules[i].length;
        share += frequency * length;
        all += length;
        least = frequency > 0 && frequency < least ? frequency : least;
    }
    result->longest = share / least / all;
}

/* The receiver of a box that is switched on at time: when it has everything, or 0. */
static uint64_t all_at(const struct air *air, uint64_t time)
{
    struct dsmcc_receiver *receiver = dsmcc_receiver_create(NULL, PID, NULL, 0, NULL, NULL);
    uint64_t end = 0;
    for (size_t i = 0; receiver && i < air->sent_count && end == 0; i++) {
        const struct sent *sent = &air->sent[i];
        if (sent->start < time)
            continue;
        dsmcc_receiver_push_section(receiver, PID, air->bytes.data + sent->offset, sent->size);
        if (dsmcc_receiver_tree(receiver))
            end = sent->start + sent->size;
    }
    dsmcc_receiver_destroy(receiver);
    return end;
}

static bool acquire(const struct air *air, unsigned receivers, uint64_t *random, struct air_result *result)
{
    for (unsigned i = 0; i < receivers; i++) {
        uint64_t time = random_time(air, 0.4, random), end = all_at(air, time);
        if (end == 0)
            return false;
        double cycles = (double)(end - time) / result->cycle;
        result->acquisition += cycles / receivers;
        result->acquisition_most = cycles > result->acquisition_most ? cycles : result->acquisition_most;
    }
    return true;
}

static void note_overhead(const struct air *air, struct air_result *result)
{
    double control = 0, other = 0;
    for (size_t i = 0; i < air->sent_count; i++) {
        if (air->sent[i].start < air->begin)
            continue;
        control += air->sent[i].module_id == 0 ? air->sent[i].size : 0;
        other += air->sent[i].module_id != 0 && air->modules[air->sent[i].module_id].demand == 0
                     ? air->sent[i].size
                     : 0;
    }
    double all = (double)(air->now - air->begin);
    result->overhead = (control + other) / all;
    result->cycle = once(air) / (1 - control / all);
}

static bool record(struct air *air, const struct air_options *options)
{
    struct dsmcc_builder_info info;
    dsmcc_builder_info(air->builder, &info);
    uint64_t cycle = info.module_bytes;
    note_modules(air);
    while (air->now < cycle * WARM_UP) {
        if (!send(air))
            return false;
    }
    air->begin = air->now;
    while (air->now < air->begin + cycle * options->cycles) {
        if (!send(air))
            return false;
    }
    return true;
}

bool air_run(const struct air_options *options, struct air_result *result)
{
    const struct dsmcc_builder_options how = {.schedule = options->schedule,
                                              .longest_interval = options->longest_interval};
    uint64_t random = options->seed;
    struct air *air = calloc(1, sizeof *air);
    *result = (struct air_result){0};
    if (!air)
        return false;
    air->options = options;
    memcpy(air->demands, options->demands, sizeof air->demands);
    buffer_init(&air->bytes, (size_t)1 << 31);
    air->builder = dsmcc_builder_create(&how);
    bool good = air->builder && (options->files || make_files(air, &random)) &&
                dsmcc_builder_set_tree(air->builder, options->files ? options->files : air->files,
                                       options->files ? options->file_count : air->file_count, NULL) &&
                record(air, options);
    if (good) {
        note_overhead(air, result);
        find_bounds(air, result);
        find_longest(air, result);
        good = watch(air, options->viewers, &random, result) &&
               acquire(air, options->receivers, &random, result);
    }
    for (size_t i = 0; i < air->file_count; i++)
        free((void *)(uintptr_t)air->files[i].data);
    dsmcc_builder_destroy(air->builder);
    buffer_finish(&air->bytes);
    free(air->sent);
    free(air);
    return good;
}
