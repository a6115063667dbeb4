/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest of a role's directory: what belongs to it, from when to when, and in which sequence. Parse and
 * build side by side. A parsed manifest proves nothing by itself; trust/verify.h does. Any thread may call
 * it. */
#ifndef KOKONOR_TRUST_MANIFEST_H
#define KOKONOR_TRUST_MANIFEST_H

#include "base/buffer.h"
#include "base/error.h"

#define TRUST_SHA256_SIZE 32
#define TRUST_MANIFEST_SIZE_MAXIMUM (1024 * 1024)
#define TRUST_FILES_MAXIMUM 5000
#define TRUST_FILE_SIZE_MAXIMUM (8 * 1024 * 1024)
#define TRUST_TOTAL_SIZE_MAXIMUM (256 * 1024 * 1024)
#define TRUST_PATH_MAXIMUM 128
#define TRUST_AREAS_MAXIMUM 64
#define TRUST_ROLE_MAXIMUM 16                            /* [a-z]{1,16} */
#define TRUST_SEQUENCE_MAXIMUM INT64_C(9007199254740991) /* 2^53 - 1, exact in every JSON reader */

struct trust_file {
    char *path; /* below the role's directory: "catalogue/dairy.json"; segments of [A-Za-z0-9._-], none
                   starting with a dot */
    uint64_t size;
    uint8_t sha256[TRUST_SHA256_SIZE];
};

struct trust_manifest {
    char role[TRUST_ROLE_MAXIMUM + 1];
    int64_t sequence;                /* from 1 */
    int64_t valid_from, valid_until; /* UTC seconds; both ends belong to it */
    char **areas;                    /* codes of 2 to 12 digits; none: everywhere */
    size_t area_count;
    struct trust_file *files; /* in strcmp order of path, no path twice */
    size_t file_count;
    uint8_t sha256[TRUST_SHA256_SIZE]; /* of the manifest's own bytes */
};

/* NULL and a reason in error ("manifest.json: files[3].sha256: ...") where json is no manifest within the
 * limits. Unknown members are passed over, another format number is refused. */
struct trust_manifest *trust_manifest_parse(struct bytes json, struct error *error);
void trust_manifest_destroy(struct trust_manifest *manifest);

/* NULL where the manifest does not name path (relative to the role's directory). Owned by manifest. */
const struct trust_file *trust_manifest_find(const struct trust_manifest *manifest, const char *path);
/* True where the manifest names path with this size and SHA-256; else the reason is in error, which may be
 * NULL. */
bool trust_manifest_check_file(const struct trust_manifest *manifest, const char *path, struct bytes bytes,
                               struct error *error);

bool trust_sha256(struct bytes bytes, uint8_t digest[TRUST_SHA256_SIZE]);

#endif
