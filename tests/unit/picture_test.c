/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures from workers: they arrive, are kept within a bound, looked at again, and may come too late. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include "base/file.h"
#include "base/log.h"
#include "display/image.h"
#include "ui/picture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world {
    struct display *display;
    uv_loop_t loop;
    struct pictures *pictures;
    struct buffer png[2]; /* red, green */
    int version;          /* which of them "changing" is */
    int provided, arrived;
};

static bool provide(void *context, const char *key, struct buffer *out)
{
    struct world *world = context;
    world->provided++;
    if (strcmp(key, "missing") == 0)
        return false;
    if (strcmp(key, "damaged") == 0) {
        buffer_append(out, world->png[0].data, world->png[0].size / 2);
        return true;
    }
    const struct buffer *png = &world->png[world->version];
    buffer_append(out, png->data, png->size);
    return true;
}

static void arrived(void *context, const char *key)
{
    (void)key;
    ((struct world *)context)->arrived++;
}

static void make_png(struct buffer *out, uint32_t color)
{
    char folder[] = "/tmp/kokonor-picture-XXXXXX", path[64];
    uint32_t pixels[64 * 32];
    for (size_t i = 0; i < 64 * 32; i++)
        pixels[i] = color;
    assert_non_null(mkdtemp(folder));
    file_join(path, sizeof(path), folder, "a.png");
    buffer_init(out, 1 << 20);
    assert_true(image_write_png(path, pixels, 64, 32, 64 * 4, true, NULL) && file_read(path, out, NULL));
    file_remove_tree(folder, NULL);
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct error error = {""};
    log_set_level(LOG_LEVEL_ERROR);
    world->display = display_create(&(struct display_options){.presenter = "offscreen"}, &error);
    if (!world->display)
        fail_msg("%s", error.text);
    uv_loop_init(&world->loop);
    make_png(&world->png[0], 0xffff0000);
    make_png(&world->png[1], 0xff00ff00);
    world->pictures = pictures_create(&(struct pictures_options){.directfb = display_directfb(world->display),
                                                                 .loop = &world->loop,
                                                                 .maximum_bytes = 5 * 40 * 40 * 4,
                                                                 .provide = provide,
                                                                 .context = world,
                                                                 .arrived = arrived,
                                                                 .arrived_context = world});
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    pictures_destroy(world->pictures);
    uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world->loop), 0);
    display_destroy(world->display);
    buffer_finish(&world->png[0]);
    buffer_finish(&world->png[1]);
    free(world);
    return 0;
}

static IDirectFBSurface *get(struct world *world, const char *key, int radius)
{
    return pictures_get(world->pictures, &(struct picture_request){key, 40, 40, PICTURE_COVER, radius});
}

static uint32_t pixel(IDirectFBSurface *surface, int x, int y)
{
    void *pixels;
    int pitch;
    uint32_t value;
    assert_int_equal(surface->Lock(surface, DSLF_READ, &pixels, &pitch), DFB_OK);
    memcpy(&value, (uint8_t *)pixels + (size_t)y * (size_t)pitch + (size_t)x * 4, 4);
    surface->Unlock(surface);
    return value;
}

/* The decoder may be a step off through YUV or scaling. */
static bool looks(uint32_t value, uint32_t color)
{
    return (value >> 24) == 0xff && abs((int)(value >> 16 & 0xff) - (int)(color >> 16 & 0xff)) < 6 &&
           abs((int)(value >> 8 & 0xff) - (int)(color >> 8 & 0xff)) < 6;
}

static void arrives(void **state)
{
    struct world *world = *state;
    assert_null(get(world, "changing", 10));
    assert_null(get(world, "changing", 10));
    assert_true(pictures_busy(world->pictures));
    uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_int_equal(world->arrived, 1);
    assert_int_equal(world->provided, 1);
    assert_false(pictures_busy(world->pictures));
    IDirectFBSurface *surface = get(world, "changing", 10);
    assert_non_null(surface);
    assert_true(looks(pixel(surface, 20, 20), 0xff0000));
    assert_int_equal(pixel(surface, 0, 0) >> 24, 0); /* rounded */
}

static void changes(void **state)
{
    struct world *world = *state;
    get(world, "changing", 0);
    uv_run(&world->loop, UV_RUN_DEFAULT);
    IDirectFBSurface *before = get(world, "changing", 0);
    pictures_forget(world->pictures, "changing");
    assert_ptr_equal(get(world, "changing", 0),
                     before); /* the same bytes: the same picture, nothing decoded */
    assert_false(pictures_busy(world->pictures));
    assert_int_equal(world->provided, 2);
    world->version = 1;
    pictures_forget(world->pictures, "");
    assert_non_null(get(world, "changing", 0)); /* the old one until the new one is there */
    uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_true(looks(pixel(get(world, "changing", 0), 20, 20), 0x00ff00));
}

static void none(void **state)
{
    struct world *world = *state;
    assert_null(get(world, "missing", 0));
    assert_null(get(world, "damaged", 0));
    assert_null(get(world, "", 0));
    uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_null(get(world, "missing", 0));
    assert_null(get(world, "damaged", 0));
    assert_false(pictures_busy(world->pictures));
    assert_int_equal(world->provided, 2); /* not asked for again and again */
}

static void bounded(void **state)
{
    struct world *world = *state;
    int there = 0;
    for (int i = 0; i < 20; i++) {
        char key[16];
        snprintf(key, sizeof(key), "p%d", i);
        get(world, key, 0);
        uv_run(&world->loop, UV_RUN_DEFAULT);
    }
    assert_int_equal(world->provided, 20);
    for (int i = 19; i >= 15; i--) {
        char key[16];
        snprintf(key, sizeof(key), "p%d", i);
        there += get(world, key, 0) != NULL;
    }
    assert_true(there >= 4); /* the last ones are kept */
    assert_null(get(world, "p0", 0));
}

static void too_late(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 8; i++) {
        char key[16];
        snprintf(key, sizeof(key), "p%d", i);
        get(world, key, 0);
    }
    pictures_destroy(world->pictures); /* while workers decode */
    world->pictures = NULL;
    uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_int_equal(world->arrived, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(arrives, setup, teardown),
        cmocka_unit_test_setup_teardown(changes, setup, teardown),
        cmocka_unit_test_setup_teardown(none, setup, teardown),
        cmocka_unit_test_setup_teardown(bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(too_late, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
