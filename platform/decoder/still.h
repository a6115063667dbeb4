/* SPDX-License-Identifier: Apache-2.0 */
/* A picture from the air or a file (JPEG, PNG, WebP, the first frame of a GIF), as pixels of the size that is
 * wanted. No state: any thread may call it, several at once (libuv workers do). The picture belongs to
 * whoever decoded it. */
#ifndef KOKONOR_DECODER_STILL_H
#define KOKONOR_DECODER_STILL_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

/* Limits that are checked before anything is decoded. */
#define STILL_BYTES_MAX (16 * 1024 * 1024)
#define STILL_INPUT_SIDE_MAX 16384
#define STILL_INPUT_PIXELS_MAX (16 * 1024 * 1024)
#define STILL_OUTPUT_SIDE_MAX 4096

enum still_fit {
    STILL_CONTAIN, /* the whole picture, its aspect ratio kept, no larger than the box in either direction,
                      never enlarged */
    STILL_COVER /* exactly the box, filled: scaled (also up) with its aspect ratio kept, what sticks out cut
                   off evenly */
};

/* Pixels are native-endian uint32_t 0xAARRGGBB with straight (not premultiplied) alpha; opaque pictures have
 * AA = 0xFF everywhere. Row y starts at pixels + y * stride. */
struct still {
    uint32_t *pixels; /* NULL: no picture */
    int width, height;
    int stride;  /* pixels (not bytes) from row to row, at least width */
    bool opaque; /* no pixel is transparent: blit without blending */
};

/* Decodes size bytes at data (borrowed during the call) into a box of width x height pixels,
 * each 1..STILL_OUTPUT_SIDE_MAX. The kind is found from its first bytes. True: still owns pixels, to be given
 * back with still_finish. False: still is empty, error (may be NULL) says why: unknown kind, beyond a limit,
 * damaged, no decoder in this FFmpeg, no memory. A picture that is cut short or damaged is refused, not half
 * shown. */
bool still_decode_fit(const void *data, size_t size, int width, int height, enum still_fit fit,
                      struct still *still, struct error *error);
/* still_decode_fit with STILL_CONTAIN. */
bool still_decode(const void *data, size_t size, int max_width, int max_height, struct still *still,
                  struct error *error);
/* Reads a picture's kind ("jpeg", "png", "webp", "gif"; static storage) from its first bytes, or NULL where
 * it is none of them. */
const char *still_kind(const void *data, size_t size);
/* Frees the pixels and empties still; an empty one is fine. */
void still_finish(struct still *still);

#endif
