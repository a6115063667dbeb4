/* SPDX-License-Identifier: Apache-2.0 */
/* What the writing and the reading half share. For this room's own files. */
#ifndef KOKONOR_STORE_PARTS_H
#define KOKONOR_STORE_PARTS_H

#include "store/database.h"
#include "store/query.h"
#include "store/store.h"

/* Owned by store, constant over its life. */
const char *store_path(const struct store *store);
/* Where a hit stands among others: those whose name begins so first, then those that are featured; 0 to
 * STORE_SEARCH_RANKS - 1. */
#define STORE_SEARCH_RANKS 4
int store_search_rank(bool leads, bool featured);

bool store_read_accepted(struct database *database, enum content_role role, struct store_accepted *accepted);

#endif
