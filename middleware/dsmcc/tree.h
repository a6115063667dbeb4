/* SPDX-License-Identifier: Apache-2.0 */
/* One complete version of an object carousel's files, immutable and reference-counted. Any thread may read,
 * take and drop references; the last one frees it. Two trees share the bytes of the modules that did not
 * change between them. */
#ifndef KOKONOR_DSMCC_TREE_H
#define KOKONOR_DSMCC_TREE_H

#include "base/buffer.h"

enum dsmcc_kind {
    DSMCC_KIND_UNKNOWN,
    DSMCC_KIND_GATEWAY,      /* "srg" */
    DSMCC_KIND_DIRECTORY,    /* "dir" */
    DSMCC_KIND_FILE,         /* "fil" */
    DSMCC_KIND_STREAM,       /* "str" */
    DSMCC_KIND_STREAM_EVENT, /* "ste" */
};
/* "service gateway", "directory", "file", "stream", "stream event", "unknown" */
const char *dsmcc_kind_str(enum dsmcc_kind kind);

/* A path is made of names joined by '/'. No name is empty, ".", "..", longer than 254 bytes, or holds '/', a
 * control character or bytes that are not UTF-8; the receiver drops bindings that break this and the builder
 * refuses them. */
#define DSMCC_NAME_SIZE_MAX 254
#define DSMCC_PATH_SIZE_MAX 1023
bool dsmcc_name_is_good(const char *name, size_t size);

/* What receivers take of one module, unpacked, unless they are told otherwise; the builder makes none larger.
 */
#define DSMCC_MODULE_UNPACKED_MAX (16u << 20)

struct dsmcc_entry {
    const char *path;     /* "commerce/manifest.json" */
    enum dsmcc_kind kind; /* FILE, STREAM or STREAM_EVENT */
    struct bytes data;    /* of a FILE; of the others the raw objectInfo. Never NULL data, size may be 0 */
    uint16_t module_id;
    uint8_t module_version; /* a file's version is its module's (it has none of its own) */
    struct bytes body;      /* of a STREAM or STREAM_EVENT the messageBody, for dsmcc_stream_read */
};

struct dsmcc_tree;

struct dsmcc_tree *dsmcc_tree_ref(struct dsmcc_tree *tree); /* returns tree */
void dsmcc_tree_unref(struct dsmcc_tree *tree);             /* NULL does nothing */
uint32_t dsmcc_tree_carousel_id(const struct dsmcc_tree *tree);
/* Entries in byte order of their path; no path comes twice. */
size_t dsmcc_tree_count(const struct dsmcc_tree *tree);
const struct dsmcc_entry *dsmcc_tree_entry(const struct dsmcc_tree *tree, size_t index);
/* NULL where there is none. */
const struct dsmcc_entry *dsmcc_tree_find(const struct dsmcc_tree *tree, const char *path);

#endif
