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
    unsigned concerns; /* enum shell_change: what it is built anew for */
};

/* For the channel's open: makes the state and builds the screen. */
void *detail_open(struct view *view, const char *id, detail_build_fn *build, unsigned concerns);
/* The channel's changed. */
void detail_changed(void *self, unsigned changes);

#endif
