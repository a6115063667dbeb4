/* SPDX-License-Identifier: Apache-2.0 */
/* Any tree of files, through a carousel and a bad line (lost, reordered and doubled sections or packets, from
 * any moment on, with a change on the way), is the same tree, or is not whole: never a wrong byte, never half
 * a change. The seeds are fixed; a failure names its own. */
#include "base/log.h"
#include "dsmcc/builder.h"
#include "dsmcc/receiver.h"
#include "ts/section.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PID 0x321
#define SEEDS 60
#define FILES_MAX 600
#define TOTAL_MAX (3u << 20)
#define FILE_MAX 300000
#define WINDOW_MAX 40
#define SECTIONS_MAX 100000

static uint32_t next_random(uint64_t *random)
{
    *random ^= *random >> 12;
    *random ^= *random << 25;
    *random ^= *random >> 27;
    return (uint32_t)(*random * UINT64_C(0x2545F4914F6CDD1D) >> 32);
}

static uint32_t below(uint64_t *random, uint32_t limit)
{
    return next_random(random) % limit;
}

struct forest {
    struct dsmcc_source files[FILES_MAX];
    size_t count, bytes;
    uint32_t file_max; /* what a module's 255 blocks carry */
};

static void forget(struct forest *forest)
{
    for (size_t i = 0; i < forest->count; i++) {
        free((void *)(uintptr_t)forest->files[i].path);
        free((void *)(uintptr_t)forest->files[i].data);
    }
    forest->count = 0;
}

/* Letters of one to four bytes, and some that need care elsewhere. */
static void add_name(char *path, uint64_t *random)
{
    static const char *const letters[] = {"a",  "Z", "7",  "-",    ".x", " ", "é",
                                          "水", "ཀ", "蔵", "🏔", "\\", "%"};
    unsigned length = 1 + below(random, below(random, 8) == 0 ? 50 : 6);
    for (unsigned i = 0; i < length; i++)
        strcat(path, letters[below(random, sizeof letters / sizeof letters[0])]);
}

static void make_path(const struct forest *forest, char *path, uint64_t *random)
{
    path[0] = 0;
    if (forest->count > 0 && below(random, 4) > 0) { /* beside or below another */
        strcpy(path, forest->files[below(random, (uint32_t)forest->count)].path);
        for (unsigned up = 1 + below(random, 2); up > 0; up--) {
            char *slash = strrchr(path, '/');
            if (slash)
                *slash = 0;
            else
                path[0] = 0;
        }
    }
    for (unsigned down = below(random, 3); down > 0; down--) {
        if (path[0])
            strcat(path, "/");
        add_name(path, random);
    }
    if (path[0])
        strcat(path, "/");
    add_name(path, random);
}

/* Both ways: one is the other, or lies below it. */
static bool collides(const struct forest *forest, const char *path)
{
    for (size_t i = 0; i < forest->count; i++) {
        const char *other = forest->files[i].path;
        size_t a = strlen(path), b = strlen(other), shorter = a < b ? a : b;
        if (strncmp(path, other, shorter) == 0 && (a == b || (a < b ? other[a] : path[b]) == '/'))
            return true;
    }
    return false;
}

static unsigned depth_of(const char *path)
{
    unsigned depth = 1;
    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

static void fill(uint8_t *data, size_t size, uint64_t *random)
{
    bool noise = below(random, 2);
    uint32_t period = 1 + below(random, 40);
    for (size_t i = 0; i < size; i++)
        data[i] = noise ? (uint8_t)next_random(random) : (uint8_t)(i % period * 7 + size % 251);
}

static void add_file(struct forest *forest, const char *path, uint64_t *random)
{
    static const uint32_t most[] = {1, 100, 5000, 66000, FILE_MAX};
    size_t size = below(random, most[below(random, 5)]);
    if (size > forest->file_max)
        size = forest->file_max;
    if (forest->bytes + size > TOTAL_MAX)
        size = below(random, 50);
    uint8_t *data = malloc(size + 1);
    assert_non_null(data);
    fill(data, size, random);
    forest->bytes += size;
    forest->files[forest->count++] =
        (struct dsmcc_source){.path = strdup(path),
                              .data = data,
                              .size = size,
                              .weight = below(random, 3) ? 0 : 10 + below(random, 30),
                              .demand = below(random, 20)};
}

static void grow(struct forest *forest, size_t count, uint64_t *random)
{
    char path[4 * DSMCC_PATH_SIZE_MAX];
    for (size_t tries = 0; forest->count < count && tries < 4 * count; tries++) {
        make_path(forest, path, random);
        if (strlen(path) <= DSMCC_PATH_SIZE_MAX && depth_of(path) <= 16 && !collides(forest, path))
            add_file(forest, path, random);
    }
}

/* The same with some files gone, some changed, some new. */
static void change(const struct forest *before, struct forest *after, uint64_t *random)
{
    *after = (struct forest){.file_max = before->file_max};
    for (size_t i = 0; i < before->count; i++) {
        const struct dsmcc_source *file = &before->files[i];
        unsigned fate = below(random, 12);
        if (fate == 0)
            continue;
        struct dsmcc_source *copy = &after->files[after->count++];
        *copy = *file;
        copy->path = strdup(file->path);
        uint8_t *data = malloc(file->size + 1);
        assert_true(copy->path && data);
        memcpy(data, file->data, file->size);
        data[file->size] = 0;
        if (fate == 1)
            fill(data, file->size, random);
        copy->data = data;
        after->bytes += file->size;
    }
    size_t more = after->count + below(random, 5);
    grow(after, more < FILES_MAX ? more : FILES_MAX, random);
}

static bool same_file(const struct forest *forest, const struct dsmcc_entry *entry)
{
    for (size_t i = 0; i < forest->count; i++) {
        const struct dsmcc_source *file = &forest->files[i];
        if (strcmp(file->path, entry->path) == 0)
            return entry->kind == DSMCC_KIND_FILE && entry->data.size == file->size &&
                   memcmp(entry->data.data, file->data, file->size) == 0;
    }
    return false;
}

static bool is_part_of(const struct dsmcc_tree *tree, const struct forest *forest)
{
    for (size_t i = 0; i < dsmcc_tree_count(tree); i++) {
        if (!same_file(forest, dsmcc_tree_entry(tree, i)))
            return false;
    }
    return true;
}

static bool is(const struct dsmcc_tree *tree, const struct forest *forest)
{
    return dsmcc_tree_count(tree) == forest->count && is_part_of(tree, forest);
}

/* One run. */
struct trial {
    uint64_t seed, random;
    struct forest *before, *after; /* after: what is on air from some moment on; NULL until then */
    struct dsmcc_builder *builder;
    struct ts_demux *demux; /* NULL: sections go straight to the receiver */
    struct ts_sectioner sectioner;
    struct dsmcc_receiver *receiver;
    struct dsmcc_tree *tree;
    unsigned lost, doubled; /* once in so many; 0: never */
    struct buffer window[WINDOW_MAX];
    size_t waiting, window_size;
};

static void on_tree(void *context, struct dsmcc_tree *tree)
{
    struct trial *trial = context;
    if (!is(tree, trial->before) && !(trial->after && is(tree, trial->after)))
        fail_msg("seed %llu: a tree that was never on air", (unsigned long long)trial->seed);
    dsmcc_tree_unref(trial->tree);
    trial->tree = dsmcc_tree_ref(tree);
}

/* A branch somewhere: of one state as well. */
static void on_module(void *context, const struct dsmcc_module_status *module)
{
    struct trial *trial = context;
    (void)module;
    const struct forest *forest = trial->after ? trial->after : trial->before;
    if (forest->count == 0 || below(&trial->random, 4) > 0)
        return;
    char path[DSMCC_PATH_SIZE_MAX + 1];
    strcpy(path, forest->files[below(&trial->random, (uint32_t)forest->count)].path);
    if (below(&trial->random, 2) && strrchr(path, '/'))
        *strrchr(path, '/') = 0;
    struct dsmcc_tree *branch = dsmcc_receiver_branch(trial->receiver, path);
    if (branch && !is_part_of(branch, trial->before) && !(trial->after && is_part_of(branch, trial->after)))
        fail_msg("seed %llu: a branch that was never on air", (unsigned long long)trial->seed);
    dsmcc_tree_unref(branch);
}

static bool happens(struct trial *trial, unsigned once_in)
{
    return once_in > 0 && below(&trial->random, once_in) == 0;
}

static void deliver(struct trial *trial, size_t index)
{
    struct buffer *section = &trial->window[index];
    for (unsigned times = happens(trial, trial->doubled) ? 2 : 1; times > 0; times--)
        dsmcc_receiver_push_section(trial->receiver, PID, section->data, section->size);
    struct buffer free_one = *section;
    *section = trial->window[--trial->waiting];
    trial->window[trial->waiting] = free_one;
    buffer_clear(&trial->window[trial->waiting]);
}

static void drain(struct trial *trial)
{
    while (trial->waiting > 0)
        deliver(trial, below(&trial->random, (uint32_t)trial->waiting));
}

/* What the receiver gets of the next section. */
static void send_section(struct trial *trial)
{
    size_t size;
    const uint8_t *section = dsmcc_builder_next_section(trial->builder, &size);
    assert_non_null(section);
    if (happens(trial, trial->lost))
        return;
    buffer_append(&trial->window[trial->waiting++], section, size);
    if (trial->waiting == trial->window_size)
        deliver(trial, below(&trial->random, (uint32_t)trial->waiting));
}

static void send_packet(struct trial *trial)
{
    uint8_t packet[TS_PACKET_SIZE];
    assert_true(ts_sectioner_packet(&trial->sectioner, packet, dsmcc_builder_next_section, trial->builder));
    if (happens(trial, trial->lost * 20))
        return;
    ts_demux_push(trial->demux, packet, sizeof packet);
    if (happens(trial, trial->doubled))
        ts_demux_push(trial->demux, packet, sizeof packet);
}

static void send(struct trial *trial, size_t sections)
{
    for (size_t i = 0; i < sections; i++) {
        for (unsigned k = 0; trial->demux && k < 20; k++)
            send_packet(trial);
        if (!trial->demux)
            send_section(trial);
    }
}

static void begin_trial(struct trial *trial, uint64_t seed, struct forest *before)
{
    *trial = (struct trial){.seed = seed, .random = seed * 77 + 5, .before = before};
    uint64_t *random = &trial->random;
    static const uint16_t block_sizes[] = {512, 1000, 2048, 4001, 4066};
    const struct dsmcc_builder_options options = {.block_size = block_sizes[below(random, 5)],
                                                  .schedule = below(random, 2),
                                                  .control_interval_bytes = 32768u << below(random, 3),
                                                  .caching_transparency = (uint8_t)below(random, 4)};
    before->file_max = 255u * options.block_size - 100;
    grow(before, below(random, 3) ? 1 + below(random, 30) : 200 + below(random, 300), random);
    trial->builder = dsmcc_builder_create(&options);
    if (below(random, 3) == 0)
        trial->demux = ts_demux_create();
    ts_sectioner_init(&trial->sectioner, PID);
    const struct dsmcc_receiver_events events = {.context = trial, .tree = on_tree, .module = on_module};
    const struct dsmcc_receiver_options receiver_options = {.max_orphan_bytes = 4096u << below(random, 8)};
    trial->receiver = dsmcc_receiver_create(trial->demux, PID, NULL, 0, &receiver_options, &events);
    assert_true(trial->builder && trial->receiver);
    trial->lost = below(random, 4) ? 3 + below(random, 60) : 0;
    trial->doubled = below(random, 3) ? 2 + below(random, 40) : 0;
    trial->window_size = 1 + below(random, WINDOW_MAX);
    for (size_t i = 0; i < WINDOW_MAX; i++)
        buffer_init(&trial->window[i], TS_SECTION_SIZE_MAX);
    struct error error;
    if (!dsmcc_builder_set_tree(trial->builder, before->files, before->count, &error))
        fail_msg("seed %llu: %s", (unsigned long long)seed, error.text);
}

static void end_trial(struct trial *trial)
{
    dsmcc_receiver_destroy(trial->receiver);
    dsmcc_tree_unref(trial->tree);
    ts_demux_destroy(trial->demux);
    dsmcc_builder_destroy(trial->builder);
    for (size_t i = 0; i < WINDOW_MAX; i++)
        buffer_finish(&trial->window[i]);
}

/* Until the tree on air has come. */
static void require(struct trial *trial, const struct forest *forest)
{
    size_t sent = 0;
    for (; sent < SECTIONS_MAX && !(trial->tree && is(trial->tree, forest)); sent += 500) {
        if (sent > SECTIONS_MAX / 2)
            trial->lost = 0; /* however bad it was: on a good line it must come */
        send(trial, 500);
    }
    if (sent >= SECTIONS_MAX)
        fail_msg("seed %llu: not whole after %zu sections", (unsigned long long)trial->seed, sent);
}

static void any_tree_comes_through_or_not_at_all(void **state)
{
    (void)state;
    static struct forest before, after;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct trial trial;
        size_t size;
        before = (struct forest){0};
        begin_trial(&trial, seed, &before);
        /* The receiver is switched on at any moment. */
        for (uint32_t i = below(&trial.random, 3000); i > 0; i--)
            dsmcc_builder_next_section(trial.builder, &size);
        send(&trial, below(&trial.random, 1500));
        if (below(&trial.random, 2))
            require(&trial, &before);
        drain(&trial); /* what is late is not so late */
        change(&before, &after, &trial.random);
        trial.after = &after;
        struct error error;
        if (!dsmcc_builder_set_tree(trial.builder, after.files, after.count, &error))
            fail_msg("seed %llu: %s", (unsigned long long)seed, error.text);
        require(&trial, &after);
        end_trial(&trial);
        forget(&before);
        forget(&after);
    }
}

/* ---- less memory than the tree takes ---- */

static uint64_t larger(const struct dsmcc_module_status *module)
{
    return module->size > module->original_size ? module->size : module->original_size;
}

/* What path needs at most: the modules of its files, and all that may hold directories, with the tables of
 * their objects. */
static uint64_t need_of(const struct trial *trial, const char *path)
{
    struct dsmcc_module_status module;
    uint64_t bytes = 0;
    for (size_t i = 0; dsmcc_receiver_module(trial->receiver, i, &module); i++) {
        bool needed = larger(&module) <= 70000;
        for (size_t k = 0; !needed && k < dsmcc_tree_count(trial->tree); k++) {
            const struct dsmcc_entry *entry = dsmcc_tree_entry(trial->tree, k);
            size_t size = strlen(path);
            needed = entry->module_id == module.module_id && strncmp(entry->path, path, size) == 0 &&
                     (entry->path[size] == 0 || entry->path[size] == '/');
        }
        bytes += needed ? larger(&module) : 0;
    }
    return bytes + 200 * (dsmcc_tree_count(trial->tree) + 100);
}

/* A file, or the directory it is in. */
static void choose_path(struct trial *trial, char path[DSMCC_PATH_SIZE_MAX + 1])
{
    strcpy(path, trial->before->files[below(&trial->random, (uint32_t)trial->before->count)].path);
    if (below(&trial->random, 2) && strrchr(path, '/'))
        *strrchr(path, '/') = 0;
}

static void begin_again_below(struct trial *trial, uint64_t ceiling)
{
    const struct dsmcc_receiver_events events = {.context = trial, .tree = on_tree, .module = on_module};
    const struct dsmcc_receiver_options options = {.max_total_bytes = ceiling};
    dsmcc_receiver_destroy(trial->receiver);
    trial->receiver = dsmcc_receiver_create(trial->demux, PID, NULL, 0, &options, &events);
    assert_non_null(trial->receiver);
    trial->waiting = 0;
    for (size_t i = 0; i < WINDOW_MAX; i++)
        buffer_clear(&trial->window[i]);
}

/* Sends, and looks that the ceiling holds. */
static void send_below(struct trial *trial, size_t sections, uint64_t ceiling)
{
    for (size_t sent = 0; sent < sections; sent += 10) {
        struct dsmcc_module_status module;
        uint64_t held = 0;
        send(trial, 10);
        for (size_t i = 0; dsmcc_receiver_module(trial->receiver, i, &module); i++)
            held += module.rejected ? 0 : larger(&module);
        if (held > ceiling)
            fail_msg("seed %llu: more than the ceiling", (unsigned long long)trial->seed);
    }
}

static void require_branch(struct trial *trial, const char *path, uint64_t ceiling)
{
    struct dsmcc_tree *branch = NULL;
    size_t sent = 0;
    for (; !branch && sent < SECTIONS_MAX; sent += 200) {
        if (sent > SECTIONS_MAX / 2)
            trial->lost = 0;
        send_below(trial, 200, ceiling);
        branch = dsmcc_receiver_branch(trial->receiver, path);
    }
    if (!branch)
        fail_msg("seed %llu: \"%s\" did not come", (unsigned long long)trial->seed, path);
    size_t expected = 0, size = strlen(path);
    for (size_t i = 0; i < trial->before->count; i++) {
        const char *other = trial->before->files[i].path;
        expected += strncmp(other, path, size) == 0 && (other[size] == 0 || other[size] == '/');
    }
    assert_true(is_part_of(branch, trial->before));
    assert_int_equal(dsmcc_tree_count(branch), expected);
    dsmcc_tree_unref(branch);
}

/* The screen changes at any moment: what it shows comes, as long as it fits. */
static void what_is_wanted_comes_through_a_ceiling(void **state)
{
    (void)state;
    static struct forest before;
    for (uint64_t seed = 1001; seed <= 1000 + SEEDS / 2; seed++) {
        struct trial trial;
        char first[DSMCC_PATH_SIZE_MAX + 1], then[DSMCC_PATH_SIZE_MAX + 1];
        before = (struct forest){0};
        begin_trial(&trial, seed, &before);
        require(&trial, &before);
        choose_path(&trial, first);
        choose_path(&trial, then);
        uint64_t a = need_of(&trial, first), b = need_of(&trial, then), ceiling = a > b ? a : b;
        begin_again_below(&trial, ceiling);
        assert_true(dsmcc_receiver_want(trial.receiver, (const char *const[]){first}, 1));
        send_below(&trial, below(&trial.random, 600), ceiling);
        assert_true(dsmcc_receiver_want(trial.receiver, (const char *const[]){then, first}, 2));
        require_branch(&trial, then, ceiling);
        assert_true(dsmcc_receiver_want(trial.receiver, (const char *const[]){first}, 1));
        require_branch(&trial, first, ceiling);
        end_trial(&trial);
        forget(&before);
    }
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
        cmocka_unit_test(any_tree_comes_through_or_not_at_all),
        cmocka_unit_test(what_is_wanted_comes_through_a_ceiling),
    };
    log_set_sink(drop_line, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
