/* SPDX-License-Identifier: Apache-2.0 */
/* A picture in memory and PNG files of it. Any thread; the caller owns what it is given. */
#ifndef KOKONOR_DISPLAY_IMAGE_H
#define KOKONOR_DISPLAY_IMAGE_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image {
    int width, height;
    uint32_t *pixels; /* width * height of 0xAARRGGBB in the machine's order, alpha not multiplied in, rows
                         without gaps */
};

/* Reads a PNG of any kind, at most 4096x4096. On failure image is left empty. Give the pixels back with
 * image_finish. */
bool image_read_png(const char *path, struct image *image, struct error *error);
void image_finish(struct image *image);
/* pitch: bytes from one row of pixels to the next. alpha false writes RGB and drops the alpha. Atomic: old
 * file or whole new one. */
bool image_write_png(const char *path, const uint32_t *pixels, int width, int height, int pitch, bool alpha,
                     struct error *error);

#endif
