/* SPDX-License-Identifier: Apache-2.0 */
#include "si/ait.h"
#include "base/reader.h"
#include "base/text.h"
#include "si/descriptor.h"
#include "si/text.h"
#include "si/writer.h"
#include <string.h>

#define TAG_APPLICATION 0x00
#define TAG_APPLICATION_NAME 0x01
#define TAG_TRANSPORT_PROTOCOL 0x02
#define TAG_SIMPLE_LOCATION 0x15
#define TAG_APPLICATION_USAGE 0x16

/* Bytes that must be text without control codes; false and "" where they are not, or do not fit. */
static bool copy_path(char *out, size_t size, struct bytes bytes)
{
    out[0] = '\0';
    if (bytes.size >= size || !text_is_plain((const char *)bytes.data, bytes.size))
        return false;
    memcpy(out, bytes.data, bytes.size);
    out[bytes.size] = '\0';
    return true;
}

/* application_descriptor (TS 102 809, 5.3.5.3) */
static void read_application(struct reader *reader, struct si_application *application)
{
    struct reader profiles = reader_sub(reader, reader_u8(reader));
    unsigned flags = reader_u8(reader);
    uint8_t priority = reader_u8(reader);
    if (reader->failed)
        return;
    if (reader_left(&profiles) >= 5) {
        application->has_profile = true;
        application->profile = reader_u16(&profiles);
        application->version_major = reader_u8(&profiles);
        application->version_minor = reader_u8(&profiles);
        application->version_micro = reader_u8(&profiles);
    }
    application->service_bound = flags & 0x80;
    application->visibility = flags >> 5 & 3;
    application->priority = priority;
}

static void decode_name(struct si_text *text, struct bytes name, char *out, size_t size)
{
    uint8_t marked[256] = {0x15};
    bool is_utf8 = text_is_utf8((const char *)name.data, name.size);
    if (name.size == 0)
        return;
    memcpy(marked + 1, name.data, name.size);
    struct bytes whole = is_utf8 || !text ? (struct bytes){marked, name.size + 1} : name;
    struct si_text *plain = text ? text : si_text_create(SI_CHARSET_GB18030);
    if (plain)
        si_text_decode(plain, whole.data, whole.size, out, size);
    if (!text)
        si_text_destroy(plain);
}

/* application_name_descriptor (5.3.5.6): UTF-8 without a selector, but operators send GB 2312 as well. */
static void read_names(struct reader *reader, struct si_text *text, struct si_application *application)
{
    while (reader_left(reader) >= 4) {
        struct bytes language = reader_bytes(reader, 3);
        struct bytes name = reader_bytes(reader, reader_u8(reader));
        struct si_names *names = &application->names;
        if (reader->failed)
            return;
        if (!application->language[0]) {
            si_language_copy(application->language, language);
            decode_name(text, name, application->name, sizeof(application->name));
        } else if (names->count < SI_LANGUAGES_MAX) {
            struct si_name *entry = &names->entries[names->count++];
            si_language_copy(entry->language, language);
            decode_name(text, name, entry->name, sizeof(entry->name));
        }
    }
}

/* The selector bytes of protocol 1 and 3 (5.3.6.1, 5.3.6.2). */
static bool read_selector(struct reader *reader, struct si_transport *transport)
{
    if (transport->protocol == SI_PROTOCOL_OBJECT_CAROUSEL) {
        bool remote = reader_u8(reader) & 0x80;
        if (remote)
            reader_skip(reader, 6); /* original_network_id, transport_stream_id, service_id */
        int tag = reader_u8(reader);
        transport->component_tag = remote ? -1 : tag;
    } else if (transport->protocol == SI_PROTOCOL_HTTP) {
        struct bytes url = reader_bytes(reader, reader_u8(reader));
        if (reader->failed || !copy_path(transport->url, sizeof(transport->url), url))
            return false;
    }
    return !reader->failed;
}

static void read_transport(struct reader *reader, struct si_application *application)
{
    struct si_transport transport = {.component_tag = -1};
    transport.protocol = reader_u16(reader);
    transport.label = reader_u8(reader);
    if (!reader->failed && read_selector(reader, &transport) &&
        application->transport_count < SI_TRANSPORTS_MAX)
        memcpy(&application->transports[application->transport_count++], &transport, sizeof(transport));
}

static void read_descriptors(struct reader descriptors, struct si_text *text,
                             struct si_application *application)
{
    while (reader_left(&descriptors) >= 2) {
        uint8_t tag = reader_u8(&descriptors);
        struct reader body = reader_sub(&descriptors, reader_u8(&descriptors));
        if (body.failed)
            return;
        if (tag == TAG_APPLICATION)
            read_application(&body, application);
        else if (tag == TAG_APPLICATION_NAME)
            read_names(&body, text, application);
        else if (tag == TAG_TRANSPORT_PROTOCOL)
            read_transport(&body, application);
        else if (tag == TAG_SIMPLE_LOCATION)
            copy_path(application->path, sizeof(application->path), reader_bytes(&body, reader_left(&body)));
        else if (tag == TAG_APPLICATION_USAGE && reader_left(&body) > 0)
            application->usage = reader_u8(&body);
    }
}

bool si_ait_read_header(const uint8_t *section, size_t size, struct si_ait_header *header)
{
    struct ts_section_header long_header;
    if (!ts_section_read_header(section, size, &long_header) || long_header.table_id != SI_TABLE_AIT ||
        !long_header.current_next || long_header.section_number > long_header.last_section_number)
        return false;
    header->application_type = long_header.table_id_extension & 0x7FFF;
    header->version = long_header.version;
    header->section_number = long_header.section_number;
    header->last_section_number = long_header.last_section_number;
    return true;
}

/* True where the loop is made of whole applications; writes nothing. */
static bool is_whole(struct reader loop)
{
    while (reader_left(&loop) > 0) {
        reader_skip(&loop, 7);
        reader_skip(&loop, reader_u16(&loop) & 0x0FFF);
    }
    return !loop.failed;
}

bool si_ait_read(const uint8_t *section, size_t size, struct si_text *text, struct si_ait *ait)
{
    struct si_ait_header header;
    if (!si_ait_read_header(section, size, &header))
        return false;
    struct reader reader;
    reader_init(&reader, section, size - TS_SECTION_CRC_SIZE);
    reader_skip(&reader, 3);
    unsigned extension = reader_u16(&reader);
    reader_skip(&reader, 3);
    reader_skip(&reader, reader_u16(&reader) & 0x0FFF); /* common descriptors: none that we use */
    struct reader loop = reader_sub(&reader, reader_u16(&reader) & 0x0FFF);
    if (loop.failed || !is_whole(loop))
        return false;
    ait->application_type = header.application_type;
    ait->test = extension & 0x8000;
    while (reader_left(&loop) > 0 && ait->application_count < SI_APPLICATIONS_MAX) {
        struct si_application *application = &ait->applications[ait->application_count++];
        memset(application, 0, sizeof(*application));
        application->organisation_id = reader_u32(&loop);
        application->application_id = reader_u16(&loop);
        application->control_code = reader_u8(&loop);
        read_descriptors(reader_sub(&loop, reader_u16(&loop) & 0x0FFF), text, application);
    }
    return true;
}

static void write_bytes(struct buffer *buffer, const char *text)
{
    size_t size = strlen(text);
    buffer_u8(buffer, (unsigned)size);
    buffer_append(buffer, text, size);
}

static void write_transport(struct buffer *buffer, const struct si_transport *transport)
{
    size_t body = si_descriptor_begin(buffer, TAG_TRANSPORT_PROTOCOL);
    buffer_u16(buffer, transport->protocol);
    buffer_u8(buffer, transport->label);
    if (transport->protocol == SI_PROTOCOL_OBJECT_CAROUSEL) {
        buffer_u8(buffer, 0x7F); /* remote_connection 0 */
        buffer_u8(buffer, (unsigned)transport->component_tag & 0xFF);
    } else if (transport->protocol == SI_PROTOCOL_HTTP) {
        write_bytes(buffer, transport->url);
        buffer_u8(buffer, 0); /* no URL extensions */
    }
    si_descriptor_end(buffer, body);
}

static void write_application(struct buffer *buffer, const struct si_application *application)
{
    size_t body = si_descriptor_begin(buffer, TAG_APPLICATION);
    buffer_u8(buffer, application->has_profile ? 5 : 0);
    if (application->has_profile) {
        buffer_u16(buffer, application->profile);
        buffer_u8(buffer, application->version_major);
        buffer_u8(buffer, application->version_minor);
        buffer_u8(buffer, application->version_micro);
    }
    buffer_u8(buffer, (application->service_bound ? 0x80u : 0) | (application->visibility & 3u) << 5 | 0x1Fu);
    buffer_u8(buffer, application->priority);
    for (size_t i = 0; i < application->transport_count; i++)
        buffer_u8(buffer, application->transports[i].label);
    si_descriptor_end(buffer, body);
    if (application->name[0]) {
        body = si_descriptor_begin(buffer, TAG_APPLICATION_NAME);
        si_write_language(buffer, application->language[0] ? application->language : "chi");
        write_bytes(buffer, application->name);
        for (size_t i = 0; i < application->names.count && i < SI_LANGUAGES_MAX; i++) {
            si_write_language(buffer, application->names.entries[i].language);
            write_bytes(buffer, application->names.entries[i].name);
        }
        si_descriptor_end(buffer, body);
    }
    if (application->usage > 0) {
        body = si_descriptor_begin(buffer, TAG_APPLICATION_USAGE);
        buffer_u8(buffer, (unsigned)application->usage);
        si_descriptor_end(buffer, body);
    }
    if (application->path[0]) {
        body = si_descriptor_begin(buffer, TAG_SIMPLE_LOCATION);
        buffer_append_string(buffer, application->path);
        si_descriptor_end(buffer, body);
    }
}

static bool add_application(struct si_sections *entries, const struct si_application *application)
{
    struct buffer entry;
    buffer_init(&entry, SI_SECTION_BODY_MAX);
    buffer_u32(&entry, application->organisation_id);
    buffer_u16(&entry, application->application_id);
    buffer_u8(&entry, application->control_code);
    size_t loop = si_loop_begin(&entry);
    for (size_t k = 0; k < application->transport_count; k++)
        write_transport(&entry, &application->transports[k]);
    write_application(&entry, application);
    si_loop_end(&entry, loop, 15);
    bool ok = !entry.failed && si_sections_append(entries, entry.data, entry.size);
    buffer_finish(&entry);
    return ok;
}

bool si_build_ait(struct si_sections *out, const struct si_ait *ait, unsigned version)
{
    static const uint8_t no_common_descriptors[2] = {0xF0, 0x00};
    struct si_sections entries;
    si_sections_init(&entries);
    bool ok = true;
    for (size_t i = 0; ok && i < ait->application_count; i++)
        ok = add_application(&entries, &ait->applications[i]);
    const struct ts_section_header header = {
        .table_id = SI_TABLE_AIT,
        .private_indicator = true,
        .table_id_extension = (uint16_t)((ait->application_type & 0x7FFF) | (ait->test ? 0x8000 : 0)),
        .version = (uint8_t)(version & 31),
        .current_next = true};
    ok = ok && si_sections_split(out, header, (struct bytes){no_common_descriptors, 2}, true, &entries);
    si_sections_finish(&entries);
    return ok;
}

const char *si_control_code_str(unsigned control_code)
{
    static const char *const names[] = {"reserved", "autostart", "present",  "destroy",           "kill",
                                        "prefetch", "remote",    "disabled", "playback_autostart"};
    return control_code < sizeof(names) / sizeof(names[0]) ? names[control_code] : names[0];
}

const char *si_application_name(const struct si_application *application, const char *language)
{
    if (language && si_language_matches(application->language, language))
        return application->name;
    return si_names_get(&application->names, language, application->name);
}
