/* SPDX-License-Identifier: Apache-2.0 */
#include "si/nit.h"
#include "si/cable.h"
#include "si/psi.h"
#include "si/writer.h"
#include <string.h>

#define TAG_NETWORK_NAME 0x40
#define TAG_BOUQUET_NAME 0x47

static void take_stream_descriptor(const struct si_descriptor *descriptor, struct si_stream *stream)
{
    switch (descriptor->tag) {
    case SI_TAG_CABLE_DELIVERY:
        si_cable_read(descriptor->body, stream);
        break;
    case SI_TAG_SERVICE_LIST:
        si_service_list_read(descriptor->body, stream);
        break;
    case SI_TAG_LOGICAL_CHANNEL:
    case SI_TAG_LOGICAL_CHANNEL_2:
        si_lcn_read(descriptor, stream);
        break;
    default:
        break;
    }
}

/* Each once: they may come with every section of the table. */
static void take_linkage(struct bytes body, struct si_nit *nit)
{
    struct si_linkage linkage = {0};
    if (nit->linkage_count == SI_LINKAGES_MAX || !si_linkage_read(body, &linkage))
        return;
    for (size_t i = 0; i < nit->linkage_count; i++) {
        const struct si_linkage *known = &nit->linkages[i];
        if (known->type == linkage.type && known->service_id == linkage.service_id &&
            known->transport_stream_id == linkage.transport_stream_id &&
            known->original_network_id == linkage.original_network_id)
            return;
    }
    nit->linkages[nit->linkage_count++] = linkage;
}

static void take_network_descriptor(const struct si_descriptor *descriptor, struct si_text *text,
                                    struct si_nit *nit)
{
    switch (descriptor->tag) {
    case TAG_NETWORK_NAME:
    case TAG_BOUQUET_NAME:
        si_text_decode(text, descriptor->body.data, descriptor->body.size, nit->name, sizeof(nit->name));
        break;
    case SI_TAG_MULTILINGUAL_NETWORK_NAME:
    case SI_TAG_MULTILINGUAL_BOUQUET_NAME:
        si_names_read(descriptor->body, text, &nit->names);
        break;
    case SI_TAG_LINKAGE:
        take_linkage(descriptor->body, nit);
        break;
    default:
        break;
    }
}

static void read_stream(const dvbpsi_nit_ts_t *entry, struct si_stream *stream)
{
    stream->transport_stream_id = entry->i_ts_id;
    stream->original_network_id = entry->i_orig_network_id;
    struct si_descriptor descriptor = {0};
    for (const dvbpsi_descriptor_t *list = entry->p_first_descriptor; si_psi_next(&list, &descriptor);)
        take_stream_descriptor(&descriptor, stream);
}

size_t si_nit_read(const dvbpsi_nit_t *table, struct si_text *text, struct si_nit *nit)
{
    memset(nit, 0, sizeof(*nit));
    nit->network_id = table->i_network_id;
    struct si_descriptor descriptor = {0};
    for (const dvbpsi_descriptor_t *list = table->p_first_descriptor; si_psi_next(&list, &descriptor);)
        take_network_descriptor(&descriptor, text, nit);
    size_t left_out = 0;
    for (const dvbpsi_nit_ts_t *entry = table->p_first_ts; entry; entry = entry->p_next) {
        if (nit->stream_count == SI_STREAMS_MAX)
            left_out++;
        else
            read_stream(entry, &nit->streams[nit->stream_count++]);
    }
    return left_out;
}

/* True where the loop is made of whole entries of fixed bytes and descriptors; writes nothing. */
static bool is_whole(struct reader loop, size_t fixed)
{
    while (reader_left(&loop) > 0 && !loop.failed) {
        reader_skip(&loop, fixed);
        reader_skip(&loop, reader_u16(&loop) & 0x0FFF);
    }
    return !loop.failed;
}

bool si_nit_read_section(const uint8_t *section, size_t size, struct si_text *text, struct si_nit *nit,
                         size_t *left_out)
{
    struct ts_section_header header;
    if (!ts_section_read_header(section, size, &header) || !header.current_next ||
        (header.table_id != SI_TABLE_NIT_ACTUAL && header.table_id != SI_TABLE_NIT_OTHER &&
         header.table_id != SI_TABLE_BAT))
        return false;
    struct reader reader;
    reader_init(&reader, section, size - TS_SECTION_CRC_SIZE);
    reader_skip(&reader, TS_SECTION_HEADER_SIZE);
    struct reader network = reader_sub(&reader, reader_u16(&reader) & 0x0FFF);
    struct reader streams = reader_sub(&reader, reader_u16(&reader) & 0x0FFF);
    if (streams.failed || !is_whole(streams, 4))
        return false;
    nit->network_id = header.table_id_extension;
    struct si_descriptor descriptor = {0};
    /* Head-ends repeat the network's descriptors in each section: those of the first count. */
    while (header.section_number == 0 && si_descriptor_next(&network, &descriptor))
        take_network_descriptor(&descriptor, text, nit);
    while (reader_left(&streams) > 0) {
        struct si_stream over = {0};
        bool room = nit->stream_count < SI_STREAMS_MAX;
        struct si_stream *stream = room ? &nit->streams[nit->stream_count++] : &over;
        *left_out += room ? 0 : 1;
        stream->transport_stream_id = reader_u16(&streams);
        stream->original_network_id = reader_u16(&streams);
        struct reader descriptors = reader_sub(&streams, reader_u16(&streams) & 0x0FFF);
        descriptor = (struct si_descriptor){0};
        while (room && si_descriptor_next(&descriptors, &descriptor))
            take_stream_descriptor(&descriptor, stream);
    }
    return true;
}

static bool add_stream(struct si_sections *entries, const struct si_stream *stream)
{
    struct buffer entry;
    buffer_init(&entry, SI_SECTION_BODY_MAX);
    buffer_u16(&entry, stream->transport_stream_id);
    buffer_u16(&entry, stream->original_network_id);
    size_t loop = si_loop_begin(&entry);
    if (stream->has_cable)
        si_cable_write(&entry, &stream->cable);
    if (stream->service_count > 0)
        si_service_list_write(&entry, stream);
    si_lcn_write(&entry, stream);
    si_loop_end(&entry, loop, 15);
    bool ok = !entry.failed && si_sections_append(entries, entry.data, entry.size);
    buffer_finish(&entry);
    return ok;
}

static bool build(struct si_sections *out, const struct si_nit *nit, uint8_t table_id, unsigned version)
{
    struct si_sections entries;
    si_sections_init(&entries);
    bool ok = true;
    for (size_t i = 0; ok && i < nit->stream_count; i++)
        ok = add_stream(&entries, &nit->streams[i]);
    /* The network's descriptors come with each section, so that any one of them says whose it is. */
    struct buffer prefix;
    buffer_init(&prefix, SI_SECTION_BODY_MAX);
    size_t loop = si_loop_begin(&prefix);
    bool bouquet = table_id == SI_TABLE_BAT;
    uint8_t name[255];
    size_t name_size = si_text_encode(nit->name, name, sizeof(name));
    if (name_size > 0) {
        size_t body = si_descriptor_begin(&prefix, bouquet ? TAG_BOUQUET_NAME : TAG_NETWORK_NAME);
        buffer_append(&prefix, name, name_size);
        si_descriptor_end(&prefix, body);
    }
    si_names_write(&prefix, bouquet ? SI_TAG_MULTILINGUAL_BOUQUET_NAME : SI_TAG_MULTILINGUAL_NETWORK_NAME,
                   &nit->names);
    for (size_t i = 0; i < nit->linkage_count; i++)
        si_linkage_write(&prefix, &nit->linkages[i]);
    si_loop_end(&prefix, loop, 15);
    const struct ts_section_header header = {.table_id = table_id,
                                             .private_indicator = true,
                                             .table_id_extension = nit->network_id,
                                             .version = (uint8_t)(version & 31),
                                             .current_next = true};
    ok = ok && !prefix.failed && si_sections_split(out, header, buffer_view(&prefix), true, &entries);
    buffer_finish(&prefix);
    si_sections_finish(&entries);
    return ok;
}

bool si_build_nit(struct si_sections *out, const struct si_nit *nit, unsigned version)
{
    return build(out, nit, SI_TABLE_NIT_ACTUAL, version);
}

bool si_build_nit_other(struct si_sections *out, const struct si_nit *nit, unsigned version)
{
    return build(out, nit, SI_TABLE_NIT_OTHER, version);
}

bool si_build_bat(struct si_sections *out, const struct si_nit *bouquet, unsigned version)
{
    return build(out, bouquet, SI_TABLE_BAT, version);
}
