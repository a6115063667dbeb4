/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe carousel over streams made here: whole, cut, and into folders where links lie in wait. */
#include "base/file.h"
#include "base/log.h"
#include "dsmcc/builder.h"
#include "probe/carousel.h"
#include "probe_run.h"
#include "ts/section.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PID 0x1F0
#define LARGE 100000

static uint8_t large[LARGE];
static const struct dsmcc_source files[] = {
    {"a.json", "{}", 2, 1000, 0, NULL},
    {"folder/b.txt", "text", 4, 900, 0, NULL},
    {"folder/deep/empty", "", 0, 800, 0, NULL},
    {"folder/large.bin", large, LARGE, 1, 0, NULL},
};
#define FILE_COUNT (sizeof files / sizeof files[0])

static char folder[64];

static const char *in_folder(const char *name)
{
    static char path[4][256];
    static size_t next;
    char *result = path[next++ % 4];
    assert_true(file_join(result, sizeof path[0], folder, name));
    return result;
}

static int begin(void **state)
{
    (void)state;
    uint32_t random = 2463534242; /* xorshift32: does not pack */
    for (size_t i = 0; i < LARGE; i++) {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        large[i] = (uint8_t)(random >> 8);
    }
    strcpy(folder, "/tmp/kokonor-probe-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

/* Packets enough for two rounds, or as many as given. */
static const char *make_stream(size_t packets)
{
    struct dsmcc_builder *builder = dsmcc_builder_create(NULL);
    struct ts_sectioner sectioner;
    struct buffer stream;
    uint8_t packet[TS_PACKET_SIZE];
    buffer_init(&stream, 4u << 20);
    ts_sectioner_init(&sectioner, PID);
    assert_non_null(builder);
    assert_true(dsmcc_builder_set_tree(builder, files, FILE_COUNT, NULL));
    for (size_t i = 0; i < packets; i++) {
        assert_true(ts_sectioner_packet(&sectioner, packet, dsmcc_builder_next_section, builder));
        buffer_append(&stream, packet, sizeof packet);
    }
    const char *path = in_folder("stream.ts");
    assert_true(file_write(path, stream.data, stream.size, NULL));
    buffer_finish(&stream);
    dsmcc_builder_destroy(builder);
    return path;
}

static bool holds(const char *path, const void *data, size_t size)
{
    struct buffer buffer;
    buffer_init(&buffer, LARGE + 1);
    bool same = file_read(path, &buffer, NULL) && buffer.size == size &&
                (size == 0 || memcmp(buffer.data, data, size) == 0);
    buffer_finish(&buffer);
    return same;
}

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static int probe(const char *stream, const char *output, json_t **summary)
{
    const char *const arguments[] = {"carousel", stream, "--pid", "0x1f0", "--output", output, NULL};
    return probe_run(probe_carousel, arguments, summary);
}

static void writes_a_whole_carousel(void **state)
{
    (void)state;
    const char *stream = make_stream(3000), *output = in_folder("out");
    json_t *summary;
    assert_int_equal(probe(stream, output, &summary), 0);
    assert_non_null(summary);
    assert_true(json_is_true(json_object_get(summary, "complete")));
    assert_int_equal(json_integer_value(json_object_get(summary, "carousel_id")), 1);
    assert_int_equal(json_integer_value(json_object_get(summary, "files_written")), FILE_COUNT);
    const json_t *listed = json_object_get(summary, "files");
    assert_int_equal(json_array_size(listed), FILE_COUNT);
    for (size_t i = 0; i < FILE_COUNT; i++) {
        char path[256];
        const json_t *file = json_array_get(listed, i);
        assert_true(file_join(path, sizeof path, output, files[i].path));
        assert_true(holds(path, files[i].data, files[i].size));
        assert_string_equal(json_string_value(json_object_get(file, "path")), files[i].path);
        assert_int_equal(json_integer_value(json_object_get(file, "size")), files[i].size);
    }
    /* SHA-256 of "{}" */
    assert_string_equal(json_string_value(json_object_get(json_array_get(listed, 0), "sha256")),
                        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    json_decref(summary);

    /* Again, over what is there: a file is replaced; a link in a file's place as well, and not what it leads
     * to. */
    assert_true(file_write(in_folder("precious"), "mine", 4, NULL));
    char a[256], b[256];
    assert_true(file_join(a, sizeof a, output, "a.json") && file_join(b, sizeof b, output, "folder/b.txt"));
    assert_true(file_write(a, "other content", 13, NULL));
    assert_int_equal(unlink(b), 0);
    assert_int_equal(symlink(in_folder("precious"), b), 0);
    assert_int_equal(probe(stream, output, NULL), 0);
    assert_true(holds(a, "{}", 2) && holds(b, "text", 4));
    assert_true(holds(in_folder("precious"), "mine", 4));
}

static void follows_no_link_to_a_folder(void **state)
{
    (void)state;
    const char *stream = make_stream(3000), *output = in_folder("linked"), *outside = in_folder("outside");
    char link[256];
    assert_true(file_make_folder(output, NULL) && file_make_folder(outside, NULL));
    assert_true(file_join(link, sizeof link, output, "folder"));
    assert_int_equal(symlink(outside, link), 0);
    assert_int_equal(probe(stream, output, NULL), 2);
    assert_int_equal(rmdir(outside), 0); /* still empty */
    char a[256];
    assert_true(file_join(a, sizeof a, output, "a.json"));
    assert_true(holds(a, "{}", 2)); /* the rest was written */
}

static void writes_what_there_is_of_a_cut_carousel(void **state)
{
    (void)state;
    const char *stream = make_stream(60), *output = in_folder("cut");
    json_t *summary;
    assert_int_equal(probe(stream, output, &summary), 1);
    assert_non_null(summary);
    assert_true(json_is_false(json_object_get(summary, "complete")));
    const json_t *missing = json_object_get(summary, "missing");
    assert_true(json_is_false(json_object_get(missing, "service_gateway")));
    assert_int_equal(json_array_size(json_object_get(missing, "modules")), 1);
    json_int_t id = json_integer_value(json_array_get(json_object_get(missing, "modules"), 0));
    const json_t *module;
    size_t index;
    json_array_foreach(json_object_get(summary, "modules"), index, module)
    {
        bool cut = json_integer_value(json_object_get(module, "id")) == id;
        assert_int_equal(json_is_true(json_object_get(module, "complete")), !cut);
        assert_int_equal(json_array_size(json_object_get(module, "missing_blocks")) > 0, cut);
    }
    assert_int_equal(json_array_size(json_object_get(summary, "files")), FILE_COUNT - 1);
    json_decref(summary);
    char path[256];
    assert_true(file_join(path, sizeof path, output, "folder/b.txt"));
    assert_true(holds(path, "text", 4));
    assert_true(file_join(path, sizeof path, output, "folder/large.bin"));
    assert_false(exists(path));
}

static void refuses_bad_calls(void **state)
{
    (void)state;
    const char *stream = make_stream(10), *occupied = in_folder("occupied");
    assert_true(file_write(occupied, "", 0, NULL));
    const char *const bad[][8] = {
        {"carousel", NULL},
        {"carousel", stream, NULL},
        {"carousel", "--pid", "1", NULL},
        {"carousel", stream, "--pid", NULL},
        {"carousel", stream, "--pid", "8191", NULL},
        {"carousel", stream, "--pid", "-1", NULL},
        {"carousel", stream, "--pid", "12x", NULL},
        {"carousel", stream, "--pid", "1", "--colour", NULL},
        {"carousel", stream, stream, "--pid", "1", NULL},
        {"carousel", in_folder("not there"), "--pid", "1", NULL},
        {"carousel", stream, "--pid", "1", "--output", occupied, NULL},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int status = probe_run(probe_carousel, bad[i], NULL);
        if (status != 2)
            fail_msg("call %zu: status %d", i, status);
    }
    /* A PID on which there is nothing: a good call, nothing complete. */
    const char *const nothing[] = {"carousel", stream, "--pid=99", NULL};
    json_t *summary;
    assert_int_equal(probe_run(probe_carousel, nothing, &summary), 1);
    assert_true(json_is_true(json_object_get(json_object_get(summary, "missing"), "service_gateway")));
    json_decref(summary);
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
        cmocka_unit_test(writes_a_whole_carousel),
        cmocka_unit_test(follows_no_link_to_a_folder),
        cmocka_unit_test(writes_what_there_is_of_a_cut_carousel),
        cmocka_unit_test(refuses_bad_calls),
    };
    log_set_sink(drop_line, NULL);
    return cmocka_run_group_tests(tests, begin, end);
}
