/* SPDX-License-Identifier: Apache-2.0 */
#include "display/scale.h"
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_PX 4096
#define TAPS_MAX 36 /* 16 times smaller: a triangle over 32 pixels, and its ends */
#define ONE 256     /* the sum of the weights of a pixel */

/* One direction: result pixel i is the sum of source pixels first[i] ... times weights[i * taps ...]. */
struct axis {
    int from, to, taps;
    int *first;
    uint16_t *weights;
};

struct scale {
    struct axis x, y;
    uint32_t *row; /* of the source's width: rows already mixed */
};

/* The weights of one result pixel: a triangle around its centre, as wide as two source pixels or two result
 * pixels, whichever is more; what lies outside the picture counts for its edge. */
static void weigh(struct axis *axis, int i)
{
    double ratio = (double)axis->from / axis->to, reach = ratio > 1 ? ratio : 1;
    double centre = (i + 0.5) * ratio - 0.5, share[TAPS_MAX] = {0}, sum = 0;
    int low = (int)(centre - reach + SIZE_MAX_PX) + 1 - SIZE_MAX_PX; /* the first within reach */
    int first = low < 0 ? 0 : low;
    if (first > axis->from - axis->taps)
        first = axis->from - axis->taps;
    for (int k = low; k < centre + reach; k++) {
        double distance = k > centre ? k - centre : centre - k;
        int at = (k < 0 ? 0 : k >= axis->from ? axis->from - 1 : k) - first;
        if (at < 0 || at >= axis->taps)
            continue;
        share[at] += reach - distance;
        sum += reach - distance;
    }
    int left = ONE, most = 0;
    uint16_t *weights = axis->weights + (size_t)i * (size_t)axis->taps;
    for (int k = 0; k < axis->taps; k++) {
        weights[k] = (uint16_t)(share[k] * ONE / sum + 0.5);
        left -= weights[k];
        most = weights[k] > weights[most] ? k : most;
    }
    weights[most] = (uint16_t)(weights[most] + left); /* exactly one: a plain colour stays what it is */
    axis->first[i] = first;
}

static bool open_axis(struct axis *axis, int from, int to)
{
    axis->from = from;
    axis->to = to;
    axis->taps = from <= to ? 2 : 2 * ((from + to - 1) / to) + 2;
    if (axis->taps > from)
        axis->taps = from;
    if (axis->taps > TAPS_MAX)
        return false;
    axis->first = calloc((size_t)to, sizeof(int));
    axis->weights = calloc((size_t)to * (size_t)axis->taps, sizeof(uint16_t));
    if (!axis->first || !axis->weights)
        return false;
    for (int i = 0; i < to; i++)
        weigh(axis, i);
    return true;
}

struct scale *scale_create(int from_width, int from_height, int to_width, int to_height)
{
    const int sizes[] = {from_width, from_height, to_width, to_height};
    for (size_t i = 0; i < 4; i++)
        if (sizes[i] < 1 || sizes[i] > SIZE_MAX_PX)
            return NULL;
    struct scale *scale = calloc(1, sizeof(*scale));
    if (!scale)
        return NULL;
    scale->row = calloc((size_t)from_width, sizeof(uint32_t));
    if (scale->row && open_axis(&scale->x, from_width, to_width) &&
        open_axis(&scale->y, from_height, to_height))
        return scale;
    scale_destroy(scale);
    return NULL;
}

void scale_destroy(struct scale *scale)
{
    if (!scale)
        return;
    free(scale->x.first);
    free(scale->x.weights);
    free(scale->y.first);
    free(scale->y.weights);
    free(scale->row);
    free(scale);
}

/* The first result pixel that reads a source pixel at or behind this one; to where there is none. */
static int first_reader(const struct axis *axis, int from)
{
    int low = 0, high = axis->to;
    while (low < high) {
        int middle = (low + high) / 2;
        if (axis->first[middle] + axis->taps > from)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The result pixel behind the last that reads a source pixel before this one. */
static int last_reader(const struct axis *axis, int from)
{
    int low = 0, high = axis->to;
    while (low < high) {
        int middle = (low + high) / 2;
        if (axis->first[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct rect scale_map(const struct scale *scale, struct rect from)
{
    int left = first_reader(&scale->x, from.x), right = last_reader(&scale->x, from.x + from.w);
    int top = first_reader(&scale->y, from.y), bottom = last_reader(&scale->y, from.y + from.h);
    return (struct rect){left, top, right - left, bottom - top};
}

/* Two colours at a time in one number: eight bits of colour times eight of weight stay in their sixteen. */
static inline uint32_t mix(const uint32_t *pixels, size_t step, const uint16_t *weights, int taps)
{
    uint32_t red_blue = 0x00800080, green = 0x00000080;
    for (int k = 0; k < taps; k++) {
        uint32_t pixel = pixels[(size_t)k * step];
        red_blue += (pixel & 0x00ff00ff) * weights[k];
        green += (pixel >> 8 & 0xff) * weights[k];
    }
    return 0xff000000u | (red_blue >> 8 & 0x00ff00ff) | (green & 0xff00);
}

/* A row of the result; taps as constants where they are two, which compilers make much of. */
static inline void draw_row(const struct scale *scale, const uint32_t *source, size_t step, uint32_t *line,
                            int row, struct rect to, int x_taps, int y_taps)
{
    const struct axis *x = &scale->x, *y = &scale->y;
    const uint16_t *weights = y->weights + (size_t)row * (size_t)y_taps;
    int left = x->first[to.x], right = x->first[to.x + to.w - 1] + x_taps;
    for (int column = left; column < right; column++)
        scale->row[column] = mix(source + column, step, weights, y_taps);
    for (int column = to.x; column < to.x + to.w; column++)
        line[column] =
            mix(scale->row + x->first[column], 1, x->weights + (size_t)column * (size_t)x_taps, x_taps);
}

void scale_draw(struct scale *scale, const struct presenter_picture *from, uint32_t *out, struct rect to)
{
    const struct axis *x = &scale->x, *y = &scale->y;
    size_t step = (size_t)from->pitch / sizeof(uint32_t);
    for (int row = to.y; row < to.y + to.h; row++) {
        const uint32_t *source = (const uint32_t *)(const void *)from->pixels + (size_t)y->first[row] * step;
        uint32_t *line = out + (size_t)row * (size_t)x->to;
        if (x->taps == 2 && y->taps == 2)
            draw_row(scale, source, step, line, row, to, 2, 2);
        else
            draw_row(scale, source, step, line, row, to, x->taps, y->taps);
    }
}
