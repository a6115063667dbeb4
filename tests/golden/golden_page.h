/* SPDX-License-Identifier: Apache-2.0 */
/* A page for browsers beside the pictures of golden.h: expected, found and difference of each screen, those
 * that differ first. It is made from what lies in its folder, so tests that run side by side may share one.
 * It names its pictures relative to itself: the folder may be copied elsewhere. */
#ifndef KOKONOR_GOLDEN_PAGE_H
#define KOKONOR_GOLDEN_PAGE_H

#include "display/image.h"

/* folder has NAME.actual.png already. expected, diff: NULL where there is none. pixels: how many differ, -1:
 * no comparison was possible. A failure to write is on standard error; no test fails for it. */
void golden_page_add(const char *folder, const char *name, const struct image *expected,
                     const struct image *diff, long pixels, bool good);
/* Takes the screen, and its pictures, from the folder and from the page, if there is one. */
void golden_page_drop(const char *folder, const char *name);

#endif
