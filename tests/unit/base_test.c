/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/queue.h"
#include "base/reader.h"
#include "base/text.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void buffer_keeps_its_maximum(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 8);
    buffer_u8(&buffer, 0x12);
    buffer_u16(&buffer, 0x3456);
    buffer_u32(&buffer, 0x789ABCDE);
    assert_false(buffer.failed);
    assert_int_equal(buffer.size, 7);
    assert_memory_equal(buffer.data, "\x12\x34\x56\x78\x9A\xBC\xDE", 7);
    buffer_u16(&buffer, 1);
    assert_true(buffer.failed);
    assert_int_equal(buffer.size, 7);
    buffer_u8(&buffer, 1); /* failed stays */
    assert_int_equal(buffer.size, 7);
    assert_null(buffer_text(&buffer));
    buffer_clear(&buffer);
    buffer_printf(&buffer, "%d", 12345678);
    assert_string_equal(buffer_text(&buffer), "12345678");
    buffer_finish(&buffer);
}

static void reader_stops_at_its_end(void **state)
{
    (void)state;
    static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7};
    struct reader reader;
    reader_init(&reader, data, sizeof(data));
    assert_int_equal(reader_u8(&reader), 1);
    assert_int_equal(reader_u24(&reader), 0x020304);
    struct reader sub = reader_sub(&reader, 2);
    assert_int_equal(reader_u16(&sub), 0x0506);
    assert_int_equal(reader_u8(&sub), 0);
    assert_true(sub.failed);
    assert_false(reader.failed);
    assert_int_equal(reader_u16(&reader), 0);
    assert_true(reader.failed);
    assert_int_equal(reader_left(&reader), 0);
    assert_int_equal(reader_u8(&reader), 0); /* the seventh byte is not given after a failure */
    assert_null(reader_bytes(&reader, SIZE_MAX).data);
}

static void civil_time_and_back(void **state)
{
    (void)state;
    static const struct {
        int64_t utc_s;
        const char *text;
    } cases[] = {{0, "1970-01-01T00:00:00Z"},           {951782400, "2000-02-29T00:00:00Z"},
                 {1795450680, "2026-11-23T16:18:00Z"},  {4107542399, "2100-02-28T23:59:59Z"},
                 {-1, "1969-12-31T23:59:59Z"},          {5000000000, "2128-06-11T08:53:20Z"},
                 {253402300799, "9999-12-31T23:59:59Z"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[CLOCK_RFC3339_SIZE];
        clock_format_rfc3339(cases[i].utc_s, text);
        assert_string_equal(text, cases[i].text);
        int64_t back;
        assert_true(clock_parse_rfc3339(text, &back));
        assert_true(back == cases[i].utc_s);
    }
    int64_t utc_s;
    assert_true(clock_parse_rfc3339("2026-11-24", &utc_s));
    assert_int_equal(utc_s, 1795449600); /* midnight UTC+8 */
    assert_true(clock_parse_rfc3339("2026-11-24T00:18:00.25+08:00", &utc_s));
    assert_int_equal(utc_s, 1795450680);
    assert_int_equal(clock_civil(1795450680, CLOCK_CHINA_OFFSET_S).weekday, 2);
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-13-01",
                                      "2026-02-29",
                                      "2026-01-01T",
                                      "2026-01-01T00:00:00",
                                      "x",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:00:00Zz"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(clock_parse_rfc3339(bad[i], &utc_s));
}

/* What a terminal obeys, what JSON does not take, and what a cut leaves behind. */
static void makes_plain(void)
{
    static const struct {
        const char *text, *plain;
    } cases[] = {{"", ""},
                 {"青海湖 བོད", "青海湖 བོད"},
                 {"a\x1b[2Jb", "a [2Jb"},
                 {"a\nb\tc\x7f", "a b c "},
                 {"\xc2\x9b"
                  "31m",
                  " 31m"},
                 {"\xc2\xa0", "\xc2\xa0"},
                 {"x\xff\xfey", "x??y"},
                 {"青\xe6\xb5", "青??"},
                 {"\xc2", "?"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[32];
        struct error error;
        bool plain = strcmp(cases[i].text, cases[i].plain) == 0;
        strcpy(text, cases[i].text);
        assert_int_equal(text_is_plain(text, strlen(text)), plain);
        text_make_plain(text);
        assert_string_equal(text, cases[i].plain);
        assert_false(error_set(&error, "%s", cases[i].text));
        assert_string_equal(error.text, cases[i].plain);
    }
    assert_false(text_is_plain("a\0b", 3));
    struct error cut;
    assert_false(error_set(&cut, "%0*d青", (int)sizeof(cut.text) - 3, 1));
    assert_true(text_is_plain(cut.text, strlen(cut.text)));
}

static void text_functions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"青海湖", true},        {"བསྒྲུབས་", true},     {"\xF0\x9F\x90\x82", true},  {"\xC0\x80", false},
        {"\xED\xA0\x80", false}, {"\xE9\x9D", false}, {"\xF5\x80\x80\x80", false}, {"\xFF", false},
        {"a\x80", false},        {"", true}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_int_equal(text_is_utf8(cases[i].text, strlen(cases[i].text)), cases[i].valid);
    assert_false(text_is_utf8("a\0b", 3));
    makes_plain();

    char out[8];
    assert_false(text_copy(out, sizeof(out), "青海湖"));
    assert_string_equal(out, "青海");
    const char *walk = "a青\xFF";
    assert_int_equal(text_next(&walk), 'a');
    assert_int_equal(text_next(&walk), 0x9752);
    assert_int_equal(text_next(&walk), 0xFFFD);
    assert_int_equal(text_next(&walk), 0);
    static const uint32_t points[] = {'a', 0x7FF, 0x9752, 0x1F402};
    for (size_t i = 0; i < 4; i++) {
        char utf8[5] = {0}, *end = utf8;
        assert_true(text_put(&end, utf8 + 4, points[i]));
        const char *back = utf8;
        assert_int_equal(text_next(&back), points[i]);
    }
    uint8_t data[2];
    assert_true(text_unhex("0aFf", data, 2));
    assert_memory_equal(data, "\x0A\xFF", 2);
    assert_false(text_unhex("0aF", data, 2));
    assert_false(text_unhex("0aFfa", data, 2));
    assert_false(text_unhex("0xFf", data, 2));
    char money[TEXT_MONEY_SIZE], uuid[TEXT_UUID_SIZE], other[TEXT_UUID_SIZE];
    text_money(-123405, money);
    assert_string_equal(money, "-1234.05");
    text_money(INT64_MIN, money);
    assert_string_equal(money, "-92233720368547758.08");
    assert_true(text_uuid(uuid) && text_uuid(other));
    assert_int_equal(strlen(uuid), 36);
    assert_int_equal(uuid[14], '4');
    assert_string_not_equal(uuid, other);
}

static char folder[] = "/tmp/kokonor-base-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return file_remove_tree(folder, NULL) && access(folder, F_OK) < 0 ? 0 : -1;
}

static bool collect(void *context, const char *path, uint64_t size)
{
    buffer_printf(context, "%s:%d ", path, (int)size);
    return true;
}

static void files_and_folders(void **state)
{
    (void)state;
    struct error error;
    char path[256];
    file_join(path, sizeof(path), folder, "a/b");
    assert_true(file_make_folder(path, &error));
    assert_true(file_make_folder(path, &error));
    file_join(path, sizeof(path), folder, "a/b/two");
    assert_true(file_write(path, "old", 3, &error));
    assert_true(file_write(path, "newer", 5, &error));
    assert_false(file_make_folder(path, &error));
    file_join(path, sizeof(path), folder, "a/.hidden");
    assert_true(file_write(path, "x", 1, &error));
    file_join(path, sizeof(path), folder, "one");
    assert_true(file_write(path, "", 0, &error));
    file_join(path, sizeof(path), folder, "link");
    assert_int_equal(symlink("/etc", path), 0);
    struct buffer list;
    buffer_init(&list, 1000);
    assert_true(file_walk(folder, collect, &list, &error));
    assert_string_equal(buffer_text(&list), "a/b/two:5 one:0 ");
    buffer_finish(&list);

    struct buffer small;
    buffer_init(&small, 4);
    file_join(path, sizeof(path), folder, "a/b/two");
    assert_false(file_read(path, &small, &error));
    assert_non_null(strstr(error.text, "larger than the 4 bytes"));
    buffer_finish(&small);
    char left[256];
    file_join(path, sizeof(path), folder, "a/b/two");
    file_join(left, sizeof(left), folder, "a/b/two.new");
    assert_int_equal(symlink("/etc/passwd", left), 0); /* nothing is written behind a link */
    assert_false(file_write(path, "x", 1, &error));
    assert_int_equal(unlink(left), 0);
    int fd = open(left, O_WRONLY | O_CREAT, 0600); /* as a power cut leaves it */
    assert_int_equal(write(fd, "what was under way", 18), 18);
    close(fd);
    assert_true(file_write(path, "good", 4, &error));
    assert_int_equal(access(left, F_OK), -1);
    buffer_init(&small, 4);
    assert_true(file_read(path, &small, &error));
    assert_string_equal(buffer_text(&small), "good");
    buffer_finish(&small);
    assert_false(file_write("/nonexistent/folder/x", "x", 1, &error));
    assert_non_null(strstr(error.text, "/nonexistent/folder/x"));
}

#define WRITES 20

static void *write_again(void *letter)
{
    char path[256], text[5000];
    file_join(path, sizeof(path), folder, "shared");
    memset(text, *(const char *)letter, sizeof(text));
    bool good = true;
    for (int i = 0; i < WRITES; i++)
        good = file_write(path, text, sizeof(text), NULL) && good;
    return good ? letter : NULL;
}

/* Two write one path: every write succeeds, and what stands there is always one's alone. */
static void writers_meet(void **state)
{
    (void)state;
    static char letters[] = {'a', 'b'};
    pthread_t threads[2];
    char path[256];
    struct buffer buffer;
    file_join(path, sizeof(path), folder, "shared");
    assert_true(file_write(path, "", 0, NULL));
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_again, &letters[i]), 0);
    for (int i = 0; i < 200; i++) {
        buffer_init(&buffer, 5000);
        assert_true(file_read(path, &buffer, NULL));
        assert_true(buffer.size == 0 || buffer.size == 5000);
        for (size_t k = 1; k < buffer.size; k++)
            assert_int_equal(buffer.data[k], buffer.data[0]);
        buffer_finish(&buffer);
    }
    for (int i = 0; i < 2; i++) {
        void *result;
        pthread_join(threads[i], &result);
        assert_non_null(result);
    }
}

static void settings(void **state)
{
    (void)state;
    static const char ini[] =
        "[box]\nid = QH-1 ; a comment\nport=0x10\nbig = 999\nquiet = on\nroot = certs/root.pem\n";
    char path[256];
    struct error error;
    file_join(path, sizeof(path), folder, "box.ini");
    assert_true(file_write(path, ini, strlen(ini), &error));
    struct config *config = config_create();
    assert_true(config_load(config, path, &error));
    assert_string_equal(config_string(config, "box", "id", NULL), "QH-1");
    assert_int_equal(config_integer(config, "box", "port", 1, 0, 100), 16);
    assert_int_equal(config_integer(config, "box", "big", 1, 0, 100), 1);
    assert_int_equal(config_integer(config, "box", "none", 7, 0, 100), 7);
    assert_true(config_boolean(config, "box", "quiet", false));
    char root[256], expected[300];
    assert_true(config_path(config, "box", "root", root, sizeof(root)));
    snprintf(expected, sizeof(expected), "%s/certs/root.pem", folder);
    assert_string_equal(root, expected);
    assert_true(config_override(config, "box.port=20", &error));
    assert_int_equal(config_integer(config, "box", "port", 1, 0, 100), 20);
    assert_true(config_override(config, "publisher.commerce.key=k", &error));
    assert_string_equal(config_string(config, "publisher.commerce", "key", ""), "k");
    assert_false(config_override(config, "port=20", &error));
    assert_false(config_override(config, ".port", &error));
    assert_true(file_write(path, "[box]\nrubbish\n", 14, &error));
    assert_false(config_load(config, path, &error));
    assert_non_null(strstr(error.text, "line 2"));
    config_destroy(config);
}

static int dropped;

static void drop(void *message)
{
    dropped++;
    free(message);
}

static int *number(int value)
{
    int *message = malloc(sizeof(*message));
    assert_non_null(message);
    *message = value;
    return message;
}

static void full_queue_drops_the_oldest_refreshable(void **state)
{
    (void)state;
    dropped = 0;
    struct queue *queue = queue_create(3, drop, NULL, NULL);
    assert_true(queue_push(queue, number(1), false));
    assert_true(queue_push(queue, number(2), true));
    assert_true(queue_push(queue, number(3), true));
    assert_false(queue_push(queue, number(4), false)); /* 2 goes */
    assert_false(queue_push(queue, number(5), true));  /* 3 goes */
    assert_int_equal(dropped, 2);
    static const int left[] = {1, 4, 5};
    for (int i = 0; i < 3; i++) {
        int *message = queue_pop(queue);
        assert_int_equal(*message, left[i]);
        free(message);
    }
    assert_null(queue_pop(queue));
    assert_null(queue_wait(queue, 1));
    queue_push(queue, number(6), false);
    queue_destroy(queue);
    assert_int_equal(dropped, 3);
}

#define MANY 20000

static void *produce(void *context)
{
    for (int i = 0; i < MANY; i++)
        queue_push(context, number(i), false);
    return NULL;
}

static void kept_messages_all_arrive_in_order(void **state)
{
    (void)state;
    struct queue *queue = queue_create(16, drop, NULL, NULL);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, produce, queue), 0);
    for (int i = 0; i < MANY; i++) {
        int *message = NULL;
        while (!message)
            message = queue_wait(queue, 1000);
        assert_int_equal(*message, i);
        free(message);
    }
    pthread_join(thread, NULL);
    queue_destroy(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_keeps_its_maximum),
        cmocka_unit_test(reader_stops_at_its_end),
        cmocka_unit_test(civil_time_and_back),
        cmocka_unit_test(text_functions),
        cmocka_unit_test(files_and_folders),
        cmocka_unit_test(writers_meet),
        cmocka_unit_test(settings),
        cmocka_unit_test(full_queue_drops_the_oldest_refreshable),
        cmocka_unit_test(kept_messages_all_arrive_in_order),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
