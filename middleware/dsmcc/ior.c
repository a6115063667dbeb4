/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/ior.h"
#include <assert.h>

#define PROFILE_BIOP 0x49534F06u
#define COMPONENT_OBJECT_LOCATION 0x49534F50u
#define COMPONENT_CONN_BINDER 0x49534F40u
#define TAP_USE_DELIVERY_PARA 0x0016u
#define SELECTOR_MESSAGE 0x0001u
#define PROFILES_MAX 16

static const struct {
    enum dsmcc_kind kind;
    char alias[4];
    const char *text;
} kinds[] = {
    {DSMCC_KIND_UNKNOWN, "", "unknown"},        {DSMCC_KIND_GATEWAY, "srg", "service gateway"},
    {DSMCC_KIND_DIRECTORY, "dir", "directory"}, {DSMCC_KIND_FILE, "fil", "file"},
    {DSMCC_KIND_STREAM, "str", "stream"},       {DSMCC_KIND_STREAM_EVENT, "ste", "stream event"},
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

const char *dsmcc_kind_str(enum dsmcc_kind kind)
{
    return kinds[(size_t)kind < KIND_COUNT ? kind : DSMCC_KIND_UNKNOWN].text;
}

const char *dsmcc_kind_alias(enum dsmcc_kind kind)
{
    return kind != DSMCC_KIND_UNKNOWN && (size_t)kind < KIND_COUNT ? kinds[kind].alias : NULL;
}

static uint8_t lower(uint8_t letter)
{
    return letter >= 'A' && letter <= 'Z' ? (uint8_t)(letter + ('a' - 'A')) : letter;
}

enum dsmcc_kind dsmcc_kind_read(struct bytes alias)
{
    if (alias.size == 4 && alias.data[3] == 0)
        alias.size = 3;
    if (alias.size != 3)
        return DSMCC_KIND_UNKNOWN;
    for (size_t i = 1; i < KIND_COUNT; i++) {
        /* Capitals are met in the field. */
        if (lower(alias.data[0]) == (uint8_t)kinds[i].alias[0] &&
            lower(alias.data[1]) == (uint8_t)kinds[i].alias[1] &&
            lower(alias.data[2]) == (uint8_t)kinds[i].alias[2])
            return kinds[i].kind;
    }
    return DSMCC_KIND_UNKNOWN;
}

bool dsmcc_key_equal(struct dsmcc_key a, struct dsmcc_key b)
{
    return a.value == b.value && a.size == b.size;
}

bool dsmcc_key_read(struct reader *reader, struct dsmcc_key *key)
{
    key->size = reader_u8(reader);
    key->value = 0;
    if (key->size < 1 || key->size > 4)
        return false;
    for (unsigned i = 0; i < key->size; i++)
        key->value = key->value << 8 | reader_u8(reader);
    return !reader->failed;
}

static bool read_object_location(struct reader *data, struct dsmcc_ior *ior)
{
    ior->carousel_id = reader_u32(data);
    ior->module_id = reader_u16(data);
    reader_skip(data, 2); /* version 1.0; nothing depends on it */
    return dsmcc_key_read(data, &ior->key);
}

/* The first Tap of use BIOP_DELIVERY_PARA tells which DII describes the module. */
static bool read_conn_binder(struct reader *data, struct dsmcc_ior *ior)
{
    unsigned taps = reader_u8(data);
    bool found = false;
    for (unsigned i = 0; i < taps && !data->failed; i++) {
        reader_skip(data, 2); /* id */
        unsigned use = reader_u16(data);
        unsigned tag = reader_u16(data);
        struct reader selector = reader_sub(data, reader_u8(data));
        if (use != TAP_USE_DELIVERY_PARA || found)
            continue;
        unsigned type = reader_u16(&selector);
        uint32_t transaction_id = reader_u32(&selector);
        uint32_t timeout_us = reader_u32(&selector);
        if (selector.failed || type != SELECTOR_MESSAGE)
            return false;
        ior->association_tag = (uint16_t)tag;
        ior->transaction_id = transaction_id;
        ior->timeout_us = timeout_us;
        found = true;
    }
    return found && !data->failed;
}

static bool read_biop_profile(struct reader *profile, struct dsmcc_ior *ior)
{
    bool location = false, binder = false;
    if (reader_u8(profile) != 0) /* byte_order: big-endian is the only one DVB allows */
        return false;
    unsigned components = reader_u8(profile);
    for (unsigned i = 0; i < components && !profile->failed; i++) {
        uint32_t tag = reader_u32(profile);
        struct reader data = reader_sub(profile, reader_u8(profile));
        if (data.failed)
            return false;
        if (tag == COMPONENT_OBJECT_LOCATION && !location) {
            location = read_object_location(&data, ior);
            if (!location)
                return false;
        } else if (tag == COMPONENT_CONN_BINDER && !binder) {
            binder = read_conn_binder(&data, ior);
            if (!binder)
                return false;
        }
    }
    return location && binder && !profile->failed;
}

bool dsmcc_ior_read(struct reader *reader, struct dsmcc_ior *ior)
{
    *ior = (struct dsmcc_ior){.foreign = true};
    uint32_t type_size = reader_u32(reader);
    struct bytes type = reader_bytes(reader, type_size);
    reader_skip(reader, (4 - type_size % 4) % 4); /* CDR alignment; aliases need none */
    uint32_t profiles = reader_u32(reader);
    if (reader->failed || profiles == 0 || profiles > PROFILES_MAX)
        return false;
    ior->kind = dsmcc_kind_read(type);
    for (uint32_t i = 0; i < profiles; i++) {
        uint32_t tag = reader_u32(reader);
        struct reader profile = reader_sub(reader, reader_u32(reader));
        if (reader->failed || profile.failed)
            return false;
        if (tag != PROFILE_BIOP || !ior->foreign)
            continue;
        if (!read_biop_profile(&profile, ior))
            return false;
        ior->foreign = false;
    }
    return true;
}

static void append_key(struct buffer *buffer, struct dsmcc_key key)
{
    assert(key.size >= 1 && key.size <= 4);
    buffer_u8(buffer, key.size);
    for (unsigned i = key.size; i-- > 0;)
        buffer_u8(buffer, key.value >> (8 * i) & 0xFF);
}

void dsmcc_ior_append(struct buffer *buffer, const struct dsmcc_ior *ior)
{
    assert(ior->kind != DSMCC_KIND_UNKNOWN);
    unsigned location_size = 9u + ior->key.size;
    buffer_u32(buffer, 4);
    buffer_append(buffer, dsmcc_kind_alias(ior->kind), 4);
    buffer_u32(buffer, 1);
    buffer_u32(buffer, PROFILE_BIOP);
    buffer_u32(buffer, 2 + 5 + location_size + 5 + 18);
    buffer_u8(buffer, 0); /* byte_order */
    buffer_u8(buffer, 2); /* lite components */
    buffer_u32(buffer, COMPONENT_OBJECT_LOCATION);
    buffer_u8(buffer, location_size);
    buffer_u32(buffer, ior->carousel_id);
    buffer_u16(buffer, ior->module_id);
    buffer_u16(buffer, 0x0100);
    append_key(buffer, ior->key);
    buffer_u32(buffer, COMPONENT_CONN_BINDER);
    buffer_u8(buffer, 18);
    buffer_u8(buffer, 1); /* taps */
    buffer_u16(buffer, 0);
    buffer_u16(buffer, TAP_USE_DELIVERY_PARA);
    buffer_u16(buffer, ior->association_tag);
    buffer_u8(buffer, 10);
    buffer_u16(buffer, SELECTOR_MESSAGE);
    buffer_u32(buffer, ior->transaction_id);
    buffer_u32(buffer, ior->timeout_us);
}
