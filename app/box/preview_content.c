/* SPDX-License-Identifier: Apache-2.0 */
#include "box/preview_content.h"

#include "base/file.h"
#include "base/text.h"
#include "folder/content_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DAY_S 86400

/* ---- a document by itself ---- */

/* "x/commerce/catalogue/dairy.json" is "commerce/catalogue/dairy.json" of the folder "x". */
static bool place_by_path(struct preview_file *file, const char *name)
{
    for (const char *at = name; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
        enum content_document_kind kind = content_document_kind_of_path(at);
        if (kind == CONTENT_UNKNOWN)
            continue;
        size_t length = (size_t)(at - name);
        file->kind = kind;
        snprintf(file->folder, sizeof(file->folder), "%.*s", length ? (int)length : 2, length ? name : "./");
        return text_copy(file->path, sizeof(file->path), at);
    }
    return false;
}

/* The name without folders and ".json", as far as it may be one of a document. */
static void stem(const char *name, char out[CONTENT_ID_MAXIMUM + 1])
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
    size_t length = strspn(base, "abcdefghijklmnopqrstuvwxyz0123456789-");
    snprintf(out, CONTENT_ID_MAXIMUM + 1, "%.*s", (int)length, length ? base : "preview");
    if (!length)
        text_copy(out, CONTENT_ID_MAXIMUM + 1, "preview");
}

/* A draft anywhere: a catalogue, a credit list or a page by what is in it. */
static bool place_by_content(struct preview_file *file, const char *name, const json_t *root,
                             struct error *error)
{
    char base[CONTENT_ID_MAXIMUM + 1];
    const char *list = json_string_value(json_object_get(root, "list"));
    const char *id = json_string_value(json_object_get(root, "id"));
    stem(name, base);
    if (json_object_get(root, "products"))
        snprintf(file->path, sizeof(file->path), "commerce/catalogue/%s.json", base);
    else if (json_object_get(root, "entries") && list)
        snprintf(file->path, sizeof(file->path), "credit/%s.json", list);
    else if (json_object_get(root, "body") && id)
        snprintf(file->path, sizeof(file->path), "community/pages/%s.json", id);
    else if (json_object_get(root, "categories"))
        text_copy(file->path, sizeof(file->path), "commerce/categories.json");
    else if (json_object_get(root, "merchants"))
        text_copy(file->path, sizeof(file->path), "commerce/merchants.json");
    else if (json_object_get(root, "sections"))
        text_copy(file->path, sizeof(file->path), "community/directory.json");
    file->kind = content_document_kind_of_path(file->path);
    return file->kind != CONTENT_UNKNOWN ||
           error_set(error,
                     "%s: expected a catalogue (\"products\"), a credit list (\"list\", \"entries\"), a page "
                     "(\"id\", \"body\"), categories, merchants or sections, found none of them",
                     name);
}

/* The product, notice or page of this id, "" the first; borrowed, NULL where there is none. */
static const json_t *find_entry(enum content_document_kind kind, const json_t *root, const char *id)
{
    size_t index;
    const json_t *entry;
    const char *list = kind == CONTENT_CATALOGUE     ? "products"
                       : kind == CONTENT_CREDIT_LIST ? "entries"
                                                     : NULL;
    if (kind == CONTENT_PAGE)
        return root;
    json_array_foreach(list ? json_object_get(root, list) : NULL, index, entry)
    {
        const char *own = json_string_value(json_object_get(entry, "id"));
        if (!*id || (own && !strcmp(own, id)))
            return entry;
    }
    return NULL;
}

static void choose_entry(struct preview_file *file, const json_t *root)
{
    const json_t *entry = find_entry(file->kind, root, file->entry);
    const char *id = json_string_value(json_object_get(entry, "id"));
    const char *area = json_string_value(json_array_get(json_object_get(entry, "areas"), 0));
    if (id && !*file->entry)
        text_copy(file->entry, sizeof(file->entry), id);
    if (area)
        text_copy(file->area, sizeof(file->area), area);
}

/* Splits "FILE.json:ENTRY". */
static bool split(struct preview_file *file, const char *name, char path[PREVIEW_PATH_SIZE],
                  struct error *error)
{
    const char *end = strstr(name, ".json:");
    if (!(end ? text_copy(file->entry, sizeof(file->entry), end + 6) : true))
        return error_set(error, "%s: expected an id behind the colon", name);
    size_t length = end ? (size_t)(end - name) + 5 : strlen(name);
    if (length >= PREVIEW_PATH_SIZE)
        return error_set(error, "%s: too long", name);
    memcpy(path, name, length);
    path[length] = 0;
    return true;
}

bool preview_file_read(struct preview_file *file, const char *name, struct error *error)
{
    char path[PREVIEW_PATH_SIZE];
    struct content_json reader;
    *file = (struct preview_file){.kind = CONTENT_UNKNOWN};
    buffer_init(&file->bytes, CONTENT_DOCUMENT_SIZE_MAXIMUM);
    if (!split(file, name, path, error) || !file_read(path, &file->bytes, error))
        return false;
    content_json_init(&reader, path, NULL, NULL);
    json_t *root = content_json_load(&reader, buffer_view(&file->bytes), CONTENT_DOCUMENT_SIZE_MAXIMUM);
    bool good = root ? place_by_path(file, path) || place_by_content(file, path, root, error)
                     : error_set(error, "%s", reader.first.text);
    if (good)
        choose_entry(file, root);
    json_decref(root);
    return good;
}

void preview_file_finish(struct preview_file *file)
{
    buffer_finish(&file->bytes);
}

/* ---- the folder ---- */

static bool load(struct content_set *sets[CONTENT_ROLES], const char *folder, const struct preview_file *file,
                 struct error *error)
{
    enum content_role role;
    for (int i = 0; i < CONTENT_ROLES; i++) {
        sets[i] = content_set_load(folder && *folder ? folder : "/nonexistent", i, error);
        if (!sets[i])
            return false;
    }
    return !file || (content_set_role_of(file->path, &role, error) &&
                     content_set_put(sets[role], file->path, buffer_view(&file->bytes), error));
}

static bool ingest(struct store *store, const struct content_set *set, int64_t utc_s, struct error *error)
{
    static const uint8_t no_digest[STORE_SHA256_SIZE]; /* a store that lives for one picture keeps nothing */
    const struct store_accepted accepted = {
        .sequence = 1, .valid_from = utc_s - DAY_S, .valid_until = utc_s + DAY_S, .accepted_at = utc_s};
    if (!store_ingest_begin(store, set->role, &accepted, error))
        return false;
    for (size_t i = 0; i < set->count; i++) {
        if (!store_ingest_file(store, set->files[i].path, no_digest, set->files[i].bytes, error)) {
            store_ingest_abort(store);
            return false;
        }
    }
    return store_ingest_commit(store, error);
}

bool preview_content_fill(struct store *store, const char *folder, const struct preview_file *file,
                          int64_t utc_s, content_report_fn *report, void *context, struct error *error)
{
    struct content_set *sets[CONTENT_ROLES] = {NULL};
    struct stat status;
    bool good = true;
    if (folder && *folder && (stat(folder, &status) < 0 || !S_ISDIR(status.st_mode)))
        return error_set(error, "%s: expected the folder of a publisher's content, found none", folder);
    if (!load(sets, folder, file, error))
        good = false;
    for (int i = 0; good && i < CONTENT_ROLES; i++) {
        if (sets[i]->count > 0 && !content_set_check(sets, i, report, context))
            error_set(error, "%s: has mistakes, see above", content_role_str(i));
    }
    good = good && !*error->text;
    for (int i = 0; good && i < CONTENT_ROLES; i++)
        good = sets[i]->count == 0 || ingest(store, sets[i], utc_s, error);
    for (int i = 0; i < CONTENT_ROLES; i++)
        content_set_destroy(sets[i]);
    return good;
}
