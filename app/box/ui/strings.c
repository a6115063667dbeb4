/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/strings.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define LANGUAGES_MAX 8
#define KEYS_MAX 4000
#define FILE_MAX (2u << 20)

struct strings {
    struct {
        char name[8];
        json_t *texts;
    } languages[LANGUAGES_MAX];
    size_t count;
    size_t current, fallback;
    json_t *missing; /* keys that have been logged: the lasting copies that strings_get gives back */
    const char *folder;
    struct error *error; /* while loading */
};

static bool load_file(void *context, const char *name, uint64_t size)
{
    struct strings *strings = context;
    char path[4096];
    struct buffer file;
    json_error_t why;
    size_t length = strlen(name);
    (void)size;
    if (length < 6 || length > 12 || strcmp(name + length - 5, ".json") != 0 || strchr(name, '/'))
        return true;
    if (strings->count == LANGUAGES_MAX)
        return error_set(strings->error, "%s: more than %d languages", strings->folder, LANGUAGES_MAX);
    buffer_init(&file, FILE_MAX);
    bool good =
        file_join(path, sizeof(path), strings->folder, name) && file_read(path, &file, strings->error);
    json_t *texts =
        good ? json_loadb((const char *)file.data, file.size, JSON_REJECT_DUPLICATES, &why) : NULL;
    buffer_finish(&file);
    if (!good)
        return false;
    if (!texts || !json_is_object(texts) || json_object_size(texts) > KEYS_MAX) {
        error_set(strings->error, "%s:%d: expected one object of at most %d texts: %s", path,
                  texts ? 0 : why.line, KEYS_MAX, texts ? "it is something else" : why.text);
        json_decref(texts);
        return false;
    }
    text_copy(strings->languages[strings->count].name, length - 4, name);
    strings->languages[strings->count++].texts = texts;
    return true;
}

struct strings *strings_load(const char *folder, struct error *error)
{
    struct strings *strings = calloc(1, sizeof(*strings));
    if (!strings || !(strings->missing = json_object())) {
        free(strings);
        error_set(error, "%s: out of memory", folder);
        return NULL;
    }
    strings->folder = folder;
    strings->error = error;
    if (!file_walk(folder, load_file, strings, error)) {
        strings_destroy(strings);
        return NULL;
    }
    strings->folder = NULL;
    strings->error = NULL;
    if (strings->count == 0) {
        error_set(error, "%s: no language there; expected zh.json and others", folder);
        strings_destroy(strings);
        return NULL;
    }
    strings_set_language(strings, "zh");
    strings->fallback = strings->current;
    return strings;
}

void strings_destroy(struct strings *strings)
{
    if (!strings)
        return;
    for (size_t i = 0; i < strings->count; i++)
        json_decref(strings->languages[i].texts);
    json_decref(strings->missing);
    free(strings);
}

bool strings_set_language(struct strings *strings, const char *language)
{
    for (size_t i = 0; i < strings->count; i++) {
        if (strcmp(strings->languages[i].name, language) == 0) {
            strings->current = i;
            return true;
        }
    }
    return false;
}

const char *strings_language(const struct strings *strings)
{
    return strings->languages[strings->current].name;
}

/* The key is remembered with itself as value: one log line, and a copy that lasts. */
static const char *missing_text(struct strings *strings, const char *key)
{
    const char *known = json_string_value(json_object_get(strings->missing, key));
    if (known)
        return known;
    log_warning("no text for \"%s\" in %s", key, strings_language(strings));
    if (json_object_size(strings->missing) >= KEYS_MAX ||
        json_object_set_new(strings->missing, key, json_string(key)))
        return "?";
    return json_string_value(json_object_get(strings->missing, key));
}

const char *strings_get(struct strings *strings, const char *key)
{
    const char *text = json_string_value(json_object_get(strings->languages[strings->current].texts, key));
    if (text)
        return text;
    const char *shown = json_string_value(json_object_get(strings->languages[strings->fallback].texts, key));
    const char *logged = missing_text(strings, key);
    return shown ? shown : logged;
}

void strings_format(struct strings *strings, const char *key, const char *const *arguments, size_t count,
                    char *out, size_t size)
{
    const char *text = strings_get(strings, key);
    const char *end = out + size - 1;
    while (*text) {
        size_t index = text[0] == '{' && text[1] >= '0' && text[1] <= '9' && text[2] == '}'
                           ? (size_t)(text[1] - '0')
                           : 10;
        if (index < count && arguments[index]) {
            const char *argument = arguments[index];
            while (*argument)
                if (!text_put(&out, end, text_next(&argument)))
                    goto full;
            text += 3;
        } else if (!text_put(&out, end, text_next(&text))) {
            break;
        }
    }
full:
    *out = '\0';
}
