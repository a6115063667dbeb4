/* SPDX-License-Identifier: Apache-2.0 */
/* The modules that DIIs announce (announce.c), their blocks as they come in (acquire.c) or as the cache had
 * them (recall.c), and which of them may take memory (ceiling.c). Private to dsmcc, for the receiver; one
 * thread. */
#ifndef KOKONOR_DSMCC_ACQUIRE_H
#define KOKONOR_DSMCC_ACQUIRE_H

#include "dsmcc/message.h"
#include "dsmcc/module.h"
#include "dsmcc/orphans.h"
#include "dsmcc/receiver.h"

enum module_state {
    MODULE_PARTIAL,
    MODULE_COMPLETE,
    MODULE_REJECTED,
};

/* How much a module is wanted, as the last walk found: the higher, the more. */
#define RANK_NONE 0
#define RANK_DIRECTORY 1 /* without it nothing below it can be found */
#define RANK_WANTED 2    /* the last path of those wanted; then upwards */
#define RANKS (RANK_WANTED + DSMCC_WANTED_MAX)

struct module {
    uint32_t download_id;
    struct dsmcc_dii_module announced;
    uint16_t block_size;
    uint16_t pid; /* its blocks come from; 0: any */
    size_t group;
    enum module_state state;
    bool awaited;                     /* the last walk missed it */
    bool used;                        /* the last walk looked for it */
    bool directory, directory_before; /* the last walk looked for a directory in it; the one before it */
    bool announced_now;
    bool by_ceiling;            /* REJECTED by max_total_bytes, which may change */
    bool ask_cache;             /* it may be there */
    unsigned rank, rank_before; /* as the last walk found, and the one before it */
    unsigned failures;
    uint32_t blocks, have;
    uint8_t *data;           /* as sent, NULL before the first block and after the last */
    uint8_t *bits;           /* a bit a block, behind data in one piece of memory */
    struct dsmcc_blob *blob; /* where COMPLETE */
    /* When this version was first heard of, and the last of its blocks. */
    uint64_t first_tick, block_tick;
    uint64_t table_bytes; /* of its objects, where it was complete once in this version */
    bool from_cache;
    uint32_t *expected; /* from the cache: each block's CRC_32, and behind them a bit for each that the air
                           has confirmed; NULL where all are */
    uint32_t confirmed;
};

struct group {
    bool gone; /* not repeated any more */
    uint16_t pid;
    uint16_t identification;
    uint32_t download_id;
    uint32_t transaction_id;
    uint32_t crc;
    uint64_t tick;   /* last heard */
    unsigned missed; /* rounds of others since */
};

struct acquisition {
    struct dsmcc_receiver_options limits;
    struct dsmcc_tap_pid *taps; /* borrowed */
    size_t tap_count;
    /* Called for each module that has become complete. */
    void (*completed)(void *context, struct module *module);
    void *context;
    uint64_t tick; /* sections so far: time, as far as it counts here */
    struct group *groups;
    size_t group_count;
    struct module **modules; /* by download_id, module id */
    size_t module_count;
    struct orphans orphans, orphans_wanted;
    uint64_t reserved; /* bytes promised to modules that are not rejected */
    size_t asking;     /* modules with ask_cache */
    uint32_t hopeless; /* a bit for each rank whose files cannot be whole within the ceiling */
    size_t complete_count;
    size_t awaited_count;
    bool changed; /* what the last walk found does not hold any more; who looks clears it */
    bool early;   /* a wanted directory came that it missed: the next one will know more */
    uint64_t refused, duplicate_blocks, other_versions, bad_blocks, unannounced_blocks, other_pids,
        bad_modules, early_blocks, vanished, from_cache, cache_wrong;
};

/* False without memory. taps must outlive the acquisition. */
bool acquisition_init(struct acquisition *acquisition, const struct dsmcc_receiver_options *limits,
                      struct dsmcc_tap_pid *taps, size_t tap_count);
void acquisition_finish(struct acquisition *acquisition);
struct module *acquisition_find(const struct acquisition *acquisition, uint32_t download_id,
                                uint16_t module_id);
/* When the module's version was last heard of. */
uint64_t acquisition_last_tick(const struct acquisition *acquisition, const struct module *module);

enum acquisition_result {
    ACQUISITION_BAD, /* the DII's module loop is broken: nothing was taken over */
    ACQUISITION_UNCHANGED,
    ACQUISITION_CHANGED, /* modules came, went or have a new version */
};
enum acquisition_result acquisition_dii(struct acquisition *acquisition, uint16_t pid, uint32_t crc,
                                        struct dsmcc_dii *dii);
/* A DSI, or, but for except (may be NULL), a DII came, which had come at before for the last time: DIIs that
 * have missed many such rounds are gone, and their modules with them. True where modules went. */
bool acquisition_round(struct acquisition *acquisition, uint64_t before, const struct group *except);
/* False where it is not announced: it may be later, and is kept for that. */
bool acquisition_ddb(struct acquisition *acquisition, uint16_t pid, const struct dsmcc_ddb *ddb);
/* Whether the block (data is not looked at, its section's CRC_32 not checked) is one of a complete module; it
 * is counted then. */
bool acquisition_ddb_is_known(struct acquisition *acquisition, uint16_t pid, const struct dsmcc_ddb *ddb);
/* Forgets the modules and DIIs of other carousels. */
void acquisition_keep_only(struct acquisition *acquisition, uint32_t download_id);
void acquisition_await(struct acquisition *acquisition, struct module *module);
/* Before a walk: none is awaited, used, or wanted. */
void acquisition_await_none(struct acquisition *acquisition);
/* After a walk that missed a directory: what it did not look for may be wanted as much as before. */
void acquisition_keep_ranks(struct acquisition *acquisition);
/* Other paths are wanted now. */
void acquisition_forget_ranks(struct acquisition *acquisition);
/* After a walk: refuses modules for those that are wanted more, as far as that makes them whole; and admits
 * again what the ceiling kept out where there is room now. */
void acquisition_make_way(struct acquisition *acquisition);
/* Asks the cache for the module that is wanted most of those that it may have, and takes its bytes off the
 * budget. False where there is none, or no budget left. */
bool acquisition_recall(struct acquisition *acquisition, size_t *budget);
bool acquisition_has_block(const struct module *module, uint32_t block);

/* ---- between the four ---- */

/* What the module may take of the total: as sent or unpacked, whichever is more, and its objects. */
uint64_t module_reservation(const struct module *module);
size_t module_block_bytes(const struct module *module, uint32_t block);
void module_forget_bytes(struct acquisition *acquisition, struct module *module);
void module_destroy(struct acquisition *acquisition, struct module *module);
struct module *module_insert(struct acquisition *acquisition, uint32_t download_id, uint16_t module_id);
/* PARTIAL or, by a ceiling, REJECTED; then the early blocks, and the cache when its turn comes. */
void module_start(struct acquisition *acquisition, struct module *module);
/* Takes the early blocks. */
void module_adopt(struct acquisition *acquisition, struct module *module);
/* Counts what blob takes beside its bytes; false, and the module is refused, where that is too much. */
bool module_charge(struct acquisition *acquisition, struct module *module, const struct dsmcc_blob *blob);
/* blob is the module's then. */
void module_become_complete(struct acquisition *acquisition, struct module *module, struct dsmcc_blob *blob);
/* The cache shall be asked for it; shall keep it. */
void module_recall(struct acquisition *acquisition, struct module *module);
void module_remember(struct acquisition *acquisition, const struct module *module, struct bytes data);
/* The air speaks of a module that came from the cache. False where it says something else: the module starts
 * anew. */
bool module_confirm(struct acquisition *acquisition, struct module *module, const struct dsmcc_ddb *ddb);

#endif
