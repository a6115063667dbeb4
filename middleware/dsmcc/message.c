/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/message.h"
#include "ts/demux.h"
#include "ts/section.h"
#include <assert.h>

#define PROTOCOL_DISCRIMINATOR 0x11
#define TYPE_DOWNLOAD 0x03
#define MESSAGE_DII 0x1002u
#define MESSAGE_DDB 0x1003u
#define MESSAGE_DSI 0x1006u
#define SERVER_ID_SIZE 20
#define TAP_USE_OBJECT 0x0017u
#define DESCRIPTOR_COMPRESSED_MODULE 0x09
#define DEFLATE 8
#define MODULE_INFO_SIZE 21 /* of one Tap, without descriptors */
#define COMPRESSED_SIZE 7   /* of the descriptor */
#define DESCRIPTOR_CACHING_PRIORITY 0x71
#define CACHING_SIZE 4
#define BODY_SIZE_MAX (12 + 6 + DSMCC_BLOCK_SIZE_MAX)

uint16_t dsmcc_identification(uint32_t transaction_id)
{
    return transaction_id >> 1 & 0x7FFF;
}

uint32_t dsmcc_transaction_id(uint16_t identification, uint16_t version)
{
    return 0x80000000u | (version & 0x3FFFu) << 16 | (identification & 0x7FFFu) << 1 | (version & 1u);
}

/* dsmccMessageHeader and dsmccDownloadDataHeader have one shape. id is the transactionId or the downloadId.
 */
static bool read_message_header(struct reader *section, unsigned *message_id, uint32_t *id,
                                struct reader *body)
{
    unsigned discriminator = reader_u8(section);
    unsigned type = reader_u8(section);
    *message_id = reader_u16(section);
    *id = reader_u32(section);
    reader_skip(section, 1);
    unsigned adaptation_size = reader_u8(section);
    *body = reader_sub(section, reader_u16(section));
    reader_skip(body, adaptation_size);
    return !section->failed && !body->failed && discriminator == PROTOCOL_DISCRIMINATOR &&
           type == TYPE_DOWNLOAD;
}

/* GroupInfoIndication: of at least one group, or it could be anything. */
static bool read_groups(struct reader info)
{
    unsigned groups = reader_u16(&info);
    for (unsigned i = 0; i < groups && !info.failed; i++) {
        reader_skip(&info, 4 + 4);             /* groupId, groupSize */
        reader_skip(&info, reader_u16(&info)); /* GroupCompatibility */
        reader_skip(&info, reader_u16(&info)); /* groupInfo */
    }
    return groups > 0 && !info.failed;
}

static bool read_dsi(struct reader *body, struct dsmcc_dsi *dsi)
{
    reader_skip(body, SERVER_ID_SIZE);
    reader_skip(body, reader_u16(body)); /* compatibilityDescriptor */
    struct reader info = reader_sub(body, reader_u16(body));
    struct reader again = info;
    if (info.failed)
        return false;
    /* ServiceGatewayInfo: what follows the IOR (taps, service contexts, user info) is of no use here. */
    dsi->of_data = false;
    if (dsmcc_ior_read(&info, &dsi->gateway))
        return true;
    dsi->of_data = read_groups(again);
    dsi->gateway = (struct dsmcc_ior){.foreign = true};
    return dsi->of_data;
}

static bool read_dii(struct reader *body, struct dsmcc_dii *dii)
{
    dii->download_id = reader_u32(body);
    dii->block_size = reader_u16(body);
    reader_skip(body, 1 + 1 + 4 + 4); /* window and scenario: of no meaning in a carousel */
    reader_skip(body, reader_u16(body));
    dii->module_count = reader_u16(body);
    dii->modules = *body;
    if (dii->block_size == 0)
        dii->block_size = DSMCC_BLOCK_SIZE_MAX;
    return !body->failed && dii->block_size <= DSMCC_BLOCK_SIZE_MAX;
}

static bool read_ddb(struct reader *body, struct dsmcc_ddb *ddb)
{
    ddb->module_id = reader_u16(body);
    ddb->version = reader_u8(body);
    reader_skip(body, 1);
    ddb->block_number = reader_u16(body);
    ddb->data = reader_bytes(body, reader_left(body));
    return !body->failed && ddb->data.size > 0 && ddb->data.size <= DSMCC_BLOCK_SIZE_MAX;
}

bool dsmcc_ddb_peek(const uint8_t *head, struct dsmcc_ddb *ddb)
{
    struct reader reader;
    reader_init(&reader, head, TS_SECTION_HEAD_SIZE);
    unsigned table_id = reader_u8(&reader), flags = reader_u16(&reader), extension = reader_u16(&reader);
    unsigned version = reader_u8(&reader), section_number = reader_u8(&reader);
    reader_skip(&reader, 1);
    unsigned discriminator = reader_u16(&reader), message_id = reader_u16(&reader);
    ddb->download_id = reader_u32(&reader);
    unsigned adaptation = reader_u16(&reader);
    reader_skip(&reader, 2);
    ddb->module_id = reader_u16(&reader);
    ddb->version = reader_u8(&reader);
    reader_skip(&reader, 1);
    ddb->block_number = reader_u16(&reader);
    ddb->data = (struct bytes){NULL, 0};
    return !reader.failed && table_id == DSMCC_TABLE_DATA && (flags & 0x8000) &&
           discriminator == (PROTOCOL_DISCRIMINATOR << 8 | TYPE_DOWNLOAD) && message_id == MESSAGE_DDB &&
           (adaptation & 0xFF) == 0 && extension == ddb->module_id && (version & 1) &&
           (version >> 1 & 31) == (ddb->version & 31u) && section_number == (ddb->block_number & 0xFFu);
}

static enum dsmcc_message read_control(uint32_t id, unsigned message_id, struct reader *body,
                                       struct dsmcc_message_any *any)
{
    if (message_id == MESSAGE_DSI) {
        any->dsi.transaction_id = id;
        return read_dsi(body, &any->dsi) ? DSMCC_MESSAGE_DSI : DSMCC_MESSAGE_BAD;
    }
    if (message_id == MESSAGE_DII) {
        any->dii.transaction_id = id;
        return read_dii(body, &any->dii) ? DSMCC_MESSAGE_DII : DSMCC_MESSAGE_BAD;
    }
    return DSMCC_MESSAGE_NONE;
}

enum dsmcc_message dsmcc_message_read(const uint8_t *section, size_t size, struct dsmcc_message_any *any)
{
    struct ts_section_header header;
    any->message = DSMCC_MESSAGE_NONE;
    /* Without section_syntax_indicator there is a checksum instead of the CRC_32, which DVB does not allow.
     * private_indicator is wrong in real streams and not looked at. */
    if (!ts_section_read_header(section, size, &header) ||
        (header.table_id != DSMCC_TABLE_CONTROL && header.table_id != DSMCC_TABLE_DATA))
        return any->message;
    struct reader reader;
    reader_init(&reader, section, size);
    reader_skip(&reader, size - TS_SECTION_CRC_SIZE);
    any->crc = reader_u32(&reader);
    reader_init(&reader, section, size - TS_SECTION_CRC_SIZE);
    reader_skip(&reader, TS_SECTION_HEADER_SIZE);
    unsigned message_id;
    uint32_t id;
    struct reader body;
    if (!read_message_header(&reader, &message_id, &id, &body)) {
        any->message = DSMCC_MESSAGE_BAD;
    } else if (header.table_id == DSMCC_TABLE_CONTROL) {
        any->message = read_control(id, message_id, &body, any);
    } else if (message_id == MESSAGE_DDB) {
        any->ddb.download_id = id;
        any->message = read_ddb(&body, &any->ddb) ? DSMCC_MESSAGE_DDB : DSMCC_MESSAGE_BAD;
    }
    return any->message;
}

/* BIOP::ModuleInfo (TR 101 202, 4.7.5.2): timeouts, Taps, descriptors. */
static bool read_module_info(struct reader *info, struct dsmcc_dii_module *module)
{
    reader_skip(info, 12); /* moduleTimeOut, blockTimeOut, minBlockTime */
    unsigned taps = reader_u8(info);
    for (unsigned i = 0; i < taps && !info->failed; i++) {
        reader_skip(info, 2);
        unsigned use = reader_u16(info);
        unsigned tag = reader_u16(info);
        reader_skip(info, reader_u8(info));
        if (use == TAP_USE_OBJECT && !module->has_tap && !info->failed) {
            module->has_tap = true;
            module->association_tag = (uint16_t)tag;
        }
    }
    struct reader descriptors = reader_sub(info, reader_u8(info));
    while (!descriptors.failed && reader_left(&descriptors) > 0) {
        unsigned tag = reader_u8(&descriptors);
        struct reader body = reader_sub(&descriptors, reader_u8(&descriptors));
        if (tag == DESCRIPTOR_CACHING_PRIORITY && reader_left(&body) >= 2) {
            module->caching_priority = reader_u8(&body);
            module->caching_transparency = reader_u8(&body);
        }
        if (tag != DESCRIPTOR_COMPRESSED_MODULE || body.failed)
            continue;
        unsigned method = reader_u8(&body);
        module->original_size = reader_u32(&body);
        module->compressed = true;
        if (body.failed || (method & 0x0F) != DEFLATE)
            return false;
    }
    return !info->failed && !descriptors.failed;
}

bool dsmcc_dii_next(struct dsmcc_dii *dii, struct dsmcc_dii_module *module)
{
    if (dii->module_count == 0 || dii->modules.failed)
        return false;
    dii->module_count--;
    *module = (struct dsmcc_dii_module){0};
    module->module_id = reader_u16(&dii->modules);
    module->size = reader_u32(&dii->modules);
    module->version = reader_u8(&dii->modules);
    module->original_size = module->size;
    struct reader info = reader_sub(&dii->modules, reader_u8(&dii->modules));
    if (dii->modules.failed || !read_module_info(&info, module)) {
        dii->modules.failed = true;
        return false;
    }
    return true;
}

static bool is_descriptors(struct reader info)
{
    while (!info.failed && reader_left(&info) > 0) {
        reader_skip(&info, 1);
        reader_skip(&info, reader_u8(&info));
    }
    return !info.failed;
}

bool dsmcc_dii_is_of_data(struct dsmcc_dii dii)
{
    unsigned count = dii.module_count;
    for (; dii.module_count > 0; dii.module_count--) {
        reader_skip(&dii.modules, 2 + 4 + 1);
        struct reader info = reader_sub(&dii.modules, reader_u8(&dii.modules));
        if (dii.modules.failed || !is_descriptors(info))
            return false;
    }
    return count > 0;
}

/* A buffer over the caller's storage: full where that is full, nothing to finish. */
static struct buffer over(uint8_t *storage, size_t size)
{
    return (struct buffer){.data = storage, .capacity = size, .maximum = size};
}

static size_t begin_message(struct buffer *body, unsigned message_id, uint32_t id)
{
    buffer_u8(body, PROTOCOL_DISCRIMINATOR);
    buffer_u8(body, TYPE_DOWNLOAD);
    buffer_u16(body, message_id);
    buffer_u32(body, id);
    buffer_u8(body, 0xFF);
    buffer_u8(body, 0);
    buffer_u16(body, 0); /* messageLength, patched by end_message */
    return body->size;
}

static void end_message(struct buffer *body, size_t start)
{
    if (!body->failed)
        buffer_patch_u16(body, start - 2, (unsigned)(body->size - start));
}

static void append_section(struct buffer *buffer, struct buffer *body, const struct ts_section_header *header)
{
    if (body->failed)
        buffer->failed = true;
    else
        ts_section_append(buffer, header, body->data, body->size);
}

void dsmcc_dsi_append(struct buffer *buffer, const struct dsmcc_dsi *dsi)
{
    uint8_t storage[BODY_SIZE_MAX];
    struct buffer body = over(storage, sizeof storage);
    size_t start = begin_message(&body, MESSAGE_DSI, dsi->transaction_id);
    for (unsigned i = 0; i < SERVER_ID_SIZE; i++)
        buffer_u8(&body, 0xFF);
    buffer_u16(&body, 0);
    buffer_u16(&body, 0); /* privateDataLength */
    size_t info = body.size;
    dsmcc_ior_append(&body, &dsi->gateway);
    buffer_u8(&body, 0);  /* downloadTaps_count */
    buffer_u8(&body, 0);  /* serviceContextList_count */
    buffer_u16(&body, 0); /* userInfoLength */
    if (!body.failed)
        buffer_patch_u16(&body, info - 2, (unsigned)(body.size - info));
    end_message(&body, start);
    struct ts_section_header header = {.table_id = DSMCC_TABLE_CONTROL,
                                       .table_id_extension = (uint16_t)dsi->transaction_id,
                                       .current_next = true};
    append_section(buffer, &body, &header);
}

static void append_module(struct buffer *body, const struct dsmcc_dii_module *module)
{
    buffer_u16(body, module->module_id);
    buffer_u32(body, module->size);
    buffer_u8(body, module->version);
    unsigned descriptors =
        (module->compressed ? COMPRESSED_SIZE : 0u) + (module->caching_transparency ? CACHING_SIZE : 0u);
    buffer_u8(body, MODULE_INFO_SIZE + descriptors);
    buffer_u32(body, 0xFFFFFFFF); /* timeouts: as others send them, nobody waits that long */
    buffer_u32(body, 0xFFFFFFFF);
    buffer_u32(body, 0);
    buffer_u8(body, 1);
    buffer_u16(body, 0);
    buffer_u16(body, TAP_USE_OBJECT);
    buffer_u16(body, module->association_tag);
    buffer_u8(body, 0);
    buffer_u8(body, descriptors);
    if (module->compressed) {
        buffer_u8(body, DESCRIPTOR_COMPRESSED_MODULE);
        buffer_u8(body, COMPRESSED_SIZE - 2);
        buffer_u8(body, 0x78); /* RFC 1950 CMF: deflate, 32 KiB window */
        buffer_u32(body, module->original_size);
    }
    if (module->caching_transparency) {
        buffer_u8(body, DESCRIPTOR_CACHING_PRIORITY);
        buffer_u8(body, CACHING_SIZE - 2);
        buffer_u8(body, module->caching_priority);
        buffer_u8(body, module->caching_transparency);
    }
}

void dsmcc_dii_append(struct buffer *buffer, uint32_t transaction_id, uint32_t download_id,
                      uint16_t block_size, const struct dsmcc_dii_module *modules, size_t count)
{
    assert(count <= DSMCC_DII_MODULES_MAX);
    uint8_t storage[BODY_SIZE_MAX];
    struct buffer body = over(storage, sizeof storage);
    size_t start = begin_message(&body, MESSAGE_DII, transaction_id);
    buffer_u32(&body, download_id);
    buffer_u16(&body, block_size);
    buffer_u16(&body, 0); /* windowSize, ackPeriod */
    buffer_u32(&body, 0);
    buffer_u32(&body, 0);
    buffer_u16(&body, 0); /* compatibilityDescriptorLength */
    buffer_u16(&body, (unsigned)count);
    for (size_t i = 0; i < count; i++)
        append_module(&body, &modules[i]);
    buffer_u16(&body, 0); /* privateDataLength */
    end_message(&body, start);
    struct ts_section_header header = {.table_id = DSMCC_TABLE_CONTROL,
                                       .table_id_extension = (uint16_t)transaction_id,
                                       .current_next = true};
    append_section(buffer, &body, &header);
}

void dsmcc_ddb_append(struct buffer *buffer, const struct dsmcc_ddb *ddb, uint8_t last_section_number)
{
    uint8_t storage[BODY_SIZE_MAX];
    struct buffer body = over(storage, sizeof storage);
    size_t start = begin_message(&body, MESSAGE_DDB, ddb->download_id);
    buffer_u16(&body, ddb->module_id);
    buffer_u8(&body, ddb->version);
    buffer_u8(&body, 0xFF);
    buffer_u16(&body, ddb->block_number);
    buffer_append(&body, ddb->data.data, ddb->data.size);
    end_message(&body, start);
    struct ts_section_header header = {.table_id = DSMCC_TABLE_DATA,
                                       .table_id_extension = ddb->module_id,
                                       .version = ddb->version & 31,
                                       .current_next = true,
                                       .section_number = (uint8_t)ddb->block_number,
                                       .last_section_number = last_section_number};
    append_section(buffer, &body, &header);
}
