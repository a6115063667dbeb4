/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the screen for one who cannot read them: what has the focus, and where that is. Main thread
 * only; plain copies. */
#ifndef KOKONOR_UI_READING_H
#define KOKONOR_UI_READING_H

#include "ui/scene.h"

#define READING_SIZE 2048
#define READING_TITLE_SIZE 256

/* Texts, a line each, cut at a character where there is more. */
struct reading {
    const struct node *scope, *focus; /* to be compared only: which screen, and what has the focus */
    char title[READING_TITLE_SIZE];   /* of the screen or dialog; "" where it has none */
    /* What has the focus: first its title, then badge, value and price, then notes; what keys do where that
     * is not OK. A page that is scrolled: all of it. */
    char text[READING_SIZE];
    char rest[READING_SIZE]; /* the screen's other words, without the line of hints */
};

/* language: of the strings ("zh"): words that are their keys are read in that one, whatever is shown; texts
 * as they are. */
void scene_read(struct scene *scene, const char *language, struct reading *reading);

#endif
