/* SPDX-License-Identifier: Apache-2.0 */
/* What a way of showing the canvas must offer: one const descriptor a presenter, listed in display.c. Main
 * thread. */
#ifndef KOKONOR_DISPLAY_PRESENTER_H
#define KOKONOR_DISPLAY_PRESENTER_H

#include "display/display.h"
#include <stdint.h>

/* The canvas as presenters see it, in the screen's size. */
struct presenter_picture {
    const uint8_t *pixels; /* rows of 0xAARRGGBB in the machine's order; alpha means nothing */
    int pitch;             /* bytes a row */
    int width, height;
};

struct display_presenter {
    const char *name;
    /* The DirectFB system it stands on ("dummy": the canvas is plain memory). */
    const char *system;
    /* Opens the screen for a picture of this size. NULL with error set where it cannot. */
    void *(*open)(const struct display_options *options, int width, int height, struct error *error);
    void (*close)(void *screen);
    /* Copies the rectangles, which lie within the picture, to the screen. */
    void (*present)(void *screen, const struct presenter_picture *picture, const struct rect *rects,
                    size_t count);
    /* The rest may be NULL where the screen has no keys. */
    int (*fd)(void *screen);
    void (*dispatch)(void *screen, display_key_fn *key, display_closed_fn *closed, void *context);
    /* True where events have been read already, so that fd will not become readable for them. */
    bool (*pending)(void *screen);
    /* True where the screen lacks the picture: all of it is presented then. Asked after dispatch. */
    bool (*hungry)(void *screen);
    /* Where the screen has a size of its own, whatever open was told; pictures have it. */
    void (*size)(void *screen, int *width, int *height);
    /* Where the screen is to be found, as display_address gives it. */
    void (*address)(void *screen, char *text, size_t size);
};

extern const struct display_presenter display_presenter_offscreen;
extern const struct display_presenter display_presenter_x11;
extern const struct display_presenter display_presenter_fbdev;
#ifdef KOKONOR_VNC
extern const struct display_presenter display_presenter_vnc;
#endif

#endif
