/* SPDX-License-Identifier: Apache-2.0 */
#include "golden.h"
#include "base/file.h"
#include "display/image.h"
#include "golden_page.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Another processor rounds a little differently, in all pixels by a step or two; whatever moves by one pixel
 * changes more of them by more (gallery_test). */
#define CHANNEL_TOLERANCE 8
#define PIXELS_TOLERANCE 12
#define FOLDER KOKONOR_BUILD_DIR "/golden"
#define PATH_SIZE 4096

struct pair {
    struct image actual, expected;
};

static int channel_difference(uint32_t a, uint32_t b)
{
    int most = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        int d = abs((int)(a >> shift & 0xff) - (int)(b >> shift & 0xff));
        most = d > most ? d : most;
    }
    return most;
}

/* Counts the pixels that differ and marks them red on a darkened picture, where marked is not NULL. */
static long compare(const struct image *actual, const struct image *expected, uint32_t *marked)
{
    long count = 0;
    for (long i = 0; i < (long)actual->width * actual->height; i++) {
        bool differs = channel_difference(actual->pixels[i], expected->pixels[i]) > CHANNEL_TOLERANCE;
        if (marked)
            marked[i] = differs ? 0xffff2020 : 0xff000000 | ((actual->pixels[i] >> 2) & 0x3f3f3f);
        count += differs;
    }
    return count;
}

static void expected_path(char path[PATH_SIZE], const char *name)
{
    snprintf(path, PATH_SIZE, "%s/tests/golden/expected/%s.png", KOKONOR_SOURCE_DIR, name);
}

static bool asked_for(const char *variable)
{
    const char *value = getenv(variable);
    return value && !strcmp(value, "1");
}

/* Reads both, the actual one from actual_path, where it is written first. */
static bool read_pair(struct display *display, const char *name, const char *actual_path, struct pair *pair,
                      struct error *error)
{
    char path[PATH_SIZE];
    expected_path(path, name);
    *pair = (struct pair){{0}, {0}};
    return display_save_png(display, actual_path, error) &&
           image_read_png(actual_path, &pair->actual, error) && image_read_png(path, &pair->expected, error);
}

static void finish_pair(struct pair *pair)
{
    image_finish(&pair->actual);
    image_finish(&pair->expected);
}

static bool same_size(const struct pair *pair)
{
    return pair->actual.width == pair->expected.width && pair->actual.height == pair->expected.height;
}

/* What the canvas has, without a file between. */
static bool read_canvas(struct display *display, struct image *image)
{
    IDirectFBSurface *canvas = display_canvas(display);
    void *rows;
    int pitch;
    *image = (struct image){display_width(display), display_height(display), NULL};
    size_t row = (size_t)image->width * 4;
    image->pixels = malloc(row * (size_t)image->height);
    if (!image->pixels || canvas->Lock(canvas, DSLF_READ, &rows, &pitch) != DFB_OK)
        return false;
    for (int y = 0; y < image->height; y++)
        memcpy((char *)image->pixels + row * (size_t)y, (const char *)rows + (ptrdiff_t)pitch * y, row);
    canvas->Unlock(canvas);
    return true;
}

/* Ends pair. */
static bool is_same(const char *name, struct pair *pair, bool have_actual, long *pixels)
{
    char path[PATH_SIZE];
    struct error error = {""};
    expected_path(path, name);
    bool good = have_actual && image_read_png(path, &pair->expected, &error) && same_size(pair);
    long count = good ? compare(&pair->actual, &pair->expected, NULL) : 0;
    if (pixels)
        *pixels = count;
    finish_pair(pair);
    return good && count <= PIXELS_TOLERANCE;
}

bool golden_same(struct display *display, const char *name, long *pixels)
{
    struct pair pair = {{0}, {0}};
    return is_same(name, &pair, read_canvas(display, &pair.actual), pixels);
}

bool golden_same_file(const char *path, const char *name, long *pixels)
{
    struct pair pair = {{0}, {0}};
    return is_same(name, &pair, image_read_png(path, &pair.actual, NULL), pixels);
}

/* Everything for the page, or nothing where there is nothing to see. */
static bool judge(const char *name, const struct pair *pair)
{
    if (!same_size(pair)) {
        fprintf(stderr, "golden %s: %dx%d, expected %dx%d; see %s/%s.actual.png\n", name, pair->actual.width,
                pair->actual.height, pair->expected.width, pair->expected.height, FOLDER, name);
        golden_page_add(FOLDER, name, &pair->expected, NULL, -1, false);
        return false;
    }
    uint32_t *marked = malloc((size_t)pair->actual.width * (size_t)pair->actual.height * 4);
    long count = compare(&pair->actual, &pair->expected, marked);
    bool good = count <= PIXELS_TOLERANCE;
    if (!good)
        fprintf(stderr,
                "golden %s: %ld pixels differ; look at %s/index.html; where the new picture is right, run "
                "again with KOKONOR_GOLDEN_UPDATE=1\n",
                name, count, FOLDER);
    if (!good || asked_for("KOKONOR_GOLDEN_PAGE")) {
        struct image diff = {pair->actual.width, pair->actual.height, marked};
        golden_page_add(FOLDER, name, &pair->expected, marked ? &diff : NULL, count, good);
    } else {
        golden_page_drop(FOLDER, name);
    }
    free(marked);
    return good;
}

bool golden_check(struct display *display, const char *name)
{
    char path[PATH_SIZE];
    struct pair pair = {{0}, {0}};
    struct error error = {""};
    file_make_folder(FOLDER, NULL);
    if (asked_for("KOKONOR_GOLDEN_UPDATE")) {
        expected_path(path, name);
        bool written = display_save_png(display, path, &error);
        fprintf(stderr, "golden %s: %s\n", name, written ? "written anew" : error.text);
        golden_page_drop(FOLDER, name);
        return written;
    }
    snprintf(path, sizeof(path), "%s/%s.actual.png", FOLDER, name);
    bool good = false;
    if (read_pair(display, name, path, &pair, &error)) {
        good = judge(name, &pair);
    } else {
        fprintf(stderr, "golden %s: %s; the picture is %s\n", name, error.text, path);
        golden_page_add(FOLDER, name, NULL, NULL, -1, false);
    }
    finish_pair(&pair);
    return good;
}
