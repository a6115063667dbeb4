/* SPDX-License-Identifier: Apache-2.0 */
#include "si/ait.h"
#include "base/reader.h"
#include "base/text.h"
#include "si/text.h"
#include "si/writer.h"
#include <string.h>

#define TAG_APPLICATION 0x00
#define TAG_APPLICATION_NAME 0x01
#define TAG_TRANSPORT_PROTOCOL 0x02
#define TAG_SIMPLE_LOCATION 0x15

/* Bytes that must be text without control codes; false and "" where they are not, or do not fit. */
static bool copy_path(char *out, size_t size, struct bytes bytes)
{
    out[0] = '\0';
    if (bytes.size >= size || !text_is_utf8((const char *)bytes.data, bytes.size))
        return false;
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.data[i] < 0x20 || bytes.data[i] == 0x7F)
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

/* application_name_descriptor (5.3.5.6): UTF-8 without a selector, but operators send GB 2312 as well. */
static void read_name(struct reader *reader, struct si_text *text, struct si_application *application)
{
    struct bytes language = reader_bytes(reader, 3);
    struct bytes name = reader_bytes(reader, reader_u8(reader));
    if (reader->failed || application->language[0])
        return;
    memcpy(application->language, language.data, 3);
    for (size_t i = 0; i < 3; i++)
        if (application->language[i] < 0x21 || application->language[i] > 0x7E)
            memcpy(application->language, "und", 3);
    if (text && name.size > 0 && !text_is_utf8((const char *)name.data, name.size)) {
        si_text_decode(text, name.data, name.size, application->name, sizeof(application->name));
        return;
    }
    uint8_t marked[256] = {0x15};
    memcpy(marked + 1, name.data, name.size);
    struct si_text *plain = text ? text : si_text_create(SI_CHARSET_GB18030);
    if (plain)
        si_text_decode(plain, marked, name.size + 1, application->name, sizeof(application->name));
    if (!text)
        si_text_destroy(plain);
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
            read_name(&body, text, application);
        else if (tag == TAG_TRANSPORT_PROTOCOL)
            read_transport(&body, application);
        else if (tag == TAG_SIMPLE_LOCATION)
            copy_path(application->path, sizeof(application->path), reader_bytes(&body, reader_left(&body)));
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
        si_descriptor_end(buffer, body);
    }
    if (application->path[0]) {
        body = si_descriptor_begin(buffer, TAG_SIMPLE_LOCATION);
        buffer_append_string(buffer, application->path);
        si_descriptor_end(buffer, body);
    }
}

bool si_build_ait(struct si_sections *out, const struct si_ait *ait, unsigned version)
{
    struct buffer body;
    buffer_init(&body, SI_SECTION_BODY_MAX);
    si_loop_end(&body, si_loop_begin(&body), 15);
    size_t applications = si_loop_begin(&body);
    for (size_t i = 0; i < ait->application_count; i++) {
        const struct si_application *application = &ait->applications[i];
        buffer_u32(&body, application->organisation_id);
        buffer_u16(&body, application->application_id);
        buffer_u8(&body, application->control_code);
        size_t loop = si_loop_begin(&body);
        for (size_t k = 0; k < application->transport_count; k++)
            write_transport(&body, &application->transports[k]);
        write_application(&body, application);
        si_loop_end(&body, loop, 15);
    }
    si_loop_end(&body, applications, 15);
    const struct ts_section_header header = {
        .table_id = SI_TABLE_AIT,
        .private_indicator = true,
        .table_id_extension = (uint16_t)((ait->application_type & 0x7FFF) | (ait->test ? 0x8000 : 0)),
        .version = (uint8_t)(version & 31),
        .current_next = true};
    bool ok = si_sections_append_table(out, &header, &body);
    buffer_finish(&body);
    return ok;
}
