/* SPDX-License-Identifier: Apache-2.0 */
/* What of the carousel is wanted, and in which order: what the screens show first, then the roles that have
 * not come yet, then those that have. No thread of its own; the caller owns all. */
#ifndef KOKONOR_RECEPTION_WANTED_H
#define KOKONOR_RECEPTION_WANTED_H

#include "content/document.h"
#include "dsmcc/receiver.h"

#define WANTED_MAX (DSMCC_WANTED_MAX - CONTENT_ROLES) /* paths of the screens */
#define WANTED_PATH_SIZE 192                          /* with its NUL */

struct wanted {
    char paths[DSMCC_WANTED_MAX][WANTED_PATH_SIZE];
    size_t count;
};

/* Copies the first WANTED_MAX paths, without those that are empty, too long or there already. */
void wanted_set(struct wanted *wanted, const char *const *paths, size_t count);
bool wanted_same(const struct wanted *a, const struct wanted *b);
/* Appends to what the screens want every role's directory: those that have not come first. */
void wanted_add_roles(struct wanted *wanted, const bool come[CONTENT_ROLES]);
/* Each role once, by where it or something of it is first wanted. */
void wanted_roles(const struct wanted *wanted, enum content_role order[CONTENT_ROLES]);

#endif
