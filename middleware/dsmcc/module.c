/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/module.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* No deflate stream grows by more; an original_size beyond it is a lie that costs no memory. */
#define RATIO_MAX 1032

struct dsmcc_blob {
    atomic_uint references;
    struct dsmcc_object *objects; /* by key */
    size_t object_count;
    size_t size;
    uint8_t data[];
};

static bool unpack(struct bytes packed, uint8_t *data, size_t size)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed.data, .avail_in = (uInt)packed.size};
    uint8_t nothing = 0;
    if (inflateInit(&stream) != Z_OK)
        return false;
    stream.next_out = size ? data : &nothing;
    stream.avail_out = (uInt)size;
    int result = inflate(&stream, Z_FINISH);
    bool good = result == Z_STREAM_END && stream.avail_out == 0;
    inflateEnd(&stream);
    return good;
}

static int compare_keys(struct dsmcc_key a, struct dsmcc_key b)
{
    if (a.size != b.size)
        return a.size < b.size ? -1 : 1;
    return a.value < b.value ? -1 : a.value > b.value;
}

static int compare_objects(const void *a, const void *b)
{
    const struct dsmcc_object *x = a, *y = b;
    int order = compare_keys(x->key, y->key);
    /* One after the other in memory: the first of a doubled key stays first. Empty views point there as well.
     */
    return order ? order : (x->body.data < y->body.data ? -1 : x->body.data > y->body.data);
}

static enum dsmcc_blob_result find_objects(struct dsmcc_blob *blob, size_t objects_max)
{
    struct reader reader;
    reader_init(&reader, blob->data, blob->size);
    size_t capacity = 0;
    while (reader_left(&reader) > 0) {
        struct dsmcc_object object;
        if (!dsmcc_object_read(&reader, &object) || blob->object_count == objects_max)
            return DSMCC_BLOB_BAD;
        if (blob->object_count == capacity) {
            capacity = capacity ? capacity * 2 : 8;
            struct dsmcc_object *objects = realloc(blob->objects, capacity * sizeof *objects);
            if (!objects)
                return DSMCC_BLOB_NO_MEMORY;
            blob->objects = objects;
        }
        blob->objects[blob->object_count++] = object;
    }
    struct dsmcc_object *fitting =
        blob->object_count > 0 ? realloc(blob->objects, blob->object_count * sizeof *fitting) : NULL;
    blob->objects = fitting ? fitting : blob->objects;
    if (blob->object_count > 1)
        qsort(blob->objects, blob->object_count, sizeof *blob->objects, compare_objects);
    return DSMCC_BLOB_OK;
}

enum dsmcc_blob_result dsmcc_blob_create(struct bytes data, bool compressed, uint32_t original_size,
                                         size_t objects_max, struct dsmcc_blob **out)
{
    *out = NULL;
    if (compressed ? original_size / RATIO_MAX > data.size : original_size != data.size)
        return DSMCC_BLOB_BAD;
    struct dsmcc_blob *blob = malloc(sizeof *blob + original_size);
    if (!blob)
        return DSMCC_BLOB_NO_MEMORY;
    *blob = (struct dsmcc_blob){.references = 1, .size = original_size};
    enum dsmcc_blob_result result = DSMCC_BLOB_OK;
    if (!compressed && data.size > 0)
        memcpy(blob->data, data.data, data.size);
    else if (compressed && !unpack(data, blob->data, original_size))
        result = DSMCC_BLOB_BAD;
    if (result == DSMCC_BLOB_OK)
        result = find_objects(blob, objects_max);
    if (result == DSMCC_BLOB_OK)
        *out = blob;
    else
        dsmcc_blob_unref(blob);
    return result;
}

struct dsmcc_blob *dsmcc_blob_ref(struct dsmcc_blob *blob)
{
    atomic_fetch_add_explicit(&blob->references, 1, memory_order_relaxed);
    return blob;
}

void dsmcc_blob_unref(struct dsmcc_blob *blob)
{
    if (!blob || atomic_fetch_sub_explicit(&blob->references, 1, memory_order_acq_rel) != 1)
        return;
    free(blob->objects);
    free(blob);
}

size_t dsmcc_blob_table_bytes(const struct dsmcc_blob *blob)
{
    return blob->object_count * sizeof *blob->objects;
}

bool dsmcc_blob_find(const struct dsmcc_blob *blob, struct dsmcc_key key, struct dsmcc_object *object)
{
    size_t low = 0, high = blob->object_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_keys(blob->objects[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == blob->object_count || !dsmcc_key_equal(blob->objects[low].key, key))
        return false;
    *object = blob->objects[low];
    return true;
}

bool dsmcc_module_pack(struct bytes data, struct buffer *packed)
{
    uLongf size = compressBound((uLong)data.size);
    uint8_t *bytes = malloc(size);
    bool smaller = bytes &&
                   compress2(bytes, &size, data.data, (uLong)data.size, Z_BEST_COMPRESSION) == Z_OK &&
                   size < data.size;
    if (smaller) {
        buffer_append(packed, bytes, size);
        smaller = !packed->failed;
    }
    free(bytes);
    return smaller;
}
