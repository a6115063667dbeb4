/* SPDX-License-Identifier: Apache-2.0 */
/* The files of one role's folder in memory, as a publisher wrote them. Immutable once loaded; the caller owns
 * it. Any thread. */
#ifndef KOKONOR_FOLDER_CONTENT_SET_H
#define KOKONOR_FOLDER_CONTENT_SET_H

#include "content/check.h"

struct content_set {
    enum content_role role;
    size_t count;
    struct content_file *files; /* path with the role's folder ("commerce/merchants.json"), in byte order */
};

/* Reads folder/ROLE. A role without folder is an empty set. Manifest, signature and chain found there are
 * passed over: the playout makes them. NULL and a reason in error: a file that cannot be read, or more than
 * the limits of trust/manifest.h. */
struct content_set *content_set_load(const char *folder, enum content_role role, struct error *error);
void content_set_destroy(struct content_set *set); /* NULL does nothing */

/* The role to which path, "ROLE/NAME" with segments of [A-Za-z0-9._-] that begin with no dot, belongs. False
 * and a reason in error: no such role or name, or one of the files that the playout makes. */
bool content_set_role_of(const char *path, enum content_role *role, struct error *error);
/* Puts a copy of bytes in the place of path's or adds it. False and a reason in error: no memory, or a limit.
 */
bool content_set_put(struct content_set *set, const char *path, struct bytes bytes, struct error *error);

/* Checks sets[role]; the others, which may be NULL, are looked up for references. report hears of every
 * mistake. */
bool content_set_check(struct content_set *const sets[CONTENT_ROLES], enum content_role role,
                       content_report_fn *report, void *context);

/* A number that changes with the names, sizes and times of the role's files; it stays 0 while there is no
 * folder. */
uint64_t content_set_fingerprint(const char *folder, enum content_role role);
/* The same for one file of folder. */
uint64_t content_file_fingerprint(const char *folder, const char *name);

#endif
