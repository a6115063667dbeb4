/* SPDX-License-Identifier: Apache-2.0 */
/* Search by the digits of a remote. */
#include "content/keys.h"
#include "store/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(CONTENT_DIGITS_MAXIMUM < sizeof((struct store_hit *)0)->letters, "letters hold all digits");

int store_search_rank(bool leads, bool featured)
{
    return (leads ? 0 : 2) + (featured ? 0 : 1);
}

/* One search under way. */
struct search {
    struct store_reader *reader;
    const struct store_scope *scope;
    struct credit credit;
    bool stands[2]; /* by enum store_hit_kind */
    char digits[CONTENT_DIGITS_MAXIMUM + 1], beyond[CONTENT_DIGITS_MAXIMUM + 1];
    struct rows seen; /* of struct seen */
    struct rows hits;
    size_t visited;
    bool more;
};

/* A thing that was looked at already, shown or not: it may stand under several keys. */
struct seen {
    int kind;
    char id[CONTENT_ID_MAXIMUM + 1];
};

/* False where it was seen before, or without memory. */
static bool is_first(struct search *search, int kind, const char *id)
{
    const struct seen *seen = search->seen.items;
    for (size_t i = 0; i < search->seen.count; i++) {
        if (seen[i].kind == kind && strcmp(seen[i].id, id) == 0) {
            return false;
        }
    }
    struct seen *next = rows_next(&search->seen);
    if (next == NULL) {
        return false;
    }
    next->kind = kind;
    snprintf(next->id, sizeof next->id, "%s", id);
    search->seen.count++;
    return true;
}

static bool read_product(struct search *search, const char *id, struct store_hit *hit)
{
    bool found = false;
    sqlite3_stmt *statement =
        database_prepare(search->reader->database, "SELECT product.json, merchant.json FROM product "
                                                   "LEFT JOIN merchant ON merchant.id = product.merchant "
                                                   "WHERE product.id = ?1 AND box_sees(product.areas, ?2)");
    reader_bind_text(statement, 1, id);
    reader_bind_text(statement, 2, search->scope->area);
    if (database_step(search->reader->database, statement, NULL)) {
        found = reader_read_product_row(search->reader, &search->credit, statement, &hit->product);
        database_reset(statement);
    }
    return found;
}

static bool read_notice(struct search *search, const char *id, struct store_hit *hit)
{
    bool found = false;
    sqlite3_stmt *statement =
        database_prepare(search->reader->database, "SELECT json FROM notice WHERE id = ?2 AND " IN_FORCE);
    reader_bind_text(statement, 1, search->credit.today.text);
    reader_bind_text(statement, 2, id);
    if (database_step(search->reader->database, statement, NULL)) {
        found = reader_read_notice(statement, 0, &hit->notice);
        database_reset(statement);
    }
    return found;
}

static void read_letters(const struct search *search, struct store_hit *hit)
{
    bool is_product = hit->kind == STORE_HIT_PRODUCT;
    const struct content_strings *keys = is_product ? &hit->product.product.keys : &hit->notice.keys;
    struct content_strings plain = {0};
    if (keys->count == 0) {
        content_keys_from_name(is_product ? &hit->product.product.name : &hit->notice.name, &plain);
        keys = &plain;
    }
    content_keys_letters(keys, search->digits, hit->letters);
    content_keys_finish(&plain);
}

static void finish_hit(struct store_hit *hit)
{
    reader_finish_product_row(&hit->product);
    content_notice_finish(&hit->notice);
}

/* Adds what kind and id name to the hits, if this box may see it; false once there is no more room. */
static bool add_hit(struct search *search, enum store_hit_kind kind, const char *id)
{
    struct store_hit *hit = rows_next(&search->hits);
    if (hit == NULL) {
        return false;
    }
    hit->kind = kind;
    if (!(kind == STORE_HIT_PRODUCT ? read_product(search, id, hit) : read_notice(search, id, hit))) {
        return true;
    }
    if (search->hits.count >= STORE_HITS_MAXIMUM) {
        search->more = true;
        finish_hit(hit);
        return false;
    }
    read_letters(search, hit);
    search->hits.count++;
    return true;
}

/* Goes through one rank of the index; false where the search is over. */
static bool look_through(struct search *search, int rank)
{
    bool go_on = true;
    sqlite3_stmt *statement = database_prepare(
        search->reader->database, "SELECT kind, id FROM search WHERE rank = ?1 AND digits >= ?2 AND "
                                  "digits < ?3 ORDER BY rank, digits, kind, id");
    if (statement != NULL) {
        sqlite3_bind_int(statement, 1, rank);
    }
    reader_bind_text(statement, 2, search->digits);
    reader_bind_text(statement, 3, search->beyond);
    while (go_on && database_step(search->reader->database, statement, NULL)) {
        int kind = sqlite3_column_int(statement, 0);
        const char *id = database_column_text(statement, 1);
        if (search->visited >= STORE_SEARCH_VISITS_MAXIMUM) {
            search->more = true;
            go_on = false;
        } else {
            search->visited++;
            if ((kind == STORE_HIT_PRODUCT || kind == STORE_HIT_NOTICE) && search->stands[kind] &&
                is_first(search, kind, id)) {
                go_on = add_hit(search, (enum store_hit_kind)kind, id);
            }
        }
    }
    if (!go_on) {
        database_reset(statement);
    }
    return go_on;
}

struct store_hits store_search(struct store_reader *reader, const struct store_scope *scope,
                               const char *digits)
{
    struct search search = {.reader = reader,
                            .scope = scope,
                            .seen = {.size = sizeof(struct seen)},
                            .hits = {.size = sizeof(struct store_hit)}};
    size_t length = strspn(digits, "0123456789");
    length = length < CONTENT_DIGITS_MAXIMUM ? length : CONTENT_DIGITS_MAXIMUM;
    if (length == 0 || !reader_begin(reader)) {
        return (struct store_hits){0};
    }
    memcpy(search.digits, digits, length);
    memcpy(search.beyond, digits, length);
    search.beyond[length - 1]++; /* ':' after '9' */
    search.credit = reader_credit(reader, scope);
    search.stands[STORE_HIT_PRODUCT] = reader_role_stands(reader, CONTENT_COMMERCE, scope);
    search.stands[STORE_HIT_NOTICE] = search.credit.stands;
    for (int rank = 0; rank < STORE_SEARCH_RANKS && look_through(&search, rank); rank++) {
    }
    reader_end(reader);
    free(search.seen.items);
    return (struct store_hits){.items = search.hits.items,
                               .count = search.hits.count,
                               .more = search.more,
                               .visited = search.visited};
}

void store_hits_destroy(struct store_hits *hits)
{
    for (size_t i = 0; i < hits->count; i++) {
        finish_hit(&hits->items[i]);
    }
    free(hits->items);
    *hits = (struct store_hits){0};
}
