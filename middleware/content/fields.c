/* SPDX-License-Identifier: Apache-2.0 */
#include "content/fields.h"

#include "content/area.h"
#include "content/keys.h"
#include "content/uscc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char id_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
static const char *const text_members[] = {"zh", "bo", "en", NULL};

static void say_no_memory(struct content_json *reader)
{
    content_json_say(reader, CONTENT_ERROR, "out of memory");
}

static char *copy(struct content_json *reader, const char *value)
{
    char *own = strdup(value);
    if (own == NULL) {
        say_no_memory(reader);
    }
    return own;
}

void *field_allocate(struct content_json *reader, size_t count, size_t size)
{
    if (count == 0) {
        return NULL;
    }
    void *memory = calloc(count, size);
    if (memory == NULL) {
        say_no_memory(reader);
    }
    return memory;
}

/* Control characters have no shape on a screen; a line feed parts paragraphs where those are allowed. */
static bool has_control(const char *value, bool allow_line_feed)
{
    for (; *value != '\0'; value++) {
        unsigned char byte = (unsigned char)*value;
        if ((byte < 0x20 && !(byte == '\n' && allow_line_feed)) || byte == 0x7f) {
            return true;
        }
    }
    return false;
}

/* The member as a checked string; is_right NULL: any without control characters. */
static char *read_checked(struct content_json *reader, const json_t *object, const char *key, bool required,
                          size_t maximum, bool (*is_right)(const char *), const char *expected)
{
    const char *value = content_json_string(reader, object, key, required, 1, maximum);
    if (value == NULL) {
        return NULL;
    }
    bool right = is_right != NULL ? is_right(value) : !has_control(value, false);
    size_t mark = content_json_enter_key(reader, key);
    char *own = NULL;
    if (right) {
        own = copy(reader, value);
    } else {
        content_json_fail(reader, expected, json_object_get(object, key));
    }
    content_json_leave(reader, mark);
    return own;
}

static bool is_id(const char *value)
{
    return value[strspn(value, id_characters)] == '\0';
}

static bool is_phone(const char *value)
{
    return value[strspn(value, "0123456789+-() ")] == '\0' && strpbrk(value, "0123456789") != NULL;
}

bool field_is_picture(const char *path)
{
    static const char folder[] = "pictures/", ending[] = ".jpg";
    size_t length = strlen(path);
    if (strncmp(path, folder, sizeof folder - 1) != 0 || length > 96 ||
        length < sizeof folder - 1 + sizeof ending ||
        strcmp(path + length - (sizeof ending - 1), ending) != 0) {
        return false;
    }
    const char *name = path + sizeof folder - 1;
    return name[0] != '.' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

char *field_read_id(struct content_json *reader, const json_t *object, const char *key, bool required)
{
    return read_checked(reader, object, key, required, CONTENT_ID_MAXIMUM, is_id, "an id of a-z, 0-9 and -");
}

char *field_read_string(struct content_json *reader, const json_t *object, const char *key, bool required,
                        size_t maximum)
{
    return read_checked(reader, object, key, required, maximum, NULL, "one line without control characters");
}

char *field_read_phone(struct content_json *reader, const json_t *object, const char *key, bool required)
{
    return read_checked(reader, object, key, required, 32, is_phone,
                        "a telephone number of digits, spaces, + - ( )");
}

char *field_read_area(struct content_json *reader, const json_t *object, const char *key, bool required)
{
    return read_checked(reader, object, key, required, CONTENT_AREA_MAXIMUM, content_area_is_code,
                        "an administrative division code of 2 to 12 digits");
}

char *field_read_uscc(struct content_json *reader, const json_t *object, const char *key, bool required)
{
    char *code = read_checked(reader, object, key, required, CONTENT_USCC_LENGTH, content_uscc_is_shaped,
                              "a unified social credit code of 18 characters");
    if (code != NULL && !content_uscc_is_valid(code)) {
        size_t mark = content_json_enter_key(reader, key);
        content_json_say(reader, CONTENT_WARNING, "the check digit of %s should be %c (GB 32100)", code,
                         content_uscc_check_digit(code));
        content_json_leave(reader, mark);
    }
    return code;
}

char *field_read_picture(struct content_json *reader, const json_t *object, const char *key)
{
    return read_checked(reader, object, key, true, 96, field_is_picture,
                        "a path pictures/NAME.jpg of a-z, 0-9 . _ -");
}

static char *read_language(struct content_json *reader, const json_t *value, const char *language,
                           bool required, size_t maximum)
{
    const char *words = content_json_string(reader, value, language, required, required ? 1 : 0, maximum);
    if (words == NULL) {
        return NULL;
    }
    size_t mark = content_json_enter_key(reader, language);
    char *own = NULL;
    if (words[0] == '\0') {
        content_json_say(reader, CONTENT_WARNING, "is empty; Chinese will be shown");
    } else if (has_control(words, true)) {
        content_json_fail(reader, "no control characters but line feeds", json_object_get(value, language));
    } else {
        own = copy(reader, words);
    }
    content_json_leave(reader, mark);
    return own;
}

void field_read_text_value(struct content_json *reader, const json_t *value, size_t maximum,
                           struct content_text *text)
{
    if (!json_is_object(value)) {
        content_json_fail(reader, "a text {\"zh\", \"bo\", \"en\"}", value);
        return;
    }
    text->zh = read_language(reader, value, "zh", true, maximum);
    text->bo = read_language(reader, value, "bo", false, maximum);
    text->en = read_language(reader, value, "en", false, maximum);
    content_json_warn_unknown(reader, value, text_members);
}

void field_read_text(struct content_json *reader, const json_t *object, const char *key, bool required,
                     size_t maximum, struct content_text *text)
{
    json_t *value = json_object_get(object, key);
    if ((value == NULL || json_is_null(value)) && !required) {
        return;
    }
    size_t mark = content_json_enter_key(reader, key);
    field_read_text_value(reader, value, maximum, text);
    content_json_leave(reader, mark);
}

void field_read_date(struct content_json *reader, const json_t *object, const char *key, bool required,
                     struct content_date *date)
{
    const char *value = content_json_string(reader, object, key, required, 1, 64);
    if (value != NULL && !content_date_parse(value, date)) {
        size_t mark = content_json_enter_key(reader, key);
        content_json_fail(reader, "a date YYYY-MM-DD", json_object_get(object, key));
        content_json_leave(reader, mark);
    }
}

static void read_strings(struct content_json *reader, const json_t *array, bool (*is_right)(const char *),
                         const char *expected, struct content_strings *strings)
{
    size_t count = json_array_size(array);
    strings->items = field_allocate(reader, count, sizeof *strings->items);
    for (size_t i = 0; strings->items != NULL && i < count; i++) {
        json_t *value = json_array_get(array, i);
        size_t mark = content_json_enter_index(reader, i);
        if (!json_is_string(value) || !is_right(json_string_value(value))) {
            content_json_fail(reader, expected, value);
        } else {
            char *own = copy(reader, json_string_value(value));
            if (own != NULL) {
                strings->items[strings->count++] = own;
            }
        }
        content_json_leave(reader, mark);
    }
}

void field_read_areas(struct content_json *reader, const json_t *object, struct content_strings *areas)
{
    json_t *array = content_json_array(reader, object, "areas", false, 0, CONTENT_AREAS_MAXIMUM);
    if (array != NULL) {
        size_t mark = content_json_enter_key(reader, "areas");
        read_strings(reader, array, content_area_is_code, "an administrative division code of 2 to 12 digits",
                     areas);
        content_json_leave(reader, mark);
    }
}

void field_read_pictures(struct content_json *reader, const json_t *object, struct content_strings *pictures)
{
    json_t *array = content_json_array(reader, object, "pictures", true, 1, CONTENT_PICTURES_MAXIMUM);
    if (array != NULL) {
        size_t mark = content_json_enter_key(reader, "pictures");
        read_strings(reader, array, field_is_picture, "a path pictures/NAME.jpg of a-z, 0-9 . _ -", pictures);
        content_json_leave(reader, mark);
    }
}

void field_read_keys(struct content_json *reader, const json_t *object, struct content_strings *keys)
{
    json_t *array = content_json_array(reader, object, "keys", false, 0, CONTENT_KEYS_MAXIMUM);
    if (array == NULL) {
        return;
    }
    size_t mark = content_json_enter_key(reader, "keys"), words = 0;
    read_strings(reader, array, content_key_is_good, "a key of words of a-z and 0-9, at most 160 bytes",
                 keys);
    for (size_t i = 0; i < keys->count; i++) {
        words += content_key_words(keys->items[i]);
    }
    if (words > CONTENT_KEY_WORDS_MAXIMUM) {
        content_json_say(reader, CONTENT_ERROR, "expected at most %d words in all, found %zu",
                         CONTENT_KEY_WORDS_MAXIMUM, words);
    }
    content_json_leave(reader, mark);
}

int field_read_word(struct content_json *reader, const json_t *object, const char *key, bool required,
                    const char *const *words, size_t count, int fallback)
{
    char expected[160] = "one of";
    const char *value = content_json_string(reader, object, key, required, 0, 64);
    if (value == NULL) {
        return fallback;
    }
    for (size_t i = 0; i < count; i++) {
        if (words[i][0] != '\0' && strcmp(words[i], value) == 0) {
            return (int)i;
        }
        if (words[i][0] != '\0') {
            size_t length = strlen(expected);
            snprintf(expected + length, sizeof expected - length, " \"%s\"", words[i]);
        }
    }
    size_t mark = content_json_enter_key(reader, key);
    content_json_fail(reader, expected, json_object_get(object, key));
    content_json_leave(reader, mark);
    return fallback;
}

bool field_write_string(json_t *object, const char *key, const char *value)
{
    return value == NULL || json_object_set_new(object, key, json_string(value)) == 0;
}

bool field_write_integer(json_t *object, const char *key, int64_t value)
{
    return json_object_set_new(object, key, json_integer(value)) == 0;
}

json_t *field_text_to_json(const struct content_text *text)
{
    json_t *value = json_object();
    if (value == NULL || !field_write_string(value, "zh", text->zh) ||
        !field_write_string(value, "bo", text->bo) || !field_write_string(value, "en", text->en)) {
        json_decref(value);
        return NULL;
    }
    return value;
}

bool field_write_text(json_t *object, const char *key, const struct content_text *text)
{
    return content_text_is_absent(text) || json_object_set_new(object, key, field_text_to_json(text)) == 0;
}

bool field_write_date(json_t *object, const char *key, const struct content_date *date)
{
    return date->text[0] == '\0' || field_write_string(object, key, date->text);
}

bool field_write_strings(json_t *object, const char *key, const struct content_strings *strings)
{
    if (strings->count == 0) {
        return true;
    }
    json_t *array = json_array();
    for (size_t i = 0; i < strings->count; i++) {
        if (json_array_append_new(array, json_string(strings->items[i])) != 0) {
            json_decref(array);
            return false;
        }
    }
    return json_object_set_new(object, key, array) == 0;
}

void field_strings_finish(struct content_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++) {
        free(strings->items[i]);
    }
    free(strings->items);
    *strings = (struct content_strings){0};
}
