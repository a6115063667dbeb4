/* SPDX-License-Identifier: Apache-2.0 */
/* The typed things that are broadcast, and the documents that carry them: JSON in, JSON out. Any thread may
 * call it. Everything in these structs is owned by the struct; a char * is NULL, a text absent and a date
 * empty where the document gave none. Limits on sizes and counts are the CONTENT_..._MAXIMUM here; the
 * formats stand as JSON Schema in resources/schemas/. */
#ifndef KOKONOR_CONTENT_DOCUMENT_H
#define KOKONOR_CONTENT_DOCUMENT_H

#include "content/json.h"
#include "content/text.h"

#define CONTENT_DOCUMENT_SIZE_MAXIMUM (1024 * 1024)
#define CONTENT_PICTURE_SIZE_MAXIMUM (1024 * 1024)
#define CONTENT_ID_MAXIMUM 48      /* [a-z0-9-]{1,48} */
#define CONTENT_ITEMS_MAXIMUM 2000 /* categories, merchants, products, notices, sections of one document */
#define CONTENT_PICTURES_MAXIMUM 8
#define CONTENT_AREAS_MAXIMUM 64
#define CONTENT_BLOCKS_MAXIMUM 200
#define CONTENT_COLUMNS_MAXIMUM 8
#define CONTENT_ROWS_MAXIMUM 200
#define CONTENT_PRICE_FEN_MAXIMUM 1000000000 /* ten million yuan */
#define CONTENT_STOCK_MAXIMUM 1000000000

/* The roles of publishers, each with its directory of the same name. */
enum content_role { CONTENT_COMMERCE, CONTENT_CREDIT, CONTENT_COMMUNITY, CONTENT_ROLES };
/* "commerce", "credit", "community"; "?" for anything else. */
const char *content_role_str(enum content_role role);
bool content_role_from_str(const char *name, enum content_role *role);

struct content_strings {
    char **items;
    size_t count;
};

struct content_category {
    char *id;
    struct content_text name;
    int order;  /* position on screen, 0 to 9999 */
    char *icon; /* name of an icon of the theme; NULL: none */
};

struct content_merchant {
    char *id;
    struct content_text name;
    char *uscc; /* 18 characters; the check digit may be wrong */
    char *area; /* where it is registered */
    char *phone;
    struct content_text about; /* may be absent */
};

struct content_product {
    char *id;
    char *category; /* of its document; NULL in a product that stands alone */
    char *merchant;
    struct content_text name;
    struct content_text unit;        /* "kg", "500 g box" */
    struct content_text summary;     /* one line */
    struct content_text description; /* paragraphs */
    struct content_text origin;
    int64_t price_fen;
    int64_t old_price_fen;           /* 0: no former price */
    int64_t stock;                   /* what the gateway is seeded with, not what is left */
    struct content_strings pictures; /* "pictures/x.jpg", below the role's directory; at least one */
    struct content_strings areas;    /* none: sold everywhere */
    bool featured;
    struct content_strings keys; /* to find it by, content/keys.h; may be none */
};

enum content_list { CONTENT_REPUTABLE, CONTENT_DISHONEST };
enum content_grade { CONTENT_GRADE_NONE, CONTENT_GRADE_MINOR, CONTENT_GRADE_GENERAL, CONTENT_GRADE_SERIOUS };
enum content_state { CONTENT_PUBLISHED, CONTENT_UNDER_OBJECTION, CONTENT_REPAIRED, CONTENT_EXPIRED };
enum content_fulfilment { CONTENT_FULFILMENT_NONE, CONTENT_FULFILLED, CONTENT_PARTLY, CONTENT_UNFULFILLED };
/* The words of the documents; "" for the NONE values. */
const char *content_list_str(enum content_list list);
const char *content_grade_str(enum content_grade grade);
const char *content_state_str(enum content_state state);
const char *content_fulfilment_str(enum content_fulfilment fulfilment);

struct content_notice {
    char *id;
    enum content_list list; /* of its document */
    struct content_text name;
    char *uscc;
    char *legal_representative; /* masked by the publisher; may be NULL */
    char *area;
    enum content_grade grade; /* dishonest list only */
    struct content_text reason, detail, decided_by;
    char *document_number;
    struct content_date document_date, listed_on, min_until, max_until; /* the last two may be empty */
    enum content_state state;
    enum content_fulfilment fulfilment;
    int64_t amount_fen;          /* -1: none given */
    char *merchant;              /* the shop's merchant that it concerns; may be NULL */
    struct content_strings keys; /* to find it by, content/keys.h; may be none */
};

/* Whether a notice may be shown on a day: published or under objection, and the day lies before max_until, at
 * which publication ends by itself (credit repair rules of 2026). */
bool content_notice_in_force(const struct content_notice *notice, const struct content_date *today);

struct content_section {
    char *id;
    struct content_text name;
    int order;
    char *icon;
};

enum content_block_kind {
    CONTENT_BLOCK_HEADING,
    CONTENT_BLOCK_TEXT,
    CONTENT_BLOCK_PICTURE,
    CONTENT_BLOCK_PHONE,
    CONTENT_BLOCK_TABLE
};

struct content_block {
    enum content_block_kind kind;
    struct content_text text;    /* heading, text; the label of a phone */
    char *value;                 /* the picture's path or the phone number */
    size_t columns, rows;        /* table */
    struct content_text *titles; /* columns of them */
    struct content_text *cells;  /* rows * columns, row by row */
};

struct content_page {
    char *id;
    char *section;
    struct content_text title, summary;
    struct content_date updated;
    struct content_block *body;
    size_t body_count;
    struct content_strings areas; /* none: everywhere */
};

enum content_document_kind {
    CONTENT_UNKNOWN,     /* not a document: a picture, a manifest, something else */
    CONTENT_CATEGORIES,  /* commerce/categories.json */
    CONTENT_MERCHANTS,   /* commerce/merchants.json */
    CONTENT_CATALOGUE,   /* commerce/catalogue/NAME.json */
    CONTENT_CREDIT_LIST, /* credit/reputable.json, credit/dishonest.json */
    CONTENT_DIRECTORY,   /* community/directory.json */
    CONTENT_PAGE,        /* community/pages/ID.json */
};

struct content_document {
    enum content_document_kind kind; /* chooses the array; a page is an array of one */
    char *category;                  /* CATALOGUE: of all its products */
    enum content_list list;          /* CREDIT_LIST */
    size_t count;
    union {
        struct content_category *categories;
        struct content_merchant *merchants;
        struct content_product *products;
        struct content_notice *notices;
        struct content_section *sections;
        struct content_page *pages;
    };
};

/* What a path like "commerce/catalogue/dairy.json" (role directory included) holds. */
enum content_document_kind content_document_kind_of_path(const char *path);
/* True for "ROLE/pictures/NAME.jpg" of commerce and community, NAME of [a-z0-9._-]. */
bool content_path_is_picture(const char *path);

/* Reads the document that path must hold. Returns it, the caller's to destroy, or NULL and the first mistake
 * in error (also without memory). report, which may be NULL, hears of every mistake, of unknown members and
 * of other doubts. A member that is unknown is passed over; a code whose check digit is wrong is a warning.
 */
struct content_document *content_document_parse(struct bytes text, const char *path,
                                                content_report_fn *report, void *context,
                                                struct error *error);
void content_document_destroy(struct content_document *document); /* NULL is fine */
/* Appends the document as indented JSON, as content_document_parse reads it; false where the buffer is full
 * or there is no memory. */
bool content_document_write(const struct content_document *document, struct buffer *json);

/* One thing as a JSON object, a new reference, NULL only without memory. Unlike in a document, a product
 * holds its "category" and a notice its "list", so that it stands alone. */
json_t *content_category_to_json(const struct content_category *category);
json_t *content_merchant_to_json(const struct content_merchant *merchant);
json_t *content_product_to_json(const struct content_product *product);
json_t *content_notice_to_json(const struct content_notice *notice);
json_t *content_section_to_json(const struct content_section *section);
json_t *content_page_to_json(const struct content_page *page);
/* The reverse. Fills *thing, which owned nothing; false where reader counted mistakes: *thing is then to be
 * finished all the same. */
bool content_category_from_json(struct content_json *reader, const json_t *object,
                                struct content_category *category);
bool content_merchant_from_json(struct content_json *reader, const json_t *object,
                                struct content_merchant *merchant);
bool content_product_from_json(struct content_json *reader, const json_t *object,
                               struct content_product *product);
bool content_notice_from_json(struct content_json *reader, const json_t *object,
                              struct content_notice *notice);
bool content_section_from_json(struct content_json *reader, const json_t *object,
                               struct content_section *section);
bool content_page_from_json(struct content_json *reader, const json_t *object, struct content_page *page);
/* Free what the thing owns and zero it. */
void content_category_finish(struct content_category *category);
void content_merchant_finish(struct content_merchant *merchant);
void content_product_finish(struct content_product *product);
void content_notice_finish(struct content_notice *notice);
void content_section_finish(struct content_section *section);
void content_page_finish(struct content_page *page);

#endif
