/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/intake.h"

#include "base/log.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct refusal {
    bool known;
    enum trust_result result;
    uint8_t manifest_sha256[TRUST_SHA256_SIZE];
};

struct intake {
    struct store *store;
    struct trust_verifier *verifier;
    struct intake_role roles[CONTENT_ROLES];
    struct refusal refusals[CONTENT_ROLES]; /* the last, so that each is logged and counted once */
};

struct intake *intake_create(struct bytes operator_root, struct store *store, struct error *error)
{
    struct intake *intake = calloc(1, sizeof(*intake));
    if (!intake) {
        error_set(error, "no memory");
        return NULL;
    }
    intake->store = store;
    intake->verifier = trust_verifier_create(operator_root, error);
    if (!intake->verifier) {
        free(intake);
        return NULL;
    }
    for (int role = 0; role < CONTENT_ROLES; role++) {
        struct store_accepted accepted;
        if (store_accepted(store, role, &accepted))
            intake->roles[role].sequence = accepted.sequence;
    }
    return intake;
}

void intake_destroy(struct intake *intake)
{
    if (!intake)
        return;
    trust_verifier_destroy(intake->verifier);
    free(intake);
}

void intake_role(const struct intake *intake, enum content_role role, struct intake_role *state)
{
    *state = intake->roles[role];
}

static struct bytes file_of(const struct dsmcc_tree *tree, const char *directory, const char *name)
{
    char path[DSMCC_PATH_SIZE_MAX + 1];
    if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
        return (struct bytes){NULL, 0};
    const struct dsmcc_entry *entry = dsmcc_tree_find(tree, path);
    return entry && entry->kind == DSMCC_KIND_FILE ? entry->data : (struct bytes){NULL, 0};
}

static bool directory_seen(const struct dsmcc_tree *tree, const char *directory)
{
    size_t length = strlen(directory);
    for (size_t i = 0; i < dsmcc_tree_count(tree); i++) {
        const char *path = dsmcc_tree_entry(tree, i)->path;
        if (!strncmp(path, directory, length) && path[length] == '/')
            return true;
    }
    return false;
}

static void refuse(struct intake *intake, enum content_role role, enum trust_result result,
                   struct bytes manifest, const char *reason)
{
    struct refusal refusal = {.known = true, .result = result};
    if (!trust_sha256(manifest, refusal.manifest_sha256))
        refusal.known = false;
    struct refusal *last = &intake->refusals[role];
    if (last->known && last->result == result &&
        !memcmp(last->manifest_sha256, refusal.manifest_sha256, TRUST_SHA256_SIZE))
        return;
    *last = refusal;
    intake->roles[role].refused_count++;
    log_warning("%s/ is not shown: %s", content_role_str(role), reason);
}

/* Every file that the manifest names, present and unchanged; nothing else. */
static bool ingest_files(struct intake *intake, const struct dsmcc_tree *tree, const char *directory,
                         const struct trust_manifest *manifest, struct error *error)
{
    for (size_t i = 0; i < manifest->file_count; i++) {
        const struct trust_file *file = &manifest->files[i];
        char path[DSMCC_PATH_SIZE_MAX + 1];
        if (snprintf(path, sizeof(path), "%s/%s", directory, file->path) >= (int)sizeof(path))
            return error_set(error, "%s/%s: the path is too long", directory, file->path);
        if (store_ingest_keep(intake->store, path, file->sha256))
            continue;
        const struct dsmcc_entry *entry = dsmcc_tree_find(tree, path);
        if (!entry || entry->kind != DSMCC_KIND_FILE)
            return error_set(error, "%s: named by the manifest but not on air", path);
        if (!trust_manifest_check_file(manifest, file->path, entry->data, error) ||
            !store_ingest_file(intake->store, path, file->sha256, entry->data, error))
            return false;
    }
    return true;
}

static bool ingest(struct intake *intake, const struct dsmcc_tree *tree, enum content_role role,
                   const struct trust_manifest *manifest, int64_t utc_s, struct error *error)
{
    struct store_accepted accepted = {.sequence = manifest->sequence,
                                      .valid_from = manifest->valid_from,
                                      .valid_until = manifest->valid_until,
                                      .accepted_at = utc_s};
    memcpy(accepted.manifest_sha256, manifest->sha256, sizeof(accepted.manifest_sha256));
    if (!store_ingest_begin(intake->store, role, &accepted, error))
        return false;
    if (!ingest_files(intake, tree, content_role_str(role), manifest, error)) {
        store_ingest_abort(intake->store);
        return false;
    }
    return store_ingest_commit(intake->store, error);
}

static bool take_role(struct intake *intake, const struct dsmcc_tree *tree, enum content_role role,
                      int64_t utc_s)
{
    const char *directory = content_role_str(role);
    struct intake_role *state = &intake->roles[role];
    state->seen = directory_seen(tree, directory);
    if (!state->seen)
        return false;

    struct store_accepted accepted;
    struct bytes json = file_of(tree, directory, TRUST_MANIFEST_NAME);
    struct trust_manifest *manifest = NULL;
    struct error error = {""};
    if (!store_accepted(intake->store, role, &accepted)) {
        /* without the last sequence an old manifest cannot be told from a new one */
        state->result = TRUST_FAILED;
        text_copy(state->reason, sizeof(state->reason), "the last accepted sequence cannot be read");
        refuse(intake, role, state->result, json, state->reason);
        return false;
    }
    struct trust_last last = {.sequence = accepted.sequence};
    memcpy(last.manifest_sha256, accepted.manifest_sha256, sizeof(last.manifest_sha256));
    state->result =
        trust_verify(intake->verifier, directory, json, file_of(tree, directory, TRUST_SIGNATURE_NAME),
                     file_of(tree, directory, TRUST_CHAIN_NAME), utc_s, &last, &manifest, &error);
    bool changed = false;
    if (state->result == TRUST_ACCEPTED) {
        changed = ingest(intake, tree, role, manifest, utc_s, &error);
        if (!changed)
            state->result = TRUST_FAILED;
    }
    if (changed) {
        state->sequence = manifest->sequence;
        log_info("%s/ sequence %" PRId64 " accepted: %zu files", directory, manifest->sequence,
                 manifest->file_count);
    }
    if (state->result == TRUST_ACCEPTED || state->result == TRUST_UNCHANGED) {
        state->reason[0] = 0;
        intake->refusals[role].known = false;
    } else {
        const char *reason = error.text[0] ? error.text : trust_result_str(state->result);
        text_copy(state->reason, sizeof(state->reason), reason);
        refuse(intake, role, state->result, json, reason);
    }
    trust_manifest_destroy(manifest);
    return changed;
}

bool intake_tree(struct intake *intake, const struct dsmcc_tree *tree, int64_t utc_s)
{
    bool changed = false;
    for (int role = 0; role < CONTENT_ROLES; role++)
        changed |= take_role(intake, tree, role, utc_s);
    return changed;
}
