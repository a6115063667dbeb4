/* SPDX-License-Identifier: Apache-2.0 */
/* The canvas in another size: exact where it must be, without seams where it is drawn in parts. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include "display/image.h"
#include "display/scale.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int sizes[][4] = {
    {1280, 720, 1920, 1080}, {1280, 720, 720, 576}, {640, 360, 640, 360}, {320, 200, 333, 199},
    {100, 50, 7, 9},         {1, 1, 40, 30},        {400, 300, 25, 19},   {3, 2, 4, 3},
};

static struct presenter_picture picture(const uint32_t *pixels, int width, int height)
{
    return (struct presenter_picture){(const uint8_t *)pixels, width * 4, width, height};
}

static uint32_t *noise(int count, uint32_t seed)
{
    uint32_t *pixels = calloc((size_t)count, sizeof(uint32_t));
    for (int i = 0; i < count; i++) {
        seed = seed * 1664525 + 1013904223;
        pixels[i] = seed >> 8 | 0xff000000;
    }
    return pixels;
}

static void known_values(void **state)
{
    (void)state;
    static const uint32_t edge[] = {0xff000000, 0xffff0080},
                          stripes[] = {0xff000000, 0xff00ff00, 0xff000000, 0xff00ff00,
                                       0xff000000, 0xff00ff00, 0xff000000, 0xff00ff00};
    static const uint32_t wide[] = {0xff000000, 0xff400020, 0xffbf0060, 0xffff0080};
    uint32_t out[4];
    struct presenter_picture from = picture(edge, 2, 1);
    struct scale *scale = scale_create(2, 1, 4, 1);
    scale_draw(scale, &from, out, (struct rect){0, 0, 4, 1});
    assert_memory_equal(out, wide, sizeof(wide));
    scale_destroy(scale);
    from = picture(stripes, 8, 1);
    scale = scale_create(8, 1, 4, 1);
    scale_draw(scale, &from, out, (struct rect){0, 0, 4, 1});
    for (int i = 1; i < 3; i++) /* neither stripe wins */
        assert_in_range(out[i] >> 8 & 0xff, 0x7e, 0x81);
    scale_destroy(scale);
}

static void plain_colours_stay(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const int *s = sizes[i];
        uint32_t *from = malloc((size_t)(s[0] * s[1]) * 4), *out = calloc((size_t)(s[2] * s[3]), 4);
        for (int k = 0; k < s[0] * s[1]; k++)
            from[k] = 0x01ff7f03;
        struct presenter_picture shown = picture(from, s[0], s[1]);
        struct scale *scale = scale_create(s[0], s[1], s[2], s[3]);
        assert_non_null(scale);
        scale_draw(scale, &shown, out, (struct rect){0, 0, s[2], s[3]});
        for (int k = 0; k < s[2] * s[3]; k++)
            assert_int_equal(out[k], 0xffff7f03);
        scale_destroy(scale);
        free(from);
        free(out);
    }
}

static void the_same_size_is_a_copy(void **state)
{
    (void)state;
    uint32_t *from = noise(64 * 48, 7), out[64 * 48];
    struct presenter_picture shown = picture(from, 64, 48);
    struct scale *scale = scale_create(64, 48, 64, 48);
    scale_draw(scale, &shown, out, (struct rect){0, 0, 64, 48});
    assert_memory_equal(out, from, sizeof(out));
    scale_destroy(scale);
    free(from);
}

/* What changes in a part of the source changes the mapped part of the result, and nothing else. */
static void parts_are_as_the_whole(void **state)
{
    (void)state;
    uint32_t seed = 3;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const int *s = sizes[i];
        size_t out_size = (size_t)(s[2] * s[3]) * 4;
        uint32_t *from = noise(s[0] * s[1], 1), *parts = malloc(out_size), *whole = malloc(out_size);
        struct presenter_picture shown = picture(from, s[0], s[1]);
        struct scale *scale = scale_create(s[0], s[1], s[2], s[3]);
        const struct rect all = {0, 0, s[2], s[3]};
        assert_true(rect_equal(scale_map(scale, (struct rect){0, 0, s[0], s[1]}), all));
        scale_draw(scale, &shown, parts, all);
        for (int round = 0; round < 6; round++) {
            struct rect rect;
            seed = seed * 1664525 + 1013904223;
            rect.x = (int)(seed >> 8) % s[0];
            rect.y = (int)(seed >> 12) % s[1];
            rect.w = 1 + (int)(seed >> 16) % (s[0] - rect.x);
            rect.h = 1 + (int)(seed >> 20) % (s[1] - rect.y);
            for (int y = rect.y; y < rect.y + rect.h; y++)
                for (int x = rect.x; x < rect.x + rect.w; x++)
                    from[y * s[0] + x] ^= 0x00ffffff;
            struct rect to = scale_map(scale, rect);
            assert_true(rect_equal(rect_intersect(to, all), to) && !rect_empty(to));
            scale_draw(scale, &shown, parts, to);
            scale_draw(scale, &shown, whole, all);
            assert_memory_equal(parts, whole, out_size);
        }
        scale_destroy(scale);
        free(from);
        free(parts);
        free(whole);
    }
}

static void refuses(void **state)
{
    (void)state;
    assert_null(scale_create(0, 1, 1, 1));
    assert_null(scale_create(1, 1, 1, 5000));
    assert_null(scale_create(4000, 10, 200, 10)); /* 20 times smaller */
    scale_destroy(NULL);
}

static void an_output_of_another_size(void **state)
{
    (void)state;
    static const int outputs[][2] = {{1920, 1080}, {1280, 720}, {720, 576}};
    char path[] = "/tmp/kokonor-output-XXXXXX";
    struct error error = {""};
    close(mkstemp(path));
    for (size_t i = 0; i < 3; i++) {
        int width = outputs[i][0], height = outputs[i][1];
        struct display_options options = {
            .presenter = "offscreen", .output_width = width, .output_height = height};
        struct display *display = display_create(&options, &error);
        struct image image;
        assert_non_null(display);
        assert_int_equal(display_width(display), 1280); /* what is drawn on stays */
        int w, h;
        display_output_size(display, &w, &h);
        assert_true(w == width && h == height);
        IDirectFBSurface *canvas = display_canvas(display);
        canvas->SetColor(canvas, 0x10, 0x20, 0x30, 0xff);
        canvas->FillRectangle(canvas, 640, 0, 640, 360);
        display_present(display, &(struct rect){640, 0, 640, 360}, 1);
        assert_true(display_save_png(display, path, &error));
        assert_true(image_read_png(path, &image, &error));
        assert_true(image.width == width && image.height == height);
        assert_int_equal(image.pixels[width - 1], 0xff102030);
        assert_int_equal(image.pixels[(height / 2 - 4) * width + width / 2 + 4], 0xff102030);
        assert_int_equal(image.pixels[(height / 2 + 4) * width + width / 2 + 4], 0xff000000);
        assert_int_equal(image.pixels[(height / 2 - 4) * width + width / 2 - 4], 0xff000000);
        image_finish(&image);
        display_destroy(display);
    }
    remove(path);
    assert_null(
        display_create(&(struct display_options){.presenter = "offscreen", .output_width = 100}, &error));
    assert_non_null(strstr(error.text, "100x720"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(plain_colours_stay),
        cmocka_unit_test(the_same_size_is_a_copy),
        cmocka_unit_test(parts_are_as_the_whole),
        cmocka_unit_test(refuses),
        cmocka_unit_test(an_output_of_another_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
