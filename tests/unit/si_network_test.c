/* SPDX-License-Identifier: Apache-2.0 */
/* What a whole network says, built and read back: several languages, channel numbers behind their specifier,
 * conditional access, tables of other streams, bouquets, regions of the clock. */
#include "base/log.h"
#include "si/archive.h"
#include "si/descriptor.h"
#include "si/nit.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/sdt.h"
#include "si/tdt.h"
#include "si_test_stream.h"
#include "ts/section.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    *state = test_stream_create(SI_CHARSET_GB18030);
    return 0;
}

static int tear_down(void **state)
{
    test_stream_destroy(*state);
    return 0;
}

static void send(struct test_stream *stream, uint16_t pid, struct si_sections *sections)
{
    test_stream_add(stream, pid, sections);
    test_stream_push(stream);
    si_sections_clear(sections);
}

static struct si_names two_names(const char *bod, const char *eng)
{
    struct si_names names = {.count = 2, .entries = {{.language = "bod"}, {.language = "eng"}}};
    strcpy(names.entries[0].name, bod);
    strcpy(names.entries[1].name, eng);
    return names;
}

static void fill_sdt(struct si_sdt *sdt, uint16_t transport_stream_id, size_t count)
{
    memset(sdt, 0, sizeof(*sdt));
    sdt->transport_stream_id = transport_stream_id;
    sdt->original_network_id = 0x1234;
    sdt->service_count = count;
    for (size_t i = 0; i < count; i++) {
        struct si_sdt_service *service = &sdt->services[i];
        service->service_id = (uint16_t)(i + 1);
        service->type = SI_SERVICE_TYPE_HD_TV;
        service->running_status = SI_RUNNING_YES;
        service->eit_schedule = true;
        snprintf(service->name, sizeof(service->name), "频道 %zu", i);
        strcpy(service->provider, "青海广电");
        service->details.word_count = 2;
        strcpy(service->details.words[0].language, "bod");
        strcpy(service->details.words[0].name, "མཚོ་སྔོན།");
        strcpy(service->details.words[0].provider, "རླུང་འཕྲིན།");
        strcpy(service->details.words[1].language, "eng");
        snprintf(service->details.words[1].name, SI_TRANSLATION_SIZE, "Channel %zu", i);
        service->details.ca_system_count = 2;
        service->details.ca_systems[0] = 0x4A02;
        service->details.ca_systems[1] = 0x0600;
        service->details.linkage_count = 1;
        service->details.linkages[0] = (struct si_linkage){7, 0x1234, 99, 0x05};
        service->details.has_data_broadcast = i % 2;
        service->details.data_broadcast_id = i % 2 ? 0x0007 : 0;
        service->details.data_broadcast_component_tag = i % 2 ? 11 : 0;
    }
}

/* Hundreds of services of one stream, and of fifty others. */
static void test_services(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections;
    struct si_sdt *sdt = malloc(sizeof(*sdt)), *read = malloc(sizeof(*read));
    si_sections_init(&sections);
    assert_true(sdt && read);
    fill_sdt(sdt, 7, SI_SERVICES_MAX);
    assert_true(si_build_sdt(&sections, sdt, 31));
    assert_true(sections.count > 20);
    for (size_t i = 0; i < sections.count; i++)
        assert_true(si_sections_get(&sections, i).size <= 1024);
    size_t left_out = 0;
    memset(read, 0, sizeof(*read));
    for (size_t i = 0; i < sections.count; i++) {
        struct bytes bytes = si_sections_get(&sections, i);
        assert_true(
            si_sdt_read_section(bytes.data, bytes.size, si_watcher_text(stream->watcher), read, &left_out));
    }
    assert_int_equal(left_out, 0);
    assert_memory_equal(read, sdt, sizeof(*sdt));
    struct bytes first = si_sections_get(&sections, 0);
    assert_true(
        si_sdt_read_section(first.data, first.size, si_watcher_text(stream->watcher), read, &left_out));
    assert_true(left_out > 0 && read->service_count == SI_SERVICES_MAX);
    si_sections_clear(&sections);
    for (uint16_t id = 100; id < 110; id++) {
        fill_sdt(sdt, id, 20);
        assert_true(si_build_sdt_other(&sections, sdt, 0));
        send(stream, SI_PID_SDT, &sections);
    }
    assert_int_equal(stream->changed, SI_CHANGED_OTHERS);
    assert_int_equal(si_watcher_other_count(stream->watcher, SI_TABLE_SDT_OTHER), 10);
    memset(read, 0, sizeof(*read));
    assert_true(si_watcher_read_other_services(stream->watcher, 9, read));
    assert_int_equal(read->transport_stream_id, 109);
    assert_memory_equal(read, sdt, sizeof(*sdt));
    assert_false(si_watcher_read_other_services(stream->watcher, 10, read));
    fill_sdt(sdt, 7, 3);
    assert_true(si_build_sdt(&sections, sdt, 0));
    send(stream, SI_PID_SDT, &sections);
    const struct si_service *service = si_watcher_find_service(stream->watcher, 2);
    assert_non_null(service);
    assert_string_equal(si_service_name(service, "tib"), "མཚོ་སྔོན།");
    assert_string_equal(si_service_provider(service, "bod"), "རླུང་འཕྲིན།");
    assert_string_equal(si_service_name(service, "ENG"), "Channel 1");
    assert_string_equal(si_service_provider(service, "eng"), "青海广电");
    assert_string_equal(si_service_name(service, "fra"), "频道 1");
    assert_string_equal(si_service_name(service, NULL), "频道 1");
    assert_memory_equal(&service->details, &sdt->services[1].details, sizeof(service->details));
    assert_true(service->eit_schedule);
    free(sdt);
    free(read);
    si_sections_finish(&sections);
}

static void fill_nit(struct si_nit *nit, uint32_t specifier, uint8_t tag)
{
    memset(nit, 0, sizeof(*nit));
    nit->network_id = 0x3001;
    strcpy(nit->name, "青海有线");
    nit->names = two_names("མཚོ་སྔོན་སྐུད་ལམ།", "Qinghai Cable");
    nit->linkage_count = 1;
    nit->linkages[0] = (struct si_linkage){1, 0x1234, 5, 0x04};
    nit->stream_count = SI_STREAMS_MAX;
    for (size_t i = 0; i < SI_STREAMS_MAX; i++) {
        struct si_stream *stream = &nit->streams[i];
        stream->transport_stream_id = (uint16_t)(i + 1);
        stream->original_network_id = 0x1234;
        stream->has_cable = true;
        stream->cable =
            (struct si_cable){115000000 + (uint32_t)i * 8000000, 6875000, SI_MODULATION_64QAM, 2, 15};
        stream->service_count = 8;
        stream->lcn_specifier = specifier;
        stream->lcn_tag = specifier ? tag : 0;
        for (size_t k = 0; k < 8; k++)
            stream->services[k] =
                (struct si_stream_service){.service_id = (uint16_t)(8 * i + k),
                                           .type = k == 7 && specifier ? 0 : 1,
                                           .unlisted = k == 7 && specifier,
                                           .hidden = k == 3 && specifier,
                                           .lcn = specifier ? (uint16_t)(8 * i % 1000 + k + 1) : 0};
    }
}

static void test_networks(void **state)
{
    struct test_stream *stream = *state;
    static const struct {
        uint32_t specifier;
        uint8_t tag;
    } kinds[] = {
        {0, 0}, {SI_SPECIFIER_EACEM, 0x83}, {SI_SPECIFIER_NORDIG, 0x83}, {SI_SPECIFIER_NORDIG, 0x87}};
    struct si_sections sections;
    struct si_nit *nit = malloc(sizeof(*nit)), *read = malloc(sizeof(*read));
    si_sections_init(&sections);
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        fill_nit(nit, kinds[i].specifier, kinds[i].tag);
        if (kinds[i].tag == 0x83 && kinds[i].specifier == SI_SPECIFIER_NORDIG)
            nit->streams[0].services[0].lcn = 0x3FFF;
        assert_true(si_build_nit(&sections, nit, i));
        send(stream, SI_PID_NIT, &sections);
        assert_memory_equal(si_watcher_network(stream->watcher), nit, sizeof(*nit));
        assert_true(si_build_nit_other(&sections, nit, i));
        send(stream, SI_PID_NIT, &sections);
        assert_int_equal(si_watcher_other_count(stream->watcher, SI_TABLE_NIT_OTHER), 1);
        assert_true(si_watcher_read_network(stream->watcher, SI_TABLE_NIT_OTHER, 0, read));
        assert_memory_equal(read, nit, sizeof(*nit));
        assert_true(si_build_bat(&sections, nit, i));
        send(stream, SI_PID_SDT, &sections);
        assert_true(si_watcher_read_network(stream->watcher, SI_TABLE_BAT, 0, read));
        assert_memory_equal(read, nit, sizeof(*nit));
    }
    const struct si_nit *network = si_watcher_network(stream->watcher);
    assert_string_equal(si_names_get(&network->names, "tib", network->name), "མཚོ་སྔོན་སྐུད་ལམ།");
    assert_string_equal(si_names_get(&network->names, "chi", network->name), "青海有线");
    free(nit);
    free(read);
    si_sections_finish(&sections);
}

/* A logical_channel_descriptor without, before or behind another's specifier is not one. */
static void test_numbers_need_their_specifier(void **state)
{
    struct test_stream *stream = *state;
    static const struct {
        const char *bytes;
        size_t size;
        uint16_t lcn;
    } loops[] = {
#define LOOP(text, lcn) {text, sizeof(text) - 1, lcn}
        LOOP("\x83\x04\x00\x01\xFC\x05", 0),
        LOOP("\x5F\x04\x00\x00\x00\x28\x83\x04\x00\x01\xFC\x05", 5),
        LOOP("\x83\x04\x00\x01\xFC\x05\x5F\x04\x00\x00\x00\x28", 0),
        LOOP("\x5F\x04\x00\x00\x05\x5F\x83\x04\x00\x01\xFC\x05", 0),
        LOOP("\x5F\x04\x00\x00\x00\x28\x5F\x04\xDE\xAD\xBE\xEF\x83\x04\x00\x01\xFC\x05", 0),
        LOOP("\x5F\x04\x00\x00\x00\x28\x87\x0B\x01\x00"
             "CHN\x04\x00\x01\xFC\x05\x00",
             0),
        LOOP("\x5F\x04\x00\x00\x00\x29\x87\x0A\x01\x00"
             "CHN\x04\x00\x01\xFC\x05",
             5),
        LOOP("\x5F\x04\x00\x00\x00\x29\x87\x05\x01\x00"
             "CHN",
             0),
        LOOP("\x5F\x04\x00\x00\x00\x28\x83\x03\x00\x01\xFC", 0),
        LOOP("\x5F\x02\x00\x28\x83\x04\x00\x01\xFC\x05", 0),
    };
    struct buffer body, section;
    buffer_init(&body, 1000);
    buffer_init(&section, 1024);
    for (unsigned i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
        buffer_clear(&body);
        buffer_clear(&section);
        buffer_u16(&body, 0xF000);
        buffer_u16(&body, 0xF000u | (unsigned)(loops[i].size + 6));
        buffer_u32(&body, 0x00011234);
        buffer_u16(&body, 0xF000u | (unsigned)loops[i].size);
        buffer_append(&body, loops[i].bytes, loops[i].size);
        const struct ts_section_header header = {
            .table_id = 0x40, .version = (uint8_t)i, .current_next = true};
        ts_section_append(&section, &header, body.data, body.size);
        test_stream_add_section(stream, SI_PID_NIT, section.data, section.size);
        test_stream_push(stream);
        const struct si_nit *nit = si_watcher_network(stream->watcher);
        assert_int_equal(nit->stream_count, 1);
        assert_int_equal(nit->streams[0].service_count ? nit->streams[0].services[0].lcn : 0, loops[i].lcn);
        assert_int_equal(si_watcher_lcn(stream->watcher, 1, NULL), loops[i].lcn);
    }
    buffer_finish(&body);
    buffer_finish(&section);
}

static void test_conditional_access(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_cat cat, sent = {2, {{0x4A02, 0x600}, {0x0B00, 0x1FFE}}};
    assert_false(si_watcher_cat(stream->watcher, &cat));
    assert_true(si_build_cat(&sections, &sent, 4));
    send(stream, SI_PID_CAT, &sections);
    assert_int_equal(stream->changed, SI_CHANGED_OTHERS);
    assert_true(si_watcher_cat(stream->watcher, &cat));
    assert_memory_equal(&cat, &sent, sizeof(cat));
    unsigned calls = stream->calls;
    assert_true(si_build_cat(&sections, &sent, 4));
    send(stream, SI_PID_CAT, &sections);
    assert_int_equal(stream->calls, calls);
    si_sections_finish(&sections);
}

static void fill_pmt(struct si_pmt *pmt)
{
    static const struct {
        uint8_t stream_type;
        enum si_codec codec;
        int profile, level;
    } kinds[] = {
        {SI_STREAM_TYPE_H264, SI_CODEC_H264, 100, 40},
        {SI_STREAM_TYPE_HEVC, SI_CODEC_HEVC, 2, 153},
        {SI_STREAM_TYPE_PRIVATE_PES, SI_CODEC_AC3, -1, -1},
        {SI_STREAM_TYPE_PRIVATE_PES, SI_CODEC_EAC3, -1, -1},
        {SI_STREAM_TYPE_PRIVATE_PES, SI_CODEC_AVS, -1, -1},
        {SI_STREAM_TYPE_PRIVATE_PES, SI_CODEC_DRA, -1, -1},
        {SI_STREAM_TYPE_AAC_ADTS, SI_CODEC_AAC, 0x51, -1},
        {SI_STREAM_TYPE_PRIVATE_PES, SI_CODEC_SUBTITLE, -1, -1},
        {SI_STREAM_TYPE_PRIVATE_PES, SI_CODEC_TELETEXT, -1, -1},
        {0x42, SI_CODEC_AVS, -1, -1},
        {0xD4, SI_CODEC_AVS3, -1, -1},
    };
    memset(pmt, 0, sizeof(*pmt));
    pmt->program_number = 1;
    pmt->pcr_pid = 0x200;
    pmt->access_count = 2;
    pmt->accesses[0] = (struct si_access){0x4A02, 0x1000};
    pmt->accesses[1] = (struct si_access){0x0600, 0x1001};
    pmt->deferred_count = 3;
    pmt->deferred[0] = (struct si_deferred){0x0B, 8, 2, 0x1234};
    pmt->deferred[1] = (struct si_deferred){0x0C, 8, 2, 0x1234};
    pmt->deferred[2] = (struct si_deferred){0x07, 7, 1, 0x1234};
    pmt->component_count = sizeof(kinds) / sizeof(kinds[0]);
    for (size_t i = 0; i < pmt->component_count; i++) {
        struct si_component *component = &pmt->components[i];
        si_component_init(component, (uint16_t)(0x200 + i), kinds[i].stream_type);
        component->codec = kinds[i].codec;
        component->profile = kinds[i].profile;
        component->level = kinds[i].level;
        component->component_tag = (int)i + 1;
        component->conditional_access = true;
        if (si_codec_is_audio(component->codec)) {
            strcpy(component->language, "chi");
            strcpy(component->second_language, "bod");
        }
        if (component->codec != SI_CODEC_SUBTITLE && component->codec != SI_CODEC_TELETEXT)
            continue;
        bool teletext = component->codec == SI_CODEC_TELETEXT;
        component->subtitle_count = 2;
        component->subtitles[0] =
            (struct si_subtitle){"chi", teletext ? 2 : 0x10, teletext ? 0x888 : 1, teletext ? 0 : 2};
        component->subtitles[1] =
            (struct si_subtitle){"bod", teletext ? 5 : 0x20, teletext ? 0x199 : 3, teletext ? 0 : 4};
    }
    pmt->components[0].access_count = 1;
    pmt->components[0].accesses[0] = (struct si_access){0x0B00, 0x1002};
}

static void test_components(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections;
    struct si_pmt pmt;
    si_sections_init(&sections);
    const struct si_pat pat = {.nit_pid = SI_PID_NONE, .program_count = 1, .programs = {{1, 0x100}}};
    assert_true(si_build_pat(&sections, &pat, 0));
    send(stream, SI_PID_PAT, &sections);
    fill_pmt(&pmt);
    assert_true(si_build_pmt(&sections, &pmt, 0));
    send(stream, 0x100, &sections);
    const struct si_service *service = si_watcher_find_service(stream->watcher, 1);
    assert_int_equal(service->component_count, pmt.component_count);
    for (size_t i = 0; i < pmt.component_count; i++)
        assert_memory_equal(&service->components[i], &pmt.components[i], sizeof(pmt.components[i]));
    assert_int_equal(service->access_count, 2);
    assert_memory_equal(service->accesses, pmt.accesses, sizeof(pmt.accesses));
    assert_memory_equal(service->deferred, pmt.deferred, sizeof(pmt.deferred));
    /* 0x0B is of another service; 0x07 of this one, whose seventh component has that tag; 0x02 is not
     * deferred. */
    const struct si_deferred *deferred;
    assert_null(si_service_association(service, 0x0B, &deferred));
    assert_true(deferred && deferred->program_number == 2);
    assert_ptr_equal(si_service_association(service, 0x07, &deferred), &service->components[6]);
    assert_ptr_equal(si_service_association(service, 0x102, NULL), &service->components[1]);
    assert_null(si_service_association(service, 0x55, &deferred));
    assert_null(deferred);
    si_sections_finish(&sections);
}

static void test_regions(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections;
    si_sections_init(&sections);
    const struct si_tot tot = {
        .utc_s = 1795000000,
        .region_count = 4,
        .regions = {{"AUS", 1, 36000, 1795000100, 39600},
                    {"AUS", 2, 34200, -1, 34200},
                    {"CHN", 0, 28800, 1794000000, 28800},
                    {"PRT", 3, -3600, 1794000000, -7200}},
    };
    static const struct {
        const char *country;
        unsigned region;
        int offset_s;
    } boxes[] = {{"AUS", 1, 36000}, {"AUS", 2, 34200}, {"AUS", 9, 36000},
                 {NULL, 0, 28800},  {"PRT", 3, -7200}, {"XXX", 0, 36000}};
    assert_true(si_build_tot(&sections, &tot));
    for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
        const struct si_watcher_options options = {.country = boxes[i].country, .region = boxes[i].region};
        struct si_watcher *watcher = si_watcher_create(stream->demux, &options);
        test_stream_add(stream, SI_PID_TDT, &sections);
        test_stream_push(stream);
        const struct si_clock *clock = si_watcher_clock(watcher);
        assert_true(clock && clock->has_offset);
        assert_int_equal(clock->offset_s, boxes[i].offset_s);
        si_watcher_destroy(watcher);
    }
    const struct si_region *region = si_tot_region(&tot, "AUS", 1);
    assert_int_equal(si_region_offset_s(region, 1795000099), 36000);
    assert_int_equal(si_region_offset_s(region, 1795000100), 39600);
    si_sections_finish(&sections);
}

/* A version counts when it is whole; what is not sent any more makes room; broken sections change nothing. */
static void test_archive(void **state)
{
    (void)state;
    struct si_archive *archive = si_archive_create(40000);
    struct buffer section;
    uint8_t body[1000] = {0};
    buffer_init(&section, 4096);
#define PUSH(id, version_, number, last)                                                                     \
    (buffer_clear(&section),                                                                                 \
     ts_section_append(&section,                                                                             \
                       &(struct ts_section_header){.table_id = 0x46,                                         \
                                                   .table_id_extension = (uint16_t)(id),                     \
                                                   .version = version_,                                      \
                                                   .current_next = true,                                     \
                                                   .section_number = number,                                 \
                                                   .last_section_number = last},                             \
                       body, sizeof(body)),                                                                  \
     si_archive_push(archive, section.data, section.size, 0))
    assert_int_equal(PUSH(1, 0, 1, 1), SI_ARCHIVE_NOTHING_NEW);
    assert_int_equal(si_archive_count(archive, 0x46), 0);
    assert_int_equal(PUSH(1, 0, 0, 1), SI_ARCHIVE_CHANGED);
    assert_int_equal(si_archive_section_count(archive, 0x46, 0), 2);
    assert_int_equal(PUSH(1, 0, 0, 1), SI_ARCHIVE_NOTHING_NEW);
    assert_int_equal(PUSH(1, 1, 0, 2), SI_ARCHIVE_NOTHING_NEW);
    assert_int_equal(si_archive_section_count(archive, 0x46, 0), 2);
    assert_int_equal(PUSH(1, 1, 1, 2), SI_ARCHIVE_NOTHING_NEW);
    assert_int_equal(PUSH(1, 1, 2, 2), SI_ARCHIVE_CHANGED);
    assert_int_equal(si_archive_section_count(archive, 0x46, 0), 3);
    assert_int_equal(PUSH(2, 0, 3, 2), SI_ARCHIVE_BAD);
    assert_int_equal(PUSH(2, 0, 0, 200), SI_ARCHIVE_BAD);
    assert_int_equal(si_archive_push(archive, section.data, 5, 0), SI_ARCHIVE_BAD);
    body[0] = 1;
    assert_int_equal(PUSH(1, 1, 0, 2), SI_ARCHIVE_NOTHING_NEW); /* other content, the same version: anew */
    enum si_archive_result result = SI_ARCHIVE_CHANGED;
    for (unsigned id = 10; id < 60; id++) {
        result = PUSH(id, 0, 0, 0);
        assert_true(si_archive_bytes(archive) <= 40000);
    }
    assert_int_equal(result, SI_ARCHIVE_FULL);
    for (unsigned i = 0; i < 6000 && result == SI_ARCHIVE_FULL; i++)
        result = PUSH(100, 0, 0, 0);
    assert_int_equal(result, SI_ARCHIVE_CHANGED);
    si_archive_clear(archive);
    assert_int_equal(si_archive_bytes(archive), 0);
    si_archive_destroy(archive);
    si_archive_destroy(NULL);
    buffer_finish(&section);
}

static void test_languages(void **state)
{
    (void)state;
    assert_true(si_language_matches("chi", "zho") && si_language_matches("BOD", "tib"));
    assert_true(si_language_matches("fre", "fra") && si_language_matches("qad", "QAD"));
    assert_false(si_language_matches("chi", "tib") || si_language_matches("eng", ""));
    char language[SI_LANGUAGE_SIZE];
    si_language_copy(language, (struct bytes){(const uint8_t *)"c\0i", 3});
    assert_string_equal(language, "und");
    si_language_copy(language, (struct bytes){NULL, 0});
    assert_string_equal(language, "und");
}

int main(void)
{
    log_set_level(LOG_LEVEL_ERROR);
#define WITH_STREAM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_STREAM(test_services),
        WITH_STREAM(test_networks),
        WITH_STREAM(test_numbers_need_their_specifier),
        WITH_STREAM(test_conditional_access),
        WITH_STREAM(test_components),
        WITH_STREAM(test_regions),
        cmocka_unit_test(test_archive),
        cmocka_unit_test(test_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
