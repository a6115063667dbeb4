/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of modules that no DII has announced yet, in one piece of memory of a fixed size: the oldest make
 * room for new ones. Private to dsmcc, for the receiver; one thread. */
#ifndef KOKONOR_DSMCC_ORPHANS_H
#define KOKONOR_DSMCC_ORPHANS_H

#include "dsmcc/message.h"

#define ORPHANS_MAX 1024

struct orphan {
    bool live;
    uint32_t download_id;
    uint16_t module_id;
    uint8_t version;
    uint16_t block_number;
    uint16_t pid;
    uint16_t size;
    size_t offset; /* into storage */
    uint64_t tick; /* when it came */
};

struct orphans {
    struct orphan *entries; /* a ring; taken with storage when the first block comes */
    size_t first, count;
    uint8_t *storage;
    size_t capacity, write;
};

void orphans_init(struct orphans *orphans, size_t capacity);
void orphans_finish(struct orphans *orphans);
void orphans_add(struct orphans *orphans, uint64_t tick, uint16_t pid, const struct dsmcc_ddb *ddb);
/* Gives each block of the module's version to use, oldest first, and forgets every block of the module. use
 * must not touch the orphans. */
typedef void orphan_use_fn(void *context, uint64_t tick, uint16_t pid, const struct dsmcc_ddb *ddb);
void orphans_take(struct orphans *orphans, uint32_t download_id, uint16_t module_id, uint8_t version,
                  orphan_use_fn *use, void *context);

#endif
