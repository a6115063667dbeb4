/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target without libFuzzer: over every seed of the corpus folders named, and over a fixed number
 * of mutations of each, made from a fixed number, so that every run of every machine does the same. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEED_SIZE_MAX (1u << 20)
#define MUTANT_SIZE_MAX (SEED_SIZE_MAX + SEED_SIZE_MAX / 2)
#define MUTATIONS_PER_SEED 300
#define BYTES_PER_SEED (24u << 20) /* large seeds get fewer mutations */
#define FIRST_RANDOM UINT64_C(0x4B6F6B6F6E6F7221)

struct run {
    uint8_t *seed, *mutant;
    uint64_t random;
    size_t seeds, inputs;
};

/* xorshift64* */
static uint64_t next_random(struct run *run)
{
    run->random ^= run->random >> 12;
    run->random ^= run->random << 25;
    run->random ^= run->random >> 27;
    return run->random * UINT64_C(0x2545F4914F6CDD1D);
}

static size_t below(struct run *run, size_t limit)
{
    return limit ? (size_t)(next_random(run) % limit) : 0;
}

static void flip_bits(struct run *run, size_t size)
{
    for (size_t i = 1 + below(run, 8); i > 0 && size > 0; i--)
        run->mutant[below(run, size)] ^= (uint8_t)(1u << below(run, 8));
}

static void set_bytes(struct run *run, size_t size)
{
    static const uint8_t interesting[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, 0x47, 0x20, 0x22};
    for (size_t i = 1 + below(run, 4); i > 0 && size > 0; i--)
        run->mutant[below(run, size)] = interesting[below(run, sizeof(interesting))];
}

static size_t duplicate_part(struct run *run, size_t size)
{
    size_t from = below(run, size), length = 1 + below(run, size - from);
    if (size + length > MUTANT_SIZE_MAX)
        return size;
    memmove(run->mutant + from + length, run->mutant + from, size - from);
    return size + length;
}

static size_t remove_part(struct run *run, size_t size)
{
    size_t from = below(run, size), length = below(run, size - from);
    memmove(run->mutant + from, run->mutant + from + length, size - from - length);
    return size - length;
}

static size_t mutate(struct run *run, size_t size)
{
    memcpy(run->mutant, run->seed, size);
    if (size == 0)
        return 0;
    for (size_t rounds = 1 + below(run, 3); rounds > 0 && size > 0; rounds--) {
        switch (below(run, 5)) {
        case 0:
            flip_bits(run, size);
            break;
        case 1:
            set_bytes(run, size);
            break;
        case 2:
            size = below(run, size + 1);
            break;
        case 3:
            size = duplicate_part(run, size);
            break;
        default:
            size = remove_part(run, size);
            break;
        }
    }
    return size;
}

/* Gives the input in a block of exactly its size, so that the address sanitizer sees a read beyond its end.
 */
static bool give(struct run *run, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        return false;
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    run->inputs++;
    return true;
}

static bool run_seed(struct run *run, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    size_t size = fread(run->seed, 1, SEED_SIZE_MAX, file);
    bool good = !ferror(file);
    fclose(file);
    size_t mutations = size ? BYTES_PER_SEED / size : 1;
    if (mutations > MUTATIONS_PER_SEED)
        mutations = MUTATIONS_PER_SEED;
    good = good && give(run, run->seed, size);
    for (size_t i = 0; good && i < mutations; i++)
        good = give(run, run->mutant, mutate(run, size));
    run->seeds++;
    return good;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool run_folder(struct run *run, const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_visible, alphasort);
    if (count < 0) {
        fprintf(stderr, "%s: %s\n", folder, strerror(errno));
        return false;
    }
    bool good = true;
    for (int i = 0; i < count; i++) {
        char path[4096];
        struct stat status;
        int length = snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        bool is_file = length > 0 && (size_t)length < sizeof(path) && stat(path, &status) == 0 &&
                       S_ISREG(status.st_mode);
        good = good && (!is_file || run_seed(run, path));
        free(entries[i]);
    }
    free(entries);
    return good;
}

int main(int argc, char **argv)
{
    struct run run = {
        .seed = malloc(SEED_SIZE_MAX), .mutant = malloc(MUTANT_SIZE_MAX), .random = FIRST_RANDOM};
    bool good = run.seed && run.mutant;
    for (int i = 1; good && i < argc; i++)
        good = run_folder(&run, argv[i]);
    if (good && run.seeds == 0) {
        fprintf(stderr, "no seeds: name a corpus folder that has files\n");
        good = false;
    }
    printf("%zu inputs from %zu seeds\n", run.inputs, run.seeds);
    free(run.seed);
    free(run.mutant);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
