/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of the receiver: a carousel made by hand, message by message, and what the receiver said. */
#ifndef KOKONOR_TESTS_DSMCC_KIT_H
#define KOKONOR_TESTS_DSMCC_KIT_H

#include "dsmcc/biop.h"
#include "dsmcc/message.h"
#include "dsmcc/receiver.h"

#define PID 0x0AB
#define CAROUSEL 7
#define BLOCK 512
#define MODULE_MAX (4u << 20)

/* A carousel made by hand, its receiver, and what that said. */
struct kit {
    struct dsmcc_receiver *receiver;
    struct buffer module; /* BIOP messages of the module that is being made */
    struct buffer section;
    size_t directory; /* under way in module */
    uint16_t pid;     /* sections come from */
    size_t trees, modules;
    struct dsmcc_tree *tree;
    bool destroy_on_tree, destroy_on_module;
};

void kit_begin(struct kit *kit, const struct dsmcc_receiver_options *options,
               const struct dsmcc_tap_pid *taps, size_t tap_count);
void kit_end(struct kit *kit);
void push(struct kit *kit);
struct dsmcc_ior ior_of(enum dsmcc_kind kind, uint16_t module_id, uint32_t key);
void send_dsi(struct kit *kit, uint16_t module_id, uint32_t key);
void begin_directory(struct kit *kit, enum dsmcc_kind kind, uint32_t key, size_t count);
void bind_name(struct kit *kit, const char *name, size_t size, enum dsmcc_kind kind, uint16_t module_id,
               uint32_t key);
void bind_file(struct kit *kit, const char *name, uint16_t module_id, uint32_t key);
void bind_directory(struct kit *kit, const char *name, uint16_t module_id, uint32_t key);
void end_directory(struct kit *kit);
void add_file(struct kit *kit, uint32_t key, const char *content);
struct dsmcc_dii_module plain(uint16_t module_id, uint8_t version, size_t size);
void send_dii(struct kit *kit, uint32_t transaction_id, const struct dsmcc_dii_module *modules, size_t count);
size_t block_count(size_t size);
void send_block(struct kit *kit, uint16_t module_id, uint8_t version, struct bytes data, size_t block);
void send_blocks(struct kit *kit, uint16_t module_id, uint8_t version, struct bytes data);
/* The one module that was made, on its own: DSI, DII, blocks. */
void send_single(struct kit *kit);
struct dsmcc_progress progress_of(struct kit *kit);
void assert_file(struct kit *kit, const char *path, const char *content);
/* A gateway with one file "a" in the same module. */
void make_simple(struct kit *kit, const char *content);

#endif
