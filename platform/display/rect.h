/* SPDX-License-Identifier: Apache-2.0 */
/* Rectangles of whole pixels, origin top left. A rectangle without width or height is empty. Any thread. */
#ifndef KOKONOR_DISPLAY_RECT_H
#define KOKONOR_DISPLAY_RECT_H

#include <stdbool.h>

struct rect {
    int x, y, w, h;
};

static inline bool rect_empty(struct rect a)
{
    return a.w <= 0 || a.h <= 0;
}

static inline bool rect_equal(struct rect a, struct rect b)
{
    return a.x == b.x && a.y == b.y && a.w == b.w && a.h == b.h;
}

/* The part in both; empty where they do not meet. */
static inline struct rect rect_intersect(struct rect a, struct rect b)
{
    int left = a.x > b.x ? a.x : b.x, top = a.y > b.y ? a.y : b.y;
    int right = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w;
    int bottom = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;
    if (rect_empty(a) || rect_empty(b) || right <= left || bottom <= top)
        return (struct rect){left, top, 0, 0};
    return (struct rect){left, top, right - left, bottom - top};
}

/* The smallest rectangle around both; an empty one adds nothing. */
static inline struct rect rect_union(struct rect a, struct rect b)
{
    if (rect_empty(a))
        return b;
    if (rect_empty(b))
        return a;
    int left = a.x < b.x ? a.x : b.x, top = a.y < b.y ? a.y : b.y;
    int right = a.x + a.w > b.x + b.w ? a.x + a.w : b.x + b.w;
    int bottom = a.y + a.h > b.y + b.h ? a.y + a.h : b.y + b.h;
    return (struct rect){left, top, right - left, bottom - top};
}

/* Larger by px on each side (smaller where px is negative). */
static inline struct rect rect_grow(struct rect a, int px)
{
    return (struct rect){a.x - px, a.y - px, a.w + 2 * px, a.h + 2 * px};
}

static inline bool rect_contains(struct rect outer, struct rect inner)
{
    return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.w <= outer.x + outer.w &&
           inner.y + inner.h <= outer.y + outer.h;
}

#endif
