/* SPDX-License-Identifier: Apache-2.0 */
/* Text: Chinese, Tibetan and Latin in one line, shaped by HarfBuzz, broken by libunibreak, rasterised by
 * FreeType into one A8 atlas. Main thread. A typesetter owns fonts, atlas and a bounded cache of paragraphs;
 * paragraphs are counted references. */
#ifndef KOKONOR_UI_PARAGRAPH_H
#define KOKONOR_UI_PARAGRAPH_H

#include "base/error.h"
#include "display/rect.h"
#include "ui/scene.h"
#include <directfb.h>

struct typesetter;
struct paragraph;

struct paragraph_style {
    int size_px; /* 8 to 200 */
    bool bold;
    int width;     /* lines are broken here; 0: never */
    int max_lines; /* the last has an ellipsis; 0: all */
    enum align align;
    char language[4]; /* "zh", "bo", "en": for line breaking and ambiguous punctuation */
};

/* Opens the fonts that the list names. NULL with error naming the file and the Debian package where one is
 * missing. */
struct typesetter *typesetter_create(IDirectFB *directfb, const char *fonts_ini, struct error *error);
void typesetter_destroy(struct typesetter *typesetter); /* every paragraph must have been released */

/* text: UTF-8 of at most 64 KiB (cut beyond); not valid UTF-8 shows as its valid beginning. NULL only without
 * memory. */
struct paragraph *typesetter_set(struct typesetter *typesetter, const char *text,
                                 const struct paragraph_style *style);
void paragraph_release(struct paragraph *paragraph);

int paragraph_width(const struct paragraph *paragraph);  /* of its widest line */
int paragraph_height(const struct paragraph *paragraph); /* all lines; deep stacks included */
size_t paragraph_lines(const struct paragraph *paragraph);
bool paragraph_cut(const struct paragraph *paragraph); /* an ellipsis stands for the rest */
size_t paragraph_glyphs(const struct paragraph *paragraph);
/* From the top of the paragraph to the first base line. */
int paragraph_ascent(const struct paragraph *paragraph);
/* The height of one line of this style in this language, whatever its text. */
int typesetter_line_height(struct typesetter *typesetter, const struct paragraph_style *style);
/* The glyphs' ink, relative to the paragraph's top left; for tests of clipping. */
struct rect paragraph_ink(struct paragraph *paragraph);

/* Draws with the canvas's clip as it is. width: the room for alignment. */
void paragraph_draw(struct paragraph *paragraph, IDirectFBSurface *canvas, int x, int y, int width,
                    uint32_t color);

#endif
