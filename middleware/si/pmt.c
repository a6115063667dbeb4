/* SPDX-License-Identifier: Apache-2.0 */
#include "si/pmt.h"
#include "si/component.h"
#include "si/psi.h"
#include "si/writer.h"
#include <string.h>

#define TAG_CA 0x09

static void read_component(const dvbpsi_pmt_es_t *entry, struct si_component *component)
{
    si_component_init(component, entry->i_pid, entry->i_type);
    for (const dvbpsi_descriptor_t *descriptor = entry->p_first_descriptor; descriptor;
         descriptor = descriptor->p_next)
        si_component_read_descriptor(component, descriptor->i_tag, si_psi_body(descriptor));
    si_component_finish(component);
}

size_t si_pmt_read(const dvbpsi_pmt_t *table, struct si_pmt *pmt)
{
    memset(pmt, 0, sizeof(*pmt));
    pmt->program_number = table->i_program_number;
    pmt->pcr_pid = table->i_pcr_pid;
    bool conditional_access = false;
    for (const dvbpsi_descriptor_t *descriptor = table->p_first_descriptor; descriptor;
         descriptor = descriptor->p_next)
        conditional_access |= descriptor->i_tag == TAG_CA;
    size_t left_out = 0;
    for (const dvbpsi_pmt_es_t *entry = table->p_first_es; entry; entry = entry->p_next) {
        if (pmt->component_count == SI_COMPONENTS_MAX) {
            left_out++;
            continue;
        }
        struct si_component *component = &pmt->components[pmt->component_count++];
        read_component(entry, component);
        component->conditional_access |= conditional_access;
    }
    return left_out;
}

bool si_build_pmt(struct si_sections *out, const struct si_pmt *pmt, unsigned version)
{
    struct buffer body;
    buffer_init(&body, SI_SECTION_BODY_MAX);
    buffer_u16(&body, 0xE000u | (pmt->pcr_pid & 0x1FFFu));
    si_loop_end(&body, si_loop_begin(&body), 15);
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
