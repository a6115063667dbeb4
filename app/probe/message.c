/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/message.h"
#include "base/reader.h"
#include "probe/layout.h"

#define MESSAGE_DII 0x1002
#define MESSAGE_DDB 0x1003
#define MESSAGE_DSI 0x1006

/* BIOP::ModuleInfo (TR 101 202, 4.7.5.2) */
#define MODULE_INFO                                                                                          \
    "module_timeout_us:32 block_timeout_us:32 min_block_time_us:32 tap_count:8 taps[=tap_count id:16 "       \
    "use:16x association_tag:16 selector:X8 ] user_info:D8"
/* GroupInfoIndication (EN 301 192, 10.1.2) */
#define GROUPS                                                                                               \
    "group_count:16 groups[=group_count group_id:32x group_size:32 compatibility:X16 group_info:D16 ] "      \
    "private:X16"

static void add_number(json_t *json, const char *name, unsigned long long value)
{
    json_object_set_new(json, name, json_integer((json_int_t)value));
}

/* The bytes by this layout where they are exactly that, else NULL. */
static json_t *read_whole(const char *layout, struct bytes bytes, struct si_text *text)
{
    json_t *json = json_object();
    if (bytes.size > 0 && layout_read(layout, bytes, LAYOUT_MODULE, text, json) &&
        !json_object_get(json, "more"))
        return json;
    json_decref(json);
    return NULL;
}

static bool is_descriptor_loop(struct bytes bytes)
{
    struct reader reader;
    reader_init(&reader, bytes.data, bytes.size);
    while (!reader.failed && reader_left(&reader) > 0) {
        reader_skip(&reader, 1);
        reader_skip(&reader, reader_u8(&reader));
    }
    return !reader.failed;
}

/* moduleInfo of an object carousel, or the descriptors of a data carousel: the DII does not say which. */
static json_t *describe_info(struct bytes info, struct si_text *text)
{
    json_t *json = read_whole(MODULE_INFO, info, text);
    if (!json && info.size > 0 && is_descriptor_loop(info))
        json = json_pack("{s:o}", "descriptors", layout_descriptors(info, LAYOUT_MODULE, text));
    return json ? json : json_null();
}

static void read_modules(struct reader *reader, struct si_text *text, json_t *json)
{
    json_t *modules = json_array();
    unsigned count = reader_u16(reader);
    for (unsigned i = 0; i < count && !reader->failed; i++) {
        unsigned id = reader_u16(reader);
        unsigned long long size = reader_u32(reader);
        unsigned version = reader_u8(reader);
        struct bytes info = reader_bytes(reader, reader_u8(reader));
        if (!reader->failed)
            json_array_append_new(modules,
                                  json_pack("{s:i, s:I, s:i, s:o, s:o}", "module_id", (int)id, "size",
                                            (json_int_t)size, "version", (int)version, "info",
                                            layout_hex(info), "details", describe_info(info, text)));
    }
    json_object_set_new(json, "modules", modules);
}

static void read_dii(struct reader *reader, struct si_text *text, json_t *json)
{
    add_number(json, "download_id", reader_u32(reader));
    add_number(json, "block_size", reader_u16(reader));
    add_number(json, "window_size", reader_u8(reader));
    add_number(json, "ack_period", reader_u8(reader));
    add_number(json, "t_c_download_window", reader_u32(reader));
    add_number(json, "t_c_download_scenario", reader_u32(reader));
    json_object_set_new(json, "compatibility", layout_hex(reader_bytes(reader, reader_u16(reader))));
    read_modules(reader, text, json);
    if (reader_left(reader) >= 2)
        json_object_set_new(json, "private", layout_hex(reader_bytes(reader, reader_u16(reader))));
}

static void read_dsi(struct reader *reader, struct si_text *text, json_t *json)
{
    json_object_set_new(json, "server_id", layout_hex(reader_bytes(reader, 20)));
    json_object_set_new(json, "compatibility", layout_hex(reader_bytes(reader, reader_u16(reader))));
    struct bytes private = reader_bytes(reader, reader_u16(reader));
    json_object_set_new(json, "private", layout_hex(private));
    json_t *groups = read_whole(GROUPS, private, text);
    if (groups)
        json_object_set_new(json, "details", groups);
}

static void read_ddb(struct reader *reader, json_t *json)
{
    add_number(json, "module_id", reader_u16(reader));
    add_number(json, "module_version", reader_u8(reader));
    reader_skip(reader, 1);
    add_number(json, "block_number", reader_u16(reader));
    add_number(json, "data_size", reader_left(reader));
}

bool message_read(struct bytes body, struct si_text *text, json_t *json)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    reader_skip(&reader, 2); /* protocolDiscriminator, dsmccType */
    unsigned id = reader_u16(&reader);
    bool data = id == MESSAGE_DDB;
    add_number(json, data ? "download_id" : "transaction_id", reader_u32(&reader));
    reader_skip(&reader, 1);
    unsigned adaptation = reader_u8(&reader);
    reader_skip(&reader, 2);
    reader_skip(&reader, adaptation);
    add_number(json, "message_id", id);
    json_object_set_new(json, "message",
                        id == MESSAGE_DII   ? json_string("DII")
                        : id == MESSAGE_DSI ? json_string("DSI")
                        : data              ? json_string("DDB")
                                            : json_null());
    if (id == MESSAGE_DII)
        read_dii(&reader, text, json);
    else if (id == MESSAGE_DSI)
        read_dsi(&reader, text, json);
    else if (data)
        read_ddb(&reader, json);
    else
        json_object_set_new(json, "hex", layout_hex(reader_bytes(&reader, reader_left(&reader))));
    return !reader.failed;
}
