/* SPDX-License-Identifier: Apache-2.0 */
/* A watcher over any packets ('P' first), or over any sections with a right length and CRC_32, which reach
 * the table readers and libdvbpsi's decoders as bit flips in packets never would. The model must hold its
 * promises after every change. */
#include "base/log.h"
#include "base/reader.h"
#include "base/text.h"
#include "si/watcher.h"
#include "ts/crc32.h"
#include "ts/demux.h"
#include "ts/section.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECTION_MAX 1024

static void require(bool truth)
{
    if (!truth)
        abort();
}

struct look {
    struct si_watcher *watcher;
    unsigned calls, last_call; /* at last_call the watcher is destroyed; 0: never */
};

static void require_text(const char *text, size_t room)
{
    size_t size = strnlen(text, room);
    require(size < room && text_is_utf8(text, size));
}

static void look_at_event(const struct si_event *event)
{
    require_text(event->name, sizeof(event->name));
    require_text(event->text, sizeof(event->text));
    require_text(event->language, sizeof(event->language));
    require(event->start_utc_s >= -1 && event->duration_s >= -1);
}

static void look_at_service(const struct si_service *service)
{
    require(service->component_count <= SI_COMPONENTS_MAX && service->pmt_pid < TS_PID_COUNT);
    require_text(service->name, sizeof(service->name));
    require_text(service->provider, sizeof(service->provider));
    look_at_event(&service->present);
    look_at_event(&service->following);
    for (size_t i = 0; i < service->component_count; i++) {
        require(service->components[i].signal_count <= SI_SIGNALS_MAX);
        require_text(service->components[i].language, SI_LANGUAGE_SIZE);
    }
    for (size_t i = 0; service->ait && i < service->ait->application_count; i++) {
        const struct si_application *application = &service->ait->applications[i];
        require(service->ait->application_count <= SI_APPLICATIONS_MAX);
        require_text(application->name, sizeof(application->name));
        require_text(application->path, sizeof(application->path));
        require(application->transport_count <= SI_TRANSPORTS_MAX);
    }
}

static void look_at_others(const struct si_watcher *watcher)
{
    static struct si_nit nit;
    static struct si_sdt sdt;
    static const uint8_t tables[] = {SI_TABLE_NIT_OTHER, SI_TABLE_BAT};
    struct si_cat cat;
    si_watcher_cat(watcher, &cat);
    require(cat.access_count <= SI_ACCESSES_MAX);
    for (size_t t = 0; t < sizeof(tables); t++) {
        for (size_t i = 0; i < si_watcher_other_count(watcher, tables[t]); i++) {
            si_watcher_read_network(watcher, tables[t], i, &nit);
            require(nit.stream_count <= SI_STREAMS_MAX && nit.names.count <= SI_LANGUAGES_MAX);
            require_text(nit.name, sizeof(nit.name));
        }
    }
    for (size_t i = 0; i < si_watcher_other_count(watcher, SI_TABLE_SDT_OTHER); i++) {
        si_watcher_read_other_services(watcher, i, &sdt);
        require(sdt.service_count <= SI_SERVICES_MAX);
        for (size_t k = 0; k < sdt.service_count; k++)
            require_text(sdt.services[k].name, sizeof(sdt.services[k].name));
    }
}

static void on_changed(void *context, unsigned changed)
{
    struct look *look = context;
    struct si_carousel carousels[SI_CAROUSELS_MAX];
    require(changed != 0 && look->watcher);
    size_t count = si_watcher_service_count(look->watcher);
    require(count <= SI_SERVICES_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct si_service *service = si_watcher_service(look->watcher, i);
        require(i == 0 || si_watcher_service(look->watcher, i - 1)->service_id < service->service_id);
        look_at_service(service);
        require_text(si_service_name(service, "bod"), SI_NAME_SIZE);
        si_watcher_lcn(look->watcher, service->service_id, NULL);
    }
    if (changed & SI_CHANGED_OTHERS)
        look_at_others(look->watcher);
    require(!si_watcher_guide(look->watcher) || si_guide_bytes(si_watcher_guide(look->watcher)) <= 50000);
    const struct si_nit *network = si_watcher_network(look->watcher);
    require(!network || network->stream_count <= SI_STREAMS_MAX);
    require(si_watcher_carousels(look->watcher, carousels, SI_CAROUSELS_MAX) <= SI_CAROUSELS_MAX);
    if (++look->calls == look->last_call) {
        si_watcher_destroy(look->watcher);
        look->watcher = NULL;
    }
}

struct source {
    const uint8_t *section;
    size_t size;
};

static const uint8_t *next_section(void *context, size_t *size)
{
    struct source *source = context;
    const uint8_t *section = source->section;
    *size = source->size;
    source->section = NULL;
    return section;
}

static void send_section(struct ts_demux *demux, struct ts_sectioner *sectioner, struct bytes body)
{
    uint8_t section[SECTION_MAX + 8];
    if (body.size < 3)
        return;
    memcpy(section, body.data, body.size);
    bool has_crc = section[0] != 0x70, is_short = section[0] == 0x70 || section[0] == 0x73;
    size_t size = body.size + (has_crc ? TS_SECTION_CRC_SIZE : 0);
    section[1] = (uint8_t)((is_short ? 0x70 : 0xB0) | (size - 3) >> 8);
    section[2] = (uint8_t)(size - 3);
    uint32_t crc = ts_crc32(section, body.size);
    for (size_t i = 0; has_crc && i < 4; i++)
        section[body.size + i] = (uint8_t)(crc >> (24 - 8 * i));
    struct source source = {section, size};
    uint8_t packet[TS_PACKET_SIZE];
    while (ts_sectioner_packet(sectioner, packet, next_section, &source))
        ts_demux_push(demux, packet, sizeof(packet));
}

/* Records of a PID's number, a 16-bit size and a section without CRC_32. */
static void send_sections(struct ts_demux *demux, struct reader *reader)
{
    enum { PIDS = 9 };
    static const uint16_t pids[PIDS] = {0x00, 0x10, 0x11, 0x12, 0x14, 0x100, 0x101, 0x202, 0x01};
    struct ts_sectioner sectioners[PIDS];
    for (size_t i = 0; i < PIDS; i++)
        ts_sectioner_init(&sectioners[i], pids[i]);
    while (reader_left(reader) > 3) {
        unsigned pid = (reader_u8(reader) & 15) % PIDS;
        size_t size = reader_u16(reader) % (SECTION_MAX + 1);
        size_t left = reader_left(reader);
        send_section(demux, &sectioners[pid], reader_bytes(reader, size < left ? size : left));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    log_set_level(LOG_LEVEL_ERROR);
    struct reader reader;
    reader_init(&reader, data, size);
    uint8_t mode = reader_u8(&reader);
    struct look look = {.last_call = mode == 'P' ? 0 : mode >> 4};
    struct ts_demux *demux = ts_demux_create();
    require(demux != NULL);
    const struct si_watcher_options options = {.charset = mode & 1 ? SI_CHARSET_ISO6937 : SI_CHARSET_GB18030,
                                               .changed = on_changed,
                                               .context = &look,
                                               .language = mode & 4 ? "bod" : NULL,
                                               .guide_bytes = mode & 8 ? 50000 : 0,
                                               .archive_bytes = 40000};
    look.watcher = si_watcher_create(demux, &options);
    require(look.watcher != NULL);
    if (mode == 'P') {
        struct bytes rest = reader_bytes(&reader, reader_left(&reader));
        ts_demux_push(demux, rest.data, rest.size);
    } else {
        send_sections(demux, &reader);
    }
    if (look.watcher && mode & 2)
        require(si_watcher_reset(look.watcher));
    si_watcher_destroy(look.watcher);
    ts_demux_destroy(demux);
    return 0;
}
