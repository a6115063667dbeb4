/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the products of a long list, by itself: a screen that shows a few of ten thousand asks for
 * each product by its id (store_product) when it comes into view. Used on the reader's thread. */
#ifndef KOKONOR_STORE_SHELF_H
#define KOKONOR_STORE_SHELF_H

#include "store/query.h"

#define STORE_SHELF_MAXIMUM 20000

struct store_shelf {
    char *text;      /* the ids, each ended by 0 */
    uint32_t *start; /* of each in text */
    size_t count;
};

/* The ids of what store_products would give without a slice, in the same order, at most STORE_SHELF_MAXIMUM.
 * Empty also on a failure, which is logged. The caller's, to be destroyed; an empty one needs not be. */
struct store_shelf store_shelf(struct store_reader *reader, const struct store_scope *scope,
                               const char *category, bool featured_only);
void store_shelf_destroy(struct store_shelf *shelf);
/* Borrowed until shelf is destroyed; index < shelf->count. */
const char *store_shelf_id(const struct store_shelf *shelf, size_t index);

#endif
