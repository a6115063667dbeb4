/* SPDX-License-Identifier: Apache-2.0 */
/* Credit notices and community pages. */
#include "store/reader.h"

#include <stdlib.h>

struct store_notices store_notices(struct store_reader *reader, const struct store_scope *scope,
                                   enum content_list list, struct store_slice slice)
{
    struct rows rows = {.size = sizeof(struct content_notice)};
    struct content_notice *row;
    struct content_date day = scope_today(scope);
    size_t total = 0;
    if (!reader_begin(reader)) {
        return (struct store_notices){0};
    }
    if (reader_role_stands(reader, CONTENT_CREDIT, scope)) {
        sqlite3_stmt *statement =
            database_prepare(reader->database, "SELECT count(*) FROM notice WHERE list = ?2 AND " IN_FORCE);
        reader_bind_text(statement, 1, day.text);
        sqlite3_bind_int(statement, 2, (int)list);
        total = reader_count(reader, statement);
        statement =
            database_prepare(reader->database, "SELECT json FROM notice WHERE list = ?2 AND " IN_FORCE
                                               " ORDER BY listed_on DESC, position, id LIMIT ?3 OFFSET ?4");
        reader_bind_text(statement, 1, day.text);
        sqlite3_bind_int(statement, 2, (int)list);
        reader_bind_slice(statement, 3, slice);
        while (database_step(reader->database, statement, NULL)) {
            if ((row = rows_next(&rows)) == NULL) {
                database_reset(statement);
                break;
            }
            rows.count += reader_read_notice(statement, 0, row) ? 1 : 0;
        }
    }
    reader_end(reader);
    return (struct store_notices){.items = rows.items, .count = rows.count, .total = total};
}

void store_notices_destroy(struct store_notices *notices)
{
    for (size_t i = 0; i < notices->count; i++) {
        content_notice_finish(&notices->items[i]);
    }
    free(notices->items);
    *notices = (struct store_notices){0};
}

struct content_notice *store_notice(struct store_reader *reader, const struct store_scope *scope,
                                    const char *id)
{
    struct content_notice *notice = NULL;
    struct content_date day = scope_today(scope);
    if (!reader_begin(reader)) {
        return NULL;
    }
    if (reader_role_stands(reader, CONTENT_CREDIT, scope)) {
        sqlite3_stmt *statement =
            database_prepare(reader->database, "SELECT json FROM notice WHERE id = ?2 AND " IN_FORCE);
        reader_bind_text(statement, 1, day.text);
        reader_bind_text(statement, 2, id);
        if (database_step(reader->database, statement, NULL)) {
            notice = calloc(1, sizeof *notice);
            if (notice != NULL && !reader_read_notice(statement, 0, notice)) {
                free(notice);
                notice = NULL;
            }
            database_reset(statement);
        }
    }
    reader_end(reader);
    return notice;
}

void store_notice_destroy(struct content_notice *notice)
{
    if (notice != NULL) {
        content_notice_finish(notice);
        free(notice);
    }
}

struct store_sections store_sections(struct store_reader *reader, const struct store_scope *scope)
{
    struct rows rows = {.size = sizeof(struct store_section)};
    struct store_section *row;
    if (!reader_begin(reader)) {
        return (struct store_sections){0};
    }
    if (reader_role_stands(reader, CONTENT_COMMUNITY, scope)) {
        sqlite3_stmt *statement = database_prepare(
            reader->database, "SELECT json, (SELECT count(*) FROM page WHERE page.section = section.id "
                              "AND box_sees(page.areas, ?1)) FROM section ORDER BY position, id LIMIT 2000");
        reader_bind_text(statement, 1, scope->area);
        while (database_step(reader->database, statement, NULL)) {
            if ((row = rows_next(&rows)) == NULL) {
                database_reset(statement);
                break;
            }
            if (reader_read_section(statement, 0, &row->section)) {
                row->page_count = (size_t)sqlite3_column_int64(statement, 1);
                rows.count++;
            }
        }
    }
    reader_end(reader);
    return (struct store_sections){.items = rows.items, .count = rows.count};
}

void store_sections_destroy(struct store_sections *sections)
{
    for (size_t i = 0; i < sections->count; i++) {
        content_section_finish(&sections->items[i].section);
    }
    free(sections->items);
    *sections = (struct store_sections){0};
}

struct store_pages store_pages(struct store_reader *reader, const struct store_scope *scope,
                               const char *section, struct store_slice slice)
{
    struct rows rows = {.size = sizeof(struct content_page)};
    struct content_page *row;
    size_t total = 0;
    if (!reader_begin(reader)) {
        return (struct store_pages){0};
    }
    if (reader_role_stands(reader, CONTENT_COMMUNITY, scope)) {
        sqlite3_stmt *statement = database_prepare(
            reader->database,
            "SELECT count(*) FROM page WHERE (?1 IS NULL OR section = ?1) AND box_sees(areas, ?2)");
        reader_bind_text(statement, 1, section);
        reader_bind_text(statement, 2, scope->area);
        total = reader_count(reader, statement);
        statement = database_prepare(reader->database,
                                     "SELECT json FROM page WHERE (?1 IS NULL OR section = ?1) AND "
                                     "box_sees(areas, ?2) ORDER BY updated DESC, id LIMIT ?3 OFFSET ?4");
        reader_bind_text(statement, 1, section);
        reader_bind_text(statement, 2, scope->area);
        reader_bind_slice(statement, 3, slice);
        while (database_step(reader->database, statement, NULL)) {
            if ((row = rows_next(&rows)) == NULL) {
                database_reset(statement);
                break;
            }
            rows.count += reader_read_page(statement, 0, row) ? 1 : 0;
        }
    }
    reader_end(reader);
    return (struct store_pages){.items = rows.items, .count = rows.count, .total = total};
}

void store_pages_destroy(struct store_pages *pages)
{
    for (size_t i = 0; i < pages->count; i++) {
        content_page_finish(&pages->items[i]);
    }
    free(pages->items);
    *pages = (struct store_pages){0};
}

struct content_page *store_page(struct store_reader *reader, const struct store_scope *scope, const char *id)
{
    struct content_page *page = NULL;
    if (!reader_begin(reader)) {
        return NULL;
    }
    if (reader_role_stands(reader, CONTENT_COMMUNITY, scope)) {
        sqlite3_stmt *statement =
            database_prepare(reader->database, "SELECT json FROM page WHERE id = ?1 AND box_sees(areas, ?2)");
        reader_bind_text(statement, 1, id);
        reader_bind_text(statement, 2, scope->area);
        if (database_step(reader->database, statement, NULL)) {
            page = calloc(1, sizeof *page);
            if (page != NULL && !reader_read_page(statement, 0, page)) {
                free(page);
                page = NULL;
            }
            database_reset(statement);
        }
    }
    reader_end(reader);
    return page;
}

void store_page_destroy(struct content_page *page)
{
    if (page != NULL) {
        content_page_finish(page);
        free(page);
    }
}
