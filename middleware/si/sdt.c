/* SPDX-License-Identifier: Apache-2.0 */
#include "si/sdt.h"
#include "base/reader.h"
#include "si/psi.h"
#include "si/writer.h"
#include <string.h>

#define TABLE_SDT_ACTUAL 0x42
#define TAG_SERVICE 0x48

/* service_descriptor (EN 300 468, 6.2.33) */
static void read_service_descriptor(struct bytes body, struct si_text *text, struct si_sdt_service *service)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    uint8_t type = reader_u8(&reader);
    struct bytes provider = reader_bytes(&reader, reader_u8(&reader));
    if (reader.failed)
        return;
    /* A name that runs over the descriptor's end is taken as far as it goes: better a cut name than none. */
    size_t name_size = reader_u8(&reader);
    size_t left = reader_left(&reader);
    struct bytes name = reader_bytes(&reader, name_size < left ? name_size : left);
    service->type = type;
    si_text_decode(text, provider.data, provider.size, service->provider, sizeof(service->provider));
    si_text_decode(text, name.data, name.size, service->name, sizeof(service->name));
}

size_t si_sdt_read(const dvbpsi_sdt_t *table, struct si_text *text, struct si_sdt *sdt)
{
    memset(sdt, 0, sizeof(*sdt));
    sdt->transport_stream_id = table->i_extension;
    sdt->original_network_id = table->i_network_id;
    size_t left_out = 0;
    for (const dvbpsi_sdt_service_t *entry = table->p_first_service; entry; entry = entry->p_next) {
        if (sdt->service_count == SI_SERVICES_MAX) {
            left_out++;
            continue;
        }
        struct si_sdt_service *service = &sdt->services[sdt->service_count++];
        service->service_id = entry->i_service_id;
        service->running_status = entry->i_running_status;
        service->scrambled = entry->b_free_ca;
        service->eit_present_following = entry->b_eit_present;
        service->eit_schedule = entry->b_eit_schedule;
        for (const dvbpsi_descriptor_t *d = entry->p_first_descriptor; d; d = d->p_next)
            if (d->i_tag == TAG_SERVICE)
                read_service_descriptor(si_psi_body(d), text, service);
    }
    return left_out;
}

static bool add_service(struct si_sections *entries, const struct si_sdt_service *service)
{
    struct buffer entry;
    buffer_init(&entry, SI_SECTION_BODY_MAX);
    buffer_u16(&entry, service->service_id);
    buffer_u8(&entry, 0xFCu | (service->eit_schedule ? 2u : 0) | (service->eit_present_following ? 1u : 0));
    size_t loop = si_loop_begin(&entry);
    size_t body = si_descriptor_begin(&entry, TAG_SERVICE);
    buffer_u8(&entry, service->type);
    /* Provider and name share the 252 bytes that type and lengths leave; the name matters more. */
    uint8_t scratch[192];
    size_t name_size = si_text_encode(service->name, scratch, sizeof(scratch));
    si_write_text(&entry, service->provider, 252 - name_size);
    si_write_text(&entry, service->name, sizeof(scratch));
    si_descriptor_end(&entry, body);
    si_loop_end(&entry, loop, (service->running_status & 7u) << 1 | (service->scrambled ? 1u : 0));
    bool ok = !entry.failed && si_sections_append(entries, entry.data, entry.size);
    buffer_finish(&entry);
    return ok;
}

bool si_build_sdt(struct si_sections *out, const struct si_sdt *sdt, unsigned version)
{
    struct si_sections entries;
    si_sections_init(&entries);
    bool ok = true;
    for (size_t i = 0; ok && i < sdt->service_count; i++)
        ok = add_service(&entries, &sdt->services[i]);
    const uint8_t prefix[3] = {(uint8_t)(sdt->original_network_id >> 8), (uint8_t)sdt->original_network_id,
                               0xFF};
    const struct ts_section_header header = {.table_id = TABLE_SDT_ACTUAL,
                                             .private_indicator = true,
                                             .table_id_extension = sdt->transport_stream_id,
                                             .version = (uint8_t)(version & 31),
                                             .current_next = true};
    ok = ok && si_sections_split(out, header, (struct bytes){prefix, sizeof(prefix)}, false, &entries);
    si_sections_finish(&entries);
    return ok;
}
