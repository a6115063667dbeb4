/* SPDX-License-Identifier: Apache-2.0 */
/* Which file and directory lies in which module. Private to dsmcc, for the builder; one thread. */
#ifndef KOKONOR_DSMCC_PLAN_H
#define KOKONOR_DSMCC_PLAN_H

#include "dsmcc/builder.h"

#define SHARED_MODULE_MAX 65536 /* bytes of a module with several objects (TS 102 809, B.2.3) */
#define GATEWAY_MODULE 1
#define GATEWAY_KEY 1
#define MODULE_ID_MAX 0xFFEF /* those above have meanings in data carousels */

/* A file or directory of the carousel, with its place. The service gateway is the directory "". */
struct node {
    const char *path; /* owned by the plan's names */
    bool directory;
    enum dsmcc_kind kind;
    uint32_t key;
    uint16_t module_id;                /* 0: not placed yet */
    unsigned weight;                   /* 0: by demand */
    uint64_t demand;                   /* of a directory: of all files below */
    size_t parent;                     /* index; the gateway's own is 0 */
    size_t children;                   /* of a directory */
    size_t size;                       /* of its BIOP message */
    size_t content_size;               /* of a file */
    const struct dsmcc_source *source; /* of a file, valid while the plan is carried out */
};

/* Nodes by path in byte order, so a directory stands before what is in it, and the gateway first. */
struct plan {
    struct node *nodes;
    size_t count;
    char *names;
    uint32_t next_key;
    uint16_t last_module; /* highest module id in use */
};

/* Plans for the files; places and keys are taken over from old where the path is in it. On failure error
 * names the file and plan is empty. */
bool plan_make(struct plan *plan, const struct plan *old, const struct dsmcc_builder_options *options,
               const struct dsmcc_source *files, size_t count, struct error *error);
void plan_finish(struct plan *plan);
/* NULL where there is none. */
const struct node *plan_find(const struct plan *plan, const char *path);

#endif
