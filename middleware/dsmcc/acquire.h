/* SPDX-License-Identifier: Apache-2.0 */
/* The modules that DIIs announce, and their blocks as they come in. Private to dsmcc, for the receiver; one
 * thread. */
#ifndef KOKONOR_DSMCC_ACQUIRE_H
#define KOKONOR_DSMCC_ACQUIRE_H

#include "dsmcc/message.h"
#include "dsmcc/module.h"
#include "dsmcc/receiver.h"

enum module_state {
    MODULE_PARTIAL,
    MODULE_COMPLETE,
    MODULE_REJECTED,
};

struct module {
    uint32_t download_id;
    struct dsmcc_dii_module announced;
    uint16_t block_size;
    uint16_t pid; /* its blocks come from; 0: any */
    size_t group;
    enum module_state state;
    bool awaited; /* the last walk missed it */
    bool announced_now;
    unsigned failures;
    uint32_t blocks, have;
    uint8_t *data;           /* as sent, NULL before the first block and after the last */
    uint8_t *bits;           /* a bit a block, behind data in one piece of memory */
    struct dsmcc_blob *blob; /* where COMPLETE */
};

struct group {
    uint16_t pid;
    uint16_t identification;
    uint32_t download_id;
    uint32_t transaction_id;
    uint32_t crc;
};

struct acquisition {
    struct dsmcc_receiver_options limits;
    struct dsmcc_tap_pid *taps; /* borrowed */
    size_t tap_count;
    struct group *groups;
    size_t group_count;
    struct module **modules; /* by download_id, module id */
    size_t module_count;
    uint64_t reserved; /* bytes promised to modules that are not rejected */
    size_t complete_count;
    size_t awaited_count;
    uint64_t refused, duplicate_blocks, other_versions, bad_blocks, unannounced_blocks, other_pids,
        bad_modules;
};

/* False without memory. taps must outlive the acquisition. */
bool acquisition_init(struct acquisition *acquisition, const struct dsmcc_receiver_options *limits,
                      struct dsmcc_tap_pid *taps, size_t tap_count);
void acquisition_finish(struct acquisition *acquisition);
struct module *acquisition_find(const struct acquisition *acquisition, uint32_t download_id,
                                uint16_t module_id);

enum acquisition_result {
    ACQUISITION_BAD, /* the DII's module loop is broken: nothing was taken over */
    ACQUISITION_UNCHANGED,
    ACQUISITION_CHANGED, /* modules came, went or have a new version */
};
enum acquisition_result acquisition_dii(struct acquisition *acquisition, uint16_t pid, uint32_t crc,
                                        struct dsmcc_dii *dii);
/* The module that this block completed, or NULL. */
struct module *acquisition_ddb(struct acquisition *acquisition, uint16_t pid, const struct dsmcc_ddb *ddb);
/* Forgets the modules and DIIs of other carousels. */
void acquisition_keep_only(struct acquisition *acquisition, uint32_t download_id);
void acquisition_await(struct acquisition *acquisition, struct module *module);
void acquisition_await_none(struct acquisition *acquisition);
bool acquisition_has_block(const struct module *module, uint32_t block);

#endif
