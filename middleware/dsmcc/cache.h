/* SPDX-License-Identifier: Apache-2.0 */
/* Modules on disk, over zaps and restarts, so that a receiver need not wait for what it had. One thread asks
 * and gives; writing happens on a thread of the cache. What is read back is right (SHA-256) but may be old:
 * the receiver compares it with the blocks on air as they pass, and manifests are verified after it as
 * always.
 */
#ifndef KOKONOR_DSMCC_CACHE_H
#define KOKONOR_DSMCC_CACHE_H

#include "base/buffer.h"
#include "base/error.h"

/* Zero means the default. */
struct dsmcc_cache_options {
    const char *folder; /* the cache's alone: what it does not know there is left alone; copied */
    uint64_t max_bytes; /* of all files; 64 MiB. The least recently used go first */
    size_t max_entries; /* 4,096 */
    int64_t max_age_s;  /* 14 days */
    /* UTC in seconds, 0 where it is not known; called by who asks and gives. NULL: the machine's, if
     * plausible
     */
    int64_t (*utc_s)(void *context);
    void *context;
};

/* All that a DII says of a module. It does not say what is in it, and moduleVersion comes round after 256
 * changes; but each change of a module is a change of its DII, whose transactionId counts to 2^14. So an
 * entry counts only for the DII with the same identification and less than 256 versions behind the one now,
 * and for max_age_s. */
struct dsmcc_cache_key {
    uint64_t scope; /* the network: a downloadId is unique in its transport stream only */
    uint32_t download_id;
    uint16_t module_id;
    uint8_t version;
    bool compressed;
    uint32_t size, original_size;
    uint32_t transaction_id; /* of the DII */
};

struct dsmcc_cache_info {
    size_t entries;
    uint64_t bytes;
    uint64_t hits, misses, damaged, expired, evicted, written, dropped; /* dropped: the writer was too slow */
};

struct dsmcc_cache;

/* Makes the folder where it is missing, and reads what is in it. NULL with error set on failure. */
struct dsmcc_cache *dsmcc_cache_open(const struct dsmcc_cache_options *options, struct error *error);
/* Waits until what was given is written. NULL does nothing. */
void dsmcc_cache_close(struct dsmcc_cache *cache);

/* Appends the module's bytes, as sent, to data. False (data as it was) where there are none that count; a
 * damaged or expired entry is removed. */
bool dsmcc_cache_get(struct dsmcc_cache *cache, const struct dsmcc_cache_key *key, struct buffer *data);
/* Keeps a copy; it takes the place of every other version of the module. Never waits for the disk. */
void dsmcc_cache_put(struct dsmcc_cache *cache, const struct dsmcc_cache_key *key, struct bytes data);
/* Forgets the module: the air said something else. */
void dsmcc_cache_remove(struct dsmcc_cache *cache, const struct dsmcc_cache_key *key);
void dsmcc_cache_info(struct dsmcc_cache *cache, struct dsmcc_cache_info *info);

#endif
