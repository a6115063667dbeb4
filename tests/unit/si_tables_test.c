/* SPDX-License-Identifier: Apache-2.0 */
/* Each table built, sent through packets and read back; golden vectors from the air; tables that are broken.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/reader.h"
#include "base/text.h"
#include "si/ait.h"
#include "si/component.h"
#include "si/descriptor.h"
#include "si/eit.h"
#include "si/nit.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/sdt.h"
#include "si/tdt.h"
#include "si_test_stream.h"
#include "ts/crc32.h"
#include "ts/section.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PMT_PID 0x100

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

static struct si_sections fresh(void)
{
    struct si_sections sections;
    si_sections_init(&sections);
    return sections;
}

static void send_pat(struct test_stream *stream, uint16_t service_id, unsigned version)
{
    struct si_sections sections = fresh();
    const struct si_pat pat = {.transport_stream_id = 7,
                               .nit_pid = SI_PID_NIT,
                               .program_count = 1,
                               .programs = {{service_id, PMT_PID}}};
    assert_true(si_build_pat(&sections, &pat, version));
    test_stream_add(stream, SI_PID_PAT, &sections);
    test_stream_push(stream);
    si_sections_finish(&sections);
}

static void test_pat(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections = fresh();
    struct si_pat pat = {
        .transport_stream_id = 0xBEEF, .nit_pid = SI_PID_NONE, .program_count = SI_SERVICES_MAX};
    for (size_t i = 0; i < SI_SERVICES_MAX; i++)
        pat.programs[i] = (struct si_pat_program){(uint16_t)(65535 - i), (uint16_t)(0x20 + i)};
    assert_true(si_build_pat(&sections, &pat, 3));
    assert_int_equal(sections.count, 2); /* 253 programs and more do not fit one */
    test_stream_add(stream, SI_PID_PAT, &sections);
    test_stream_push(stream);
    uint16_t id;
    assert_true(si_watcher_stream_id(stream->watcher, &id));
    assert_int_equal(id, 0xBEEF);
    assert_int_equal(si_watcher_service_count(stream->watcher), SI_SERVICES_MAX);
    const struct si_service *first = si_watcher_service(stream->watcher, 0);
    assert_int_equal(first->service_id, 65536 - SI_SERVICES_MAX);
    assert_int_equal(first->pmt_pid, 0x20 + SI_SERVICES_MAX - 1);
    assert_null(si_watcher_service(stream->watcher, SI_SERVICES_MAX));
    assert_int_equal(stream->changed, SI_CHANGED_SERVICES);
    si_sections_finish(&sections);
}

static void fill_pmt(struct si_pmt *pmt)
{
    memset(pmt, 0, sizeof(*pmt));
    pmt->program_number = 1;
    pmt->pcr_pid = 0x200;
    pmt->component_count = 4;
    si_component_init(&pmt->components[0], 0x200, SI_STREAM_TYPE_H264);
    pmt->components[0].component_tag = 1;
    si_component_init(&pmt->components[1], 0x201, SI_STREAM_TYPE_AAC_ADTS);
    strcpy(pmt->components[1].language, "bod");
    pmt->components[1].audio_type = 3;
    si_component_init(&pmt->components[2], 0x202, SI_STREAM_TYPE_PRIVATE_SECTIONS);
    pmt->components[2].signal_count = 2;
    pmt->components[2].signals[0] = (struct si_signal){0x0011, 4};
    pmt->components[2].signals[1] = (struct si_signal){SI_APPLICATION_TYPE_HBBTV, 31};
    si_component_init(&pmt->components[3], 0x203, SI_STREAM_TYPE_DSMCC_UN);
    pmt->components[3].component_tag = 0x0B;
    pmt->components[3].association_tag = 0xABCD;
    pmt->components[3].has_carousel = true;
    pmt->components[3].carousel_id = 0xFEDCBA98;
    pmt->components[3].data_broadcast_id = SI_DATA_BROADCAST_ID_OBJECT_CAROUSEL;
}

static void test_pmt(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections = fresh();
    struct si_pmt pmt;
    fill_pmt(&pmt);
    send_pat(stream, 1, 0);
    assert_true(si_build_pmt(&sections, &pmt, 31));
    test_stream_add(stream, PMT_PID, &sections);
    test_stream_push(stream);
    const struct si_service *service = si_watcher_find_service(stream->watcher, 1);
    assert_true(service->has_pmt);
    assert_int_equal(service->pcr_pid, 0x200);
    assert_int_equal(service->ait_pid, 0x202);
    assert_int_equal(service->component_count, 4);
    static const enum si_codec codecs[] = {SI_CODEC_H264, SI_CODEC_AAC, SI_CODEC_AIT, SI_CODEC_CAROUSEL};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(service->components[i].codec, codecs[i]);
        pmt.components[i].codec = codecs[i];
        assert_memory_equal(&service->components[i], &pmt.components[i], sizeof(pmt.components[i]));
    }
    assert_ptr_equal(si_service_video(service), &service->components[0]);
    assert_ptr_equal(si_service_audio(service, NULL), &service->components[1]);
    assert_ptr_equal(si_service_audio(service, "eng"), &service->components[1]);
    assert_ptr_equal(si_service_component(service, 0x0B), &service->components[3]);
    assert_null(si_service_component(service, -1));
    struct si_carousel carousel;
    assert_int_equal(si_watcher_carousels(stream->watcher, &carousel, 1), 1);
    assert_int_equal(carousel.pid, 0x203);
    assert_int_equal(carousel.association_tag, 0xABCD);
    assert_true(carousel.has_id && carousel.carousel_id == 0xFEDCBA98);
    si_sections_finish(&sections);
}

/* What head-ends and recorders of others write, by stream_type, descriptor and registration. */
static void test_codecs(void **state)
{
    static const struct {
        uint8_t stream_type;
        const char *descriptors;
        size_t size;
        enum si_codec codec;
    } streams[] = {
#define DESCRIPTORS(text) text, sizeof(text) - 1
        {0x02, DESCRIPTORS(""), SI_CODEC_MPEG2_VIDEO},
        {0x24, DESCRIPTORS(""), SI_CODEC_HEVC},
        {0x33, DESCRIPTORS(""), SI_CODEC_VVC},
        {0x42, DESCRIPTORS(""), SI_CODEC_AVS},
        {0xD1, DESCRIPTORS(""), SI_CODEC_DIRAC},
        {0xD4,
         DESCRIPTORS("\x05\x04"
                     "AVSV"),
         SI_CODEC_AVS3},
        {0xEA,
         DESCRIPTORS("\x05\x04"
                     "VC-1"),
         SI_CODEC_VC1},
        {0x06,
         DESCRIPTORS("\x05\x04"
                     "HEVC"),
         SI_CODEC_HEVC},
        {0x06,
         DESCRIPTORS("\x05\x04"
                     "AV01"),
         SI_CODEC_AV1},
        {0x06,
         DESCRIPTORS("\x05\x04"
                     "Opus\x7F\x02\x80\x02"),
         SI_CODEC_OPUS},
        {0x06,
         DESCRIPTORS("\x05\x04"
                     "BSSD"),
         SI_CODEC_PCM},
        {0x06, DESCRIPTORS("\x7F\x02\x15\x00"), SI_CODEC_AC4},
        {0x06, DESCRIPTORS("\x7F\x02\x20\x00"), SI_CODEC_SUBTITLE},
        {0x06, DESCRIPTORS("\x7F"), SI_CODEC_UNKNOWN},
        {0x06, DESCRIPTORS("\x7F\x00"), SI_CODEC_UNKNOWN},
        {0x06, DESCRIPTORS("\x6A\x01\x00"), SI_CODEC_AC3},
        {0x06, DESCRIPTORS("\x7A\x01\x00"), SI_CODEC_EAC3},
        {0x06, DESCRIPTORS("\x56\x00"), SI_CODEC_TELETEXT},
        {0x06, DESCRIPTORS("\x45\x00"), SI_CODEC_DATA},
        {0x06, DESCRIPTORS(""), SI_CODEC_UNKNOWN},
        {0x82, DESCRIPTORS(""), SI_CODEC_UNKNOWN},
        {0x82,
         DESCRIPTORS("\x05\x04"
                     "DTS2"),
         SI_CODEC_DTS},
        {0x86, DESCRIPTORS(""), SI_CODEC_SPLICE},
        {0x15, DESCRIPTORS(""), SI_CODEC_DATA},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        struct si_component component;
        struct reader loop;
        si_component_init(&component, 0x100, streams[i].stream_type);
        reader_init(&loop, (const uint8_t *)streams[i].descriptors, streams[i].size);
        for (struct si_descriptor at = {0}; si_descriptor_next(&loop, &at);)
            si_component_read_descriptor(&component, at.tag, at.body);
        si_component_finish(&component, false);
        if (component.codec != streams[i].codec)
            print_error("stream %zu: %s\n", i, si_codec_str(component.codec));
        assert_int_equal(component.codec, streams[i].codec);
    }
    struct si_component disc;
    si_component_init(&disc, 0x1100, 0x86);
    si_component_finish(&disc, true);
    assert_int_equal(disc.codec, SI_CODEC_DTS);
    for (int codec = 0; codec < SI_CODEC_COUNT; codec++) {
        assert_non_null(si_codec_str(codec));
        assert_false(si_codec_is_video(codec) && si_codec_is_audio(codec));
    }
    assert_true(si_codec_is_video(SI_CODEC_VVC) && si_codec_is_audio(SI_CODEC_OPUS));
    assert_false(si_codec_is_video(SI_CODEC_SPLICE) || si_codec_is_audio(SI_CODEC_SPLICE));
}

static void test_pmt_too_large(void **state)
{
    (void)state;
    struct si_sections sections = fresh();
    struct si_pmt pmt;
    fill_pmt(&pmt);
    pmt.component_count = SI_COMPONENTS_MAX;
    for (size_t i = 4; i < SI_COMPONENTS_MAX; i++)
        pmt.components[i] = pmt.components[3];
    assert_false(si_build_pmt(&sections, &pmt, 0));
    assert_int_equal(sections.count, 0);
    assert_int_equal(sections.bytes.size, 0);
    fill_pmt(&pmt);
    assert_true(si_build_pmt(&sections, &pmt, 0));
    si_sections_finish(&sections);
}

static void fill_sdt(struct si_sdt *sdt, size_t count)
{
    memset(sdt, 0, sizeof(*sdt));
    sdt->transport_stream_id = 7;
    sdt->original_network_id = 0x1234;
    sdt->service_count = count;
    for (size_t i = 0; i < count; i++) {
        struct si_sdt_service *service = &sdt->services[i];
        service->service_id = (uint16_t)(i + 1);
        service->type = SI_SERVICE_TYPE_HD_TV;
        service->running_status = SI_RUNNING_YES;
        service->scrambled = i % 2;
        service->eit_present_following = true;
        snprintf(service->name, sizeof(service->name), "高原频道 %zu མཚོ་སྔོན།", i);
        strcpy(service->provider, "青海广电");
    }
}

static void test_sdt(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections = fresh();
    struct si_sdt *sdt = malloc(sizeof(*sdt));
    assert_non_null(sdt);
    fill_sdt(sdt, 100);
    assert_true(si_build_sdt(&sections, sdt, 5));
    assert_true(sections.count > 4);
    for (size_t i = 0; i < sections.count; i++) {
        struct bytes section = si_sections_get(&sections, i);
        assert_true(section.size <= 1024);
        assert_int_equal(ts_crc32(section.data, section.size), 0);
        assert_int_equal(section.data[6], i);
        assert_int_equal(section.data[7], sections.count - 1);
    }
    test_stream_add(stream, SI_PID_SDT, &sections);
    test_stream_push(stream);
    assert_int_equal(si_watcher_service_count(stream->watcher), 100);
    for (size_t i = 0; i < 100; i++) {
        const struct si_service *service = si_watcher_service(stream->watcher, i);
        const struct si_sdt_service *sent = &sdt->services[i];
        assert_int_equal(service->service_id, sent->service_id);
        assert_int_equal(service->type, sent->type);
        assert_int_equal(service->running_status, sent->running_status);
        assert_int_equal(service->scrambled, sent->scrambled);
        assert_string_equal(service->name, sent->name);
        assert_string_equal(service->provider, sent->provider);
        assert_int_equal(service->pmt_pid, SI_PID_NONE);
    }
    uint16_t id;
    assert_true(si_watcher_original_network_id(stream->watcher, &id) && id == 0x1234);
    free(sdt);
    si_sections_finish(&sections);
}

/* The longest name and provider share a descriptor; both come back cut at a character. */
static void test_sdt_long_names(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections = fresh();
    struct si_sdt *sdt = malloc(sizeof(*sdt));
    assert_non_null(sdt);
    fill_sdt(sdt, 1);
    memset(sdt->services[0].name, 0, SI_NAME_SIZE);
    memset(sdt->services[0].provider, 0, SI_NAME_SIZE);
    for (size_t i = 0; i + 3 < SI_NAME_SIZE; i += 3) {
        memcpy(sdt->services[0].name + i, "中", 3);
        memcpy(sdt->services[0].provider + i, "青", 3);
    }
    assert_true(si_build_sdt(&sections, sdt, 0));
    test_stream_add(stream, SI_PID_SDT, &sections);
    test_stream_push(stream);
    const struct si_service *service = si_watcher_service(stream->watcher, 0);
    assert_string_equal(service->name, sdt->services[0].name);
    size_t size = strlen(service->provider);
    assert_true(size > 50 && size % 3 == 0 &&
                memcmp(service->provider, sdt->services[0].provider, size) == 0);
    free(sdt);
    si_sections_finish(&sections);
}

static void fill_nit(struct si_nit *nit, size_t streams, size_t services)
{
    memset(nit, 0, sizeof(*nit));
    nit->network_id = 9000;
    strcpy(nit->name, "青海有线数字电视网络");
    nit->stream_count = streams;
    for (size_t i = 0; i < streams; i++) {
        struct si_stream_service *list = nit->streams[i].services;
        nit->streams[i].transport_stream_id = (uint16_t)(i + 1);
        nit->streams[i].original_network_id = 9001;
        nit->streams[i].has_cable = true;
        nit->streams[i].cable = (struct si_cable){.frequency_hz = 323000000 + (uint32_t)i * 8000100,
                                                  .symbol_rate = 6875000,
                                                  .modulation = SI_MODULATION_64QAM,
                                                  .fec_outer = SI_FEC_OUTER_RS,
                                                  .fec_inner = SI_FEC_INNER_NONE};
        nit->streams[i].service_count = services;
        for (size_t k = 0; k < services; k++) {
            list[k].service_id = (uint16_t)(100 * i + k);
            list[k].type = SI_SERVICE_TYPE_DIGITAL_TV;
        }
    }
}

static void test_nit(void **state)
{
    static const size_t sizes[][2] = {{0, 0}, {1, 3}, {SI_STREAMS_MAX, 20}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct test_stream *stream = *state;
        struct si_sections sections = fresh();
        struct si_nit *nit = malloc(sizeof(*nit));
        assert_non_null(nit);
        fill_nit(nit, sizes[i][0], sizes[i][1]);
        assert_true(si_build_nit(&sections, nit, (unsigned)i));
        assert_true(sections.count >= 1 && (sizes[i][0] < 60 || sections.count > 4));
        stream->changed = 0;
        test_stream_add(stream, SI_PID_NIT, &sections);
        test_stream_push(stream);
        assert_int_equal(stream->changed, SI_CHANGED_NETWORK);
        const struct si_nit *read = si_watcher_network(stream->watcher);
        assert_non_null(read);
        assert_memory_equal(read, nit, sizeof(*nit));
        free(nit);
        si_sections_finish(&sections);
    }
}

/* EN 300 468, 6.2.13.1, worked by hand: 323.0000 MHz, RS, 64-QAM, 6.8750 Msymbol/s, no inner code. */
static void test_cable_bytes(void **state)
{
    (void)state;
    static const uint8_t expected[] = {0x44, 11,   0x03, 0x23, 0x00, 0x00, 0xFF,
                                       0xF2, 0x03, 0x00, 0x68, 0x75, 0x0F};
    struct si_sections sections = fresh();
    struct si_nit *nit = malloc(sizeof(*nit));
    assert_non_null(nit);
    fill_nit(nit, 1, 0);
    assert_true(si_build_nit(&sections, nit, 0));
    struct bytes section = si_sections_get(&sections, 0);
    assert_memory_equal(section.data + section.size - TS_SECTION_CRC_SIZE - sizeof(expected), expected,
                        sizeof(expected));
    free(nit);
    si_sections_finish(&sections);
}

static void test_times(void **state)
{
    (void)state;
    /* EN 300 468, Annex C and 5.2.5: 1993-10-13 12:45:00 is 0xC079124500. */
    assert_int_equal(si_time_from_mjd(UINT64_C(0xC079124500)), 750516300);
    assert_int_equal(si_time_to_mjd(750516300), UINT64_C(0xC079124500));
    assert_int_equal(si_time_from_mjd(UINT64_C(0xFFFFFFFFFF)), -1);
    assert_int_equal(si_time_from_mjd(UINT64_C(0xC079240000)), -1);
    assert_int_equal(si_time_from_mjd(UINT64_C(0xC0791A0000)), -1);
    assert_int_equal(si_time_from_mjd(UINT64_C(0xC079126000)), -1);
    assert_int_equal(si_time_from_mjd(UINT64_C(0x0001124500)), -1);
    assert_int_equal(si_time_from_mjd(UINT64_C(40587) << 24), 0);
    assert_int_equal(si_time_to_mjd(INT64_C(86400) * (65536 - 40587)), UINT64_C(0xFFFFFFFFFF));
    assert_int_equal(si_time_to_mjd(INT64_C(-3000000000)), UINT64_C(0xFFFFFFFFFF));
    struct si_sections sections = fresh();
    assert_false(si_build_tdt(&sections, INT64_C(99999999999)));
    assert_int_equal(sections.count, 0);
    si_sections_finish(&sections);
}

static void test_tdt_and_tot(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections = fresh();
    assert_true(si_build_tdt(&sections, 1795000000));
    assert_int_equal(si_sections_get(&sections, 0).size, 8);
    test_stream_add(stream, SI_PID_TDT, &sections);
    test_stream_push(stream);
    const struct si_clock *clock = si_watcher_clock(stream->watcher);
    assert_true(clock->utc_s == 1795000000 && !clock->has_offset);
    si_sections_clear(&sections);
    struct si_tot tot = {
        .utc_s = 1795000030, .has_offset = true, .country = "CHN", .offset_s = CLOCK_CHINA_OFFSET_S};
    assert_true(si_build_tot(&sections, &tot));
    struct bytes section = si_sections_get(&sections, 0);
    assert_int_equal(ts_crc32(section.data, section.size), 0);
    test_stream_add(stream, SI_PID_TDT, &sections);
    test_stream_push(stream);
    assert_true(clock->utc_s == 1795000030 && clock->has_offset && clock->offset_s == CLOCK_CHINA_OFFSET_S);
    si_sections_clear(&sections);
    tot = (struct si_tot){
        .utc_s = 1795000060, .has_offset = true, .country = "CAN", .offset_s = -(3 * 3600 + 1800)};
    assert_true(si_build_tot(&sections, &tot));
    test_stream_add(stream, SI_PID_TDT, &sections);
    test_stream_push(stream);
    assert_int_equal(clock->offset_s, -(3 * 3600 + 1800));
    assert_int_equal(stream->changed, SI_CHANGED_CLOCK);
    assert_int_equal(stream->calls, 3);
    si_sections_finish(&sections);
}

static void fill_eit(struct si_eit *eit)
{
    memset(eit, 0, sizeof(*eit));
    eit->service_id = 1;
    eit->transport_stream_id = 7;
    eit->original_network_id = 0x1234;
    eit->present = (struct si_event){.exists = true,
                                     .event_id = 0x8001,
                                     .start_utc_s = 1795000200,
                                     .duration_s = 5400,
                                     .running_status = SI_RUNNING_YES,
                                     .language = "chi",
                                     .name = "高原新闻",
                                     .text = "今日要闻\n明日天气"};
    eit->following = (struct si_event){.exists = true,
                                       .event_id = 0x8002,
                                       .start_utc_s = -1,
                                       .duration_s = -1,
                                       .running_status = SI_RUNNING_NOT,
                                       .scrambled = true,
                                       .language = "bod",
                                       .name = "བོད་སྐད།"};
}

static void test_eit(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections = fresh();
    struct si_eit eit, sent;
    fill_eit(&eit);
    fill_eit(&sent);
    send_pat(stream, 1, 0);
    stream->changed = 0;
    assert_true(si_build_eit(&sections, &eit, 9));
    assert_int_equal(sections.count, 2);
    test_stream_add(stream, SI_PID_EIT, &sections);
    test_stream_push(stream);
    assert_int_equal(stream->changed, SI_CHANGED_EVENTS);
    const struct si_service *service = si_watcher_find_service(stream->watcher, 1);
    const struct si_event *read[2] = {&service->present, &service->following},
                          *of[2] = {&sent.present, &sent.following};
    for (size_t i = 0; i < 2; i++) {
        assert_true(read[i]->exists);
        assert_int_equal(read[i]->event_id, of[i]->event_id);
        assert_int_equal(read[i]->start_utc_s, of[i]->start_utc_s);
        assert_int_equal(read[i]->duration_s, of[i]->duration_s);
        assert_int_equal(read[i]->running_status, of[i]->running_status);
        assert_int_equal(read[i]->scrambled, of[i]->scrambled);
        assert_string_equal(read[i]->language, of[i]->language);
        assert_string_equal(read[i]->name, of[i]->name);
        assert_string_equal(read[i]->text, of[i]->text);
    }
    /* Nothing on now: the event ends. */
    eit.present.exists = false;
    si_sections_clear(&sections);
    assert_true(si_build_eit(&sections, &eit, 10));
    test_stream_add(stream, SI_PID_EIT, &sections);
    test_stream_push(stream);
    assert_false(service->present.exists);
    assert_string_equal(service->present.name, "");
    si_sections_finish(&sections);
}

static void test_eit_long_text(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections = fresh();
    struct si_eit eit;
    fill_eit(&eit);
    memset(eit.present.text, 0, SI_TEXT_SIZE);
    for (size_t i = 0; i + 3 < SI_TEXT_SIZE; i += 3)
        memcpy(eit.present.text + i, "长", 3);
    send_pat(stream, 1, 0);
    assert_true(si_build_eit(&sections, &eit, 0));
    test_stream_add(stream, SI_PID_EIT, &sections);
    test_stream_push(stream);
    const struct si_event *event = &si_watcher_find_service(stream->watcher, 1)->present;
    assert_string_equal(event->name, eit.present.name);
    size_t size = strlen(event->text);
    assert_true(size > 220 && size % 3 == 0 && strncmp(event->text, eit.present.text, size) == 0);
    si_sections_finish(&sections);
}

static size_t unhex(const char *hex, uint8_t *bytes)
{
    size_t size = strlen(hex) / 2;
    assert_true(text_unhex(hex, bytes, size));
    assert_int_equal(ts_crc32(bytes, size), 0);
    return size;
}

static const char m6_pmt[] =
    "02b09b0401c30000e078f0001be078f00352010106e082f00d5201020a04667261007a0280c206e083f0145201030a0471616400"
    "7f0506876672"
    "617a0280d206e084f00d5201040a04716161007a0280c206e08cf00d5201055908667261240001000106e08df00d520106590866"
    "726114000100"
    "0105e0aaf0056f030010e00be0abf00e5201471305000000ab00660201230ce0acf003520109988e37a0";
static const char m6_ait[] =
    "74f0dd0010c90000f000f0d00000006a006501f06702310003002c68747470733a2f2f68626274762d6c61756e636865722d2d6d"
    "36706c75732e"
    "36636c6f75642e66722f6d362f0002050001017f47000a050000010101ff05000101136672610f4d362070616765206163637565"
    "696c150a696e"
    "6465782e68746d6c0000006a006602f05702250003022068747470733a2f2f68626274762d2d6d36706c75732e36636c6f75642e"
    "66722f000009"
    "050000010101ff0502010d667261094d362d4d36706c75731514636f72652f6d61696e2f736572766963652f6d36e3a60f20";

static void test_golden_pmt(void **state)
{
    struct test_stream *stream = *state;
    uint8_t bytes[1024];
    size_t size = unhex(m6_pmt, bytes);
    send_pat(stream, 0x0401, 0);
    test_stream_add_section(stream, PMT_PID, bytes, size);
    test_stream_push(stream);
    const struct si_service *service = si_watcher_find_service(stream->watcher, 0x0401);
    assert_int_equal(service->component_count, 9);
    assert_int_equal(service->pcr_pid, 0x78);
    assert_int_equal(service->ait_pid, 0xAA);
    assert_int_equal(service->components[0].codec, SI_CODEC_H264);
    assert_int_equal(service->components[1].codec, SI_CODEC_EAC3);
    assert_string_equal(service->components[2].language, "qad");
    assert_int_equal(service->components[4].codec, SI_CODEC_SUBTITLE);
    assert_int_equal(service->components[6].signals[0].application_type, SI_APPLICATION_TYPE_HBBTV);
    struct si_carousel carousel;
    assert_int_equal(si_service_carousels(service, &carousel, 1), 1);
    assert_true(carousel.pid == 0xAB && carousel.carousel_id == 0xAB && carousel.association_tag == 0x47);
    assert_int_equal(carousel.data_broadcast_id, SI_DATA_BROADCAST_ID_HBBTV);
    /* The last three components have descriptors of ours only: built again, they are the same bytes. */
    struct si_pmt pmt = {.program_number = 0x0401, .pcr_pid = 0x78, .component_count = 3};
    memcpy(pmt.components, &service->components[6], 3 * sizeof(pmt.components[0]));
    struct si_sections sections = fresh();
    assert_true(si_build_pmt(&sections, &pmt, 1));
    struct bytes built = si_sections_get(&sections, 0);
    size_t tail = built.size - 12 - TS_SECTION_CRC_SIZE;
    assert_memory_equal(built.data + 12, bytes + size - TS_SECTION_CRC_SIZE - tail, tail);
    si_sections_finish(&sections);
}

static void test_golden_ait(void **state)
{
    (void)state;
    uint8_t bytes[1024];
    size_t size = unhex(m6_ait, bytes);
    struct si_ait ait = {0};
    assert_true(si_ait_read(bytes, size, NULL, &ait));
    assert_int_equal(ait.application_type, SI_APPLICATION_TYPE_HBBTV);
    assert_int_equal(ait.application_count, 2);
    const struct si_application *first = &ait.applications[0], *second = &ait.applications[1];
    assert_true(first->organisation_id == 0x6A && first->application_id == 101 &&
                second->application_id == 102);
    assert_int_equal(first->control_code, SI_CONTROL_AUTOSTART);
    assert_int_equal(second->control_code, SI_CONTROL_PRESENT);
    assert_string_equal(first->name, "M6 page accueil");
    assert_string_equal(first->language, "fra");
    assert_string_equal(first->path, "index.html");
    assert_int_equal(first->transport_count, 2);
    assert_int_equal(first->transports[0].protocol, SI_PROTOCOL_HTTP);
    assert_string_equal(first->transports[0].url, "https://hbbtv-launcher--m6plus.6cloud.fr/m6/");
    assert_int_equal(first->transports[1].component_tag, 0x47);
    assert_true(first->service_bound && first->visibility == 3 && first->priority == 5 &&
                first->version_major == 1);
    struct si_sections sections = fresh();
    assert_true(si_build_ait(&sections, &ait, 4));
    struct bytes built = si_sections_get(&sections, 0);
    assert_int_equal(built.size, size);
    assert_memory_equal(built.data, bytes, size);
    si_sections_finish(&sections);
}

static void test_ait_names(void **state)
{
    (void)state;
    struct si_text *text = si_text_create(SI_CHARSET_GB18030);
    struct si_ait sent = {.application_type = 0x7FFF, .test = true, .application_count = 1}, read = {0};
    strcpy(sent.applications[0].name, "\xD3\xA6\xD3\xC3"); /* 应用 in GB 2312, as head-ends send it */
    strcpy(sent.applications[0].path, "a\x01");
    struct si_sections sections = fresh();
    assert_true(si_build_ait(&sections, &sent, 0));
    struct bytes section = si_sections_get(&sections, 0);
    assert_true(si_ait_read(section.data, section.size, text, &read));
    assert_string_equal(read.applications[0].name, "应用");
    assert_string_equal(read.applications[0].language, "chi");
    assert_string_equal(read.applications[0].path, "");
    assert_true(read.test && read.application_type == 0x7FFF);
    si_text_destroy(text);
    si_sections_finish(&sections);
}

/* Sections that lie about their insides, with a right CRC_32: every length at every value. None may harm
 * libdvbpsi or get a reader to look beyond the section; the sanitizers see it if one does. */
static void lie(struct test_stream *stream, uint16_t pid, struct bytes section)
{
    uint8_t bytes[1024];
    for (size_t at = 3; at < section.size - TS_SECTION_CRC_SIZE; at++) {
        static const uint8_t values[] = {0x00, 0x01, 0x7F, 0xF0, 0xFF};
        for (size_t i = 0; i < sizeof(values); i++) {
            memcpy(bytes, section.data, section.size);
            bytes[at] = values[i];
            uint32_t crc = ts_crc32(bytes, section.size - TS_SECTION_CRC_SIZE);
            for (size_t k = 0; k < 4; k++)
                bytes[section.size - 4 + k] = (uint8_t)(crc >> (24 - 8 * k));
            test_stream_add_section(stream, pid, bytes, section.size);
        }
        test_stream_push(stream);
    }
}

static void test_lies(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections = fresh();
    struct si_pmt pmt;
    struct si_eit eit;
    struct si_nit *nit = malloc(sizeof(*nit));
    struct si_sdt *sdt = malloc(sizeof(*sdt));
    assert_true(nit && sdt);
    fill_pmt(&pmt);
    fill_eit(&eit);
    fill_nit(nit, 2, 2);
    fill_sdt(sdt, 2);
    const struct si_tot tot = {.utc_s = 1795000030, .has_offset = true, .country = "CHN", .offset_s = 28800};
    uint8_t ait[1024];
    size_t ait_size = unhex(m6_ait, ait);
    assert_true(si_build_pmt(&sections, &pmt, 0) && si_build_nit(&sections, nit, 0) &&
                si_build_sdt(&sections, sdt, 0) && si_build_eit(&sections, &eit, 0) &&
                si_build_tot(&sections, &tot) && si_build_tdt(&sections, 1795000030));
    static const uint16_t pids[] = {PMT_PID,    SI_PID_NIT, SI_PID_SDT, SI_PID_EIT,
                                    SI_PID_EIT, SI_PID_TDT, SI_PID_TDT};
    assert_int_equal(sections.count, sizeof(pids) / sizeof(pids[0]));
    log_set_level(LOG_LEVEL_ERROR);
    send_pat(stream, 1, 0);
    for (size_t i = 0; i < sections.count; i++)
        lie(stream, pids[i], si_sections_get(&sections, i));
    /* The PMT as it is again, so that its AIT is followed. */
    test_stream_add(stream, PMT_PID, &sections);
    test_stream_push(stream);
    lie(stream, 0x202, (struct bytes){ait, ait_size});
    struct si_watcher_counts counts;
    si_watcher_counts(stream->watcher, &counts);
    assert_true(counts.bad_sections > 100);
    free(nit);
    free(sdt);
    si_sections_finish(&sections);
}

struct bad {
    const char *what;
    uint16_t pid;
    const char *hex; /* without CRC_32 */
    bool crc;        /* append a right one */
};

static const struct bad bads[] = {
    {"PAT of five bytes", SI_PID_PAT, "00b00e0001c1000000010101ff", true},
    {"PAT with section 1 of 0", SI_PID_PAT, "00b00d0001c1010000010101", true},
    {"PMT of 256 sections", PMT_PID, "02b00d0001c100ff0000f000", true},
    {"PAT shorter than its header", SI_PID_PAT, "00b0060001", true},
    {"PMT whose program info overruns", PMT_PID, "02b0120001c10000e100f7ff1be101f000", true},
    {"PMT whose descriptor overruns its loop", PMT_PID, "02b0150001c10000e100f0000be101f0035208ff", true},
    {"SDT whose service overruns", SI_PID_SDT, "42f0130007c1000012 34ff0001fd8fff4801", true},
    {"NIT whose descriptors overrun", SI_PID_NIT, "40f0100007c10000f0ff4000f000ff", true},
    {"NIT whose streams overrun", SI_PID_NIT, "40f00d0007c10000f000ffff", true},
    {"EIT that ends within its head", SI_PID_EIT, "4ef00c0001c100000007 1234", true},
    {"EIT whose event overruns", SI_PID_EIT, "4ef01b0001c1000000071234014e8001c079124500010000 8fff", true},
    {"EIT with section number 2", SI_PID_EIT, "4ef00f0001c1020200071234014e", true},
    {"TDT of three bytes", SI_PID_TDT, "707003c07912", false},
    {"TDT of six bytes", SI_PID_TDT, "707006c07912450000", false},
    {"TDT with hour 45", SI_PID_TDT, "707005c079450000", false},
    {"TOT whose loop overruns", SI_PID_TDT, "73700fc079124500f0ff5800ffff", true},
    {"TOT without a loop", SI_PID_TDT, "737009c079124500", true},
};

static size_t assemble(const struct bad *bad, uint8_t *bytes)
{
    char hex[128];
    size_t digits = 0;
    for (const char *at = bad->hex; *at; at++)
        if (*at != ' ')
            hex[digits++] = *at;
    hex[digits] = '\0';
    size_t size = digits / 2;
    assert_true(text_unhex(hex, bytes, size));
    size_t total = size + (bad->crc ? TS_SECTION_CRC_SIZE : 0);
    bytes[1] = (uint8_t)((bytes[1] & 0xF0) | (total - 3) >> 8);
    bytes[2] = (uint8_t)(total - 3);
    uint32_t crc = ts_crc32(bytes, size);
    for (size_t k = 0; bad->crc && k < 4; k++)
        bytes[size + k] = (uint8_t)(crc >> (24 - 8 * k));
    return total;
}

/* Each is passed over and counted, by the demultiplexer or by the watcher, and changes nothing. */
static void test_bad_sections(void **state)
{
    struct test_stream *stream = *state;
    log_set_level(LOG_LEVEL_ERROR);
    send_pat(stream, 1, 0);
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        uint8_t bytes[128];
        struct si_watcher_counts before, after;
        struct ts_demux_counts ts_before, ts_after;
        si_watcher_counts(stream->watcher, &before);
        ts_demux_counts(stream->demux, &ts_before);
        unsigned calls = stream->calls;
        test_stream_add_section(stream, bads[i].pid, bytes, assemble(&bads[i], bytes));
        test_stream_push(stream);
        si_watcher_counts(stream->watcher, &after);
        ts_demux_counts(stream->demux, &ts_after);
        bool counted = after.bad_sections == before.bad_sections + 1 ||
                       ts_after.bad_sections == ts_before.bad_sections + 1;
        if (!counted || stream->calls != calls)
            print_error("%s\n", bads[i].what);
        assert_true(counted);
        assert_int_equal(stream->calls, calls);
    }
}

int main(void)
{
#define WITH_STREAM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_STREAM(test_pat),
        WITH_STREAM(test_pmt),
        cmocka_unit_test(test_codecs),
        cmocka_unit_test(test_pmt_too_large),
        WITH_STREAM(test_sdt),
        WITH_STREAM(test_sdt_long_names),
        WITH_STREAM(test_nit),
        cmocka_unit_test(test_cable_bytes),
        cmocka_unit_test(test_times),
        WITH_STREAM(test_tdt_and_tot),
        WITH_STREAM(test_eit),
        WITH_STREAM(test_eit_long_text),
        WITH_STREAM(test_golden_pmt),
        cmocka_unit_test(test_golden_ait),
        cmocka_unit_test(test_ait_names),
        WITH_STREAM(test_lies),
        WITH_STREAM(test_bad_sections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
