/* SPDX-License-Identifier: Apache-2.0 */
/* The watcher over streams that change, lose packets, repeat themselves and exceed its limits. */
#include "base/log.h"
#include "si/eit.h"
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

/* PAT, PMTs and SDT of services first .. first + count - 1 on PIDs 0x100 and up, each with video on 0x1000 +
 * service_id. */
static void send_services(struct test_stream *stream, uint16_t first, size_t count, unsigned version,
                          const char *name)
{
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_pat pat = {.transport_stream_id = 1, .nit_pid = SI_PID_NIT, .program_count = count};
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    assert_non_null(sdt);
    sdt->transport_stream_id = 1;
    sdt->service_count = count;
    for (size_t i = 0; i < count; i++) {
        uint16_t id = (uint16_t)(first + i);
        pat.programs[i] = (struct si_pat_program){id, (uint16_t)(0x100 + id)};
        sdt->services[i].service_id = id;
        snprintf(sdt->services[i].name, SI_NAME_SIZE, "%s", name);
    }
    assert_true(si_build_pat(&sections, &pat, version));
    test_stream_add(stream, SI_PID_PAT, &sections);
    test_stream_push(stream);
    for (size_t i = 0; i < count; i++) {
        struct si_pmt pmt = {
            .program_number = (uint16_t)(first + i), .pcr_pid = SI_PID_NONE, .component_count = 1};
        si_component_init(&pmt.components[0], (uint16_t)(0x1000 + first + i), SI_STREAM_TYPE_H264);
        si_sections_clear(&sections);
        assert_true(si_build_pmt(&sections, &pmt, version));
        test_stream_add(stream, (uint16_t)(0x100 + first + i), &sections);
    }
    si_sections_clear(&sections);
    assert_true(si_build_sdt(&sections, sdt, version));
    test_stream_add(stream, SI_PID_SDT, &sections);
    test_stream_push(stream);
    free(sdt);
    si_sections_finish(&sections);
}

static void test_follows_versions(void **state)
{
    struct test_stream *stream = *state;
    send_services(stream, 1, 3, 0, "甲");
    assert_true(si_watcher_is_complete(stream->watcher));
    assert_int_equal(si_watcher_service_count(stream->watcher), 3);
    assert_string_equal(si_watcher_find_service(stream->watcher, 2)->name, "甲");
    send_services(stream, 3, 2, 1, "乙");
    assert_int_equal(si_watcher_service_count(stream->watcher), 2);
    assert_null(si_watcher_find_service(stream->watcher, 2));
    assert_string_equal(si_watcher_find_service(stream->watcher, 3)->name, "乙");
    assert_int_equal(si_watcher_find_service(stream->watcher, 4)->components[0].pid, 0x1004);
    assert_true(si_watcher_is_complete(stream->watcher));
    assert_int_equal(stream->changed, SI_CHANGED_SERVICES);
}

static void test_repetitions_change_nothing(void **state)
{
    struct test_stream *stream = *state;
    send_services(stream, 1, 3, 7, "甲");
    unsigned calls = stream->calls;
    assert_true(calls > 0);
    for (unsigned i = 0; i < 3; i++)
        send_services(stream, 1, 3, 7, "甲");
    /* A new version that says the same is no change either. */
    send_services(stream, 1, 3, 8, "甲");
    assert_int_equal(stream->calls, calls);
    /* Nor is a loss: every counter jumps. */
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++)
        stream->counters[pid] = (uint8_t)((stream->counters[pid] + 5) & 15);
    send_services(stream, 1, 3, 8, "甲");
    assert_int_equal(stream->calls, calls);
}

/* A head-end that starts again with version 0 and other content. */
static void test_change_without_a_version(void **state)
{
    struct test_stream *stream = *state;
    send_services(stream, 1, 1, 0, "甲");
    send_services(stream, 1, 2, 0, "乙");
    assert_int_equal(si_watcher_service_count(stream->watcher), 2);
    assert_string_equal(si_watcher_find_service(stream->watcher, 1)->name, "乙");
    assert_true(si_watcher_find_service(stream->watcher, 2)->has_pmt);
}

static void test_lost_packets(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    assert_non_null(sdt);
    sdt->service_count = 60;
    for (size_t i = 0; i < sdt->service_count; i++) {
        sdt->services[i].service_id = (uint16_t)(i + 1);
        strcpy(sdt->services[i].name, "一个比较长的频道名称");
    }
    assert_true(si_build_sdt(&sections, sdt, 0));
    assert_true(sections.count > 2);
    /* Each time round another packet of every four is lost; in the end all sections came. */
    for (size_t round = 0; round < 4; round++) {
        test_stream_add(stream, SI_PID_SDT, &sections);
        for (size_t at = 0; at < stream->packets.size; at += TS_PACKET_SIZE)
            if (at / TS_PACKET_SIZE / 2 % 4 != round)
                ts_demux_push(stream->demux, stream->packets.data + at, TS_PACKET_SIZE);
        buffer_clear(&stream->packets);
    }
    test_stream_add(stream, SI_PID_SDT, &sections);
    test_stream_push(stream);
    assert_int_equal(si_watcher_service_count(stream->watcher), 60);
    free(sdt);
    si_sections_finish(&sections);
}

static void test_sections_in_any_order(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_nit *nit = calloc(1, sizeof(*nit));
    assert_non_null(nit);
    nit->network_id = 5;
    nit->stream_count = SI_STREAMS_MAX;
    for (size_t i = 0; i < SI_STREAMS_MAX; i++) {
        nit->streams[i].transport_stream_id = (uint16_t)i;
        nit->streams[i].service_count = 30;
        for (size_t k = 0; k < 30; k++)
            nit->streams[i].services[k].service_id = (uint16_t)(100 * i + k);
    }
    assert_true(si_build_nit(&sections, nit, 0));
    for (size_t i = sections.count; i-- > 0;) {
        struct bytes section = si_sections_get(&sections, i);
        assert_null(si_watcher_network(stream->watcher));
        test_stream_add_section(stream, SI_PID_NIT, section.data, section.size);
        test_stream_push(stream);
    }
    assert_memory_equal(si_watcher_network(stream->watcher), nit, sizeof(*nit));
    free(nit);
    si_sections_finish(&sections);
}

static void test_tables_before_the_pat(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    assert_non_null(sdt);
    sdt->service_count = 1;
    sdt->services[0].service_id = 9;
    strcpy(sdt->services[0].name, "先到");
    assert_true(si_build_sdt(&sections, sdt, 0));
    test_stream_add(stream, SI_PID_SDT, &sections);
    test_stream_push(stream);
    assert_int_equal(si_watcher_find_service(stream->watcher, 9)->pmt_pid, SI_PID_NONE);
    assert_false(si_watcher_is_complete(stream->watcher));
    si_sections_clear(&sections);
    const struct si_pat pat = {.nit_pid = 0x30, .program_count = 1, .programs = {{9, 0x200}}};
    assert_true(si_build_pat(&sections, &pat, 0));
    test_stream_add(stream, SI_PID_PAT, &sections);
    test_stream_push(stream);
    assert_string_equal(si_watcher_find_service(stream->watcher, 9)->name, "先到");
    assert_int_equal(si_watcher_find_service(stream->watcher, 9)->pmt_pid, 0x200);
    /* The PAT named another PID for the NIT. */
    si_sections_clear(&sections);
    struct si_nit *nit = calloc(1, sizeof(*nit));
    assert_non_null(nit);
    nit->network_id = 77;
    assert_true(si_build_nit(&sections, nit, 0));
    test_stream_add(stream, SI_PID_NIT, &sections);
    test_stream_push(stream);
    assert_null(si_watcher_network(stream->watcher));
    test_stream_add(stream, 0x30, &sections);
    test_stream_push(stream);
    assert_int_equal(si_watcher_network(stream->watcher)->network_id, 77);
    free(nit);
    free(sdt);
    si_sections_finish(&sections);
}

/* A carousel PID that two services share comes once for the stream; stream_type 0x0B without descriptors
 * counts. */
static void test_carousels(void **state)
{
    struct test_stream *stream = *state;
    struct si_sections sections;
    si_sections_init(&sections);
    send_services(stream, 1, 2, 0, "甲");
    for (uint16_t id = 1; id <= 2; id++) {
        struct si_pmt pmt = {.program_number = id, .pcr_pid = SI_PID_NONE, .component_count = 2};
        si_component_init(&pmt.components[0], 0x400, SI_STREAM_TYPE_DSMCC_UN);
        pmt.components[0].component_tag = 3;
        si_component_init(&pmt.components[1], (uint16_t)(0x500 + id), SI_STREAM_TYPE_DSMCC_UN);
        si_sections_clear(&sections);
        assert_true(si_build_pmt(&sections, &pmt, 1));
        test_stream_add(stream, (uint16_t)(0x100 + id), &sections);
    }
    test_stream_push(stream);
    struct si_carousel carousels[SI_CAROUSELS_MAX];
    assert_int_equal(si_watcher_carousels(stream->watcher, carousels, SI_CAROUSELS_MAX), 3);
    assert_int_equal(carousels[0].pid, 0x400);
    assert_int_equal(carousels[0].association_tag, 3);
    assert_false(carousels[0].has_id);
    assert_int_equal(carousels[1].pid, 0x501);
    assert_int_equal(carousels[1].association_tag, -1);
    assert_int_equal(carousels[2].pid, 0x502);
    assert_int_equal(si_watcher_carousels(stream->watcher, carousels, 2), 2);
    si_sections_finish(&sections);
}

static void send_ait_service(struct test_stream *stream, uint16_t ait_pid, unsigned version)
{
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_pmt pmt = {.program_number = 1, .pcr_pid = SI_PID_NONE, .component_count = ait_pid ? 1 : 0};
    si_component_init(&pmt.components[0], ait_pid, SI_STREAM_TYPE_PRIVATE_SECTIONS);
    pmt.components[0].signal_count = 1;
    pmt.components[0].signals[0].application_type = SI_APPLICATION_TYPE_HBBTV;
    assert_true(si_build_pmt(&sections, &pmt, version));
    test_stream_add(stream, 0x101, &sections);
    test_stream_push(stream);
    si_sections_finish(&sections);
}

/* Appends an AIT section as number of last, which the builder does not make. */
static void add_ait_section(struct test_stream *stream, uint16_t type, uint8_t number, uint8_t last,
                            unsigned version, uint16_t application_id)
{
    struct si_sections sections;
    struct si_ait *ait = calloc(1, sizeof(*ait));
    uint8_t bytes[1024];
    assert_non_null(ait);
    si_sections_init(&sections);
    ait->application_type = type;
    ait->application_count = 1;
    ait->applications[0].application_id = application_id;
    assert_true(si_build_ait(&sections, ait, version));
    struct bytes section = si_sections_get(&sections, 0);
    memcpy(bytes, section.data, section.size);
    bytes[6] = number;
    bytes[7] = last;
    uint32_t crc = ts_crc32(bytes, section.size - TS_SECTION_CRC_SIZE);
    for (size_t i = 0; i < 4; i++)
        bytes[section.size - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
    test_stream_add_section(stream, 0x700, bytes, section.size);
    test_stream_push(stream);
    free(ait);
    si_sections_finish(&sections);
}

static void test_ait(void **state)
{
    struct test_stream *stream = *state;
    send_services(stream, 1, 1, 0, "甲");
    const struct si_service *service = si_watcher_find_service(stream->watcher, 1);
    send_ait_service(stream, 0x700, 1);
    assert_int_equal(service->ait_pid, 0x700);
    assert_null(service->ait);
    stream->changed = 0;
    add_ait_section(stream, 0x0002, 0, 0, 0, 99); /* another type on the same PID */
    add_ait_section(stream, SI_APPLICATION_TYPE_HBBTV, 1, 1, 0, 11);
    add_ait_section(stream, SI_APPLICATION_TYPE_HBBTV, 1, 1, 0, 11);
    assert_null(service->ait);
    assert_int_equal(stream->changed, 0);
    add_ait_section(stream, SI_APPLICATION_TYPE_HBBTV, 0, 1, 0, 10);
    assert_int_equal(stream->changed, SI_CHANGED_APPLICATIONS);
    assert_int_equal(service->ait->application_count, 2);
    unsigned calls = stream->calls;
    add_ait_section(stream, SI_APPLICATION_TYPE_HBBTV, 0, 1, 0, 10);
    add_ait_section(stream, SI_APPLICATION_TYPE_HBBTV, 1, 1, 0, 11);
    assert_int_equal(stream->calls, calls);
    add_ait_section(stream, SI_APPLICATION_TYPE_HBBTV, 0, 0, 1, 12);
    assert_int_equal(service->ait->application_count, 1);
    assert_int_equal(service->ait->applications[0].application_id, 12);
    /* Other content under the same version. */
    add_ait_section(stream, SI_APPLICATION_TYPE_HBBTV, 0, 0, 1, 13);
    assert_int_equal(service->ait->applications[0].application_id, 13);
    stream->changed = 0;
    send_ait_service(stream, 0, 2);
    assert_null(service->ait);
    assert_int_equal(service->ait_pid, SI_PID_NONE);
    assert_int_equal(stream->changed, SI_CHANGED_SERVICES | SI_CHANGED_APPLICATIONS);
}

static void send_tdt(struct test_stream *stream, int64_t utc_s)
{
    struct si_sections sections;
    si_sections_init(&sections);
    assert_true(si_build_tdt(&sections, utc_s));
    test_stream_add(stream, SI_PID_TDT, &sections);
    test_stream_push(stream);
    si_sections_finish(&sections);
}

/* A TDT has no CRC_32: a wild one does not move the clock, two that agree do. */
static void test_wild_clock(void **state)
{
    struct test_stream *stream = *state;
    send_tdt(stream, 1795000000);
    send_tdt(stream, 1795000030);
    assert_int_equal(si_watcher_clock(stream->watcher)->utc_s, 1795000030);
    send_tdt(stream, 1895000000);
    assert_int_equal(si_watcher_clock(stream->watcher)->utc_s, 1795000030);
    send_tdt(stream, 1795000060);
    assert_int_equal(si_watcher_clock(stream->watcher)->utc_s, 1795000060);
    send_tdt(stream, 1700000000);
    send_tdt(stream, 1700000030);
    assert_int_equal(si_watcher_clock(stream->watcher)->utc_s, 1700000030);
}

/* count programs from 1 in sections of each, the last first. */
static void send_split_pat(struct test_stream *stream, unsigned count, unsigned each, unsigned version)
{
    struct buffer section;
    buffer_init(&section, 2048);
    unsigned last = (count + each - 1) / each - 1;
    for (unsigned number = last + 1; number-- > 0;) {
        uint8_t body[1012];
        size_t size = 0;
        for (unsigned program = number * each + 1; program <= count && program <= (number + 1) * each;
             program++) {
            const uint8_t entry[4] = {(uint8_t)(program >> 8), (uint8_t)program, 0xE1, (uint8_t)program};
            memcpy(body + size, entry, 4);
            size += 4;
        }
        const struct ts_section_header header = {.table_id = 0,
                                                 .table_id_extension = 1,
                                                 .version = (uint8_t)version,
                                                 .current_next = true,
                                                 .section_number = (uint8_t)number,
                                                 .last_section_number = (uint8_t)last};
        buffer_clear(&section);
        ts_section_append(&section, &header, body, size);
        test_stream_add_section(stream, SI_PID_PAT, section.data, section.size);
    }
    test_stream_push(stream);
    buffer_finish(&section);
}

/* As many sections as the standard allows; but no table so large that lists walked to their end cost minutes.
 */
static void test_many_sections(void **state)
{
    struct test_stream *stream = *state;
    struct si_watcher_counts counts;
    log_set_level(LOG_LEVEL_ERROR);
    send_split_pat(stream, 256, 1, 0);
    assert_int_equal(si_watcher_service_count(stream->watcher), 256);
    assert_int_equal(si_watcher_find_service(stream->watcher, 256)->pmt_pid, 0x100);
    send_split_pat(stream, 3, 1, 1);
    assert_int_equal(si_watcher_service_count(stream->watcher), 3);
    si_watcher_counts(stream->watcher, &counts);
    assert_int_equal(counts.bad_sections, 0);
    send_split_pat(stream, 250 * 34, 250, 2);
    si_watcher_counts(stream->watcher, &counts);
    assert_int_equal(counts.bad_sections, 2);
    assert_int_equal(si_watcher_service_count(stream->watcher), 3);
}

static void test_limits(void **state)
{
    struct test_stream *stream = *state;
    log_set_level(LOG_LEVEL_ERROR);
    /* A PAT of 400 programs in two sections, which our own structs cannot hold. */
    struct buffer section;
    buffer_init(&section, 1024);
    for (unsigned half = 0; half < 2; half++) {
        uint8_t body[800];
        for (unsigned i = 0; i < 200; i++) {
            unsigned number = 200 * half + i + 1;
            const uint8_t entry[4] = {(uint8_t)(number >> 8), (uint8_t)number, (uint8_t)(0xE1 + half),
                                      (uint8_t)i};
            memcpy(body + 4 * i, entry, 4);
        }
        const struct ts_section_header header = {.table_id = 0,
                                                 .table_id_extension = 1,
                                                 .current_next = true,
                                                 .section_number = (uint8_t)half,
                                                 .last_section_number = 1};
        buffer_clear(&section);
        ts_section_append(&section, &header, body, sizeof(body));
        test_stream_add_section(stream, SI_PID_PAT, section.data, section.size);
    }
    test_stream_push(stream);
    struct si_watcher_counts counts;
    si_watcher_counts(stream->watcher, &counts);
    assert_int_equal(si_watcher_service_count(stream->watcher), SI_SERVICES_MAX);
    assert_int_equal(counts.over_limit, 400 - SI_SERVICES_MAX);
    /* 60 components. */
    buffer_clear(&section);
    uint8_t pmt[4 + 60 * 5] = {0xFF, 0xFF, 0xF0, 0x00};
    for (unsigned i = 0; i < 60; i++)
        memcpy(pmt + 4 + 5 * i, (const uint8_t[]){0x0B, 0xE3, (uint8_t)i, 0xF0, 0x00}, 5);
    const struct ts_section_header of_pmt = {.table_id = 2, .table_id_extension = 1, .current_next = true};
    ts_section_append(&section, &of_pmt, pmt, sizeof(pmt));
    test_stream_add_section(stream, 0x100, section.data, section.size);
    test_stream_push(stream);
    assert_int_equal(si_watcher_find_service(stream->watcher, 1)->component_count, SI_COMPONENTS_MAX);
    struct si_carousel carousels[SI_CAROUSELS_MAX];
    assert_int_equal(si_watcher_carousels(stream->watcher, carousels, SI_CAROUSELS_MAX), SI_COMPONENTS_MAX);
    buffer_finish(&section);
}

static void test_not_yet_current(void **state)
{
    struct test_stream *stream = *state;
    struct buffer section;
    buffer_init(&section, 1024);
    const struct ts_section_header header = {.table_id = 0, .table_id_extension = 1, .current_next = false};
    ts_section_append(&section, &header, (const uint8_t[]){0, 1, 0xE1, 0}, 4);
    test_stream_add_section(stream, SI_PID_PAT, section.data, section.size);
    test_stream_push(stream);
    assert_int_equal(si_watcher_service_count(stream->watcher), 0);
    assert_int_equal(stream->calls, 0);
    buffer_finish(&section);
}

static void test_reset(void **state)
{
    struct test_stream *stream = *state;
    send_services(stream, 1, 3, 0, "甲");
    send_tdt(stream, 1795000000);
    ts_demux_reset(stream->demux);
    assert_true(si_watcher_reset(stream->watcher));
    uint16_t id;
    assert_int_equal(si_watcher_service_count(stream->watcher), 0);
    assert_null(si_watcher_clock(stream->watcher));
    assert_false(si_watcher_stream_id(stream->watcher, &id));
    send_services(stream, 5, 2, 0, "乙");
    assert_int_equal(si_watcher_service_count(stream->watcher), 2);
    assert_true(si_watcher_is_complete(stream->watcher));
}

static void destroy_watcher(void *context, unsigned changed)
{
    struct test_stream *stream = context;
    assert_true(changed != 0);
    si_watcher_destroy(stream->watcher);
    stream->watcher = NULL;
    stream->calls++;
}

/* The callback ends the watcher, at each table in turn that can make it. */
static void test_callback_destroys(void **state)
{
    (void)state;
    for (unsigned nth = 0; nth < 4; nth++) {
        struct test_stream *stream = test_stream_create(SI_CHARSET_GB18030);
        if (nth > 0)
            send_services(stream, 1, nth, 0, "甲");
        si_watcher_destroy(stream->watcher);
        const struct si_watcher_options options = {.changed = destroy_watcher, .context = stream};
        stream->calls = 0;
        stream->watcher = si_watcher_create(stream->demux, &options);
        assert_non_null(stream->watcher);
        if (nth % 2)
            send_tdt(stream, 1795000000);
        send_services(stream, 1, 2, 0, "乙");
        assert_int_equal(stream->calls, 1);
        assert_null(stream->watcher);
        test_stream_destroy(stream);
    }
}

static void test_several_watchers(void **state)
{
    struct test_stream *stream = *state;
    struct si_watcher *second = si_watcher_create(stream->demux, NULL);
    assert_non_null(second);
    send_services(stream, 1, 2, 0, "甲");
    assert_int_equal(si_watcher_service_count(second), 2);
    si_watcher_destroy(second);
    send_services(stream, 1, 3, 1, "甲");
    assert_int_equal(si_watcher_service_count(stream->watcher), 3);
    si_watcher_destroy(NULL);
}

int main(void)
{
#define WITH_STREAM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_STREAM(test_follows_versions),
        WITH_STREAM(test_repetitions_change_nothing),
        WITH_STREAM(test_change_without_a_version),
        WITH_STREAM(test_lost_packets),
        WITH_STREAM(test_sections_in_any_order),
        WITH_STREAM(test_tables_before_the_pat),
        WITH_STREAM(test_carousels),
        WITH_STREAM(test_ait),
        WITH_STREAM(test_wild_clock),
        WITH_STREAM(test_many_sections),
        WITH_STREAM(test_limits),
        WITH_STREAM(test_not_yet_current),
        WITH_STREAM(test_reset),
        cmocka_unit_test(test_callback_destroys),
        WITH_STREAM(test_several_watchers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
