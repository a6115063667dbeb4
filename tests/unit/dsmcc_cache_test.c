/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of modules: what it keeps over a restart, what it drops, and what a receiver makes of it. */
#include "base/file.h"
#include "base/log.h"
#include "dsmcc/cache.h"
#include "dsmcc_kit.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1795000000)

static char folder[64], modules[96];
static int64_t now;

static int64_t clock_of_test(void *context)
{
    (void)context;
    return now;
}

static int begin(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/kokonor-cache-XXXXXX");
    now = NOW;
    if (!mkdtemp(folder))
        return -1;
    snprintf(modules, sizeof modules, "%s/modules", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

static struct dsmcc_cache *open_cache(uint64_t max_bytes, size_t max_entries)
{
    const struct dsmcc_cache_options options = {
        .folder = modules, .max_bytes = max_bytes, .max_entries = max_entries, .utc_s = clock_of_test};
    struct error error = {""};
    struct dsmcc_cache *cache = dsmcc_cache_open(&options, &error);
    if (!cache)
        fail_msg("%s", error.text);
    return cache;
}

/* Closing waits for the disk. */
static struct dsmcc_cache *again(struct dsmcc_cache *cache)
{
    dsmcc_cache_close(cache);
    return open_cache(0, 0);
}

static struct dsmcc_cache_key key_of(uint16_t module_id, uint8_t version, uint32_t size)
{
    return (struct dsmcc_cache_key){.scope = 5,
                                    .download_id = 9,
                                    .module_id = module_id,
                                    .version = version,
                                    .size = size,
                                    .original_size = size,
                                    .transaction_id = dsmcc_transaction_id(1, 100)};
}

static struct dsmcc_cache_info info_of(struct dsmcc_cache *cache)
{
    struct dsmcc_cache_info info;
    dsmcc_cache_info(cache, &info);
    return info;
}

static bool has(struct dsmcc_cache *cache, const struct dsmcc_cache_key *key, const char *text)
{
    struct buffer data;
    buffer_init(&data, 100000);
    bool found = dsmcc_cache_get(cache, key, &data);
    if (found)
        assert_true(data.size == key->size && memcmp(data.data, text, data.size) == 0);
    else
        assert_int_equal(data.size, 0);
    buffer_finish(&data);
    return found;
}

static void put(struct dsmcc_cache *cache, const struct dsmcc_cache_key *key, const char *text)
{
    dsmcc_cache_put(cache, key, (struct bytes){(const uint8_t *)text, key->size});
}

static void keeps_modules_over_a_restart(void **state)
{
    (void)state;
    struct dsmcc_cache *cache = open_cache(0, 0);
    struct dsmcc_cache_key key = key_of(1, 3, 5);
    assert_false(has(cache, &key, "hello"));
    put(cache, &key, "hello");
    cache = again(cache);
    assert_int_equal(info_of(cache).entries, 1);
    assert_true(has(cache, &key, "hello"));
    /* Whatever differs from what the DII says is another module. */
    struct dsmcc_cache_key other[8];
    for (size_t i = 0; i < 8; i++)
        other[i] = key;
    other[0].scope++;
    other[1].download_id++;
    other[2].module_id++;
    other[3].version++;
    other[4].compressed = true;
    other[5].size++;
    other[6].original_size++;
    for (size_t i = 0; i < 7; i++)
        assert_false(has(cache, &other[i], "hello"));
    assert_true(has(cache, &key, "hello"));
    /* A new version takes the place of the old one. */
    struct dsmcc_cache_key next = key_of(1, 4, 6);
    put(cache, &next, "hello!");
    cache = again(cache);
    assert_int_equal(info_of(cache).entries, 1);
    assert_false(has(cache, &key, "hello"));
    assert_true(has(cache, &next, "hello!"));
    dsmcc_cache_remove(cache, &next);
    assert_false(has(cache, &next, "hello!"));
    cache = again(cache);
    assert_int_equal(info_of(cache).entries, 0);
    dsmcc_cache_close(cache);
    dsmcc_cache_close(NULL);
}

/* moduleVersion comes round after 256 changes; the DII's version and the age tell. */
static void does_not_trust_a_version_that_came_round(void **state)
{
    (void)state;
    static const struct {
        uint16_t identification, then, now;
        bool counts;
    } cases[] = {
        {1, 100, 100, true},   {1, 100, 355, true},    {1, 100, 356, false}, {1, 100, 99, false},
        {1, 16380, 100, true}, {1, 16380, 300, false}, {2, 100, 100, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dsmcc_cache *cache = open_cache(0, 0);
        struct dsmcc_cache_key key = key_of(1, 3, 5);
        key.transaction_id = dsmcc_transaction_id(1, cases[i].then);
        put(cache, &key, "hello");
        cache = again(cache);
        key.transaction_id = dsmcc_transaction_id(cases[i].identification, cases[i].now);
        assert_int_equal(has(cache, &key, "hello"), cases[i].counts);
        assert_int_equal(info_of(cache).entries, cases[i].counts);
        dsmcc_cache_remove(cache, &key);
        dsmcc_cache_close(cache);
    }
    static const struct {
        int64_t then, now;
        bool counts;
    } ages[] = {{NOW, NOW + 14 * 86400, true},
                {NOW, NOW + 14 * 86400 + 1, false},
                {NOW, NOW - 90000, false},
                {NOW, 0, true},
                {0, 0, true},
                {0, NOW, false}};
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        struct dsmcc_cache *cache = open_cache(0, 0);
        struct dsmcc_cache_key key = key_of(1, 3, 5);
        now = ages[i].then;
        put(cache, &key, "hello");
        cache = again(cache);
        now = ages[i].now;
        assert_int_equal(has(cache, &key, "hello"), ages[i].counts);
        assert_int_equal(info_of(cache).expired, !ages[i].counts);
        dsmcc_cache_remove(cache, &key);
        dsmcc_cache_close(cache);
    }
}

/* Last used so many seconds ago: the times of files are too coarse for what a test does. */
static void age(uint16_t module_id, int seconds)
{
    char name[64], path[256];
    struct timespec times[2];
    snprintf(name, sizeof name, "0000000000000005-00000009-%04x.module", module_id);
    assert_true(file_join(path, sizeof path, modules, name));
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &times[0]), 0);
    times[0].tv_sec -= seconds;
    times[1] = times[0];
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void holds_its_ceilings(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof text);
    struct dsmcc_cache *cache = open_cache(0, 0);
    for (uint16_t i = 1; i <= 5; i++) {
        struct dsmcc_cache_key key = key_of(i, 0, sizeof text);
        put(cache, &key, text);
    }
    dsmcc_cache_close(cache);
    for (uint16_t i = 1; i <= 5; i++)
        age(i, 1000 - i);
    age(2, 900);
    cache = open_cache(0, 0);
    struct dsmcc_cache_key first = key_of(1, 0, sizeof text), third = key_of(3, 0, sizeof text);
    assert_true(has(cache, &first, text)); /* used: now the youngest */
    uint64_t each = info_of(cache).bytes / 5;
    dsmcc_cache_close(cache);
    cache = open_cache(4 * each, 0); /* a smaller ceiling: the least used goes at once */
    assert_int_equal(info_of(cache).entries, 4);
    assert_true(has(cache, &first, text));
    assert_false(has(cache, &third, text));
    struct dsmcc_cache_key large = key_of(9, 0, sizeof text);
    put(cache, &large, text);
    dsmcc_cache_close(cache);
    cache = open_cache(4 * each, 3);
    assert_int_equal(info_of(cache).entries, 3);
    assert_true(info_of(cache).bytes <= 4 * each);
    assert_true(has(cache, &first, text) && has(cache, &large, text));
    dsmcc_cache_close(cache);
    cache = open_cache(each / 2, 0); /* nothing fits */
    assert_int_equal(info_of(cache).entries, 0);
    put(cache, &large, text);
    assert_int_equal(info_of(cache).dropped, 1);
    dsmcc_cache_close(cache);
}

struct spoiler {
    size_t at;
    size_t files;
};

static bool spoil(void *context, const char *relative_path, uint64_t size)
{
    struct spoiler *spoiler = context;
    char path[256];
    struct buffer file;
    (void)size;
    spoiler->files++;
    buffer_init(&file, 100000);
    assert_true(file_join(path, sizeof path, modules, relative_path) && file_read(path, &file, NULL));
    if (spoiler->at < file.size)
        file.data[spoiler->at] ^= 0x10;
    else
        file.size /= 2;
    assert_true(file_write(path, file.data, file.size, NULL));
    buffer_finish(&file);
    return true;
}

static void drops_what_is_damaged(void **state)
{
    (void)state;
    struct dsmcc_cache_key key = key_of(1, 3, 5);
    for (size_t at = 0; at <= 80; at += 4) {
        struct spoiler spoiler = {.at = at};
        struct dsmcc_cache *cache = open_cache(0, 0);
        put(cache, &key, "hello");
        dsmcc_cache_close(cache);
        assert_true(file_walk(modules, spoil, &spoiler, NULL));
        assert_int_equal(spoiler.files, 1);
        cache = open_cache(0, 0);
        assert_false(has(cache, &key, "hello"));
        dsmcc_cache_remove(cache, &key);
        cache = again(cache);
        assert_int_equal(info_of(cache).entries, 0);
        dsmcc_cache_close(cache);
    }
    /* What is not the cache's is left alone; what a power cut left is swept out. */
    char alien[256], leftover[256];
    assert_true(
        file_join(alien, sizeof alien, modules, "notes.txt") &&
        file_join(leftover, sizeof leftover, modules, "0000000000000005-00000009-0001.module.AbCdEf"));
    assert_true(file_write(alien, "mine", 4, NULL) && file_write(leftover, "half", 4, NULL));
    dsmcc_cache_close(open_cache(0, 0));
    assert_int_equal(access(alien, F_OK), 0);
    assert_int_not_equal(access(leftover, F_OK), 0);
    assert_int_equal(unlink(alien), 0);
    struct error error;
    const struct dsmcc_cache_options bad = {.folder = "/dev/null/modules"};
    assert_null(dsmcc_cache_open(&bad, &error));
}

/* ---- with a receiver ---- */

static void kit_begin_cached(struct kit *kit, struct dsmcc_cache *cache)
{
    const struct dsmcc_receiver_options options = {.cache = cache, .cache_scope = 1};
    kit_begin(kit, &options, NULL, 0);
}

static void announce(struct kit *kit, uint8_t version, uint16_t dii_version)
{
    struct dsmcc_dii_module module = plain(1, version, kit->module.size);
    send_dsi(kit, 1, 1);
    send_dii(kit, dsmcc_transaction_id(1, dii_version), &module, 1);
}

static void a_receiver_has_at_once_what_it_had(void **state)
{
    (void)state;
    struct dsmcc_cache *cache = open_cache(0, 0);
    struct kit kit;
    char text[3 * BLOCK];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    kit_begin_cached(&kit, cache);
    make_simple(&kit, text);
    announce(&kit, 7, 7);
    send_blocks(&kit, 1, 7, buffer_view(&kit.module));
    assert_int_equal(kit.trees, 1);
    assert_int_equal(progress_of(&kit).counts.from_cache, 0);
    kit_end(&kit);
    cache = again(cache); /* a zap, or a restart */
    kit_begin_cached(&kit, cache);
    make_simple(&kit, text);
    announce(&kit, 7, 9); /* another module of the DII changed meanwhile */
    assert_int_equal(kit.trees, 1);
    assert_int_equal(kit.modules, 1);
    assert_file(&kit, "a", text);
    struct dsmcc_module_status status;
    assert_true(dsmcc_receiver_module(kit.receiver, 0, &status));
    assert_true(status.from_cache && status.complete);
    send_blocks(&kit, 1, 7, buffer_view(&kit.module)); /* the air says the same */
    assert_int_equal(kit.trees, 1);
    assert_int_equal(progress_of(&kit).counts.cache_wrong, 0);
    make_simple(&kit, "new");
    announce(&kit, 8, 10);
    assert_false(progress_of(&kit).complete);
    send_blocks(&kit, 1, 8, buffer_view(&kit.module));
    assert_int_equal(kit.trees, 2);
    assert_file(&kit, "a", "new");
    kit_end(&kit);
    dsmcc_cache_close(cache);
}

/* A head end that began anew without its state: the same id, version and size, but other bytes. */
static void the_air_is_right(void **state)
{
    (void)state;
    struct dsmcc_cache *cache = open_cache(0, 0);
    struct kit kit;
    char before[3 * BLOCK], after[3 * BLOCK];
    memset(before, 'b', sizeof before - 1);
    memset(after, 'b', sizeof after - 1);
    before[sizeof before - 1] = after[sizeof after - 1] = 0;
    after[2 * BLOCK] = 'a';
    kit_begin_cached(&kit, cache);
    make_simple(&kit, before);
    announce(&kit, 0, 0);
    send_blocks(&kit, 1, 0, buffer_view(&kit.module));
    kit_end(&kit);
    cache = again(cache);
    kit_begin_cached(&kit, cache);
    make_simple(&kit, after);
    announce(&kit, 0, 0);
    assert_int_equal(kit.trees, 1);
    assert_file(&kit, "a", before);
    struct bytes data = buffer_view(&kit.module);
    send_block(&kit, 1, 0, data, 0);
    assert_true(progress_of(&kit).complete);
    send_block(&kit, 1, 0, data, 2);
    assert_false(progress_of(&kit).complete);
    assert_int_equal(progress_of(&kit).counts.cache_wrong, 1);
    send_blocks(&kit, 1, 0, data);
    assert_int_equal(kit.trees, 2);
    assert_file(&kit, "a", after);
    kit_end(&kit);
    cache = again(cache);
    kit_begin_cached(&kit, cache);
    make_simple(&kit, after);
    announce(&kit, 0, 0);
    assert_int_equal(kit.trees, 1);
    assert_file(&kit, "a", after);
    kit_end(&kit);
    dsmcc_cache_close(cache);
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
        cmocka_unit_test_setup_teardown(keeps_modules_over_a_restart, begin, end),
        cmocka_unit_test_setup_teardown(does_not_trust_a_version_that_came_round, begin, end),
        cmocka_unit_test_setup_teardown(holds_its_ceilings, begin, end),
        cmocka_unit_test_setup_teardown(drops_what_is_damaged, begin, end),
        cmocka_unit_test_setup_teardown(a_receiver_has_at_once_what_it_had, begin, end),
        cmocka_unit_test_setup_teardown(the_air_is_right, begin, end),
    };
    log_set_sink(drop_line, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
