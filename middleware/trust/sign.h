/* SPDX-License-Identifier: Apache-2.0 */
/* The publisher's half: building a manifest and signing it. For the playout; any thread may call it. */
#ifndef KOKONOR_TRUST_SIGN_H
#define KOKONOR_TRUST_SIGN_H

#include "trust/manifest.h"

/* One file to be named; path relative to the role's directory. The caller's. */
struct trust_source {
    const char *path;
    struct bytes bytes;
};

/* Appends manifest.json to json. sequence from 1, times in UTC seconds, areas may be NULL with area_count 0.
 * False and a reason where something lies outside the limits of trust/manifest.h, a path comes twice, or the
 * buffer is full: what was made always parses. */
bool trust_manifest_build(const char *role, int64_t sequence, int64_t valid_from, int64_t valid_until,
                          const char *const *areas, size_t area_count, const struct trust_source *files,
                          size_t file_count, struct buffer *json, struct error *error);

/* Appends the DER signature of manifest_json to signature: ECDSA with SHA-256 for a P-256 key, SM2 with SM3
 * (identity "1234567812345678", GM/T 0009) for an SM2 key. key_pem: an unencrypted private key; any other key
 * type is refused. */
bool trust_sign(struct bytes key_pem, struct bytes manifest_json, struct buffer *signature,
                struct error *error);

/* Whether the first certificate of chain_pem belongs to key_pem and carries role; the reason in error where
 * not. What the playout checks before it goes on air with a key that no box would believe. */
bool trust_check_publisher(struct bytes key_pem, struct bytes chain_pem, const char *role,
                           struct error *error);

#endif
