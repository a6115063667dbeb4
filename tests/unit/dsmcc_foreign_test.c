/* SPDX-License-Identifier: Apache-2.0 */
/* What carousels of other head ends do that ours never does: allowed, or met in the field. Byte by byte, for
 * our builders cannot say it. */
#include "base/log.h"
#include "dsmcc/module.h"
#include "dsmcc_kit.h"
#include "ts/section.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TID_DSI 0x80000000u
#define TID_DII 0x80000002u

/* ---- sections ---- */

/* A message whose fields behind messageLength are body. */
static void send_message(struct kit *kit, unsigned message_id, uint32_t id, size_t adaptation,
                         const struct buffer *body)
{
    struct buffer message;
    buffer_init(&message, TS_SECTION_SIZE_MAX);
    buffer_u8(&message, 0x11);
    buffer_u8(&message, 3);
    buffer_u16(&message, message_id);
    buffer_u32(&message, id);
    buffer_u8(&message, 0xFF);
    buffer_u8(&message, (unsigned)adaptation);
    buffer_u16(&message, (unsigned)(body->size + adaptation));
    for (size_t i = 0; i < adaptation; i++)
        buffer_u8(&message, 0xA5);
    buffer_append(&message, body->data, body->size);
    const struct ts_section_header header = {.table_id = message_id == 0x1003 ? 0x3C : 0x3B,
                                             .table_id_extension = (uint16_t)id,
                                             .current_next = true};
    ts_section_append(&kit->section, &header, message.data, message.size);
    buffer_finish(&message);
    push(kit);
}

struct foreign_module {
    uint16_t id, block_size;
    uint8_t version;
    uint32_t size;
    const char *info; /* moduleInfo as it is; NULL: BIOP::ModuleInfo without descriptors */
    size_t info_size;
};

static void send_foreign_dii(struct kit *kit, uint32_t tid, size_t adaptation,
                             const struct foreign_module *modules, size_t count)
{
    static const char usual[] = "\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\1\0\0\0\x17\0\x0b\0\0";
    struct buffer body;
    buffer_init(&body, TS_SECTION_SIZE_MAX);
    buffer_u32(&body, CAROUSEL);
    buffer_u16(&body, modules[0].block_size);
    buffer_u16(&body, 0x0102); /* windowSize and ackPeriod have no meaning */
    buffer_u32(&body, 3);
    buffer_u32(&body, 4);
    buffer_u16(&body, 2); /* a compatibilityDescriptor, though DVB has none here */
    buffer_u16(&body, 0);
    buffer_u16(&body, (unsigned)count);
    for (size_t i = 0; i < count; i++) {
        size_t size = modules[i].info ? modules[i].info_size : sizeof usual - 1;
        buffer_u16(&body, modules[i].id);
        buffer_u32(&body, modules[i].size);
        buffer_u8(&body, modules[i].version);
        buffer_u8(&body, (unsigned)size);
        buffer_append(&body, modules[i].info ? modules[i].info : usual, size);
    }
    buffer_u16(&body, 3); /* private data of the DII */
    buffer_append(&body, "\1\2\3", 3);
    send_message(kit, 0x1002, tid, adaptation, &body);
    buffer_finish(&body);
}

static void send_foreign_blocks(struct kit *kit, const struct foreign_module *module, struct bytes data)
{
    for (size_t at = 0, block = 0; at < data.size; at += module->block_size, block++) {
        size_t left = data.size - at;
        struct dsmcc_ddb ddb = {CAROUSEL,
                                module->id,
                                module->version,
                                (uint16_t)block,
                                {data.data + at, left < module->block_size ? left : module->block_size}};
        dsmcc_ddb_append(&kit->section, &ddb, 0);
        push(kit);
    }
}

/* ---- objects ---- */

static void append_object(struct buffer *module, const char *kind, struct dsmcc_key key,
                          const struct buffer *body)
{
    buffer_append(module, "BIOP\1\0\0\0", 8);
    /* key, kind, objectInfo of 3 bytes, a service context of 2, body */
    buffer_u32(module, (uint32_t)(1 + key.size + 8 + 2 + 3 + 1 + 8 + 4 + body->size));
    buffer_u8(module, key.size);
    for (unsigned i = key.size; i-- > 0;)
        buffer_u8(module, key.value >> (8 * i) & 0xFF);
    buffer_u32(module, 4);
    buffer_append(module, kind, 4);
    buffer_u16(module, 3);
    buffer_append(module, "abc", 3);
    buffer_u8(module, 1);
    buffer_u32(module, 0x12345678);
    buffer_u16(module, 2);
    buffer_append(module, "xy", 2);
    buffer_u32(module, (uint32_t)body->size);
    buffer_append(module, body->data, body->size);
}

static void append_foreign_file(struct buffer *module, struct dsmcc_key key, const char *content)
{
    struct buffer body;
    buffer_init(&body, 1000);
    buffer_u32(&body, (uint32_t)strlen(content));
    buffer_append(&body, content, strlen(content));
    append_object(module, "FIL", key, &body);
    buffer_finish(&body);
}

/* Which profiles an object reference has, in order: B, BIOP; L, LiteOptions; X, one of no standard. */
static void append_ior(struct buffer *buffer, const char *kind, const char *profiles, uint16_t module_id,
                       struct dsmcc_key key)
{
    buffer_u32(buffer, 4);
    buffer_append(buffer, kind, 4);
    buffer_u32(buffer, (uint32_t)strlen(profiles));
    for (; *profiles; profiles++) {
        if (*profiles != 'B') {
            buffer_u32(buffer, *profiles == 'L' ? 0x49534F05 : 0x12340000);
            buffer_u32(buffer, 5);
            buffer_append(buffer, "\0\1\2\3\4", 5);
            continue;
        }
        buffer_u32(buffer, 0x49534F06);
        buffer_u32(buffer, 2 + 2 * 5 + 9 + key.size + 18 + 5 + 2 + 17);
        buffer_u8(buffer, 0);
        buffer_u8(buffer, 3);
        buffer_u32(buffer, 0x49534F99); /* a component of no standard, in front */
        buffer_u8(buffer, 2);
        buffer_append(buffer, "zz", 2);
        buffer_u32(buffer, 0x49534F50);
        buffer_u8(buffer, 9u + key.size);
        buffer_u32(buffer, CAROUSEL);
        buffer_u16(buffer, module_id);
        buffer_u16(buffer, 0x0100);
        buffer_u8(buffer, key.size);
        for (unsigned i = key.size; i-- > 0;)
            buffer_u8(buffer, key.value >> (8 * i) & 0xFF);
        buffer_u32(buffer, 0x49534F40);
        buffer_u8(buffer, 18 + 17); /* another Tap before the one that counts */
        buffer_u8(buffer, 2);
        buffer_append(buffer, "\0\0\0\x17\0\x0b\x0aselector..", 17);
        buffer_append(buffer, "\0\0\0\x16\0\x0b\x0a\0\1", 9);
        buffer_u32(buffer, TID_DII);
        buffer_u32(buffer, 0);
    }
}

/* The DSI with a compatibilityDescriptor, a download Tap, a service context and user info around its IOR. */
static void send_foreign_dsi(struct kit *kit, uint32_t tid, const char *profiles, uint16_t module_id,
                             struct dsmcc_key key)
{
    struct buffer body, info;
    buffer_init(&body, TS_SECTION_SIZE_MAX);
    buffer_init(&info, TS_SECTION_SIZE_MAX);
    append_ior(&info, "srg", profiles, module_id, key);
    buffer_u8(&info, 1);
    buffer_append(&info, "\0\0\0\x16\0\x0b\0", 7);
    buffer_u8(&info, 1);
    buffer_append(&info, "\0\0\0\1\0\2xy", 8);
    buffer_u16(&info, 3);
    buffer_append(&info, "\x70\1A", 3);
    for (int i = 0; i < 20; i++)
        buffer_u8(&body, 0xFF);
    buffer_u16(&body, 2);
    buffer_u16(&body, 0);
    buffer_u16(&body, (unsigned)info.size);
    buffer_append(&body, info.data, info.size);
    send_message(kit, 0x1006, tid, 0, &body);
    buffer_finish(&info);
    buffer_finish(&body);
}

static void append_binding(struct buffer *body, const char *name, const char *profiles, uint16_t module_id,
                           struct dsmcc_key key)
{
    buffer_u8(body, 1);
    buffer_u8(body, (unsigned)strlen(name) + 1);
    buffer_append(body, name, strlen(name) + 1);
    buffer_u8(body, 4);
    buffer_append(body, "fil", 4);
    buffer_u8(body, 1);
    append_ior(body, "fil", profiles, module_id, key);
    buffer_u16(body, 4); /* objectInfo: a descriptor and no ContentSize */
    buffer_append(body, "\x72\2a/", 4);
}

/* ---- tests ---- */

static void reads_keys_profiles_and_contexts_of_any_shape(void **state)
{
    (void)state;
    static const struct dsmcc_key keys[] = {{1, 1}, {1, 2}, {1, 3}, {1, 4}, {0xFFFFFFFF, 4}, {0, 1}};
    static const char *const profiles[] = {"B", "LB", "BL", "XBLX", "BB", "LXB"};
    static const char *const texts[] = {"one", "two", "three", "four", "all", "none"};
    const struct dsmcc_key gateway = {0x0102, 2};
    for (size_t adaptation = 0; adaptation < 9; adaptation += 4) {
        struct kit kit;
        struct buffer body;
        kit_begin(&kit, NULL, NULL, 0);
        buffer_init(&body, MODULE_MAX);
        buffer_u16(&body, 7);
        for (size_t i = 0; i < 6; i++)
            append_binding(&body, texts[i], profiles[i], 0xFFFF, keys[i]);
        append_binding(&body, "elsewhere", "LX", 0, keys[0]);
        append_object(&kit.module, "SRG", gateway, &body);
        for (size_t i = 0; i < 6; i++)
            append_foreign_file(&kit.module, keys[i], texts[i]);
        const struct foreign_module module = {
            .id = 0xFFFF, .block_size = 400, .size = (uint32_t)kit.module.size};
        send_foreign_dsi(&kit, TID_DSI, "LB", 0xFFFF, gateway);
        send_foreign_dii(&kit, TID_DII, adaptation, &module, 1);
        send_foreign_blocks(&kit, &module, buffer_view(&kit.module));
        assert_int_equal(kit.trees, 1);
        assert_int_equal(dsmcc_tree_count(kit.tree), 6);
        for (size_t i = 0; i < 6; i++)
            assert_file(&kit, texts[i], texts[i]);
        struct dsmcc_receiver_counts counts = progress_of(&kit).counts;
        assert_int_equal(counts.foreign, 1);
        assert_int_equal(counts.bad_messages + counts.bad_modules + counts.dangling + counts.bad_names, 0);
        buffer_finish(&body);
        kit_end(&kit);
    }
    struct kit kit; /* a gateway without a BIOP profile leads nowhere */
    kit_begin(&kit, NULL, NULL, 0);
    send_foreign_dsi(&kit, TID_DSI, "LX", 1, gateway);
    assert_false(progress_of(&kit).has_gateway);
    assert_int_equal(progress_of(&kit).counts.bad_messages, 1);
    kit_end(&kit);
}

static void reads_descriptors_of_modules_in_any_order(void **state)
{
    (void)state;
#define TIMES "\0\0\0\1\0\0\0\2\0\0\0\3"
    static const struct {
        const char *info;
        size_t size;
        bool packed;
    } cases[] = {
#define INFO(bytes, packed) {bytes, sizeof bytes - 1, packed}
        INFO(TIMES "\1\0\0\0\x17\0\x0b\0\0", false),
        INFO(TIMES "\1\0\0\0\x17\0\x0b\0\x07\x70\5label", false),
        INFO(TIMES "\1\0\0\0\x17\0\x0b\0\x04\x71\2\xff\1", false),
        INFO(TIMES "\1\0\0\0\x17\0\x0b\0\x0d\x70\2it\x71\1\1\x99\0\x71\2\1\2", false),
        INFO(TIMES "\2\0\0\0\x16\0\x0c\2ab\0\0\0\x17\0\x0b\3xyz\x03\x02\1n", false),
        INFO(TIMES "\0\0", false), /* no Tap */
        INFO(TIMES "\1\0\0\0\x17\0\x0b\0\x10\x70\3abc\x09\5\x78SIZE\x71\2\1\1", true),
        INFO(TIMES "\1\0\0\0\x17\0\x0b\0\x07\x09\5\x08SIZE", true),
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct kit kit;
        char info[64];
        struct buffer packed;
        kit_begin(&kit, NULL, NULL, 0);
        buffer_init(&packed, MODULE_MAX);
        make_simple(&kit, "text that is long enough to be packed, packed, packed, packed, packed, packed");
        assert_true(dsmcc_module_pack(buffer_view(&kit.module), &packed));
        struct bytes data = cases[i].packed ? buffer_view(&packed) : buffer_view(&kit.module);
        memcpy(info, cases[i].info, cases[i].size);
        for (size_t at = 0; at + 4 <= cases[i].size; at++) {
            if (memcmp(info + at, "SIZE", 4) == 0)
                memcpy(info + at, (const uint8_t[]){0, 0, 0, (uint8_t)kit.module.size}, 4);
        }
        assert_true(kit.module.size < 256);
        const struct foreign_module module = {
            .id = 1, .block_size = 50, .size = (uint32_t)data.size, .info = info, .info_size = cases[i].size};
        send_dsi(&kit, 1, 1);
        send_foreign_dii(&kit, TID_DII, 0, &module, 1);
        send_foreign_blocks(&kit, &module, data);
        if (kit.trees != 1)
            fail_msg("case %zu", i);
        buffer_finish(&packed);
        kit_end(&kit);
    }
}

/* Bits 1..15 identify a message; the update flag, the version and the originator may be anything. */
static void matches_messages_by_identification_only(void **state)
{
    (void)state;
    static const uint32_t ids[] = {0x80000002, 0x80010003, 0xBFFF0003, 0x00000002, 0x40000003};
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    make_simple(&kit, "text");
    struct foreign_module module = {.id = 1, .block_size = 100, .size = (uint32_t)kit.module.size};
    for (size_t i = 0; i < 5; i++) {
        send_foreign_dsi(&kit, i % 2 ? 0x80010001 : TID_DSI, "B", 1, (struct dsmcc_key){1, 4});
        send_foreign_dii(&kit, ids[i], 0, &module, 1);
        if (i == 0)
            send_foreign_blocks(&kit, &module, buffer_view(&kit.module));
        assert_int_equal(progress_of(&kit).groups, 1);
        assert_true(progress_of(&kit).complete); /* nothing is fetched again */
    }
    assert_int_equal(kit.trees, 1);
    assert_int_equal(kit.modules, 1);
    kit_end(&kit);
}

/* Blocks of another size, with the new version or, against the rules, without. */
static void follows_a_change_of_the_block_size(void **state)
{
    (void)state;
    for (int with_version = 0; with_version < 2; with_version++) {
        struct kit kit;
        kit_begin(&kit, NULL, NULL, 0);
        make_simple(&kit, "some text, and more of it, so that it takes a few blocks, and a last short one");
        struct foreign_module module = {.id = 1, .block_size = 40, .size = (uint32_t)kit.module.size};
        send_dsi(&kit, 1, 1);
        send_foreign_dii(&kit, TID_DII, 0, &module, 1);
        struct bytes half = {kit.module.data, 80};
        send_foreign_blocks(&kit, &module, half);
        module.block_size = 33;
        module.version = (uint8_t)with_version;
        send_foreign_dii(&kit, 0x80010003, 0, &module, 1);
        send_foreign_blocks(&kit, &module, buffer_view(&kit.module));
        assert_int_equal(kit.trees, 1);
        assert_file(&kit, "a",
                    "some text, and more of it, so that it takes a few blocks, and a last short one");
        kit_end(&kit);
    }
}

/* An empty module that nothing leads to hinders nobody. */
static void passes_over_empty_modules(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    make_simple(&kit, "text");
    struct foreign_module modules[] = {{.id = 0, .block_size = 100},
                                       {.id = 1, .size = (uint32_t)kit.module.size},
                                       {.id = 0xFFF0, .size = 0}};
    send_dsi(&kit, 1, 1);
    send_foreign_dii(&kit, TID_DII, 0, modules, 3);
    modules[1].block_size = 100;
    send_foreign_blocks(&kit, &modules[1], buffer_view(&kit.module));
    assert_int_equal(kit.trees, 1);
    assert_int_equal(progress_of(&kit).modules, 3);
    assert_int_equal(progress_of(&kit).modules_complete, 1);
    kit_end(&kit);
}

/* DII and blocks long before their DSI. */
static void waits_for_a_late_gateway(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    make_simple(&kit, "text");
    struct foreign_module module = {.id = 1, .block_size = 100, .size = (uint32_t)kit.module.size};
    send_foreign_dii(&kit, TID_DII, 0, &module, 1);
    send_foreign_blocks(&kit, &module, buffer_view(&kit.module));
    struct dsmcc_progress progress = progress_of(&kit);
    assert_false(progress.has_gateway || progress.of_data || progress.complete);
    assert_int_equal(progress.modules_complete, 1);
    send_dsi(&kit, 1, 1);
    assert_int_equal(kit.trees, 1);
    kit_end(&kit);
}

/* Control messages of two carousels on one PID; which one it is the PMT says. */
static void listens_to_the_announced_one_of_neighbours(void **state)
{
    (void)state;
    const struct dsmcc_receiver_options options = {.has_carousel_id = true, .carousel_id = CAROUSEL};
    struct kit kit;
    kit_begin(&kit, &options, NULL, 0);
    make_simple(&kit, "text");
    struct dsmcc_dii_module module = plain(1, 0, kit.module.size);
    struct dsmcc_dsi other = {.transaction_id = TID_DSI, .gateway = ior_of(DSMCC_KIND_GATEWAY, 1, 1)};
    other.gateway.carousel_id = CAROUSEL + 1;
    for (size_t i = 0; i < 5; i++) {
        dsmcc_dsi_append(&kit.section, &other);
        push(&kit);
        send_dsi(&kit, 1, 1);
        dsmcc_dii_append(&kit.section, TID_DII, CAROUSEL + 1, BLOCK, &module, 1);
        push(&kit);
        send_dii(&kit, TID_DII, &module, 1);
        if (i == 0)
            send_blocks(&kit, 1, 0, buffer_view(&kit.module));
        assert_int_equal(progress_of(&kit).carousel_id, CAROUSEL);
        assert_true(progress_of(&kit).complete);
    }
    assert_int_equal(kit.trees, 1);
    assert_int_equal(kit.modules, 1);
    kit_end(&kit);
    /* What the PMT announces may be wrong: where nothing else is heard, it is the other one. */
    kit_begin(&kit, &options, NULL, 0);
    dsmcc_dsi_append(&kit.section, &other);
    push(&kit);
    assert_int_equal(progress_of(&kit).carousel_id, CAROUSEL + 1);
    kit_end(&kit);
}

/* DownloadCancel, DownloadInfoRequest and others are none of a receiver's business. */
static void passes_over_other_messages(void **state)
{
    (void)state;
    static const unsigned messages[] = {0x1001, 0x1004, 0x1005, 0x1007, 0xFFFF};
    struct kit kit;
    struct buffer body;
    kit_begin(&kit, NULL, NULL, 0);
    buffer_init(&body, 100);
    buffer_append(&body, "\0\0\0\7\0\1\0\0\0\0\0\0", 12);
    make_simple(&kit, "text");
    send_single(&kit);
    for (size_t i = 0; i < 5; i++)
        send_message(&kit, messages[i], TID_DII, 0, &body);
    assert_int_equal(progress_of(&kit).counts.other_sections, 5);
    assert_int_equal(progress_of(&kit).counts.bad_messages, 0);
    assert_true(progress_of(&kit).complete);
    buffer_finish(&body);
    kit_end(&kit);
}

/* Software updates and the like (EN 301 192): no gateway, no objects, and no errors either. */
static void tells_a_data_carousel(void **state)
{
    (void)state;
    struct kit kit;
    struct buffer body;
    kit_begin(&kit, NULL, NULL, 0);
    buffer_init(&body, 200);
    for (int i = 0; i < 20; i++)
        buffer_u8(&body, 0xFF);
    buffer_u16(&body, 0);
    buffer_u16(&body, 2 + 4 + 4 + 2 + 6 + 2 + 3 + 2);
    buffer_u16(&body, 1);          /* groups */
    buffer_u32(&body, 0x80000002); /* groupId: the DII's transactionId */
    buffer_u32(&body, 1000);
    buffer_u16(&body, 6); /* GroupCompatibility */
    buffer_append(&body, "\0\1\1\2ab", 6);
    buffer_u16(&body, 3); /* groupInfo */
    buffer_append(&body, "\x02\1n", 3);
    buffer_u16(&body, 0);
    send_message(&kit, 0x1006, TID_DSI, 0, &body);
    assert_true(progress_of(&kit).of_data);
    kit_end(&kit);
    /* One layer only: a DII whose modules have descriptors, and blocks. */
    kit_begin(&kit, NULL, NULL, 0);
    const struct foreign_module modules[] = {
        {.id = 1, .block_size = 100, .size = 300, .info = "\x01\3bin\x02\2os", .info_size = 9},
        {.id = 2, .block_size = 100, .size = 300, .info = "", .info_size = 0}};
    send_foreign_dii(&kit, TID_DSI, 0, modules, 2);
    struct dsmcc_progress progress = progress_of(&kit);
    assert_true(progress.of_data);
    assert_false(progress.has_gateway);
    assert_int_equal(progress.modules, 0);
    assert_int_equal(progress.counts.bad_messages, 0);
    /* Where there is a gateway it is no data carousel, and such modules are an error. */
    make_simple(&kit, "text");
    send_single(&kit);
    assert_false(progress_of(&kit).of_data);
    assert_int_equal(kit.trees, 1);
    send_foreign_dii(&kit, 0x80000004, 0, modules, 2);
    assert_int_equal(progress_of(&kit).counts.bad_messages, 1);
    assert_false(progress_of(&kit).of_data);
    body.data[24] = 0xFF; /* more groups than there are */
    kit_end(&kit);
    kit_begin(&kit, NULL, NULL, 0);
    send_message(&kit, 0x1006, TID_DSI, 0, &body);
    assert_int_equal(progress_of(&kit).counts.bad_messages, 1);
    assert_false(progress_of(&kit).of_data);
    buffer_finish(&body);
    kit_end(&kit);
}

/* The same DII on two PIDs; one of them goes away. */
static void keeps_modules_that_another_dii_announces(void **state)
{
    (void)state;
    const struct dsmcc_tap_pid taps[] = {{0x47, PID}, {0x48, PID + 1}};
    struct kit kit;
    kit_begin(&kit, NULL, taps, 2);
    make_simple(&kit, "text");
    struct dsmcc_dii_module module = plain(1, 0, kit.module.size);
    send_single(&kit);
    kit.pid = PID + 1;
    send_dii(&kit, TID_DII, &module, 1);
    kit.pid = PID;
    assert_int_equal(progress_of(&kit).groups, 2);
    for (int i = 0; i < 200; i++) {
        send_dsi(&kit, 1, 1);
        send_dii(&kit, TID_DII, &module, 1);
    }
    assert_int_equal(progress_of(&kit).counts.vanished_groups, 1);
    assert_int_equal(progress_of(&kit).modules, 1);
    send_blocks(&kit, 1, 0, buffer_view(&kit.module));
    assert_true(progress_of(&kit).complete);
    assert_int_equal(kit.trees, 1 + (kit.modules > 1));
    kit_end(&kit);
}

/* A Tap whose tag no PID has, as where it is deferred to another transport stream. */
static void counts_modules_that_are_elsewhere(void **state)
{
    (void)state;
    const struct dsmcc_tap_pid taps[] = {{0x47, PID}};
    struct kit kit;
    kit_begin(&kit, NULL, taps, 1);
    make_simple(&kit, "text");
    struct dsmcc_dii_module modules[] = {plain(1, 0, kit.module.size), plain(2, 0, 500)};
    modules[0].has_tap = modules[1].has_tap = true;
    modules[0].association_tag = 0x47;
    modules[1].association_tag = 0x99;
    send_dsi(&kit, 1, 1);
    send_dii(&kit, TID_DII, modules, 2);
    assert_int_equal(progress_of(&kit).modules_elsewhere, 1);
    struct dsmcc_tree *partial = dsmcc_receiver_partial_tree(kit.receiver);
    dsmcc_tree_unref(partial);
    modules[1].association_tag = 0x47;
    modules[1].version = 1;
    send_dii(&kit, 0x80010003, modules, 2);
    assert_int_equal(progress_of(&kit).modules_elsewhere, 0);
    kit_end(&kit);
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
        cmocka_unit_test(reads_keys_profiles_and_contexts_of_any_shape),
        cmocka_unit_test(reads_descriptors_of_modules_in_any_order),
        cmocka_unit_test(matches_messages_by_identification_only),
        cmocka_unit_test(follows_a_change_of_the_block_size),
        cmocka_unit_test(passes_over_empty_modules),
        cmocka_unit_test(waits_for_a_late_gateway),
        cmocka_unit_test(listens_to_the_announced_one_of_neighbours),
        cmocka_unit_test(passes_over_other_messages),
        cmocka_unit_test(tells_a_data_carousel),
        cmocka_unit_test(keeps_modules_that_another_dii_announces),
        cmocka_unit_test(counts_modules_that_are_elsewhere),
    };
    log_set_sink(drop_line, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
