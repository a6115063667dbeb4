/* SPDX-License-Identifier: Apache-2.0 */
/* Object carousels that others made: OpenCaster's comes out byte for byte, those cut off air are reported as
 * not complete. Skipped where the streams are not there. */
#include "base/file.h"
#include "base/log.h"
#include "probe/carousel.h"
#include "probe_run.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_SIZE_MAX (4u << 20)
#define SKIPPED 77

static char output[64];

struct comparison {
    const char *expected, *found;
    size_t count;
};

static bool compare(void *context, const char *relative_path, uint64_t size)
{
    struct comparison *comparison = context;
    struct buffer expected, found;
    char path[512];
    (void)size;
    buffer_init(&expected, FILE_SIZE_MAX);
    buffer_init(&found, FILE_SIZE_MAX);
    bool same = file_join(path, sizeof path, comparison->expected, relative_path) &&
                file_read(path, &expected, NULL) &&
                file_join(path, sizeof path, comparison->found, relative_path) &&
                file_read(path, &found, NULL) && expected.size == found.size &&
                (expected.size == 0 || memcmp(expected.data, found.data, expected.size) == 0);
    buffer_finish(&expected);
    buffer_finish(&found);
    comparison->count++;
    if (!same)
        print_error("%s differs or is missing\n", relative_path);
    return same;
}

static void yields_the_files_of_opencaster(void **state)
{
    (void)state;
    const char *const arguments[] = {
        "carousel", CONFORMANCE_DIR "/opencaster.ts", "--pid", "2003", "--output", output, NULL};
    json_t *summary;
    assert_int_equal(probe_run(probe_carousel, arguments, &summary), 0);
    assert_true(json_is_true(json_object_get(summary, "complete")));
    assert_int_equal(json_integer_value(json_object_get(summary, "carousel_id")), 7);
    assert_int_equal(json_integer_value(json_object_get(summary, "files_written")), 50);
    const json_t *file;
    size_t index, events = 0;
    json_array_foreach(json_object_get(summary, "files"), index, file)
    {
        if (strcmp(json_string_value(json_object_get(file, "kind")), "stream event") == 0) {
            assert_string_equal(json_string_value(json_object_get(file, "path")), "ev.event");
            events++;
        }
    }
    assert_int_equal(events, 1);
    json_decref(summary);
    struct comparison comparison = {CONFORMANCE_DIR "/opencaster-tree", output, 0};
    struct error error = {""};
    assert_true(file_walk(comparison.expected, compare, &comparison, &error));
    assert_int_equal(comparison.count, 50);
    comparison = (struct comparison){output, CONFORMANCE_DIR "/opencaster-tree", 0};
    assert_true(file_walk(comparison.expected, compare, &comparison, &error));
    assert_int_equal(comparison.count, 50);
}

static void reports(const char *stream, const char *pid, int carousel_id, size_t modules)
{
    const char *const arguments[] = {"carousel", stream, "--pid", pid, NULL};
    json_t *summary;
    assert_int_equal(probe_run(probe_carousel, arguments, &summary), 1);
    assert_true(json_is_false(json_object_get(summary, "complete")));
    assert_int_equal(json_integer_value(json_object_get(summary, "carousel_id")), carousel_id);
    const json_t *missing = json_object_get(summary, "missing");
    assert_true(json_is_false(json_object_get(missing, "service_gateway")));
    assert_int_equal(json_array_size(json_object_get(missing, "modules")), modules);
    json_decref(summary);
}

static void reports_what_is_cut(void **state)
{
    (void)state;
    reports(CONFORMANCE_DIR "/m6-single.ts", "0xAB", 0xAB, 1);
    reports(CONFORMANCE_DIR "/arte-ait.ts", "0x173", 0xF1, 2);
}

static int begin(void **state)
{
    (void)state;
    strcpy(output, "/tmp/kokonor-carousel-XXXXXX");
    return mkdtemp(output) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return file_remove_tree(output, NULL) ? 0 : -1;
}

static void drop_line(void *context, enum log_level level, const char *module, const char *text)
{
    (void)context;
    (void)level;
    (void)module;
    (void)text;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yields_the_files_of_opencaster),
        cmocka_unit_test(reports_what_is_cut),
    };
    if (access(CONFORMANCE_DIR "/opencaster.ts", R_OK) != 0) {
        printf("skipped: no streams of others in \"%s\"\n", CONFORMANCE_DIR);
        return SKIPPED;
    }
    log_set_sink(drop_line, NULL);
    return cmocka_run_group_tests(tests, begin, end);
}
