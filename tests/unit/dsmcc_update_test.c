/* SPDX-License-Identifier: Apache-2.0 */
/* The receiver while things change and memory is short: blocks before their DII, several DIIs, DIIs that go,
 * what is on screen, branches before the whole, stream events. */
#include "base/log.h"
#include "dsmcc/stream.h"
#include "dsmcc_kit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Gateway in module 1 (first DII) with files "d/a" in module 2 (first DII) and "d/b", "e" in 3 (second DII).
 */
struct two_groups {
    struct kit kit;
    struct buffer modules[3];
    struct dsmcc_dii_module announced[3];
};

static void put_text(struct two_groups *two, unsigned module, const char *text)
{
    struct buffer *buffer = &two->modules[module - 1];
    uint8_t version = two->announced[module - 1].version;
    version += buffer->size > 0;
    buffer_clear(buffer);
    dsmcc_file_append(buffer, 1, text, strlen(text));
    if (module == 3)
        dsmcc_file_append(buffer, 2, "e", 1);
    two->announced[module - 1] = plain((uint16_t)module, version, buffer->size);
}

static void two_begin(struct two_groups *two, const struct dsmcc_receiver_options *options)
{
    memset(two, 0, sizeof *two);
    kit_begin(&two->kit, options, NULL, 0);
    for (size_t i = 0; i < 3; i++)
        buffer_init(&two->modules[i], MODULE_MAX);
    begin_directory(&two->kit, DSMCC_KIND_GATEWAY, 1, 2);
    bind_directory(&two->kit, "d", 1, 2);
    bind_file(&two->kit, "e", 3, 2);
    end_directory(&two->kit);
    begin_directory(&two->kit, DSMCC_KIND_DIRECTORY, 2, 2);
    bind_file(&two->kit, "a", 2, 1);
    bind_file(&two->kit, "b", 3, 1);
    end_directory(&two->kit);
    buffer_append(&two->modules[0], two->kit.module.data, two->kit.module.size);
    two->announced[0] = plain(1, 0, two->modules[0].size);
    put_text(two, 2, "old a");
    put_text(two, 3, "old b");
}

static void two_end(struct two_groups *two)
{
    for (size_t i = 0; i < 3; i++)
        buffer_finish(&two->modules[i]);
    kit_end(&two->kit);
}

static void send_first(struct two_groups *two, uint16_t version)
{
    send_dii(&two->kit, dsmcc_transaction_id(1, version), two->announced, 2);
}

static void send_second(struct two_groups *two, uint16_t version)
{
    send_dii(&two->kit, dsmcc_transaction_id(2, version), two->announced + 2, 1);
}

static void send_module(struct two_groups *two, unsigned module)
{
    send_blocks(&two->kit, (uint16_t)module, two->announced[module - 1].version,
                buffer_view(&two->modules[module - 1]));
}

static void send_all(struct two_groups *two)
{
    send_dsi(&two->kit, 1, 1);
    send_first(two, 0);
    send_second(two, 0);
    for (unsigned i = 1; i <= 3; i++)
        send_module(two, i);
}

static void keeps_blocks_for_their_dii(void **state)
{
    (void)state;
    struct two_groups two;
    two_begin(&two, NULL);
    for (unsigned i = 1; i <= 3; i++)
        send_module(&two, i);
    send_dsi(&two.kit, 1, 1);
    assert_int_equal(two.kit.trees, 0);
    send_second(&two, 0);
    send_first(&two, 0);
    assert_int_equal(two.kit.modules, 3);
    assert_int_equal(progress_of(&two.kit).counts.early_blocks, 3);
    assert_int_equal(two.kit.trees, 1); /* heard of from the blocks on */
    assert_file(&two.kit, "d/a", "old a");
    /* Also blocks of a version whose DII was lost on the way. */
    put_text(&two, 2, "new a");
    send_module(&two, 2);
    assert_int_equal(progress_of(&two.kit).counts.other_versions, 1);
    send_first(&two, 1);
    send_second(&two, 0);
    assert_int_equal(two.kit.trees, 2);
    assert_file(&two.kit, "d/a", "new a");
    two_end(&two);
}

static void early_blocks_have_a_ceiling(void **state)
{
    (void)state;
    struct kit kit;
    const struct dsmcc_receiver_options options = {.max_orphan_bytes = 4 * BLOCK};
    char text[8 * BLOCK + 1];
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = (char)('a' + i / BLOCK);
    text[sizeof text - 1] = 0;
    kit_begin(&kit, &options, NULL, 0);
    make_simple(&kit, text);
    struct bytes data = buffer_view(&kit.module);
    struct dsmcc_dii_module module = plain(1, 0, data.size);
    send_dsi(&kit, 1, 1);
    for (size_t round = 0; round < 50; round++)
        send_block(&kit, 9, 0, data, round % 8); /* of a module that is never announced */
    send_blocks(&kit, 1, 0, data);
    send_dii(&kit, 0x80000002, &module, 1);
    /* The last, smaller one and three more. */
    assert_int_equal(progress_of(&kit).counts.early_blocks, 4);
    struct dsmcc_module_status status;
    assert_true(dsmcc_receiver_module(kit.receiver, 0, &status));
    assert_int_equal(status.blocks_have, 4);
    send_blocks(&kit, 1, 0, data);
    assert_int_equal(kit.trees, 1);
    assert_file(&kit, "a", text);
    kit_end(&kit);
}

/* An update of both DIIs: whatever is lost, nobody sees one half of it. */
static void shows_no_half_of_an_update(void **state)
{
    (void)state;
    struct two_groups two;
    two_begin(&two, NULL);
    send_all(&two);
    assert_int_equal(two.kit.trees, 1);
    put_text(&two, 2, "new a");
    put_text(&two, 3, "new b");
    send_first(&two, 1);
    send_module(&two, 2); /* complete, with module 3 as it was: not yet */
    assert_int_equal(two.kit.trees, 1);
    assert_false(progress_of(&two.kit).complete);
    send_dsi(&two.kit, 1, 1);
    send_module(&two, 3); /* its DII is late */
    send_first(&two, 1);
    assert_int_equal(two.kit.trees, 1);
    send_second(&two, 1);
    assert_int_equal(two.kit.trees, 2);
    assert_file(&two.kit, "d/a", "new a");
    assert_file(&two.kit, "d/b", "new b");
    /* Two updates, of which the second DII was heard once, between them. */
    put_text(&two, 2, "newer a");
    put_text(&two, 3, "newer b");
    send_first(&two, 2);
    send_second(&two, 2);
    put_text(&two, 2, "newest a");
    put_text(&two, 3, "newest b");
    send_first(&two, 3);
    send_module(&two, 2);
    assert_int_equal(two.kit.trees, 2);
    send_second(&two, 3);
    send_module(&two, 3);
    assert_int_equal(two.kit.trees, 2); /* the first may have changed since */
    send_first(&two, 3);
    assert_int_equal(two.kit.trees, 3);
    assert_file(&two.kit, "d/a", "newest a");
    assert_file(&two.kit, "d/b", "newest b");
    two_end(&two);
}

/* A receiver that joins within an update. */
static void joins_within_an_update(void **state)
{
    (void)state;
    struct two_groups two;
    two_begin(&two, NULL);
    send_dsi(&two.kit, 1, 1);
    send_second(&two, 0);
    send_module(&two, 3);
    put_text(&two, 2, "new a");
    put_text(&two, 3, "new b");
    send_first(&two, 1);
    send_module(&two, 1);
    send_module(&two, 2);
    assert_int_equal(two.kit.trees, 0); /* "new a" and "old b" were never on air together */
    send_second(&two, 1);
    assert_int_equal(two.kit.trees, 0);
    send_module(&two, 3);
    send_first(&two, 1);
    assert_int_equal(two.kit.trees, 1);
    assert_file(&two.kit, "d/b", "new b");
    two_end(&two);
}

static void gives_up_diis_that_vanish(void **state)
{
    (void)state;
    struct two_groups two;
    two_begin(&two, NULL);
    send_all(&two);
    assert_true(progress_of(&two.kit).complete);
    for (size_t i = 0; i < 40; i++) {
        send_dsi(&two.kit, 1, 1);
        send_first(&two, 0);
    }
    struct dsmcc_progress progress = progress_of(&two.kit);
    assert_int_equal(progress.counts.vanished_groups, 1);
    assert_int_equal(progress.groups, 1);
    assert_int_equal(progress.modules, 2);
    assert_false(progress.complete);
    assert_non_null(dsmcc_receiver_tree(two.kit.receiver)); /* the last whole one stands */
    struct dsmcc_unannounced unannounced;
    assert_int_equal(dsmcc_receiver_unannounced(two.kit.receiver, &unannounced, 1), 1);
    assert_int_equal(unannounced.module_id, 3);
    send_second(&two, 0);
    send_module(&two, 3);
    send_first(&two, 0);
    assert_true(progress_of(&two.kit).complete);
    assert_int_equal(progress_of(&two.kit).groups, 2);
    /* A DII that comes less often than others is none that vanished. */
    for (size_t i = 0; i < 300; i++) {
        send_first(&two, 0);
        if (i % 20 == 0)
            send_second(&two, 0);
    }
    assert_int_equal(progress_of(&two.kit).counts.vanished_groups, 1);
    two_end(&two);
}

static void listens_to_its_own_gateway_only(void **state)
{
    (void)state;
    struct kit kit;
    const struct dsmcc_tap_pid taps[] = {{0x48, PID + 1}};
    kit_begin(&kit, NULL, taps, 1);
    make_simple(&kit, "text");
    send_single(&kit);
    struct dsmcc_dsi dsi = {.transaction_id = 0x80000000, .gateway = ior_of(DSMCC_KIND_GATEWAY, 1, 1)};
    dsi.gateway.carousel_id = CAROUSEL + 1; /* another carousel at home on the other PID */
    dsmcc_dsi_append(&kit.section, &dsi);
    kit.pid = PID + 1;
    push(&kit);
    assert_true(progress_of(&kit).complete);
    assert_int_equal(progress_of(&kit).carousel_id, CAROUSEL);
    assert_int_equal(progress_of(&kit).counts.other_carousels, 1);
    kit_end(&kit);
}

static void gives_branches_before_the_whole(void **state)
{
    (void)state;
    struct two_groups two;
    two_begin(&two, NULL);
    struct dsmcc_receiver *receiver = two.kit.receiver;
    assert_null(dsmcc_receiver_branch(receiver, "d/a"));
    send_dsi(&two.kit, 1, 1);
    send_first(&two, 0);
    send_second(&two, 0);
    send_module(&two, 1);
    assert_null(dsmcc_receiver_branch(receiver, "d/a"));
    send_module(&two, 2);
    struct dsmcc_tree *branch = dsmcc_receiver_branch(receiver, "d/a");
    assert_non_null(branch);
    assert_int_equal(dsmcc_tree_count(branch), 1);
    assert_memory_equal(dsmcc_tree_find(branch, "d/a")->data.data, "old a", 5);
    dsmcc_tree_unref(branch);
    static const char *const not_there[] = {"d", "e", "", "d/x", "d/a/x", "d/", "dd", "f"};
    for (size_t i = 0; i < sizeof not_there / sizeof not_there[0]; i++)
        assert_null(dsmcc_receiver_branch(receiver, not_there[i]));
    send_module(&two, 3);
    branch = dsmcc_receiver_branch(receiver, "d");
    assert_non_null(branch);
    assert_int_equal(dsmcc_tree_count(branch), 2);
    dsmcc_tree_unref(branch);
    assert_int_equal(two.kit.trees, 1);
    /* In an update a branch is of one state as well. */
    put_text(&two, 2, "new a");
    put_text(&two, 3, "new b");
    send_first(&two, 1);
    send_module(&two, 2);
    assert_null(dsmcc_receiver_branch(receiver, "d"));
    branch = dsmcc_receiver_branch(receiver, "d/a");
    assert_non_null(branch);
    assert_memory_equal(dsmcc_tree_find(branch, "d/a")->data.data, "new a", 5);
    dsmcc_tree_unref(branch);
    two_end(&two);
}

/* Four files of 10,000 bytes where memory is for three; then one of them comes on screen. */
static void keeps_what_is_on_screen(void **state)
{
    (void)state;
    struct kit kit;
    const struct dsmcc_receiver_options options = {.max_total_bytes = 32000};
    kit_begin(&kit, &options, NULL, 0);
    static const char *const names[] = {"a", "b", "c", "d"};
    begin_directory(&kit, DSMCC_KIND_GATEWAY, 1, 4);
    for (uint16_t i = 0; i < 4; i++)
        bind_file(&kit, names[i], i + 2, 1);
    end_directory(&kit);
    char text[9901];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    struct buffer file;
    buffer_init(&file, 20000);
    dsmcc_file_append(&file, 1, text, sizeof text - 1);
    struct dsmcc_dii_module modules[5];
    modules[0] = plain(1, 0, kit.module.size);
    for (uint16_t i = 1; i < 5; i++)
        modules[i] = plain(i + 1, 0, file.size);
    send_dsi(&kit, 1, 1);
    send_dii(&kit, 0x80000002, modules, 5);
    for (uint16_t i = 0; i < 5; i++)
        send_blocks(&kit, i + 1, 0, i == 0 ? buffer_view(&kit.module) : buffer_view(&file));
    struct dsmcc_module_status status;
    assert_true(dsmcc_receiver_module(kit.receiver, 4, &status));
    assert_true(status.rejected);
    assert_null(dsmcc_receiver_branch(kit.receiver, "d"));
    struct dsmcc_tree *held = dsmcc_receiver_branch(kit.receiver, "a");
    assert_non_null(held);
    assert_true(dsmcc_receiver_want(kit.receiver, (const char *const[]){"d"}, 1));
    send_dsi(&kit, 1, 1);
    assert_true(dsmcc_receiver_module(kit.receiver, 4, &status));
    assert_false(status.rejected);
    send_blocks(&kit, 5, 0, buffer_view(&file));
    struct dsmcc_tree *branch = dsmcc_receiver_branch(kit.receiver, "d");
    assert_non_null(branch);
    dsmcc_tree_unref(branch);
    size_t rejected = 0;
    uint64_t bytes = 0;
    for (size_t i = 0; dsmcc_receiver_module(kit.receiver, i, &status); i++) {
        rejected += status.rejected;
        bytes += status.rejected ? 0 : status.size;
    }
    assert_int_equal(rejected, 1);
    assert_true(bytes <= options.max_total_bytes);
    assert_int_equal(dsmcc_tree_find(held, "a")->data.size, sizeof text - 1); /* who held it has it */
    dsmcc_tree_unref(held);
    assert_int_equal(kit.trees, 0);
    char long_path[DSMCC_PATH_SIZE_MAX + 2];
    memset(long_path, 'p', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = 0;
    assert_false(dsmcc_receiver_want(kit.receiver, (const char *const[]){long_path}, 1));
    assert_true(dsmcc_receiver_want(kit.receiver, NULL, 0));
    buffer_finish(&file);
    kit_end(&kit);
}

static const struct dsmcc_stream sample = {
    .kind = DSMCC_KIND_STREAM_EVENT,
    .description = {(const uint8_t *)"live shop", 9},
    .duration_s = -1,
    .duration_us = 500,
    .audio = true,
    .data = true,
    .tap_count = 2,
    .event_count = 2,
    .taps = {{0, DSMCC_TAP_STATUS_AND_EVENT, 0x21}, {0, DSMCC_TAP_PROGRAM, 0x22}},
    .events = {{0x0101, {(const uint8_t *)"product", 7}}, {0x8001, {(const uint8_t *)"結束", 6}}},
};

static void assert_sample(const struct dsmcc_stream *stream)
{
    assert_int_equal(stream->kind, DSMCC_KIND_STREAM_EVENT);
    assert_int_equal(stream->description.size, 9);
    assert_int_equal(stream->duration_s, -1);
    assert_int_equal(stream->duration_us, 500);
    assert_true(stream->audio && !stream->video && stream->data);
    assert_int_equal(stream->tap_count, 2);
    assert_int_equal(stream->taps[0].association_tag, 0x21);
    assert_int_equal(stream->event_count, 2);
    assert_int_equal(stream->events[0].event_id, 0x0101);
    assert_memory_equal(stream->events[0].name.data, "product", 7);
    assert_int_equal(dsmcc_stream_find_event(stream, 0x8001)->name.size, 6);
    assert_null(dsmcc_stream_find_event(stream, 1));
}

static void reads_stream_events_from_the_tree(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    begin_directory(&kit, DSMCC_KIND_GATEWAY, 1, 1);
    bind_name(&kit, "shop.event", 10, DSMCC_KIND_STREAM_EVENT, 1, 2);
    end_directory(&kit);
    size_t before = kit.module.size;
    dsmcc_stream_append(&kit.module, 2, &sample);
    assert_int_equal(kit.module.size - before, dsmcc_stream_size(&sample));
    send_single(&kit);
    assert_int_equal(kit.trees, 1);
    const struct dsmcc_entry *entry = dsmcc_tree_find(kit.tree, "shop.event");
    assert_non_null(entry);
    struct dsmcc_stream stream;
    assert_true(dsmcc_stream_of_entry(entry, &stream));
    assert_sample(&stream);
    kit_end(&kit);
}

static void decides_the_width_of_microseconds(void **state)
{
    (void)state;
    struct buffer message, wide;
    buffer_init(&message, 4096);
    buffer_init(&wide, 4096);
    dsmcc_stream_append(&message, 2, &sample);
    struct reader reader;
    struct dsmcc_object object;
    struct dsmcc_stream stream;
    reader_init(&reader, message.data, message.size);
    assert_true(dsmcc_object_read(&reader, &object));
    /* The same with two bytes more before aMicroSeconds, as TS 102 809 writes it. */
    size_t at = 1 + sample.description.size + 4;
    buffer_append(&wide, object.info.data, at);
    buffer_u16(&wide, 0);
    buffer_append(&wide, object.info.data + at, object.info.size - at);
    assert_true(dsmcc_stream_read(object.kind, buffer_view(&wide), object.body, &stream));
    assert_sample(&stream);
    /* A stream without events. */
    wide.size = at + 4 + 3;
    const uint8_t body[] = {0};
    assert_true(dsmcc_stream_read(DSMCC_KIND_STREAM, buffer_view(&wide), (struct bytes){body, 1}, &stream));
    assert_int_equal(stream.duration_us, 500);
    assert_true(stream.audio && !stream.video && stream.data);
    for (size_t size = 0; size < object.info.size; size++)
        assert_false(
            dsmcc_stream_read(object.kind, (struct bytes){object.info.data, size}, object.body, &stream));
    for (size_t size = 0; size < object.body.size; size++)
        assert_false(
            dsmcc_stream_read(object.kind, object.info, (struct bytes){object.body.data, size}, &stream));
    assert_false(dsmcc_stream_read(DSMCC_KIND_FILE, object.info, object.body, &stream));
    buffer_finish(&message);
    buffer_finish(&wide);
    struct dsmcc_stream bad = sample;
    bad.events[1].name.size = 0;
    assert_false(dsmcc_stream_is_good(&bad));
    bad = sample;
    bad.kind = DSMCC_KIND_STREAM;
    assert_false(dsmcc_stream_is_good(&bad));
    bad = sample;
    bad.duration_us = 70000;
    assert_false(dsmcc_stream_is_good(&bad));
    assert_true(dsmcc_stream_is_good(&sample));
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
        cmocka_unit_test(keeps_blocks_for_their_dii),
        cmocka_unit_test(early_blocks_have_a_ceiling),
        cmocka_unit_test(shows_no_half_of_an_update),
        cmocka_unit_test(joins_within_an_update),
        cmocka_unit_test(gives_up_diis_that_vanish),
        cmocka_unit_test(listens_to_its_own_gateway_only),
        cmocka_unit_test(gives_branches_before_the_whole),
        cmocka_unit_test(keeps_what_is_on_screen),
        cmocka_unit_test(reads_stream_events_from_the_tree),
        cmocka_unit_test(decides_the_width_of_microseconds),
    };
    log_set_sink(drop_line, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
