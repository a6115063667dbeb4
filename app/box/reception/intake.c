/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/intake.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARNINGS_MAX 20
/* "SEQUENCE SHA-256", as the settings keep it */
#define LAST_SIZE (20 + 1 + 2 * TRUST_SHA256_SIZE + 1)

struct refusal {
    bool known;
    enum trust_result result;
    uint8_t manifest_sha256[TRUST_SHA256_SIZE];
};

struct intake {
    struct store *store;
    struct settings *settings; /* may be NULL */
    struct trust_verifier *verifier;
    struct intake_role roles[CONTENT_ROLES];
    struct trust_last last[CONTENT_ROLES];  /* the newest that was ever accepted, as the settings keep it */
    struct refusal refusals[CONTENT_ROLES]; /* the last, so that each is logged and counted once */
    unsigned warnings[CONTENT_ROLES];       /* since one was accepted */
    enum content_role order[CONTENT_ROLES]; /* in which trees are taken */
};

/* ---- the last accepted ---- */

static void last_name(enum content_role role, char name[SETTINGS_NAME_MAXIMUM])
{
    snprintf(name, SETTINGS_NAME_MAXIMUM, "trust.accepted.%s", content_role_str(role));
}

static bool parse_last(const char *text, struct trust_last *last)
{
    char *end;
    errno = 0;
    long long sequence = strtoll(text, &end, 10);
    if (end == text || errno || sequence <= 0 || *end != ' ' ||
        !text_unhex(end + 1, last->manifest_sha256, TRUST_SHA256_SIZE))
        return false;
    last->sequence = sequence;
    return true;
}

static void read_last(struct intake *intake, enum content_role role)
{
    char name[SETTINGS_NAME_MAXIMUM], text[LAST_SIZE + 1];
    last_name(role, name);
    if (!intake->settings || !settings_get(intake->settings, name, NULL, text, sizeof(text)))
        return;
    struct trust_last last;
    if (parse_last(text, &last))
        intake->last[role] = last;
    else
        log_error("setting %s: expected a sequence and a SHA-256; it is passed over", name);
}

static struct trust_last last_of(const struct store_accepted *accepted)
{
    struct trust_last last = {.sequence = accepted->sequence};
    memcpy(last.manifest_sha256, accepted->manifest_sha256, sizeof(last.manifest_sha256));
    return last;
}

static bool same(const struct trust_last *a, const struct trust_last *b)
{
    return a->sequence == b->sequence && !memcmp(a->manifest_sha256, b->manifest_sha256, TRUST_SHA256_SIZE);
}

/* The store has it already: a loss of power between the two leaves the settings behind, which the next start
 * makes good. */
static void keep_last(struct intake *intake, enum content_role role, const struct trust_last *last)
{
    char name[SETTINGS_NAME_MAXIMUM], hex[2 * TRUST_SHA256_SIZE + 1], text[LAST_SIZE];
    struct error error;
    intake->last[role] = *last;
    if (!intake->settings)
        return;
    last_name(role, name);
    text_hex(last->manifest_sha256, TRUST_SHA256_SIZE, hex);
    snprintf(text, sizeof(text), "%" PRId64 " %s", last->sequence, hex);
    if (!settings_set(intake->settings, name, text, &error))
        log_warning("the accepted sequence of %s/ is kept in the store alone: %s", content_role_str(role),
                    error.text);
}

/* ---- life ---- */

struct intake *intake_create(struct bytes operator_root, struct store *store, struct settings *settings,
                             struct error *error)
{
    struct intake *intake = calloc(1, sizeof(*intake));
    if (!intake) {
        error_set(error, "no memory");
        return NULL;
    }
    intake->store = store;
    intake->settings = settings;
    intake->verifier = trust_verifier_create(operator_root, error);
    if (!intake->verifier) {
        free(intake);
        return NULL;
    }
    for (int role = 0; role < CONTENT_ROLES; role++) {
        struct store_accepted accepted;
        intake->order[role] = role;
        read_last(intake, role);
        if (!store_accepted(store, role, &accepted))
            continue;
        intake->roles[role].sequence = accepted.sequence;
        struct trust_last last = last_of(&accepted);
        if (last.sequence > intake->last[role].sequence)
            keep_last(intake, role, &last);
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

/* ---- trees ---- */

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
    if (intake->warnings[role]++ < WARNINGS_MAX)
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

static void note_accepted(struct intake *intake, enum content_role role,
                          const struct trust_manifest *manifest)
{
    struct trust_last last = {.sequence = manifest->sequence};
    memcpy(last.manifest_sha256, manifest->sha256, sizeof(last.manifest_sha256));
    keep_last(intake, role, &last);
    intake->roles[role].sequence = manifest->sequence;
    intake->warnings[role] = 0;
    log_info("%s/ sequence %" PRId64 " accepted: %zu files", content_role_str(role), manifest->sequence,
             manifest->file_count);
}

/* *manifest is there after ACCEPTED or UNCHANGED, and then the caller's. */
static enum trust_result verify(struct intake *intake, const struct dsmcc_tree *tree, enum content_role role,
                                int64_t utc_s, struct trust_manifest **manifest, struct error *error)
{
    const char *directory = content_role_str(role);
    struct store_accepted accepted;
    if (!store_accepted(intake->store, role, &accepted)) {
        /* without the last sequence an old manifest cannot be told from a new one */
        error_set(error, "the last accepted sequence cannot be read");
        return TRUST_FAILED;
    }
    struct trust_last stored = last_of(&accepted);
    const struct trust_last *last =
        stored.sequence >= intake->last[role].sequence ? &stored : &intake->last[role];
    enum trust_result result =
        trust_verify(intake->verifier, directory, file_of(tree, directory, TRUST_MANIFEST_NAME),
                     file_of(tree, directory, TRUST_SIGNATURE_NAME),
                     file_of(tree, directory, TRUST_CHAIN_NAME), utc_s, last, manifest, error);
    /* accepted before, but the store has lost it */
    return result == TRUST_UNCHANGED && !same(last, &stored) ? TRUST_ACCEPTED : result;
}

static bool take_role(struct intake *intake, const struct dsmcc_tree *tree, enum content_role role,
                      int64_t utc_s)
{
    const char *directory = content_role_str(role);
    struct intake_role *state = &intake->roles[role];
    state->seen = directory_seen(tree, directory);
    if (!state->seen)
        return false;

    struct trust_manifest *manifest = NULL;
    struct error error = {""};
    state->result = verify(intake, tree, role, utc_s, &manifest, &error);
    bool changed = false;
    if (state->result == TRUST_ACCEPTED) {
        changed = ingest(intake, tree, role, manifest, utc_s, &error);
        if (changed)
            note_accepted(intake, role, manifest);
        else
            state->result = TRUST_FAILED;
    }
    if (state->result == TRUST_ACCEPTED || state->result == TRUST_UNCHANGED) {
        state->reason[0] = 0;
        intake->refusals[role].known = false;
    } else {
        const char *reason = error.text[0] ? error.text : trust_result_str(state->result);
        text_copy(state->reason, sizeof(state->reason), reason);
        refuse(intake, role, state->result, file_of(tree, directory, TRUST_MANIFEST_NAME), reason);
    }
    trust_manifest_destroy(manifest);
    return changed;
}

bool intake_branch(struct intake *intake, const struct dsmcc_tree *branch, enum content_role role,
                   int64_t utc_s)
{
    return take_role(intake, branch, role, utc_s);
}

void intake_order(struct intake *intake, const enum content_role order[CONTENT_ROLES])
{
    memcpy(intake->order, order, sizeof(intake->order));
}

bool intake_tree(struct intake *intake, const struct dsmcc_tree *tree, int64_t utc_s)
{
    bool changed = false;
    for (int i = 0; i < CONTENT_ROLES; i++)
        changed |= take_role(intake, tree, intake->order[i], utc_s);
    return changed;
}

bool intake_wants_again(const struct intake *intake)
{
    for (int role = 0; role < CONTENT_ROLES; role++) {
        const struct intake_role *state = &intake->roles[role];
        if (!state->seen)
            continue;
        switch (state->result) {
        case TRUST_REFUSED_CLOCK:
        case TRUST_REFUSED_EARLY:
        case TRUST_REFUSED_LATE: /* by a clock that may have been wrong */
        case TRUST_REFUSED_CERTIFICATE_TIME:
        case TRUST_FAILED:
            return true;
        default:
            break;
        }
    }
    return false;
}
