/* SPDX-License-Identifier: Apache-2.0 */
#include "content/document.h"

#include "content/fields.h"
#include <stdlib.h>
#include <string.h>

static const char *const role_names[CONTENT_ROLES] = {"commerce", "credit", "community"};

const char *content_role_str(enum content_role role)
{
    return (unsigned)role < CONTENT_ROLES ? role_names[role] : "?";
}

bool content_role_from_str(const char *name, enum content_role *role)
{
    for (unsigned i = 0; i < CONTENT_ROLES; i++) {
        if (strcmp(name, role_names[i]) == 0) {
            *role = (enum content_role)i;
            return true;
        }
    }
    return false;
}

/* The name between folder and ".json", as an id; false where path is something else. */
static bool name_in_folder(const char *path, const char *folder, char name[CONTENT_ID_MAXIMUM + 1])
{
    size_t start = strlen(folder), length = strlen(path);
    if (strncmp(path, folder, start) != 0 || length < start + 6 || strcmp(path + length - 5, ".json") != 0) {
        return false;
    }
    length -= start + 5;
    if (length > CONTENT_ID_MAXIMUM ||
        strspn(path + start, "abcdefghijklmnopqrstuvwxyz0123456789-") != length) {
        return false;
    }
    memcpy(name, path + start, length);
    name[length] = '\0';
    return true;
}

enum content_document_kind content_document_kind_of_path(const char *path)
{
    static const struct {
        const char *path;
        enum content_document_kind kind;
    } fixed[] = {
        {"commerce/categories.json", CONTENT_CATEGORIES}, {"commerce/merchants.json", CONTENT_MERCHANTS},
        {"credit/reputable.json", CONTENT_CREDIT_LIST},   {"credit/dishonest.json", CONTENT_CREDIT_LIST},
        {"community/directory.json", CONTENT_DIRECTORY},
    };
    char name[CONTENT_ID_MAXIMUM + 1];
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        if (strcmp(path, fixed[i].path) == 0) {
            return fixed[i].kind;
        }
    }
    if (name_in_folder(path, "commerce/catalogue/", name)) {
        return CONTENT_CATALOGUE;
    }
    return name_in_folder(path, "community/pages/", name) ? CONTENT_PAGE : CONTENT_UNKNOWN;
}

bool content_path_is_picture(const char *path)
{
    static const enum content_role roles[] = {CONTENT_COMMERCE, CONTENT_COMMUNITY};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        size_t length = strlen(role_names[roles[i]]);
        if (strncmp(path, role_names[roles[i]], length) == 0 && path[length] == '/') {
            return field_is_picture(path + length + 1);
        }
    }
    return false;
}

static bool read_category(struct content_json *reader, const json_t *object,
                          struct content_document *document, size_t i)
{
    return content_category_from_json(reader, object, &document->categories[i]);
}

static bool read_merchant(struct content_json *reader, const json_t *object,
                          struct content_document *document, size_t i)
{
    return content_merchant_from_json(reader, object, &document->merchants[i]);
}

static bool read_product(struct content_json *reader, const json_t *object, struct content_document *document,
                         size_t i)
{
    struct content_product *product = &document->products[i];
    bool done = content_product_from_json(reader, object, product);
    if (product->category == NULL && document->category != NULL) {
        product->category = strdup(document->category);
        if (product->category == NULL) {
            content_json_say(reader, CONTENT_ERROR, "out of memory");
        }
    } else if (product->category != NULL && document->category != NULL &&
               strcmp(product->category, document->category) != 0) {
        content_json_say(reader, CONTENT_ERROR, "expected category \"%s\" as the document's, found \"%s\"",
                         document->category, product->category);
    }
    return done;
}

static bool read_notice(struct content_json *reader, const json_t *object, struct content_document *document,
                        size_t i)
{
    document->notices[i] = (struct content_notice){.list = document->list, .amount_fen = -1};
    return credit_read_entry(reader, object, &document->notices[i]);
}

static bool read_section(struct content_json *reader, const json_t *object, struct content_document *document,
                         size_t i)
{
    return content_section_from_json(reader, object, &document->sections[i]);
}

static bool read_page(struct content_json *reader, const json_t *object, struct content_document *document,
                      size_t i)
{
    return content_page_from_json(reader, object, &document->pages[i]);
}

static json_t *write_category(const struct content_document *document, size_t i)
{
    return content_category_to_json(&document->categories[i]);
}

static json_t *write_merchant(const struct content_document *document, size_t i)
{
    return content_merchant_to_json(&document->merchants[i]);
}

static json_t *write_product(const struct content_document *document, size_t i)
{
    json_t *object = content_product_to_json(&document->products[i]);
    json_object_del(object, "category");
    return object;
}

static json_t *write_notice(const struct content_document *document, size_t i)
{
    json_t *object = content_notice_to_json(&document->notices[i]);
    json_object_del(object, "list");
    return object;
}

static json_t *write_section(const struct content_document *document, size_t i)
{
    return content_section_to_json(&document->sections[i]);
}

static json_t *write_page(const struct content_document *document, size_t i)
{
    return content_page_to_json(&document->pages[i]);
}

static void finish_category(struct content_document *document, size_t i)
{
    content_category_finish(&document->categories[i]);
}

static void finish_merchant(struct content_document *document, size_t i)
{
    content_merchant_finish(&document->merchants[i]);
}

static void finish_product(struct content_document *document, size_t i)
{
    content_product_finish(&document->products[i]);
}

static void finish_notice(struct content_document *document, size_t i)
{
    content_notice_finish(&document->notices[i]);
}

static void finish_section(struct content_document *document, size_t i)
{
    content_section_finish(&document->sections[i]);
}

static void finish_page(struct content_document *document, size_t i)
{
    content_page_finish(&document->pages[i]);
}

/* What differs from one kind of document to the next. */
static const struct kind {
    const char *array; /* the member that holds the things; NULL: the document is the thing */
    const char *members[4];
    size_t size;
    bool (*read)(struct content_json *reader, const json_t *object, struct content_document *document,
                 size_t i);
    json_t *(*write)(const struct content_document *document, size_t i);
    void (*finish)(struct content_document *document, size_t i);
} kinds[] = {
    [CONTENT_CATEGORIES] = {"categories",
                            {"categories"},
                            sizeof(struct content_category),
                            read_category,
                            write_category,
                            finish_category},
    [CONTENT_MERCHANTS] = {"merchants",
                           {"merchants"},
                           sizeof(struct content_merchant),
                           read_merchant,
                           write_merchant,
                           finish_merchant},
    [CONTENT_CATALOGUE] = {"products",
                           {"category", "products"},
                           sizeof(struct content_product),
                           read_product,
                           write_product,
                           finish_product},
    [CONTENT_CREDIT_LIST] = {"entries",
                             {"list", "entries"},
                             sizeof(struct content_notice),
                             read_notice,
                             write_notice,
                             finish_notice},
    [CONTENT_DIRECTORY] = {"sections",
                           {"sections"},
                           sizeof(struct content_section),
                           read_section,
                           write_section,
                           finish_section},
    [CONTENT_PAGE] = {NULL, {NULL}, sizeof(struct content_page), read_page, write_page, finish_page},
};

/* The array for count things, which the members of the union share. */
static bool allocate(struct content_json *reader, struct content_document *document, size_t count)
{
    document->categories = field_allocate(reader, count, kinds[document->kind].size);
    document->count = document->categories != NULL ? count : 0;
    return document->categories != NULL || count == 0;
}

static void read_array(struct content_json *reader, const json_t *root, struct content_document *document)
{
    const struct kind *kind = &kinds[document->kind];
    json_t *array = content_json_array(reader, root, kind->array, true, 0, CONTENT_ITEMS_MAXIMUM);
    content_json_warn_unknown(reader, root, kind->members);
    if (array == NULL || !allocate(reader, document, json_array_size(array))) {
        return;
    }
    size_t mark = content_json_enter_key(reader, kind->array);
    for (size_t i = 0; i < document->count; i++) {
        size_t inner = content_json_enter_index(reader, i);
        kind->read(reader, json_array_get(array, i), document, i);
        content_json_leave(reader, inner);
    }
    content_json_leave(reader, mark);
}

static void read_list_name(struct content_json *reader, const json_t *root, const char *path,
                           struct content_document *document)
{
    static const char *const words[] = {"reputable", "dishonest"};
    enum content_list expected =
        strcmp(path, "credit/dishonest.json") == 0 ? CONTENT_DISHONEST : CONTENT_REPUTABLE;
    document->list = (enum content_list)field_read_word(reader, root, "list", true, words, 2, (int)expected);
    if (document->list != expected) {
        content_json_say(reader, CONTENT_ERROR, "expected list \"%s\" in a file of this name, found \"%s\"",
                         words[expected], words[document->list]);
    }
}

static void read_root(struct content_json *reader, const json_t *root, const char *path,
                      struct content_document *document)
{
    char name[CONTENT_ID_MAXIMUM + 1];
    if (!content_json_is_object(reader, root)) {
        return;
    }
    if (document->kind == CONTENT_CATALOGUE) {
        document->category = field_read_id(reader, root, "category", true);
    } else if (document->kind == CONTENT_CREDIT_LIST) {
        read_list_name(reader, root, path, document);
    }
    if (document->kind != CONTENT_PAGE) {
        read_array(reader, root, document);
    } else if (allocate(reader, document, 1)) {
        read_page(reader, root, document, 0);
        if (document->pages[0].id != NULL && name_in_folder(path, "community/pages/", name) &&
            strcmp(name, document->pages[0].id) != 0) {
            content_json_say(reader, CONTENT_ERROR, "expected id \"%s\" as the file's name, found \"%s\"",
                             name, document->pages[0].id);
        }
    }
}

struct content_document *content_document_parse(struct bytes text, const char *path,
                                                content_report_fn *report, void *context, struct error *error)
{
    struct content_json reader;
    struct content_document *document = calloc(1, sizeof *document);
    json_t *root = NULL;
    content_json_init(&reader, path, report, context);
    if (document == NULL) {
        content_json_say(&reader, CONTENT_ERROR, "out of memory");
        goto out;
    }
    document->kind = content_document_kind_of_path(path);
    if (document->kind == CONTENT_UNKNOWN) {
        content_json_say(&reader, CONTENT_ERROR, "is not a document that Kokonor knows");
        goto out;
    }
    root = content_json_load(&reader, text, CONTENT_DOCUMENT_SIZE_MAXIMUM);
    if (root != NULL) {
        read_root(&reader, root, path, document);
    }
out:
    json_decref(root);
    if (reader.errors > 0) {
        error_set(error, "%s", reader.first.text);
        content_document_destroy(document);
        return NULL;
    }
    return document;
}

void content_document_destroy(struct content_document *document)
{
    if (document == NULL) {
        return;
    }
    for (size_t i = 0; i < document->count; i++) {
        kinds[document->kind].finish(document, i);
    }
    free(document->categories);
    free(document->category);
    free(document);
}

static json_t *document_to_json(const struct content_document *document)
{
    const struct kind *kind = &kinds[document->kind];
    if (document->kind == CONTENT_PAGE) {
        return document->count == 1 ? write_page(document, 0) : NULL;
    }
    json_t *root = json_object(), *array = json_array();
    bool done = root != NULL && array != NULL;
    if (document->kind == CONTENT_CREDIT_LIST) {
        done = done && field_write_string(root, "list", content_list_str(document->list));
    }
    done = done && field_write_string(root, "category", document->category);
    for (size_t i = 0; done && i < document->count; i++) {
        done = json_array_append_new(array, kind->write(document, i)) == 0;
    }
    if (!done || json_object_set(root, kind->array, array) != 0) {
        json_decref(root);
        root = NULL;
    }
    json_decref(array);
    return root;
}

static int append(const char *text, size_t size, void *json)
{
    buffer_append(json, text, size);
    return 0;
}

bool content_document_write(const struct content_document *document, struct buffer *json)
{
    if (document->kind == CONTENT_UNKNOWN) {
        return false;
    }
    json_t *root = document_to_json(document);
    if (root == NULL) {
        return false;
    }
    int result = json_dump_callback(root, append, json, JSON_INDENT(2));
    json_decref(root);
    buffer_append_string(json, "\n");
    return result == 0 && !json->failed;
}
