/* SPDX-License-Identifier: Apache-2.0 */
/* What a builder must remember over a restart, as big-endian bytes:
 *   "KKDC" format u16=1 carousel_id u32 next_key u32
 *   DSI: known u8 version u16 hash[32];  groups u16 { the same }
 *   modules u16 { id u16 live u8 version u8 sent_hash[32] }  ascending
 *   nodes u32 { directory u8 key u32 module_id u16 path_size u16 path }  in the plan's order, the gateway
 * first CRC_32 of all that */
#include "base/reader.h"
#include "dsmcc/biop.h"
#include "dsmcc/carousel.h"
#include "ts/crc32.h"
#include <stdlib.h>
#include <string.h>

#define MAGIC 0x4B4B4443u
#define FORMAT 1
#define NODES_MAX 1000000

static void append_control(struct buffer *state, const struct control *control)
{
    buffer_u8(state, control->known);
    buffer_u16(state, control->version);
    buffer_append(state, control->hash, HASH_SIZE);
}

static void append_modules(struct buffer *state, const struct carousel *carousel)
{
    size_t known = 0;
    for (size_t i = 1; i < carousel->module_count; i++)
        known += carousel->modules[i].known;
    buffer_u16(state, (unsigned)known);
    for (size_t i = 1; i < carousel->module_count; i++) {
        const struct on_air *module = &carousel->modules[i];
        if (!module->known)
            continue;
        buffer_u16(state, (unsigned)i);
        buffer_u8(state, module->live);
        buffer_u8(state, module->version);
        buffer_append(state, module->sent_hash, HASH_SIZE);
    }
}

void state_export(const struct dsmcc_builder_options *options, const struct carousel *carousel,
                  struct buffer *state)
{
    size_t start = state->size;
    buffer_u32(state, MAGIC);
    buffer_u16(state, FORMAT);
    buffer_u32(state, options->carousel_id);
    buffer_u32(state, carousel->plan.next_key);
    append_control(state, &carousel->dsi);
    buffer_u16(state, (unsigned)carousel->group_count);
    for (size_t i = 0; i < carousel->group_count; i++)
        append_control(state, &carousel->groups[i]);
    append_modules(state, carousel);
    buffer_u32(state, (uint32_t)carousel->plan.count);
    for (size_t i = 0; i < carousel->plan.count; i++) {
        const struct node *node = &carousel->plan.nodes[i];
        buffer_u8(state, node->directory);
        buffer_u32(state, node->key);
        buffer_u16(state, node->module_id);
        buffer_u16(state, (unsigned)strlen(node->path));
        buffer_append_string(state, node->path);
    }
    if (!state->failed)
        buffer_u32(state, ts_crc32(state->data + start, state->size - start));
}

void dsmcc_builder_export(const struct dsmcc_builder *builder, struct buffer *state)
{
    state_export(&builder->options, &builder->carousel, state);
}

static void read_hash(struct reader *reader, uint8_t hash[HASH_SIZE])
{
    struct bytes bytes = reader_bytes(reader, HASH_SIZE);
    if (bytes.size == HASH_SIZE)
        memcpy(hash, bytes.data, HASH_SIZE);
}

static void read_control(struct reader *reader, struct control *control)
{
    control->known = reader_u8(reader) != 0;
    control->version = reader_u16(reader) & 0x3FFF;
    read_hash(reader, control->hash);
}

/* Ids ascend, so the last one's place bounds the table; it is checked before memory is taken for it. */
static bool read_modules(struct reader *reader, struct carousel *carousel)
{
    unsigned count = reader_u16(reader);
    struct reader look_ahead = *reader;
    unsigned last = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned id = reader_u16(&look_ahead);
        reader_skip(&look_ahead, 2 + HASH_SIZE);
        if (look_ahead.failed || id <= last || id > MODULE_ID_MAX)
            return false;
        last = id;
    }
    carousel->modules = calloc(last + 1, sizeof *carousel->modules);
    if (!carousel->modules)
        return false;
    carousel->module_count = last + 1;
    for (unsigned i = 0; i < count; i++) {
        struct on_air *module = &carousel->modules[reader_u16(reader)];
        module->known = true;
        module->live = reader_u8(reader) != 0;
        module->version = reader_u8(reader);
        read_hash(reader, module->sent_hash);
    }
    return true;
}

static bool read_groups(struct reader *reader, struct carousel *carousel)
{
    size_t count = reader_u16(reader);
    if (reader->failed || count > GROUPS_MAX)
        return false;
    carousel->groups = calloc(count ? count : 1, sizeof *carousel->groups);
    if (!carousel->groups)
        return false;
    carousel->group_count = count;
    for (size_t i = 0; i < count; i++)
        read_control(reader, &carousel->groups[i]);
    return !reader->failed;
}

/* The order of paths is checked: plan_find searches by it. */
static bool read_node(struct reader *reader, struct plan *plan, size_t *names, size_t names_size)
{
    struct node *node = &plan->nodes[plan->count];
    node->directory = reader_u8(reader) != 0;
    node->key = reader_u32(reader);
    node->module_id = reader_u16(reader);
    struct bytes path = reader_bytes(reader, reader_u16(reader));
    if (reader->failed || path.size > DSMCC_PATH_SIZE_MAX || path.size >= names_size - *names ||
        memchr(path.data, 0, path.size) || node->key == 0 || node->key >= plan->next_key ||
        node->module_id == 0 || node->module_id > MODULE_ID_MAX)
        return false;
    node->path = plan->names + *names;
    memcpy(plan->names + *names, path.data, path.size);
    plan->names[*names + path.size] = 0;
    *names += path.size + 1;
    if (plan->count == 0 ? path.size != 0 || !node->directory || node->module_id != GATEWAY_MODULE ||
                               node->key != GATEWAY_KEY
                         : strcmp(plan->nodes[plan->count - 1].path, node->path) >= 0)
        return false;
    plan->count++;
    return true;
}

static bool read_plan(struct reader *reader, struct plan *plan)
{
    size_t count = reader_u32(reader);
    /* A node takes more bytes here than its path and NUL. */
    size_t names_size = reader_left(reader) + 1, names = 0;
    if (reader->failed || count > NODES_MAX || count > reader_left(reader) / 9)
        return false;
    plan->nodes = calloc(count ? count : 1, sizeof *plan->nodes);
    plan->names = malloc(names_size);
    bool good = plan->nodes && plan->names;
    for (size_t i = 0; good && i < count; i++)
        good = read_node(reader, plan, &names, names_size);
    return good;
}

static int compare_keys(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* An object key names one object only. */
static bool keys_differ(const struct plan *plan)
{
    uint32_t *keys = calloc(plan->count ? plan->count : 1, sizeof *keys);
    if (!keys)
        return false;
    for (size_t i = 0; i < plan->count; i++)
        keys[i] = plan->nodes[i].key;
    qsort(keys, plan->count, sizeof *keys, compare_keys);
    bool differ = true;
    for (size_t i = 1; i < plan->count; i++)
        differ = differ && keys[i] != keys[i - 1];
    free(keys);
    return differ;
}

static bool read_carousel(struct reader *reader, struct carousel *carousel)
{
    carousel->plan.next_key = reader_u32(reader);
    read_control(reader, &carousel->dsi);
    return read_groups(reader, carousel) && read_modules(reader, carousel) &&
           read_plan(reader, &carousel->plan) && !reader->failed && reader_left(reader) == 0 &&
           carousel->plan.next_key > GATEWAY_KEY && keys_differ(&carousel->plan);
}

bool dsmcc_builder_import(struct dsmcc_builder *builder, const void *state, size_t size, struct error *error)
{
    struct carousel carousel = {0};
    struct reader reader;
    if (builder->started)
        return error_set(error, "carousel state: to be read before the first files");
    if (size < 4 || ts_crc32(state, size) != 0)
        return error_set(error, "carousel state: damaged, %zu bytes with a wrong checksum", size);
    reader_init(&reader, state, size - 4);
    uint32_t magic = reader_u32(&reader);
    unsigned format = reader_u16(&reader);
    uint32_t carousel_id = reader_u32(&reader);
    if (magic != MAGIC || format != FORMAT)
        return error_set(error, "carousel state: not of a carousel, or of another version of this program");
    if (carousel_id != builder->options.carousel_id)
        return error_set(error, "carousel state: of carousel %u, not %u", carousel_id,
                         builder->options.carousel_id);
    if (!read_carousel(&reader, &carousel)) {
        carousel_finish(&carousel);
        return error_set(error, "carousel state: damaged, or no memory");
    }
    carousel_replace(&builder->carousel, &carousel);
    return true;
}
