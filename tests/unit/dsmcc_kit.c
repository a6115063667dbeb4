/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc_kit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void on_tree(void *context, struct dsmcc_tree *tree)
{
    struct kit *kit = context;
    kit->trees++;
    dsmcc_tree_unref(kit->tree);
    kit->tree = dsmcc_tree_ref(tree);
    if (kit->destroy_on_tree) {
        dsmcc_receiver_destroy(kit->receiver);
        kit->receiver = NULL;
    }
}

static void on_module(void *context, const struct dsmcc_module_status *module)
{
    struct kit *kit = context;
    assert_true(module->complete);
    kit->modules++;
    if (kit->destroy_on_module) {
        dsmcc_receiver_destroy(kit->receiver);
        kit->receiver = NULL;
    }
}

void kit_begin(struct kit *kit, const struct dsmcc_receiver_options *options,
               const struct dsmcc_tap_pid *taps, size_t tap_count)
{
    *kit = (struct kit){.pid = PID};
    struct dsmcc_receiver_events events = {.context = kit, .tree = on_tree, .module = on_module};
    kit->receiver = dsmcc_receiver_create(NULL, PID, taps, tap_count, options, &events);
    assert_non_null(kit->receiver);
    buffer_init(&kit->module, MODULE_MAX);
    buffer_init(&kit->section, TS_SECTION_SIZE_MAX);
}

void kit_end(struct kit *kit)
{
    dsmcc_receiver_destroy(kit->receiver);
    dsmcc_tree_unref(kit->tree);
    buffer_finish(&kit->module);
    buffer_finish(&kit->section);
}

void push(struct kit *kit)
{
    assert_false(kit->section.failed);
    if (kit->receiver)
        dsmcc_receiver_push_section(kit->receiver, kit->pid, kit->section.data, kit->section.size);
    buffer_clear(&kit->section);
}

struct dsmcc_ior ior_of(enum dsmcc_kind kind, uint16_t module_id, uint32_t key)
{
    return (struct dsmcc_ior){.kind = kind,
                              .carousel_id = CAROUSEL,
                              .module_id = module_id,
                              .key = {key, 4},
                              .transaction_id = 0x80000002};
}

void send_dsi(struct kit *kit, uint16_t module_id, uint32_t key)
{
    struct dsmcc_dsi dsi = {.transaction_id = 0x80000000,
                            .gateway = ior_of(DSMCC_KIND_GATEWAY, module_id, key)};
    dsmcc_dsi_append(&kit->section, &dsi);
    push(kit);
}

void begin_directory(struct kit *kit, enum dsmcc_kind kind, uint32_t key, size_t count)
{
    kit->directory = dsmcc_directory_begin(&kit->module, kind, key, count);
}

void bind_name(struct kit *kit, const char *name, size_t size, enum dsmcc_kind kind, uint16_t module_id,
               uint32_t key)
{
    struct dsmcc_ior ior = ior_of(kind, module_id, key);
    dsmcc_binding_append(&kit->module, name, size, &ior);
}

void bind_file(struct kit *kit, const char *name, uint16_t module_id, uint32_t key)
{
    bind_name(kit, name, strlen(name), DSMCC_KIND_FILE, module_id, key);
}

void bind_directory(struct kit *kit, const char *name, uint16_t module_id, uint32_t key)
{
    bind_name(kit, name, strlen(name), DSMCC_KIND_DIRECTORY, module_id, key);
}

void end_directory(struct kit *kit)
{
    dsmcc_directory_end(&kit->module, kit->directory);
}

void add_file(struct kit *kit, uint32_t key, const char *content)
{
    dsmcc_file_append(&kit->module, key, content, strlen(content));
}

struct dsmcc_dii_module plain(uint16_t module_id, uint8_t version, size_t size)
{
    return (struct dsmcc_dii_module){
        .module_id = module_id, .version = version, .size = (uint32_t)size, .original_size = (uint32_t)size};
}

void send_dii(struct kit *kit, uint32_t transaction_id, const struct dsmcc_dii_module *modules, size_t count)
{
    dsmcc_dii_append(&kit->section, transaction_id, CAROUSEL, BLOCK, modules, count);
    push(kit);
}

size_t block_count(size_t size)
{
    return (size + BLOCK - 1) / BLOCK;
}

void send_block(struct kit *kit, uint16_t module_id, uint8_t version, struct bytes data, size_t block)
{
    size_t offset = block * BLOCK, left = data.size - offset;
    struct dsmcc_ddb ddb = {
        CAROUSEL, module_id, version, (uint16_t)block, {data.data + offset, left < BLOCK ? left : BLOCK}};
    dsmcc_ddb_append(&kit->section, &ddb, (uint8_t)(block_count(data.size) - 1));
    push(kit);
}

void send_blocks(struct kit *kit, uint16_t module_id, uint8_t version, struct bytes data)
{
    for (size_t i = 0; i < block_count(data.size); i++)
        send_block(kit, module_id, version, data, i);
}

void send_single(struct kit *kit)
{
    struct dsmcc_dii_module module = plain(1, 0, kit->module.size);
    assert_false(kit->module.failed);
    send_dsi(kit, 1, 1);
    send_dii(kit, 0x80000002, &module, 1);
    send_blocks(kit, 1, 0, buffer_view(&kit->module));
}

struct dsmcc_progress progress_of(struct kit *kit)
{
    struct dsmcc_progress progress;
    dsmcc_receiver_progress(kit->receiver, &progress);
    return progress;
}

void assert_file(struct kit *kit, const char *path, const char *content)
{
    assert_non_null(kit->tree);
    const struct dsmcc_entry *entry = dsmcc_tree_find(kit->tree, path);
    if (!entry)
        fail_msg("%s is not in the tree", path);
    assert_int_equal(entry->data.size, strlen(content));
    assert_memory_equal(entry->data.data, content, strlen(content));
}

void make_simple(struct kit *kit, const char *content)
{
    buffer_clear(&kit->module);
    begin_directory(kit, DSMCC_KIND_GATEWAY, 1, 1);
    bind_file(kit, "a", 1, 2);
    end_directory(kit);
    add_file(kit, 2, content);
}
