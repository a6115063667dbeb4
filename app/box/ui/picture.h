/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures by key: bytes from the provider, decoded and scaled on libuv's workers, kept within a bound. Main
 * thread. */
#ifndef KOKONOR_UI_PICTURE_H
#define KOKONOR_UI_PICTURE_H

#include "ui/ui.h"

struct pictures;

struct picture_request {
    const char *key;
    int width, height; /* of the result */
    enum picture_fit fit;
    int radius; /* its corners are rounded */
};

struct pictures_options {
    IDirectFB *directfb;
    uv_loop_t *loop; /* NULL: decode at once, on the caller's thread */
    size_t maximum_bytes;
    ui_picture_fn *provide;
    void *context;
    /* A picture has arrived (or failed): nodes that show key should be drawn again. */
    void (*arrived)(void *context, const char *key);
    void *arrived_context;
};

struct pictures *pictures_create(const struct pictures_options *options);
void pictures_destroy(struct pictures *pictures); /* waits for nobody: late results are thrown away */
/* The surface of width x height, owned by pictures and valid until the next call of anything here; NULL while
 * it is on its way or where there is none. Asking starts it. */
IDirectFBSurface *pictures_get(struct pictures *pictures, const struct picture_request *request);
bool pictures_busy(const struct pictures *pictures);
/* What begins with prefix may have changed: it is shown as it is, and looked at again when it is asked for
 * next. */
void pictures_forget(struct pictures *pictures, const char *prefix);

#endif
