/* SPDX-License-Identifier: Apache-2.0 */
/* What the writing and the reading half share. For this room's own files. */
#ifndef KOKONOR_STORE_PARTS_H
#define KOKONOR_STORE_PARTS_H

#include "store/database.h"
#include "store/store.h"

/* Owned by store, constant over its life. */
const char *store_path(const struct store *store);
bool store_read_accepted(struct database *database, enum content_role role, struct store_accepted *accepted);

#endif
