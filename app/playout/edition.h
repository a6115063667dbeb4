/* SPDX-License-Identifier: Apache-2.0 */
/* One signed version of a role's files, ready for the carousel, and the publisher who signs it. Immutable
 * once made; the caller owns it. Any thread. */
#ifndef KOKONOR_PLAYOUT_EDITION_H
#define KOKONOR_PLAYOUT_EDITION_H

#include "base/config.h"
#include "folder/content_set.h"
#include "trust/manifest.h"

#define EDITION_PATH_SIZE 1024

/* Who signs for a role: section [publisher.ROLE], key and chain, areas; [publisher] valid_days. */
struct publisher {
    enum content_role role;
    char key[EDITION_PATH_SIZE], chain[EDITION_PATH_SIZE]; /* "" where none is configured */
    char area_text[EDITION_PATH_SIZE];
    const char *areas[TRUST_AREAS_MAXIMUM]; /* into area_text */
    size_t area_count;
    int64_t valid_s;
};

/* The settings; a key or chain that does not exist is found by edition_make. */
void publisher_read(struct publisher *publisher, const struct config *config, enum content_role role);

struct edition {
    struct content_set *set;
    struct buffer manifest, signature, chain;
    int64_t sequence, valid_from, valid_until;
};

/* Signs set, or takes the edition kept in state_folder where it names exactly these files, by the same chain,
 * and half of its time is left. A new edition's sequence is one more than the one kept and no less than
 * now_utc, so that a lost state never leads back; it is kept before this returns. state_folder may be NULL:
 * nothing is kept. Takes set always. NULL and a reason in error: no key or chain, a chain that does not carry
 * the role, or the state cannot be written. */
struct edition *edition_make(struct content_set *set, const struct publisher *publisher,
                             const char *state_folder, int64_t now_utc, struct error *error);
void edition_destroy(struct edition *edition); /* NULL does nothing */
/* When it should be signed anew. */
int64_t edition_renewal(const struct edition *edition);

#endif
