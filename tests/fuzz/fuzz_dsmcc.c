/* SPDX-License-Identifier: Apache-2.0 */
/* The carousel's receiver over sections: two bytes of size, then the section, and so on. Length and CRC_32
 * are put right, so that what is inside gets deep. Whatever comes: a tree has good paths in order, and memory
 * stays below the ceilings. */
#include "base/log.h"
#include "dsmcc/receiver.h"
#include "ts/crc32.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PID 0x100
#define MINIMUM 12 /* a section's header and CRC_32 */

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check_path(const char *path)
{
    require(strlen(path) <= DSMCC_PATH_SIZE_MAX);
    for (const char *name = path;; name++) {
        size_t size = strcspn(name, "/");
        require(dsmcc_name_is_good(name, size));
        name += size;
        if (!*name)
            return;
    }
}

static void check_tree(const struct dsmcc_tree *tree)
{
    for (size_t i = 0; i < dsmcc_tree_count(tree); i++) {
        const struct dsmcc_entry *entry = dsmcc_tree_entry(tree, i);
        unsigned sum = 0;
        check_path(entry->path);
        require(i == 0 || strcmp(dsmcc_tree_entry(tree, i - 1)->path, entry->path) < 0);
        require(dsmcc_tree_find(tree, entry->path) == entry);
        for (size_t j = 0; j < entry->data.size; j++)
            sum += entry->data.data[j];
        require(sum <= 255 * entry->data.size);
    }
}

static void on_tree(void *context, struct dsmcc_tree *tree)
{
    struct dsmcc_tree **kept = context;
    check_tree(tree);
    dsmcc_tree_unref(*kept);
    *kept = dsmcc_tree_ref(tree);
}

static void check_progress(struct dsmcc_receiver *receiver)
{
    struct dsmcc_progress progress;
    struct dsmcc_module_status status;
    uint64_t bytes = 0;
    dsmcc_receiver_progress(receiver, &progress);
    require(progress.modules_complete <= progress.modules && progress.bytes_have <= progress.bytes);
    for (size_t i = 0; i < progress.modules; i++) {
        uint16_t blocks[4];
        require(dsmcc_receiver_module(receiver, i, &status));
        size_t missing = dsmcc_receiver_missing_blocks(receiver, i, blocks, 4);
        require(status.rejected || status.blocks - status.blocks_have == missing);
        bytes += status.rejected                      ? 0
                 : status.original_size > status.size ? status.original_size
                                                      : status.size;
    }
    require(bytes <= 1u << 20);
    struct dsmcc_tree *partial = dsmcc_receiver_partial_tree(receiver);
    if (partial)
        check_tree(partial);
    dsmcc_tree_unref(partial);
}

static void push(struct dsmcc_receiver *receiver, const uint8_t *data, size_t size)
{
    uint8_t *section = malloc(size); /* of its own size: a read beyond it is seen */
    require(section != NULL);
    memcpy(section, data, size);
    section[1] = (uint8_t)((section[1] & 0xF0) | (size - 3) >> 8);
    section[2] = (uint8_t)(size - 3);
    uint32_t crc = ts_crc32(section, size - 4);
    for (unsigned i = 0; i < 4; i++)
        section[size - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
    dsmcc_receiver_push_section(receiver, PID, section, size);
    free(section);
}

static void drop_line(void *context, enum log_level level, const char *module, const char *text)
{
    (void)context;
    (void)level;
    (void)module;
    (void)text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dsmcc_tree *tree = NULL;
    const struct dsmcc_receiver_options options = {.max_total_bytes = 1u << 20,
                                                   .max_module_bytes = 1u << 18,
                                                   .max_modules = 64,
                                                   .max_groups = 4,
                                                   .max_files = 200};
    const struct dsmcc_receiver_events events = {.context = &tree, .tree = on_tree};
    log_set_sink(drop_line, NULL);
    struct dsmcc_receiver *receiver = dsmcc_receiver_create(NULL, PID, NULL, 0, &options, &events);
    require(receiver != NULL);
    while (size >= 2) {
        size_t wanted = (size_t)data[0] << 8 | data[1];
        data += 2;
        size -= 2;
        if (wanted > size)
            wanted = size;
        if (wanted >= MINIMUM && wanted <= TS_SECTION_SIZE_MAX)
            push(receiver, data, wanted);
        data += wanted;
        size -= wanted;
    }
    check_progress(receiver);
    dsmcc_receiver_destroy(receiver);
    if (tree)
        check_tree(tree); /* it outlives its receiver */
    dsmcc_tree_unref(tree);
    return 0;
}
