/* SPDX-License-Identifier: Apache-2.0 */
/* Walking a descriptor loop, with the private_data_specifier that is in force; descriptors that more than one
 * table has. No state; any thread. Bytes are borrowed. */
#ifndef KOKONOR_SI_DESCRIPTOR_H
#define KOKONOR_SI_DESCRIPTOR_H

#include "base/buffer.h"
#include "base/reader.h"
#include "si/model.h"
#include "si/text.h"

#define SI_TAG_CA 0x09
#define SI_TAG_ASSOCIATION 0x14
#define SI_TAG_DEFERRED_ASSOCIATION 0x15
#define SI_TAG_LINKAGE 0x4A
#define SI_TAG_CA_IDENTIFIER 0x53
#define SI_TAG_MULTILINGUAL_NETWORK_NAME 0x5B
#define SI_TAG_MULTILINGUAL_BOUQUET_NAME 0x5C
#define SI_TAG_MULTILINGUAL_SERVICE_NAME 0x5D
#define SI_TAG_MULTILINGUAL_COMPONENT 0x5E
#define SI_TAG_PRIVATE_DATA_SPECIFIER 0x5F
#define SI_TAG_DATA_BROADCAST 0x64
#define SI_TAG_LOGICAL_CHANNEL 0x83
#define SI_TAG_LOGICAL_CHANNEL_2 0x87

struct si_descriptor {
    uint8_t tag;
    struct bytes body;
    uint32_t specifier; /* private_data_specifier_descriptor before it in the loop; 0: none */
};

/* The next descriptor of the loop; false at its end or where it is cut. Begin with *descriptor all zero; the
 * specifier goes on from one call to the next. A private_data_specifier_descriptor itself is given out too.
 */
bool si_descriptor_next(struct reader *loop, struct si_descriptor *descriptor);

/* Copies three letters; "und" where they are not printable or fewer than three. */
void si_language_copy(char language[SI_LANGUAGE_SIZE], struct bytes code);
/* True where both are the same language: zho and chi, bod and tib, and so on are one (ISO 639-2/B and /T);
 * letter case does not count. */
bool si_language_matches(const char *a, const char *b);

/* Takes in one 0x5B or 0x5C: language and name pairs over the limit are left out. */
void si_names_read(struct bytes body, struct si_text *text, struct si_names *names);
void si_names_write(struct buffer *buffer, uint8_t tag, const struct si_names *names);
/* The name in the language, else fallback. */
const char *si_names_get(const struct si_names *names, const char *language, const char *fallback);

/* linkage_descriptor (EN 300 468, 6.2.19), its fixed part; false where it is cut. */
bool si_linkage_read(struct bytes body, struct si_linkage *linkage);
void si_linkage_write(struct buffer *buffer, const struct si_linkage *linkage);

/* CA_descriptor (ISO/IEC 13818-1, 2.6.16); false where it is cut. */
bool si_access_read(struct bytes body, struct si_access *access);
void si_access_write(struct buffer *buffer, const struct si_access *access);

#endif
