/* SPDX-License-Identifier: Apache-2.0 */
/* From association tags to PIDs: a service's own carousels, and streams that another service lends. */
#include "si/pat.h"
#include "si/pmt.h"
#include "si/taps.h"
#include "si_test_stream.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STREAM_ID 7
#define LENDER 0x20
#define BORROWER 0x21

static struct si_component component_of(uint16_t pid, uint8_t stream_type, int component_tag,
                                        int association_tag)
{
    struct si_component component;
    si_component_init(&component, pid, stream_type);
    component.component_tag = component_tag;
    component.association_tag = association_tag;
    return component;
}

static void add_services(struct test_stream *stream)
{
    struct si_sections sections;
    struct si_pat pat = {.transport_stream_id = STREAM_ID, .nit_pid = SI_PID_NONE, .program_count = 2};
    pat.programs[0] = (struct si_pat_program){LENDER, 0x1000};
    pat.programs[1] = (struct si_pat_program){BORROWER, 0x1001};
    si_sections_init(&sections);
    assert_true(si_build_pat(&sections, &pat, 0));
    test_stream_add(stream, SI_PID_PAT, &sections);
    static struct si_pmt pmts[2];
    pmts[0] = (struct si_pmt){.program_number = LENDER, .pcr_pid = SI_PID_NONE, .component_count = 2};
    pmts[0].components[0] = component_of(0x200, SI_STREAM_TYPE_DSMCC_UN, 0x31, -1);
    pmts[0].components[1] = component_of(0x201, SI_STREAM_TYPE_H264, 0x32, -1);
    pmts[1] = (struct si_pmt){.program_number = BORROWER, .pcr_pid = SI_PID_NONE, .component_count = 3};
    pmts[1].components[0] = component_of(0x210, SI_STREAM_TYPE_DSMCC_UN, 0x31, -1);
    pmts[1].components[1] = component_of(0x211, SI_STREAM_TYPE_DSMCC_UN, 0x33, 0x1234);
    pmts[1].components[2] = component_of(0x212, SI_STREAM_TYPE_H264, 0x34, -1);
    for (uint16_t i = 0; i < 2; i++) {
        si_sections_clear(&sections);
        assert_true(si_build_pmt(&sections, &pmts[i], 0));
        test_stream_add(stream, 0x1000 + i, &sections);
    }
    test_stream_push(stream);
    si_sections_finish(&sections);
}

static void leads_tags_to_pids(void **state)
{
    (void)state;
    struct test_stream *stream = test_stream_create(SI_CHARSET_GB18030);
    add_services(stream);
    const struct si_service *known = si_watcher_find_service(stream->watcher, BORROWER);
    assert_true(known && known->has_pmt);
    static struct si_service service;
    struct si_tap taps[8];
    service = *known;
    assert_int_equal(si_service_taps(stream->watcher, &service, taps, 8), 2); /* pictures are no carousel */
    assert_true(taps[0].association_tag == 0x31 && taps[0].pid == 0x210);
    assert_true(taps[1].association_tag == 0x1234 && taps[1].pid == 0x211);
    /* What another service lends comes first; what is not there, or in another stream, is passed over. */
    service.deferred_count = 4;
    service.deferred[0] = (struct si_deferred){0x31, STREAM_ID, LENDER, 0};
    service.deferred[1] = (struct si_deferred){0x31, STREAM_ID + 1, LENDER, 0};
    service.deferred[2] = (struct si_deferred){0x39, STREAM_ID, LENDER, 0};
    service.deferred[3] = (struct si_deferred){0x31, STREAM_ID, 0x99, 0};
    assert_int_equal(si_service_taps(stream->watcher, &service, taps, 8), 3);
    assert_true(taps[0].association_tag == 0x31 && taps[0].pid == 0x200);
    assert_true(taps[1].association_tag == 0x31 && taps[1].pid == 0x210);
    assert_int_equal(si_service_taps(stream->watcher, &service, taps, 1), 1);
    test_stream_destroy(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leads_tags_to_pids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
