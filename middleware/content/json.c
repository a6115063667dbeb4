/* SPDX-License-Identifier: Apache-2.0 */
#include "content/json.h"

#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* So that a text within its size cannot unfold into very many values. */
#define VALUES_MAXIMUM 200000

void content_json_init(struct content_json *reader, const char *file, content_report_fn *report,
                       void *context)
{
    *reader = (struct content_json){.file = file, .report = report, .context = context};
}

void content_json_say(struct content_json *reader, enum content_severity severity, const char *format, ...)
{
    char words[300];
    struct error whole = {.text = ""};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    if (reader->path_length > 0) {
        error_set(&whole, "%s: %s: %s", reader->file, reader->path, words);
    } else {
        error_set(&whole, "%s: %s", reader->file, words);
    }
    if (severity == CONTENT_ERROR && reader->errors == 0) {
        reader->first = whole;
    }
    if (reader->report != NULL && reader->errors + reader->warnings < CONTENT_REPORT_MAXIMUM) {
        reader->report(reader->context, severity, whole.text);
    }
    if (severity == CONTENT_ERROR) {
        reader->errors++;
    } else {
        reader->warnings++;
    }
}

static void describe(const json_t *found, char *out, size_t size)
{
    char text[41];
    switch (found != NULL ? json_typeof(found) : JSON_NULL) {
    case JSON_OBJECT:
        snprintf(out, size, "an object");
        break;
    case JSON_ARRAY:
        snprintf(out, size, "an array of %zu", json_array_size(found));
        break;
    case JSON_STRING: {
        bool whole = text_copy(text, sizeof text, json_string_value(found));
        snprintf(out, size, "\"%s\"%s", text, whole ? "" : "...");
        break;
    }
    case JSON_INTEGER:
        snprintf(out, size, "%" JSON_INTEGER_FORMAT, json_integer_value(found));
        break;
    case JSON_REAL:
        snprintf(out, size, "%g", json_real_value(found));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        snprintf(out, size, "%s", json_is_true(found) ? "true" : "false");
        break;
    case JSON_NULL:
        snprintf(out, size, "nothing");
        break;
    }
}

void content_json_fail(struct content_json *reader, const char *expected, const json_t *found)
{
    char words[64];
    describe(found, words, sizeof words);
    content_json_say(reader, CONTENT_ERROR, "expected %s, found %s", expected, words);
}

/* Refuses what would make the parser recurse or allocate without measure, before it runs. */
static bool check_shape(struct content_json *reader, struct bytes text)
{
    size_t depth = 0, values = 1;
    bool in_string = false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (in_string) {
            if (byte == '\\') {
                i++;
            } else if (byte == '"') {
                in_string = false;
            }
        } else if (byte == '"') {
            in_string = true;
        } else if (byte == '[' || byte == '{') {
            depth++;
            values++;
        } else if (byte == ']' || byte == '}') {
            depth = depth > 0 ? depth - 1 : 0;
        } else if (byte == ',') {
            values++;
        }
        if (depth > CONTENT_JSON_DEPTH_MAXIMUM) {
            content_json_say(reader, CONTENT_ERROR, "nested deeper than %d levels",
                             CONTENT_JSON_DEPTH_MAXIMUM);
            return false;
        }
    }
    if (values > VALUES_MAXIMUM) {
        content_json_say(reader, CONTENT_ERROR, "holds more than %d values", VALUES_MAXIMUM);
        return false;
    }
    return true;
}

json_t *content_json_load(struct content_json *reader, struct bytes text, size_t maximum)
{
    json_error_t why;
    if (text.size > maximum) {
        content_json_say(reader, CONTENT_ERROR, "is %zu bytes long, at most %zu are allowed", text.size,
                         maximum);
        return NULL;
    }
    if (text.size == 0) {
        content_json_say(reader, CONTENT_ERROR, "is empty");
        return NULL;
    }
    if (!check_shape(reader, text)) {
        return NULL;
    }
    json_t *value = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &why);
    if (value == NULL) {
        content_json_say(reader, CONTENT_ERROR, "line %d, column %d: %s", why.line, why.column, why.text);
    }
    return value;
}

static size_t enter(struct content_json *reader, const char *step)
{
    size_t mark = reader->path_length, left = sizeof reader->path - mark;
    if (strlen(step) < left) {
        memcpy(reader->path + mark, step, strlen(step) + 1);
        reader->path_length += strlen(step);
    }
    return mark;
}

size_t content_json_enter_key(struct content_json *reader, const char *key)
{
    char step[64];
    snprintf(step, sizeof step, "%s%.48s", reader->path_length > 0 ? "." : "", key);
    return enter(reader, step);
}

size_t content_json_enter_index(struct content_json *reader, size_t index)
{
    char step[32];
    snprintf(step, sizeof step, "[%zu]", index);
    return enter(reader, step);
}

void content_json_leave(struct content_json *reader, size_t mark)
{
    reader->path_length = mark;
    reader->path[mark] = '\0';
}

bool content_json_is_object(struct content_json *reader, const json_t *value)
{
    if (!json_is_object(value)) {
        content_json_fail(reader, "an object", value);
        return false;
    }
    return true;
}

void content_json_warn_unknown(struct content_json *reader, const json_t *object, const char *const *known)
{
    const char *key;
    json_t *value;
    if (reader->report == NULL) {
        return;
    }
    json_object_foreach((json_t *)object, key, value)
    {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], key) != 0) {
            i++;
        }
        if (known[i] == NULL) {
            size_t mark = content_json_enter_key(reader, key);
            content_json_say(reader, CONTENT_WARNING,
                             "is not a member that Kokonor knows; it is passed over");
            content_json_leave(reader, mark);
        }
    }
}

/* The member of object, NULL where it is absent or null. Reports it at its place where it is required or of
 * another type. */
static json_t *member(struct content_json *reader, const json_t *object, const char *key, bool required,
                      bool (*is_type)(const json_t *), const char *expected)
{
    json_t *value = json_object_get(object, key);
    bool is_absent = value == NULL || json_is_null(value);
    if (is_absent ? required : !is_type(value)) {
        size_t mark = content_json_enter_key(reader, key);
        content_json_fail(reader, expected, value);
        content_json_leave(reader, mark);
        return NULL;
    }
    return is_absent ? NULL : value;
}

static bool is_string(const json_t *value)
{
    return json_is_string(value);
}

static bool is_integer(const json_t *value)
{
    return json_is_integer(value);
}

static bool is_boolean(const json_t *value)
{
    return json_is_boolean(value);
}

static bool is_object(const json_t *value)
{
    return json_is_object(value);
}

static bool is_array(const json_t *value)
{
    return json_is_array(value);
}

const char *content_json_string(struct content_json *reader, const json_t *object, const char *key,
                                bool required, size_t minimum, size_t maximum)
{
    json_t *value = member(reader, object, key, required, is_string, "a string");
    if (value == NULL) {
        return NULL;
    }
    size_t length = json_string_length(value);
    if (length < minimum || length > maximum) {
        size_t mark = content_json_enter_key(reader, key);
        content_json_say(reader, CONTENT_ERROR, "expected a string of %zu to %zu bytes, found %zu", minimum,
                         maximum, length);
        content_json_leave(reader, mark);
        return NULL;
    }
    return json_string_value(value);
}

int64_t content_json_integer(struct content_json *reader, const json_t *object, const char *key,
                             bool required, int64_t fallback, int64_t low, int64_t high)
{
    json_t *value = member(reader, object, key, required, is_integer, "an integer");
    if (value == NULL) {
        return fallback;
    }
    int64_t number = json_integer_value(value);
    if (number < low || number > high) {
        size_t mark = content_json_enter_key(reader, key);
        content_json_say(reader, CONTENT_ERROR, "expected an integer from %lld to %lld, found %lld",
                         (long long)low, (long long)high, (long long)number);
        content_json_leave(reader, mark);
        return fallback;
    }
    return number;
}

bool content_json_boolean(struct content_json *reader, const json_t *object, const char *key, bool required,
                          bool fallback)
{
    json_t *value = member(reader, object, key, required, is_boolean, "true or false");
    return value != NULL ? json_is_true(value) : fallback;
}

json_t *content_json_object(struct content_json *reader, const json_t *object, const char *key, bool required)
{
    return member(reader, object, key, required, is_object, "an object");
}

json_t *content_json_array(struct content_json *reader, const json_t *object, const char *key, bool required,
                           size_t minimum, size_t maximum)
{
    json_t *value = member(reader, object, key, required, is_array, "an array");
    if (value == NULL) {
        return NULL;
    }
    size_t count = json_array_size(value);
    if (count < minimum || count > maximum) {
        size_t mark = content_json_enter_key(reader, key);
        content_json_say(reader, CONTENT_ERROR, "expected an array of %zu to %zu elements, found %zu",
                         minimum, maximum, count);
        content_json_leave(reader, mark);
        return NULL;
    }
    return value;
}
