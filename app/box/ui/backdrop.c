/* SPDX-License-Identifier: Apache-2.0 */
/* What screens stand before: a lake between mountains after sunset. Computed once for the size of the
 * picture; dithered, since dark gradients show their steps on a television. */
#include "ui/inside.h"
#include <math.h>
#include <stdlib.h>

#define SHORE 0.60 /* of the height */
#define GLOW_X 0.74
#define RIDGES 3

struct light {
    float r, g, b;
};

/* What depends on the column alone. */
struct column {
    float ridge[RIDGES]; /* height over the shore, of the picture's height; far to near */
    float shine, wave;
};

struct view {
    struct light sky, lake, mountain, glow;
    struct column *columns;
};

static struct light light_of(uint32_t color)
{
    return (struct light){color >> 16 & 0xff, color >> 8 & 0xff, color & 0xff};
}

static struct light mix(struct light a, struct light b, float t)
{
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return (struct light){a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
}

/* 0 to 1: corners and slopes, no curves. */
static double zigzag(double x)
{
    double part = x - floor(x);
    return part < 0.5 ? part * 2 : 2 - part * 2;
}

static double ridge(double x, double phase)
{
    double y = 0.52 * zigzag(1.35 * x + phase) + 0.26 * zigzag(3.1 * x + 2.3 * phase);
    return y + 0.14 * zigzag(7.3 * x + 4.1 * phase) + 0.08 * zigzag(16.9 * x + phase);
}

static void fill_columns(struct view *view, int width)
{
    static const double phase[RIDGES] = {0.31, 0.87, 0.12}, height[RIDGES] = {0.30, 0.19, 0.075};
    for (int i = 0; i < width; i++) {
        double x = (i + 0.5) / width, dx = x - GLOW_X;
        struct column *column = &view->columns[i];
        for (int k = 0; k < RIDGES; k++)
            column->ridge[k] = height[k] * ridge(x, phase[k]);
        column->shine = exp(-dx * dx * 6.0);
        column->wave = 2.5 * sin(x * 9) + 1.2 * sin(x * 23);
    }
}

static struct light over_shore(const struct view *view, const struct column *column, struct light color,
                               float above)
{
    static const float strength[RIDGES] = {0.45, 0.72, 0.92};
    for (int k = 0; k < RIDGES; k++) {
        if (above >= column->ridge[k])
            continue;
        float haze = 1 - above / (column->ridge[k] + 0.02F); /* mist lies low between the ridges */
        struct light rock =
            mix(view->mountain, view->glow, 0.10F * haze * (float)(RIDGES - k) * (0.4F + column->shine));
        color = mix(color, rock, strength[k]);
    }
    return color;
}

/* What depends on the row alone. */
struct row {
    float above; /* the shore */
    struct light sky;
    float shine, edge, ripple;
};

static struct row row_at(const struct view *view, double y)
{
    double above = SHORE - y, dy = above * (above > 0 ? 1.0 : 1.7), depth = above < 0 ? -above : 0;
    return (struct row){above, mix(view->sky, view->lake, pow(y / SHORE, 1.6)), exp(-dy * dy * 16.0),
                        1 - exp(-depth * 60), 300 * sqrt(depth)};
}

static struct light color_at(const struct view *view, const struct column *column, const struct row *row)
{
    float above = row->above, shine = column->shine * row->shine;
    struct light color = mix(row->sky, view->glow, 0.42F * shine);
    if (above >= 0)
        return over_shore(view, column, color, above);
    /* The water: the sky's light upside down, mountains faintly mirrored, the far shore's edge lost in mist.
     */
    float depth = -above;
    struct light water = mix(mix(view->lake, view->glow, 0.36F * shine), view->sky, 1.5F * depth);
    float mirror = column->ridge[1] * 0.7F;
    if (depth < mirror)
        water = mix(water, view->mountain, 0.45F * (1 - depth / mirror));
    float ripple = shine > 0.02F ? sinf(row->ripple + column->wave) : 0.0F;
    if (ripple > 0.55F)
        water = mix(water, view->glow, 0.20F * shine * (ripple - 0.55F));
    return mix(over_shore(view, column, color, 0), water, row->edge);
}

/* An 8x8 pattern of half a step up and down: it hides the steps as well as noise does, and a PNG of it stays
 * small. */
static float pattern(int x, int y)
{
    int rank = 0;
    for (int bit = 0; bit < 3; bit++) {
        int a = x >> bit & 1, b = y >> bit & 1;
        rank |= ((a ^ b) << 1 | b) << (2 * (2 - bit));
    }
    return ((float)rank + 0.5F) / 64 - 0.5F;
}

static uint32_t channel(float value, float dither)
{
    float v = value + dither + 0.5F;
    return v < 0 ? 0 : v > 255 ? 255 : (uint32_t)(int32_t)v;
}

static void compute(const struct theme *theme, uint8_t *pixels, int pitch, int width, int height)
{
    struct view view = {light_of(theme->colors[COLOR_SKY]), light_of(theme->colors[COLOR_LAKE]),
                        light_of(theme->colors[COLOR_MOUNTAIN]), light_of(theme->colors[COLOR_GLOW]),
                        calloc((size_t)width, sizeof(struct column))};
    if (!view.columns)
        return;
    float dither[8][8];
    for (int i = 0; i < 64; i++)
        dither[i / 8][i % 8] = pattern(i % 8, i / 8);
    fill_columns(&view, width);
    for (int y = 0; y < height; y++) {
        uint32_t *out = (uint32_t *)(void *)(pixels + (size_t)y * (size_t)pitch);
        struct row row = row_at(&view, (y + 0.5) / height);
        for (int x = 0; x < width; x++) {
            struct light c = color_at(&view, &view.columns[x], &row);
            float d = dither[y & 7][x & 7];
            out[x] = 0xff000000 | channel(c.r, d) << 16 | channel(c.g, d) << 8 | channel(c.b, d);
        }
    }
    free(view.columns);
}

void paint_backdrop(struct painter *painter, struct rect rect, IDirectFBSurface **cache)
{
    IDirectFB *directfb = painter->kit->directfb;
    IDirectFBSurface *canvas = painter->kit->canvas;
    DFBSurfaceDescription description = {
        .flags = DSDESC_CAPS | DSDESC_WIDTH | DSDESC_HEIGHT | DSDESC_PIXELFORMAT,
        .caps = DSCAPS_SYSTEMONLY,
        .width = rect.w,
        .height = rect.h,
        .pixelformat = DSPF_ARGB,
    };
    void *pixels;
    int pitch;
    if (!*cache && directfb->CreateSurface(directfb, &description, cache) == DFB_OK &&
        (*cache)->Lock(*cache, DSLF_WRITE, &pixels, &pitch) == DFB_OK) {
        compute(painter->kit->theme, pixels, pitch, rect.w, rect.h);
        (*cache)->Unlock(*cache);
    }
    if (!*cache) {
        paint_fill(painter, rect, painter->kit->theme->colors[COLOR_SKY]);
        return;
    }
    canvas->SetBlittingFlags(canvas, DSBLIT_NOFX);
    canvas->Blit(canvas, *cache, NULL, rect.x, rect.y);
}
