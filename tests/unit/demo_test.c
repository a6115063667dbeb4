/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the screens and the demonstration content, as the build makes it. */
#include "base/file.h"
#include "content/check.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILES_MAX 200
#define DAY "2026-11-23" /* on which every notice of the demonstration is in force */

static struct buffer read_whole(const char *path)
{
    struct buffer buffer;
    struct error error = {{0}};
    buffer_init(&buffer, 16 * 1024 * 1024);
    if (!file_read(path, &buffer, &error))
        fail_msg("%s", error.text);
    return buffer;
}

static json_t *load_strings(const char *language)
{
    char path[512];
    json_error_t error;
    snprintf(path, sizeof(path), "%s/resources/strings/%s.json", SOURCE_DIR, language);
    json_t *strings = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!strings)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    return strings;
}

/* How often "{digit}" stands in text. */
static int placeholders(const char *text, int digit)
{
    const char mark[] = {'{', (char)('0' + digit), '}', '\0'};
    int count = 0;
    for (const char *at = strstr(text, mark); at; at = strstr(at + 1, mark))
        count++;
    return count;
}

static void test_strings_are_complete(void **state)
{
    static const char *const languages[] = {"bo", "en"};
    json_t *chinese = load_strings("zh");
    (void)state;
    assert_true(json_object_size(chinese) > 100);
    for (size_t i = 0; i < 2; i++) {
        json_t *strings = load_strings(languages[i]);
        const char *key;
        json_t *text;
        assert_int_equal(json_object_size(strings), json_object_size(chinese));
        json_object_foreach(chinese, key, text)
        {
            const char *other = json_string_value(json_object_get(strings, key));
            if (!other || !other[0])
                fail_msg("%s.json lacks %s", languages[i], key);
            for (int digit = 0; digit < 10; digit++)
                if (placeholders(other, digit) != placeholders(json_string_value(text), digit))
                    fail_msg("%s.json: %s: other placeholders than in zh.json", languages[i], key);
        }
        json_decref(strings);
    }
    json_decref(chinese);
}

/* The folder in memory, and what its documents hold. */
struct demo {
    char *paths[FILES_MAX];
    struct buffer buffers[FILES_MAX];
    struct content_file files[FILES_MAX];
    size_t count;
    size_t found[CONTENT_PAGE + 1];
};

static bool keep_file(void *context, const char *path, uint64_t size)
{
    struct demo *demo = context;
    char full[512];
    (void)size;
    if (!strchr(path, '/'))
        return true;
    assert_true(demo->count < FILES_MAX);
    assert_true(file_join(full, sizeof(full), DEMO_DIR, path));
    demo->paths[demo->count] = strdup(path);
    demo->buffers[demo->count] = read_whole(full);
    demo->files[demo->count] =
        (struct content_file){demo->paths[demo->count], buffer_view(&demo->buffers[demo->count])};
    demo->count++;
    return true;
}

static void say(void *context, enum content_severity severity, const char *text)
{
    (void)context;
    (void)severity;
    fail_msg("%s", text);
}

/* Every text of every document in all three languages. */
static void assert_translated(const char *path, const json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;
    if (json_object_get(value, "zh"))
        for (int language = 0; language < CONTENT_LANGUAGES; language++)
            if (!json_string_length(json_object_get(value, content_language_str(language))))
                fail_msg("%s: \"%s\" lacks %s", path, json_string_value(json_object_get(value, "zh")),
                         content_language_str(language));
    json_object_foreach((json_t *)value, key, member) assert_translated(path, member);
    json_array_foreach(value, i, member) assert_translated(path, member);
}

static void look_into(struct demo *demo, const struct content_file *file)
{
    const struct content_date today = {DAY};
    struct error error = {{0}};
    enum content_document_kind kind = content_document_kind_of_path(file->path);
    if (kind == CONTENT_UNKNOWN) {
        assert_in_range(file->bytes.size, 1, 60 * 1024); /* a picture: the carousel's time is dear */
        return;
    }
    struct content_document *document = content_document_parse(file->bytes, file->path, say, NULL, &error);
    assert_non_null(document);
    demo->found[kind] += document->count;
    for (size_t i = 0; kind == CONTENT_CREDIT_LIST && i < document->count; i++)
        if (!content_notice_in_force(&document->notices[i], &today))
            fail_msg("%s: %s is not in force", file->path, document->notices[i].id);
    content_document_destroy(document);

    json_t *json = json_loadb((const char *)file->bytes.data, file->bytes.size, 0, NULL);
    assert_translated(file->path, json);
    json_decref(json);
}

static void test_content_is_complete(void **state)
{
    struct demo *demo = calloc(1, sizeof(*demo));
    struct error error = {{0}};
    (void)state;
    assert_non_null(demo);
    if (!file_walk(DEMO_DIR, keep_file, demo, &error))
        fail_msg("%s", error.text);
    for (int role = 0; role < CONTENT_ROLES; role++)
        assert_true(content_check_set(role, demo->files, demo->count, say, NULL));
    for (size_t i = 0; i < demo->count; i++)
        look_into(demo, &demo->files[i]);
    assert_int_equal(demo->found[CONTENT_CATEGORIES], 6);
    assert_int_equal(demo->found[CONTENT_MERCHANTS], 8);
    assert_true(demo->found[CONTENT_CATALOGUE] >= 24);
    assert_int_equal(demo->found[CONTENT_CREDIT_LIST], 12);
    assert_int_equal(demo->found[CONTENT_PAGE], 8);
    for (size_t i = 0; i < demo->count; i++) {
        free(demo->paths[i]);
        buffer_finish(&demo->buffers[i]);
    }
    free(demo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings_are_complete),
        cmocka_unit_test(test_content_is_complete),
    };
    return cmocka_run_group_tests_name("demo", tests, NULL, NULL);
}
