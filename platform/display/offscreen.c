/* SPDX-License-Identifier: Apache-2.0 */
/* Shows nothing: tests, tours, a box whose picture is looked at as PNG. */
#include "display/presenter.h"

static const char nothing = 0;

static void *open_nothing(const struct display_options *options, int width, int height, struct error *error)
{
    (void)options;
    (void)width;
    (void)height;
    (void)error;
    return (void *)&nothing;
}

static void close_nothing(void *screen)
{
    (void)screen;
}

static void present_nothing(void *screen, const struct presenter_picture *picture, const struct rect *rects,
                            size_t count)
{
    (void)screen;
    (void)picture;
    (void)rects;
    (void)count;
}

const struct display_presenter display_presenter_offscreen = {
    .name = "offscreen",
    .system = "dummy",
    .open = open_nothing,
    .close = close_nothing,
    .present = present_nothing,
};
