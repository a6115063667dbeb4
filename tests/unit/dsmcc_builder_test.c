/* SPDX-License-Identifier: Apache-2.0 */
/* Builder, sectioner, a bad line, demultiplexer and receiver in one row: what comes out is what went in, or
 * nothing. */
#include "base/log.h"
#include "dsmcc/builder.h"
#include "dsmcc/message.h"
#include "dsmcc/receiver.h"
#include "ts/crc32.h"
#include "ts/section.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PID 0x7D3
#define FILES_MAX 700
#define PACKETS_MAX 200000

/* A fixed sequence: xorshift64*. */
static uint32_t next_random(uint64_t *random)
{
    *random ^= *random >> 12;
    *random ^= *random << 25;
    *random ^= *random >> 27;
    return (uint32_t)(*random * UINT64_C(0x2545F4914F6CDD1D) >> 32);
}

/* The content folder of a test. */
struct content {
    struct dsmcc_source files[FILES_MAX];
    char paths[FILES_MAX][64];
    size_t count;
};

static struct dsmcc_source *add(struct content *content, const char *path, const void *data, size_t size)
{
    assert_true(content->count < FILES_MAX);
    char *copy = content->paths[content->count];
    snprintf(copy, sizeof content->paths[0], "%s", path);
    void *bytes = malloc(size ? size : 1);
    assert_non_null(bytes);
    memcpy(bytes, data, size);
    content->files[content->count] = (struct dsmcc_source){.path = copy, .data = bytes, .size = size};
    return &content->files[content->count++];
}

/* Bytes that do not pack (noise) or do. */
static struct dsmcc_source *add_sized(struct content *content, const char *path, size_t size, bool noise,
                                      uint64_t seed)
{
    uint8_t *bytes = malloc(size ? size : 1);
    uint64_t random = seed * 2 + 1;
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = noise ? (uint8_t)next_random(&random)
                         : (uint8_t)("product, price, name"[(i + i / 97 * seed) % 20]);
    struct dsmcc_source *file = add(content, path, bytes, size);
    free(bytes);
    return file;
}

static void replace(struct content *content, const char *path, const char *text)
{
    for (size_t i = 0; i < content->count; i++) {
        if (strcmp(content->files[i].path, path) != 0)
            continue;
        free((void *)(uintptr_t)content->files[i].data);
        content->files[i].size = strlen(text);
        content->files[i].data = strdup(text);
        assert_non_null(content->files[i].data);
        return;
    }
    fail_msg("no %s", path);
}

static void forget(struct content *content)
{
    for (size_t i = 0; i < content->count; i++)
        free((void *)(uintptr_t)content->files[i].data);
    content->count = 0;
}

static void make_content(struct content *content)
{
    char path[64];
    content->count = 0;
    add(content, "commerce/manifest.json", "{\"sequence\":1}", 14)->weight = 20;
    add(content, "commerce/manifest.sig", "signature", 9)->weight = 20;
    add(content, "commerce/categories.json", "[]", 2);
    add(content, "commerce/empty.json", "", 0);
    for (unsigned i = 0; i < 40; i++) {
        snprintf(path, sizeof path, "commerce/catalogue/list-%u.json", i);
        add_sized(content, path, 3000 + 100 * i, false, i);
        snprintf(path, sizeof path, "commerce/pictures/%u.jpg", i);
        add_sized(content, path, 9000 + 211 * i, true, i)->weight = 1;
    }
    add_sized(content, "community/pictures/large.jpg", 150000, true, 99);
    add_sized(content, "credit/dishonest.json", 200000, false, 3);
}

/* The receiving side. */
struct home {
    struct ts_demux *demux;
    struct dsmcc_receiver *receiver;
    struct dsmcc_tree *tree;
    size_t trees, modules;
    const struct content *content; /* every tree must be this one */
    const struct content *older;   /* or this one */
    size_t older_trees;
};

static bool tree_is(const struct dsmcc_tree *tree, const struct content *content)
{
    if (dsmcc_tree_count(tree) != content->count)
        return false;
    for (size_t i = 0; i < content->count; i++) {
        const struct dsmcc_source *file = &content->files[i];
        const struct dsmcc_entry *entry = dsmcc_tree_find(tree, file->path);
        if (!entry || entry->kind != DSMCC_KIND_FILE || entry->data.size != file->size ||
            memcmp(entry->data.data, file->data, file->size) != 0)
            return false;
    }
    return true;
}

static void on_tree(void *context, struct dsmcc_tree *tree)
{
    struct home *home = context;
    home->trees++;
    if (home->older && tree_is(tree, home->older))
        home->older_trees++;
    else if (!tree_is(tree, home->content))
        fail_msg("tree %zu is no tree that was sent", home->trees);
    dsmcc_tree_unref(home->tree);
    home->tree = dsmcc_tree_ref(tree);
}

static void on_module(void *context, const struct dsmcc_module_status *module)
{
    struct home *home = context;
    (void)module;
    home->modules++;
}

static void home_begin(struct home *home, const struct content *content)
{
    *home = (struct home){.content = content, .demux = ts_demux_create()};
    const struct dsmcc_receiver_events events = {.context = home, .tree = on_tree, .module = on_module};
    assert_non_null(home->demux);
    home->receiver = dsmcc_receiver_create(home->demux, PID, NULL, 0, NULL, &events);
    assert_non_null(home->receiver);
}

static void home_end(struct home *home)
{
    dsmcc_receiver_destroy(home->receiver);
    dsmcc_tree_unref(home->tree);
    ts_demux_destroy(home->demux);
}

static bool is_complete(const struct home *home)
{
    struct dsmcc_progress progress;
    dsmcc_receiver_progress(home->receiver, &progress);
    return progress.complete;
}

/* What a line does, each once in so many packets; 0: never. */
struct line {
    unsigned lost, doubled, flipped;
    uint64_t random;
};

static bool happens(struct line *line, unsigned once_in)
{
    return once_in > 0 && next_random(&line->random) % once_in == 0;
}

static void flip_bits(struct line *line, uint8_t packet[TS_PACKET_SIZE])
{
    for (unsigned i = 1 + next_random(&line->random) % 5; i > 0; i--)
        packet[next_random(&line->random) % TS_PACKET_SIZE] ^=
            (uint8_t)(1u << next_random(&line->random) % 8);
}

/* Sends up to packets packets, until the tree is complete (where until_complete), and returns how many. */
static size_t transmit(struct dsmcc_builder *builder, struct ts_sectioner *sectioner, struct home *home,
                       struct line *line, size_t packets, bool until_complete)
{
    uint8_t packet[TS_PACKET_SIZE];
    for (size_t i = 0; i < packets; i++) {
        if (until_complete && is_complete(home))
            return i;
        assert_true(ts_sectioner_packet(sectioner, packet, dsmcc_builder_next_section, builder));
        if (line && happens(line, line->lost))
            continue;
        if (line && happens(line, line->flipped))
            flip_bits(line, packet);
        ts_demux_push(home->demux, packet, sizeof packet);
        if (line && happens(line, line->doubled))
            ts_demux_push(home->demux, packet, sizeof packet);
    }
    return packets;
}

static struct dsmcc_builder *begin_carousel(const struct content *content)
{
    struct dsmcc_builder *builder = dsmcc_builder_create(NULL);
    struct error error;
    assert_non_null(builder);
    if (!dsmcc_builder_set_tree(builder, content->files, content->count, &error))
        fail_msg("%s", error.text);
    return builder;
}

static struct dsmcc_builder_info info_of(const struct dsmcc_builder *builder)
{
    struct dsmcc_builder_info info;
    dsmcc_builder_info(builder, &info);
    return info;
}

static void comes_back_on_a_good_line(void **state)
{
    (void)state;
    static struct content content;
    make_content(&content);
    struct dsmcc_builder *builder = begin_carousel(&content);
    struct ts_sectioner sectioner;
    struct home home;
    ts_sectioner_init(&sectioner, PID);
    home_begin(&home, &content);
    size_t packets = transmit(builder, &sectioner, &home, NULL, PACKETS_MAX, true);
    assert_true(packets < PACKETS_MAX);
    struct dsmcc_builder_info info = info_of(builder);
    assert_int_equal(home.trees, 1);
    assert_int_equal(info.files, content.count);
    assert_int_equal(info.directories, 7);
    assert_int_equal(info.groups, 1);
    assert_int_equal(info.modules_changed, info.modules);
    assert_int_equal(home.modules, info.modules);
    assert_int_equal(info.dsi_transaction_id, 0x80000000);
    /* One round, beside what weighs more: here that takes more than half of the air. */
    assert_true(packets * 184 < 3 * info.module_bytes);
    struct dsmcc_builder_module module;
    for (size_t i = 0; dsmcc_builder_module(builder, i, &module); i++) {
        assert_true(module.original_size <= 65536 || module.objects == 1);
        assert_true(module.size <= DSMCC_MODULE_BYTES_MAX && module.size <= module.original_size);
    }
    struct dsmcc_progress progress;
    dsmcc_receiver_progress(home.receiver, &progress);
    assert_int_equal(progress.counts.bad_messages + progress.counts.bad_blocks + progress.counts.bad_modules +
                         progress.counts.bad_names + progress.counts.foreign + progress.counts.dangling,
                     0);
    home_end(&home);
    dsmcc_builder_destroy(builder);
    forget(&content);
}

static void gives_nothing_or_the_truth_on_bad_lines(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {.lost = 50, .random = 1},   {.flipped = 60, .random = 2},
        {.doubled = 5, .random = 3}, {.lost = 200, .doubled = 50, .flipped = 60, .random = 4},
        {.flipped = 4, .random = 5},
    };
    static struct content content;
    make_content(&content);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct dsmcc_builder *builder = begin_carousel(&content);
        struct ts_sectioner sectioner;
        struct line line = lines[i];
        struct home home;
        ts_sectioner_init(&sectioner, PID);
        home_begin(&home, &content);
        size_t packets = transmit(builder, &sectioner, &home, &line, PACKETS_MAX / 4, true);
        /* A section of 22 packets hardly survives the last line: there, no tree is right as well. */
        if (i < 4 && packets == PACKETS_MAX / 4)
            fail_msg("line %zu: no tree after %zu packets", i, packets);
        home_end(&home);
        dsmcc_builder_destroy(builder);
    }
    forget(&content);
}

/* A receiver that listens while the content changes sees the old tree or the new one, never a mixture. */
static void changes_whole_on_a_bad_line(void **state)
{
    (void)state;
    static struct content before, after;
    make_content(&before);
    make_content(&after);
    replace(&after, "commerce/manifest.json", "{\"sequence\":2}");
    replace(&after, "commerce/catalogue/list-7.json", "changed");
    add(&after, "commerce/catalogue/list-new.json", "new", 3);
    struct line line = {.lost = 100, .flipped = 100, .doubled = 50, .random = 77};
    for (size_t moment = 0; moment < 8; moment++) {
        struct dsmcc_builder *builder = begin_carousel(&before);
        struct ts_sectioner sectioner;
        struct home home;
        ts_sectioner_init(&sectioner, PID);
        home_begin(&home, &after);
        home.older = &before;
        transmit(builder, &sectioner, &home, &line, 1000 * moment + 13, false);
        assert_true(dsmcc_builder_set_tree(builder, after.files, after.count, NULL));
        for (size_t i = 0; i < 400 && !(home.tree && tree_is(home.tree, &after)); i++)
            transmit(builder, &sectioner, &home, &line, 500, false);
        assert_true(home.tree && tree_is(home.tree, &after));
        assert_true(home.older_trees <= 1);
        home_end(&home);
        dsmcc_builder_destroy(builder);
    }
    forget(&before);
    forget(&after);
}

struct versions {
    uint8_t version[0x10000];
    bool there[0x10000];
    size_t count;
};

static void note_versions(const struct dsmcc_builder *builder, struct versions *versions)
{
    struct dsmcc_builder_module module;
    memset(versions, 0, sizeof *versions);
    for (size_t i = 0; dsmcc_builder_module(builder, i, &module); i++) {
        versions->version[module.module_id] = module.version;
        versions->there[module.module_id] = true;
        versions->count++;
    }
}

static size_t count_changes(const struct versions *a, const struct versions *b)
{
    size_t changes = 0;
    for (size_t i = 0; i < 0x10000; i++)
        changes += a->there[i] != b->there[i] || (a->there[i] && a->version[i] != b->version[i]);
    return changes;
}

static void changes_only_what_changed(void **state)
{
    (void)state;
    static struct content content;
    static struct versions before, after;
    make_content(&content);
    struct dsmcc_builder *builder = begin_carousel(&content);
    note_versions(builder, &before);

    assert_true(dsmcc_builder_set_tree(builder, content.files, content.count, NULL));
    assert_int_equal(info_of(builder).modules_changed, 0);
    assert_int_equal(info_of(builder).urgent_bytes, 0);
    note_versions(builder, &after);
    assert_int_equal(count_changes(&before, &after), 0);

    replace(&content, "commerce/catalogue/list-3.json", "one product less");
    assert_true(dsmcc_builder_set_tree(builder, content.files, content.count, NULL));
    assert_int_equal(info_of(builder).modules_changed, 1);
    assert_true(info_of(builder).urgent_bytes > 0);
    note_versions(builder, &after);
    assert_int_equal(count_changes(&before, &after), 1);
    assert_int_equal(after.version[1], before.version[1]); /* the directories did not change */

    before = after;
    add(&content, "commerce/catalogue/another.json", "{}", 2);
    assert_true(dsmcc_builder_set_tree(builder, content.files, content.count, NULL));
    assert_int_equal(info_of(builder).modules_changed, 2); /* the directories, and where it lies */

    /* Taken away and given back: nothing has the version that it had with other bytes. */
    note_versions(builder, &before);
    content.count--;
    assert_true(dsmcc_builder_set_tree(builder, content.files, content.count, NULL));
    free((void *)(uintptr_t)content.files[content.count].data);
    note_versions(builder, &after);
    assert_int_equal(count_changes(&before, &after), 2);
    assert_int_equal(info_of(builder).dsi_transaction_id, 0x80000000);
    dsmcc_builder_destroy(builder);
    forget(&content);
}

/* Reads sections until the DII and returns its transactionId; *blocks_before counts DDBs on the way. */
static uint32_t next_dii(struct dsmcc_builder *builder, size_t *blocks_before)
{
    *blocks_before = 0;
    for (size_t i = 0; i < 1000; i++) {
        size_t size;
        struct dsmcc_message_any any;
        const uint8_t *section = dsmcc_builder_next_section(builder, &size);
        assert_non_null(section);
        assert_int_equal(ts_crc32(section, size), 0);
        if (dsmcc_message_read(section, size, &any) == DSMCC_MESSAGE_DII)
            return any.dii.transaction_id;
        *blocks_before += any.message == DSMCC_MESSAGE_DDB;
    }
    fail_msg("no DII in 1,000 sections");
    return 0;
}

static void pushes_changes_in_front(void **state)
{
    (void)state;
    static struct content content;
    static struct versions before, after;
    make_content(&content);
    struct dsmcc_builder *builder = begin_carousel(&content);
    size_t blocks, size;
    assert_int_equal(next_dii(builder, &blocks), 0x80000002);
    for (size_t i = 0; i < 77; i++)
        assert_non_null(dsmcc_builder_next_section(builder, &size));
    note_versions(builder, &before);
    replace(&content, "commerce/manifest.json", "{\"sequence\":3}");
    assert_true(dsmcc_builder_set_tree(builder, content.files, content.count, NULL));
    note_versions(builder, &after);
    assert_int_equal(next_dii(builder, &blocks), 0x80010003);
    assert_int_equal(blocks, 0);
    struct dsmcc_message_any any;
    for (size_t i = 0; i < 2; i++) { /* small: twice at once */
        const uint8_t *section = dsmcc_builder_next_section(builder, &size);
        assert_int_equal(dsmcc_message_read(section, size, &any), DSMCC_MESSAGE_DDB);
        assert_true(after.version[any.ddb.module_id] != before.version[any.ddb.module_id]);
    }
    assert_int_equal(info_of(builder).urgent_bytes, 0);
    const uint8_t *section = dsmcc_builder_next_section(builder, &size);
    assert_int_equal(dsmcc_message_read(section, size, &any), DSMCC_MESSAGE_DDB);
    assert_int_equal(after.version[any.ddb.module_id], before.version[any.ddb.module_id]);
    dsmcc_builder_destroy(builder);
    forget(&content);
}

static void repeats_by_weight(void **state)
{
    (void)state;
    static struct content content;
    make_content(&content);
    struct dsmcc_builder *builder = begin_carousel(&content);
    size_t size, most_bytes = 0, bytes = 0, control = 0;
    for (size_t i = 0; i < 20000; i++) {
        const uint8_t *section = dsmcc_builder_next_section(builder, &size);
        control += section[0] == DSMCC_TABLE_CONTROL;
        bytes = section[0] == DSMCC_TABLE_CONTROL ? 0 : bytes + size;
        most_bytes = bytes > most_bytes ? bytes : most_bytes;
    }
    assert_true(control > 0 && most_bytes < 65536 + TS_SECTION_SIZE_MAX);
    struct dsmcc_builder_module module;
    uint64_t least = UINT64_MAX, heavy = 0;
    for (size_t i = 0; dsmcc_builder_module(builder, i, &module); i++) {
        least = module.sent < least ? module.sent : least;
        heavy = module.weight == 20 ? module.sent : heavy;
    }
    assert_true(least >= 2 && info_of(builder).rounds == least);
    /* As often as 20 times, but never twice in a row just to make up for the length of what lies between. */
    assert_in_range(heavy, 8 * least, 21 * (least + 1));
    assert_true(dsmcc_builder_set_weight(builder, "commerce/manifest.json", 1));
    assert_false(dsmcc_builder_set_weight(builder, "commerce", 1));
    assert_false(dsmcc_builder_set_weight(builder, "nothing", 1));
    assert_false(dsmcc_builder_set_weight(builder, "commerce/manifest.json", 0));
    dsmcc_builder_destroy(builder);
    forget(&content);
}

static const struct dsmcc_stream shop_events = {
    .kind = DSMCC_KIND_STREAM_EVENT,
    .tap_count = 1,
    .event_count = 1,
    .taps = {{0, DSMCC_TAP_STATUS_AND_EVENT, 0x21}},
    .events = {{0x0042, {(const uint8_t *)"product", 7}}},
};

static void carries_stream_events_and_caching_priorities(void **state)
{
    (void)state;
    static struct content content;
    content.count = 0;
    add(&content, "shop/list.json", "[]", 2);
    content.files[content.count++] = (struct dsmcc_source){.path = "shop/now.event", .stream = &shop_events};
    const struct dsmcc_builder_options options = {
        .block_size = 512, .bit_rate = 1500000, .caching_priority = 200, .caching_transparency = 2};
    struct dsmcc_builder *builder = dsmcc_builder_create(&options);
    struct dsmcc_receiver *receiver = dsmcc_receiver_create(NULL, PID, NULL, 0, NULL, NULL);
    assert_true(builder && receiver);
    assert_true(dsmcc_builder_set_tree(builder, content.files, content.count, NULL));
    size_t size, since = 0, most = 0;
    for (size_t i = 0; i < 2000; i++) {
        struct dsmcc_message_any any;
        struct dsmcc_dii_module module;
        const uint8_t *section = dsmcc_builder_next_section(builder, &size);
        assert_int_equal(section[1] & 0xF0, 0xB0); /* private_indicator is the complement */
        dsmcc_receiver_push_section(receiver, PID, section, size);
        since += size;
        if (dsmcc_message_read(section, size, &any) == DSMCC_MESSAGE_DII) {
            most = since > most ? since : most;
            since = 0;
            assert_int_equal(any.dii.block_size, 512);
            while (dsmcc_dii_next(&any.dii, &module)) {
                assert_int_equal(module.caching_priority, 200);
                assert_int_equal(module.caching_transparency, 2);
            }
        }
    }
    assert_in_range(most, 65000, 67000); /* 350 ms of 1.5 Mbit/s */
    struct dsmcc_tree *tree = dsmcc_receiver_tree(receiver);
    assert_non_null(tree);
    assert_int_equal(dsmcc_tree_count(tree), 2);
    struct dsmcc_stream stream;
    assert_true(dsmcc_stream_of_entry(dsmcc_tree_find(tree, "shop/now.event"), &stream));
    assert_memory_equal(dsmcc_stream_find_event(&stream, 0x0042)->name.data, "product", 7);
    struct dsmcc_stream bad = shop_events;
    bad.events[0].name.size = 0;
    content.files[1].stream = &bad;
    struct error error;
    assert_false(dsmcc_builder_set_tree(builder, content.files, content.count, &error));
    assert_non_null(strstr(error.text, "shop/now.event"));
    dsmcc_receiver_destroy(receiver);
    dsmcc_builder_destroy(builder);
    content.count = 1;
    forget(&content);
    assert_null(dsmcc_builder_create(&(struct dsmcc_builder_options){.caching_transparency = 4}));
}

static struct dsmcc_builder *restart(struct dsmcc_builder *builder)
{
    struct buffer saved;
    struct error error;
    buffer_init(&saved, 1u << 20);
    dsmcc_builder_export(builder, &saved);
    assert_false(saved.failed);
    dsmcc_builder_destroy(builder);
    builder = dsmcc_builder_create(NULL);
    assert_non_null(builder);
    if (!dsmcc_builder_import(builder, saved.data, saved.size, &error))
        fail_msg("%s", error.text);
    buffer_finish(&saved);
    return builder;
}

static void goes_on_after_a_restart(void **state)
{
    (void)state;
    static struct content content;
    static struct versions before, after;
    make_content(&content);
    struct dsmcc_builder *builder = begin_carousel(&content);
    replace(&content, "commerce/categories.json", "[1]");
    assert_true(dsmcc_builder_set_tree(builder, content.files, content.count, NULL));
    struct home home;
    struct ts_sectioner sectioner;
    ts_sectioner_init(&sectioner, PID);
    home_begin(&home, &content);
    transmit(builder, &sectioner, &home, NULL, PACKETS_MAX, true);
    assert_int_equal(home.trees, 1);
    note_versions(builder, &before);
    size_t modules = home.modules, blocks;

    builder = restart(builder);
    assert_null(dsmcc_builder_next_section(builder, &blocks)); /* no files yet */
    assert_true(dsmcc_builder_set_tree(builder, content.files, content.count, NULL));
    note_versions(builder, &after);
    assert_int_equal(count_changes(&before, &after), 0);
    assert_int_equal(info_of(builder).modules_changed, 0);
    assert_int_equal(next_dii(builder, &blocks), 0x80010003);
    ts_sectioner_init(&sectioner, PID);
    transmit(builder, &sectioner, &home, NULL, 5000, false);
    assert_int_equal(home.trees, 1); /* the home noticed nothing */
    assert_int_equal(home.modules, modules);

    /* What changed while it was down is new after it. */
    builder = restart(builder);
    replace(&content, "commerce/categories.json", "[2]");
    assert_true(dsmcc_builder_set_tree(builder, content.files, content.count, NULL));
    assert_int_equal(info_of(builder).modules_changed, 1);
    assert_int_equal(next_dii(builder, &blocks), 0x80020002);
    ts_sectioner_init(&sectioner, PID);
    transmit(builder, &sectioner, &home, NULL, PACKETS_MAX / 10, false);
    assert_int_equal(home.trees, 2);
    assert_int_equal(home.modules, modules + 1);
    home_end(&home);
    dsmcc_builder_destroy(builder);
    forget(&content);
}

static void refuses_bad_states(void **state)
{
    (void)state;
    static struct content content;
    make_content(&content);
    struct dsmcc_builder *builder = begin_carousel(&content);
    struct buffer saved;
    struct error error;
    buffer_init(&saved, 1u << 20);
    dsmcc_builder_export(builder, &saved);
    assert_false(dsmcc_builder_import(builder, saved.data, saved.size, &error)); /* too late */
    dsmcc_builder_destroy(builder);
    builder = dsmcc_builder_create(&(struct dsmcc_builder_options){.carousel_id = 2});
    assert_false(dsmcc_builder_import(builder, saved.data, saved.size, &error));
    assert_non_null(strstr(error.text, "carousel 1"));
    dsmcc_builder_destroy(builder);
    builder = dsmcc_builder_create(NULL);
    for (size_t i = 0; i < saved.size; i += 37) {
        saved.data[i] ^= 0x04;
        assert_false(dsmcc_builder_import(builder, saved.data, saved.size, &error));
        saved.data[i] ^= 0x04;
    }
    for (size_t size = 0; size < saved.size; size++) {
        /* Cut, and with the right checksum all the same. */
        struct buffer cut;
        buffer_init(&cut, saved.size + 4);
        buffer_append(&cut, saved.data, size);
        buffer_u32(&cut, ts_crc32(cut.data, cut.size));
        if (size != saved.size - 4)
            assert_false(dsmcc_builder_import(builder, cut.data, cut.size, &error));
        buffer_finish(&cut);
    }
    assert_true(dsmcc_builder_import(builder, saved.data, saved.size, &error));
    assert_true(dsmcc_builder_set_tree(builder, content.files, content.count, &error));
    assert_int_equal(info_of(builder).modules_changed, 0);
    buffer_finish(&saved);
    dsmcc_builder_destroy(builder);
    forget(&content);
}

static void refuses_what_cannot_be_sent(void **state)
{
    (void)state;
    static struct content good;
    make_content(&good);
    struct dsmcc_builder *builder = begin_carousel(&good);
    static uint8_t noise[DSMCC_MODULE_BYTES_MAX + 1];
    static uint8_t zeros[(16u << 20) + 1];
    uint64_t random = 9;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)next_random(&random);
    const struct {
        struct dsmcc_source files[2];
        size_t count;
        const char *said;
    } bad[] = {
        {{{"a//b", "", 0, 0, 0, NULL}}, 1, "a//b"},
        {{{"../a", "", 0, 0, 0, NULL}}, 1, "../a"},
        {{{"", "", 0, 0, 0, NULL}}, 1, "not a path"},
        {{{"/a", "", 0, 0, 0, NULL}}, 1, "/a"},
        {{{"a/", "", 0, 0, 0, NULL}}, 1, "a/"},
        {{{"a", "", 0, 0, 0, NULL}, {"a", "", 0, 0, 0, NULL}}, 2, "given twice"},
        {{{"a", "", 0, 0, 0, NULL}, {"a/b", "", 0, 0, 0, NULL}}, 2, "as a file, and as the folder"},
        {{{"1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", "", 0, 0, 0, NULL}}, 1, "17 levels"},
        {{{"pictures/large.jpg", noise, sizeof noise, 0, 0, NULL}}, 1, "pictures/large.jpg: "},
        {{{"zeros", zeros, sizeof zeros, 0, 0, NULL}}, 1, "zeros: "},
    };
    static struct versions before, after;
    note_versions(builder, &before);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error error;
        assert_false(dsmcc_builder_set_tree(builder, bad[i].files, bad[i].count, &error));
        if (!strstr(error.text, bad[i].said))
            fail_msg("%zu: \"%s\" does not say \"%s\"", i, error.text, bad[i].said);
    }
    static struct content many;
    char path[64];
    for (unsigned i = 0; i < 513; i++) {
        snprintf(path, sizeof path, "folder/%u", i);
        add(&many, path, "", 0);
    }
    struct error error;
    assert_false(dsmcc_builder_set_tree(builder, many.files, 513, &error));
    assert_non_null(strstr(error.text, "512"));
    assert_true(dsmcc_builder_set_tree(builder, many.files, 512, &error));
    assert_true(dsmcc_builder_set_tree(builder, good.files, good.count, &error));
    forget(&many);
    dsmcc_builder_destroy(builder);
    /* A failure leaves the carousel as it was. */
    builder = begin_carousel(&good);
    note_versions(builder, &before);
    assert_false(dsmcc_builder_set_tree(builder, bad[8].files, 1, NULL));
    note_versions(builder, &after);
    assert_int_equal(count_changes(&before, &after), 0);
    assert_int_equal(info_of(builder).files, good.count);
    dsmcc_builder_destroy(builder);
    forget(&good);
    assert_null(dsmcc_builder_create(&(struct dsmcc_builder_options){.block_size = 100}));
    assert_null(dsmcc_builder_create(&(struct dsmcc_builder_options){.block_size = 4067}));
    assert_null(dsmcc_builder_create(&(struct dsmcc_builder_options){.longest_interval = 99}));
    assert_null(dsmcc_builder_create(&(struct dsmcc_builder_options){.longest_interval = 10001}));
    dsmcc_builder_destroy(NULL);
}

/* 255 blocks exactly, an empty carousel, and more modules than a DII takes. */
static void takes_the_largest_and_the_least(void **state)
{
    (void)state;
    static struct content content;
    struct home home;
    struct ts_sectioner sectioner;
    content.count = 0;
    add_sized(&content, "largest", DSMCC_MODULE_BYTES_MAX - 44, true, 5); /* 44: its BIOP header */
    struct dsmcc_builder *builder = begin_carousel(&content);
    ts_sectioner_init(&sectioner, PID);
    home_begin(&home, &content);
    transmit(builder, &sectioner, &home, NULL, PACKETS_MAX, true);
    assert_int_equal(home.trees, 1);
    forget(&content);
    assert_true(dsmcc_builder_set_tree(builder, NULL, 0, NULL));
    transmit(builder, &sectioner, &home, NULL, 200, false);
    assert_int_equal(home.trees, 2);
    assert_int_equal(dsmcc_tree_count(home.tree), 0);
    char path[64];
    for (unsigned i = 0; i < 250; i++) {
        snprintf(path, sizeof path, "d%u/file", i);
        add_sized(&content, path, 1000, true, i);
    }
    assert_true(dsmcc_builder_set_tree(builder, content.files, content.count, NULL));
    assert_true(info_of(builder).groups == 3);
    for (size_t i = 0; i < 100 && home.trees == 2; i++)
        transmit(builder, &sectioner, &home, NULL, 100, false);
    assert_int_equal(home.trees, 3);
    home_end(&home);
    dsmcc_builder_destroy(builder);
    forget(&content);
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
        cmocka_unit_test(comes_back_on_a_good_line),
        cmocka_unit_test(gives_nothing_or_the_truth_on_bad_lines),
        cmocka_unit_test(changes_whole_on_a_bad_line),
        cmocka_unit_test(changes_only_what_changed),
        cmocka_unit_test(pushes_changes_in_front),
        cmocka_unit_test(repeats_by_weight),
        cmocka_unit_test(carries_stream_events_and_caching_priorities),
        cmocka_unit_test(goes_on_after_a_restart),
        cmocka_unit_test(refuses_bad_states),
        cmocka_unit_test(refuses_what_cannot_be_sent),
        cmocka_unit_test(takes_the_largest_and_the_least),
    };
    log_set_sink(drop_line, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
