/* SPDX-License-Identifier: Apache-2.0 */
/* From a complete carousel tree to the store, role by role, through the trust check: files that no accepted
 * manifest names do not get in. Reception thread only. */
#ifndef KOKONOR_RECEPTION_INTAKE_H
#define KOKONOR_RECEPTION_INTAKE_H

#include "dsmcc/tree.h"
#include "store/settings.h"
#include "store/store.h"
#include "trust/verify.h"

struct intake;

/* What became of a role's directory in the last tree. */
struct intake_role {
    bool seen; /* the tree had something in this directory */
    enum trust_result result;
    char reason[160];
    int64_t sequence; /* of what stands in the store */
    uint64_t refused_count;
};

/* store and settings stay the caller's. The last accepted sequence of each role is kept twice: in the store,
 * which is begun anew where it is damaged, and as "trust.accepted.ROLE" in the settings, which are not.
 * Neither lets an older manifest in; only who removes both starts from nothing. settings may be NULL: the
 * store alone then remembers. Waits for the disk. NULL with error set where operator_root holds no
 * certificate. */
struct intake *intake_create(struct bytes operator_root, struct store *store, struct settings *settings,
                             struct error *error);
void intake_destroy(struct intake *intake);
/* Verifies each role's directory of the tree and ingests what is new. utc_s: broadcast clock, 0 unknown. A
 * refusal is logged as one warning for each distinct manifest and reason, up to 20 for a role between two
 * that are accepted. Returns true where the store changed. */
bool intake_tree(struct intake *intake, const struct dsmcc_tree *tree, int64_t utc_s);
/* In which order intake_tree takes the roles: each once. Without a call as they are numbered. */
void intake_order(struct intake *intake, const enum content_role order[CONTENT_ROLES]);
/* The same for one role's directory, from a tree that holds nothing else (dsmcc_receiver_branch). */
bool intake_branch(struct intake *intake, const struct dsmcc_tree *branch, enum content_role role,
                   int64_t utc_s);
/* The same tree may be accepted later: the time was not known or did not fit, or the machine refused. */
bool intake_wants_again(const struct intake *intake);
void intake_role(const struct intake *intake, enum content_role role, struct intake_role *state);

#endif
