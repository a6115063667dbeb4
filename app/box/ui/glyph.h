/* SPDX-License-Identifier: Apache-2.0 */
/* Fonts by script, and glyphs as rectangles of one A8 atlas. Inside ui only; main thread. Faces live as long
 * as the glyphs. */
#ifndef KOKONOR_UI_GLYPH_H
#define KOKONOR_UI_GLYPH_H

#include "base/error.h"
#include <directfb.h>
#include <hb.h>
#include <stdint.h>

enum script { SCRIPT_LATIN, SCRIPT_CJK, SCRIPT_TIBETAN, SCRIPT_COUNT };

/* A face is a script in one weight: its number. */
enum { FACE_COUNT = SCRIPT_COUNT * 2 };

struct glyphs;

struct face_metrics {
    int ascent, descent; /* of a line, in 1/64 pixel, both positive */
};

struct glyphs *glyphs_create(IDirectFB *directfb, const char *fonts_ini, struct error *error);
void glyphs_destroy(struct glyphs *glyphs);
unsigned glyphs_face(enum script script, bool bold);
bool glyphs_has(struct glyphs *glyphs, unsigned face, uint32_t code_point);
/* A HarfBuzz font of that face for text of size_px: positions in 1/64 pixel. Owned by glyphs. */
hb_font_t *glyphs_font(struct glyphs *glyphs, unsigned face, int size_px);
struct face_metrics glyphs_metrics(struct glyphs *glyphs, unsigned face, int size_px);
/* The family's name, for tests. */
const char *glyphs_family(struct glyphs *glyphs, unsigned face);

/* A picture of text is collected and drawn in batches: begin, one call a glyph (x, y: its origin in 1/64
 * pixel), end. */
void glyphs_begin(struct glyphs *glyphs, IDirectFBSurface *canvas, uint32_t color);
void glyphs_draw(struct glyphs *glyphs, unsigned face, int size_px, uint32_t glyph, int x, int y);
void glyphs_end(struct glyphs *glyphs);

#endif
