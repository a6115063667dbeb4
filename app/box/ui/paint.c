/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes out of whole rectangles and antialiased A8 corners. Corners are made once for each radius and kept.
 */
#include "ui/paint.h"
#include "base/log.h"
#include "ui/inside.h"
#include <math.h>

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

static void fill(struct painter *painter, struct rect rect, uint32_t faded)
{
    IDirectFBSurface *canvas = painter->kit->canvas;
    rect = rect_intersect(rect, painter->clip);
    if (rect_empty(rect) || faded >> 24 == 0)
        return;
    canvas->SetDrawingFlags(canvas, faded >> 24 == 0xff ? DSDRAW_NOFX : DSDRAW_BLEND);
    set_color(canvas, faded);
    canvas->FillRectangle(canvas, rect.x, rect.y, rect.w, rect.h);
}

void paint_fill(struct painter *painter, struct rect rect, uint32_t color)
{
    fill(painter, rect, painter_fade(painter, color));
}

static void blit_mask(struct painter *painter, IDirectFBSurface *mask, struct rect source, int x, int y,
                      uint32_t faded)
{
    IDirectFBSurface *canvas = painter->kit->canvas;
    DFBSurfaceBlittingFlags flags = DSBLIT_COLORIZE | DSBLIT_BLEND_ALPHACHANNEL;
    if (!mask || faded >> 24 == 0)
        return;
    if (faded >> 24 != 0xff)
        flags |= DSBLIT_BLEND_COLORALPHA;
    canvas->SetBlittingFlags(canvas, flags);
    set_color(canvas, faded);
    DFBRectangle from = dfb(source);
    canvas->Blit(canvas, mask, &from, x, y);
}

void paint_mask(struct painter *painter, IDirectFBSurface *mask, struct rect source, int x, int y,
                uint32_t color)
{
    blit_mask(painter, mask, source, x, y, painter_fade(painter, color));
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
static IDirectFBSurface *make_mask(struct kit *kit, enum mask_kind kind, int radius, int extra)
{
    int half = kind == MASK_SHADOW ? radius + extra : radius, pitch;
    IDirectFBSurface *surface = NULL;
    void *pixels;
    DFBSurfaceDescription description = {
        .flags = DSDESC_CAPS | DSDESC_WIDTH | DSDESC_HEIGHT | DSDESC_PIXELFORMAT,
        .caps = DSCAPS_SYSTEMONLY,
        .width = half * 2,
        .height = half * 2,
        .pixelformat = DSPF_A8,
    };
    if (kit->directfb->CreateSurface(kit->directfb, &description, &surface) != DFB_OK)
        return NULL;
    if (surface->Lock(surface, DSLF_WRITE, &pixels, &pitch) == DFB_OK) {
        for (int y = 0; y < half * 2; y++)
            for (int x = 0; x < half * 2; x++)
                ((uint8_t *)pixels)[(size_t)y * (size_t)pitch + (size_t)x] =
                    mask_value(kind, radius, extra, hypot(x + 0.5 - half, y + 0.5 - half));
        surface->Unlock(surface);
    }
    return surface;
}

static IDirectFBSurface *get_mask(struct kit *kit, enum mask_kind kind, int radius, int extra)
{
    struct mask *oldest = &kit->masks[0];
    for (size_t i = 0; i < MASKS_MAX; i++) {
        struct mask *mask = &kit->masks[i];
        if (mask->surface && mask->kind == kind && mask->radius == radius && mask->extra == extra) {
            mask->used = ++kit->clock;
            return mask->surface;
        }
        if (mask->used < oldest->used)
            oldest = mask;
    }
    if (oldest->surface)
        oldest->surface->Release(oldest->surface);
    *oldest = (struct mask){kind, radius, extra, make_mask(kit, kind, radius, extra), ++kit->clock};
    return oldest->surface;
}

void kit_finish(struct kit *kit)
{
    for (size_t i = 0; i < MASKS_MAX; i++)
        if (kit->masks[i].surface)
            kit->masks[i].surface->Release(kit->masks[i].surface);
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
static void fill_rows(struct painter *painter, struct rect rect, int radius, int from, int to, uint32_t faded)
{
    bool top = from < radius, bottom = from >= rect.h - radius;
    if (!top && !bottom) {
        fill(painter, (struct rect){rect.x, rect.y + from, rect.w, to - from}, faded);
        return;
    }
    int row = top ? from : from - (rect.h - 2 * radius);
    IDirectFBSurface *disc = get_mask(painter->kit, MASK_DISC, radius, 0);
    fill(painter, (struct rect){rect.x + radius, rect.y + from, rect.w - 2 * radius, to - from}, faded);
    blit_mask(painter, disc, (struct rect){0, row, radius, to - from}, rect.x, rect.y + from, faded);
    blit_mask(painter, disc, (struct rect){radius, row, radius, to - from}, rect.x + rect.w - radius,
              rect.y + from, faded);
}

void paint_round(struct painter *painter, struct rect rect, int radius, uint32_t top, uint32_t bottom)
{
    if (rect_empty(rect_intersect(rect, painter->clip)))
        return;
    radius = fit_radius(rect, radius);
    top = painter_fade(painter, top);
    bottom = painter_fade(painter, bottom);
    if (top == bottom) {
        if (radius > 0) {
            fill_rows(painter, rect, radius, 0, radius, top);
            fill_rows(painter, rect, radius, rect.h - radius, rect.h, top);
        }
        if (rect.h > 2 * radius)
            fill_rows(painter, rect, radius, radius, rect.h - radius, top);
        return;
    }
    int from = painter->clip.y > rect.y ? painter->clip.y - rect.y : 0;
    int to = painter->clip.y + painter->clip.h - rect.y;
    for (int y = from; y < to && y < rect.h; y++)
        fill_rows(painter, rect, radius, y, y + 1, mix(top, bottom, y, rect.h));
}

/* The four quarters of a mask of half pixels each way at the corners of rect. */
static void blit_corners(struct painter *painter, IDirectFBSurface *mask, int half, struct rect rect,
                         uint32_t faded)
{
    int right = rect.x + rect.w - half, bottom = rect.y + rect.h - half;
    blit_mask(painter, mask, (struct rect){0, 0, half, half}, rect.x, rect.y, faded);
    blit_mask(painter, mask, (struct rect){half, 0, half, half}, right, rect.y, faded);
    blit_mask(painter, mask, (struct rect){0, half, half, half}, rect.x, bottom, faded);
    blit_mask(painter, mask, (struct rect){half, half, half, half}, right, bottom, faded);
}

void paint_ring(struct painter *painter, struct rect rect, int radius, int width, uint32_t color)
{
    if (width <= 0 || rect_empty(rect_intersect(rect, painter->clip)))
        return;
    uint32_t faded = painter_fade(painter, color);
    radius = fit_radius(rect, radius);
    if (radius > 0 && radius < width) /* a corner rounder than the ring is wide, always */
        radius = fit_radius(rect, width);
    int w = rect.w - 2 * radius, h = rect.h - 2 * radius;
    if (radius > 0)
        blit_corners(painter, get_mask(painter->kit, MASK_RING, radius, width), radius, rect, faded);
    fill(painter, (struct rect){rect.x + radius, rect.y, w, width}, faded);
    fill(painter, (struct rect){rect.x + radius, rect.y + rect.h - width, w, width}, faded);
    int inset = radius > 0 ? radius : width;
    h = rect.h - 2 * inset;
    fill(painter, (struct rect){rect.x, rect.y + inset, width, h}, faded);
    fill(painter, (struct rect){rect.x + rect.w - width, rect.y + inset, width, h}, faded);
}

void paint_shadow(struct painter *painter, struct rect rect, int radius, int blur, int drop, uint32_t color)
{
    if (blur <= 0)
        return;
    rect.y += drop;
    struct rect outer = rect_grow(rect, blur);
    if (rect_empty(rect_intersect(outer, painter->clip)))
        return;
    radius = fit_radius(rect, radius > blur ? radius : blur);
    int half = radius + blur, w = outer.w - 2 * half, h = outer.h - 2 * half;
    int depth = 2 * blur < half ? 2 * blur : half;
    uint32_t faded = painter_fade(painter, color);
    blit_corners(painter, get_mask(painter->kit, MASK_SHADOW, radius, blur), half, outer, faded);
    for (int i = 0; i < depth; i++) {
        uint32_t alpha = paint_shadow_alpha(blur - i - 0.5, blur) * (faded >> 24) / 255;
        uint32_t shade = alpha << 24 | (faded & 0xffffff);
        fill(painter, (struct rect){outer.x + half, outer.y + i, w, 1}, shade);
        fill(painter, (struct rect){outer.x + half, outer.y + outer.h - 1 - i, w, 1}, shade);
        fill(painter, (struct rect){outer.x + i, outer.y + half, 1, h}, shade);
        fill(painter, (struct rect){outer.x + outer.w - 1 - i, outer.y + half, 1, h}, shade);
    }
}

/* ---- pictures and text ---- */

void paint_surface(struct painter *painter, IDirectFBSurface *surface, struct rect rect)
{
    IDirectFBSurface *canvas = painter->kit->canvas;
    DFBSurfaceBlittingFlags flags = DSBLIT_BLEND_ALPHACHANNEL;
    int width, height;
    if (painter->opacity != 0xff)
        flags |= DSBLIT_BLEND_COLORALPHA;
    canvas->SetBlittingFlags(canvas, flags);
    canvas->SetColor(canvas, 0xff, 0xff, 0xff, painter->opacity);
    surface->GetSize(surface, &width, &height);
    DFBRectangle to = dfb(rect);
    if (width == rect.w && height == rect.h)
        canvas->Blit(canvas, surface, NULL, rect.x, rect.y);
    else
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
