/* SPDX-License-Identifier: Apache-2.0 */
/* The download messages in their sections: DSI, DII and DDB (ISO/IEC 13818-6, 7.3; TR 101 202, 4.7.5). Read
 * and built side by side. No state; any thread. Views point into the section that was read. */
#ifndef KOKONOR_DSMCC_MESSAGE_H
#define KOKONOR_DSMCC_MESSAGE_H

#include "dsmcc/ior.h"

#define DSMCC_TABLE_CONTROL 0x3B /* DSI, DII */
#define DSMCC_TABLE_DATA 0x3C    /* DDB */
#define DSMCC_BLOCK_SIZE_MAX 4066

/* What identifies a DII: bits 1..15 of its transactionId. 0 is the DSI's. */
uint16_t dsmcc_identification(uint32_t transaction_id);
/* transactionId of message identification in its version-th version (modulo 2^14), TR 101 202 Table 4.20: bit
 * 0 toggles, the originator bits say "network". */
uint32_t dsmcc_transaction_id(uint16_t identification, uint16_t version);

enum dsmcc_message {
    DSMCC_MESSAGE_NONE, /* not a section with CRC_32 of tables 0x3B, 0x3C, or of a message unknown here */
    DSMCC_MESSAGE_BAD,  /* its syntax is broken */
    DSMCC_MESSAGE_DSI,
    DSMCC_MESSAGE_DII,
    DSMCC_MESSAGE_DDB,
};

struct dsmcc_dsi {
    uint32_t transaction_id;
    struct dsmcc_ior gateway; /* its kind may be any: the caller checks */
    bool of_data; /* a data carousel's (EN 301 192, 10.1: GroupInfoIndication): gateway is empty */
};

struct dsmcc_dii {
    uint32_t transaction_id;
    uint32_t download_id; /* the carousel's id */
    uint16_t block_size;  /* 1 .. 4066; 4066 where the field is 0, as seen in the field */
    uint16_t module_count;
    struct reader modules; /* for dsmcc_dii_next */
};

struct dsmcc_dii_module {
    uint16_t module_id;
    uint32_t size; /* as sent */
    uint8_t version;
    bool compressed;
    uint32_t original_size; /* where compressed, else equal to size */
    bool has_tap;
    uint16_t association_tag; /* of the DDBs, where has_tap */
    /* caching_priority_descriptor; transparency 0: none */
    uint8_t caching_priority, caching_transparency;
};

struct dsmcc_ddb {
    uint32_t download_id;
    uint16_t module_id;
    uint8_t version;
    uint16_t block_number;
    struct bytes data; /* 1 .. 4066 bytes */
};

/* Reads a whole section, CRC_32 not checked again. */
struct dsmcc_message_any {
    enum dsmcc_message message;
    uint32_t crc; /* the section's CRC_32: a cheap fingerprint of a repetition */
    union {
        struct dsmcc_dsi dsi;
        struct dsmcc_dii dii;
        struct dsmcc_ddb ddb;
    };
};
/* Reads the DDB that begins with these TS_SECTION_HEAD_SIZE bytes, as far as they go (data stays empty).
 * False where they are not the beginning of one with CRC_32 and without adaptation header, or where section
 * header and message contradict each other: all numbers stand there twice. */
bool dsmcc_ddb_peek(const uint8_t *head, struct dsmcc_ddb *ddb);
enum dsmcc_message dsmcc_message_read(const uint8_t *section, size_t size, struct dsmcc_message_any *any);
/* True where each moduleInfo is a loop of descriptors, as in a data carousel (EN 301 192, 10.2: software
 * updates and the like), and not BIOP::ModuleInfo. */
bool dsmcc_dii_is_of_data(struct dsmcc_dii dii);
/* The next module of a DII; false at the end, or, dii->modules.failed, where the loop is broken. */
bool dsmcc_dii_next(struct dsmcc_dii *dii, struct dsmcc_dii_module *module);

/* Whole sections with CRC_32. */
void dsmcc_dsi_append(struct buffer *buffer, const struct dsmcc_dsi *dsi);
/* At most DSMCC_DII_MODULES_MAX modules of one elementary stream (association_tag of the first where
 * has_tap). */
#define DSMCC_DII_MODULES_MAX 100
void dsmcc_dii_append(struct buffer *buffer, uint32_t transaction_id, uint32_t download_id,
                      uint16_t block_size, const struct dsmcc_dii_module *modules, size_t count);
/* last_section_number: the module's last block number, at most 0xFE as TS 102 727 B.2.1 wants for every
 * module that is sent. */
void dsmcc_ddb_append(struct buffer *buffer, const struct dsmcc_ddb *ddb, uint8_t last_section_number);

#endif
