/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/divisions.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1u << 20)
#define COUNT_MAX 4000
#define BETWEEN " · "

struct division {
    const char *code, *names[3]; /* lie in the document */
    size_t above;                /* index; SIZE_MAX: none */
};

struct divisions {
    json_t *document;
    size_t count;
    struct division items[];
};

static const char *const languages[] = {"zh", "bo", "en"};

static const struct division *find(const struct divisions *divisions, const char *code)
{
    for (size_t i = 0; divisions && i < divisions->count; i++)
        if (!strcmp(divisions->items[i].code, code))
            return &divisions->items[i];
    return NULL;
}

static bool lies_in(const char *code, const char *within)
{
    size_t length = strlen(within);
    return strlen(code) > length && !strncmp(code, within, length);
}

/* The longest of those before it that its code begins with. */
static size_t find_above(const struct divisions *divisions, const char *code)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < divisions->count; i++)
        if (lies_in(code, divisions->items[i].code) &&
            (found == SIZE_MAX || strlen(divisions->items[i].code) > strlen(divisions->items[found].code)))
            found = i;
    return found;
}

static bool add(struct divisions *divisions, const json_t *entry, struct error *error)
{
    struct division *division = &divisions->items[divisions->count];
    size_t number = divisions->count;
    division->code = json_string_value(json_object_get(entry, "code"));
    size_t length = division->code ? strlen(division->code) : 0;
    if (length < 2 || length >= DIVISION_CODE_SIZE || length % 2 ||
        strspn(division->code, "0123456789") != length)
        return error_set(error, "divisions[%zu].code: expected 2 to 12 digits, an even number", number);
    if (find(divisions, division->code))
        return error_set(error, "divisions[%zu].code: %s stands there twice", number, division->code);
    for (int i = 0; i < 3; i++) {
        division->names[i] = json_string_value(json_object_get(entry, languages[i]));
        if (!division->names[i] || !*division->names[i])
            return error_set(error, "divisions[%zu].%s: expected a name", number, languages[i]);
    }
    division->above = find_above(divisions, division->code);
    divisions->count++;
    return true;
}

static struct divisions *read_all(json_t *document, struct error *error)
{
    const json_t *list = json_object_get(document, "divisions");
    size_t count = json_array_size(list);
    if (count == 0 || count > COUNT_MAX) {
        error_set(error, "divisions: expected a list of 1 to %d", COUNT_MAX);
        return NULL;
    }
    struct divisions *divisions = calloc(1, sizeof(*divisions) + count * sizeof(divisions->items[0]));
    bool good = divisions != NULL || error_set(error, "out of memory");
    for (size_t i = 0; good && i < count; i++)
        good = add(divisions, json_array_get(list, i), error);
    if (good)
        return divisions;
    free(divisions);
    return NULL;
}

struct divisions *divisions_load(const char *path, struct error *error)
{
    struct buffer file;
    struct error reason = {""};
    json_error_t why = {.text = ""};
    struct divisions *divisions = NULL;
    buffer_init(&file, FILE_MAX);
    bool there = file_read(path, &file, error);
    json_t *document =
        there ? json_loadb((const char *)file.data, file.size, JSON_REJECT_DUPLICATES, &why) : NULL;
    buffer_finish(&file);
    if (document)
        divisions = read_all(document, &reason);
    if (there && !divisions)
        error_set(error, "%s: %s", path, document ? reason.text : why.text);
    if (divisions)
        divisions->document = document;
    else
        json_decref(document);
    return divisions;
}

void divisions_destroy(struct divisions *divisions)
{
    if (!divisions)
        return;
    json_decref(divisions->document);
    free(divisions);
}

const char *divisions_code(const struct divisions *divisions, const char *within, size_t index)
{
    for (size_t i = 0; divisions && i < divisions->count; i++) {
        const struct division *division = &divisions->items[i];
        const char *above = division->above == SIZE_MAX ? "" : divisions->items[division->above].code;
        if (!strcmp(above, within) && index-- == 0)
            return division->code;
    }
    return NULL;
}

size_t divisions_count(const struct divisions *divisions, const char *within)
{
    size_t count = 0;
    while (divisions_code(divisions, within, count))
        count++;
    return count;
}

static const char *name_of(const struct division *division, const char *language)
{
    for (int i = 1; i < 3; i++)
        if (!strcmp(language, languages[i]))
            return division->names[i];
    return division->names[0];
}

const char *divisions_name(const struct divisions *divisions, const char *code, const char *language)
{
    const struct division *division = find(divisions, code);
    return division ? name_of(division, language) : NULL;
}

void divisions_above(const struct divisions *divisions, const char *code, char above[DIVISION_CODE_SIZE])
{
    size_t index = divisions ? find_above(divisions, code) : SIZE_MAX;
    text_copy(above, DIVISION_CODE_SIZE, index == SIZE_MAX ? "" : divisions->items[index].code);
}

static void append(char path[DIVISION_PATH_SIZE], const char *text)
{
    size_t length = strlen(path);
    text_copy(path + length, DIVISION_PATH_SIZE - length, text);
}

void divisions_path(const struct divisions *divisions, const char *within, const char *code,
                    const char *language, char path[DIVISION_PATH_SIZE])
{
    path[0] = 0;
    for (size_t i = 0; divisions && i < divisions->count; i++) {
        const struct division *division = &divisions->items[i]; /* each stands behind what it lies in */
        if (!lies_in(division->code, within) ||
            (strcmp(division->code, code) && !lies_in(code, division->code)))
            continue;
        append(path, path[0] ? BETWEEN : "");
        append(path, name_of(division, language));
    }
    if (find(divisions, code) || !*code)
        return;
    append(path, path[0] ? BETWEEN : "");
    append(path, code);
}
