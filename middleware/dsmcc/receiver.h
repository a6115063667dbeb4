/* SPDX-License-Identifier: Apache-2.0 */
/* Acquires a DSM-CC object carousel (ISO/IEC 13818-6, ETSI TR 101 202) and hands over each complete version
 * of its tree. Belongs to one thread (reception), its callbacks run there; a callback may destroy the
 * receiver. Trees go to any thread. Everything from the air is bounded by the options; what breaks a rule is
 * dropped and counted. */
#ifndef KOKONOR_DSMCC_RECEIVER_H
#define KOKONOR_DSMCC_RECEIVER_H

#include "dsmcc/tree.h"
#include "ts/demux.h"

struct dsmcc_cache;

/* Zero means the default. */
struct dsmcc_receiver_options {
    size_t max_total_bytes;  /* of all modules, as sent or unpacked, whichever is more, with the tables of
                                their objects; 64 MiB. The last complete tree is kept beside it */
    size_t max_module_bytes; /* of one module, as sent and unpacked; 16 MiB */
    size_t max_modules;      /* 2,048 */
    size_t max_groups;       /* DIIs; 64 */
    size_t max_files;        /* entries of the tree, and directories visited; 20,000 */
    unsigned max_depth;      /* names in a path; 16 */
    size_t max_orphan_bytes; /* of blocks that came before their DII; 256 KiB */
    /* Complete modules are kept there, and taken from there once their DII announces them. Borrowed, must
     * outlive the receiver; NULL: none. cache_scope: see cache.h. */
    struct dsmcc_cache *cache;
    uint64_t cache_scope;
    /* The carousel that the PMT announces there, where it does: others on the same PID are passed over once
     * it has been heard. */
    bool has_carousel_id;
    uint32_t carousel_id;
};

/* Where an association tag is carried. A module whose Tap names a tag of the table is taken from that PID
 * only; a tag that is not in the table means any PID of the receiver. */
struct dsmcc_tap_pid {
    uint16_t association_tag;
    uint16_t pid;
};

struct dsmcc_module_status {
    uint32_t carousel_id;
    uint16_t module_id;
    uint8_t version;
    uint32_t size;          /* as sent */
    uint32_t original_size; /* unpacked; equals size where not compressed */
    bool compressed;
    bool complete; /* received, unpacked and its objects read */
    bool rejected; /* received whole but unusable, or refused by a ceiling; stays so until its version changes
                    */
    uint32_t blocks;
    uint32_t blocks_have;
    bool from_cache; /* not heard whole on this receiver's watch */
};

struct dsmcc_receiver_counts {
    uint64_t sections;           /* of tables 0x3B and 0x3C */
    uint64_t other_sections;     /* of other tables, or without CRC_32: not looked into */
    uint64_t bad_messages;       /* DSI, DII or DDB that breaks its syntax */
    uint64_t other_carousels;    /* DII or DDB of another downloadId, or from another PID than the Tap's */
    uint64_t unannounced_blocks; /* no DII for them yet: kept as far as max_orphan_bytes goes */
    uint64_t other_versions;     /* blocks of a module version that is not the announced one */
    uint64_t duplicate_blocks;
    uint64_t bad_blocks;      /* number or size does not fit the module */
    uint64_t refused_modules; /* by a ceiling */
    uint64_t bad_modules;     /* did not unpack to original_size, or objects unreadable */
    uint64_t bad_names; /* empty, ".", "..", '/', NUL, not UTF-8, twice in one directory, path too long */
    uint64_t cycles;
    uint64_t too_deep;
    uint64_t too_many;     /* entries beyond max_files */
    uint64_t dangling;     /* bindings to an object that its module does not hold, or holds as another kind */
    uint64_t foreign;      /* bindings to another carousel or of an unknown kind: left out of the tree */
    uint64_t early_blocks; /* came before their DII and were of use when it came */
    uint64_t vanished_groups; /* DIIs that were no longer repeated, with their modules */
    uint64_t from_cache;      /* modules */
    uint64_t cache_wrong;     /* modules from the cache that were not what is on air */
};

struct dsmcc_progress {
    bool has_gateway; /* a DSI was read */
    bool complete;    /* the tree of what is announced now has been handed over */
    uint32_t carousel_id;
    size_t groups; /* DIIs known */
    size_t modules, modules_complete;
    uint64_t bytes, bytes_have; /* as sent */
    struct dsmcc_receiver_counts counts;
    /* It is a data carousel (EN 301 192: software updates and the like), without service gateway and objects:
     * none of it is received. */
    bool of_data;
    size_t modules_elsewhere; /* not complete, and their Tap leads to none of the receiver's PIDs: it may be
                                 deferred to another transport stream */
    size_t wanted_too_large; /* paths wanted that do not fit beside those before them (dsmcc_receiver_want) */
};

/* Each time a complete version has been acquired: every object that the service gateway leads to is there in
 * the version announced now, and all of them were on air at one moment. (An update may touch modules of
 * several DIIs, and nothing in them says so. So a module counts from when its version was first heard of to
 * when it was last heard of, in its DII or a block, and a tree is whole where the times of all its modules
 * meet. A head end that changes its DIIs in one go is thus never seen half changed.) Bindings that break a
 * rule (names, cycles, depth, foreign) are left out and do not hold the tree back; an object that is missing
 * does. tree is borrowed: take a reference to keep it. */
typedef void dsmcc_tree_fn(void *context, struct dsmcc_tree *tree);
/* Each time a module has become complete. */
typedef void dsmcc_module_fn(void *context, const struct dsmcc_module_status *module);

struct dsmcc_receiver_events {
    void *context;
    dsmcc_tree_fn *tree;     /* may be NULL */
    dsmcc_module_fn *module; /* may be NULL */
};

struct dsmcc_receiver;

/* Receives from pid and from each PID of taps (copied; may be NULL with tap_count 0, at most 32). demux may
 * be NULL: the caller then feeds dsmcc_receiver_push_section. demux must outlive the receiver. options NULL:
 * defaults. events are copied. NULL without memory. */
struct dsmcc_receiver *dsmcc_receiver_create(struct ts_demux *demux, uint16_t pid,
                                             const struct dsmcc_tap_pid *taps, size_t tap_count,
                                             const struct dsmcc_receiver_options *options,
                                             const struct dsmcc_receiver_events *events);
void dsmcc_receiver_destroy(struct dsmcc_receiver *receiver); /* NULL does nothing */

/* One whole section whose CRC_32 was checked (the demultiplexer does). The bytes are copied as needed. */
void dsmcc_receiver_push_section(struct dsmcc_receiver *receiver, uint16_t pid, const uint8_t *section,
                                 size_t size);

/* The last complete tree, borrowed until the next section; NULL before the first. */
struct dsmcc_tree *dsmcc_receiver_tree(const struct dsmcc_receiver *receiver);
/* What could be built from the modules complete now, for a look at a carousel that is not complete. The
 * caller's, to unref; NULL without service gateway or memory. */
struct dsmcc_tree *dsmcc_receiver_partial_tree(struct dsmcc_receiver *receiver);

/* What is wanted, most of all first: files, or directories with all below them; "" is everything. The list
 * is copied and takes the place of the one before. A carousel cannot be asked for anything, but
 *   - where its modules do not fit max_total_bytes, those that a path needs are kept, and others refused for
 *     them: first those that nobody wants, of those the largest. A path that would not fit even so is wanted
 *     no more than the rest: it can never be whole, and shall not keep out what can;
 *   - what the cache has is taken from there, unpacked and read in this order, a part with each section;
 *   - a wanted module's blocks that come before their DII are not pushed out by others.
 * DSI, DIIs and directories are never refused for a file that nobody wants. When a tree or branch is given
 * does not change: it is whole, in any order. False, and the list stays as it was, with more than
 * DSMCC_WANTED_MAX paths, or one that is too long. */
#define DSMCC_WANTED_MAX 8
bool dsmcc_receiver_want(struct dsmcc_receiver *receiver, const char *const *paths, size_t count);
/* The file at path, or the directory with all below it, as soon as that much is complete and consistent as
 * said above: before the whole tree, and also where a ceiling makes that impossible. To be asked again after
 * each module event. The caller's, to unref; it holds entries at path and below only. NULL: not yet, no such
 * path, or no memory. */
struct dsmcc_tree *dsmcc_receiver_branch(struct dsmcc_receiver *receiver, const char *path);

void dsmcc_receiver_progress(const struct dsmcc_receiver *receiver, struct dsmcc_progress *progress);
/* Module by index below progress.modules, in order of module id; false beyond. */
bool dsmcc_receiver_module(const struct dsmcc_receiver *receiver, size_t index,
                           struct dsmcc_module_status *status);
/* Writes up to maximum numbers of blocks that module index lacks, ascending, and returns how many it lacks.
 */
size_t dsmcc_receiver_missing_blocks(const struct dsmcc_receiver *receiver, size_t index, uint16_t *blocks,
                                     size_t maximum);

/* A module that an object reference names and no DII announces yet. */
struct dsmcc_unannounced {
    uint16_t module_id;
    uint32_t transaction_id; /* of the DII that should, bits 1..15 count */
};
/* Writes up to maximum (the receiver remembers 64) and returns how many were written. */
size_t dsmcc_receiver_unannounced(const struct dsmcc_receiver *receiver, struct dsmcc_unannounced *modules,
                                  size_t maximum);

#endif
