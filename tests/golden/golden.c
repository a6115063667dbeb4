/* SPDX-License-Identifier: Apache-2.0 */
#include "golden.h"
#include "base/file.h"
#include "display/image.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Another processor rounds a little differently; a missing icon or a moved line is much more than this. */
#define CHANNEL_TOLERANCE 16
#define PIXELS_TOLERANCE 180

static int channel_difference(uint32_t a, uint32_t b)
{
    int most = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        int d = abs((int)(a >> shift & 0xff) - (int)(b >> shift & 0xff));
        most = d > most ? d : most;
    }
    return most;
}

/* Counts the pixels that differ and marks them red on a darkened picture. */
static long compare(const struct image *actual, const struct image *expected, uint32_t *marked)
{
    long count = 0;
    for (long i = 0; i < (long)actual->width * actual->height; i++) {
        bool differs = channel_difference(actual->pixels[i], expected->pixels[i]) > CHANNEL_TOLERANCE;
        marked[i] = differs ? 0xffff2020 : 0xff000000 | ((actual->pixels[i] >> 2) & 0x3f3f3f);
        count += differs;
    }
    return count;
}

static bool judge(const char *name, const char *actual_path, const char *diff_path,
                  const struct image *actual, const struct image *expected)
{
    if (actual->width != expected->width || actual->height != expected->height) {
        fprintf(stderr, "golden %s: %dx%d, expected %dx%d; see %s\n", name, actual->width, actual->height,
                expected->width, expected->height, actual_path);
        return false;
    }
    uint32_t *marked = malloc((size_t)actual->width * (size_t)actual->height * 4);
    long count = marked ? compare(actual, expected, marked) : PIXELS_TOLERANCE + 1;
    if (count > PIXELS_TOLERANCE) {
        if (marked)
            image_write_png(diff_path, marked, actual->width, actual->height, actual->width * 4, false, NULL);
        fprintf(
            stderr,
            "golden %s: %ld pixels differ; look at %s and %s; where the new picture is right, run again with "
            "KOKONOR_GOLDEN_UPDATE=1\n",
            name, count, actual_path, diff_path);
    }
    free(marked);
    return count <= PIXELS_TOLERANCE;
}

bool golden_check(struct display *display, const char *name)
{
    char expected_path[4096], actual_path[4096], diff_path[4096];
    const char *update = getenv("KOKONOR_GOLDEN_UPDATE");
    struct image actual = {0}, expected = {0};
    struct error error = {""};
    snprintf(expected_path, sizeof(expected_path), "%s/tests/golden/expected/%s.png", KOKONOR_SOURCE_DIR,
             name);
    snprintf(actual_path, sizeof(actual_path), "%s/golden/%s.actual.png", KOKONOR_BUILD_DIR, name);
    snprintf(diff_path, sizeof(diff_path), "%s/golden/%s.diff.png", KOKONOR_BUILD_DIR, name);
    file_make_folder(KOKONOR_BUILD_DIR "/golden", NULL);
    remove(diff_path);
    bool good = false;
    if (update && strcmp(update, "1") == 0) {
        good = display_save_png(display, expected_path, &error);
        fprintf(stderr, "golden %s: %s\n", name, good ? "written anew" : error.text);
        return good;
    }
    if (!display_save_png(display, actual_path, &error) || !image_read_png(actual_path, &actual, &error))
        fprintf(stderr, "golden %s: %s\n", name, error.text);
    else if (!image_read_png(expected_path, &expected, &error))
        fprintf(stderr, "golden %s: %s; the picture is %s\n", name, error.text, actual_path);
    else
        good = judge(name, actual_path, diff_path, &actual, &expected);
    image_finish(&actual);
    image_finish(&expected);
    if (good)
        remove(actual_path);
    return good;
}
