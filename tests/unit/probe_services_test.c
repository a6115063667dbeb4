/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe services: what it prints for a stream of ours, and how it ends. */
#include "base/file.h"
#include "probe/services.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/sdt.h"
#include "si_test_stream.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

static char folder[] = "/tmp/kokonor-probe-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

/* Runs the command with standard output in a file, and reads that into out. */
static int run(struct buffer *out, int argc, const char *const *arguments)
{
    char path[64];
    char *argv[8];
    snprintf(path, sizeof(path), "%s/out", folder);
    for (int i = 0; i < argc; i++)
        argv[i] = strdup(arguments[i]);
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    assert_true(saved >= 0 && freopen(path, "w", stdout));
    int status = probe_services(argc, argv);
    fflush(stdout);
    assert_true(dup2(saved, STDOUT_FILENO) >= 0);
    close(saved);
    for (int i = 0; i < argc; i++)
        free(argv[i]);
    buffer_init(out, 1024 * 1024);
    assert_true(file_read(path, out, NULL));
    return status;
}

static void write_stream(const char *path, bool pmt)
{
    struct test_stream *stream = test_stream_create(SI_CHARSET_GB18030);
    struct si_sections sections;
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    assert_non_null(sdt);
    si_sections_init(&sections);
    const struct si_pat pat = {
        .transport_stream_id = 5, .nit_pid = SI_PID_NONE, .program_count = 1, .programs = {{11, 0x100}}};
    assert_true(si_build_pat(&sections, &pat, 0));
    test_stream_add(stream, SI_PID_PAT, &sections);
    si_sections_clear(&sections);
    const struct si_pmt table = {.program_number = 11, .pcr_pid = SI_PID_NONE};
    assert_true(si_build_pmt(&sections, &table, 0));
    if (pmt)
        test_stream_add(stream, 0x100, &sections);
    si_sections_clear(&sections);
    sdt->original_network_id = 6;
    sdt->service_count = 1;
    sdt->services[0].service_id = 11;
    strcpy(sdt->services[0].name, "青海 མཚོ་སྔོན།");
    assert_true(si_build_sdt(&sections, sdt, 0));
    test_stream_add(stream, SI_PID_SDT, &sections);
    for (size_t i = 0; i < 4; i++) {
        uint8_t packet[TS_PACKET_SIZE];
        ts_packet_write_null(packet);
        buffer_append(&stream->packets, packet, sizeof(packet));
    }
    assert_true(file_write(path, stream->packets.data, stream->packets.size, NULL));
    free(sdt);
    si_sections_finish(&sections);
    test_stream_destroy(stream);
}

static void test_services(void **state)
{
    (void)state;
    char path[64];
    struct buffer out;
    snprintf(path, sizeof(path), "%s/stream.ts", folder);
    write_stream(path, false);
    const char *const arguments[] = {"services", "--charset", "iso6937", path};
    assert_int_equal(run(&out, 4, arguments), 1); /* its PMT is missing */
    buffer_finish(&out);
    write_stream(path, true);
    assert_int_equal(run(&out, 4, arguments), 0);
    json_t *json = json_loadb((const char *)out.data, out.size, 0, NULL);
    assert_non_null(json);
    int stream_id, service_id, pmt_pid;
    const char *name;
    json_t *network, *present;
    assert_int_equal(json_unpack(json, "{s:i, s:o, s:[{s:i, s:s, s:i, s:o}]}", "transport_stream_id",
                                 &stream_id, "network", &network, "services", "service_id", &service_id,
                                 "name", &name, "pmt_pid", &pmt_pid, "present", &present),
                     0);
    assert_true(stream_id == 5 && service_id == 11 && pmt_pid == 0x100);
    assert_true(json_is_null(network) && json_is_null(present));
    assert_string_equal(name, "青海 མཚོ་སྔོན།");
    assert_non_null(strstr(buffer_text(&out), "青海")); /* as UTF-8, not escaped */
    json_decref(json);
    buffer_finish(&out);
}

static void test_nothing_found(void **state)
{
    (void)state;
    char path[64];
    struct buffer out;
    snprintf(path, sizeof(path), "%s/empty.ts", folder);
    assert_true(file_write(path, "", 0, NULL));
    const char *const arguments[] = {"services", path};
    assert_int_equal(run(&out, 2, arguments), 1);
    json_t *json = json_loadb((const char *)out.data, out.size, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(json, "services")), 0);
    json_decref(json);
    buffer_finish(&out);
}

static void test_usage(void **state)
{
    (void)state;
    static const char *const bad[][4] = {
        {"services"},
        {"services", "a", "b"},
        {"services", "a", "--charset"},
        {"services", "a", "--charset", "latin1"},
        {"services", "--unknown"},
        {"services", "/nonexistent/stream.ts"},
        {"services", "/"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct buffer out;
        int argc = 0;
        while (argc < 4 && bad[i][argc])
            argc++;
        assert_int_equal(run(&out, argc, bad[i]), 2);
        assert_int_equal(out.size, 0);
        buffer_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services),
        cmocka_unit_test(test_nothing_found),
        cmocka_unit_test(test_usage),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
