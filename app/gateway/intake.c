/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/intake.h"
#include "content/json.h"
#include <string.h>

static bool copy(char *to, size_t size, const char *from)
{
    if (!from || strlen(from) >= size) {
        return false;
    }
    memcpy(to, from, strlen(from) + 1);
    return true;
}

static void parse_delivery(struct content_json *reader, const json_t *body, struct intake *intake)
{
    json_t *delivery = content_json_object(reader, body, "delivery", false);
    if (!delivery) {
        return;
    }
    size_t mark = content_json_enter_key(reader, "delivery");
    copy(intake->delivery_name, sizeof intake->delivery_name,
         content_json_string(reader, delivery, "name", true, 1, INTAKE_TEXT_MAXIMUM));
    copy(intake->delivery_phone, sizeof intake->delivery_phone,
         content_json_string(reader, delivery, "phone", true, 1, INTAKE_TEXT_MAXIMUM));
    copy(intake->delivery_address, sizeof intake->delivery_address,
         content_json_string(reader, delivery, "address", true, 1, INTAKE_TEXT_MAXIMUM));
    content_json_leave(reader, mark);
}

static void check_product(struct content_json *reader, const struct intake *intake,
                          const struct intake_line *line)
{
    if (line->product[strspn(line->product, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0') {
        content_json_say(reader, CONTENT_ERROR, "product: expected an id of [a-z0-9-]");
    }
    for (const struct intake_line *other = intake->lines; other < line; other++) {
        if (strcmp(other->product, line->product) == 0) {
            content_json_say(reader, CONTENT_ERROR, "product: %s stands in two lines", line->product);
        }
    }
}

static void parse_line(struct content_json *reader, const json_t *item, struct intake *intake)
{
    struct intake_line *line = &intake->lines[intake->line_count];
    if (!content_json_is_object(reader, item)) {
        return;
    }
    const char *product = content_json_string(reader, item, "product", true, 1, sizeof line->product - 1);
    line->quantity = content_json_integer(reader, item, "quantity", true, 1, 1, INTAKE_QUANTITY_MAXIMUM);
    line->unit_price_fen =
        content_json_integer(reader, item, "unit_price_fen", true, 0, 0, INTAKE_PRICE_MAXIMUM_FEN);
    if (copy(line->product, sizeof line->product, product)) {
        check_product(reader, intake, line);
        intake->line_count++;
    }
}

static void parse_lines(struct content_json *reader, const json_t *body, struct intake *intake)
{
    json_t *lines = content_json_array(reader, body, "lines", true, 1, INTAKE_LINES_MAXIMUM);
    size_t outer = content_json_enter_key(reader, "lines");
    for (size_t i = 0; i < json_array_size(lines); i++) {
        size_t mark = content_json_enter_index(reader, i);
        parse_line(reader, json_array_get(lines, i), intake);
        content_json_leave(reader, mark);
    }
    content_json_leave(reader, outer);
}

static void check_total(struct content_json *reader, const struct intake *intake)
{
    int64_t sum = 0; /* at most 50 * 999 * 10^9: no overflow */
    for (size_t i = 0; i < intake->line_count; i++) {
        sum += intake->lines[i].quantity * intake->lines[i].unit_price_fen;
    }
    if (reader->errors == 0 && sum != intake->total_fen) {
        content_json_say(reader, CONTENT_ERROR, "total_fen: expected the sum of the lines, %lld, found %lld",
                         (long long)sum, (long long)intake->total_fen);
    }
}

bool intake_parse(struct bytes body, struct intake *intake, struct error *error)
{
    struct content_json reader;
    memset(intake, 0, sizeof *intake);
    content_json_init(&reader, "order", NULL, NULL);
    json_t *root = content_json_load(&reader, body, INTAKE_BODY_MAXIMUM);
    if (root && content_json_is_object(&reader, root)) {
        copy(intake->payment, sizeof intake->payment,
             content_json_string(&reader, root, "payment", true, 1, sizeof intake->payment - 1));
        if (intake->payment[0] && strcmp(intake->payment, "cod") != 0) {
            content_json_say(&reader, CONTENT_ERROR, "payment: expected \"cod\", found \"%s\"",
                             intake->payment);
        }
        intake->total_fen =
            content_json_integer(&reader, root, "total_fen", true, 0, 0, INT64_C(1000000000000000));
        parse_delivery(&reader, root, intake);
        parse_lines(&reader, root, intake);
        check_total(&reader, intake);
    }
    json_decref(root);
    if (reader.errors) {
        return error_set(error, "%s", reader.first.text);
    }
    return root != NULL || error_set(error, "the order cannot be read");
}
