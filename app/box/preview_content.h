/* SPDX-License-Identifier: Apache-2.0 */
/* A publisher's folder as a box would have received it: checked as the playout checks it, then put into a
 * store, without trust and without air. One thread; the caller owns the store. */
#ifndef KOKONOR_BOX_PREVIEW_CONTENT_H
#define KOKONOR_BOX_PREVIEW_CONTENT_H

#include "content/area.h"
#include "content/document.h"
#include "store/store.h"

#define PREVIEW_PATH_SIZE 1024

/* A document by itself, which takes the place of the one of its name in the folder. */
struct preview_file {
    char folder[PREVIEW_PATH_SIZE];      /* the content folder that it lies in; "": in none */
    char path[64 + CONTENT_ID_MAXIMUM];  /* "commerce/catalogue/dairy.json" */
    enum content_document_kind kind;     /* never CONTENT_UNKNOWN */
    char entry[CONTENT_ID_MAXIMUM + 1];  /* what was asked for, or else the first product, notice or page;
                                            "": none, as in a list of categories */
    char area[CONTENT_AREA_MAXIMUM + 1]; /* the first of the entry's own; "": it is for everywhere */
    struct buffer bytes;
};

/* Reads name, "FILE.json" or "FILE.json:ENTRY". Where it lies is told by its path (.../ROLE/...), elsewhere
 * by what is in it. False and a reason in error; file is in use either way, to be finished. */
bool preview_file_read(struct preview_file *file, const char *name, struct error *error);
void preview_file_finish(struct preview_file *file);

/* Fills the store with folder (NULL or "": nothing but file) and file (may be NULL) as of utc_s. report hears
 * of all mistakes and warnings. False and a reason in error where there was a mistake. */
bool preview_content_fill(struct store *store, const char *folder, const struct preview_file *file,
                          int64_t utc_s, content_report_fn *report, void *context, struct error *error);

#endif
