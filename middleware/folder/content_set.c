/* SPDX-License-Identifier: Apache-2.0 */
#include "folder/content_set.h"
#include "base/file.h"
#include "base/log.h"
#include "trust/manifest.h"
#include "trust/verify.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096

struct loading {
    const char *folder; /* of the role */
    struct content_set *set;
    size_t capacity;
    uint64_t total;
    struct error *error;
};

static bool is_made_here(const char *path)
{
    return !strcmp(path, TRUST_MANIFEST_NAME) || !strcmp(path, TRUST_SIGNATURE_NAME) ||
           !strcmp(path, TRUST_CHAIN_NAME);
}

static bool reserve(struct loading *loading)
{
    struct content_set *set = loading->set;
    if (set->count < loading->capacity)
        return true;
    size_t capacity = loading->capacity ? 2 * loading->capacity : 64;
    struct content_file *files = realloc(set->files, capacity * sizeof(*files));
    if (!files)
        return error_set(loading->error, "%s: out of memory", loading->folder);
    set->files = files;
    loading->capacity = capacity;
    return true;
}

/* The file's bytes, the caller's to free; NULL and a reason in error. */
static uint8_t *read_bytes(struct loading *loading, const char *relative, size_t *size)
{
    char path[PATH_SIZE];
    struct buffer buffer;
    buffer_init(&buffer, TRUST_FILE_SIZE_MAXIMUM);
    bool good = file_join(path, sizeof(path), loading->folder, relative);
    if (!good)
        error_set(loading->error, "%s/%s: the path is too long", loading->folder, relative);
    if (!good || !file_read(path, &buffer, loading->error)) {
        buffer_finish(&buffer);
        return NULL;
    }
    *size = buffer.size;
    return buffer.data ? buffer.data : calloc(1, 1);
}

static bool load_file(void *context, const char *relative, uint64_t size)
{
    struct loading *loading = context;
    struct content_set *set = loading->set;
    if (is_made_here(relative)) {
        log_warning("%s/%s: passed over, since the playout makes it", loading->folder, relative);
        return true;
    }
    loading->total += size;
    if (size > TRUST_FILE_SIZE_MAXIMUM || loading->total > TRUST_TOTAL_SIZE_MAXIMUM ||
        set->count >= TRUST_FILES_MAXIMUM)
        return error_set(loading->error, "%s/%s: expected at most %d files, %d MiB each and %d MiB together",
                         loading->folder, relative, TRUST_FILES_MAXIMUM, TRUST_FILE_SIZE_MAXIMUM >> 20,
                         TRUST_TOTAL_SIZE_MAXIMUM >> 20);
    if (!reserve(loading))
        return false;
    size_t read_size = 0;
    uint8_t *data = read_bytes(loading, relative, &read_size);
    if (!data)
        return false;
    char *path = NULL;
    if (asprintf(&path, "%s/%s", content_role_str(set->role), relative) < 0) {
        free(data);
        return error_set(loading->error, "%s: out of memory", loading->folder);
    }
    set->files[set->count++] =
        (struct content_file){.path = path, .bytes = {.data = data, .size = read_size}};
    return true;
}

struct content_set *content_set_load(const char *folder, enum content_role role, struct error *error)
{
    char path[PATH_SIZE];
    struct stat status;
    struct content_set *set = calloc(1, sizeof(*set));
    if (!set || !file_join(path, sizeof(path), folder, content_role_str(role))) {
        error_set(error, "%s: out of memory, or the path is too long", folder);
        free(set);
        return NULL;
    }
    set->role = role;
    if (stat(path, &status) < 0)
        return set;
    struct loading loading = {.folder = path, .set = set, .error = error};
    if (file_walk(path, load_file, &loading, error))
        return set;
    content_set_destroy(set);
    return NULL;
}

void content_set_destroy(struct content_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++) {
        free((char *)set->files[i].path);
        free((uint8_t *)set->files[i].bytes.data);
    }
    free(set->files);
    free(set);
}

static bool segments_are_good(const char *path)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    for (;;) {
        size_t size = strspn(path, letters);
        if (size == 0 || path[0] == '.' || (path[size] != '/' && path[size] != '\0'))
            return false;
        if (path[size] == '\0')
            return true;
        path += size + 1;
    }
}

bool content_set_role_of(const char *path, enum content_role *role, struct error *error)
{
    char name[TRUST_ROLE_MAXIMUM + 1];
    const char *slash = strchr(path, '/');
    if (!slash || (size_t)(slash - path) >= sizeof(name) || !segments_are_good(path) ||
        strlen(slash + 1) > TRUST_PATH_MAXIMUM)
        return error_set(
            error, "path: expected ROLE/NAME of letters, digits and . _ -, or channel.json, found \"%s\"",
            path);
    memcpy(name, path, (size_t)(slash - path));
    name[slash - path] = '\0';
    if (!content_role_from_str(name, role))
        return error_set(error, "path: expected commerce, credit or community in front, found \"%s\"", name);
    if (is_made_here(slash + 1))
        return error_set(error, "path: expected a document, found \"%s\", which the playout makes", path);
    return true;
}

static int compare_paths(const void *a, const void *b)
{
    const struct content_file *x = a, *y = b;
    return strcmp(x->path, y->path);
}

static bool add_file(struct content_set *set, const char *path, uint8_t *data, size_t size)
{
    char *name = strdup(path);
    struct content_file *files = realloc(set->files, (set->count + 1) * sizeof(*files));
    if (files)
        set->files = files;
    if (!files || !name) {
        free(name);
        return false;
    }
    set->files[set->count++] = (struct content_file){.path = name, .bytes = {.data = data, .size = size}};
    qsort(set->files, set->count, sizeof(*set->files), compare_paths);
    return true;
}

bool content_set_put(struct content_set *set, const char *path, struct bytes bytes, struct error *error)
{
    uint64_t total = bytes.size;
    struct content_file *place = NULL;
    for (size_t i = 0; i < set->count; i++) {
        if (!strcmp(set->files[i].path, path))
            place = &set->files[i];
        else
            total += set->files[i].bytes.size;
    }
    if (bytes.size > TRUST_FILE_SIZE_MAXIMUM || total > TRUST_TOTAL_SIZE_MAXIMUM ||
        (!place && set->count >= TRUST_FILES_MAXIMUM))
        return error_set(error, "%s: expected at most %d files, %d MiB each and %d MiB together", path,
                         TRUST_FILES_MAXIMUM, TRUST_FILE_SIZE_MAXIMUM >> 20, TRUST_TOTAL_SIZE_MAXIMUM >> 20);
    uint8_t *copy = malloc(bytes.size + 1);
    if (!copy)
        return error_set(error, "%s: out of memory", path);
    if (bytes.size)
        memcpy(copy, bytes.data, bytes.size);
    if (place) {
        free((uint8_t *)place->bytes.data);
        place->bytes = (struct bytes){.data = copy, .size = bytes.size};
    } else if (!add_file(set, path, copy, bytes.size)) {
        free(copy);
        return error_set(error, "%s: out of memory", path);
    }
    return true;
}

bool content_set_check(struct content_set *const sets[CONTENT_ROLES], enum content_role role,
                       content_report_fn *report, void *context)
{
    size_t count = 0;
    for (int i = 0; i < CONTENT_ROLES; i++)
        count += sets[i] ? sets[i]->count : 0;
    struct content_file *files = calloc(count + 1, sizeof(*files));
    if (!files) {
        report(context, CONTENT_ERROR, "out of memory");
        return false;
    }
    count = 0;
    for (int i = 0; i < CONTENT_ROLES; i++) {
        if (sets[i] && sets[i]->count > 0)
            memcpy(files + count, sets[i]->files, sets[i]->count * sizeof(*files));
        count += sets[i] ? sets[i]->count : 0;
    }
    bool good = content_check_set(role, files, count, report, context);
    free(files);
    return good;
}

static uint64_t mix(uint64_t hash, const void *data, size_t size)
{
    const uint8_t *at = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001B3);
    return hash;
}

static uint64_t mix_status(uint64_t hash, const char *path)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return hash;
    const int64_t facts[] = {status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                             (int64_t)status.st_ino};
    return mix(hash, facts, sizeof(facts));
}

struct print {
    const char *folder;
    uint64_t hash;
};

static bool print_file(void *context, const char *relative, uint64_t size)
{
    struct print *print = context;
    char path[PATH_SIZE];
    (void)size;
    print->hash = mix(print->hash, relative, strlen(relative) + 1);
    if (file_join(path, sizeof(path), print->folder, relative))
        print->hash = mix_status(print->hash, path);
    return true;
}

uint64_t content_set_fingerprint(const char *folder, enum content_role role)
{
    char path[PATH_SIZE];
    struct print print = {.folder = path, .hash = UINT64_C(0xCBF29CE484222325)};
    struct stat status;
    if (!file_join(path, sizeof(path), folder, content_role_str(role)) || stat(path, &status) < 0)
        return 0;
    file_walk(path, print_file, &print, NULL);
    return print.hash;
}

uint64_t content_file_fingerprint(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    if (!file_join(path, sizeof(path), folder, name))
        return 0;
    return mix_status(0, path);
}
