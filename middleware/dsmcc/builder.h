/* SPDX-License-Identifier: Apache-2.0 */
/* Makes an object carousel from files and gives its sections in the order of transmission (TR 101 202, TS 102
 * 809 B.2). Belongs to one thread (the playout's). Files keep their module, modules their id, across updates
 * and, through the state, restarts: only what changed gets a new moduleVersion and DII transactionId, so
 * receivers fetch only that. */
#ifndef KOKONOR_DSMCC_BUILDER_H
#define KOKONOR_DSMCC_BUILDER_H

#include "base/buffer.h"
#include "base/error.h"
#include "dsmcc/stream.h"

enum dsmcc_schedule {
    DSMCC_SCHEDULE_SQUARE_ROOT, /* how often a module is sent goes with the square root of demand / size,
                                   which makes the mean wait of a viewer least; evenly spaced */
    DSMCC_SCHEDULE_FLAT,        /* one after the other: a receiver has all of it soonest; weight and demand do
                                   not count */
};

/* Zero means the default. */
struct dsmcc_builder_options {
    uint32_t carousel_id;          /* downloadId of DII and DDB; 1 */
    uint16_t association_tag;      /* of the one elementary stream, its LSB is the component_tag; 0x0B */
    uint16_t block_size;           /* 512 .. 4066; 4066 */
    size_t control_interval_bytes; /* section bytes between two rounds of DSI and DIIs; what bit_rate carries
                                      in 350 ms, 64 KiB without it */
    size_t max_files;              /* 10,000 */
    size_t max_modules;            /* 2,000 */
    size_t max_total_bytes;        /* of the files; 60 MiB, what receivers take by default */
    uint32_t bit_rate;             /* of the carousel's stream, in bit/s, where it is known */
    enum dsmcc_schedule schedule;
    /* A caching_priority_descriptor for every module (TS 102 727, B.2.2.4.2), where transparency is not 0: 1
     * transparent, 2 semi-transparent, 3 static. */
    uint8_t caching_priority, caching_transparency;
    /* No module that goes by the square root rule waits longer for its next turn than this percentage of a
     * flat cycle, whatever its demand: a household waits for the whole as well. 100 (a flat cycle) .. 10,000;
     * 210 */
    unsigned longest_interval;
};

#define DSMCC_MODULE_BYTES_MAX (255 * 4066) /* as sent, with the default block_size: 255 blocks */

struct dsmcc_source {
    const char *path; /* "commerce/manifest.json", as tree.h says */
    const void *data;
    size_t size;
    /* How often its module is sent, 1 .. 1000 times as often as a module of 1 MiB and demand 1. 0: by the
     * square root rule. Files share a module only with files of the same directory, weight and demand. */
    unsigned weight;
    unsigned demand; /* how often viewers want it in proportion to other files, 1 .. 1000; 0: 1 */
    const struct dsmcc_stream *stream; /* not NULL: a stream or stream-event object, without data */
};

struct dsmcc_builder;

/* options NULL: defaults. NULL without memory or where an option is out of range. */
struct dsmcc_builder *dsmcc_builder_create(const struct dsmcc_builder_options *options);
void dsmcc_builder_destroy(struct dsmcc_builder *builder); /* NULL does nothing */

/* Makes the carousel hold exactly these files (any order; copied; 0 files give an empty service gateway).
 * Modules whose bytes changed go on air at once, in front of all others, with their DII repeated. On failure
 * (bad or doubled path, a name that is file and directory, more than 512 names in a directory, more than 16
 * levels, a file that needs more than 255 blocks even compressed or has more than 16 MiB, a maximum of the
 * options, no memory) error names the file and the carousel stays as it was. */
bool dsmcc_builder_set_tree(struct dsmcc_builder *builder, const struct dsmcc_source *files, size_t count,
                            struct error *error);

/* The same in two steps, so that the thread that sends never waits for the work: dsmcc_builder_prepare may
 * run on another thread while this one takes sections, as long as nothing else changes the builder until the
 * change is applied or destroyed. NULL as dsmcc_builder_set_tree fails. */
struct dsmcc_change;
struct dsmcc_change *dsmcc_builder_prepare(const struct dsmcc_builder *builder,
                                           const struct dsmcc_source *files, size_t count,
                                           struct error *error);
/* Puts the change on air. Takes it. */
void dsmcc_builder_apply(struct dsmcc_builder *builder, struct dsmcc_change *change);
void dsmcc_change_destroy(struct dsmcc_change *change); /* NULL does nothing */
/* As dsmcc_builder_export once the change is applied: what must be on disk before it goes on air. */
void dsmcc_change_export(const struct dsmcc_builder *builder, const struct dsmcc_change *change,
                         struct buffer *state);

/* The next section to send, valid until the next call for one (dsmcc_builder_set_tree between them is fine);
 * NULL before the first dsmcc_builder_set_tree. Never ends: this is the carousel. Its signature with builder
 * as context is ts_section_source_fn's. */
const uint8_t *dsmcc_builder_next_section(void *builder, size_t *size);

struct dsmcc_builder_info {
    size_t files, directories, modules, groups; /* groups: DIIs */
    uint64_t file_bytes;
    uint64_t module_bytes;  /* as sent, each module once */
    size_t modules_changed; /* by the last dsmcc_builder_set_tree, new ones included */
    uint64_t urgent_bytes;  /* of changed modules, still to be sent in front */
    uint64_t rounds;        /* times that the module which was sent least has gone out */
    uint32_t dsi_transaction_id;
};
void dsmcc_builder_info(const struct dsmcc_builder *builder, struct dsmcc_builder_info *info);

struct dsmcc_builder_module {
    uint16_t module_id;
    uint8_t version;
    uint32_t size, original_size;
    bool compressed;
    unsigned weight; /* rounded: see frequency */
    size_t objects;
    uint64_t sent;      /* times */
    uint32_t frequency; /* weight, in 1/256 */
    uint64_t demand;    /* of its files together */
};
/* Module by index below info.modules, in order of module id; false beyond. */
bool dsmcc_builder_module(const struct dsmcc_builder *builder, size_t index,
                          struct dsmcc_builder_module *module);
/* Another weight for the module that holds path, until the next dsmcc_builder_set_tree; false where there is
 * none. */
bool dsmcc_builder_set_weight(struct dsmcc_builder *builder, const char *path, unsigned weight);

/* Appends what a later builder needs to go on without new versions for unchanged modules: paths, module ids,
 * object keys, versions, hashes; not the files. A few hundred bytes a module and a hundred a file. */
void dsmcc_builder_export(const struct dsmcc_builder *builder, struct buffer *state);
/* Before the first dsmcc_builder_set_tree, on a builder with the same carousel_id. On failure (damaged,
 * another carousel, too large) the builder is as new and error says why; going on without the state is sound
 * for receivers only after they lost the carousel. */
bool dsmcc_builder_import(struct dsmcc_builder *builder, const void *state, size_t size, struct error *error);

#endif
