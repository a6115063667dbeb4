/* SPDX-License-Identifier: Apache-2.0 */
/* The receiver against carousels made by hand, message by message: what a head-end may do, and what it must
 * not. */
#include "base/log.h"
#include "dsmcc/module.h"
#include "dsmcc_kit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void receives_nested_directories(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    begin_directory(&kit, DSMCC_KIND_GATEWAY, 1, 3);
    bind_file(&kit, "b", 1, 2);
    bind_directory(&kit, "d", 1, 3);
    bind_file(&kit, "a", 1, 2);
    end_directory(&kit);
    begin_directory(&kit, DSMCC_KIND_DIRECTORY, 3, 2);
    bind_directory(&kit, "deeper", 1, 4);
    bind_file(&kit, "empty", 1, 6);
    end_directory(&kit);
    begin_directory(&kit, DSMCC_KIND_DIRECTORY, 4, 1);
    bind_file(&kit, "图.txt", 1, 5);
    end_directory(&kit);
    add_file(&kit, 2, "two");
    add_file(&kit, 5, "five");
    add_file(&kit, 6, "");
    send_single(&kit);
    assert_int_equal(kit.trees, 1);
    assert_int_equal(kit.modules, 1);
    assert_int_equal(dsmcc_tree_carousel_id(kit.tree), CAROUSEL);
    assert_int_equal(dsmcc_tree_count(kit.tree), 4);
    assert_file(&kit, "a", "two");
    assert_file(&kit, "b", "two");
    assert_file(&kit, "d/deeper/图.txt", "five");
    assert_file(&kit, "d/empty", "");
    for (size_t i = 1; i < dsmcc_tree_count(kit.tree); i++)
        assert_true(strcmp(dsmcc_tree_entry(kit.tree, i - 1)->path, dsmcc_tree_entry(kit.tree, i)->path) < 0);
    assert_null(dsmcc_tree_entry(kit.tree, 4));
    assert_null(dsmcc_tree_find(kit.tree, "d"));
    send_single(&kit); /* again: nothing new */
    assert_int_equal(kit.trees, 1);
    assert_true(progress_of(&kit).complete);
    kit_end(&kit);
}

static void leaves_out_bad_names(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    begin_directory(&kit, DSMCC_KIND_GATEWAY, 1, 11);
    bind_file(&kit, "..", 1, 2);
    bind_file(&kit, ".", 1, 2);
    bind_file(&kit, "../up", 1, 2);
    bind_file(&kit, "/etc", 1, 2);
    bind_name(&kit, "nul\0x", 5, DSMCC_KIND_FILE, 1, 2);
    bind_name(&kit, "\0", 1, DSMCC_KIND_FILE, 1, 2); /* empty but for its NULs */
    bind_file(&kit, "latin\xe9", 1, 2);
    bind_directory(&kit, "..", 1, 3);
    bind_file(&kit, "good", 1, 2);
    bind_file(&kit, "good", 1, 4); /* the first counts */
    bind_directory(&kit, "good", 1, 3);
    end_directory(&kit);
    begin_directory(&kit, DSMCC_KIND_DIRECTORY, 3, 1);
    bind_file(&kit, "below", 1, 2);
    end_directory(&kit);
    add_file(&kit, 2, "two");
    add_file(&kit, 4, "four");
    send_single(&kit);
    assert_int_equal(kit.trees, 1);
    assert_int_equal(dsmcc_tree_count(kit.tree), 1);
    assert_file(&kit, "good", "two");
    assert_int_equal(progress_of(&kit).counts.bad_names, 10);
    kit_end(&kit);
}

static void leaves_out_cycles_and_what_is_too_deep(void **state)
{
    (void)state;
    struct kit kit;
    struct dsmcc_receiver_options options = {.max_depth = 4};
    kit_begin(&kit, &options, NULL, 0);
    begin_directory(&kit, DSMCC_KIND_GATEWAY, 1, 2);
    bind_directory(&kit, "loop", 1, 2);
    bind_directory(&kit, "d1", 1, 3);
    end_directory(&kit);
    begin_directory(&kit, DSMCC_KIND_DIRECTORY, 2, 2);
    bind_directory(&kit, "again", 1, 2);
    bind_file(&kit, "f", 1, 9);
    end_directory(&kit);
    for (uint32_t key = 3; key < 7; key++) { /* d1/d/d/f fits, one deeper does not */
        begin_directory(&kit, DSMCC_KIND_DIRECTORY, key, 2);
        bind_directory(&kit, "d", 1, key + 1);
        bind_file(&kit, "f", 1, 9);
        end_directory(&kit);
    }
    begin_directory(&kit, DSMCC_KIND_DIRECTORY, 7, 0);
    end_directory(&kit);
    add_file(&kit, 9, "nine");
    send_single(&kit);
    assert_int_equal(kit.trees, 1);
    assert_int_equal(dsmcc_tree_count(kit.tree), 4);
    assert_file(&kit, "loop/f", "nine");
    assert_file(&kit, "d1/d/d/f", "nine");
    assert_int_equal(progress_of(&kit).counts.cycles, 1);
    assert_int_equal(progress_of(&kit).counts.too_deep, 1);
    kit_end(&kit);
}

/* 2^16 ways through 17 directories: the ceiling ends it, and no half tree is handed over. */
static void survives_many_ways(void **state)
{
    (void)state;
    struct kit kit;
    struct dsmcc_receiver_options options = {.max_depth = 20, .max_files = 500};
    kit_begin(&kit, &options, NULL, 0);
    for (uint32_t key = 1; key <= 16; key++) {
        begin_directory(&kit, key == 1 ? DSMCC_KIND_GATEWAY : DSMCC_KIND_DIRECTORY, key, 2);
        bind_directory(&kit, "l", 1, key + 1);
        bind_directory(&kit, "r", 1, key + 1);
        end_directory(&kit);
    }
    begin_directory(&kit, DSMCC_KIND_DIRECTORY, 17, 1);
    bind_file(&kit, "f", 1, 18);
    end_directory(&kit);
    add_file(&kit, 18, "x");
    send_single(&kit);
    assert_int_equal(kit.trees, 0);
    assert_true(progress_of(&kit).counts.too_many > 0);
    assert_false(progress_of(&kit).complete);
    kit_end(&kit);
}

static void leaves_out_what_is_foreign(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    begin_directory(&kit, DSMCC_KIND_GATEWAY, 1, 3);
    struct dsmcc_ior ior = ior_of(DSMCC_KIND_FILE, 1, 2);
    ior.carousel_id = CAROUSEL + 1;
    dsmcc_binding_append(&kit.module, "other", 5, &ior);
    ior = ior_of(DSMCC_KIND_GATEWAY, 1, 1);
    dsmcc_binding_append(&kit.module, "gateway", 7, &ior);
    bind_file(&kit, "a", 1, 2);
    end_directory(&kit);
    add_file(&kit, 2, "two");
    send_single(&kit);
    assert_int_equal(kit.trees, 1);
    assert_int_equal(dsmcc_tree_count(kit.tree), 1);
    assert_int_equal(progress_of(&kit).counts.foreign, 2);
    kit_end(&kit);
}

/* The kinds of the messages, not those of the references, have capitals here. */
static void takes_capital_kinds_and_streams(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    begin_directory(&kit, DSMCC_KIND_GATEWAY, 1, 2);
    bind_file(&kit, "a", 1, 2);
    bind_name(&kit, "events", 6, DSMCC_KIND_STREAM_EVENT, 1, 3);
    end_directory(&kit);
    add_file(&kit, 2, "two");
    size_t start = kit.module.size;
    add_file(&kit, 3, "body");
    memcpy(kit.module.data + start + 21, "STE", 4);
    for (size_t i = 0; i + 3 < kit.module.size; i++) {
        if (memcmp(kit.module.data + i, "fil", 4) == 0 || memcmp(kit.module.data + i, "srg", 4) == 0)
            kit.module.data[i] = (uint8_t)(kit.module.data[i] - 'a' + 'A');
    }
    send_single(&kit);
    assert_int_equal(kit.trees, 1);
    assert_int_equal(dsmcc_tree_count(kit.tree), 2);
    assert_file(&kit, "a", "two");
    const struct dsmcc_entry *events = dsmcc_tree_find(kit.tree, "events");
    assert_non_null(events);
    assert_int_equal(events->kind, DSMCC_KIND_STREAM_EVENT);
    kit_end(&kit);
}

static void waits_for_dangling_objects(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    begin_directory(&kit, DSMCC_KIND_GATEWAY, 1, 2);
    bind_file(&kit, "there", 1, 2);
    bind_file(&kit, "not there", 1, 3);
    end_directory(&kit);
    add_file(&kit, 2, "two");
    send_single(&kit);
    assert_int_equal(kit.trees, 0);
    assert_int_equal(progress_of(&kit).counts.dangling, 1);
    struct dsmcc_tree *partial = dsmcc_receiver_partial_tree(kit.receiver);
    assert_non_null(partial);
    assert_int_equal(dsmcc_tree_count(partial), 1);
    dsmcc_tree_unref(partial);
    kit_end(&kit);
}

static void says_what_is_missing(void **state)
{
    (void)state;
    struct kit kit;
    uint16_t blocks[8];
    struct dsmcc_unannounced unannounced[4];
    char text[3 * BLOCK];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    kit_begin(&kit, NULL, NULL, 0);
    begin_directory(&kit, DSMCC_KIND_GATEWAY, 1, 2);
    bind_file(&kit, "a", 1, 2);
    bind_file(&kit, "b", 9, 3);
    end_directory(&kit);
    add_file(&kit, 2, text);
    struct bytes data = buffer_view(&kit.module);
    struct dsmcc_dii_module module = plain(1, 0, data.size);
    assert_int_equal(block_count(data.size), 4);
    send_block(&kit, 1, 0, data, 2); /* before its DII: kept for it */
    send_dsi(&kit, 1, 1);
    assert_null(dsmcc_receiver_tree(kit.receiver));
    assert_int_equal(dsmcc_receiver_unannounced(kit.receiver, unannounced, 4), 1);
    assert_int_equal(unannounced[0].module_id, 1);
    assert_int_equal(unannounced[0].transaction_id, 0x80000002);
    send_dii(&kit, 0x80000002, &module, 1);
    send_block(&kit, 1, 0, data, 3);
    send_block(&kit, 1, 0, data, 3);
    struct dsmcc_progress progress = progress_of(&kit);
    assert_true(progress.has_gateway);
    assert_int_equal(progress.modules, 1);
    assert_int_equal(progress.modules_complete, 0);
    assert_int_equal(progress.counts.unannounced_blocks, 1);
    assert_int_equal(progress.counts.duplicate_blocks, 1);
    assert_int_equal(progress.counts.early_blocks, 1);
    assert_true(progress.bytes == data.size && progress.bytes_have < data.size);
    assert_int_equal(dsmcc_receiver_missing_blocks(kit.receiver, 0, blocks, 8), 2);
    assert_int_equal(blocks[0], 0);
    assert_int_equal(blocks[1], 1);
    assert_int_equal(dsmcc_receiver_missing_blocks(kit.receiver, 0, blocks, 1), 2);
    assert_int_equal(dsmcc_receiver_missing_blocks(kit.receiver, 1, blocks, 8), 0);
    send_block(&kit, 1, 0, data, 1);
    send_block(&kit, 1, 0, data, 0);
    assert_int_equal(kit.modules, 1);
    assert_int_equal(kit.trees, 0);
    assert_int_equal(dsmcc_receiver_unannounced(kit.receiver, unannounced, 4), 1);
    assert_int_equal(unannounced[0].module_id, 9);
    kit_end(&kit);
}

static void refuses_blocks_that_do_not_fit(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    make_simple(&kit, "0123456789");
    struct bytes data = buffer_view(&kit.module);
    struct dsmcc_dii_module module = plain(1, 0, data.size);
    assert_int_equal(block_count(data.size), 1);
    send_dsi(&kit, 1, 1);
    send_dii(&kit, 0x80000002, &module, 1);
    struct dsmcc_ddb bad[] = {{CAROUSEL, 1, 0, 0, {data.data, data.size - 1}},
                              {CAROUSEL, 1, 0, 1, {data.data, data.size}},
                              {CAROUSEL, 1, 0, 65535, {data.data, data.size}}};
    for (size_t i = 0; i < 3; i++) {
        dsmcc_ddb_append(&kit.section, &bad[i], 0);
        push(&kit);
    }
    assert_int_equal(progress_of(&kit).counts.bad_blocks, 3);
    struct dsmcc_ddb other = {CAROUSEL + 1, 1, 0, 0, {data.data, data.size}};
    dsmcc_ddb_append(&kit.section, &other, 0);
    push(&kit);
    assert_int_equal(progress_of(&kit).counts.other_carousels, 1);
    send_block(&kit, 1, 32, data, 0); /* the same in the section's five bits, not in the message */
    assert_int_equal(progress_of(&kit).counts.other_versions, 1);
    assert_int_equal(kit.trees, 0);
    send_block(&kit, 1, 0, data, 0);
    assert_int_equal(kit.trees, 1);
    kit_end(&kit);
}

static void new_version_drops_partial_blocks(void **state)
{
    (void)state;
    struct kit kit;
    char old_text[BLOCK + 1], new_text[BLOCK + 1];
    memset(old_text, 'o', BLOCK);
    memset(new_text, 'n', BLOCK);
    old_text[BLOCK] = new_text[BLOCK] = 0;
    kit_begin(&kit, NULL, NULL, 0);
    make_simple(&kit, old_text);
    struct dsmcc_dii_module module = plain(1, 4, kit.module.size);
    send_dsi(&kit, 1, 1);
    send_dii(&kit, 0x80000002, &module, 1);
    send_block(&kit, 1, 4, buffer_view(&kit.module), 0);
    make_simple(&kit, new_text);
    module.version = 5;
    send_dii(&kit, 0x80010003, &module, 1); /* bit 0 and the version differ: the same DII */
    assert_int_equal(progress_of(&kit).groups, 1);
    send_block(&kit, 1, 5, buffer_view(&kit.module), 1);
    assert_int_equal(kit.trees, 0);
    send_block(&kit, 1, 5, buffer_view(&kit.module), 0);
    assert_int_equal(kit.trees, 1);
    assert_file(&kit, "a", new_text);
    assert_int_equal(dsmcc_tree_entry(kit.tree, 0)->module_version, 5);
    kit_end(&kit);
}

/* Gateway in module 1; files "a" in 2, "b" in 3; 3 has a DII of its own. */
static void updates_become_visible_whole(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    struct buffer modules[3];
    static const char *const texts[] = {"old a", "old b", "new a", "new b"};
    for (size_t i = 0; i < 3; i++)
        buffer_init(&modules[i], 4096);
    begin_directory(&kit, DSMCC_KIND_GATEWAY, 1, 2);
    bind_file(&kit, "a", 2, 1);
    bind_file(&kit, "b", 3, 1);
    end_directory(&kit);
    buffer_append(&modules[0], kit.module.data, kit.module.size);
    for (size_t i = 0; i < 2; i++)
        dsmcc_file_append(&modules[i + 1], 1, texts[i], 5);
    struct dsmcc_dii_module first[] = {plain(1, 0, modules[0].size), plain(2, 0, modules[1].size)};
    struct dsmcc_dii_module second = plain(3, 0, modules[2].size);
    send_dii(&kit, 0x80000004, &second, 1);
    send_dii(&kit, 0x80000002, first, 2);
    for (uint16_t i = 0; i < 3; i++)
        send_blocks(&kit, i + 1, 0, buffer_view(&modules[i]));
    assert_int_equal(kit.trees, 0);
    assert_int_equal(kit.modules, 3);
    send_dsi(&kit, 1, 1); /* last of all */
    assert_int_equal(kit.trees, 1);
    assert_file(&kit, "a", "old a");
    const uint8_t *old_b = dsmcc_tree_find(kit.tree, "b")->data.data;
    struct dsmcc_tree *old_tree = dsmcc_tree_ref(kit.tree);

    buffer_clear(&modules[1]);
    dsmcc_file_append(&modules[1], 1, texts[2], 5);
    first[1].version = 1;
    send_dii(&kit, 0x80010003, first, 2);
    assert_false(progress_of(&kit).complete);
    assert_ptr_equal(dsmcc_receiver_tree(kit.receiver),
                     old_tree); /* the old one stands until the new one is whole */
    assert_int_equal(kit.trees, 1);
    send_blocks(&kit, 2, 1, buffer_view(&modules[1]));
    assert_int_equal(kit.trees, 1); /* the second DII may have changed at the same time */
    send_dii(&kit, 0x80000004, &second, 1);
    assert_int_equal(kit.trees, 2);
    assert_int_equal(kit.modules, 4);
    assert_file(&kit, "a", "new a");
    assert_ptr_equal(dsmcc_tree_find(kit.tree, "b")->data.data, old_b); /* not fetched again */
    assert_memory_equal(dsmcc_tree_find(old_tree, "a")->data.data, "old a", 5);
    dsmcc_tree_unref(old_tree);

    /* A DII with nothing new but its transactionId makes no new tree. */
    send_dii(&kit, 0x80020002, first, 2);
    assert_int_equal(kit.trees, 2);
    assert_true(progress_of(&kit).complete);
    for (size_t i = 0; i < 3; i++)
        buffer_finish(&modules[i]);
    kit_end(&kit);
}

/* A module that moves to another DII is not fetched again; one that is announced no more goes. */
static void follows_modules_between_diis(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    make_simple(&kit, "text");
    struct dsmcc_dii_module modules[] = {plain(1, 0, kit.module.size), plain(2, 0, 100)};
    send_dsi(&kit, 1, 1);
    send_dii(&kit, 0x80000002, modules, 2);
    send_blocks(&kit, 1, 0, buffer_view(&kit.module));
    assert_int_equal(kit.trees, 1); /* nothing leads to module 2: it is not waited for */
    assert_int_equal(progress_of(&kit).modules, 2);
    send_dii(&kit, 0x80000004, modules, 1);
    send_dii(&kit, 0x80010003, modules, 0);
    assert_int_equal(progress_of(&kit).modules, 1);
    assert_int_equal(progress_of(&kit).modules_complete, 1);
    assert_true(progress_of(&kit).complete);
    assert_int_equal(kit.trees, 1);
    kit_end(&kit);
}

static void receives_more_than_255_blocks(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    size_t size = 700 * BLOCK;
    char *text = malloc(size + 1);
    assert_non_null(text);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)('a' + (i * 7 + i / BLOCK) % 26);
    text[size] = 0;
    make_simple(&kit, text);
    assert_true(block_count(kit.module.size) > 512);
    send_single(&kit);
    assert_int_equal(kit.trees, 1);
    assert_file(&kit, "a", text);
    free(text);
    kit_end(&kit);
}

static struct dsmcc_dii_module packed_module(uint16_t module_id, size_t size, uint32_t original_size)
{
    struct dsmcc_dii_module module = plain(module_id, 0, size);
    module.compressed = true;
    module.original_size = original_size;
    return module;
}

static void survives_zip_bombs(void **state)
{
    (void)state;
    struct kit kit;
    struct dsmcc_receiver_options options = {.max_module_bytes = 1u << 20};
    kit_begin(&kit, &options, NULL, 0);
    size_t size = 500000;
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, 'z', size);
    text[size] = 0;
    make_simple(&kit, text);
    struct buffer packed;
    buffer_init(&packed, size);
    assert_true(dsmcc_module_pack(buffer_view(&kit.module), &packed));
    uint32_t truth = (uint32_t)kit.module.size;
    const uint32_t lies[] = {1, truth - 1, truth + 1, 600000};
    send_dsi(&kit, 1, 1);
    for (uint32_t i = 0; i < 4; i++) {
        struct dsmcc_dii_module module = packed_module(1, packed.size, lies[i]);
        module.version = (uint8_t)i;
        send_dii(&kit, dsmcc_transaction_id(1, (uint16_t)i), &module, 1);
        for (int times = 0; times < 5; times++)
            send_blocks(&kit, 1, (uint8_t)i, buffer_view(&packed));
        struct dsmcc_module_status status;
        assert_true(dsmcc_receiver_module(kit.receiver, 0, &status));
        assert_true(status.rejected && !status.complete);
        assert_int_equal(progress_of(&kit).counts.bad_modules,
                         3 * (i + 1)); /* tried again, but not for ever */
    }
    struct dsmcc_dii_module module = packed_module(1, packed.size, (1u << 20) + 1);
    module.version = 4;
    send_dii(&kit, dsmcc_transaction_id(1, 4), &module, 1);
    assert_int_equal(progress_of(&kit).counts.refused_modules, 1);
    module.original_size = truth;
    module.version = 5;
    send_dii(&kit, dsmcc_transaction_id(1, 5), &module, 1);
    send_blocks(&kit, 1, 5, buffer_view(&packed));
    assert_int_equal(kit.trees, 1);
    assert_file(&kit, "a", text);
    free(text);
    buffer_finish(&packed);
    kit_end(&kit);
}

static void holds_its_ceilings(void **state)
{
    (void)state;
    struct kit kit;
    struct dsmcc_receiver_options options = {
        .max_module_bytes = 10000, .max_total_bytes = 25000, .max_modules = 4, .max_groups = 2};
    kit_begin(&kit, &options, NULL, 0);
    struct dsmcc_dii_module modules[] = {plain(1, 0, 10001), plain(2, 0, 10000), plain(3, 0, 10000),
                                         plain(4, 0, 5001),  plain(5, 0, 1),     plain(6, 0, 1)};
    send_dii(&kit, 0x80000002, modules, 6);
    /* 1 is too large, 4 too much in all, 5 and 6 too many. */
    struct dsmcc_progress progress = progress_of(&kit);
    assert_int_equal(progress.modules, 4);
    assert_int_equal(progress.counts.refused_modules, 4);
    struct dsmcc_module_status status;
    for (size_t i = 0; i < 4; i++) {
        assert_true(dsmcc_receiver_module(kit.receiver, i, &status));
        assert_int_equal(status.rejected, i == 0 || i == 3);
    }
    assert_false(dsmcc_receiver_module(kit.receiver, 4, &status));
    /* A new version may use what the old one gives up, whatever the order. */
    modules[1] = plain(2, 1, 5000);
    modules[3] = plain(4, 1, 10000);
    send_dii(&kit, 0x80010003, modules, 4);
    assert_true(dsmcc_receiver_module(kit.receiver, 3, &status));
    assert_false(status.rejected);
    struct dsmcc_dii_module none = plain(2, 1, 0);
    send_dii(&kit, 0x80000004, &none, 1); /* an empty module is refused */
    assert_int_equal(progress_of(&kit).groups, 2);
    send_dii(&kit, 0x80000006, modules, 1); /* a third DII */
    assert_int_equal(progress_of(&kit).groups, 2);
    send_dii(&kit, 0x80010005, modules, 0);
    send_dii(&kit, 0x80000006, modules, 1); /* the second says nothing any more: its place is free */
    assert_int_equal(progress_of(&kit).groups, 2);
    kit_end(&kit);
}

static void takes_blocks_from_the_right_pid(void **state)
{
    (void)state;
    struct kit kit;
    const struct dsmcc_tap_pid taps[] = {{0x47, PID}, {0x48, PID + 1}};
    kit_begin(&kit, NULL, taps, 2);
    make_simple(&kit, "text");
    struct dsmcc_dii_module module = plain(1, 0, kit.module.size);
    module.has_tap = true;
    module.association_tag = 0x48;
    send_dsi(&kit, 1, 1);
    send_dii(&kit, 0x80000002, &module, 1);
    send_blocks(&kit, 1, 0, buffer_view(&kit.module));
    assert_int_equal(kit.trees, 0);
    assert_int_equal(progress_of(&kit).counts.other_carousels, 1);
    kit.pid = PID + 1;
    send_blocks(&kit, 1, 0, buffer_view(&kit.module));
    assert_int_equal(kit.trees, 1);
    kit_end(&kit);
}

static void ignores_other_sections(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    make_simple(&kit, "text");
    struct dsmcc_dii_module module = plain(1, 0, kit.module.size);
    send_dsi(&kit, 1, 1);
    send_dii(&kit, 0x80000002, &module, 1);
    struct dsmcc_ddb ddb = {CAROUSEL, 1, 0, 0, buffer_view(&kit.module)};
    dsmcc_ddb_append(&kit.section, &ddb, 0);
    kit.section.data[1] &= 0x7f; /* a checksum, which nobody has checked, instead of the CRC_32 */
    push(&kit);
    dsmcc_ddb_append(&kit.section, &ddb, 0);
    kit.section.data[0] = 0x3d;
    push(&kit);
    dsmcc_receiver_push_section(kit.receiver, PID, (const uint8_t *)"\x3c", 1);
    assert_int_equal(progress_of(&kit).counts.other_sections, 3);
    dsmcc_ddb_append(&kit.section, &ddb, 0);
    kit.section.data[9] = 9;
    push(&kit);
    assert_int_equal(progress_of(&kit).counts.bad_messages, 1);
    assert_int_equal(kit.trees, 0);
    dsmcc_ddb_append(&kit.section, &ddb, 0);
    kit.section.data[1] |= 0x40; /* private_indicator: wrong in the field, harmless */
    push(&kit);
    assert_int_equal(kit.trees, 1);
    kit_end(&kit);
}

static void changes_to_another_carousel(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    make_simple(&kit, "text");
    send_single(&kit);
    assert_int_equal(kit.trees, 1);
    struct dsmcc_dsi dsi = {.transaction_id = 0x80010001, .gateway = ior_of(DSMCC_KIND_GATEWAY, 1, 1)};
    dsi.gateway.carousel_id = CAROUSEL + 1;
    dsmcc_dsi_append(&kit.section, &dsi);
    push(&kit);
    struct dsmcc_progress progress = progress_of(&kit);
    assert_int_equal(progress.modules, 0);
    assert_false(progress.complete);
    dsi.gateway.carousel_id = CAROUSEL;
    dsi.transaction_id = 0x80020000;
    dsmcc_dsi_append(&kit.section, &dsi);
    push(&kit);
    send_single(&kit);
    assert_true(progress_of(&kit).complete);
    kit_end(&kit);
}

static void may_be_destroyed_by_its_callbacks(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    kit.destroy_on_tree = true;
    make_simple(&kit, "text");
    send_single(&kit);
    assert_null(kit.receiver);
    assert_file(&kit, "a", "text"); /* the tree outlives it */
    kit_end(&kit);
    kit_begin(&kit, NULL, NULL, 0);
    kit.destroy_on_module = true;
    make_simple(&kit, "text");
    send_single(&kit);
    assert_null(kit.receiver);
    assert_int_equal(kit.trees, 0);
    kit_end(&kit);
    dsmcc_receiver_destroy(NULL);
    dsmcc_tree_unref(NULL);
}

static void drop_line(void *context, enum log_level level, const char *module, const char *text)
{
    (void)context;
    (void)level;
    (void)module;
    (void)text;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receives_nested_directories),
        cmocka_unit_test(leaves_out_bad_names),
        cmocka_unit_test(leaves_out_cycles_and_what_is_too_deep),
        cmocka_unit_test(survives_many_ways),
        cmocka_unit_test(leaves_out_what_is_foreign),
        cmocka_unit_test(takes_capital_kinds_and_streams),
        cmocka_unit_test(waits_for_dangling_objects),
        cmocka_unit_test(says_what_is_missing),
        cmocka_unit_test(refuses_blocks_that_do_not_fit),
        cmocka_unit_test(new_version_drops_partial_blocks),
        cmocka_unit_test(updates_become_visible_whole),
        cmocka_unit_test(follows_modules_between_diis),
        cmocka_unit_test(receives_more_than_255_blocks),
        cmocka_unit_test(survives_zip_bombs),
        cmocka_unit_test(holds_its_ceilings),
        cmocka_unit_test(takes_blocks_from_the_right_pid),
        cmocka_unit_test(ignores_other_sections),
        cmocka_unit_test(changes_to_another_carousel),
        cmocka_unit_test(may_be_destroyed_by_its_callbacks),
    };
    log_set_sink(drop_line, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
