/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/plan.h"
#include "dsmcc/biop.h"
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16
#define DEMAND_MAX 1000
#define WEIGHT_MAX 1000

void plan_finish(struct plan *plan)
{
    free(plan->nodes);
    free(plan->names);
    plan->nodes = NULL;
    plan->names = NULL;
    plan->count = 0;
}

static int compare_nodes(const void *a, const void *b)
{
    const struct node *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    return order ? order : (int)y->directory - (int)x->directory;
}

static struct node *find(const struct plan *plan, const char *path)
{
    const struct node wanted = {.path = path, .directory = true};
    size_t low = 0, high = plan->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_nodes(&plan->nodes[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < plan->count && strcmp(plan->nodes[low].path, path) == 0 ? &plan->nodes[low] : NULL;
}

const struct node *plan_find(const struct plan *plan, const char *path)
{
    return find(plan, path);
}

/* Checks each name and counts them in *depth. */
static bool path_is_good(const char *path, unsigned *depth)
{
    *depth = 0;
    if (strlen(path) > DSMCC_PATH_SIZE_MAX)
        return false;
    for (const char *name = path;; name++) {
        size_t size = strcspn(name, "/");
        ++*depth;
        if (!dsmcc_name_is_good(name, size))
            return false;
        name += size;
        if (!*name)
            return true;
    }
}

static bool check_files(const struct dsmcc_builder_options *options, const struct dsmcc_source *files,
                        size_t count, size_t *nodes, size_t *names, struct error *error)
{
    uint64_t bytes = 0;
    *nodes = *names = 1;
    if (count > options->max_files)
        return error_set(error, "%zu files: a carousel takes at most %zu", count, options->max_files);
    for (size_t i = 0; i < count; i++) {
        unsigned depth;
        if (!path_is_good(files[i].path, &depth))
            return error_set(error,
                             "\"%s\": not a path that a carousel can carry: names of 1 to %d bytes joined by "
                             "'/', no \".\" or \"..\"",
                             files[i].path, DSMCC_NAME_SIZE_MAX);
        if (depth > DEPTH_MAX)
            return error_set(error, "%s: %u levels, a carousel takes at most %d", files[i].path, depth,
                             DEPTH_MAX);
        if (files[i].stream && (!dsmcc_stream_is_good(files[i].stream) ||
                                dsmcc_stream_size(files[i].stream) > SHARED_MODULE_MAX))
            return error_set(error, "%s: not a stream object that a carousel can carry: see dsmcc/stream.h",
                             files[i].path);
        if (files[i].size > options->max_total_bytes - bytes)
            return error_set(error, "%s: with it the files have more than %zu bytes in all", files[i].path,
                             options->max_total_bytes);
        bytes += files[i].size;
        *nodes += depth;
        *names += depth * (strlen(files[i].path) + 1);
    }
    return true;
}

/* Appends the first size bytes of path to the names and a node with them to the nodes. */
static struct node *add_node(struct plan *plan, size_t *names, const char *path, size_t size)
{
    struct node *node = &plan->nodes[plan->count++];
    *node = (struct node){.path = plan->names + *names, .kind = DSMCC_KIND_FILE};
    memcpy(plan->names + *names, path, size);
    plan->names[*names + size] = 0;
    *names += size + 1;
    return node;
}

static void make_directory(struct node *node)
{
    node->directory = true;
    node->kind = DSMCC_KIND_DIRECTORY;
}

static void add_nodes(struct plan *plan, const struct dsmcc_source *files, size_t count)
{
    size_t names = 0;
    make_directory(add_node(plan, &names, "", 0));
    for (size_t i = 0; i < count; i++) {
        const struct dsmcc_source *file = &files[i];
        for (const char *slash = strchr(file->path, '/'); slash; slash = strchr(slash + 1, '/'))
            make_directory(add_node(plan, &names, file->path, (size_t)(slash - file->path)));
        struct node *node = add_node(plan, &names, file->path, strlen(file->path));
        node->source = file;
        if (file->stream)
            node->kind = file->stream->kind;
        node->content_size = file->stream ? 0 : file->size;
        node->size = file->stream ? dsmcc_stream_size(file->stream) : dsmcc_file_size(file->size);
        node->weight = file->weight > WEIGHT_MAX ? WEIGHT_MAX : file->weight;
        node->demand = file->demand == 0 ? 1 : file->demand > DEMAND_MAX ? DEMAND_MAX : file->demand;
    }
}

/* One node for a directory however many files name it; no path twice otherwise. */
static bool unite(struct plan *plan, struct error *error)
{
    qsort(plan->nodes, plan->count, sizeof *plan->nodes, compare_nodes);
    size_t kept = 0;
    for (size_t i = 0; i < plan->count; i++) {
        struct node *last = kept > 0 ? &plan->nodes[kept - 1] : NULL;
        bool again = last && strcmp(last->path, plan->nodes[i].path) == 0;
        if (again && last->directory != plan->nodes[i].directory)
            return error_set(error, "%s: given as a file, and as the folder of other files", last->path);
        if (again && !last->directory)
            return error_set(error, "%s: given twice", last->path);
        if (!again)
            plan->nodes[kept++] = plan->nodes[i];
    }
    plan->count = kept;
    return true;
}

static struct node *find_parent(struct plan *plan, const char *path, const char **name)
{
    char parent[DSMCC_PATH_SIZE_MAX + 1];
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) : 0;
    *name = slash ? slash + 1 : path;
    memcpy(parent, path, size);
    parent[size] = 0;
    return find(plan, parent);
}

/* Finds each node's parent, and how large the directories' messages are. */
static bool measure(struct plan *plan, struct error *error)
{
    for (size_t i = 1; i < plan->count; i++) {
        struct node *node = &plan->nodes[i];
        const char *name;
        struct node *parent = find_parent(plan, node->path, &name);
        node->parent = (size_t)(parent - plan->nodes);
        parent->size += dsmcc_binding_size(strlen(name), node->kind == DSMCC_KIND_FILE);
        if (++parent->children > DSMCC_BINDINGS_MAX)
            return error_set(
                error,
                "%s: the folder \"%s\" has more than %d names, as many as a carousel's directory takes",
                node->path, parent->path, DSMCC_BINDINGS_MAX);
    }
    for (size_t i = 0; i < plan->count; i++) {
        if (!plan->nodes[i].directory)
            continue;
        plan->nodes[i].size = dsmcc_directory_size(plan->nodes[i].size);
    }
    for (size_t i = plan->count; i-- > 1;) /* what is below stands behind */
        plan->nodes[plan->nodes[i].parent].demand += plan->nodes[i].demand;
    return true;
}

/* What is in a module so far. */
struct slot {
    const struct node *first; /* NULL: free */
    size_t size;
};

/* Files share with files of their directory, weight and demand, directories with directories. */
static bool may_share(const struct node *a, const struct node *b)
{
    return a->directory == b->directory &&
           (a->directory || (a->parent == b->parent && a->weight == b->weight && a->demand == b->demand));
}

static bool fits(const struct slot *slot, const struct node *node)
{
    return slot->first && slot->size + node->size <= SHARED_MODULE_MAX && may_share(slot->first, node);
}

static void place(struct plan *plan, struct slot *slots, struct node *node, uint16_t module_id)
{
    struct slot *slot = &slots[module_id];
    if (!slot->first)
        slot->first = node;
    slot->size += node->size;
    node->module_id = module_id;
    if (module_id > plan->last_module)
        plan->last_module = module_id;
}

/* Leaves nodes where receivers know them to be, as far as they still fit together. */
static void keep_places(struct plan *plan, const struct plan *old, struct slot *slots, size_t max_modules,
                        bool large)
{
    for (size_t i = 1; i < plan->count; i++) { /* the gateway never moves */
        struct node *node = &plan->nodes[i];
        const struct node *known = find(old, node->path);
        if ((node->size > SHARED_MODULE_MAX) != large || !known || known->directory != node->directory)
            continue;
        node->key = known->key;
        if (known->module_id <= max_modules &&
            (!slots[known->module_id].first || fits(&slots[known->module_id], node)))
            place(plan, slots, node, known->module_id);
    }
}

static bool place_new(struct plan *plan, struct slot *slots, struct node *node, size_t max_modules)
{
    for (uint16_t id = 1; id <= plan->last_module; id++) {
        if (fits(&slots[id], node)) {
            place(plan, slots, node, id);
            return true;
        }
    }
    for (uint16_t id = 1; id <= max_modules; id++) {
        if (!slots[id].first) {
            place(plan, slots, node, id);
            return true;
        }
    }
    return false;
}

static bool place_all(struct plan *plan, const struct plan *old, size_t max_modules, struct error *error)
{
    struct slot *slots = calloc(max_modules + 1, sizeof *slots);
    if (!slots)
        return error_set(error, "no memory for a carousel");
    plan->nodes[0].key = GATEWAY_KEY;
    place(plan, slots, &plan->nodes[0], GATEWAY_MODULE);
    plan->next_key = old->next_key;
    keep_places(plan, old, slots, max_modules, false);
    keep_places(plan, old, slots, max_modules, true);
    bool good = true;
    for (size_t i = 0; good && i < plan->count; i++) {
        struct node *node = &plan->nodes[i];
        if (node->key == 0)
            node->key = plan->next_key++;
        if (node->module_id == 0)
            good = place_new(plan, slots, node, max_modules) ||
                   error_set(error, "%s: the carousel has more than %zu modules", node->path, max_modules);
    }
    free(slots);
    return good;
}

bool plan_make(struct plan *plan, const struct plan *old, const struct dsmcc_builder_options *options,
               const struct dsmcc_source *files, size_t count, struct error *error)
{
    size_t nodes, names;
    *plan = (struct plan){0};
    if (!check_files(options, files, count, &nodes, &names, error))
        return false;
    plan->nodes = calloc(nodes, sizeof *plan->nodes);
    plan->names = malloc(names);
    bool good = plan->nodes && plan->names;
    if (!good) {
        error_set(error, "no memory for a carousel of %zu files", count);
    } else {
        add_nodes(plan, files, count);
        good =
            unite(plan, error) && measure(plan, error) && place_all(plan, old, options->max_modules, error);
    }
    if (!good)
        plan_finish(plan);
    return good;
}
