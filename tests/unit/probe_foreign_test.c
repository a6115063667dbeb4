/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe over a stream that another program's multiplexer made here and now, as it is, in packets of
 * 192 and 204 bytes, cut where no packet begins, and with garbage inside: the same services each time.
 * Skipped, and says so, where there is no such program. */
#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "probe/analyze.h"
#include "probe/services.h"
#include "probe/tables.h"
#include "probe_run.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SKIPPED 77
#define PACKET 188

static char folder[] = "/tmp/kokonor-foreign-XXXXXX";
static struct buffer made;

/* Two programmes of several kinds of pictures and sound, names in UTF-8 by selector, a NIT, at 2 Mbit/s. */
static const char command[] =
    "cd '%s' && ffmpeg -nostdin -v error -f lavfi -i testsrc=size=64x64:rate=25:duration=1.5"
    " -f lavfi -i sine=duration=1.5 -map 0 -map 0 -map 1 -map 1 -map 1 -map 1"
    " -c:v:0 mpeg2video -c:v:1 mpeg4 -c:a:0 mp2 -c:a:1 ac3 -c:a:2 eac3 -c:a:3 aac"
    " -metadata:s:a:0 language=chi -metadata:s:a:1 language=bod"
    " -program title='青海卫视':st=0:st=2:st=3 -program title='མཚོ་སྔོན།':st=1:st=4:st=5"
    " -muxrate 2M -pcr_period 30 -mpegts_transport_stream_id 0x1234 -mpegts_original_network_id 0x20FA"
    " -mpegts_flags +latm+system_b+nit -f mpegts made.ts 2>/dev/null";

static int set_up(void **state)
{
    (void)state;
    char line[2048], path[64];
    log_set_level(LOG_LEVEL_ERROR);
    buffer_init(&made, 4 * 1024 * 1024);
    snprintf(line, sizeof(line), command, folder);
    snprintf(path, sizeof(path), "%s/made.ts", folder);
    return system(line) == 0 && file_read(path, &made, NULL) && made.size % PACKET == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_finish(&made);
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : "";
}

static json_int_t number_of(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

static void check_service(const json_t *service, const char *name, const char *const codecs[3],
                          const char *language)
{
    const json_t *components = json_object_get(service, "components");
    assert_string_equal(text_of(service, "name"), name);
    assert_int_equal(json_array_size(components), 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(text_of(json_array_get(components, i), "codec"), codecs[i]);
    assert_string_equal(text_of(json_array_get(components, 1), "language"), language);
}

static const char *path_of(const char *name, const struct buffer *bytes)
{
    static char path[64];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_true(file_write(path, bytes->data, bytes->size, NULL));
    return path;
}

static void check(const char *name, const struct buffer *bytes)
{
    static const char *const first[] = {"mpeg2video", "mpegaudio", "ac3"}, *const second[] = {"mpeg4video",
                                                                                              "eac3",
                                                                                              "aac_latm"};
    const char *const arguments[] = {"services", path_of(name, bytes), NULL};
    json_t *json;
    assert_int_equal(probe_run(probe_services, arguments, &json), 0);
    assert_int_equal(number_of(json, "transport_stream_id"), 0x1234);
    assert_int_equal(number_of(json, "original_network_id"), 0x20FA);
    assert_int_equal(number_of(json_object_get(json, "reception"), "bad_sections"), 0);
    const json_t *services = json_object_get(json, "services");
    assert_int_equal(json_array_size(services), 2);
    check_service(json_array_get(services, 0), "青海卫视", first, "chi");
    check_service(json_array_get(services, 1), "མཚོ་སྔོན།", second, "");
    json_decref(json);
}

/* Both hold sync bytes at the same place each time, as an arrival time or the parity of null packets may. */
static const uint8_t filler[64] = {0x12, 0x34, 0x47, 0x56};

/* Each packet with before bytes in front and behind bytes after it; damaged: garbage in the middle. */
static struct buffer repack(size_t before, size_t behind, bool damaged)
{
    struct buffer packed;
    buffer_init(&packed, 8 * 1024 * 1024);
    for (size_t at = 0; at < made.size; at += PACKET) {
        buffer_append(&packed, filler, before);
        buffer_append(&packed, made.data + at, PACKET);
        buffer_append(&packed, filler, behind);
        if (damaged && at / PACKET % 500 == 250)
            buffer_append(&packed, filler, 1 + at % 61);
    }
    return packed;
}

static void test_packets(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t before, behind;
        bool damaged;
    } forms[] = {{"188", 0, 0, false}, {"192", 4, 0, false}, {"204", 0, 16, false},
                 {"188x", 0, 0, true}, {"192x", 4, 0, true}, {"204x", 0, 16, true}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct buffer packed = repack(forms[i].before, forms[i].behind, forms[i].damaged);
        check(forms[i].name, &packed);
        memmove(packed.data, packed.data + 101, packed.size - 101);
        packed.size -= 101 + 77;
        check(forms[i].name, &packed);
        buffer_finish(&packed);
    }
}

/* The first half alone, then all of it, as a recording that was begun anew. */
static void test_joined(void **state)
{
    (void)state;
    struct buffer joined;
    buffer_init(&joined, 8 * 1024 * 1024);
    buffer_append(&joined, made.data, made.size / 2);
    buffer_append(&joined, made.data, made.size);
    check("joined", &joined);
    buffer_finish(&joined);
}

static void test_analyze(void **state)
{
    (void)state;
    const char *const arguments[] = {"analyze", "--json", path_of("analyze", &made), NULL};
    json_t *json;
    assert_int_equal(probe_run(probe_analyze, arguments, &json), 0);
    assert_in_range(number_of(json, "bit_rate"), 1999900, 2000100);
    assert_int_equal(number_of(json, "packets"), (json_int_t)(made.size / PACKET));
    const json_t *clock = json_array_get(json_object_get(json, "pcr"), 0);
    assert_true(json_is_true(json_object_get(clock, "constant_rate")));
    assert_int_equal(number_of(clock, "inaccurate"), 0);
    json_decref(json);
}

static void test_tables(void **state)
{
    (void)state;
    static const char *const names[] = {"PAT", "PMT", "NIT actual", "SDT actual"};
    const char *const arguments[] = {"tables", path_of("tables", &made), NULL};
    json_t *lines;
    size_t index;
    const json_t *line;
    unsigned found = 0;
    assert_int_equal(probe_run_lines(probe_tables, arguments, &lines), 0);
    json_array_foreach(lines, index, line)
    {
        assert_null(json_object_get(line, "broken"));
        for (unsigned i = 0; i < 4; i++)
            found |= strcmp(text_of(line, "table"), names[i]) == 0 ? 1u << i : 0;
    }
    assert_int_equal(found, 15);
    json_decref(lines);
}

int main(void)
{
    if (system("ffmpeg -version >/dev/null 2>&1") != 0) {
        printf("skipped: there is no ffmpeg to make a stream with\n");
        return SKIPPED;
    }
    if (!mkdtemp(folder))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packets),
        cmocka_unit_test(test_joined),
        cmocka_unit_test(test_analyze),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
