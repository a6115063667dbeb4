/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/manifest.h"

#include "base/clock.h"
#include "base/text.h"
#include "trust/parts.h"
#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 1

bool trust_sha256(struct bytes bytes, uint8_t digest[TRUST_SHA256_SIZE])
{
    return EVP_Digest(bytes.data, bytes.size, digest, NULL, EVP_sha256(), NULL) == 1;
}

bool trust_role_is_name(const char *role)
{
    size_t length = strspn(role, "abcdefghijklmnopqrstuvwxyz");
    return length >= 1 && length <= TRUST_ROLE_MAXIMUM && role[length] == '\0';
}

/* Relative, made of plain segments, and none of the three files that carry the trust itself. */
static bool is_path(const char *path)
{
    static const char *const own[] = {"manifest.json", "manifest.sig", "chain.pem"};
    size_t length = strlen(path);
    if (length == 0 || length > TRUST_PATH_MAXIMUM || path[length - 1] == '/') {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        bool starts = i == 0 || path[i - 1] == '/';
        bool is_plain = (path[i] >= 'a' && path[i] <= 'z') || (path[i] >= 'A' && path[i] <= 'Z') ||
                        (path[i] >= '0' && path[i] <= '9') || path[i] == '_' || path[i] == '-' ||
                        path[i] == '.' || path[i] == '/';
        if (!is_plain || (starts && (path[i] == '.' || path[i] == '/'))) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strcmp(path, own[i]) == 0) {
            return false;
        }
    }
    return true;
}

static bool is_area(const char *code)
{
    size_t length = strspn(code, "0123456789");
    return code[length] == '\0' && length >= 2 && length <= 12;
}

static bool refuse(struct error *error, const char *where, const char *expected)
{
    return error_set(error, "manifest.json: %s: expected %s", where, expected);
}

static bool read_integer(const json_t *object, const char *key, int64_t low, int64_t high, int64_t *number)
{
    const json_t *value = json_object_get(object, key);
    *number = json_is_integer(value) ? (int64_t)json_integer_value(value) : low - 1;
    return json_is_integer(value) && *number >= low && *number <= high;
}

static bool read_time(const json_t *object, const char *key, int64_t *utc_s, struct error *error)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (text == NULL || strchr(text, 'T') == NULL || !clock_parse_rfc3339(text, utc_s)) {
        return refuse(error, key, "a date and time (RFC 3339)");
    }
    return true;
}

static bool read_areas(const json_t *root, struct trust_manifest *manifest, struct error *error)
{
    const json_t *array = json_object_get(root, "areas");
    size_t count = json_array_size(array);
    if (array == NULL) {
        return true;
    }
    if (!json_is_array(array) || count > TRUST_AREAS_MAXIMUM) {
        return refuse(error, "areas", "an array of at most 64 codes");
    }
    manifest->areas = calloc(count + 1, sizeof *manifest->areas);
    for (size_t i = 0; manifest->areas != NULL && i < count; i++) {
        const char *code = json_string_value(json_array_get(array, i));
        if (code == NULL || !is_area(code)) {
            return refuse(error, "areas", "codes of 2 to 12 digits");
        }
        manifest->areas[i] = strdup(code);
        if (manifest->areas[i] == NULL) {
            return error_set(error, "manifest.json: out of memory");
        }
        manifest->area_count++;
    }
    return manifest->areas != NULL || error_set(error, "manifest.json: out of memory");
}

static bool read_file(const json_t *object, size_t index, struct trust_file *file, struct error *error)
{
    char where[48];
    int64_t size;
    const char *path = json_string_value(json_object_get(object, "path"));
    const char *digest = json_string_value(json_object_get(object, "sha256"));
    if (path == NULL || !is_path(path)) {
        snprintf(where, sizeof where, "files[%zu].path", index);
        return refuse(error, where, "a relative path of plain names");
    }
    if (!read_integer(object, "size", 0, TRUST_FILE_SIZE_MAXIMUM, &size)) {
        snprintf(where, sizeof where, "files[%zu].size", index);
        return refuse(error, where, "a size from 0 to 8 MiB");
    }
    if (digest == NULL || !text_unhex(digest, file->sha256, sizeof file->sha256)) {
        snprintf(where, sizeof where, "files[%zu].sha256", index);
        return refuse(error, where, "64 hexadecimal digits");
    }
    file->size = (uint64_t)size;
    file->path = strdup(path);
    return file->path != NULL || error_set(error, "manifest.json: out of memory");
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const struct trust_file *)a)->path, ((const struct trust_file *)b)->path);
}

static bool read_files(const json_t *root, struct trust_manifest *manifest, struct error *error)
{
    const json_t *array = json_object_get(root, "files");
    size_t count = json_array_size(array);
    uint64_t total = 0;
    if (!json_is_array(array) || count > TRUST_FILES_MAXIMUM) {
        return refuse(error, "files", "an array of at most 5000 files");
    }
    manifest->files = calloc(count + 1, sizeof *manifest->files);
    if (manifest->files == NULL) {
        return error_set(error, "manifest.json: out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        if (!read_file(json_array_get(array, i), i, &manifest->files[i], error)) {
            return false;
        }
        manifest->file_count++;
        total += manifest->files[i].size;
    }
    if (total > TRUST_TOTAL_SIZE_MAXIMUM) {
        return refuse(error, "files", "at most 256 MiB in all");
    }
    qsort(manifest->files, count, sizeof *manifest->files, compare_files);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(manifest->files[i - 1].path, manifest->files[i].path) == 0) {
            return refuse(error, manifest->files[i].path, "each path once");
        }
    }
    return true;
}

static bool read_root(const json_t *root, struct trust_manifest *manifest, struct error *error)
{
    int64_t format;
    const char *role = json_string_value(json_object_get(root, "role"));
    if (!json_is_object(root)) {
        return error_set(error, "manifest.json: expected an object");
    }
    if (!read_integer(root, "format", FORMAT, FORMAT, &format)) {
        return refuse(error, "format", "1");
    }
    if (role == NULL || !trust_role_is_name(role)) {
        return refuse(error, "role", "a name of 1 to 16 letters a-z");
    }
    text_copy(manifest->role, sizeof manifest->role, role);
    if (!read_integer(root, "sequence", 1, TRUST_SEQUENCE_MAXIMUM, &manifest->sequence)) {
        return refuse(error, "sequence", "an integer from 1 to 2^53 - 1");
    }
    if (!read_time(root, "valid_from", &manifest->valid_from, error) ||
        !read_time(root, "valid_until", &manifest->valid_until, error)) {
        return false;
    }
    if (manifest->valid_from > manifest->valid_until) {
        return refuse(error, "valid_until", "a time not before valid_from");
    }
    return read_areas(root, manifest, error) && read_files(root, manifest, error);
}

struct trust_manifest *trust_manifest_parse(struct bytes json, struct error *error)
{
    json_error_t why;
    if (json.size == 0 || json.size > TRUST_MANIFEST_SIZE_MAXIMUM) {
        error_set(error, "manifest.json: expected 1 to %d bytes, found %zu", TRUST_MANIFEST_SIZE_MAXIMUM,
                  json.size);
        return NULL;
    }
    json_t *root = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL) {
        error_set(error, "manifest.json: line %d, column %d: %s", why.line, why.column, why.text);
        return NULL;
    }
    struct trust_manifest *manifest = calloc(1, sizeof *manifest);
    if (manifest == NULL || !trust_sha256(json, manifest->sha256)) {
        error_set(error, "manifest.json: out of memory");
        trust_manifest_destroy(manifest);
        manifest = NULL;
    } else if (!read_root(root, manifest, error)) {
        trust_manifest_destroy(manifest);
        manifest = NULL;
    }
    json_decref(root);
    return manifest;
}

void trust_manifest_destroy(struct trust_manifest *manifest)
{
    if (manifest == NULL) {
        return;
    }
    for (size_t i = 0; i < manifest->area_count; i++) {
        free(manifest->areas[i]);
    }
    for (size_t i = 0; i < manifest->file_count; i++) {
        free(manifest->files[i].path);
    }
    free(manifest->areas);
    free(manifest->files);
    free(manifest);
}

const struct trust_file *trust_manifest_find(const struct trust_manifest *manifest, const char *path)
{
    size_t low = 0, high = manifest->file_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(path, manifest->files[middle].path);
        if (order == 0) {
            return &manifest->files[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

bool trust_manifest_check_file(const struct trust_manifest *manifest, const char *path, struct bytes bytes,
                               struct error *error)
{
    uint8_t digest[TRUST_SHA256_SIZE];
    const struct trust_file *file = trust_manifest_find(manifest, path);
    if (file == NULL) {
        return error_set(error, "%s: the manifest of %s does not name it", path, manifest->role);
    }
    if (file->size != bytes.size) {
        return error_set(error, "%s: expected %llu bytes, found %zu", path, (unsigned long long)file->size,
                         bytes.size);
    }
    if (!trust_sha256(bytes, digest)) {
        return error_set(error, "%s: SHA-256 cannot be computed", path);
    }
    if (memcmp(digest, file->sha256, sizeof digest) != 0) {
        return error_set(error, "%s: its SHA-256 is not the manifest's", path);
    }
    return true;
}
