/* SPDX-License-Identifier: Apache-2.0 */
/* content.db, the box's copy of what is broadcast: opening, and the writing half. Everything here but
 * store_generation belongs to the reception thread; the reading half is store/query.h, one store_reader for
 * each thread that reads. */
#ifndef KOKONOR_STORE_STORE_H
#define KOKONOR_STORE_STORE_H

#include "base/buffer.h"
#include "base/error.h"
#include "content/document.h"

#define STORE_SHA256_SIZE 32

struct store;

/* Opens or makes path. A damaged or unknown file is moved aside and begun anew, since the air brings it all
 * again. NULL and a reason in error where it cannot be opened. */
struct store *store_open(const char *path, struct error *error);
/* Readers must be gone before. An ingest that is open is aborted. */
void store_close(struct store *store);

/* Refuses what would make the file larger (an ingest then fails as on a full disk and the old content stays).
 * The journal beside it may grow as large again during an ingest. */
void store_set_size_maximum(struct store *store, uint64_t bytes);

/* Rises each time a role's content changed, from 0 at the opening. Any thread. */
unsigned store_generation(const struct store *store, enum content_role role);
/* Called on the reception thread after each commit, for a uv_async_send or an eventfd. */
void store_on_change(struct store *store, void (*changed)(void *context, enum content_role role),
                     void *context);

/* The manifest that stands in the store for a role. */
struct store_accepted {
    int64_t sequence; /* 0: none yet */
    uint8_t manifest_sha256[STORE_SHA256_SIZE];
    int64_t valid_from, valid_until; /* UTC seconds */
    int64_t accepted_at;
};
/* False on a failure of the database, *accepted then zero: do not take that for "none yet". */
bool store_accepted(struct store *store, enum content_role role, struct store_accepted *accepted);

/* Ingest: begin, then each file of the manifest once by keep or by document/picture, then commit or abort.
 * Until the commit readers see the old content; a kill in the middle leaves it. One ingest at a time. A
 * failure of any step leaves the ingest open but unable to commit: abort it. accepted->accepted_at is the
 * time now. */
bool store_ingest_begin(struct store *store, enum content_role role, const struct store_accepted *accepted,
                        struct error *error);
/* True where the store already holds path with this SHA-256: it stays, and needs no bytes. path with the
 * role's directory. */
bool store_ingest_keep(struct store *store, const char *path, const uint8_t sha256[STORE_SHA256_SIZE]);
/* Any file that the manifest names: a document is parsed and its things are stored, a picture is kept as
 * bytes, anything else is passed over with a debug line. bytes are trusted to have sha256. False where a
 * document does not parse or the disk refuses. */
bool store_ingest_file(struct store *store, const char *path, const uint8_t sha256[STORE_SHA256_SIZE],
                       struct bytes bytes, struct error *error);
/* Removes what the new manifest no longer names, checks that no id stands twice, and makes the new content,
 * its sequence and all, the one that readers see. False: the old stays and the ingest is over. */
bool store_ingest_commit(struct store *store, struct error *error);
void store_ingest_abort(struct store *store);

#endif
