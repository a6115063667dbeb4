/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "si/channels.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 1
#define JSON_MAX ((size_t)4 * 1024 * 1024)

static json_t *write_names(const struct si_names *names)
{
    json_t *json = json_object();
    for (size_t i = 0; i < names->count; i++)
        json_object_set_new(json, names->entries[i].language, json_string(names->entries[i].name));
    return json;
}

static json_t *write_channel(const struct si_channel *channel)
{
    return json_pack(
        "{s:i, s:i, s:i, s:i, s:s, s:s, s:o, s:i, s:b, s:b, s:i, s:b, s:b, s:b, s:{s:I, s:I, s:i, s:i, s:i}}",
        "original_network_id", (int)channel->original_network_id, "transport_stream_id",
        (int)channel->transport_stream_id, "service_id", (int)channel->service_id, "number",
        (int)channel->number, "name", channel->name, "provider", channel->provider, "names",
        write_names(&channel->names), "type", (int)channel->type, "scrambled", (int)channel->scrambled,
        "hidden", (int)channel->hidden, "lcn", (int)channel->lcn, "favourite", (int)channel->favourite,
        "own_number", (int)channel->own_number, "absent", (int)channel->absent, "cable", "frequency_hz",
        (json_int_t)channel->cable.frequency_hz, "symbol_rate", (json_int_t)channel->cable.symbol_rate,
        "modulation", (int)channel->cable.modulation, "fec_outer", (int)channel->cable.fec_outer, "fec_inner",
        (int)channel->cable.fec_inner);
}

bool si_channels_write(const struct si_channels *channels, struct buffer *out)
{
    json_t *list = json_array();
    for (size_t i = 0; i < channels->count; i++)
        json_array_append_new(list, write_channel(&channels->channels[i]));
    json_t *json = json_pack("{s:i, s:o}", "format", FORMAT, "channels", list);
    char *text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
    if (text)
        buffer_append_string(out, text);
    bool good = text && !out->failed;
    free(text);
    json_decref(json);
    return good;
}

static void read_names(json_t *json, struct si_names *names)
{
    const char *language;
    json_t *name;
    json_object_foreach(json, language, name)
    {
        if (names->count == SI_LANGUAGES_MAX || strlen(language) != 3 || !json_is_string(name))
            continue;
        struct si_name *entry = &names->entries[names->count++];
        strcpy(entry->language, language);
        text_copy(entry->name, sizeof(entry->name), json_string_value(name));
    }
}

static bool in_range(json_int_t value, json_int_t maximum)
{
    return value >= 0 && value <= maximum;
}

static bool read_channel(json_t *json, struct si_channel *channel)
{
    json_int_t ids[3], number, type, lcn, cable[5];
    int flags[5];
    const char *name, *provider;
    json_t *names;
    memset(channel, 0, sizeof(*channel));
    if (json_unpack(json,
                    "{s:I, s:I, s:I, s:I, s:s, s:s, s:o, s:I, s:b, s:b, s:I, s:b, s:b, s:b, "
                    "s:{s:I, s:I, s:I, s:I, s:I}}",
                    "original_network_id", &ids[0], "transport_stream_id", &ids[1], "service_id", &ids[2],
                    "number", &number, "name", &name, "provider", &provider, "names", &names, "type", &type,
                    "scrambled", &flags[0], "hidden", &flags[1], "lcn", &lcn, "favourite", &flags[2],
                    "own_number", &flags[3], "absent", &flags[4], "cable", "frequency_hz", &cable[0],
                    "symbol_rate", &cable[1], "modulation", &cable[2], "fec_outer", &cable[3], "fec_inner",
                    &cable[4]) != 0)
        return false;
    if (!in_range(ids[0], 65535) || !in_range(ids[1], 65535) || !in_range(ids[2], 65535) || number < 1 ||
        !in_range(number, SI_CHANNEL_NUMBER_MAX) || !in_range(type, 255) || !in_range(lcn, 0x3FFF) ||
        !in_range(cable[0], UINT32_MAX) || !in_range(cable[1], UINT32_MAX) ||
        !in_range(cable[2], SI_MODULATION_256QAM) || !in_range(cable[3], 15) || !in_range(cable[4], 15))
        return false;
    channel->original_network_id = (uint16_t)ids[0];
    channel->transport_stream_id = (uint16_t)ids[1];
    channel->service_id = (uint16_t)ids[2];
    channel->number = (uint16_t)number;
    channel->type = (uint8_t)type;
    channel->lcn = (uint16_t)lcn;
    channel->scrambled = flags[0];
    channel->hidden = flags[1];
    channel->favourite = flags[2];
    channel->own_number = flags[3];
    channel->absent = flags[4];
    channel->cable = (struct si_cable){.frequency_hz = (uint32_t)cable[0],
                                       .symbol_rate = (uint32_t)cable[1],
                                       .modulation = (enum si_modulation)cable[2],
                                       .fec_outer = (uint8_t)cable[3],
                                       .fec_inner = (uint8_t)cable[4]};
    text_copy(channel->name, sizeof(channel->name), name);
    text_copy(channel->provider, sizeof(channel->provider), provider);
    read_names(names, &channel->names);
    return true;
}

static bool read_list(struct si_channels *channels, json_t *list, struct error *error)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct si_channel channel;
        if (!read_channel(json_array_get(list, i), &channel))
            return error_set(error, "channels[%zu]: a member is missing, of another kind or out of range", i);
        if (si_channels_by_number(channels, channel.number))
            return error_set(error, "channels[%zu].number: %d is there twice", i, (int)channel.number);
        if (channels->count > 0 && channels->channels[channels->count - 1].number > channel.number)
            return error_set(error, "channels[%zu].number: not ascending", i);
        if (!si_channels_add(channels, &channel))
            return error_set(error, "channels: more than %d, or no memory", SI_CHANNELS_MAX);
    }
    return true;
}

bool si_channels_read(struct si_channels *channels, struct bytes bytes, struct error *error)
{
    json_error_t problem;
    struct si_channels read;
    si_channels_init(&read);
    json_t *json = bytes.size <= JSON_MAX
                       ? json_loadb((const char *)bytes.data, bytes.size, JSON_REJECT_DUPLICATES, &problem)
                       : NULL;
    if (!json)
        return error_set(error, "channel list: not JSON, or more than %zu bytes", JSON_MAX);
    json_t *list = json_object_get(json, "channels");
    bool good;
    if (json_integer_value(json_object_get(json, "format")) != FORMAT || !json_is_array(list))
        good = error_set(error, "channel list: expected {\"format\": %d, \"channels\": [...]}", FORMAT);
    else
        good = read_list(&read, list, error);
    json_decref(json);
    if (!good) {
        si_channels_finish(&read);
        return false;
    }
    si_channels_finish(channels);
    *channels = read;
    return true;
}
