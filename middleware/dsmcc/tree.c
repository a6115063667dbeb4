/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/walk.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BINDINGS_PER_FILE_MAX 4

struct dsmcc_tree {
    atomic_uint references;
    uint32_t carousel_id;
    struct dsmcc_entry *entries;
    size_t count;
    struct dsmcc_blob **blobs; /* one reference each */
    size_t blob_count;
    char *paths;
};

/* While the tree is collected the paths still move: an entry's path is an offset then. */
struct found {
    size_t path;
    enum dsmcc_kind kind;
    struct bytes data, body;
    struct dsmcc_blob *blob;
    uint16_t module_id;
    uint8_t module_version;
};

struct collection {
    struct dsmcc_walk *walk;
    struct found *found;
    size_t count, capacity;
    size_t directories;
    size_t looked_at; /* bindings, good and bad */
    struct buffer paths;
    bool failed; /* no memory */
    char path[DSMCC_PATH_SIZE_MAX + 1];
    size_t path_size;
    unsigned depth;
    struct {
        uint16_t module_id;
        struct dsmcc_key key;
    } above[DSMCC_DEPTH_MAX + 1];
};

static void collect_directory(struct collection *collection, const struct dsmcc_object *object);

/* Puts "/name" behind the path; false where it breaks a rule. */
static bool enter_name(struct collection *collection, struct bytes name)
{
    size_t slash = collection->path_size > 0 ? 1 : 0;
    if (!dsmcc_name_is_good((const char *)name.data, name.size) ||
        collection->path_size + slash + name.size > DSMCC_PATH_SIZE_MAX) {
        collection->walk->bad_names++;
        return false;
    }
    if (slash)
        collection->path[collection->path_size++] = '/';
    memcpy(collection->path + collection->path_size, name.data, name.size);
    collection->path_size += name.size;
    collection->path[collection->path_size] = 0;
    return true;
}

static bool grow(struct collection *collection)
{
    if (collection->count < collection->capacity)
        return true;
    size_t capacity = collection->capacity ? collection->capacity * 2 : 64;
    struct found *found = realloc(collection->found, capacity * sizeof *found);
    if (!found) {
        collection->failed = true;
        return false;
    }
    collection->found = found;
    collection->capacity = capacity;
    return true;
}

static void collect_entry(struct collection *collection, const struct dsmcc_object *object,
                          uint16_t module_id, uint8_t version, struct dsmcc_blob *blob)
{
    struct found found = {.path = collection->paths.size,
                          .kind = object->kind,
                          .data = object->info,
                          .body = object->body,
                          .blob = blob,
                          .module_id = module_id,
                          .module_version = version};
    if (object->kind == DSMCC_KIND_FILE) {
        found.body = (struct bytes){NULL, 0};
        if (!dsmcc_object_content(object, &found.data)) {
            collection->walk->dangling++;
            collection->walk->whole = false;
            return;
        }
    }
    if (!grow(collection))
        return;
    buffer_append(&collection->paths, collection->path, collection->path_size + 1);
    collection->failed |= collection->paths.failed;
    if (!collection->failed)
        collection->found[collection->count++] = found;
}

static bool is_above(const struct collection *collection, const struct dsmcc_ior *ior)
{
    for (unsigned i = 0; i <= collection->depth; i++) {
        if (collection->above[i].module_id == ior->module_id &&
            dsmcc_key_equal(collection->above[i].key, ior->key))
            return true;
    }
    return false;
}

/* The object that ior names, with its kind checked; false where it is not at hand. */
static bool look_up(struct collection *collection, const struct dsmcc_ior *ior, enum dsmcc_kind kind,
                    struct dsmcc_object *object, struct dsmcc_blob **blob, uint8_t *version)
{
    struct dsmcc_walk *walk = collection->walk;
    *blob = walk->lookup(walk->context, ior, kind, collection->path, version);
    if (!*blob) {
        walk->whole = false;
        return false;
    }
    if (!dsmcc_blob_find(*blob, ior->key, object) || object->kind != kind) {
        walk->dangling++;
        walk->whole = false;
        return false;
    }
    return true;
}

static void enter_directory(struct collection *collection, const struct dsmcc_ior *ior,
                            const struct dsmcc_object *object)
{
    if (is_above(collection, ior)) {
        collection->walk->cycles++;
        return;
    }
    collection->directories++;
    collection->depth++;
    collection->above[collection->depth].module_id = ior->module_id;
    collection->above[collection->depth].key = ior->key;
    collect_directory(collection, object);
    collection->depth--;
}

static void follow(struct collection *collection, const struct dsmcc_binding *binding)
{
    struct dsmcc_walk *walk = collection->walk;
    const struct dsmcc_ior *ior = &binding->ior;
    enum dsmcc_kind kind = ior->kind != DSMCC_KIND_UNKNOWN ? ior->kind : binding->kind;
    struct dsmcc_object object;
    struct dsmcc_blob *blob;
    uint8_t version;
    if (ior->foreign || ior->carousel_id != walk->carousel_id || kind == DSMCC_KIND_UNKNOWN ||
        kind == DSMCC_KIND_GATEWAY) {
        walk->foreign++;
    } else if (collection->depth + 1 > walk->max_depth ||
               (kind == DSMCC_KIND_DIRECTORY && collection->depth + 2 > walk->max_depth)) {
        walk->too_deep++;
    } else if (collection->count + collection->directories >= walk->max_files) {
        walk->too_many++;
        walk->whole = false;
    } else if (look_up(collection, ior, kind, &object, &blob, &version)) {
        if (kind == DSMCC_KIND_DIRECTORY)
            enter_directory(collection, ior, &object);
        else
            collect_entry(collection, &object, ior->module_id, version, blob);
    }
}

static void collect_directory(struct collection *collection, const struct dsmcc_object *object)
{
    struct dsmcc_bindings bindings;
    struct dsmcc_binding binding;
    bool good = dsmcc_bindings_begin(object, &bindings);
    while (good && !collection->failed && dsmcc_bindings_next(&bindings, &binding)) {
        size_t path_size = collection->path_size;
        /* Directories may be reached by many ways: without this a small carousel could cost hours. */
        if (collection->looked_at++ >= collection->walk->max_files * BINDINGS_PER_FILE_MAX) {
            collection->walk->too_many++;
            collection->walk->whole = false;
            return;
        }
        if (enter_name(collection, binding.name) &&
            (!collection->walk->branch || dsmcc_path_touches(collection->path, collection->walk->branch)))
            follow(collection, &binding);
        collection->path_size = path_size;
        collection->path[path_size] = 0;
    }
    if (!good || bindings.reader.failed) {
        collection->walk->dangling++;
        collection->walk->whole = false;
    }
}

static int compare_paths(const void *a, const void *b)
{
    const struct dsmcc_entry *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    return order ? order : (x->path < y->path ? -1 : x->path > y->path); /* the first found stays first */
}

static const struct dsmcc_entry *find(const struct dsmcc_entry *entries, size_t count, const char *path,
                                      size_t size)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strncmp(entries[middle].path, path, size);
        if (order == 0 && entries[middle].path[size] != 0)
            order = 1;
        if (order == 0)
            return &entries[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* True where a part of path up to a '/' is itself an entry, which cannot be: a file is no directory. */
static bool below_entry(const struct dsmcc_entry *entries, size_t count, const char *path)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        if (find(entries, count, path, (size_t)(slash - path)))
            return true;
    }
    return false;
}

/* Sorts, and drops what comes twice or lies below a file. */
static void put_in_order(struct dsmcc_tree *tree, struct dsmcc_walk *walk)
{
    if (tree->count > 1)
        qsort(tree->entries, tree->count, sizeof *tree->entries, compare_paths);
    size_t kept = 0;
    for (size_t i = 0; i < tree->count; i++) {
        /* Ancestors come before in byte order, so those that count are among the kept. */
        if ((kept > 0 && strcmp(tree->entries[kept - 1].path, tree->entries[i].path) == 0) ||
            below_entry(tree->entries, kept, tree->entries[i].path))
            walk->bad_names++;
        else
            tree->entries[kept++] = tree->entries[i];
    }
    tree->count = kept;
}

static struct dsmcc_tree *make_tree(struct collection *collection)
{
    struct dsmcc_tree *tree = calloc(1, sizeof *tree);
    if (!tree)
        return NULL;
    tree->references = 1;
    tree->carousel_id = collection->walk->carousel_id;
    tree->entries = calloc(collection->count + 1, sizeof *tree->entries);
    tree->blobs = calloc(collection->count + 1, sizeof *tree->blobs);
    if (!tree->entries || !tree->blobs) {
        dsmcc_tree_unref(tree);
        return NULL;
    }
    tree->paths = (char *)collection->paths.data;
    buffer_init(&collection->paths, 0);
    for (size_t i = 0; i < collection->count; i++) {
        const struct found *found = &collection->found[i];
        tree->entries[i] = (struct dsmcc_entry){.path = tree->paths + found->path,
                                                .kind = found->kind,
                                                .data = found->data,
                                                .body = found->body,
                                                .module_id = found->module_id,
                                                .module_version = found->module_version};
        /* Neighbours mostly share a module: one reference serves them. */
        if (tree->blob_count == 0 || tree->blobs[tree->blob_count - 1] != found->blob)
            tree->blobs[tree->blob_count++] = dsmcc_blob_ref(found->blob);
    }
    tree->count = collection->count;
    put_in_order(tree, collection->walk);
    return tree;
}

struct dsmcc_tree *dsmcc_walk_tree(struct dsmcc_walk *walk, const struct dsmcc_ior *gateway)
{
    assert(walk->max_depth >= 1 && walk->max_depth <= DSMCC_DEPTH_MAX);
    struct collection *collection = calloc(1, sizeof *collection);
    if (!collection)
        return NULL;
    collection->walk = walk;
    collection->above[0].module_id = gateway->module_id;
    collection->above[0].key = gateway->key;
    buffer_init(&collection->paths, (walk->max_files + 1) * (DSMCC_PATH_SIZE_MAX + 1));
    walk->whole = true;
    walk->bad_names = walk->cycles = walk->too_deep = walk->too_many = walk->dangling = walk->foreign = 0;
    struct dsmcc_object object;
    struct dsmcc_blob *blob;
    uint8_t version;
    if (look_up(collection, gateway, DSMCC_KIND_GATEWAY, &object, &blob, &version))
        collect_directory(collection, &object);
    walk->looked_at = collection->looked_at;
    struct dsmcc_tree *tree = collection->failed ? NULL : make_tree(collection);
    buffer_finish(&collection->paths);
    free(collection->found);
    free(collection);
    return tree;
}

bool dsmcc_path_touches(const char *path, const char *prefix)
{
    size_t a = strlen(path), b = strlen(prefix), shorter = a < b ? a : b;
    if (shorter == 0)
        return true;
    return memcmp(path, prefix, shorter) == 0 && (a == b || (a < b ? prefix[a] == '/' : path[b] == '/'));
}

bool dsmcc_tree_same(const struct dsmcc_tree *a, const struct dsmcc_tree *b)
{
    if (a->carousel_id != b->carousel_id || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct dsmcc_entry *x = &a->entries[i], *y = &b->entries[i];
        if (x->data.data != y->data.data || x->data.size != y->data.size || x->kind != y->kind ||
            strcmp(x->path, y->path) != 0)
            return false;
    }
    return true;
}

struct dsmcc_tree *dsmcc_tree_ref(struct dsmcc_tree *tree)
{
    atomic_fetch_add_explicit(&tree->references, 1, memory_order_relaxed);
    return tree;
}

void dsmcc_tree_unref(struct dsmcc_tree *tree)
{
    if (!tree || atomic_fetch_sub_explicit(&tree->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < tree->blob_count; i++)
        dsmcc_blob_unref(tree->blobs[i]);
    free(tree->blobs);
    free(tree->entries);
    free(tree->paths);
    free(tree);
}

uint32_t dsmcc_tree_carousel_id(const struct dsmcc_tree *tree)
{
    return tree->carousel_id;
}

size_t dsmcc_tree_count(const struct dsmcc_tree *tree)
{
    return tree->count;
}

const struct dsmcc_entry *dsmcc_tree_entry(const struct dsmcc_tree *tree, size_t index)
{
    return index < tree->count ? &tree->entries[index] : NULL;
}

const struct dsmcc_entry *dsmcc_tree_find(const struct dsmcc_tree *tree, const char *path)
{
    return find(tree->entries, tree->count, path, strlen(path));
}
