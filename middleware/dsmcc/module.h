/* SPDX-License-Identifier: Apache-2.0 */
/* A module's bytes: packed and unpacked with zlib (RFC 1950, EN 301 192 compressed_module), and the objects
 * inside found by key. A blob is immutable and reference-counted; any thread may take and drop references. */
#ifndef KOKONOR_DSMCC_MODULE_H
#define KOKONOR_DSMCC_MODULE_H

#include "dsmcc/biop.h"

struct dsmcc_blob;

enum dsmcc_blob_result {
    DSMCC_BLOB_OK,
    DSMCC_BLOB_BAD, /* does not unpack to original_size exactly, an object is broken, or too many objects */
    DSMCC_BLOB_NO_MEMORY,
};

/* Unpacks data (compressed) or copies it, and finds its objects. The caller has bounded original_size, which
 * must equal size where not compressed; the blob takes that many bytes and some for each object, of which
 * there may be objects_max. *blob is the caller's on OK and NULL otherwise. Two objects with one key: the
 * first counts. */
enum dsmcc_blob_result dsmcc_blob_create(struct bytes data, bool compressed, uint32_t original_size,
                                         size_t objects_max, struct dsmcc_blob **blob);
struct dsmcc_blob *dsmcc_blob_ref(struct dsmcc_blob *blob);
void dsmcc_blob_unref(struct dsmcc_blob *blob); /* NULL does nothing */
/* What it takes beside the unpacked bytes. */
size_t dsmcc_blob_table_bytes(const struct dsmcc_blob *blob);
/* False where there is none. object's views live as long as the blob. */
bool dsmcc_blob_find(const struct dsmcc_blob *blob, struct dsmcc_key key, struct dsmcc_object *object);

/* Appends data as a zlib stream to packed; false (packed as it was) where that would not be smaller, or
 * without memory. */
bool dsmcc_module_pack(struct bytes data, struct buffer *packed);

#endif
