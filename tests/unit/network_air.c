/* SPDX-License-Identifier: Apache-2.0 */
#include "network_air.h"
#include "base/file.h"
#include "si/nit.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/sdt.h"
#include "si_test_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS 40 /* of the tables, so that a file that loops is no busy loop */

static void fill_nit(struct si_nit *nit, bool with_dead)
{
    nit->network_id = NETWORK_AIR_ID;
    strcpy(nit->name, "Kokonor test");
    nit->stream_count = NETWORK_AIR_STREAMS + with_dead;
    for (unsigned i = 0; i < nit->stream_count; i++) {
        struct si_stream *stream = &nit->streams[i];
        *stream = (struct si_stream){
            .transport_stream_id = (uint16_t)(i + 1),
            .original_network_id = NETWORK_AIR_ID,
            .has_cable = true,
            .cable = {NETWORK_AIR_HZ(i), 6875000, SI_MODULATION_64QAM, SI_FEC_OUTER_RS, SI_FEC_INNER_NONE},
            .lcn_specifier = SI_SPECIFIER_EACEM,
            .lcn_tag = 0x83,
            .service_count = 2};
        stream->services[0] = (struct si_stream_service){
            .service_id = NETWORK_AIR_TELEVISION(i), .type = 1, .lcn = (uint16_t)(i + 1)};
        stream->services[1] = (struct si_stream_service){.service_id = NETWORK_AIR_RADIO(i), .type = 2};
    }
}

static void add_tables(struct test_stream *stream, unsigned n, bool with_dead)
{
    struct si_sections sections;
    struct si_nit *nit = calloc(1, sizeof(*nit));
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    struct si_pmt *pmt = calloc(1, sizeof(*pmt));
    assert_true(nit && sdt && pmt);
    si_sections_init(&sections);
    const uint16_t ids[] = {NETWORK_AIR_TELEVISION(n), NETWORK_AIR_RADIO(n)};
    const struct si_pat pat = {.transport_stream_id = (uint16_t)(n + 1),
                               .nit_pid = SI_PID_NIT,
                               .program_count = 2,
                               .programs = {{ids[0], 0x100}, {ids[1], 0x101}}};
    assert_true(si_build_pat(&sections, &pat, 0));
    test_stream_add(stream, SI_PID_PAT, &sections);
    sdt->transport_stream_id = (uint16_t)(n + 1);
    sdt->original_network_id = NETWORK_AIR_ID;
    sdt->service_count = 2;
    for (uint16_t i = 0; i < 2; i++) {
        memset(pmt, 0, sizeof(*pmt));
        pmt->program_number = ids[i];
        pmt->pcr_pid = (uint16_t)(0x200 + i);
        pmt->component_count = 1;
        si_component_init(&pmt->components[0], (uint16_t)(0x200 + i),
                          i ? SI_STREAM_TYPE_MPEG1_AUDIO : SI_STREAM_TYPE_H264);
        si_sections_clear(&sections);
        assert_true(si_build_pmt(&sections, pmt, 0));
        test_stream_add(stream, pat.programs[i].pid, &sections);
        sdt->services[i] = (struct si_sdt_service){
            .service_id = ids[i], .type = (uint8_t)(i + 1), .running_status = SI_RUNNING_YES};
        snprintf(sdt->services[i].name, SI_NAME_SIZE, "%s %u", i ? "radio" : "television", ids[i]);
    }
    si_sections_clear(&sections);
    assert_true(si_build_sdt(&sections, sdt, 0));
    test_stream_add(stream, SI_PID_SDT, &sections);
    fill_nit(nit, with_dead);
    si_sections_clear(&sections);
    assert_true(si_build_nit(&sections, nit, 0));
    test_stream_add(stream, SI_PID_NIT, &sections);
    si_sections_finish(&sections);
    free(nit);
    free(sdt);
    free(pmt);
}

void network_air_url(const char *folder, const char *options, unsigned n, char *url, size_t size)
{
    int length = snprintf(url, size, "file://%s/stream-%u.ts?%s", folder, n, options);
    assert_true(length > 0 && (size_t)length < size);
}

static void write_file(const char *folder, const char *name, const void *data, size_t size)
{
    char path[300];
    struct error error;
    assert_true(file_join(path, sizeof(path), folder, name));
    if (!file_write(path, data, size, &error))
        fail_msg("%s", error.text);
}

void network_air_write(const char *folder, const char *options, bool with_dead)
{
    struct buffer list;
    buffer_init(&list, 8192);
    buffer_append_string(&list, "# the test's network\n");
    for (unsigned i = 0; i < NETWORK_AIR_STREAMS; i++) {
        char url[400], line[500];
        struct test_stream *stream = test_stream_create(SI_CHARSET_GB18030);
        for (int round = 0; round < ROUNDS; round++)
            add_tables(stream, i, with_dead);
        snprintf(line, sizeof(line), "stream-%u.ts", i);
        write_file(folder, line, stream->packets.data, stream->packets.size);
        test_stream_destroy(stream);
        network_air_url(folder, options, i, url, sizeof(url));
        snprintf(line, sizeof(line), "%u 6875000 64QAM %s\n", NETWORK_AIR_HZ(i), url);
        buffer_append_string(&list, line);
    }
    assert_false(list.failed);
    write_file(folder, "frequencies", list.data, list.size);
    buffer_finish(&list);
}
