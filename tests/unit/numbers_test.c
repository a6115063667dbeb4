/* SPDX-License-Identifier: Apache-2.0 */
/* The box's list of channels: the network's numbers are taken over, the viewer's favourites stay, and both
 * are on the disk. */
#include "base/file.h"
#include "reception/numbers.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/sdt.h"
#include "si_test_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NETWORK 0xFF01
#define STREAM 1

static char folder[] = "/tmp/kokonor-numbers-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/channels.json", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

/* Two services, 11 and 12, with these numbers. */
static struct test_stream *make_stream(uint16_t first, uint16_t second)
{
    struct test_stream *stream = test_stream_create(SI_CHARSET_GB18030);
    struct si_sections sections;
    struct si_pat pat = {.transport_stream_id = STREAM, .nit_pid = SI_PID_NIT, .program_count = 2};
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    struct si_nit *nit = calloc(1, sizeof(*nit));
    struct si_pmt *pmt = calloc(1, sizeof(*pmt));
    assert_true(sdt && nit && pmt);
    si_sections_init(&sections);
    sdt->transport_stream_id = STREAM;
    sdt->original_network_id = NETWORK;
    nit->network_id = NETWORK;
    nit->stream_count = 1;
    struct si_stream *line = &nit->streams[0];
    *line = (struct si_stream){.transport_stream_id = STREAM,
                               .original_network_id = NETWORK,
                               .lcn_specifier = SI_SPECIFIER_EACEM,
                               .lcn_tag = 0x83};
    for (uint16_t i = 0; i < 2; i++) {
        uint16_t service = (uint16_t)(11 + i);
        pat.programs[i] = (struct si_pat_program){service, (uint16_t)(0x100 + service)};
        sdt->services[sdt->service_count++] =
            (struct si_sdt_service){.service_id = service, .type = 1, .running_status = SI_RUNNING_YES};
        snprintf(sdt->services[i].name, sizeof(sdt->services[i].name), "service %u", service);
        line->services[line->service_count++] =
            (struct si_stream_service){.service_id = service, .type = 1, .lcn = i ? second : first};
    }
    assert_true(si_build_pat(&sections, &pat, 0));
    test_stream_add(stream, SI_PID_PAT, &sections);
    for (uint16_t i = 0; i < 2; i++) {
        *pmt = (struct si_pmt){
            .program_number = (uint16_t)(11 + i), .pcr_pid = (uint16_t)(0x200 + i), .component_count = 1};
        si_component_init(&pmt->components[0], (uint16_t)(0x200 + i), SI_STREAM_TYPE_H264);
        si_sections_clear(&sections);
        assert_true(si_build_pmt(&sections, pmt, 0));
        test_stream_add(stream, pat.programs[i].pid, &sections);
    }
    si_sections_clear(&sections);
    assert_true(si_build_sdt(&sections, sdt, 0));
    test_stream_add(stream, SI_PID_SDT, &sections);
    si_sections_clear(&sections);
    assert_true(si_build_nit(&sections, nit, 0));
    test_stream_add(stream, SI_PID_NIT, &sections);
    test_stream_push(stream);
    si_sections_finish(&sections);
    free(sdt);
    free(nit);
    free(pmt);
    assert_true(si_watcher_is_complete(stream->watcher));
    return stream;
}

static void numbers_and_favourites_are_kept(void **state)
{
    (void)state;
    struct error error;
    struct test_stream *stream = make_stream(7, 3);
    struct numbers *numbers = numbers_create(path);
    assert_null(numbers_find(numbers, stream->watcher, 11));
    numbers_update(numbers, stream->watcher);
    assert_int_equal(numbers_find(numbers, stream->watcher, 11)->number, 7);
    assert_int_equal(numbers_find(numbers, stream->watcher, 12)->number, 3);
    assert_string_equal(numbers_find(numbers, stream->watcher, 12)->name, "service 12");
    numbers_destroy(numbers);
    test_stream_destroy(stream);

    /* the viewer marks one */
    struct si_channels list;
    struct buffer json;
    si_channels_init(&list);
    buffer_init(&json, 1 << 20);
    assert_true(file_read(path, &json, &error));
    assert_true(si_channels_read(&list, buffer_view(&json), &error));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.channels[0].service_id, 12);
    assert_true(si_channels_set_favourite(&list, 0, true));
    buffer_clear(&json);
    assert_true(si_channels_write(&list, &json));
    assert_true(file_write(path, json.data, json.size, &error));
    si_channels_finish(&list);
    buffer_finish(&json);

    /* the box starts again, and the network has moved the numbers */
    stream = make_stream(5, 8);
    numbers = numbers_create(path);
    assert_int_equal(numbers_find(numbers, stream->watcher, 11)->number, 7);
    numbers_update(numbers, stream->watcher);
    assert_int_equal(numbers_find(numbers, stream->watcher, 11)->number, 5);
    assert_int_equal(numbers_find(numbers, stream->watcher, 12)->number, 8);
    assert_false(numbers_find(numbers, stream->watcher, 11)->favourite);
    assert_true(numbers_find(numbers, stream->watcher, 12)->favourite);
    numbers_destroy(numbers);
    test_stream_destroy(stream);
}

static void a_damaged_list_begins_anew(void **state)
{
    (void)state;
    struct error error;
    assert_true(file_write(path, "{\"format\":1,\"channels\":[{", 25, &error));
    struct test_stream *stream = make_stream(1, 2);
    struct numbers *numbers = numbers_create(path);
    numbers_update(numbers, stream->watcher);
    assert_int_equal(numbers_find(numbers, stream->watcher, 11)->number, 1);
    numbers_destroy(numbers);
    numbers = numbers_create(path); /* and is whole on the disk again */
    assert_int_equal(numbers_find(numbers, stream->watcher, 12)->number, 2);
    numbers_destroy(numbers);
    numbers = numbers_create(NULL);
    numbers_update(numbers, stream->watcher);
    assert_int_equal(numbers_find(numbers, stream->watcher, 12)->number, 2);
    numbers_destroy(numbers);
    test_stream_destroy(stream);
}

static void a_mark_is_on_the_disk(void **state)
{
    (void)state;
    remove(path);
    struct test_stream *stream = make_stream(7, 3);
    struct numbers *numbers = numbers_create(path);
    assert_false(numbers_set_favourite(numbers, NETWORK, STREAM, 11, true)); /* not in the list yet */
    numbers_update(numbers, stream->watcher);
    assert_true(numbers_set_favourite(numbers, NETWORK, STREAM, 11, true));
    assert_true(numbers_set_favourite(numbers, NETWORK, STREAM, 12, true));
    assert_true(numbers_set_favourite(numbers, NETWORK, STREAM, 12, false));
    assert_false(numbers_set_favourite(numbers, NETWORK, STREAM + 1, 11, true));
    numbers_destroy(numbers); /* it writes nothing */
    numbers = numbers_create(path);
    assert_true(numbers_find(numbers, stream->watcher, 11)->favourite);
    assert_false(numbers_find(numbers, stream->watcher, 12)->favourite);
    numbers_destroy(numbers);
    test_stream_destroy(stream);
}

/* Two senders on one address: the list follows, the disk does not. */
static void a_flipping_network_is_written_once(void **state)
{
    (void)state;
    remove(path);
    struct test_stream *streams[2] = {make_stream(7, 3), make_stream(5, 8)};
    struct numbers *numbers = numbers_create(path);
    numbers_update(numbers, streams[0]->watcher);
    assert_int_equal(remove(path), 0);
    for (int i = 1; i <= 101; i++)
        numbers_update(numbers, streams[i % 2]->watcher);
    assert_int_equal(remove(path), -1);
    assert_int_equal(numbers_find(numbers, streams[1]->watcher, 11)->number, 5);
    numbers_destroy(numbers);
    numbers = numbers_create(path);
    assert_int_equal(numbers_find(numbers, streams[1]->watcher, 11)->number, 5);
    numbers_destroy(numbers);
    test_stream_destroy(streams[0]);
    test_stream_destroy(streams[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_favourites_are_kept),
        cmocka_unit_test(a_mark_is_on_the_disk),
        cmocka_unit_test(a_flipping_network_is_written_once),
        cmocka_unit_test(a_damaged_list_begins_anew),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
