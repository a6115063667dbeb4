/* SPDX-License-Identifier: Apache-2.0 */
/* A channel that shows one thing by its id and is built anew when that may have changed: most detail pages
 * need no more state than this. Main thread. */
#ifndef KOKONOR_CHANNEL_DETAIL_H
#define KOKONOR_CHANNEL_DETAIL_H

#include "shell/shell.h"

struct detail;
typedef void detail_build_fn(struct detail *detail);

struct detail {
    struct view *view;
    struct shell *shell;
    char id[49];
    detail_build_fn *build;
};

/* For the channel's open: makes the state and builds the screen. */
void *detail_open(struct view *view, const char *id, detail_build_fn *build);
/* For the channel's changed: builds anew where changes has one of the bits in concerns. */
void detail_changed(void *self, unsigned changes, unsigned concerns);

#endif
