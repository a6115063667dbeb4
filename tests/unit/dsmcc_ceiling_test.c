/* SPDX-License-Identifier: Apache-2.0 */
/* What a receiver does where not all fits: what is wanted comes first and whole, and no broadcast gets more
 * memory or disk than there is. */
#include "base/file.h"
#include "base/log.h"
#include "dsmcc/cache.h"
#include "dsmcc_kit.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define FILE_SIZE 10000
#define DIRECTORIES 3
#define FILES_MAX 10
#define MODULES_MAX (1 + DIRECTORIES * FILES_MAX)

/* Directories "a", "b" and "c" beside the gateway in one module, each of their files in one of its own. */
struct air {
    struct kit kit;
    uint16_t top; /* module id of the gateway */
    size_t files[DIRECTORIES];
    struct buffer directories, content;
    struct dsmcc_dii_module modules[MODULES_MAX];
    size_t count;
    uint64_t ceiling;
    uint16_t version; /* of the DII */
};

static uint16_t module_of(size_t directory, size_t file)
{
    return (uint16_t)(10 * (directory + 1) + file);
}

static int compare_modules(const void *a, const void *b)
{
    const struct dsmcc_dii_module *x = a, *y = b;
    return (int)x->module_id - (int)y->module_id;
}

static void make_directories(struct air *air)
{
    static const char *const names[DIRECTORIES] = {"a", "b", "c"};
    struct kit *kit = &air->kit;
    begin_directory(kit, DSMCC_KIND_GATEWAY, 1, DIRECTORIES);
    for (uint32_t i = 0; i < DIRECTORIES; i++)
        bind_directory(kit, names[i], air->top, i + 2);
    end_directory(kit);
    for (uint32_t i = 0; i < DIRECTORIES; i++) {
        begin_directory(kit, DSMCC_KIND_DIRECTORY, i + 2, air->files[i]);
        for (size_t file = 0; file < air->files[i]; file++) {
            const char name[] = {(char)('0' + file), 0};
            bind_file(kit, name, module_of(i, file), 1);
        }
        end_directory(kit);
    }
    buffer_append(&air->directories, kit->module.data, kit->module.size);
    buffer_clear(&kit->module);
}

static void begin_air(struct air *air, uint64_t ceiling, uint16_t top, size_t a, size_t b, size_t c)
{
    *air = (struct air){.top = top, .files = {a, b, c}, .ceiling = ceiling};
    const struct dsmcc_receiver_options options = {.max_total_bytes = ceiling};
    static char text[FILE_SIZE + 1];
    memset(text, 'x', FILE_SIZE);
    kit_begin(&air->kit, &options, NULL, 0);
    buffer_init(&air->directories, MODULE_MAX);
    buffer_init(&air->content, MODULE_MAX);
    make_directories(air);
    dsmcc_file_append(&air->content, 1, text, FILE_SIZE);
    air->modules[air->count++] = plain(top, 0, air->directories.size);
    for (size_t i = 0; i < DIRECTORIES; i++) {
        for (size_t file = 0; file < air->files[i]; file++)
            air->modules[air->count++] = plain(module_of(i, file), 0, air->content.size);
    }
    qsort(air->modules, air->count, sizeof air->modules[0], compare_modules);
}

static void end_air(struct air *air)
{
    kit_end(&air->kit);
    buffer_finish(&air->directories);
    buffer_finish(&air->content);
}

static uint64_t held(const struct dsmcc_receiver *receiver)
{
    struct dsmcc_module_status status;
    uint64_t bytes = 0;
    for (size_t i = 0; dsmcc_receiver_module(receiver, i, &status); i++) {
        uint64_t larger = status.size > status.original_size ? status.size : status.original_size;
        bytes += status.rejected ? 0 : larger;
    }
    return bytes;
}

static void send_control(struct air *air)
{
    send_dsi(&air->kit, air->top, 1);
    send_dii(&air->kit, dsmcc_transaction_id(1, air->version), air->modules, air->count);
}

static void send_module(struct air *air, const struct dsmcc_dii_module *module)
{
    struct buffer *data = module->module_id == air->top ? &air->directories : &air->content;
    for (size_t i = 0; i < block_count(data->size); i++) {
        send_block(&air->kit, module->module_id, module->version, buffer_view(data), i);
        assert_true(held(air->kit.receiver) <= air->ceiling);
    }
}

/* Once through: DSI, DII, and each module of [from, to) in order of its id. */
static void cycle(struct air *air, size_t from, size_t to)
{
    send_control(air);
    for (size_t i = from; i < to && i < air->count; i++)
        send_module(air, &air->modules[i]);
}

static bool has_branch(struct air *air, const char *path, size_t files)
{
    struct dsmcc_tree *branch = dsmcc_receiver_branch(air->kit.receiver, path);
    bool whole = branch && dsmcc_tree_count(branch) == files;
    for (size_t i = 0; whole && i < files; i++)
        assert_int_equal(dsmcc_tree_entry(branch, i)->data.size, FILE_SIZE);
    dsmcc_tree_unref(branch);
    return whole;
}

static void want(struct air *air, const char *first, const char *second)
{
    const char *paths[] = {first, second};
    assert_true(dsmcc_receiver_want(air->kit.receiver, paths, second ? 2 : first ? 1 : 0));
}

/* Room for the directories and four files of fourteen; "c" has three of them and comes last. */
static void what_is_wanted_comes_first_and_whole(void **state)
{
    (void)state;
    struct air air;
    begin_air(&air, 4 * (FILE_SIZE + 200), 1, 9, 2, 3);
    for (int i = 0; i < 3; i++)
        cycle(&air, 0, MODULES_MAX);
    assert_false(has_branch(&air, "c", 3)); /* who wants nothing has what came first */
    end_air(&air);
    begin_air(&air, 4 * (FILE_SIZE + 200), 1, 9, 2, 3);
    want(&air, "c", NULL);
    cycle(&air, 0, MODULES_MAX);
    assert_true(has_branch(&air, "c", 3));
    assert_false(has_branch(&air, "a", 9));
    assert_int_equal(progress_of(&air.kit).wanted_too_large, 0);
    assert_int_equal(air.kit.trees, 0); /* the whole does not fit */
    for (int i = 0; i < 3; i++) {
        cycle(&air, 0, MODULES_MAX); /* and it stays */
        assert_true(has_branch(&air, "c", 3));
    }
    end_air(&air);
}

static void another_screen_may_come_at_any_time(void **state)
{
    (void)state;
    struct air air;
    for (size_t when = 0; when <= 8; when++) {
        begin_air(&air, 4 * (FILE_SIZE + 200), 1, 3, 2, 3);
        want(&air, "a", NULL);
        cycle(&air, 0, when);
        want(&air, "c", "a");
        cycle(&air, when, MODULES_MAX);
        cycle(&air, 0, when);
        assert_true(has_branch(&air, "c", 3));
        want(&air, "b", NULL);
        cycle(&air, 0, MODULES_MAX);
        assert_true(has_branch(&air, "b", 2));
        want(&air, "a", "b");
        cycle(&air, 0, MODULES_MAX);
        assert_true(has_branch(&air, "a", 3));
        end_air(&air);
    }
}

/* In their order, as far as they fit; what can never be whole does not keep out what can. */
static void what_cannot_fit_keeps_nothing_out(void **state)
{
    (void)state;
    struct air air;
    begin_air(&air, 4 * (FILE_SIZE + 200), 1, 9, 2, 3);
    want(&air, "a", "c");
    for (int i = 0; i < 2; i++)
        cycle(&air, 0, MODULES_MAX);
    assert_true(has_branch(&air, "c", 3));
    assert_int_equal(progress_of(&air.kit).wanted_too_large, 1);
    want(&air, "b", "c"); /* five files: one of them too many */
    for (int i = 0; i < 2; i++)
        cycle(&air, 0, MODULES_MAX);
    assert_true(has_branch(&air, "b", 2));
    assert_false(has_branch(&air, "c", 3));
    assert_int_equal(progress_of(&air.kit).wanted_too_large, 1);
    want(&air, NULL, NULL);
    cycle(&air, 0, MODULES_MAX);
    assert_int_equal(progress_of(&air.kit).wanted_too_large, 0);
    assert_true(has_branch(&air, "b", 2)); /* nothing is thrown away without need */
    end_air(&air);
}

/* The gateway's module comes behind files that take all there is, and nobody wants anything. */
static void directories_are_never_kept_out(void **state)
{
    (void)state;
    struct air air;
    begin_air(&air, 4 * (FILE_SIZE + 200), 99, 3, 1, 3);
    for (int i = 0; i < 2; i++)
        cycle(&air, 0, MODULES_MAX);
    struct dsmcc_module_status status;
    assert_true(dsmcc_receiver_module(air.kit.receiver, air.count - 1, &status));
    assert_int_equal(status.module_id, 99);
    assert_true(status.complete);
    assert_true(has_branch(&air, "a", 3));
    end_air(&air);
}

/* A wanted file changes together with one that nobody wants: the branch comes at once, the tree whole. */
static void an_update_is_seen_whole_whatever_is_wanted(void **state)
{
    (void)state;
    struct air air;
    begin_air(&air, 20 * (FILE_SIZE + 200), 1, 2, 2, 2);
    want(&air, "c", NULL);
    cycle(&air, 0, MODULES_MAX);
    assert_int_equal(air.kit.trees, 1);
    struct dsmcc_tree *before = dsmcc_tree_ref(air.kit.tree);
    air.version = 1;
    air.modules[1].version = air.modules[6].version = 1;
    send_control(&air);
    send_module(&air, &air.modules[6]);
    struct dsmcc_tree *branch = dsmcc_receiver_branch(air.kit.receiver, "c");
    assert_non_null(branch);
    assert_int_equal(dsmcc_tree_find(branch, "c/1")->module_version, 1);
    dsmcc_tree_unref(branch);
    assert_int_equal(air.kit.trees, 1);
    assert_ptr_equal(dsmcc_receiver_tree(air.kit.receiver), before);
    send_module(&air, &air.modules[1]);
    assert_int_equal(air.kit.trees, 2);
    assert_int_equal(dsmcc_tree_find(air.kit.tree, "a/0")->module_version, 1);
    assert_int_equal(dsmcc_tree_find(air.kit.tree, "c/1")->module_version, 1);
    dsmcc_tree_unref(before);
    end_air(&air);
}

/* The directory of what is wanted changes; until it is there again nothing says what it held, and others wait
 * for memory. Its files stay. */
static void an_update_of_its_directory_loses_nothing(void **state)
{
    (void)state;
    struct air air;
    begin_air(&air, 4 * (FILE_SIZE + 200), 1, 9, 2, 3);
    want(&air, "c", "b");
    cycle(&air, 0, MODULES_MAX);
    assert_true(has_branch(&air, "c", 3));
    air.version = 1;
    air.modules[0].version = 1;
    for (int i = 0; i < 3; i++)
        cycle(&air, 1, MODULES_MAX); /* not the directories */
    assert_false(has_branch(&air, "c", 3));
    cycle(&air, 0, 1); /* only the directories */
    assert_true(has_branch(&air, "c", 3));
    end_air(&air);
}

static void what_was_kept_out_comes_when_there_is_room(void **state)
{
    (void)state;
    struct air air;
    begin_air(&air, 5 * (FILE_SIZE + 200), 1, 3, 2, 0);
    for (int i = 0; i < 2; i++)
        cycle(&air, 0, MODULES_MAX);
    assert_int_equal(air.kit.trees, 0);
    assert_int_equal(progress_of(&air.kit).modules_complete, 5);
    /* The same directory, but one of its files is in the module of another now. */
    buffer_clear(&air.directories);
    struct kit *kit = &air.kit;
    begin_directory(kit, DSMCC_KIND_GATEWAY, 1, 4);
    for (uint16_t i = 1; i < 5; i++)
        bind_file(kit, (const char *const[]){"p", "q", "r", "s"}[i - 1], air.modules[i + 1].module_id, 1);
    end_directory(kit);
    buffer_append(&air.directories, kit->module.data, kit->module.size);
    air.version = 1;
    memmove(&air.modules[1], &air.modules[2], (--air.count - 1) * sizeof air.modules[0]);
    air.modules[0] = plain(1, 1, air.directories.size);
    for (int i = 0; i < 2; i++)
        cycle(&air, 0, MODULES_MAX);
    assert_int_equal(air.kit.trees, 1);
    end_air(&air);
}

/* A module of the least objects there are: what finds them takes more than they do. */
static void tables_of_objects_count_too(void **state)
{
    (void)state;
    struct kit kit;
    const struct dsmcc_receiver_options options = {.max_total_bytes = 200000};
    const struct bytes nothing = {NULL, 0};
    kit_begin(&kit, &options, NULL, 0);
    make_simple(&kit, "text");
    while (kit.module.size < 150000)
        dsmcc_object_append(&kit.module, DSMCC_KIND_STREAM, (uint32_t)kit.module.size, nothing, nothing);
    send_single(&kit);
    assert_int_equal(kit.trees, 0);
    struct dsmcc_module_status status;
    assert_true(dsmcc_receiver_module(kit.receiver, 0, &status));
    assert_true(status.rejected);
    assert_int_equal(held(kit.receiver), 0);
    make_simple(&kit, "text");
    struct dsmcc_dii_module module = plain(1, 1, kit.module.size);
    send_dii(&kit, 0x80010003, &module, 1);
    send_blocks(&kit, 1, 1, buffer_view(&kit.module));
    assert_int_equal(kit.trees, 1);
    kit_end(&kit);
}

static uint32_t next_random(uint32_t *random)
{
    return *random = *random * 1664525 + 1013904223;
}

static void lists_have_an_end(void **state)
{
    (void)state;
    struct kit kit;
    kit_begin(&kit, NULL, NULL, 0);
    char longest[DSMCC_PATH_SIZE_MAX + 2];
    memset(longest, 'p', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    const char *paths[DSMCC_WANTED_MAX + 1];
    for (size_t i = 0; i <= DSMCC_WANTED_MAX; i++)
        paths[i] = longest + 1;
    assert_true(dsmcc_receiver_want(kit.receiver, paths, DSMCC_WANTED_MAX));
    assert_false(dsmcc_receiver_want(kit.receiver, paths, DSMCC_WANTED_MAX + 1));
    paths[1] = longest;
    assert_false(dsmcc_receiver_want(kit.receiver, paths, 2));
    assert_true(dsmcc_receiver_want(kit.receiver, NULL, 0));
    kit_end(&kit);
}

/* DIIs that promise everything: any sizes and versions, thousands of modules, dozens of carousels. */
static void no_announcement_gets_more_than_there_is(void **state)
{
    (void)state;
    struct kit kit;
    const struct dsmcc_receiver_options options = {
        .max_total_bytes = 1u << 20, .max_modules = 200, .max_groups = 8, .max_orphan_bytes = 8192};
    kit_begin(&kit, &options, NULL, 0);
    uint32_t random = 4;
    static uint8_t noise[BLOCK];
    for (int round = 0; round < 3000; round++) {
        struct dsmcc_dii_module modules[60];
        uint32_t carousel = CAROUSEL + (round < 1500 ? next_random(&random) >> 27 : 0);
        for (size_t i = 0; i < 60; i++) {
            uint32_t size = next_random(&random) >> (next_random(&random) >> 27);
            modules[i] = plain((uint16_t)(next_random(&random) >> 16), (uint8_t)(random >> 8), size);
            modules[i].compressed = random >> 30 == 1;
            if (modules[i].compressed)
                modules[i].original_size = next_random(&random) >> (next_random(&random) >> 27);
        }
        dsmcc_dii_append(&kit.section, next_random(&random) >> 16, carousel, BLOCK, modules, 60);
        push(&kit);
        for (size_t i = 0; i < 60; i += 7) {
            struct dsmcc_ddb ddb = {carousel, modules[i].module_id, modules[i].version, 0, {noise, BLOCK}};
            dsmcc_ddb_append(&kit.section, &ddb, 0);
            push(&kit);
        }
        if (round == 1500)
            send_dsi(&kit, 1, 1);
        struct dsmcc_progress progress = progress_of(&kit);
        assert_true(progress.modules <= options.max_modules && progress.groups <= options.max_groups);
        assert_true(held(kit.receiver) <= options.max_total_bytes);
    }
    assert_true(progress_of(&kit).counts.refused_modules > 1000);
    kit_end(&kit);
}

/* ---- disk ---- */

static char folder[64];

static int begin(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/kokonor-ceiling-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

static uint64_t bytes_on_disk(size_t *files)
{
    uint64_t bytes = 0;
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    *files = 0;
    for (const struct dirent *entry; (entry = readdir(listing));) {
        struct stat status;
        assert_int_equal(fstatat(dirfd(listing), entry->d_name, &status, 0), 0);
        bytes += S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
        *files += S_ISREG(status.st_mode);
    }
    closedir(listing);
    return bytes;
}

static struct dsmcc_cache *open_cache(uint64_t max_bytes, size_t max_entries)
{
    const struct dsmcc_cache_options options = {
        .folder = folder, .max_bytes = max_bytes, .max_entries = max_entries};
    struct error error = {""};
    struct dsmcc_cache *cache = dsmcc_cache_open(&options, &error);
    if (!cache)
        fail_msg("%s", error.text);
    return cache;
}

/* Many carousels of many modules in many versions: the disk holds what it may, and no more. */
static void no_broadcast_gets_more_disk_than_there_is(void **state)
{
    (void)state;
    for (uint32_t carousel = 0; carousel < 6; carousel++) {
        struct dsmcc_cache *cache = open_cache(100000, 12);
        const struct dsmcc_receiver_options options = {.cache = cache, .cache_scope = carousel / 2};
        struct kit kit;
        kit_begin(&kit, &options, NULL, 0);
        static char text[20000];
        for (uint16_t version = 0; version < 20; version++) {
            struct dsmcc_dii_module modules[20];
            buffer_clear(&kit.module);
            memset(text, 'a' + version, sizeof text - 1);
            text[500 + 900 * version] = 0;
            add_file(&kit, 1, text);
            for (uint16_t i = 0; i < 20; i++)
                modules[i] = plain((uint16_t)(i + version), (uint8_t)version, kit.module.size);
            send_dii(&kit, dsmcc_transaction_id(1, version), modules, 20);
            for (uint16_t i = 0; i < 20; i++)
                send_blocks(&kit, modules[i].module_id, (uint8_t)version, buffer_view(&kit.module));
            struct dsmcc_cache_info info;
            dsmcc_cache_info(cache, &info);
            assert_true(info.bytes <= 100000 && info.entries <= 12);
        }
        kit_end(&kit);
        dsmcc_cache_close(cache);
        size_t files;
        assert_true(bytes_on_disk(&files) <= 100000);
        assert_true(files > 0 && files <= 12);
    }
}

/* Module ids in the order in which they became complete. */
struct order {
    uint16_t ids[32];
    size_t count;
};

static void note_order(void *context, const struct dsmcc_module_status *module)
{
    struct order *order = context;
    assert_true(order->count < 32);
    order->ids[order->count++] = module->module_id;
}

/* A box that had it all: of what comes from the disk, a part with each section, the screen's is first. */
static void the_cache_gives_what_is_wanted_first(void **state)
{
    (void)state;
    struct dsmcc_cache *cache = open_cache(0, 0);
    struct dsmcc_receiver_options options = {.cache = cache};
    static char text[400001];
    struct buffer file;
    buffer_init(&file, sizeof text + 100);
    memset(text, 'y', sizeof text - 1);
    dsmcc_file_append(&file, 1, text, sizeof text - 1);
    for (int again = 0; again < 2; again++) {
        struct kit kit;
        struct order order = {.count = 0};
        const struct dsmcc_receiver_events events = {.context = &order, .module = note_order};
        kit_begin(&kit, NULL, NULL, 0);
        dsmcc_receiver_destroy(kit.receiver);
        kit.receiver = dsmcc_receiver_create(NULL, PID, NULL, 0, &options, &events);
        assert_true(dsmcc_receiver_want(kit.receiver, (const char *const[]){"d/w", "d"}, 2));
        struct dsmcc_dii_module modules[12];
        /* 1 to 10: files of the gateway; 11: the directory "d"; 12: the gateway. "w" is 10, "v" is 9. */
        begin_directory(&kit, DSMCC_KIND_GATEWAY, 1, 9);
        bind_directory(&kit, "d", 11, 1);
        for (uint16_t i = 1; i <= 8; i++)
            bind_file(&kit, (const char[]){(char)('e' + i), 0}, i, 1);
        end_directory(&kit);
        struct bytes gateway = buffer_view(&kit.module);
        size_t size = kit.module.size;
        begin_directory(&kit, DSMCC_KIND_DIRECTORY, 1, 2);
        bind_file(&kit, "v", 9, 1);
        bind_file(&kit, "w", 10, 1);
        end_directory(&kit);
        gateway = (struct bytes){kit.module.data, size};
        struct bytes directory = {kit.module.data + size, kit.module.size - size};
        for (uint16_t i = 0; i < 12; i++)
            modules[i] = plain((uint16_t)(i + 1), 0, i < 10 ? file.size : i == 10 ? directory.size : size);
        send_dsi(&kit, 12, 1);
        send_dii(&kit, 0x80000002, modules, 12);
        if (again) {
            static const uint16_t first[] = {12, 11, 10, 9};
            assert_true(order.count >= 3 && order.count < 12);
            for (int i = 0; i < 12 && order.count < 12; i++)
                send_dsi(&kit, 12, 1);
            assert_int_equal(order.count, 12);
            assert_memory_equal(order.ids, first, sizeof first);
            assert_true(progress_of(&kit).complete);
            assert_int_equal(progress_of(&kit).counts.from_cache, 12);
        } else {
            for (uint16_t i = 0; i < 10; i++)
                send_blocks(&kit, (uint16_t)(i + 1), 0, buffer_view(&file));
            send_blocks(&kit, 11, 0, directory);
            send_blocks(&kit, 12, 0, gateway);
            assert_int_equal(order.count, 12);
        }
        kit_end(&kit);
        dsmcc_cache_close(cache);
        options.cache = cache = again ? NULL : open_cache(0, 0);
    }
    buffer_finish(&file);
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
        cmocka_unit_test(what_is_wanted_comes_first_and_whole),
        cmocka_unit_test(another_screen_may_come_at_any_time),
        cmocka_unit_test(what_cannot_fit_keeps_nothing_out),
        cmocka_unit_test(directories_are_never_kept_out),
        cmocka_unit_test(an_update_is_seen_whole_whatever_is_wanted),
        cmocka_unit_test(an_update_of_its_directory_loses_nothing),
        cmocka_unit_test(what_was_kept_out_comes_when_there_is_room),
        cmocka_unit_test(tables_of_objects_count_too),
        cmocka_unit_test(lists_have_an_end),
        cmocka_unit_test(no_announcement_gets_more_than_there_is),
        cmocka_unit_test_setup_teardown(no_broadcast_gets_more_disk_than_there_is, begin, end),
        cmocka_unit_test_setup_teardown(the_cache_gives_what_is_wanted_first, begin, end),
    };
    log_set_sink(drop_line, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
