/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of pixels in memory: what painting mixes most, in loops that a compiler turns into vectors. Pixels are
 * 0xAARRGGBB in the machine's order, alpha not multiplied in; what is drawn on counts as opaque. */
#ifndef KOKONOR_UI_RASTER_H
#define KOKONOR_UI_RASTER_H

#include <stdint.h>

/* One colour with its alpha over count pixels. */
void raster_fill(uint32_t *pixels, int count, uint32_t color);
/* A colour in a shape: its alpha times that of the shape. */
void raster_mask(uint32_t *pixels, const uint8_t *shape, int count, uint32_t color);
/* Pixels with their own alpha, that times opacity. */
void raster_over(uint32_t *pixels, const uint32_t *source, int count, uint8_t opacity);

#endif
