/* SPDX-License-Identifier: Apache-2.0 */
/* The community desk: sections and pages. */
#include "content/fields.h"

#include <stdlib.h>

static const char *const section_members[] = {"id", "name", "order", "icon", NULL};
static const char *const page_members[] = {"id",      "section", "title", "summary",
                                           "updated", "body",    "areas", NULL};
static const char *const table_members[] = {"columns", "rows", NULL};

bool content_section_from_json(struct content_json *reader, const json_t *object,
                               struct content_section *section)
{
    unsigned before = reader->errors;
    *section = (struct content_section){0};
    if (!content_json_is_object(reader, object)) {
        return false;
    }
    section->id = field_read_id(reader, object, "id", true);
    field_read_text(reader, object, "name", true, FIELD_NAME_MAXIMUM, &section->name);
    section->order = (int)content_json_integer(reader, object, "order", true, 0, 0, 9999);
    section->icon = field_read_id(reader, object, "icon", false);
    content_json_warn_unknown(reader, object, section_members);
    return reader->errors == before;
}

json_t *content_section_to_json(const struct content_section *section)
{
    json_t *object = json_object();
    if (object == NULL || !field_write_string(object, "id", section->id) ||
        !field_write_text(object, "name", &section->name) ||
        !field_write_integer(object, "order", section->order) ||
        !field_write_string(object, "icon", section->icon)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

void content_section_finish(struct content_section *section)
{
    free(section->id);
    content_text_finish(&section->name);
    free(section->icon);
    *section = (struct content_section){0};
}

static void read_row(struct content_json *reader, const json_t *row, size_t columns,
                     struct content_text *cells)
{
    if (!json_is_array(row)) {
        content_json_fail(reader, "an array", row);
        return;
    }
    if (json_array_size(row) != columns) {
        content_json_say(reader, CONTENT_ERROR, "expected %zu cells, one for each column, found %zu", columns,
                         json_array_size(row));
        return;
    }
    for (size_t i = 0; i < columns; i++) {
        size_t mark = content_json_enter_index(reader, i);
        field_read_text_value(reader, json_array_get(row, i), FIELD_LINE_MAXIMUM, &cells[i]);
        content_json_leave(reader, mark);
    }
}

static void read_table(struct content_json *reader, const json_t *table, struct content_block *block)
{
    if (!content_json_is_object(reader, table)) {
        return;
    }
    content_json_warn_unknown(reader, table, table_members);
    json_t *columns = content_json_array(reader, table, "columns", true, 1, CONTENT_COLUMNS_MAXIMUM);
    json_t *rows = content_json_array(reader, table, "rows", true, 0, CONTENT_ROWS_MAXIMUM);
    if (columns == NULL || rows == NULL) {
        return;
    }
    size_t column_count = json_array_size(columns), row_count = json_array_size(rows);
    block->titles = field_allocate(reader, column_count, sizeof *block->titles);
    block->cells = field_allocate(reader, row_count * column_count, sizeof *block->cells);
    if (block->titles == NULL || (block->cells == NULL && row_count > 0)) {
        return;
    }
    block->columns = column_count;
    block->rows = row_count;
    size_t mark = content_json_enter_key(reader, "columns");
    read_row(reader, columns, column_count, block->titles);
    content_json_leave(reader, mark);
    mark = content_json_enter_key(reader, "rows");
    for (size_t i = 0; i < row_count; i++) {
        size_t inner = content_json_enter_index(reader, i);
        read_row(reader, json_array_get(rows, i), column_count, &block->cells[i * column_count]);
        content_json_leave(reader, inner);
    }
    content_json_leave(reader, mark);
}

static void read_block(struct content_json *reader, const json_t *object, struct content_block *block)
{
    static const char *const kinds[] = {"heading", "text", "picture", "phone", "table"};
    static const char *const members[] = {"heading", "text", "picture", "phone", "table", "label", NULL};
    int kind = -1, found = 0;
    if (!content_json_is_object(reader, object)) {
        return;
    }
    for (int i = 0; i < 5; i++) {
        if (json_object_get(object, kinds[i]) != NULL) {
            kind = i;
            found++;
        }
    }
    if (found != 1) {
        content_json_say(reader, CONTENT_ERROR,
                         "expected one of heading, text, picture, phone, table, found %s",
                         found == 0 ? "none" : "several");
        return;
    }
    content_json_warn_unknown(reader, object, members);
    block->kind = (enum content_block_kind)kind;
    switch (block->kind) {
    case CONTENT_BLOCK_HEADING:
        field_read_text(reader, object, "heading", true, FIELD_NAME_MAXIMUM, &block->text);
        break;
    case CONTENT_BLOCK_TEXT:
        field_read_text(reader, object, "text", true, FIELD_PARAGRAPHS_MAXIMUM, &block->text);
        break;
    case CONTENT_BLOCK_PICTURE:
        block->value = field_read_picture(reader, object, "picture");
        break;
    case CONTENT_BLOCK_PHONE:
        block->value = field_read_phone(reader, object, "phone", true);
        field_read_text(reader, object, "label", true, FIELD_NAME_MAXIMUM, &block->text);
        break;
    case CONTENT_BLOCK_TABLE: {
        size_t mark = content_json_enter_key(reader, "table");
        read_table(reader, json_object_get(object, "table"), block);
        content_json_leave(reader, mark);
        break;
    }
    }
}

static void read_body(struct content_json *reader, const json_t *object, struct content_page *page)
{
    json_t *body = content_json_array(reader, object, "body", true, 1, CONTENT_BLOCKS_MAXIMUM);
    if (body == NULL) {
        return;
    }
    page->body = field_allocate(reader, json_array_size(body), sizeof *page->body);
    if (page->body == NULL) {
        return;
    }
    page->body_count = json_array_size(body);
    size_t mark = content_json_enter_key(reader, "body");
    for (size_t i = 0; i < page->body_count; i++) {
        size_t inner = content_json_enter_index(reader, i);
        read_block(reader, json_array_get(body, i), &page->body[i]);
        content_json_leave(reader, inner);
    }
    content_json_leave(reader, mark);
}

bool content_page_from_json(struct content_json *reader, const json_t *object, struct content_page *page)
{
    unsigned before = reader->errors;
    *page = (struct content_page){0};
    if (!content_json_is_object(reader, object)) {
        return false;
    }
    page->id = field_read_id(reader, object, "id", true);
    page->section = field_read_id(reader, object, "section", true);
    field_read_text(reader, object, "title", true, FIELD_NAME_MAXIMUM, &page->title);
    field_read_text(reader, object, "summary", true, FIELD_LINE_MAXIMUM, &page->summary);
    field_read_date(reader, object, "updated", true, &page->updated);
    read_body(reader, object, page);
    field_read_areas(reader, object, &page->areas);
    content_json_warn_unknown(reader, object, page_members);
    return reader->errors == before;
}

static json_t *row_to_json(const struct content_text *cells, size_t columns)
{
    json_t *row = json_array();
    for (size_t i = 0; i < columns; i++) {
        if (json_array_append_new(row, field_text_to_json(&cells[i])) != 0) {
            json_decref(row);
            return NULL;
        }
    }
    return row;
}

static json_t *table_to_json(const struct content_block *block)
{
    json_t *table = json_object(), *rows = json_array();
    bool done = table != NULL && rows != NULL &&
                json_object_set_new(table, "columns", row_to_json(block->titles, block->columns)) == 0;
    for (size_t i = 0; done && i < block->rows; i++) {
        done =
            json_array_append_new(rows, row_to_json(&block->cells[i * block->columns], block->columns)) == 0;
    }
    if (!done || json_object_set(table, "rows", rows) != 0) {
        json_decref(table);
        table = NULL;
    }
    json_decref(rows);
    return table;
}

static json_t *block_to_json(const struct content_block *block)
{
    json_t *object = json_object();
    bool done = object != NULL;
    switch (block->kind) {
    case CONTENT_BLOCK_HEADING:
        done = done && field_write_text(object, "heading", &block->text);
        break;
    case CONTENT_BLOCK_TEXT:
        done = done && field_write_text(object, "text", &block->text);
        break;
    case CONTENT_BLOCK_PICTURE:
        done = done && field_write_string(object, "picture", block->value);
        break;
    case CONTENT_BLOCK_PHONE:
        done = done && field_write_string(object, "phone", block->value) &&
               field_write_text(object, "label", &block->text);
        break;
    case CONTENT_BLOCK_TABLE:
        done = done && json_object_set_new(object, "table", table_to_json(block)) == 0;
        break;
    }
    if (!done) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *content_page_to_json(const struct content_page *page)
{
    json_t *object = json_object(), *body = json_array();
    bool done = object != NULL && body != NULL && field_write_string(object, "id", page->id) &&
                field_write_string(object, "section", page->section) &&
                field_write_text(object, "title", &page->title) &&
                field_write_text(object, "summary", &page->summary) &&
                field_write_date(object, "updated", &page->updated);
    for (size_t i = 0; done && i < page->body_count; i++) {
        done = json_array_append_new(body, block_to_json(&page->body[i])) == 0;
    }
    if (!done || json_object_set(object, "body", body) != 0 ||
        !field_write_strings(object, "areas", &page->areas)) {
        json_decref(object);
        object = NULL;
    }
    json_decref(body);
    return object;
}

static void block_finish(struct content_block *block)
{
    content_text_finish(&block->text);
    free(block->value);
    for (size_t i = 0; i < block->columns; i++) {
        content_text_finish(&block->titles[i]);
    }
    for (size_t i = 0; i < block->rows * block->columns; i++) {
        content_text_finish(&block->cells[i]);
    }
    free(block->titles);
    free(block->cells);
}

void content_page_finish(struct content_page *page)
{
    free(page->id);
    free(page->section);
    content_text_finish(&page->title);
    content_text_finish(&page->summary);
    for (size_t i = 0; i < page->body_count; i++) {
        block_finish(&page->body[i]);
    }
    free(page->body);
    field_strings_finish(&page->areas);
    *page = (struct content_page){0};
}
