/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include "base/file.h"
#include "display/display.h"
#include "display/image.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct display *open_display(const char *presenter)
{
    struct error error = {""};
    struct display *display = display_create(&(struct display_options){.presenter = presenter}, &error);
    if (!display)
        fail_msg("%s", error.text);
    return display;
}

static void canvas(void **state)
{
    (void)state;
    char path[] = "/tmp/kokonor-display-XXXXXX";
    struct image image;
    struct error error;
    close(mkstemp(path));
    for (int i = 0; i < 2; i++) { /* closed, it opens again */
        struct display *display = open_display("offscreen");
        IDirectFBSurface *surface = display_canvas(display);
        assert_int_equal(display_width(display), 1280);
        assert_int_equal(display_height(display), 720);
        assert_string_equal(display_presenter_name(display), "offscreen");
        assert_int_equal(display_fd(display), -1);
        surface->SetColor(surface, 0x10, 0x20, 0x30, 0x40);
        surface->FillRectangle(surface, 100, 50, 10, 10);
        display_present(display, &(struct rect){-5, -5, 5000, 5000}, 1);
        assert_true(display_save_png(display, path, &error));
        display_destroy(display);
        assert_true(image_read_png(path, &image, &error));
        assert_int_equal(image.width, 1280);
        assert_int_equal(image.pixels[0], 0xff000000);
        assert_int_equal(image.pixels[50 * 1280 + 109], 0xff102030); /* opaque whatever the canvas's alpha */
        image_finish(&image);
    }
    remove(path);
    display_destroy(NULL);
}

static void refuses(void **state)
{
    (void)state;
    struct error error;
    assert_null(display_create(&(struct display_options){.presenter = "paper"}, &error));
    assert_non_null(strstr(error.text, "paper"));
    assert_null(display_create(&(struct display_options){.presenter = "offscreen", .width = 10}, &error));
    assert_null(display_create(&(struct display_options){.presenter = "offscreen", .height = 9999}, &error));
}

static void automatic(void **state)
{
    (void)state;
    unsetenv("DISPLAY");
    struct display *display = open_display("auto");
    assert_string_equal(display_presenter_name(display), "offscreen");
    display_destroy(display);
    struct error error;
    assert_null(display_create(&(struct display_options){.presenter = "x11"}, &error));
    assert_non_null(strstr(error.text, "DISPLAY"));
    setenv("DISPLAY", "nowhere.invalid:9", 1);
    assert_null(display_create(&(struct display_options){.presenter = "x11"}, &error));
    unsetenv("DISPLAY");
}

static void pictures(void **state)
{
    (void)state;
    char path[] = "/tmp/kokonor-image-XXXXXX";
    uint32_t pixels[6] = {0x00000000, 0x80ff0000, 0xff00ff00, 0xff0000ff, 0x01020304, 0xffffffff};
    struct image image;
    struct error error;
    close(mkstemp(path));
    assert_true(image_write_png(path, pixels, 2, 2, 12, true, &error)); /* rows of three, two of them taken */
    assert_true(image_read_png(path, &image, &error));
    assert_true(image.width == 2 && image.height == 2);
    assert_int_equal(image.pixels[1], 0x80ff0000);
    assert_int_equal(image.pixels[2], 0xff0000ff);
    image_finish(&image);
    assert_true(file_write(path, "\x89PNG\r\n\x1a\nrubbish", 15, NULL));
    assert_false(image_read_png(path, &image, &error));
    assert_null(image.pixels);
    remove(path);
    assert_false(image_read_png(path, &image, &error));
    assert_false(image_write_png("/nowhere/a.png", pixels, 2, 2, 8, false, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canvas),
        cmocka_unit_test(refuses),
        cmocka_unit_test(automatic),
        cmocka_unit_test(pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
