/* SPDX-License-Identifier: Apache-2.0 */
#include "content/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What may be referred to. Each set is a JSON object: its keys are the ids, its values where they stand. */
enum set {
    SET_CATEGORIES,
    SET_MERCHANTS,
    SET_PRODUCTS,
    SET_NOTICES,
    SET_SECTIONS,
    SET_PAGES,
    SET_PICTURES,
    SET_USED,
    SETS
};

struct check {
    enum content_role role;
    content_report_fn *report;
    void *context;
    bool failed;
    bool knows_merchants; /* of the commerce role, for notices */
    json_t *sets[SETS];
};

static void say(struct check *check, enum content_severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct check *check, enum content_severity severity, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (severity == CONTENT_ERROR) {
        check->failed = true;
    }
    if (check->report != NULL) {
        check->report(check->context, severity, text);
    }
}

/* Where thing number i of a document stands: "commerce/merchants.json: merchants[3]". */
struct place {
    const char *file, *array;
    size_t index;
};
#define PLACE_SIZE 200
#define PATH_MAXIMUM 128 /* below the role's directory */

static const char *place_text(const struct place *place, const char *member, char text[PLACE_SIZE])
{
    if (place->array != NULL) {
        snprintf(text, PLACE_SIZE, "%s: %s[%zu]%s%s", place->file, place->array, place->index,
                 member != NULL ? "." : "", member != NULL ? member : "");
    } else {
        snprintf(text, PLACE_SIZE, "%s%s%s", place->file, member != NULL ? ": " : "",
                 member != NULL ? member : "");
    }
    return text;
}

static void define(struct check *check, enum set set, const char *id, const struct place *place)
{
    char text[PLACE_SIZE], own[PLACE_SIZE];
    const char *first = json_string_value(json_object_get(check->sets[set], id));
    place_text(place, NULL, text);
    if (first != NULL) {
        say(check, CONTENT_ERROR, "%s: expected an id of its own, found \"%s\" again, which is at %s",
            place_text(place, "id", own), id, first);
    } else if (json_object_set_new(check->sets[set], id, json_string(text)) != 0) {
        say(check, CONTENT_ERROR, "%s: out of memory", text);
    }
}

static void refer(struct check *check, enum set set, const char *id, const struct place *place,
                  const char *member, const char *expected, enum content_severity severity)
{
    char text[PLACE_SIZE];
    if (json_object_get(check->sets[set], id) == NULL) {
        say(check, severity, "%s: expected %s, found \"%s\"", place_text(place, member, text), expected, id);
    }
}

static void refer_picture(struct check *check, const char *picture, const struct place *place,
                          const char *member)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", content_role_str(check->role), picture);
    refer(check, SET_PICTURES, path, place, member, "a picture file of the set", CONTENT_ERROR);
    json_object_set_new(check->sets[SET_USED], path, json_true());
}

static bool is_of_role(const char *path, enum content_role role)
{
    const char *name = content_role_str(role);
    size_t length = strlen(name);
    return strncmp(path, name, length) == 0 && path[length] == '/';
}

static void define_things(struct check *check, const char *file, const struct content_document *document)
{
    struct place place = {.file = file};
    for (size_t i = 0; i < document->count; i++) {
        place.index = i;
        switch (document->kind) {
        case CONTENT_CATEGORIES:
            place.array = "categories";
            define(check, SET_CATEGORIES, document->categories[i].id, &place);
            break;
        case CONTENT_MERCHANTS:
            place.array = "merchants";
            define(check, SET_MERCHANTS, document->merchants[i].id, &place);
            break;
        case CONTENT_CATALOGUE:
            place.array = "products";
            define(check, SET_PRODUCTS, document->products[i].id, &place);
            break;
        case CONTENT_CREDIT_LIST:
            place.array = "entries";
            define(check, SET_NOTICES, document->notices[i].id, &place);
            break;
        case CONTENT_DIRECTORY:
            place.array = "sections";
            define(check, SET_SECTIONS, document->sections[i].id, &place);
            break;
        case CONTENT_PAGE:
            place.array = NULL;
            define(check, SET_PAGES, document->pages[i].id, &place);
            break;
        case CONTENT_UNKNOWN:
            break;
        }
    }
}

static void check_product(struct check *check, const struct content_product *product,
                          const struct place *place)
{
    char member[32];
    refer(check, SET_MERCHANTS, product->merchant, place, "merchant", "a merchant of commerce/merchants.json",
          CONTENT_ERROR);
    for (size_t i = 0; i < product->pictures.count; i++) {
        snprintf(member, sizeof member, "pictures[%zu]", i);
        refer_picture(check, product->pictures.items[i], place, member);
    }
}

static void check_references(struct check *check, const char *file, const struct content_document *document)
{
    struct place place = {.file = file};
    char text[PLACE_SIZE], member[48];
    if (document->kind == CONTENT_CATALOGUE &&
        json_object_get(check->sets[SET_CATEGORIES], document->category) == NULL) {
        say(check, CONTENT_ERROR,
            "%s: category: expected a category of commerce/categories.json, found \"%s\"", file,
            document->category);
    }
    for (size_t i = 0; i < document->count; i++) {
        place.index = i;
        if (document->kind == CONTENT_CATALOGUE) {
            place.array = "products";
            check_product(check, &document->products[i], &place);
        } else if (document->kind == CONTENT_CREDIT_LIST) {
            place.array = "entries";
            if (document->notices[i].merchant != NULL && check->knows_merchants) {
                refer(check, SET_MERCHANTS, document->notices[i].merchant, &place, "merchant",
                      "a merchant of commerce/merchants.json", CONTENT_WARNING);
            }
        } else if (document->kind == CONTENT_PAGE) {
            const struct content_page *page = &document->pages[i];
            if (json_object_get(check->sets[SET_SECTIONS], page->section) == NULL) {
                say(check, CONTENT_ERROR, "%s: expected a section of community/directory.json, found \"%s\"",
                    place_text(&place, "section", text), page->section);
            }
            for (size_t block = 0; block < page->body_count; block++) {
                if (page->body[block].kind == CONTENT_BLOCK_PICTURE) {
                    snprintf(member, sizeof member, "body[%zu].picture", block);
                    refer_picture(check, page->body[block].value, &place, member);
                }
            }
        }
    }
}

static void check_picture(struct check *check, const struct content_file *file)
{
    const struct bytes *bytes = &file->bytes;
    if (bytes->size > CONTENT_PICTURE_SIZE_MAXIMUM) {
        say(check, CONTENT_ERROR, "%s: expected a picture of at most %d bytes, found %zu", file->path,
            CONTENT_PICTURE_SIZE_MAXIMUM, bytes->size);
    } else if (bytes->size < 4 || bytes->data[0] != 0xff || bytes->data[1] != 0xd8 ||
               bytes->data[2] != 0xff) {
        say(check, CONTENT_ERROR, "%s: expected a JPEG picture, found something else", file->path);
    }
    if (json_object_set_new(check->sets[SET_PICTURES], file->path, json_true()) != 0) {
        say(check, CONTENT_ERROR, "%s: out of memory", file->path);
    }
}

static bool is_of_the_manifest(const char *path)
{
    const char *name = strchr(path, '/');
    return name != NULL && (strcmp(name, "/manifest.json") == 0 || strcmp(name, "/manifest.sig") == 0 ||
                            strcmp(name, "/chain.pem") == 0);
}

/* What a manifest may name (middleware/trust): one file of another name, and no box takes the role. */
static bool may_be_named(const char *path)
{
    const char *name = strchr(path, '/');
    if (name == NULL || strlen(name + 1) > PATH_MAXIMUM) {
        return false;
    }
    while (*name == '/') {
        name++;
        size_t size = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
        if (size == 0 || *name == '.') {
            return false;
        }
        name += size;
    }
    return *name == '\0';
}

/* Parses what can be parsed; documents[i] stays NULL for the rest. */
static void check_files(struct check *check, const struct content_file *files, size_t count,
                        struct content_document **documents)
{
    for (size_t i = 0; i < count; i++) {
        const char *path = files[i].path;
        bool is_document = content_document_kind_of_path(path) != CONTENT_UNKNOWN;
        if (!is_of_role(path, check->role)) {
            if (check->role == CONTENT_CREDIT && content_document_kind_of_path(path) == CONTENT_MERCHANTS) {
                documents[i] = content_document_parse(files[i].bytes, path, NULL, NULL, NULL);
                check->knows_merchants = documents[i] != NULL;
            }
        } else if (is_document) {
            documents[i] = content_document_parse(files[i].bytes, path, check->report, check->context, NULL);
            check->failed = check->failed || documents[i] == NULL;
        } else if (content_path_is_picture(path)) {
            check_picture(check, &files[i]);
        } else if (!may_be_named(path)) {
            say(check, CONTENT_ERROR,
                "%s: expected a name of at most %d letters a-z, digits and . _ -, found others: rename the "
                "file, or take it out",
                path, PATH_MAXIMUM);
        } else if (!is_of_the_manifest(path)) {
            say(check, CONTENT_WARNING, "%s: is nothing that Kokonor knows; no box will show it", path);
        }
        if (documents[i] != NULL) {
            define_things(check, path, documents[i]);
        }
    }
}

static void warn_unused(struct check *check)
{
    const char *path;
    json_t *value;
    json_object_foreach(check->sets[SET_PICTURES], path, value)
    {
        if (json_object_get(check->sets[SET_USED], path) == NULL) {
            say(check, CONTENT_WARNING, "%s: is used by nothing and only costs air time", path);
        }
    }
}

bool content_check_set(enum content_role role, const struct content_file *files, size_t count,
                       content_report_fn *report, void *context)
{
    struct check check = {.role = role, .report = report, .context = context};
    struct content_document **documents = calloc(count > 0 ? count : 1, sizeof(struct content_document *));
    bool has_memory = documents != NULL;
    for (size_t i = 0; i < SETS; i++) {
        check.sets[i] = json_object();
        has_memory = has_memory && check.sets[i] != NULL;
    }
    if (has_memory) {
        check_files(&check, files, count, documents);
        for (size_t i = 0; i < count; i++) {
            if (documents[i] != NULL && is_of_role(files[i].path, role)) {
                check_references(&check, files[i].path, documents[i]);
            }
        }
        warn_unused(&check);
    } else {
        say(&check, CONTENT_ERROR, "%s: out of memory", content_role_str(role));
    }
    for (size_t i = 0; documents != NULL && i < count; i++) {
        content_document_destroy(documents[i]);
    }
    free(documents);
    for (size_t i = 0; i < SETS; i++) {
        json_decref(check.sets[i]);
    }
    return !check.failed;
}
