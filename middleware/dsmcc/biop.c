/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/biop.h"
#include "base/text.h"
#include <assert.h>
#include <string.h>

#define MAGIC 0x42494F50u /* "BIOP" */
#define HEADER_SIZE 12    /* magic, version, byte_order, message_type, message_size */
/* objectKey 5, objectKind 8, objectInfo_length 2, serviceContextList_count 1, messageBody_length 4 */
#define OBJECT_SIZE (HEADER_SIZE + 5 + 8 + 2 + 1 + 4)
#define CONTENT_SIZE_SIZE 8
#define BINDING_OBJECT 1
#define BINDING_CONTEXT 2

bool dsmcc_name_is_good(const char *name, size_t size)
{
    if (size == 0 || size > DSMCC_NAME_SIZE_MAX || !text_is_plain(name, size) || memchr(name, '/', size))
        return false;
    return !(name[0] == '.' && (size == 1 || (size == 2 && name[1] == '.')));
}

bool dsmcc_object_read(struct reader *reader, struct dsmcc_object *object)
{
    bool header = reader_u32(reader) == MAGIC;
    header &= reader_u8(reader) == 1; /* version 1.x */
    reader_skip(reader, 1);
    header &= reader_u8(reader) == 0; /* byte_order: big-endian */
    header &= reader_u8(reader) == 0; /* message_type */
    struct reader message = reader_sub(reader, reader_u32(reader));
    bool key = dsmcc_key_read(&message, &object->key);
    object->kind = dsmcc_kind_read(reader_bytes(&message, reader_u32(&message)));
    object->info = reader_bytes(&message, reader_u16(&message));
    unsigned contexts = reader_u8(&message);
    for (unsigned i = 0; i < contexts && !message.failed; i++) {
        reader_skip(&message, 4);
        reader_skip(&message, reader_u16(&message));
    }
    object->body = reader_bytes(&message, reader_u32(&message));
    if (!header || !key || message.failed)
        reader->failed = true;
    return !reader->failed;
}

bool dsmcc_object_content(const struct dsmcc_object *object, struct bytes *content)
{
    struct reader reader;
    reader_init(&reader, object->body.data, object->body.size);
    *content = reader_bytes(&reader, reader_u32(&reader));
    return object->kind == DSMCC_KIND_FILE && !reader.failed;
}

bool dsmcc_bindings_begin(const struct dsmcc_object *object, struct dsmcc_bindings *bindings)
{
    reader_init(&bindings->reader, object->body.data, object->body.size);
    bindings->left = reader_u16(&bindings->reader);
    return (object->kind == DSMCC_KIND_GATEWAY || object->kind == DSMCC_KIND_DIRECTORY) &&
           !bindings->reader.failed;
}

bool dsmcc_bindings_next(struct dsmcc_bindings *bindings, struct dsmcc_binding *binding)
{
    struct reader *reader = &bindings->reader;
    if (bindings->left == 0 || reader->failed)
        return false;
    bindings->left--;
    unsigned components = reader_u8(reader);
    struct bytes kind = {NULL, 0};
    binding->name = kind;
    for (unsigned i = 0; i < components && !reader->failed; i++) {
        binding->name = reader_bytes(reader, reader_u8(reader));
        kind = reader_bytes(reader, reader_u8(reader));
    }
    reader_skip(reader, 1); /* bindingType says the same as kind */
    bool ior = dsmcc_ior_read(reader, &binding->ior);
    reader_skip(reader, reader_u16(reader));
    if (reader->failed || !ior) {
        reader->failed = true;
        return false;
    }
    if (components != 1)
        binding->name.size = 0;
    if (binding->name.size > 0 && binding->name.data[binding->name.size - 1] == 0)
        binding->name.size--;
    binding->kind = dsmcc_kind_read(kind);
    return true;
}

size_t dsmcc_file_size(size_t content_size)
{
    return OBJECT_SIZE + CONTENT_SIZE_SIZE + 4 + content_size;
}

size_t dsmcc_binding_size(size_t name_size, bool file)
{
    return 1 + 1 + name_size + 1 + 1 + 4 + 1 + DSMCC_IOR_SIZE + 2 + (file ? CONTENT_SIZE_SIZE : 0);
}

size_t dsmcc_directory_size(size_t bindings_size)
{
    return OBJECT_SIZE + 2 + bindings_size;
}

/* Everything up to messageBody_length. */
static void append_header(struct buffer *buffer, enum dsmcc_kind kind, uint32_t key, struct bytes info)
{
    buffer_u32(buffer, MAGIC);
    buffer_u16(buffer, 0x0100);
    buffer_u16(buffer, 0); /* byte_order, message_type */
    buffer_u32(buffer, 0); /* message_size, patched by end_message */
    buffer_u8(buffer, 4);
    buffer_u32(buffer, key);
    buffer_u32(buffer, 4);
    buffer_append(buffer, dsmcc_kind_alias(kind), 4);
    buffer_u16(buffer, (unsigned)info.size);
    buffer_append(buffer, info.data, info.size);
    buffer_u8(buffer, 0);  /* serviceContextList_count */
    buffer_u32(buffer, 0); /* messageBody_length */
}

static void end_message(struct buffer *buffer, size_t start, size_t body)
{
    if (buffer->failed)
        return;
    buffer_patch_u32(buffer, start + HEADER_SIZE - 4, (uint32_t)(buffer->size - start - HEADER_SIZE));
    buffer_patch_u32(buffer, body - 4, (uint32_t)(buffer->size - body));
}

void dsmcc_file_append(struct buffer *buffer, uint32_t key, const void *content, size_t size)
{
    size_t start = buffer->size;
    uint8_t content_size[CONTENT_SIZE_SIZE];
    for (unsigned i = 0; i < CONTENT_SIZE_SIZE; i++)
        content_size[i] = (uint8_t)((uint64_t)size >> (56 - 8 * i));
    append_header(buffer, DSMCC_KIND_FILE, key, (struct bytes){content_size, sizeof content_size});
    size_t body = buffer->size;
    buffer_u32(buffer, (uint32_t)size);
    buffer_append(buffer, content, size);
    end_message(buffer, start, body);
}

size_t dsmcc_object_size(size_t info_size, size_t body_size)
{
    return OBJECT_SIZE + info_size + body_size;
}

void dsmcc_object_append(struct buffer *buffer, enum dsmcc_kind kind, uint32_t key, struct bytes info,
                         struct bytes body)
{
    size_t start = buffer->size;
    append_header(buffer, kind, key, info);
    size_t behind = buffer->size;
    buffer_append(buffer, body.data, body.size);
    end_message(buffer, start, behind);
}

size_t dsmcc_directory_begin(struct buffer *buffer, enum dsmcc_kind kind, uint32_t key, size_t count)
{
    size_t start = buffer->size;
    append_header(buffer, kind, key, (struct bytes){NULL, 0});
    buffer_u16(buffer, (unsigned)count);
    return start;
}

void dsmcc_binding_append(struct buffer *buffer, const char *name, size_t name_size,
                          const struct dsmcc_ior *ior)
{
    assert(name_size >= 1 && name_size <= DSMCC_NAME_SIZE_MAX && ior->key.size == 4);
    bool file = ior->kind == DSMCC_KIND_FILE;
    buffer_u8(buffer, 1); /* nameComponents_count */
    buffer_u8(buffer, (unsigned)name_size + 1);
    buffer_append(buffer, name, name_size);
    buffer_u8(buffer, 0);
    buffer_u8(buffer, 4);
    buffer_append(buffer, dsmcc_kind_alias(ior->kind), 4);
    bool context = ior->kind == DSMCC_KIND_DIRECTORY || ior->kind == DSMCC_KIND_GATEWAY;
    buffer_u8(buffer, context ? BINDING_CONTEXT : BINDING_OBJECT);
    dsmcc_ior_append(buffer, ior);
    /* ContentSize 0 means "not signalled": the directory stays the same when a file grows. */
    buffer_u16(buffer, file ? CONTENT_SIZE_SIZE : 0);
    if (file)
        buffer_u64(buffer, 0);
}

void dsmcc_directory_end(struct buffer *buffer, size_t begin)
{
    end_message(buffer, begin, begin + OBJECT_SIZE);
}
