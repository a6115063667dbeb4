/* SPDX-License-Identifier: Apache-2.0 */
#include "si/nit.h"
#include "si/cable.h"
#include "si/psi.h"
#include "si/writer.h"
#include <string.h>

#define TABLE_NIT_ACTUAL 0x40
#define TAG_NETWORK_NAME 0x40

static void read_stream(const dvbpsi_nit_ts_t *entry, struct si_stream *stream)
{
    stream->transport_stream_id = entry->i_ts_id;
    stream->original_network_id = entry->i_orig_network_id;
    for (const dvbpsi_descriptor_t *descriptor = entry->p_first_descriptor; descriptor;
         descriptor = descriptor->p_next) {
        if (descriptor->i_tag == SI_TAG_CABLE_DELIVERY)
            si_cable_read(si_psi_body(descriptor), stream);
        else if (descriptor->i_tag == SI_TAG_SERVICE_LIST)
            si_service_list_read(si_psi_body(descriptor), stream);
    }
}

size_t si_nit_read(const dvbpsi_nit_t *table, struct si_text *text, struct si_nit *nit)
{
    memset(nit, 0, sizeof(*nit));
    nit->network_id = table->i_network_id;
    for (const dvbpsi_descriptor_t *descriptor = table->p_first_descriptor; descriptor;
         descriptor = descriptor->p_next)
        if (descriptor->i_tag == TAG_NETWORK_NAME)
            si_text_decode(text, descriptor->p_data, descriptor->i_length, nit->name, sizeof(nit->name));
    size_t left_out = 0;
    for (const dvbpsi_nit_ts_t *entry = table->p_first_ts; entry; entry = entry->p_next) {
        if (nit->stream_count == SI_STREAMS_MAX)
            left_out++;
        else
            read_stream(entry, &nit->streams[nit->stream_count++]);
    }
    return left_out;
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
    si_loop_end(&entry, loop, 15);
    bool ok = !entry.failed && si_sections_append(entries, entry.data, entry.size);
    buffer_finish(&entry);
    return ok;
}

bool si_build_nit(struct si_sections *out, const struct si_nit *nit, unsigned version)
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
    uint8_t name[255];
    size_t name_size = si_text_encode(nit->name, name, sizeof(name));
    if (name_size > 0) {
        size_t body = si_descriptor_begin(&prefix, TAG_NETWORK_NAME);
        buffer_append(&prefix, name, name_size);
        si_descriptor_end(&prefix, body);
    }
    si_loop_end(&prefix, loop, 15);
    const struct ts_section_header header = {.table_id = TABLE_NIT_ACTUAL,
                                             .private_indicator = true,
                                             .table_id_extension = nit->network_id,
                                             .version = (uint8_t)(version & 31),
                                             .current_next = true};
    ok = ok && !prefix.failed && si_sections_split(out, header, buffer_view(&prefix), true, &entries);
    buffer_finish(&prefix);
    si_sections_finish(&entries);
    return ok;
}
