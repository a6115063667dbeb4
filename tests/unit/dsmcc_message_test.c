/* SPDX-License-Identifier: Apache-2.0 */
/* DSI, DII, DDB, object references and BIOP messages: what was received off air, good and bad ones, and read
 * after build. */
#include "base/text.h"
#include "dsmcc/biop.h"
#include "dsmcc/message.h"
#include "dsmcc/module.h"
#include "ts/crc32.h"
#include "ts/demux.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Off air (M6, France), with their CRCs. */
static const char dsi_hex[] = "3bb06d0000c100001103100680000000ff000058ffffffffffffffffffffffffffffffffffffff"
                              "ff000000400000000473726700000000"
                              "0149534f0600000028000249534f500a000000ab00010100010149534f4012010000001600470a"
                              "000180000002ffffffff000000006d04"
                              "18cc";
static const char dii_hex[] = "3bb0530002c100001103100280020002ff00003e000000ab0fe200000000000000000000000000"
                              "010001000007550220ffffffffffffff"
                              "ff0000000001000000170047000b0905780000163f7102ffff0000b53cb610";

#define DSI_SIZE 112
#define DII_SIZE 86

static void golden(const char *hex, uint8_t *bytes, size_t size)
{
    assert_int_equal(strlen(hex), 2 * size);
    assert_true(text_unhex(hex, bytes, size));
    assert_int_equal(ts_crc32(bytes, size), 0);
}

static void reads_dsi_off_air(void **state)
{
    (void)state;
    uint8_t section[DSI_SIZE];
    struct dsmcc_message_any any;
    golden(dsi_hex, section, sizeof section);
    assert_int_equal(dsmcc_message_read(section, sizeof section, &any), DSMCC_MESSAGE_DSI);
    assert_int_equal(any.crc, 0x6d0418cc);
    assert_int_equal(any.dsi.transaction_id, 0x80000000);
    assert_int_equal(any.dsi.gateway.kind, DSMCC_KIND_GATEWAY);
    assert_false(any.dsi.gateway.foreign);
    assert_int_equal(any.dsi.gateway.carousel_id, 0xab);
    assert_int_equal(any.dsi.gateway.module_id, 1);
    assert_int_equal(any.dsi.gateway.key.value, 1);
    assert_int_equal(any.dsi.gateway.key.size, 1);
    assert_int_equal(any.dsi.gateway.association_tag, 0x47);
    assert_int_equal(any.dsi.gateway.transaction_id, 0x80000002);
    struct buffer built;
    buffer_init(&built, 4096);
    dsmcc_dsi_append(&built, &any.dsi);
    assert_int_equal(built.size, sizeof section);
    assert_memory_equal(built.data, section, sizeof section);
    buffer_finish(&built);
}

static void reads_dii_off_air(void **state)
{
    (void)state;
    uint8_t section[DII_SIZE];
    struct dsmcc_message_any any;
    struct dsmcc_dii_module module;
    golden(dii_hex, section, sizeof section);
    assert_int_equal(dsmcc_message_read(section, sizeof section, &any), DSMCC_MESSAGE_DII);
    assert_int_equal(any.dii.transaction_id, 0x80020002);
    /* Its reference says 0x80000002: only bits 1..15 tell. */
    assert_int_equal(dsmcc_identification(any.dii.transaction_id), dsmcc_identification(0x80000002));
    assert_int_equal(any.dii.download_id, 0xab);
    assert_int_equal(any.dii.block_size, 4066);
    assert_true(dsmcc_dii_next(&any.dii, &module));
    assert_int_equal(module.module_id, 1);
    assert_int_equal(module.size, 0x755);
    assert_int_equal(module.version, 2);
    assert_true(module.compressed);
    assert_int_equal(module.original_size, 0x163f);
    assert_true(module.has_tap);
    assert_int_equal(module.association_tag, 0x47);
    assert_false(dsmcc_dii_next(&any.dii, &module));
    assert_false(any.dii.modules.failed);
}

struct change {
    const char *name;
    const char *hex; /* the section changed */
    size_t size;
    size_t offset;
    uint8_t value;
    enum dsmcc_message expected;
};

static const struct change changes[] = {
    {"as it is", dsi_hex, DSI_SIZE, 0, 0x3b, DSMCC_MESSAGE_DSI},
    {"private_indicator 1", dsi_hex, DSI_SIZE, 1, 0xf0, DSMCC_MESSAGE_DSI},
    {"checksum, not CRC", dsi_hex, DSI_SIZE, 1, 0x70, DSMCC_MESSAGE_NONE},
    {"other table", dsi_hex, DSI_SIZE, 0, 0x3d, DSMCC_MESSAGE_NONE},
    {"section_length too short", dsi_hex, DSI_SIZE, 2, 0x6c, DSMCC_MESSAGE_NONE},
    {"section_length too long", dsi_hex, DSI_SIZE, 2, 0x6e, DSMCC_MESSAGE_NONE},
    {"discriminator", dsi_hex, DSI_SIZE, 8, 0x12, DSMCC_MESSAGE_BAD},
    {"type", dsi_hex, DSI_SIZE, 9, 0x04, DSMCC_MESSAGE_BAD},
    {"unknown message", dsi_hex, DSI_SIZE, 11, 0x07, DSMCC_MESSAGE_NONE},
    {"DDB in the control table", dsi_hex, DSI_SIZE, 11, 0x03, DSMCC_MESSAGE_NONE},
    {"adaptation beyond the end", dsi_hex, DSI_SIZE, 17, 0xff, DSMCC_MESSAGE_BAD},
    {"messageLength beyond the end", dsi_hex, DSI_SIZE, 19, 0x59, DSMCC_MESSAGE_BAD},
    {"messageLength too short", dsi_hex, DSI_SIZE, 19, 0x10, DSMCC_MESSAGE_BAD},
    {"compatibility beyond the end", dsi_hex, DSI_SIZE, 40, 0x01, DSMCC_MESSAGE_BAD},
    {"private data beyond the end", dsi_hex, DSI_SIZE, 43, 0x41, DSMCC_MESSAGE_BAD},
    {"type_id beyond the end", dsi_hex, DSI_SIZE, 44, 0xff, DSMCC_MESSAGE_BAD},
    {"capital kind", dsi_hex, DSI_SIZE, 48, 'S', DSMCC_MESSAGE_DSI},
    {"no profile", dsi_hex, DSI_SIZE, 55, 0, DSMCC_MESSAGE_BAD},
    {"more profiles than there are", dsi_hex, DSI_SIZE, 55, 2, DSMCC_MESSAGE_BAD},
    {"four thousand million profiles", dsi_hex, DSI_SIZE, 52, 0xff, DSMCC_MESSAGE_BAD},
    {"profile beyond the end", dsi_hex, DSI_SIZE, 62, 0x01, DSMCC_MESSAGE_BAD},
    {"profile too short", dsi_hex, DSI_SIZE, 63, 0x20, DSMCC_MESSAGE_BAD},
    {"little-endian profile", dsi_hex, DSI_SIZE, 64, 1, DSMCC_MESSAGE_BAD},
    {"one component", dsi_hex, DSI_SIZE, 65, 1, DSMCC_MESSAGE_BAD},
    {"a component too many", dsi_hex, DSI_SIZE, 65, 3, DSMCC_MESSAGE_BAD},
    {"no ObjectLocation", dsi_hex, DSI_SIZE, 69, 0x51, DSMCC_MESSAGE_BAD},
    {"ObjectLocation too short", dsi_hex, DSI_SIZE, 70, 9, DSMCC_MESSAGE_BAD},
    {"key of no bytes", dsi_hex, DSI_SIZE, 79, 0, DSMCC_MESSAGE_BAD},
    {"key beyond its component", dsi_hex, DSI_SIZE, 79, 2, DSMCC_MESSAGE_BAD},
    {"key of five bytes", dsi_hex, DSI_SIZE, 79, 5, DSMCC_MESSAGE_BAD},
    {"no Tap", dsi_hex, DSI_SIZE, 86, 0, DSMCC_MESSAGE_BAD},
    {"Tap of another use", dsi_hex, DSI_SIZE, 90, 0x17, DSMCC_MESSAGE_BAD},
    {"selector too short", dsi_hex, DSI_SIZE, 93, 9, DSMCC_MESSAGE_BAD},
    {"selector of another type", dsi_hex, DSI_SIZE, 95, 2, DSMCC_MESSAGE_BAD},
    {"as it is", dii_hex, DII_SIZE, 0, 0x3b, DSMCC_MESSAGE_DII},
    {"block size beyond a section", dii_hex, DII_SIZE, 25, 0xe3, DSMCC_MESSAGE_BAD},
    {"DII in the data table", dii_hex, DII_SIZE, 0, 0x3c, DSMCC_MESSAGE_NONE},
    {"compatibility beyond the end", dii_hex, DII_SIZE, 36, 0x01, DSMCC_MESSAGE_BAD},
};

static void reads_good_and_bad_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        uint8_t section[DSI_SIZE];
        struct dsmcc_message_any any;
        golden(changes[i].hex, section, changes[i].size);
        section[changes[i].offset] = changes[i].value;
        enum dsmcc_message message = dsmcc_message_read(section, changes[i].size, &any);
        if (message != changes[i].expected)
            fail_msg("%s: message %d, expected %d", changes[i].name, message, changes[i].expected);
    }
}

static void reads_block_size_zero_as_the_usual(void **state)
{
    (void)state;
    uint8_t section[DII_SIZE];
    struct dsmcc_message_any any;
    golden(dii_hex, section, sizeof section);
    section[24] = section[25] = 0;
    assert_int_equal(dsmcc_message_read(section, sizeof section, &any), DSMCC_MESSAGE_DII);
    assert_int_equal(any.dii.block_size, DSMCC_BLOCK_SIZE_MAX);
}

/* Bad module loops: offset of a byte, its value. The loop starts at 38 with numberOfModules, moduleInfo
 * at 48. */
static void refuses_bad_module_loops(void **state)
{
    (void)state;
    static const struct {
        size_t offset;
        uint8_t value;
    } bad[] = {{39, 2},    {38, 255},  {47, 0xff}, {47, 0x1f}, {60, 9},
               {67, 0x20}, {68, 0x0c}, {70, 0x79}, {70, 4}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t section[DII_SIZE];
        struct dsmcc_message_any any;
        struct dsmcc_dii_module module;
        golden(dii_hex, section, sizeof section);
        section[bad[i].offset] = bad[i].value;
        assert_int_equal(dsmcc_message_read(section, sizeof section, &any), DSMCC_MESSAGE_DII);
        while (dsmcc_dii_next(&any.dii, &module))
            ;
        if (!any.dii.modules.failed)
            fail_msg("byte %zu as 0x%02x was taken", bad[i].offset, bad[i].value);
    }
}

/* However much is missing at the end: refused, without a byte read beyond (the sanitizers look). */
static void refuses_every_cut(void **state)
{
    (void)state;
    const struct {
        const char *hex;
        size_t size;
    } whole[] = {{dsi_hex, DSI_SIZE}, {dii_hex, DII_SIZE}};
    for (size_t i = 0; i < 2; i++) {
        uint8_t section[DSI_SIZE];
        golden(whole[i].hex, section, whole[i].size);
        for (size_t size = 0; size < whole[i].size - 4; size++) {
            uint8_t *cut = malloc(size ? size : 1);
            struct dsmcc_message_any any;
            struct dsmcc_dii_module module;
            assert_non_null(cut);
            memcpy(cut, section, size);
            if (size > 2)
                cut[2] = (uint8_t)(size - 3);
            enum dsmcc_message message = dsmcc_message_read(cut, size, &any);
            if (message == DSMCC_MESSAGE_DII)
                while (dsmcc_dii_next(&any.dii, &module))
                    ;
            assert_true(message == DSMCC_MESSAGE_NONE || message == DSMCC_MESSAGE_BAD ||
                        (message == DSMCC_MESSAGE_DII && any.dii.modules.failed));
            free(cut);
        }
    }
}

static void counts_transaction_ids(void **state)
{
    (void)state;
    assert_int_equal(dsmcc_transaction_id(0, 0), 0x80000000);
    assert_int_equal(dsmcc_transaction_id(0, 1), 0x80010001);
    assert_int_equal(dsmcc_transaction_id(0, 2), 0x80020000);
    assert_int_equal(dsmcc_transaction_id(1, 0), 0x80000002);
    assert_int_equal(dsmcc_transaction_id(1, 1), 0x80010003);
    assert_int_equal(dsmcc_transaction_id(1, 0x4000), 0x80000002);
    assert_int_equal(dsmcc_identification(0x80010003), 1);
    assert_int_equal(dsmcc_identification(0xffffffff), 0x7fff);
}

static void builds_dii_and_ddb(void **state)
{
    (void)state;
    struct dsmcc_dii_module modules[DSMCC_DII_MODULES_MAX], read;
    for (size_t i = 0; i < DSMCC_DII_MODULES_MAX; i++)
        modules[i] = (struct dsmcc_dii_module){.module_id = (uint16_t)(i + 1),
                                               .size = (uint32_t)(1000 + i),
                                               .version = (uint8_t)(i * 3),
                                               .compressed = i % 2,
                                               .original_size = (uint32_t)(i % 2 ? 5000 : 1000 + i),
                                               .has_tap = true,
                                               .association_tag = 0x0b};
    struct buffer section;
    buffer_init(&section, 4096);
    dsmcc_dii_append(&section, 0x80010003, 7, 4000, modules, DSMCC_DII_MODULES_MAX);
    assert_false(section.failed);
    assert_int_equal(ts_crc32(section.data, section.size), 0);
    assert_int_equal(section.data[1] >> 4, 0xb);
    struct dsmcc_message_any any;
    assert_int_equal(dsmcc_message_read(section.data, section.size, &any), DSMCC_MESSAGE_DII);
    assert_int_equal(any.dii.block_size, 4000);
    for (size_t i = 0; i < DSMCC_DII_MODULES_MAX; i++) {
        assert_true(dsmcc_dii_next(&any.dii, &read));
        assert_int_equal(read.module_id, modules[i].module_id);
        assert_int_equal(read.size, modules[i].size);
        assert_int_equal(read.version, modules[i].version);
        assert_int_equal(read.compressed, modules[i].compressed);
        assert_int_equal(read.original_size, modules[i].original_size);
        assert_int_equal(read.association_tag, 0x0b);
    }
    assert_false(dsmcc_dii_next(&any.dii, &read));
    static uint8_t block[DSMCC_BLOCK_SIZE_MAX + 1];
    memset(block, 0x5a, sizeof block);
    struct dsmcc_ddb ddb = {7, 300, 37, 254, {block, DSMCC_BLOCK_SIZE_MAX}};
    buffer_clear(&section);
    dsmcc_ddb_append(&section, &ddb, 254);
    assert_int_equal(section.size, TS_SECTION_SIZE_MAX);
    assert_int_equal(dsmcc_message_read(section.data, section.size, &any), DSMCC_MESSAGE_DDB);
    assert_int_equal(any.ddb.download_id, 7);
    assert_int_equal(any.ddb.module_id, 300);
    assert_int_equal(any.ddb.version, 37);
    assert_int_equal(any.ddb.block_number, 254);
    assert_int_equal(any.ddb.data.size, DSMCC_BLOCK_SIZE_MAX);
    assert_memory_equal(any.ddb.data.data, block, DSMCC_BLOCK_SIZE_MAX);
    buffer_clear(&section);
    ddb.data.size = DSMCC_BLOCK_SIZE_MAX + 1;
    dsmcc_ddb_append(&section, &ddb, 254);
    assert_true(section.failed);
    buffer_finish(&section);
}

static const struct dsmcc_ior file_ior = {.kind = DSMCC_KIND_FILE,
                                          .carousel_id = 7,
                                          .module_id = 2,
                                          .key = {0x01020304, 4},
                                          .association_tag = 0x0b,
                                          .transaction_id = 0x80000002,
                                          .timeout_us = 1};

static void append_directory(struct buffer *buffer)
{
    struct dsmcc_ior directory_ior = file_ior;
    directory_ior.kind = DSMCC_KIND_DIRECTORY;
    size_t start = dsmcc_directory_begin(buffer, DSMCC_KIND_GATEWAY, 9, 2);
    dsmcc_binding_append(buffer, "a.json", 6, &file_ior);
    dsmcc_binding_append(buffer, "b", 1, &directory_ior);
    dsmcc_directory_end(buffer, start);
}

static void builds_directories(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4096);
    append_directory(&buffer);
    assert_int_equal(buffer.size,
                     dsmcc_directory_size(dsmcc_binding_size(6, true) + dsmcc_binding_size(1, false)));
    struct reader reader;
    struct dsmcc_object object;
    struct dsmcc_bindings bindings;
    struct dsmcc_binding binding;
    reader_init(&reader, buffer.data, buffer.size);
    assert_true(dsmcc_object_read(&reader, &object));
    assert_int_equal(reader_left(&reader), 0);
    assert_int_equal(object.kind, DSMCC_KIND_GATEWAY);
    assert_true(dsmcc_key_equal(object.key, (struct dsmcc_key){9, 4}));
    assert_true(dsmcc_bindings_begin(&object, &bindings));
    assert_true(dsmcc_bindings_next(&bindings, &binding));
    assert_int_equal(binding.name.size, 6);
    assert_memory_equal(binding.name.data, "a.json", 6);
    assert_int_equal(binding.kind, DSMCC_KIND_FILE);
    assert_memory_equal(&binding.ior.transaction_id, &file_ior.transaction_id, 4);
    assert_int_equal(binding.ior.module_id, 2);
    assert_int_equal(binding.ior.key.value, 0x01020304);
    assert_true(dsmcc_bindings_next(&bindings, &binding));
    assert_int_equal(binding.kind, DSMCC_KIND_DIRECTORY);
    assert_false(dsmcc_bindings_next(&bindings, &binding));
    assert_false(bindings.reader.failed);
    buffer_finish(&buffer);
}

static void builds_files(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4096);
    dsmcc_file_append(&buffer, 1, "content", 7);
    dsmcc_file_append(&buffer, 2, "", 0);
    assert_int_equal(buffer.size, dsmcc_file_size(7) + dsmcc_file_size(0));
    struct reader reader;
    struct dsmcc_object object;
    struct bytes content;
    reader_init(&reader, buffer.data, buffer.size);
    assert_true(dsmcc_object_read(&reader, &object));
    assert_true(dsmcc_object_content(&object, &content));
    assert_int_equal(content.size, 7);
    assert_memory_equal(content.data, "content", 7);
    assert_true(dsmcc_object_read(&reader, &object));
    assert_true(dsmcc_object_content(&object, &content));
    assert_int_equal(content.size, 0);
    buffer_finish(&buffer);
}

/* Cut anywhere, a message is refused; so it is with a header that is wrong. */
static void refuses_bad_objects(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4096);
    append_directory(&buffer);
    struct reader reader;
    struct dsmcc_object object;
    for (size_t size = 0; size < buffer.size; size++) {
        uint8_t *cut = malloc(size ? size : 1);
        assert_non_null(cut);
        memcpy(cut, buffer.data, size);
        reader_init(&reader, cut, size);
        assert_false(dsmcc_object_read(&reader, &object));
        free(cut);
    }
    static const struct {
        size_t offset;
        uint8_t value;
    } bad[] = {{0, 'b'}, {4, 2},  {6, 1},  {7, 1},    {8, 1}, {11, 1},
               {12, 0},  {12, 5}, {17, 1}, {26, 255}, {27, 9}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t bytes[4096];
        memcpy(bytes, buffer.data, buffer.size);
        bytes[bad[i].offset] = bad[i].value;
        reader_init(&reader, bytes, buffer.size);
        if (dsmcc_object_read(&reader, &object))
            fail_msg("byte %zu as 0x%02x was taken", bad[i].offset, bad[i].value);
    }
    buffer_finish(&buffer);
}

static void refuses_bad_bindings(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4096);
    append_directory(&buffer);
    struct reader reader;
    struct dsmcc_object object;
    struct dsmcc_binding binding;
    reader_init(&reader, buffer.data, buffer.size);
    assert_true(dsmcc_object_read(&reader, &object));
    for (size_t size = 0; size < object.body.size; size++) {
        uint8_t *cut = malloc(size ? size : 1);
        assert_non_null(cut);
        memcpy(cut, object.body.data, size);
        struct dsmcc_object part = object;
        part.body = (struct bytes){cut, size};
        struct dsmcc_bindings bindings;
        bool good = dsmcc_bindings_begin(&part, &bindings);
        assert_true(good == (size >= 2));
        while (dsmcc_bindings_next(&bindings, &binding))
            ;
        assert_true(bindings.reader.failed);
        free(cut);
    }
    buffer_finish(&buffer);
}

static void knows_good_names(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "...", "..a", ".hidden", "a b", "图.jpg", "\\", "-"};
    static const char *const bad[] = {"",     ".",    "..",       "a/b",     "/",        "a\n",
                                      "\x7f", "\xff", "\xc0\xaf", "\x1b[2J", "\xc2\x9bK"};
    char longest[DSMCC_NAME_SIZE_MAX + 1];
    memset(longest, 'x', sizeof longest);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(dsmcc_name_is_good(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(dsmcc_name_is_good(bad[i], strlen(bad[i])));
    assert_false(dsmcc_name_is_good("a\0b", 3));
    assert_true(dsmcc_name_is_good(longest, DSMCC_NAME_SIZE_MAX));
    assert_false(dsmcc_name_is_good(longest, DSMCC_NAME_SIZE_MAX + 1));
}

/* A zlib stream of a module with one file of size zeros. */
static void pack_zeros(size_t size, struct buffer *raw, struct buffer *packed)
{
    uint8_t *zeros = calloc(1, size);
    assert_non_null(zeros);
    buffer_init(raw, size + 1000);
    buffer_init(packed, size + 1000);
    dsmcc_file_append(raw, 1, zeros, size);
    assert_true(dsmcc_module_pack(buffer_view(raw), packed));
    free(zeros);
}

static void unpacks_what_was_announced_only(void **state)
{
    (void)state;
    struct buffer raw, packed;
    pack_zeros(1000000, &raw, &packed);
    struct bytes data = buffer_view(&packed);
    uint32_t size = (uint32_t)raw.size;
    struct dsmcc_blob *blob;
    struct dsmcc_object object;
    assert_int_equal(dsmcc_blob_create(data, true, size, 10, &blob), DSMCC_BLOB_OK);
    assert_true(dsmcc_blob_find(blob, (struct dsmcc_key){1, 4}, &object));
    assert_false(dsmcc_blob_find(blob, (struct dsmcc_key){1, 1}, &object));
    dsmcc_blob_unref(blob);
    assert_int_equal(dsmcc_blob_create(data, true, size - 1, 10, &blob), DSMCC_BLOB_BAD); /* a bomb */
    assert_null(blob);
    assert_int_equal(dsmcc_blob_create(data, true, 0, 10, &blob), DSMCC_BLOB_BAD);
    assert_int_equal(dsmcc_blob_create(data, true, size + 1, 10, &blob), DSMCC_BLOB_BAD);
    assert_int_equal(dsmcc_blob_create(data, true, 0xffffffff, 10, &blob),
                     DSMCC_BLOB_BAD); /* more than deflate can */
    assert_int_equal(dsmcc_blob_create(data, false, size, 10, &blob), DSMCC_BLOB_BAD);
    packed.data[packed.size / 2] ^= 0x10;
    assert_int_equal(dsmcc_blob_create(data, true, size, 10, &blob), DSMCC_BLOB_BAD);
    assert_int_equal(dsmcc_blob_create(buffer_view(&raw), false, size, 0, &blob),
                     DSMCC_BLOB_BAD); /* too many objects */
    assert_int_equal(dsmcc_blob_create((struct bytes){NULL, 0}, false, 0, 10, &blob), DSMCC_BLOB_OK);
    dsmcc_blob_unref(blob);
    buffer_finish(&raw);
    buffer_finish(&packed);
}

/* The head of a block is known by everything in it: any other byte makes it something to look at whole. */
static void test_ddb_peek(void **state)
{
    (void)state;
    const struct dsmcc_ddb ddb = {.download_id = 0x12345678,
                                  .module_id = 0x0203,
                                  .version = 37,
                                  .block_number = 259,
                                  .data = {(const uint8_t *)"block", 5}};
    struct dsmcc_ddb peeked;
    struct buffer section;
    buffer_init(&section, 4096);
    dsmcc_ddb_append(&section, &ddb, 4);
    assert_true(section.size >= TS_SECTION_HEAD_SIZE);
    assert_true(dsmcc_ddb_peek(section.data, &peeked));
    assert_int_equal(peeked.download_id, ddb.download_id);
    assert_int_equal(peeked.module_id, ddb.module_id);
    assert_int_equal(peeked.version, ddb.version);
    assert_int_equal(peeked.block_number, ddb.block_number);
    static const size_t told_twice[] = {0, 3, 4, 5, 6, 8, 9, 10, 11, 17, 20, 21, 22, 25};
    for (size_t i = 0; i < sizeof told_twice / sizeof told_twice[0]; i++) {
        section.data[told_twice[i]] ^= 2;
        assert_false(dsmcc_ddb_peek(section.data, &peeked));
        section.data[told_twice[i]] ^= 2;
    }
    section.data[1] ^= 0x80; /* no CRC_32 */
    assert_false(dsmcc_ddb_peek(section.data, &peeked));
    buffer_finish(&section);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ddb_peek),
        cmocka_unit_test(reads_dsi_off_air),
        cmocka_unit_test(reads_dii_off_air),
        cmocka_unit_test(reads_good_and_bad_messages),
        cmocka_unit_test(reads_block_size_zero_as_the_usual),
        cmocka_unit_test(refuses_bad_module_loops),
        cmocka_unit_test(refuses_every_cut),
        cmocka_unit_test(counts_transaction_ids),
        cmocka_unit_test(builds_dii_and_ddb),
        cmocka_unit_test(builds_directories),
        cmocka_unit_test(builds_files),
        cmocka_unit_test(refuses_bad_objects),
        cmocka_unit_test(refuses_bad_bindings),
        cmocka_unit_test(knows_good_names),
        cmocka_unit_test(unpacks_what_was_announced_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
