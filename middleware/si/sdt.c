/* SPDX-License-Identifier: Apache-2.0 */
#include "si/sdt.h"
#include "base/reader.h"
#include "si/psi.h"
#include "si/writer.h"
#include <string.h>

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

/* multilingual_service_name_descriptor (6.2.25) */
static void read_words(struct reader *reader, struct si_text *text, struct si_service_details *details)
{
    while (reader_left(reader) >= 5 && details->word_count < SI_LANGUAGES_MAX) {
        struct bytes code = reader_bytes(reader, 3);
        struct bytes provider = reader_bytes(reader, reader_u8(reader));
        struct bytes name = reader_bytes(reader, reader_u8(reader));
        if (reader->failed)
            return;
        struct si_service_words *words = &details->words[details->word_count++];
        si_language_copy(words->language, code);
        si_text_decode(text, provider.data, provider.size, words->provider, sizeof(words->provider));
        si_text_decode(text, name.data, name.size, words->name, sizeof(words->name));
    }
}

static void read_data_broadcast(struct reader *reader, struct si_service_details *details)
{
    uint16_t id = reader_u16(reader);
    uint8_t tag = reader_u8(reader);
    if (reader->failed || details->has_data_broadcast)
        return;
    details->has_data_broadcast = true;
    details->data_broadcast_id = id;
    details->data_broadcast_component_tag = tag;
}

static void take_descriptor(const struct si_descriptor *descriptor, struct si_text *text,
                            struct si_sdt_service *service)
{
    struct si_service_details *details = &service->details;
    struct reader reader;
    reader_init(&reader, descriptor->body.data, descriptor->body.size);
    switch (descriptor->tag) {
    case TAG_SERVICE:
        read_service_descriptor(descriptor->body, text, service);
        break;
    case SI_TAG_MULTILINGUAL_SERVICE_NAME:
        read_words(&reader, text, details);
        break;
    case SI_TAG_CA_IDENTIFIER:
        while (reader_left(&reader) >= 2 && details->ca_system_count < SI_ACCESSES_MAX)
            details->ca_systems[details->ca_system_count++] = reader_u16(&reader);
        break;
    case SI_TAG_LINKAGE:
        if (details->linkage_count < SI_LINKAGES_MAX &&
            si_linkage_read(descriptor->body, &details->linkages[details->linkage_count]))
            details->linkage_count++;
        break;
    case SI_TAG_DATA_BROADCAST:
        read_data_broadcast(&reader, details);
        break;
    default:
        break;
    }
}

size_t si_sdt_read(const dvbpsi_sdt_t *table, struct si_text *text, struct si_sdt *sdt)
{
    sdt->transport_stream_id = table->i_extension;
    sdt->original_network_id = table->i_network_id;
    sdt->service_count = 0;
    size_t left_out = 0;
    for (const dvbpsi_sdt_service_t *entry = table->p_first_service; entry; entry = entry->p_next) {
        if (sdt->service_count == SI_SERVICES_MAX) {
            left_out++;
            continue;
        }
        struct si_sdt_service *service = &sdt->services[sdt->service_count++];
        memset(service, 0, sizeof(*service));
        service->service_id = entry->i_service_id;
        service->running_status = entry->i_running_status;
        service->scrambled = entry->b_free_ca;
        service->eit_present_following = entry->b_eit_present;
        service->eit_schedule = entry->b_eit_schedule;
        struct si_descriptor descriptor = {0};
        for (const dvbpsi_descriptor_t *list = entry->p_first_descriptor; si_psi_next(&list, &descriptor);)
            take_descriptor(&descriptor, text, service);
    }
    return left_out;
}

/* One entry of the service loop; false where it is cut. service NULL: only passed over. */
static bool read_entry(struct reader *reader, struct si_text *text, struct si_sdt_service *service)
{
    uint16_t service_id = reader_u16(reader);
    unsigned flags = reader_u8(reader);
    unsigned word = reader_u16(reader);
    struct reader descriptors = reader_sub(reader, word & 0x0FFF);
    if (descriptors.failed)
        return false;
    if (!service)
        return true;
    memset(service, 0, sizeof(*service));
    service->service_id = service_id;
    service->eit_schedule = flags & 2;
    service->eit_present_following = flags & 1;
    service->running_status = (uint8_t)(word >> 13);
    service->scrambled = word & 0x1000;
    struct si_descriptor descriptor = {0};
    while (si_descriptor_next(&descriptors, &descriptor))
        take_descriptor(&descriptor, text, service);
    return true;
}

bool si_sdt_read_section(const uint8_t *section, size_t size, struct si_text *text, struct si_sdt *sdt,
                         size_t *left_out)
{
    struct ts_section_header header;
    if (!ts_section_read_header(section, size, &header) || !header.current_next ||
        (header.table_id != SI_TABLE_SDT_ACTUAL && header.table_id != SI_TABLE_SDT_OTHER))
        return false;
    struct reader reader;
    reader_init(&reader, section, size - TS_SECTION_CRC_SIZE);
    reader_skip(&reader, TS_SECTION_HEADER_SIZE);
    uint16_t original_network_id = reader_u16(&reader);
    reader_skip(&reader, 1);
    struct reader trial = reader;
    while (reader_left(&trial) > 0)
        if (!read_entry(&trial, text, NULL))
            return false;
    if (reader.failed)
        return false;
    sdt->transport_stream_id = header.table_id_extension;
    sdt->original_network_id = original_network_id;
    while (reader_left(&reader) > 0) {
        bool room = sdt->service_count < SI_SERVICES_MAX;
        read_entry(&reader, text, room ? &sdt->services[sdt->service_count++] : NULL);
        *left_out += room ? 0 : 1;
    }
    return true;
}

/* Names and providers share the 255 bytes of one descriptor evenly. */
static void write_words(struct buffer *entry, const struct si_service_details *details)
{
    if (details->word_count == 0)
        return;
    size_t count = details->word_count < SI_LANGUAGES_MAX ? details->word_count : SI_LANGUAGES_MAX;
    size_t body = si_descriptor_begin(entry, SI_TAG_MULTILINGUAL_SERVICE_NAME);
    for (size_t i = 0; i < count; i++) {
        size_t room = 255 / count - 5;
        uint8_t scratch[255];
        size_t name_size = si_text_encode(details->words[i].name, scratch, room);
        si_write_language(entry, details->words[i].language);
        si_write_text(entry, details->words[i].provider, room - name_size);
        si_write_text(entry, details->words[i].name, room);
    }
    si_descriptor_end(entry, body);
}

static void write_details(struct buffer *entry, const struct si_service_details *details)
{
    write_words(entry, details);
    if (details->ca_system_count > 0) {
        size_t body = si_descriptor_begin(entry, SI_TAG_CA_IDENTIFIER);
        for (size_t i = 0; i < details->ca_system_count; i++)
            buffer_u16(entry, details->ca_systems[i]);
        si_descriptor_end(entry, body);
    }
    for (size_t i = 0; i < details->linkage_count; i++)
        si_linkage_write(entry, &details->linkages[i]);
    if (details->has_data_broadcast) {
        size_t body = si_descriptor_begin(entry, SI_TAG_DATA_BROADCAST);
        buffer_u16(entry, details->data_broadcast_id);
        buffer_u8(entry, details->data_broadcast_component_tag);
        buffer_u8(entry, 0); /* no selector */
        si_write_language(entry, "chi");
        buffer_u8(entry, 0); /* no text */
        si_descriptor_end(entry, body);
    }
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
    write_details(&entry, &service->details);
    si_loop_end(&entry, loop, (service->running_status & 7u) << 1 | (service->scrambled ? 1u : 0));
    bool ok = !entry.failed && si_sections_append(entries, entry.data, entry.size);
    buffer_finish(&entry);
    return ok;
}

static bool build(struct si_sections *out, const struct si_sdt *sdt, uint8_t table_id, unsigned version)
{
    struct si_sections entries;
    si_sections_init(&entries);
    bool ok = true;
    for (size_t i = 0; ok && i < sdt->service_count; i++)
        ok = add_service(&entries, &sdt->services[i]);
    const uint8_t prefix[3] = {(uint8_t)(sdt->original_network_id >> 8), (uint8_t)sdt->original_network_id,
                               0xFF};
    const struct ts_section_header header = {.table_id = table_id,
                                             .private_indicator = true,
                                             .table_id_extension = sdt->transport_stream_id,
                                             .version = (uint8_t)(version & 31),
                                             .current_next = true};
    ok = ok && si_sections_split(out, header, (struct bytes){prefix, sizeof(prefix)}, false, &entries);
    si_sections_finish(&entries);
    return ok;
}

bool si_build_sdt(struct si_sections *out, const struct si_sdt *sdt, unsigned version)
{
    return build(out, sdt, SI_TABLE_SDT_ACTUAL, version);
}

bool si_build_sdt_other(struct si_sections *out, const struct si_sdt *sdt, unsigned version)
{
    return build(out, sdt, SI_TABLE_SDT_OTHER, version);
}
