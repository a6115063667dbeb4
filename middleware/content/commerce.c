/* SPDX-License-Identifier: Apache-2.0 */
/* The things of the shop: category, merchant, product. */
#include "content/fields.h"

#include <stdlib.h>

#define ORDER_MAXIMUM 9999

static const char *const category_members[] = {"id", "name", "order", "icon", NULL};
static const char *const merchant_members[] = {"id", "name", "uscc", "area", "phone", "about", NULL};
static const char *const product_members[] = {
    "id",        "category",      "merchant", "name",     "unit",  "summary",  "description", "origin",
    "price_fen", "old_price_fen", "stock",    "pictures", "areas", "featured", "keys",        NULL};

bool content_category_from_json(struct content_json *reader, const json_t *object,
                                struct content_category *category)
{
    unsigned before = reader->errors;
    *category = (struct content_category){0};
    if (!content_json_is_object(reader, object)) {
        return false;
    }
    category->id = field_read_id(reader, object, "id", true);
    field_read_text(reader, object, "name", true, FIELD_NAME_MAXIMUM, &category->name);
    category->order = (int)content_json_integer(reader, object, "order", true, 0, 0, ORDER_MAXIMUM);
    category->icon = field_read_id(reader, object, "icon", false);
    content_json_warn_unknown(reader, object, category_members);
    return reader->errors == before;
}

json_t *content_category_to_json(const struct content_category *category)
{
    json_t *object = json_object();
    if (object == NULL || !field_write_string(object, "id", category->id) ||
        !field_write_text(object, "name", &category->name) ||
        !field_write_integer(object, "order", category->order) ||
        !field_write_string(object, "icon", category->icon)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

void content_category_finish(struct content_category *category)
{
    free(category->id);
    content_text_finish(&category->name);
    free(category->icon);
    *category = (struct content_category){0};
}

bool content_merchant_from_json(struct content_json *reader, const json_t *object,
                                struct content_merchant *merchant)
{
    unsigned before = reader->errors;
    *merchant = (struct content_merchant){0};
    if (!content_json_is_object(reader, object)) {
        return false;
    }
    merchant->id = field_read_id(reader, object, "id", true);
    field_read_text(reader, object, "name", true, FIELD_NAME_MAXIMUM, &merchant->name);
    merchant->uscc = field_read_uscc(reader, object, "uscc", true);
    merchant->area = field_read_area(reader, object, "area", true);
    merchant->phone = field_read_phone(reader, object, "phone", true);
    field_read_text(reader, object, "about", false, FIELD_PARAGRAPHS_MAXIMUM, &merchant->about);
    content_json_warn_unknown(reader, object, merchant_members);
    return reader->errors == before;
}

json_t *content_merchant_to_json(const struct content_merchant *merchant)
{
    json_t *object = json_object();
    if (object == NULL || !field_write_string(object, "id", merchant->id) ||
        !field_write_text(object, "name", &merchant->name) ||
        !field_write_string(object, "uscc", merchant->uscc) ||
        !field_write_string(object, "area", merchant->area) ||
        !field_write_string(object, "phone", merchant->phone) ||
        !field_write_text(object, "about", &merchant->about)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

void content_merchant_finish(struct content_merchant *merchant)
{
    free(merchant->id);
    content_text_finish(&merchant->name);
    free(merchant->uscc);
    free(merchant->area);
    free(merchant->phone);
    content_text_finish(&merchant->about);
    *merchant = (struct content_merchant){0};
}

bool content_product_from_json(struct content_json *reader, const json_t *object,
                               struct content_product *product)
{
    unsigned before = reader->errors;
    *product = (struct content_product){0};
    if (!content_json_is_object(reader, object)) {
        return false;
    }
    product->id = field_read_id(reader, object, "id", true);
    product->category = field_read_id(reader, object, "category", false);
    product->merchant = field_read_id(reader, object, "merchant", true);
    field_read_text(reader, object, "name", true, FIELD_NAME_MAXIMUM, &product->name);
    field_read_text(reader, object, "unit", true, FIELD_NAME_MAXIMUM, &product->unit);
    field_read_text(reader, object, "summary", true, FIELD_LINE_MAXIMUM, &product->summary);
    field_read_text(reader, object, "description", true, FIELD_PARAGRAPHS_MAXIMUM, &product->description);
    field_read_text(reader, object, "origin", true, FIELD_NAME_MAXIMUM, &product->origin);
    product->price_fen =
        content_json_integer(reader, object, "price_fen", true, 0, 1, CONTENT_PRICE_FEN_MAXIMUM);
    product->old_price_fen =
        content_json_integer(reader, object, "old_price_fen", false, 0, 1, CONTENT_PRICE_FEN_MAXIMUM);
    product->stock = content_json_integer(reader, object, "stock", true, 0, 0, CONTENT_STOCK_MAXIMUM);
    field_read_pictures(reader, object, &product->pictures);
    field_read_areas(reader, object, &product->areas);
    product->featured = content_json_boolean(reader, object, "featured", false, false);
    field_read_keys(reader, object, &product->keys);
    content_json_warn_unknown(reader, object, product_members);
    return reader->errors == before;
}

json_t *content_product_to_json(const struct content_product *product)
{
    json_t *object = json_object();
    if (object == NULL || !field_write_string(object, "id", product->id) ||
        !field_write_string(object, "category", product->category) ||
        !field_write_string(object, "merchant", product->merchant) ||
        !field_write_text(object, "name", &product->name) ||
        !field_write_text(object, "unit", &product->unit) ||
        !field_write_text(object, "summary", &product->summary) ||
        !field_write_text(object, "description", &product->description) ||
        !field_write_text(object, "origin", &product->origin) ||
        !field_write_integer(object, "price_fen", product->price_fen) ||
        (product->old_price_fen != 0 &&
         !field_write_integer(object, "old_price_fen", product->old_price_fen)) ||
        !field_write_integer(object, "stock", product->stock) ||
        !field_write_strings(object, "pictures", &product->pictures) ||
        !field_write_strings(object, "areas", &product->areas) ||
        (product->featured && json_object_set_new(object, "featured", json_true()) != 0) ||
        !field_write_strings(object, "keys", &product->keys)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

void content_product_finish(struct content_product *product)
{
    free(product->id);
    free(product->category);
    free(product->merchant);
    content_text_finish(&product->name);
    content_text_finish(&product->unit);
    content_text_finish(&product->summary);
    content_text_finish(&product->description);
    content_text_finish(&product->origin);
    field_strings_finish(&product->pictures);
    field_strings_finish(&product->areas);
    field_strings_finish(&product->keys);
    *product = (struct content_product){0};
}
