/* SPDX-License-Identifier: Apache-2.0 */
/* From a service gateway to a tree: follows the object references through the modules at hand. Private to
 * dsmcc. */
#ifndef KOKONOR_DSMCC_WALK_H
#define KOKONOR_DSMCC_WALK_H

#include "dsmcc/module.h"

/* The blob of the module that ior names, with its version; NULL where it is not at hand (the function may
 * note that it is wanted). kind and path: of the object, "" for the gateway. */
typedef struct dsmcc_blob *dsmcc_lookup_fn(void *context, const struct dsmcc_ior *ior, enum dsmcc_kind kind,
                                           const char *path, uint8_t *version);

struct dsmcc_walk {
    uint32_t carousel_id; /* references to another one are foreign */
    dsmcc_lookup_fn *lookup;
    void *context;
    size_t max_files;   /* entries, and directories opened */
    unsigned max_depth; /* 1 .. DSMCC_DEPTH_MAX names in a path */
    const char *branch; /* only what lies at or below it, and on the way there; NULL: all */
    /* Results. */
    bool whole;       /* nothing was missing: no lookup gave NULL, no binding was dangling */
    size_t looked_at; /* bindings: what the walk cost */
    uint64_t bad_names, cycles, too_deep, too_many, dangling, foreign;
};
#define DSMCC_DEPTH_MAX 64

/* The tree of what is at hand, the caller's; NULL without memory. */
struct dsmcc_tree *dsmcc_walk_tree(struct dsmcc_walk *walk, const struct dsmcc_ior *gateway);
/* True where path is prefix, above it or below it; "" is above all. */
bool dsmcc_path_touches(const char *path, const char *prefix);
/* True where both have the same entries with the same bytes in memory. */
bool dsmcc_tree_same(const struct dsmcc_tree *a, const struct dsmcc_tree *b);

#endif
