/* SPDX-License-Identifier: Apache-2.0 */
/* The check of a publisher's whole set before it goes on air: each document by itself, then ids, references
 * and pictures. */
#ifndef KOKONOR_CONTENT_CHECK_H
#define KOKONOR_CONTENT_CHECK_H

#include "content/document.h"

/* One file of the tree; path with the role's directory ("commerce/pictures/salt.jpg"). The caller's. */
struct content_file {
    const char *path;
    struct bytes bytes;
};

/* Checks the files below role's directory. Those of other roles may be given too: they are not checked, but
 * let references between roles be looked up (a credit notice's merchant; a warning where it is unknown).
 * manifest.json, manifest.sig and chain.pem are passed over. Errors: a document that does not parse, an id
 * twice, an unknown merchant, category or section, a picture that is absent or no JPEG, a file whose name no
 * manifest takes (letters a-z, digits, . _ -), a missing
 * categories.json, merchants.json or directory.json where something refers to it. Warnings: unknown members,
 * wrong check digits, files that are nothing Kokonor knows, pictures that nothing uses. Returns true where
 * there was no error; report, which may be NULL, hears of everything. Without memory it reports that and
 * returns false. */
bool content_check_set(enum content_role role, const struct content_file *files, size_t count,
                       content_report_fn *report, void *context);

#endif
