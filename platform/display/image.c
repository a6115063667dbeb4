/* SPDX-License-Identifier: Apache-2.0 */
#include "display/image.h"
#include "base/buffer.h"
#include "base/file.h"
#include <png.h>
#include <stdlib.h>
#include <string.h>

#define SIDE_MAX 4096
#define FILE_MAX (64u << 20)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FORMAT_NATIVE PNG_FORMAT_BGRA
#else
#define FORMAT_NATIVE PNG_FORMAT_ARGB
#endif

bool image_read_png(const char *path, struct image *image, struct error *error)
{
    struct buffer file;
    png_image png = {.version = PNG_IMAGE_VERSION};
    bool good = false;
    *image = (struct image){0};
    buffer_init(&file, FILE_MAX);
    if (!file_read(path, &file, error))
        goto out;
    if (!png_image_begin_read_from_memory(&png, file.data, file.size)) {
        error_set(error, "%s: not a PNG: %s", path, png.message);
        goto out;
    }
    if (png.width > SIDE_MAX || png.height > SIDE_MAX) {
        error_set(error, "%s: %ux%u is larger than %dx%d", path, png.width, png.height, SIDE_MAX, SIDE_MAX);
        goto out;
    }
    png.format = FORMAT_NATIVE;
    image->pixels = malloc(PNG_IMAGE_SIZE(png));
    if (!image->pixels) {
        error_set(error, "%s: out of memory", path);
        goto out;
    }
    if (!png_image_finish_read(&png, NULL, image->pixels, 0, NULL)) {
        error_set(error, "%s: damaged: %s", path, png.message);
        image_finish(image);
        goto out;
    }
    image->width = (int)png.width;
    image->height = (int)png.height;
    good = true;
out:
    png_image_free(&png);
    buffer_finish(&file);
    return good;
}

void image_finish(struct image *image)
{
    free(image->pixels);
    *image = (struct image){0};
}

/* Rows without gaps in libpng's order of bytes, or NULL. */
static uint8_t *pack(const uint32_t *pixels, int width, int height, int pitch, bool alpha)
{
    size_t bytes = alpha ? 4 : 3;
    uint8_t *packed = malloc((size_t)width * (size_t)height * bytes), *out = packed;
    for (int y = 0; packed && y < height; y++) {
        const uint32_t *row =
            (const uint32_t *)(const void *)((const uint8_t *)pixels + (size_t)y * (size_t)pitch);
        for (int x = 0; x < width; x++) {
            *out++ = (uint8_t)(row[x] >> 16);
            *out++ = (uint8_t)(row[x] >> 8);
            *out++ = (uint8_t)row[x];
            if (alpha)
                *out++ = (uint8_t)(row[x] >> 24);
        }
    }
    return packed;
}

bool image_write_png(const char *path, const uint32_t *pixels, int width, int height, int pitch, bool alpha,
                     struct error *error)
{
    png_image png = {
        .version = PNG_IMAGE_VERSION, .width = (png_uint_32)width, .height = (png_uint_32)height};
    png.format = alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
    uint8_t *packed = pack(pixels, width, height, pitch, alpha);
    void *file = malloc(size);
    bool good = false;
    if (!packed || !file)
        error_set(error, "%s: out of memory", path);
    else if (!png_image_write_to_memory(&png, file, &size, 0, packed, 0, NULL))
        error_set(error, "%s: cannot be made a PNG: %s", path, png.message);
    else
        good = file_write(path, file, size, error);
    png_image_free(&png);
    free(packed);
    free(file);
    return good;
}
