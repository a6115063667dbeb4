/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/raster.h"

#define OPAQUE 0xff000000u
#define RED_BLUE 0xff00ffu
#define GREEN 0x00ff00u

/* 0 to 255 as 0 to 256, so that a shift divides. */
static inline uint32_t widen(uint32_t alpha)
{
    return alpha + (alpha >> 7);
}

/* color over pixel; share of 256. */
static inline uint32_t mix(uint32_t pixel, uint32_t color, uint32_t share)
{
    uint32_t rest = 256 - share;
    uint32_t red_blue = ((color & RED_BLUE) * share + (pixel & RED_BLUE) * rest + 0x800080u) >> 8;
    uint32_t green = ((color & GREEN) >> 8) * share + ((pixel & GREEN) >> 8) * rest + 0x80u;
    return OPAQUE | (red_blue & RED_BLUE) | (green & GREEN);
}

void raster_fill(uint32_t *pixels, int count, uint32_t color)
{
    uint32_t alpha = color >> 24, share = widen(alpha), rest = 256 - share;
    if (alpha == 0xff) {
        for (int i = 0; i < count; i++)
            pixels[i] = color;
        return;
    }
    uint32_t red_blue = (color & RED_BLUE) * share + 0x800080u;
    uint32_t green = ((color & GREEN) >> 8) * share + 0x80u;
    for (int i = 0; i < count; i++) {
        uint32_t rb = (red_blue + (pixels[i] & RED_BLUE) * rest) >> 8;
        uint32_t g = green + ((pixels[i] & GREEN) >> 8) * rest;
        pixels[i] = OPAQUE | (rb & RED_BLUE) | (g & GREEN);
    }
}

void raster_mask(uint32_t *restrict pixels, const uint8_t *restrict shape, int count, uint32_t color)
{
    uint32_t alpha = widen(color >> 24);
    for (int i = 0; i < count; i++)
        pixels[i] = mix(pixels[i], color, widen((shape[i] * alpha + 0x80u) >> 8));
}

void raster_over(uint32_t *restrict pixels, const uint32_t *restrict source, int count, uint8_t opacity)
{
    uint32_t whole = widen(opacity);
    for (int i = 0; i < count; i++)
        pixels[i] = mix(pixels[i], source[i], widen(((source[i] >> 24) * whole + 0x80u) >> 8));
}
