/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes out of whole rectangles and antialiased corners. Corners are made once for each radius and kept. The
 * canvas is memory (see display.h): what is mixed here row by row is several times as fast as through
 * DirectFB. */
#include "ui/paint.h"
#include "base/log.h"
#include "ui/inside.h"
#include "ui/raster.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#define SHADOW_DEPTH_MAX 128

static DFBRectangle dfb(struct rect rect)
{
    return (DFBRectangle){rect.x, rect.y, rect.w, rect.h};
}

void painter_clip(struct painter *painter, struct rect clip)
{
    IDirectFBSurface *canvas = painter->kit->canvas;
    painter->clip = clip;
    canvas->SetClip(canvas, &(DFBRegion){clip.x, clip.y, clip.x + clip.w - 1, clip.y + clip.h - 1});
}

uint32_t painter_fade(const struct painter *painter, uint32_t color)
{
    uint32_t alpha = ((color >> 24) * painter->opacity + 127) / 255;
    return alpha << 24 | (color & 0xffffff);
}

uint32_t paint_color(struct painter *painter, enum theme_color color)
{
    return painter->kit->theme->colors[color];
}

bool paint_focused(const struct painter *painter)
{
    return painter->focused;
}

static void set_color(IDirectFBSurface *canvas, uint32_t color)
{
    canvas->SetColor(canvas, color >> 16 & 0xff, color >> 8 & 0xff, color & 0xff, color >> 24);
}

/* ---- the canvas as memory ---- */

struct ground {
    IDirectFBSurface *canvas;
    uint8_t *pixels;
    int pitch;
    struct rect clip;
};

/* False where nothing can be painted. Between begin and end DirectFB draws nothing on the canvas. */
static bool begin(const struct painter *painter, struct ground *ground)
{
    void *pixels;
    *ground = (struct ground){.canvas = painter->kit->canvas, .clip = painter->clip};
    if (ground->canvas->Lock(ground->canvas, DSLF_READ | DSLF_WRITE, &pixels, &ground->pitch) != DFB_OK)
        return false;
    ground->pixels = pixels;
    return true;
}

static void end(struct ground *ground)
{
    ground->canvas->Unlock(ground->canvas);
}

static uint32_t *pixel_at(const struct ground *ground, int x, int y)
{
    return (uint32_t *)(void *)(ground->pixels + (ptrdiff_t)y * ground->pitch) + x;
}

static void fill(struct ground *ground, struct rect rect, uint32_t faded)
{
    rect = rect_intersect(rect, ground->clip);
    if (rect_empty(rect) || faded >> 24 == 0)
        return;
    for (int y = rect.y; y < rect.y + rect.h; y++)
        raster_fill(pixel_at(ground, rect.x, y), rect.w, faded);
}

void paint_fill(struct painter *painter, struct rect rect, uint32_t color)
{
    struct ground ground;
    if (rect_empty(rect_intersect(rect, painter->clip)) || !begin(painter, &ground))
        return;
    fill(&ground, rect, painter_fade(painter, color));
    end(&ground);
}

/* The part source of the mask, its top left to x, y. */
static void stamp(struct ground *ground, const struct mask *mask, struct rect source, int x, int y,
                  uint32_t faded)
{
    struct rect to = rect_intersect((struct rect){x, y, source.w, source.h}, ground->clip);
    if (!mask || rect_empty(to) || faded >> 24 == 0)
        return;
    const uint8_t *shape =
        mask->alpha + (size_t)(source.y + to.y - y) * (size_t)mask->side + (source.x + to.x - x);
    for (int row = 0; row < to.h; row++, shape += mask->side)
        raster_mask(pixel_at(ground, to.x, to.y + row), shape, to.w, faded);
}

void paint_mask(struct painter *painter, IDirectFBSurface *mask, struct rect source, int x, int y,
                uint32_t color)
{
    IDirectFBSurface *canvas = painter->kit->canvas;
    DFBSurfaceBlittingFlags flags = DSBLIT_COLORIZE | DSBLIT_BLEND_ALPHACHANNEL;
    uint32_t faded = painter_fade(painter, color);
    if (!mask || faded >> 24 == 0)
        return;
    if (faded >> 24 != 0xff)
        flags |= DSBLIT_BLEND_COLORALPHA;
    canvas->SetBlittingFlags(canvas, flags);
    set_color(canvas, faded);
    DFBRectangle from = dfb(source);
    canvas->Blit(canvas, mask, &from, x, y);
}

/* ---- masks ---- */

static double clamp(double value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

uint8_t paint_shadow_alpha(double distance, int blur)
{
    double t = clamp((distance + blur) / (2.0 * blur)); /* 0 inside, 1 outside */
    t = 1 - t * t * (3 - 2 * t);
    return (uint8_t)lround(255 * t * t);
}

static uint8_t mask_value(enum mask_kind kind, int radius, int extra, double distance)
{
    switch (kind) {
    case MASK_DISC:
        return (uint8_t)lround(255 * clamp(radius - distance + 0.5));
    case MASK_RING:
        return (uint8_t)lround(
            255 * clamp(clamp(radius - distance + 0.5) - clamp(radius - extra - distance + 0.5)));
    default:
        return paint_shadow_alpha(distance - radius, extra);
    }
}

/* A circle of twice the half width, seen from its middle: its quarters are the corners. */
static void make_mask(struct mask *mask)
{
    int half = mask->kind == MASK_SHADOW ? mask->radius + mask->extra : mask->radius, side = half * 2;
    mask->side = side;
    mask->alpha = malloc((size_t)side * (size_t)side);
    for (int y = 0; mask->alpha && y < half; y++)
        for (int x = 0; x < half; x++) {
            uint8_t value =
                mask_value(mask->kind, mask->radius, mask->extra,
                           sqrt((half - x - 0.5) * (half - x - 0.5) + (half - y - 0.5) * (half - y - 0.5)));
            int right = side - 1 - x, below = side - 1 - y; /* four quarters alike */
            mask->alpha[y * side + x] = mask->alpha[y * side + right] = value;
            mask->alpha[below * side + x] = mask->alpha[below * side + right] = value;
        }
}

static const struct mask *get_mask(struct kit *kit, enum mask_kind kind, int radius, int extra)
{
    struct mask *oldest = &kit->masks[0];
    for (size_t i = 0; i < MASKS_MAX; i++) {
        struct mask *mask = &kit->masks[i];
        if (mask->alpha && mask->kind == kind && mask->radius == radius && mask->extra == extra) {
            mask->used = ++kit->clock;
            return mask;
        }
        if (mask->used < oldest->used)
            oldest = mask;
    }
    free(oldest->alpha);
    *oldest = (struct mask){.kind = kind, .radius = radius, .extra = extra, .used = ++kit->clock};
    make_mask(oldest);
    return oldest->alpha ? oldest : NULL;
}

void kit_finish(struct kit *kit)
{
    for (size_t i = 0; i < MASKS_MAX; i++)
        free(kit->masks[i].alpha);
}

/* ---- shapes ---- */

static int fit_radius(struct rect rect, int radius)
{
    int limit = (rect.w < rect.h ? rect.w : rect.h) / 2;
    return radius < 0 ? 0 : radius > limit ? limit : radius;
}

static uint32_t mix(uint32_t top, uint32_t bottom, int at, int of)
{
    uint32_t out = 0;
    for (int shift = 0; shift <= 24; shift += 8) {
        int a = (int)(top >> shift & 0xff), b = (int)(bottom >> shift & 0xff);
        out |= (uint32_t)(a + (b - a) * at / (of > 1 ? of - 1 : 1)) << shift;
    }
    return out;
}

/* Rows from, to (within rect) of the shape: the middle as a rectangle, the sides from the mask. */
static void fill_rows(struct ground *ground, const struct mask *disc, struct rect rect, int radius, int from,
                      int to, uint32_t faded)
{
    bool top = from < radius, bottom = from >= rect.h - radius;
    if (!top && !bottom) {
        fill(ground, (struct rect){rect.x, rect.y + from, rect.w, to - from}, faded);
        return;
    }
    int row = top ? from : from - (rect.h - 2 * radius);
    fill(ground, (struct rect){rect.x + radius, rect.y + from, rect.w - 2 * radius, to - from}, faded);
    stamp(ground, disc, (struct rect){0, row, radius, to - from}, rect.x, rect.y + from, faded);
    stamp(ground, disc, (struct rect){radius, row, radius, to - from}, rect.x + rect.w - radius,
          rect.y + from, faded);
}

void paint_round(struct painter *painter, struct rect rect, int radius, uint32_t top, uint32_t bottom)
{
    struct ground ground;
    if (rect_empty(rect_intersect(rect, painter->clip)) || !begin(painter, &ground))
        return;
    radius = fit_radius(rect, radius);
    top = painter_fade(painter, top);
    bottom = painter_fade(painter, bottom);
    const struct mask *disc = radius > 0 ? get_mask(painter->kit, MASK_DISC, radius, 0) : NULL;
    if (top == bottom) {
        if (radius > 0) {
            fill_rows(&ground, disc, rect, radius, 0, radius, top);
            fill_rows(&ground, disc, rect, radius, rect.h - radius, rect.h, top);
        }
        if (rect.h > 2 * radius)
            fill_rows(&ground, disc, rect, radius, radius, rect.h - radius, top);
    } else {
        int from = painter->clip.y > rect.y ? painter->clip.y - rect.y : 0;
        int to = painter->clip.y + painter->clip.h - rect.y;
        for (int y = from; y < to && y < rect.h; y++)
            fill_rows(&ground, disc, rect, radius, y, y + 1, mix(top, bottom, y, rect.h));
    }
    end(&ground);
}

/* The four quarters of a mask of half pixels each way at the corners of rect. */
static void stamp_corners(struct ground *ground, const struct mask *mask, int half, struct rect rect,
                          uint32_t faded)
{
    int right = rect.x + rect.w - half, bottom = rect.y + rect.h - half;
    stamp(ground, mask, (struct rect){0, 0, half, half}, rect.x, rect.y, faded);
    stamp(ground, mask, (struct rect){half, 0, half, half}, right, rect.y, faded);
    stamp(ground, mask, (struct rect){0, half, half, half}, rect.x, bottom, faded);
    stamp(ground, mask, (struct rect){half, half, half, half}, right, bottom, faded);
}

void paint_ring(struct painter *painter, struct rect rect, int radius, int width, uint32_t color)
{
    struct ground ground;
    if (width <= 0 || rect_empty(rect_intersect(rect, painter->clip)) || !begin(painter, &ground))
        return;
    uint32_t faded = painter_fade(painter, color);
    radius = fit_radius(rect, radius);
    if (radius > 0 && radius < width) /* a corner rounder than the ring is wide, always */
        radius = fit_radius(rect, width);
    int w = rect.w - 2 * radius, h = rect.h - 2 * radius;
    if (radius > 0)
        stamp_corners(&ground, get_mask(painter->kit, MASK_RING, radius, width), radius, rect, faded);
    fill(&ground, (struct rect){rect.x + radius, rect.y, w, width}, faded);
    fill(&ground, (struct rect){rect.x + radius, rect.y + rect.h - width, w, width}, faded);
    int inset = radius > 0 ? radius : width;
    h = rect.h - 2 * inset;
    fill(&ground, (struct rect){rect.x, rect.y + inset, width, h}, faded);
    fill(&ground, (struct rect){rect.x + rect.w - width, rect.y + inset, width, h}, faded);
    end(&ground);
}

/* The sides of a shadow as rows: a column's alpha depends on how far it is from the edge. */
static void shadow_sides(struct ground *ground, struct rect outer, int half, const uint8_t *edge, int depth,
                         uint32_t faded)
{
    uint8_t back[SHADOW_DEPTH_MAX];
    const struct mask left = {.side = 0, .alpha = (uint8_t *)(uintptr_t)edge};
    const struct mask right = {.side = 0, .alpha = back}; /* side 0: each row is the first again */
    int h = outer.h - 2 * half;
    for (int i = 0; i < depth; i++)
        back[depth - 1 - i] = edge[i];
    stamp(ground, &left, (struct rect){0, 0, depth, h}, outer.x, outer.y + half, faded);
    stamp(ground, &right, (struct rect){0, 0, depth, h}, outer.x + outer.w - depth, outer.y + half, faded);
}

void paint_shadow(struct painter *painter, struct rect rect, int radius, int blur, int drop, uint32_t color)
{
    struct ground ground;
    if (blur <= 0)
        return;
    rect.y += drop;
    struct rect outer = rect_grow(rect, blur);
    if (rect_empty(rect_intersect(outer, painter->clip)) || !begin(painter, &ground))
        return;
    radius = fit_radius(rect, radius > blur ? radius : blur);
    int half = radius + blur, w = outer.w - 2 * half;
    int depth = 2 * blur < half ? 2 * blur : half;
    depth = depth < SHADOW_DEPTH_MAX ? depth : SHADOW_DEPTH_MAX;
    uint8_t edge[SHADOW_DEPTH_MAX];
    uint32_t faded = painter_fade(painter, color);
    stamp_corners(&ground, get_mask(painter->kit, MASK_SHADOW, radius, blur), half, outer, faded);
    for (int i = 0; i < depth; i++) {
        edge[i] = paint_shadow_alpha(blur - i - 0.5, blur);
        uint32_t shade = (edge[i] * (faded >> 24) / 255) << 24 | (faded & 0xffffff);
        fill(&ground, (struct rect){outer.x + half, outer.y + i, w, 1}, shade);
        fill(&ground, (struct rect){outer.x + half, outer.y + outer.h - 1 - i, w, 1}, shade);
    }
    shadow_sides(&ground, outer, half, edge, depth, faded);
    end(&ground);
}

/* ---- pictures and text ---- */

/* Pixel for pixel. */
static void lay_over(struct painter *painter, IDirectFBSurface *surface, struct rect rect)
{
    struct ground ground;
    struct rect part = rect_intersect(rect, painter->clip);
    void *pixels;
    int pitch;
    if (rect_empty(part) || !begin(painter, &ground))
        return;
    if (surface->Lock(surface, DSLF_READ, &pixels, &pitch) == DFB_OK) {
        for (int y = part.y; y < part.y + part.h; y++)
            raster_over(
                pixel_at(&ground, part.x, y),
                (const uint32_t *)(const void *)((const uint8_t *)pixels + (ptrdiff_t)(y - rect.y) * pitch) +
                    (part.x - rect.x),
                part.w, painter->opacity);
        surface->Unlock(surface);
    }
    end(&ground);
}

void paint_surface(struct painter *painter, IDirectFBSurface *surface, struct rect rect)
{
    IDirectFBSurface *canvas = painter->kit->canvas;
    DFBSurfaceBlittingFlags flags = DSBLIT_BLEND_ALPHACHANNEL;
    DFBSurfacePixelFormat format;
    int width, height;
    surface->GetSize(surface, &width, &height);
    surface->GetPixelFormat(surface, &format);
    if (width == rect.w && height == rect.h && format == DSPF_ARGB) {
        lay_over(painter, surface, rect);
        return;
    }
    if (painter->opacity != 0xff)
        flags |= DSBLIT_BLEND_COLORALPHA;
    canvas->SetBlittingFlags(canvas, flags);
    canvas->SetColor(canvas, 0xff, 0xff, 0xff, painter->opacity);
    DFBRectangle to = dfb(rect);
    canvas->StretchBlit(canvas, surface, NULL, &to);
}

void paint_icon(struct painter *painter, const char *name, struct rect rect, uint32_t color)
{
    int size = rect.w < rect.h ? rect.w : rect.h, built;
    IDirectFBSurface *mask = icons_get(painter->kit->icons, name, size, &built);
    if (!mask)
        return;
    paint_mask(painter, mask, (struct rect){0, 0, built, built}, rect.x + (rect.w - built) / 2,
               rect.y + (rect.h - built) / 2, color);
}

void paint_text(struct painter *painter, struct rect rect, const char *text, enum theme_type type,
                enum align align, uint32_t color)
{
    const struct theme_font *font = &painter->kit->theme->types[type];
    struct paragraph_style style = {font->size_px, font->bold, rect.w, 1, align, ""};
    for (size_t i = 0; i < sizeof(style.language) - 1 && painter->language[i]; i++)
        style.language[i] = painter->language[i];
    struct paragraph *paragraph = typesetter_set(painter->kit->typesetter, text, &style);
    if (!paragraph)
        return;
    paragraph_draw(paragraph, painter->kit->canvas, rect.x,
                   rect.y + (rect.h - paragraph_height(paragraph)) / 2, rect.w, painter_fade(painter, color));
    paragraph_release(paragraph);
}
