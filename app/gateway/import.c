/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/import.h"
#include "base/file.h"
#include "content/document.h"
#include <stdlib.h>
#include <string.h>

enum { PRODUCTS_MAXIMUM = 100000, PATH_SIZE = 4096 };

struct importing {
    const char *folder;
    struct ledger_product *products; /* strings owned */
    size_t count, capacity;
    json_t *seen; /* ids, as keys */
    struct error *error;
};

static char *name_json(const struct content_text *name)
{
    json_t *object =
        json_pack("{s:s, s:s*, s:s*}", "zh", name->zh ? name->zh : "", "bo", name->bo, "en", name->en);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    return text;
}

static bool add_product(struct importing *importing, const struct content_product *product)
{
    if (importing->count >= PRODUCTS_MAXIMUM) {
        return error_set(importing->error, "more than %d products", PRODUCTS_MAXIMUM);
    }
    if (json_object_get(importing->seen, product->id)) {
        return error_set(importing->error, "product %s stands twice in the catalogue", product->id);
    }
    if (json_object_set_new(importing->seen, product->id, json_true()) != 0) {
        return error_set(importing->error, "no memory");
    }
    if (importing->count == importing->capacity) {
        size_t capacity = importing->capacity ? importing->capacity * 2 : 64;
        void *grown = realloc(importing->products, capacity * sizeof *importing->products);
        if (!grown) {
            return error_set(importing->error, "no memory");
        }
        importing->products = grown;
        importing->capacity = capacity;
    }
    struct ledger_product *to = &importing->products[importing->count++];
    *to = (struct ledger_product){strdup(product->id), name_json(&product->name), product->price_fen,
                                  product->stock, strdup(product->merchant ? product->merchant : "")};
    return (to->id && to->name && to->merchant) || error_set(importing->error, "no memory");
}

static bool add_document(struct importing *importing, const char *path)
{
    char full[PATH_SIZE];
    struct buffer text;
    struct content_document *document = NULL;
    buffer_init(&text, CONTENT_DOCUMENT_SIZE_MAXIMUM);
    bool good = file_join(full, sizeof full, importing->folder, path) ||
                error_set(importing->error, "%s: path too long", path);
    good = good && file_read(full, &text, importing->error);
    if (good) {
        document = content_document_parse(buffer_view(&text), path, NULL, NULL, importing->error);
        good = document != NULL;
    }
    for (size_t i = 0; good && i < document->count; i++) {
        good = add_product(importing, &document->products[i]);
    }
    content_document_destroy(document);
    buffer_finish(&text);
    return good;
}

static bool each_file(void *context, const char *relative_path, uint64_t size)
{
    struct importing *importing = context;
    char path[PATH_SIZE];
    (void)size;
    if (!file_join(path, sizeof path, "commerce", relative_path)) {
        return error_set(importing->error, "%s: path too long", relative_path);
    }
    return content_document_kind_of_path(path) != CONTENT_CATALOGUE || add_document(importing, path);
}

bool import_content(struct ledger *ledger, const char *folder, bool reset_stock, size_t *count,
                    struct error *error)
{
    char commerce[PATH_SIZE];
    struct importing importing = {.folder = folder, .error = error, .seen = json_object()};
    bool good = file_join(commerce, sizeof commerce, folder, "commerce") ||
                error_set(error, "%s: path too long", folder);
    good = good && file_walk(commerce, each_file, &importing, error);
    if (good && importing.count == 0) {
        good = error_set(error, "%s/catalogue holds no products", commerce);
    }
    good = good && ledger_import(ledger, importing.products, importing.count, reset_stock, error);
    *count = importing.count;
    for (size_t i = 0; i < importing.count; i++) {
        free((char *)importing.products[i].id);
        free((char *)importing.products[i].name);
        free((char *)importing.products[i].merchant);
    }
    free(importing.products);
    json_decref(importing.seen);
    return good;
}
