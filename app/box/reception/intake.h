/* SPDX-License-Identifier: Apache-2.0 */
/* From a complete carousel tree to the store, role by role, through the trust check: files that no accepted
 * manifest names do not get in. Reception thread only. */
#ifndef KOKONOR_RECEPTION_INTAKE_H
#define KOKONOR_RECEPTION_INTAKE_H

#include "dsmcc/tree.h"
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

/* store stays the caller's. NULL with error set where operator_root holds no certificate. */
struct intake *intake_create(struct bytes operator_root, struct store *store, struct error *error);
void intake_destroy(struct intake *intake);
/* Verifies each role's directory of the tree and ingests what is new. utc_s: broadcast clock, 0 unknown. A
 * refusal is logged as one warning for each distinct manifest and reason. Returns true where the store
 * changed. */
bool intake_tree(struct intake *intake, const struct dsmcc_tree *tree, int64_t utc_s);
void intake_role(const struct intake *intake, enum content_role role, struct intake_role *state);

#endif
