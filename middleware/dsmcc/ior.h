/* SPDX-License-Identifier: Apache-2.0 */
/* Interoperable object references of the object carousel: BIOP profile body only (TR 101 202, 4.7.3; TS 102
 * 809, B.2.2.8). No state; any thread. */
#ifndef KOKONOR_DSMCC_IOR_H
#define KOKONOR_DSMCC_IOR_H

#include "base/reader.h"
#include "dsmcc/tree.h"

/* Value of 1 to 4 bytes; size tells 00 01 from 01. */
struct dsmcc_key {
    uint32_t value;
    uint8_t size;
};
bool dsmcc_key_equal(struct dsmcc_key a, struct dsmcc_key b);

struct dsmcc_ior {
    enum dsmcc_kind kind;
    bool foreign; /* only profiles that lead elsewhere (LiteOptions): the fields below are zero */
    uint32_t carousel_id;
    uint16_t module_id;
    struct dsmcc_key key;
    uint16_t association_tag; /* where the DII is */
    uint32_t transaction_id;  /* of the DII; bits 1..15 count */
    uint32_t timeout_us;
};

#define DSMCC_IOR_SIZE 63 /* of dsmcc_ior_append with a key of 4 bytes */

/* Reads objectKey_length (1..4) and key. */
bool dsmcc_key_read(struct reader *reader, struct dsmcc_key *key);
/* Reads one IOR and moves behind it; false where it breaks the syntax. An unknown type_id gives kind UNKNOWN.
 */
bool dsmcc_ior_read(struct reader *reader, struct dsmcc_ior *ior);
/* Appends one IOR with one BIOP profile of ObjectLocation and ConnBinder. kind must not be UNKNOWN. */
void dsmcc_ior_append(struct buffer *buffer, const struct dsmcc_ior *ior);

/* "fil\0" and the like, of size 3 or 4 bytes, in any case; UNKNOWN for others. */
enum dsmcc_kind dsmcc_kind_read(struct bytes alias);
const char *
dsmcc_kind_alias(enum dsmcc_kind kind); /* 3 letters and a NUL: 4 bytes to send; NULL for UNKNOWN */

#endif
