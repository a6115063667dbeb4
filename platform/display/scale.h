/* SPDX-License-Identifier: Apache-2.0 */
/* The canvas in another size, part by part: each pixel of the result depends on its own few pixels of the
 * source only, so that parts fit together without seams. Any thread, one at a time. */
#ifndef KOKONOR_DISPLAY_SCALE_H
#define KOKONOR_DISPLAY_SCALE_H

#include "display/presenter.h"

struct scale;

/* Sizes in pixels, 1 to 4096, at most 16 times smaller. Larger: linear; smaller: the mean of what a pixel
 * covers, its neighbours fading in. NULL without memory or with sizes outside. */
struct scale *scale_create(int from_width, int from_height, int to_width, int to_height);
void scale_destroy(struct scale *scale);
/* The part of the result that depends on this part of the source, which lies within it. */
struct rect scale_map(const struct scale *scale, struct rect from);
/* Draws a part of the result, which lies within it. out: the whole result, rows of to_width pixels without
 * gaps. */
void scale_draw(struct scale *scale, const struct presenter_picture *from, uint32_t *out, struct rect to);

#endif
