/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe carousel over streams made here: whole, cut, and into folders where links lie in wait. */
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "dsmcc/builder.h"
#include "probe/carousel.h"
#include "probe_run.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si_test_stream.h"
#include "ts/section.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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
    static char path[8][256];
    static size_t next;
    char *result = path[next++ % 8];
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
    assert_true(json_is_false(json_object_get(summary, "data_carousel")));
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

/* A DII whose module has a name, and no object: a software update, again and again. */
static const uint8_t *next_of_update(void *context, size_t *size)
{
    static const uint8_t dii[] = "\x11\x03\x10\x02\x80\0\0\0\xff\0\0\x23"     /* dsmccMessageHeader */
                                 "\0\0\0\x09\x0f\xe2\0\0\0\0\0\0\0\0\0\0\0\0" /* downloadId, blockSize ... */
                                 "\0\1\0\1\0\0\1\0\1\5\x02\3bin\0\0";         /* one module */
    struct buffer *section = context;
    const struct ts_section_header header = {.table_id = 0x3B, .current_next = true};
    buffer_clear(section);
    ts_section_append(section, &header, dii, sizeof dii - 1);
    *size = section->size;
    return section->data;
}

static void tells_a_data_carousel(void **state)
{
    (void)state;
    struct ts_sectioner sectioner;
    struct buffer stream, section;
    uint8_t packet[TS_PACKET_SIZE];
    json_t *summary;
    buffer_init(&stream, 4096);
    buffer_init(&section, TS_SECTION_SIZE_MAX);
    ts_sectioner_init(&sectioner, PID);
    for (int i = 0; i < 10; i++) {
        assert_true(ts_sectioner_packet(&sectioner, packet, next_of_update, &section));
        buffer_append(&stream, packet, sizeof packet);
    }
    const char *path = in_folder("update.ts");
    assert_true(file_write(path, stream.data, stream.size, NULL));
    assert_int_equal(probe(path, in_folder("of update"), &summary), 1);
    assert_true(json_is_true(json_object_get(summary, "data_carousel")));
    assert_int_equal(json_integer_value(json_object_get(summary, "modules_elsewhere")), 0);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(summary, "rejected"), "bad_messages")), 0);
    json_decref(summary);
    buffer_finish(&stream);
    buffer_finish(&section);
}

static void refuses_bad_calls(void **state)
{
    (void)state;
    const char *stream = make_stream(10), *occupied = in_folder("occupied");
    assert_true(file_write(occupied, "", 0, NULL));
    const char *const bad[][8] = {
        {"carousel", NULL},
        {"carousel", "--pid", "1", NULL},
        {"carousel", stream, "--carousel", "x", NULL},
        {"carousel", stream, "--service", "65536", NULL},
        {"carousel", stream, "--duration", "-1", NULL},
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
    /* Nor is there a PMT. */
    const char *const unannounced[] = {"carousel", stream, NULL};
    assert_int_equal(probe_run(probe_carousel, unannounced, &summary), 1);
    assert_null(summary);
}

/* ---- with a PMT, an update and stream events ---- */

#define SERVICE 0x101
#define TAG 0x2A

static const struct dsmcc_stream events = {
    .kind = DSMCC_KIND_STREAM_EVENT,
    .tap_count = 1,
    .event_count = 2,
    .taps = {{0, DSMCC_TAP_STATUS_AND_EVENT, 0x21}},
    .events = {{0x0042, {(const uint8_t *)"product", 7}}, {0x8001, {(const uint8_t *)"\xff\x01", 2}}},
};

struct on_air {
    struct dsmcc_builder *builder;
    struct ts_sectioner sectioner;
    struct test_stream *stream; /* makes the tables' packets */
    struct buffer packets;
};

/* PAT and PMT of a service with a carousel of id 9 that nobody sends, and of one with ours. */
static void add_tables(struct on_air *air)
{
    struct si_sections sections;
    struct si_pat pat = {.transport_stream_id = 1, .nit_pid = SI_PID_NONE, .program_count = 2};
    pat.programs[0] = (struct si_pat_program){SERVICE - 1, 0x1000};
    pat.programs[1] = (struct si_pat_program){SERVICE, 0x1001};
    si_sections_init(&sections);
    assert_true(si_build_pat(&sections, &pat, 0));
    test_stream_add(air->stream, SI_PID_PAT, &sections);
    for (uint16_t i = 0; i < 2; i++) {
        struct si_pmt pmt = {.program_number = SERVICE - 1 + i, .pcr_pid = SI_PID_NONE, .component_count = 1};
        si_component_init(&pmt.components[0], PID - 1 + i, SI_STREAM_TYPE_DSMCC_UN);
        pmt.components[0].component_tag = TAG;
        pmt.components[0].has_carousel = true;
        pmt.components[0].carousel_id = i == 0 ? 9 : 1;
        si_sections_clear(&sections);
        assert_true(si_build_pmt(&sections, &pmt, 0));
        test_stream_add(air->stream, 0x1000 + i, &sections);
    }
    buffer_append(&air->packets, air->stream->packets.data, air->stream->packets.size);
    buffer_clear(&air->stream->packets);
    si_sections_finish(&sections);
}

static void add_carousel(struct on_air *air, size_t packets)
{
    uint8_t packet[TS_PACKET_SIZE];
    for (size_t i = 0; i < packets; i++) {
        assert_true(ts_sectioner_packet(&air->sectioner, packet, dsmcc_builder_next_section, air->builder));
        buffer_append(&air->packets, packet, sizeof packet);
    }
}

static void set_files(struct on_air *air, const char *text)
{
    const struct dsmcc_source now[] = {{.path = "a.txt", .data = text, .size = strlen(text)},
                                       {.path = "shop/now.event", .stream = &events},
                                       {.path = "large.bin", .data = large, .size = LARGE}};
    assert_true(dsmcc_builder_set_tree(air->builder, now, 3, NULL));
}

static void begin_air(struct on_air *air)
{
    const struct dsmcc_builder_options options = {.association_tag = TAG};
    *air = (struct on_air){.builder = dsmcc_builder_create(&options),
                           .stream = test_stream_create(SI_CHARSET_GB18030)};
    assert_non_null(air->builder);
    ts_sectioner_init(&air->sectioner, PID);
    buffer_init(&air->packets, 8u << 20);
}

static void end_air(struct on_air *air)
{
    dsmcc_builder_destroy(air->builder);
    test_stream_destroy(air->stream);
    buffer_finish(&air->packets);
}

static void assert_latest(const json_t *summary, const char *output)
{
    char path[256];
    assert_true(json_is_true(json_object_get(summary, "complete")));
    assert_int_equal(json_integer_value(json_object_get(summary, "pid")), PID);
    assert_int_equal(json_array_size(json_object_get(summary, "carousels")), 2);
    assert_true(file_join(path, sizeof path, output, "a.txt"));
    assert_true(holds(path, "second", 6));
    const json_t *stream = json_array_get(json_object_get(summary, "streams"), 0);
    assert_string_equal(json_string_value(json_object_get(stream, "path")), "shop/now.event");
    const json_t *listed = json_object_get(stream, "events");
    assert_int_equal(json_array_size(listed), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(listed, 0), "id")), 0x0042);
    assert_string_equal(json_string_value(json_object_get(json_array_get(listed, 0), "name")), "product");
    assert_string_equal(json_string_value(json_object_get(json_array_get(listed, 1), "name")), "ff01");
}

static void finds_the_carousel_and_follows_it(void **state)
{
    (void)state;
    struct on_air air;
    begin_air(&air);
    set_files(&air, "first");
    add_carousel(&air, 1500); /* before anything says where it is */
    add_tables(&air);
    set_files(&air, "second");
    add_carousel(&air, 700);
    set_files(&air, "third, cut");
    add_carousel(&air, 1); /* announced at the most */
    const char *path = in_folder("announced.ts"), *output = in_folder("latest");
    assert_true(file_write(path, air.packets.data, air.packets.size, NULL));
    end_air(&air);
    json_t *summary;
    const char *const first[] = {"carousel", path, NULL};
    assert_int_equal(probe_run(probe_carousel, first, &summary), 1); /* the one that nobody sends */
    json_decref(summary);
    const char *const by_id[] = {"carousel", path, "--carousel", "1", "--output", output, NULL};
    assert_int_equal(probe_run(probe_carousel, by_id, &summary), 0);
    assert_int_equal(json_integer_value(json_object_get(summary, "versions")), 2);
    assert_latest(summary, output);
    json_decref(summary);
    const char *const by_service[] = {"carousel", path, "--service=0x101", "--output", output,
                                      "--json",   NULL};
    assert_int_equal(probe_run(probe_carousel, by_service, &summary), 0);
    assert_latest(summary, output);
    json_decref(summary);
    const char *const nobody[] = {"carousel", path, "--carousel", "77", NULL};
    assert_int_equal(probe_run(probe_carousel, nobody, NULL), 1);
}

struct sender {
    struct on_air air;
    int socket;
    atomic_bool stop;
};

static void *send_for_ever(void *context)
{
    struct sender *sender = context;
    const struct buffer *packets = &sender->air.packets;
    for (size_t at = 0; !atomic_load(&sender->stop);
         at = at + 7 * TS_PACKET_SIZE < packets->size ? at + 7 * TS_PACKET_SIZE : 0) {
        size_t left = packets->size - at;
        /* Nobody may listen yet. */
        ssize_t sent = send(sender->socket, packets->data + at,
                            left < 7 * TS_PACKET_SIZE ? left : 7 * TS_PACKET_SIZE, 0);
        (void)sent;
        clock_sleep_us(200);
    }
    return NULL;
}

static void listens_to_udp(void **state)
{
    (void)state;
    struct sender sender = {.socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    /* A port that is free, found by taking it for a moment. */
    int probe_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(sender.socket >= 0 && probe_socket >= 0);
    assert_int_equal(bind(probe_socket, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(probe_socket, (struct sockaddr *)&address, &size), 0);
    close(probe_socket);
    assert_int_equal(connect(sender.socket, (struct sockaddr *)&address, sizeof address), 0);
    begin_air(&sender.air);
    add_tables(&sender.air);
    set_files(&sender.air, "second");
    add_carousel(&sender.air, 2000); /* the large file comes seldom */
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, send_for_ever, &sender), 0);
    char url[64];
    snprintf(url, sizeof url, "udp://127.0.0.1:%u", ntohs(address.sin_port));
    const char *output = in_folder("from udp");
    const char *const arguments[] = {"carousel", url,          "--carousel", "1", "--output",
                                     output,     "--duration", "2",          NULL};
    json_t *summary;
    int status = probe_run(probe_carousel, arguments, &summary);
    atomic_store(&sender.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(status, 0);
    assert_latest(summary, output);
    json_decref(summary);
    close(sender.socket);
    end_air(&sender.air);
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
        cmocka_unit_test(tells_a_data_carousel),
        cmocka_unit_test(refuses_bad_calls),
        cmocka_unit_test(finds_the_carousel_and_follows_it),
        cmocka_unit_test(listens_to_udp),
    };
    log_set_sink(drop_line, NULL);
    return cmocka_run_group_tests(tests, begin, end);
}
