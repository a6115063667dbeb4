/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/neighbours.h"
#include "playout/channel_text.h"
#include "si/sdt.h"
#include <stdlib.h>
#include <string.h>

#define LCN_MAX 999

static void read_modulation(struct content_json *reader, const json_t *object, struct si_cable *cable)
{
    static const char *const names[] = {"16QAM", "32QAM", "64QAM", "128QAM", "256QAM"};
    const char *name = content_json_string(reader, object, "modulation", true, 1, 16);
    for (int i = 0; name && i < 5; i++) {
        if (!strcmp(name, names[i])) {
            cable->modulation = SI_MODULATION_16QAM + i;
            return;
        }
    }
    if (name)
        channel_text_fail(reader, object, "modulation", "one of 16QAM, 32QAM, 64QAM, 128QAM, 256QAM");
}

void neighbours_read_cable(struct content_json *reader, const json_t *object, struct si_cable *cable)
{
    cable->frequency_hz =
        (uint32_t)content_json_integer(reader, object, "frequency_hz", true, 0, 40000000, 1100000000);
    cable->symbol_rate =
        (uint32_t)content_json_integer(reader, object, "symbol_rate", true, 0, 1000000, 9000000);
    cable->fec_outer = SI_FEC_OUTER_RS;
    cable->fec_inner = SI_FEC_INNER_NONE;
    read_modulation(reader, object, cable);
}

static uint8_t read_type(struct content_json *reader, const json_t *value)
{
    static const struct {
        const char *name;
        uint8_t type;
    } types[] = {{"tv", SI_SERVICE_TYPE_DIGITAL_TV},
                 {"radio", SI_SERVICE_TYPE_RADIO},
                 {"data", SI_SERVICE_TYPE_DATA},
                 {"hd", SI_SERVICE_TYPE_HD_TV}};
    const char *name = content_json_string(reader, value, "type", true, 1, 16);
    for (size_t i = 0; name && i < sizeof(types) / sizeof(types[0]); i++) {
        if (!strcmp(name, types[i].name))
            return types[i].type;
    }
    if (name)
        channel_text_fail(reader, value, "type", "one of tv, hd, radio, data");
    return 0;
}

static void read_service(struct content_json *reader, const json_t *value,
                         const enum content_language *languages, struct neighbour_service *service)
{
    static const char *const known[] = {"service_id", "type", "name", "provider", "lcn", NULL};
    if (!content_json_is_object(reader, value))
        return;
    service->service_id = (uint16_t)content_json_integer(reader, value, "service_id", true, 0, 1, 0xFFFF);
    service->lcn = (uint16_t)content_json_integer(reader, value, "lcn", false, 0, 1, LCN_MAX);
    service->type = read_type(reader, value);
    channel_text_read(reader, value, "name", true, languages, service->names[0], SI_TRANSLATION_SIZE);
    channel_text_read(reader, value, "provider", false, languages, service->providers[0],
                      SI_TRANSLATION_SIZE);
    content_json_warn_unknown(reader, value, known);
}

/* The array as so many zeroed elements; NULL where there is none or no memory, which is a mistake then. */
static void *make_elements(struct content_json *reader, const json_t *array, size_t size)
{
    size_t count = json_array_size(array);
    void *elements = count ? calloc(count, size) : NULL;
    if (count && !elements)
        content_json_say(reader, CONTENT_ERROR, "out of memory");
    return elements;
}

static void read_stream(struct content_json *reader, const json_t *value, uint16_t original_network_id,
                        const enum content_language *languages, struct neighbour_stream *stream)
{
    static const char *const known[] = {"transport_stream_id",
                                        "original_network_id",
                                        "frequency_hz",
                                        "symbol_rate",
                                        "modulation",
                                        "services",
                                        NULL};
    if (!content_json_is_object(reader, value))
        return;
    stream->transport_stream_id =
        (uint16_t)content_json_integer(reader, value, "transport_stream_id", true, 0, 0, 0xFFFF);
    stream->original_network_id = (uint16_t)content_json_integer(reader, value, "original_network_id", false,
                                                                 original_network_id, 1, 0xFFFF);
    neighbours_read_cable(reader, value, &stream->cable);
    content_json_warn_unknown(reader, value, known);
    const json_t *services = content_json_array(reader, value, "services", true, 0, NEIGHBOURS_SERVICES_MAX);
    size_t mark = content_json_enter_key(reader, "services");
    stream->services = make_elements(reader, services, sizeof(*stream->services));
    stream->service_count = stream->services ? json_array_size(services) : 0;
    for (size_t i = 0; i < stream->service_count; i++) {
        size_t inner = content_json_enter_index(reader, i);
        read_service(reader, json_array_get(services, i), languages, &stream->services[i]);
        content_json_leave(reader, inner);
    }
    content_json_leave(reader, mark);
}

static void read_bouquet(struct content_json *reader, const json_t *value,
                         const enum content_language *languages, struct neighbour_bouquet *bouquet)
{
    static const char *const known[] = {"bouquet_id", "name", "services", NULL};
    static const char *const known_member[] = {"transport_stream_id", "service_id", NULL};
    if (!content_json_is_object(reader, value))
        return;
    bouquet->bouquet_id = (uint16_t)content_json_integer(reader, value, "bouquet_id", true, 0, 1, 0xFFFF);
    channel_text_read(reader, value, "name", true, languages, bouquet->names[0], SI_TRANSLATION_SIZE);
    content_json_warn_unknown(reader, value, known);
    const json_t *members = content_json_array(reader, value, "services", true, 0, NEIGHBOURS_MEMBERS_MAX);
    size_t mark = content_json_enter_key(reader, "services");
    bouquet->count = json_array_size(members);
    for (size_t i = 0; i < bouquet->count; i++) {
        size_t inner = content_json_enter_index(reader, i);
        const json_t *member = json_array_get(members, i);
        if (content_json_is_object(reader, member)) {
            bouquet->members[i] = (struct neighbour_member){
                (uint16_t)content_json_integer(reader, member, "transport_stream_id", true, 0, 0, 0xFFFF),
                (uint16_t)content_json_integer(reader, member, "service_id", true, 0, 1, 0xFFFF)};
            content_json_warn_unknown(reader, member, known_member);
        }
        content_json_leave(reader, inner);
    }
    content_json_leave(reader, mark);
}

static void check_bouquets(struct content_json *reader, const struct neighbours *neighbours)
{
    for (size_t i = 0; i < neighbours->bouquet_count; i++) {
        for (size_t j = i + 1; j < neighbours->bouquet_count; j++) {
            if (neighbours->bouquets[i].bouquet_id == neighbours->bouquets[j].bouquet_id)
                content_json_say(reader, CONTENT_ERROR, "expected different bouquet_ids, found %u twice",
                                 neighbours->bouquets[i].bouquet_id);
        }
    }
}

static void check_streams(struct content_json *reader, const struct neighbours *neighbours)
{
    for (size_t i = 0; i < neighbours->stream_count; i++) {
        for (size_t j = i + 1; j < neighbours->stream_count; j++) {
            const struct neighbour_stream *a = &neighbours->streams[i], *b = &neighbours->streams[j];
            if (a->transport_stream_id == b->transport_stream_id &&
                a->original_network_id == b->original_network_id)
                content_json_say(reader, CONTENT_ERROR,
                                 "expected different transport_stream_ids, found %u twice",
                                 a->transport_stream_id);
        }
    }
}

void neighbours_read(struct content_json *reader, const json_t *root, uint16_t original_network_id,
                     struct neighbours *neighbours)
{
    const json_t *streams = content_json_array(reader, root, "streams", false, 0, NEIGHBOURS_STREAMS_MAX);
    size_t mark = content_json_enter_key(reader, "streams");
    neighbours->streams = make_elements(reader, streams, sizeof(*neighbours->streams));
    neighbours->stream_count = neighbours->streams ? json_array_size(streams) : 0;
    for (size_t i = 0; i < neighbours->stream_count; i++) {
        size_t inner = content_json_enter_index(reader, i);
        read_stream(reader, json_array_get(streams, i), original_network_id, neighbours->languages,
                    &neighbours->streams[i]);
        content_json_leave(reader, inner);
    }
    check_streams(reader, neighbours);
    content_json_leave(reader, mark);
    const json_t *bouquets = content_json_array(reader, root, "bouquets", false, 0, NEIGHBOURS_BOUQUETS_MAX);
    mark = content_json_enter_key(reader, "bouquets");
    neighbours->bouquets = make_elements(reader, bouquets, sizeof(*neighbours->bouquets));
    neighbours->bouquet_count = neighbours->bouquets ? json_array_size(bouquets) : 0;
    for (size_t i = 0; i < neighbours->bouquet_count; i++) {
        size_t inner = content_json_enter_index(reader, i);
        read_bouquet(reader, json_array_get(bouquets, i), neighbours->languages, &neighbours->bouquets[i]);
        content_json_leave(reader, inner);
    }
    check_bouquets(reader, neighbours);
    content_json_leave(reader, mark);
}

void neighbours_finish(struct neighbours *neighbours)
{
    for (size_t i = 0; i < neighbours->stream_count; i++)
        free(neighbours->streams[i].services);
    free(neighbours->streams);
    free(neighbours->bouquets);
    memset(neighbours, 0, sizeof(*neighbours));
}
