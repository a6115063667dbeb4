/* SPDX-License-Identifier: Apache-2.0 */
#include "si/pmt.h"
#include "si/component.h"
#include "si/psi.h"
#include "si/writer.h"
#include <string.h>

#define TAG_REGISTRATION 0x05

static void read_deferred(struct bytes body, struct si_pmt *pmt)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    struct reader tags = reader_sub(&reader, reader_u8(&reader));
    struct si_deferred entry = {0};
    entry.transport_stream_id = reader_u16(&reader);
    entry.program_number = reader_u16(&reader);
    entry.original_network_id = reader_u16(&reader);
    while (!reader.failed && reader_left(&tags) >= 2 && pmt->deferred_count < SI_DEFERRED_MAX) {
        entry.association_tag = reader_u16(&tags);
        pmt->deferred[pmt->deferred_count++] = entry;
    }
}

static void take_descriptor(struct si_pmt *pmt, uint8_t tag, struct bytes body)
{
    if (tag == SI_TAG_DEFERRED_ASSOCIATION)
        read_deferred(body, pmt);
    else if (tag == SI_TAG_CA && pmt->access_count < SI_ACCESSES_MAX &&
             si_access_read(body, &pmt->accesses[pmt->access_count]))
        pmt->access_count++;
}

/* Recorders and disc authoring call their programs so, whose stream_types are their own. */
static bool is_hdmv(const dvbpsi_pmt_t *table)
{
    for (const dvbpsi_descriptor_t *descriptor = table->p_first_descriptor; descriptor;
         descriptor = descriptor->p_next) {
        struct bytes body = si_psi_body(descriptor);
        if (descriptor->i_tag == TAG_REGISTRATION && body.size >= 4 && memcmp(body.data, "HDMV", 4) == 0)
            return true;
    }
    return false;
}

static void read_component(const dvbpsi_pmt_es_t *entry, bool hdmv, struct si_component *component)
{
    si_component_init(component, entry->i_pid, entry->i_type);
    for (const dvbpsi_descriptor_t *descriptor = entry->p_first_descriptor; descriptor;
         descriptor = descriptor->p_next)
        si_component_read_descriptor(component, descriptor->i_tag, si_psi_body(descriptor));
    si_component_finish(component, hdmv);
}

size_t si_pmt_read(const dvbpsi_pmt_t *table, struct si_pmt *pmt)
{
    memset(pmt, 0, sizeof(*pmt));
    pmt->program_number = table->i_program_number;
    pmt->pcr_pid = table->i_pcr_pid;
    bool conditional_access = false, hdmv = is_hdmv(table);
    for (const dvbpsi_descriptor_t *descriptor = table->p_first_descriptor; descriptor;
         descriptor = descriptor->p_next) {
        conditional_access |= descriptor->i_tag == SI_TAG_CA;
        take_descriptor(pmt, descriptor->i_tag, si_psi_body(descriptor));
    }
    size_t left_out = 0;
    for (const dvbpsi_pmt_es_t *entry = table->p_first_es; entry; entry = entry->p_next) {
        if (pmt->component_count == SI_COMPONENTS_MAX) {
            left_out++;
            continue;
        }
        struct si_component *component = &pmt->components[pmt->component_count++];
        read_component(entry, hdmv, component);
        component->conditional_access |= conditional_access;
    }
    return left_out;
}

/* Tags of one other service share a descriptor. */
static void write_deferred(struct buffer *buffer, const struct si_pmt *pmt)
{
    for (size_t i = 0; i < pmt->deferred_count;) {
        const struct si_deferred *first = &pmt->deferred[i];
        size_t body = si_descriptor_begin(buffer, SI_TAG_DEFERRED_ASSOCIATION);
        size_t count = 1;
        while (i + count < pmt->deferred_count &&
               first[count].transport_stream_id == first->transport_stream_id &&
               first[count].program_number == first->program_number &&
               first[count].original_network_id == first->original_network_id)
            count++;
        buffer_u8(buffer, (unsigned)(2 * count));
        for (size_t k = 0; k < count; k++)
            buffer_u16(buffer, first[k].association_tag);
        buffer_u16(buffer, first->transport_stream_id);
        buffer_u16(buffer, first->program_number);
        buffer_u16(buffer, first->original_network_id);
        si_descriptor_end(buffer, body);
        i += count;
    }
}

bool si_build_pmt(struct si_sections *out, const struct si_pmt *pmt, unsigned version)
{
    struct buffer body;
    buffer_init(&body, SI_SECTION_BODY_MAX);
    buffer_u16(&body, 0xE000u | (pmt->pcr_pid & 0x1FFFu));
    size_t program = si_loop_begin(&body);
    for (size_t i = 0; i < pmt->access_count && i < SI_ACCESSES_MAX; i++)
        si_access_write(&body, &pmt->accesses[i]);
    write_deferred(&body, pmt);
    si_loop_end(&body, program, 15);
    for (size_t i = 0; i < pmt->component_count; i++) {
        const struct si_component *component = &pmt->components[i];
        buffer_u8(&body, component->stream_type);
        buffer_u16(&body, 0xE000u | (component->pid & 0x1FFFu));
        size_t loop = si_loop_begin(&body);
        si_component_write_descriptors(&body, component);
        si_loop_end(&body, loop, 15);
    }
    const struct ts_section_header header = {.table_id = 0x02,
                                             .table_id_extension = pmt->program_number,
                                             .version = (uint8_t)(version & 31),
                                             .current_next = true};
    bool ok = si_sections_append_table(out, &header, &body);
    buffer_finish(&body);
    return ok;
}
