/* SPDX-License-Identifier: Apache-2.0 */
/* Painting into the canvas: what the scene's nodes and custom nodes draw with. Valid only inside a paint
 * call, whose clip and opacity hold for everything. Main thread. */
#ifndef KOKONOR_UI_PAINT_H
#define KOKONOR_UI_PAINT_H

#include "ui/scene.h"
#include <directfb.h>

/* Colours are 0xAARRGGBB. */
uint32_t paint_color(struct painter *painter, enum theme_color color);
void paint_fill(struct painter *painter, struct rect rect, uint32_t color);
/* Antialiased corners; top and bottom colour of a vertical gradient (equal: plain). */
void paint_round(struct painter *painter, struct rect rect, int radius, uint32_t top, uint32_t bottom);
/* A ring inside rect. */
void paint_ring(struct painter *painter, struct rect rect, int radius, int width, uint32_t color);
/* The soft shadow (or glow) around a rounded rect, blur pixels wide, moved down by drop. */
void paint_shadow(struct painter *painter, struct rect rect, int radius, int blur, int drop, uint32_t color);
/* The icon's shape in a colour, in the middle of rect. */
void paint_icon(struct painter *painter, const char *name, struct rect rect, uint32_t color);
/* A surface with its own alpha, scaled where sizes differ. */
void paint_surface(struct painter *painter, IDirectFBSurface *surface, struct rect rect);
/* An A8 surface as a shape in a colour, from source (in it) to x, y. */
void paint_mask(struct painter *painter, IDirectFBSurface *mask, struct rect source, int x, int y,
                uint32_t color);
/* One line of text, cut with an ellipsis to rect and aligned in it, centred in its height. */
void paint_text(struct painter *painter, struct rect rect, const char *text, enum theme_type type,
                enum align align, uint32_t color);
/* True while the node being painted has the focus, or a focusable ancestor has. */
bool paint_focused(const struct painter *painter);

#endif
