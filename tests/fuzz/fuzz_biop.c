/* SPDX-License-Identifier: Apache-2.0 */
/* What is inside modules, and a builder's saved state. The first byte chooses: 0 BIOP messages, 1 a zlib
 * module of which two bytes say how large it claims to be, 2 a state whose checksum is put right. */
#include "base/log.h"
#include "dsmcc/biop.h"
#include "dsmcc/builder.h"
#include "dsmcc/message.h"
#include "dsmcc/module.h"
#include "ts/crc32.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void read_bindings(const struct dsmcc_object *object)
{
    struct dsmcc_bindings bindings;
    struct dsmcc_binding binding;
    if (!dsmcc_bindings_begin(object, &bindings))
        return;
    while (dsmcc_bindings_next(&bindings, &binding)) {
        struct buffer again;
        struct dsmcc_ior read;
        struct reader reader;
        if (binding.name.size > 0)
            dsmcc_name_is_good((const char *)binding.name.data, binding.name.size);
        if (binding.ior.foreign || binding.ior.kind == DSMCC_KIND_UNKNOWN)
            continue;
        /* What was understood can be said again. */
        buffer_init(&again, 256);
        dsmcc_ior_append(&again, &binding.ior);
        reader_init(&reader, again.data, again.size);
        require(dsmcc_ior_read(&reader, &read) && reader_left(&reader) == 0 &&
                read.kind == binding.ior.kind && read.module_id == binding.ior.module_id &&
                dsmcc_key_equal(read.key, binding.ior.key));
        buffer_finish(&again);
    }
}

static void read_objects(const uint8_t *data, size_t size)
{
    struct reader reader;
    struct dsmcc_object object;
    struct bytes content;
    reader_init(&reader, data, size);
    while (reader_left(&reader) > 0 && dsmcc_object_read(&reader, &object)) {
        dsmcc_object_content(&object, &content);
        read_bindings(&object);
    }
    struct dsmcc_blob *blob;
    if (dsmcc_blob_create((struct bytes){data, size}, false, (uint32_t)size, 100, &blob) == DSMCC_BLOB_OK)
        dsmcc_blob_find(blob, (struct dsmcc_key){1, 4}, &object);
    dsmcc_blob_unref(blob);
}

static void unpack(const uint8_t *data, size_t size)
{
    if (size < 2)
        return;
    uint32_t original_size = (uint32_t)data[0] << 8 | data[1];
    struct dsmcc_object object;
    struct dsmcc_blob *blob;
    if (dsmcc_blob_create((struct bytes){data + 2, size - 2}, true, original_size, 100, &blob) ==
        DSMCC_BLOB_OK)
        dsmcc_blob_find(blob, (struct dsmcc_key){1, 4}, &object);
    dsmcc_blob_unref(blob);
}

static void import(const uint8_t *data, size_t size)
{
    static const struct dsmcc_source files[] = {
        {"a", "1", 1, 0, 0, NULL}, {"b/c", "2", 1, 0, 0, NULL}, {"b/d", "3", 1, 1, 0, NULL}};
    struct dsmcc_builder *builder = dsmcc_builder_create(NULL);
    struct error error;
    uint8_t *state = malloc(size + 4);
    require(builder && state);
    if (size > 0)
        memcpy(state, data, size);
    uint32_t crc = ts_crc32(data, size);
    for (unsigned i = 0; i < 4; i++)
        state[size + i] = (uint8_t)(crc >> (24 - 8 * i));
    dsmcc_builder_import(builder, state, size + 4, &error);
    free(state);
    /* Whatever was taken, the carousel of it is sound; only more modules than allowed may be in its way. */
    if (dsmcc_builder_set_tree(builder, files, 3, &error)) {
        for (unsigned i = 0; i < 40; i++) {
            struct dsmcc_message_any any;
            size_t section_size;
            const uint8_t *section = dsmcc_builder_next_section(builder, &section_size);
            require(section && ts_crc32(section, section_size) == 0 &&
                    dsmcc_message_read(section, section_size, &any) >= DSMCC_MESSAGE_DSI);
        }
    }
    dsmcc_builder_destroy(builder);
}

static void drop_line(void *context, enum log_level level, const char *module, const char *text)
{
    (void)context;
    (void)level;
    (void)module;
    (void)text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const ways[])(const uint8_t *data, size_t size) = {read_objects, unpack, import};
    log_set_sink(drop_line, NULL);
    if (size > 0)
        ways[data[0] % 3](data + 1, size - 1);
    return 0;
}
