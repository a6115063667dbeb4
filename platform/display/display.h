/* SPDX-License-Identifier: Apache-2.0 */
/* The television picture: one DirectFB canvas in memory that everything is drawn into, and a presenter that
 * shows it, scaled where the screen has
 * another size (a window, a frame buffer, the network, nothing at all for tests). Main thread only. One
 * display a process, because DirectFB is one; it may be destroyed and created again. */
#ifndef KOKONOR_DISPLAY_DISPLAY_H
#define KOKONOR_DISPLAY_DISPLAY_H

#include "base/error.h"
#include "display/rect.h"
#include "remote/key.h"
#include <directfb.h>
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct display;

/* The screen over the network. Whoever has the password watches and has the remote control; nothing is
 * encrypted: beyond loopback it wants a tunnel. */
struct display_vnc {
    const char *password;  /* 6 to 8 characters, required */
    const char *listen;    /* numeric address; NULL: 127.0.0.1 */
    int port, web_port;    /* of VNC, and of the page with the screen and a remote control; 0: any free one */
    const char *resources; /* the folder with web/ and strings/ */
    const char *novnc;     /* NULL: /usr/share/novnc */
};

struct display_options {
    const char *presenter;  /* "auto" (or NULL), "x11", "offscreen", "fbdev", "vnc" (where it was built in).
                               auto: x11 where $DISPLAY answers, else offscreen */
    int width, height;      /* of the picture in pixels, 320x180 to 3840x2160; 0: 1280x720 */
    const char *title;      /* of a window; NULL: "Kokonor" */
    struct display_vnc vnc; /* for "vnc" */
    const char *device;     /* for "fbdev"; NULL: /dev/fb0 */
    /* Of the screen, within the same bounds; 0: the picture's. Where they differ the picture is scaled to
     * fill the screen. fbdev has its device's. */
    int output_width, output_height;
};

/* Opens DirectFB and the presenter. NULL with error set where either refuses. */
struct display *display_create(const struct display_options *options, struct error *error);
void display_destroy(struct display *display);

/* Of the picture, which is the canvas. */
int display_width(const struct display *display);
int display_height(const struct display *display);
/* The name of the presenter in use. */
const char *display_presenter_name(const struct display *display);
/* Of the screen. */
void display_output_size(const struct display *display, int *width, int *height);
/* Where the screen is to be found: "web PORT vnc PORT" for vnc, else "". Cut where it does not fit. */
void display_address(const struct display *display, char *text, size_t size);
/* ARGB, not flipping, black at first. Both are the display's and live as long as it does. */
IDirectFBSurface *display_canvas(struct display *display);
IDirectFB *display_directfb(struct display *display);

/* Shows these parts of the canvas (cut to it); the rest of the screen stays as it is. */
void display_present(struct display *display, const struct rect *rects, size_t count);
/* The picture as the screen has it, an opaque 8-bit RGB PNG, written whole or not at all. */
bool display_save_png(struct display *display, const char *path, struct error *error);

/* A key of the presenter's keyboard, already a key of the remote. Neither callback may destroy the display:
 * stop the loop, then do. */
typedef void display_key_fn(void *context, struct key_event event);
/* The viewer closed the window. */
typedef void display_closed_fn(void *context);

/* A file descriptor that becomes readable when display_dispatch has something to do; -1 where there never is.
 */
int display_fd(const struct display *display);
/* Reads what has arrived and calls back for each key; does not wait. closed may be NULL. */
void display_dispatch(struct display *display, display_key_fn *key, display_closed_fn *closed, void *context);

/* The same by itself on a libuv loop, until the display is destroyed (then run the loop once more). The usual
 * way for a program. */
bool display_watch(struct display *display, uv_loop_t *loop, display_key_fn *key, display_closed_fn *closed,
                   void *context, struct error *error);

#endif
