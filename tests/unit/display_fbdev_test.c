/* SPDX-License-Identifier: Apache-2.0 */
/* The frame buffer, on a kernel of the test's own: its memory is an array, its answers are a table. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include "display/fbdev.h"
#include <errno.h>
#include <linux/fb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 320
#define HEIGHT 180
#define GAP 24 /* bytes behind each line */

/* One device at a time, as the system calls carry no context. */
static struct fake {
    struct fb_var_screeninfo var, first;
    struct fb_fix_screeninfo fix;
    uint8_t *memory;
    int grants;    /* pages that a wish for a larger virtual screen is granted */
    int pans_left; /* then panning fails; -1: never */
    int pans, opened, mapped;
    bool no_memory;
} fake;

static int fake_open(const char *path)
{
    if (strcmp(path, "/dev/fb0") != 0) {
        errno = ENOENT;
        return -1;
    }
    fake.opened++;
    return 42;
}

static int fake_ioctl(int fd, unsigned long request, void *argument)
{
    struct fb_var_screeninfo *var = argument;
    assert_int_equal(fd, 42);
    switch (request) {
    case FBIOGET_VSCREENINFO:
        *var = fake.var;
        return 0;
    case FBIOGET_FSCREENINFO:
        *(struct fb_fix_screeninfo *)argument = fake.fix;
        return 0;
    case FBIOPUT_VSCREENINFO:
        if ((int)var->yres_virtual > fake.grants * HEIGHT) {
            errno = EINVAL;
            return -1;
        }
        fake.var = *var;
        return 0;
    case FBIOPAN_DISPLAY:
        if (fake.pans_left == 0 || var->yoffset + var->yres > fake.var.yres_virtual) {
            errno = EINVAL;
            return -1;
        }
        fake.pans_left -= fake.pans_left > 0;
        fake.pans++;
        fake.var.yoffset = var->yoffset;
        return 0;
    default:
        errno = ENOTTY;
        return -1;
    }
}

static void *fake_map(int fd, size_t size)
{
    assert_int_equal(fd, 42);
    assert_int_equal(size, fake.fix.smem_len);
    if (fake.no_memory) {
        errno = ENOMEM;
        return NULL;
    }
    fake.mapped++;
    return fake.memory;
}

static void fake_unmap(void *memory, size_t size)
{
    assert_ptr_equal(memory, fake.memory);
    assert_int_equal(size, fake.fix.smem_len);
    fake.mapped--;
}

static void fake_close(int fd)
{
    assert_int_equal(fd, 42);
    fake.opened--;
}

static const struct fbdev_kernel kernel = {fake_open, fake_ioctl, fake_map, fake_unmap, fake_close};

struct format {
    int bits;
    struct fb_bitfield red, green, blue;
};

static const struct format xrgb = {32, {16, 8, 0}, {8, 8, 0}, {0, 8, 0}};
static const struct format xbgr = {32, {0, 8, 0}, {8, 8, 0}, {16, 8, 0}};
static const struct format rgb565 = {16, {11, 5, 0}, {5, 6, 0}, {0, 5, 0}};
static const struct format bgr565 = {16, {0, 5, 0}, {5, 6, 0}, {11, 5, 0}};
static const struct format rgb555 = {16, {10, 5, 0}, {5, 5, 0}, {0, 5, 0}};

static void plug(const struct format *format, int pages)
{
    free(fake.memory);
    fake = (struct fake){.grants = pages, .pans_left = -1};
    fake.var.xres = fake.var.xres_virtual = WIDTH;
    fake.var.yres = fake.var.yres_virtual = HEIGHT;
    fake.var.bits_per_pixel = (unsigned)format->bits;
    fake.var.red = format->red;
    fake.var.green = format->green;
    fake.var.blue = format->blue;
    fake.fix.line_length = WIDTH * (unsigned)format->bits / 8 + GAP;
    fake.fix.smem_len = fake.fix.line_length * HEIGHT * (unsigned)pages;
    fake.fix.visual = FB_VISUAL_TRUECOLOR;
    fake.fix.ypanstep = pages > 1;
    fake.first = fake.var;
    fake.memory = malloc(fake.fix.smem_len); /* exactly: the sanitizer sees a byte too far */
    memset(fake.memory, 0xee, fake.fix.smem_len);
}

static struct fbdev *open_it(void)
{
    struct error error = {""};
    struct fbdev *fbdev = fbdev_open(&kernel, "/dev/fb0", &error);
    if (!fbdev)
        fail_msg("%s", error.text);
    return fbdev;
}

static void close_it(struct fbdev *fbdev)
{
    fbdev_close(fbdev);
    assert_int_equal(fake.opened, 0);
    assert_int_equal(fake.mapped, 0);
    assert_memory_equal(&fake.var, &fake.first, sizeof(fake.var)); /* as it was */
}

static uint32_t canvas[HEIGHT][WIDTH + 3];

static void draw(struct fbdev *fbdev, const struct rect *rects, size_t count)
{
    const struct presenter_picture picture = {(const uint8_t *)canvas, sizeof(canvas[0]), WIDTH, HEIGHT};
    fbdev_present(fbdev, &picture, rects, count);
}

/* The pixel that is on the screen now. */
static uint32_t seen(int x, int y)
{
    unsigned bytes = fake.var.bits_per_pixel / 8;
    const uint8_t *at =
        fake.memory + (fake.var.yoffset + (unsigned)y) * fake.fix.line_length + (unsigned)x * bytes;
    uint16_t small;
    uint32_t large;
    memcpy(&small, at, 2);
    if (bytes == 2)
        return small;
    memcpy(&large, at, 4);
    return large;
}

static unsigned field(uint32_t pixel, const struct fb_bitfield *bits)
{
    return pixel >> bits->offset & ((1u << bits->length) - 1);
}

static void paint(uint32_t seed)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            canvas[y][x] = (uint32_t)(x * 0x010307 + y * 0x050b03) * seed | 0xaa000000;
}

static const struct rect all = {0, 0, WIDTH, HEIGHT};

static void exact_colours(void **state)
{
    (void)state;
    static const struct format *const formats[] = {&xrgb, &xbgr};
    for (size_t f = 0; f < 2; f++) {
        plug(formats[f], 1);
        struct fbdev *fbdev = open_it();
        int width, height;
        fbdev_size(fbdev, &width, &height);
        assert_true(width == WIDTH && height == HEIGHT && fbdev_pages(fbdev) == 1);
        assert_int_equal(seen(0, 0), 0); /* black at first */
        assert_int_equal(seen(WIDTH - 1, HEIGHT - 1), 0);
        paint(1);
        draw(fbdev, &all, 1);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                uint32_t pixel = seen(x, y);
                assert_int_equal(field(pixel, &formats[f]->red), canvas[y][x] >> 16 & 0xff);
                assert_int_equal(field(pixel, &formats[f]->green), canvas[y][x] >> 8 & 0xff);
                assert_int_equal(field(pixel, &formats[f]->blue), canvas[y][x] & 0xff);
            }
        for (int y = 0; y < HEIGHT; y++) /* the gap is not ours */
            for (int i = 0; i < GAP; i++)
                assert_int_equal(fake.memory[(unsigned)y * fake.fix.line_length + WIDTH * 4 + i], 0xee);
        close_it(fbdev);
    }
}

/* Each of 4x4 neighbours is the exact value rounded down or up, and their mean is nearer than rounding's. */
static void few_colours_are_dithered(void **state)
{
    (void)state;
    static const struct format *const formats[] = {&rgb565, &bgr565, &rgb555};
    for (size_t f = 0; f < 3; f++) {
        const struct fb_bitfield *fields[] = {&formats[f]->red, &formats[f]->green, &formats[f]->blue};
        plug(formats[f], 1);
        struct fbdev *fbdev = open_it();
        for (unsigned v = 0; v < 256; v++) {
            uint32_t colour = v << 16 | (255 - v) << 8 | v;
            unsigned wanted[3] = {v, 255 - v, v}, sum[3] = {0};
            for (int y = 0; y < 4; y++)
                for (int x = 0; x < 4; x++)
                    canvas[y + 8][x + 12] = colour;
            draw(fbdev, &(struct rect){12, 8, 4, 4}, 1);
            for (int i = 0; i < 16; i++)
                for (int c = 0; c < 3; c++) {
                    unsigned most = (1u << fields[c]->length) - 1, exact = wanted[c] * most;
                    unsigned got = field(seen(12 + i % 4, 8 + i / 4), fields[c]);
                    assert_in_range(got, exact / 255, (exact + 254) / 255);
                    sum[c] += got;
                }
            for (int c = 0; c < 3; c++) {
                int most = (1 << fields[c]->length) - 1;
                int error = (int)sum[c] * 255 - (int)wanted[c] * most * 16; /* in 1/16 of a step, times 255 */
                assert_true(abs(error) <= 255);
            }
        }
        close_it(fbdev);
    }
}

static void parts_look_as_the_whole(void **state)
{
    (void)state;
    plug(&rgb565, 1);
    struct fbdev *fbdev = open_it();
    static uint32_t whole[HEIGHT][WIDTH];
    paint(3);
    draw(fbdev, &all, 1);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            whole[y][x] = seen(x, y);
    paint(5);
    draw(fbdev, &all, 1);
    paint(3);
    for (int y = 0; y < HEIGHT; y += 45)
        for (int x = 0; x < WIDTH; x += 17) {
            struct rect rect = rect_intersect((struct rect){x, y, 17, 45}, all);
            draw(fbdev, &rect, 1);
        }
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            assert_int_equal(seen(x, y), whole[y][x]);
    close_it(fbdev);
}

static void expect_canvas(void)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            assert_int_equal(seen(x, y) & 0xffffff, canvas[y][x] & 0xffffff);
}

static void change(struct fbdev *fbdev, int i)
{
    const struct rect rects[2] = {{i * 13 % 290, i * 7 % 150, 30, 20}, {i * 31 % 300, i * 17 % 170, 20, 10}};
    for (int r = 0; r < 2; r++)
        for (int y = rects[r].y; y < rects[r].y + rects[r].h; y++)
            for (int x = rects[r].x; x < rects[r].x + rects[r].w; x++)
                canvas[y][x] = (uint32_t)(i * 0x123457 + x + y);
    draw(fbdev, rects, 2);
}

static void two_pages_turn(void **state)
{
    (void)state;
    plug(&xrgb, 2);
    struct fbdev *fbdev = open_it();
    assert_int_equal(fbdev_pages(fbdev), 2);
    int pans = fake.pans;
    paint(1);
    draw(fbdev, &all, 1);
    expect_canvas();
    for (int i = 0; i < 20; i++) {
        unsigned before = fake.var.yoffset;
        change(fbdev, i);
        assert_true(fake.var.yoffset != before); /* drawn where nobody looked */
        expect_canvas();                         /* and nothing of the picture before is missing */
    }
    assert_int_equal(fake.pans - pans, 21);
    struct rect many[100];
    for (int i = 0; i < 100; i++) {
        many[i] = (struct rect){i, i, 3, 3};
        canvas[i + 1][i + 1] = 0x00ff00;
    }
    draw(fbdev, many, 100);
    change(fbdev, 3);
    expect_canvas();
    close_it(fbdev);
}

static void pages_that_stop_turning(void **state)
{
    (void)state;
    for (int pans = 0; pans < 4; pans++) {
        plug(&xrgb, 2);
        fake.pans_left = pans;
        struct fbdev *fbdev = open_it();
        paint(1);
        draw(fbdev, &all, 1);
        for (int i = 0; i < 6; i++) {
            change(fbdev, i);
            expect_canvas();
        }
        assert_int_equal(fbdev_pages(fbdev), 1);
        close_it(fbdev);
    }
}

static void one_page_where_there_is_no_more(void **state)
{
    (void)state;
    plug(&xrgb, 2);
    fake.grants = 1; /* the wish is refused */
    struct fbdev *fbdev = open_it();
    assert_int_equal(fbdev_pages(fbdev), 1);
    close_it(fbdev);
    plug(&xrgb, 1);
    fake.fix.ypanstep = 1;
    fake.grants = 2; /* granted, but the memory is that of one */
    fbdev = open_it();
    assert_int_equal(fbdev_pages(fbdev), 1);
    paint(1);
    draw(fbdev, &all, 1);
    expect_canvas();
    close_it(fbdev);
    plug(&xrgb, 2);
    fake.fix.ypanstep = 0; /* the second page is on the screen, and it stays there */
    fake.var.yres_virtual = fake.first.yres_virtual = 2 * HEIGHT;
    fake.var.yoffset = fake.first.yoffset = HEIGHT;
    fbdev = open_it();
    assert_int_equal(fbdev_pages(fbdev), 1);
    paint(2);
    draw(fbdev, &all, 1);
    expect_canvas();
    assert_int_equal(fake.memory[0], 0xee);
    close_it(fbdev);
}

static void refuse(const char *path, const char *says)
{
    struct error error = {""};
    assert_null(fbdev_open(&kernel, path, &error));
    if (!strstr(error.text, says))
        fail_msg("expected %s, found %s", says, error.text);
    assert_int_equal(fake.opened, 0);
    assert_int_equal(fake.mapped, 0);
}

static void refuses(void **state)
{
    (void)state;
    plug(&xrgb, 1);
    refuse("/dev/nothing", "/dev/nothing");
    fake.no_memory = true;
    refuse("/dev/fb0", "mapped");
#define BROKEN(change, says)                                                                                 \
    do {                                                                                                     \
        plug(&xrgb, 1);                                                                                      \
        change;                                                                                              \
        refuse("/dev/fb0", says);                                                                            \
    } while (0)
    BROKEN(fake.var.bits_per_pixel = 8, "another kind");
    BROKEN(fake.var.bits_per_pixel = 24, "another kind");
    BROKEN(fake.var.red.offset = 25, "another kind");
    BROKEN(fake.var.red.offset = UINT32_MAX, "another kind");
    BROKEN(fake.var.green.length = 0, "another kind");
    BROKEN(fake.var.green.length = 33, "another kind");
    BROKEN(fake.var.blue.msb_right = 1, "another kind");
    BROKEN(fake.var.grayscale = 1, "another kind");
    BROKEN(fake.fix.visual = FB_VISUAL_PSEUDOCOLOR, "colours");
    BROKEN(fake.fix.type = FB_TYPE_PLANES, "colours");
    BROKEN(fake.fix.line_length = WIDTH * 4 - 1, "memory is smaller");
    BROKEN(fake.fix.smem_len--, "memory is smaller");
    BROKEN(fake.var.yoffset = 1, "memory is smaller");
    BROKEN(fake.var.xoffset = 100, "memory is smaller");
    BROKEN(fake.var.xres = 8, "no screen");
    BROKEN(fake.var.yres = UINT32_MAX, "no screen");
    BROKEN(fake.var.yoffset = UINT32_MAX, "no screen");
    fbdev_close(NULL);
}

static void the_presenter(void **state)
{
    (void)state;
    struct error error = {""};
    assert_null(
        display_create(&(struct display_options){.presenter = "fbdev", .device = "/nowhere/fb"}, &error));
    assert_non_null(strstr(error.text, "/nowhere/fb"));
    assert_null(
        display_create(&(struct display_options){.presenter = "fbdev", .device = "/dev/null"}, &error));
    assert_non_null(strstr(error.text, "no frame buffer"));
}

static int unplug(void **state)
{
    (void)state;
    free(fake.memory);
    fake.memory = NULL;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_colours),
        cmocka_unit_test(few_colours_are_dithered),
        cmocka_unit_test(parts_look_as_the_whole),
        cmocka_unit_test(two_pages_turn),
        cmocka_unit_test(pages_that_stop_turning),
        cmocka_unit_test(one_page_where_there_is_no_more),
        cmocka_unit_test(refuses),
        cmocka_unit_test(the_presenter),
    };
    return cmocka_run_group_tests(tests, NULL, unplug);
}
