/* SPDX-License-Identifier: Apache-2.0 */
/* What the screens ask of content.db. A reader is used by one thread; it sees each role's content whole, old
 * or new, never mixed. Results are the caller's, to be destroyed by the function of the same name; they stay
 * valid whatever is ingested meanwhile. A failure of the database is logged and gives an empty result. */
#ifndef KOKONOR_STORE_QUERY_H
#define KOKONOR_STORE_QUERY_H

#include "base/buffer.h"
#include "content/document.h"
#include "store/store.h"

struct store_reader;

/* NULL and a reason in error where the file cannot be opened. */
struct store_reader *store_reader_create(struct store *store, struct error *error);
void store_reader_destroy(struct store_reader *reader);

/* For whom and when a question is asked. Content whose areas exclude the box, whose manifest is no longer
 * valid, or which is no longer in force does not exist for the answer. */
struct store_scope {
    const char *area; /* the box's own code, may be NULL */
    int64_t utc_s; /* the broadcast clock; 0: unknown, then nothing is called expired but dated credit notices
                      are held back */
};

/* A slice of a list: at most limit rows from the offset-th on. limit 0: all, up to STORE_ROWS_MAXIMUM. */
struct store_slice {
    size_t offset, limit;
};
#define STORE_ROWS_MAXIMUM 2000

/* The manifest accepted for a role, for diagnostics; false where there is none. */
bool store_reader_accepted(struct store_reader *reader, enum content_role role,
                           struct store_accepted *accepted);

struct store_category {
    struct content_category category;
    size_t product_count; /* that this box may see */
};
struct store_categories {
    struct store_category *items;
    size_t count;
};
/* In their order, those without products included. */
struct store_categories store_categories(struct store_reader *reader, const struct store_scope *scope);
void store_categories_destroy(struct store_categories *categories);

enum store_standing { STORE_STANDING_NONE, STORE_STANDING_REPUTABLE, STORE_STANDING_DISHONEST };

struct store_product {
    struct content_product product;
    struct content_merchant merchant; /* all NULL where the catalogue knows none */
    enum store_standing standing;     /* of the merchant, by its id or its code, on lists in force; dishonest
                                         outweighs reputable */
    char *notice;                     /* id of the notice behind standing; NULL without */
};
struct store_products {
    struct store_product *items;
    size_t count;
    size_t total; /* without the slice */
};
/* category NULL: of all categories. In document order within a category. */
struct store_products store_products(struct store_reader *reader, const struct store_scope *scope,
                                     const char *category, bool featured_only, struct store_slice slice);
/* Those of one merchant. */
struct store_products store_products_of_merchant(struct store_reader *reader, const struct store_scope *scope,
                                                 const char *merchant, struct store_slice slice);
void store_products_destroy(struct store_products *products);
/* NULL where there is none of that id for this box. */
struct store_product *store_product(struct store_reader *reader, const struct store_scope *scope,
                                    const char *id);
void store_product_destroy(struct store_product *product);

struct store_merchant {
    struct content_merchant merchant;
    enum store_standing standing;
    char *notice;
    size_t product_count;
};
struct store_merchants {
    struct store_merchant *items;
    size_t count;
};
struct store_merchants store_merchants(struct store_reader *reader, const struct store_scope *scope);
void store_merchants_destroy(struct store_merchants *merchants);

struct store_notices {
    struct content_notice *items;
    size_t count;
    size_t total;
};
/* The notices of a list that are in force, the latest listed first. */
struct store_notices store_notices(struct store_reader *reader, const struct store_scope *scope,
                                   enum content_list list, struct store_slice slice);
void store_notices_destroy(struct store_notices *notices);
/* NULL where there is none or it is not in force. */
struct content_notice *store_notice(struct store_reader *reader, const struct store_scope *scope,
                                    const char *id);
void store_notice_destroy(struct content_notice *notice);

struct store_section {
    struct content_section section;
    size_t page_count; /* that this box may see */
};
struct store_sections {
    struct store_section *items;
    size_t count;
};
struct store_sections store_sections(struct store_reader *reader, const struct store_scope *scope);
void store_sections_destroy(struct store_sections *sections);

struct store_pages {
    struct content_page *items;
    size_t count;
    size_t total;
};
/* section NULL: of all sections. The latest updated first, then by id. */
struct store_pages store_pages(struct store_reader *reader, const struct store_scope *scope,
                               const char *section, struct store_slice slice);
void store_pages_destroy(struct store_pages *pages);
struct content_page *store_page(struct store_reader *reader, const struct store_scope *scope, const char *id);
void store_page_destroy(struct content_page *page);

/* ---- search ---- */

#define STORE_HITS_MAXIMUM 60
#define STORE_SEARCH_VISITS_MAXIMUM 2000 /* rows of the index that one search looks at, whatever there is */

enum store_hit_kind { STORE_HIT_PRODUCT, STORE_HIT_NOTICE };
struct store_hit {
    enum store_hit_kind kind;
    struct store_product product; /* PRODUCT; all zero else */
    struct content_notice notice; /* NOTICE; all zero else */
    char letters[16];             /* what the digits stand for in it: "mn" */
};
struct store_hits {
    struct store_hit *items;
    size_t count;
    bool more;      /* there are others, which more digits would show */
    size_t visited; /* rows of the index looked at */
};
/* The products and notices that the digits ('0' to '9', the first CONTENT_DIGITS_MAXIMUM count) lead to, at
 * most STORE_HITS_MAXIMUM: those whose name begins so first, of these the featured ones first, then by the
 * digits of their keys. No digits: nothing. See content/keys.h. */
struct store_hits store_search(struct store_reader *reader, const struct store_scope *scope,
                               const char *digits);
void store_hits_destroy(struct store_hits *hits);

/* Appends the bytes of a picture ("pictures/x.jpg" below the role's directory) to out; false where there is
 * none or it does not fit. */
bool store_picture(struct store_reader *reader, enum content_role role, const char *path, struct buffer *out);

#endif
