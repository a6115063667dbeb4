/* SPDX-License-Identifier: Apache-2.0 */
/* Icons as shapes: NAME-SIZE.png of the resources, of which only the alpha counts. Each is read once, when
 * first drawn. */
#include "base/log.h"
#include "display/image.h"
#include "ui/inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ICONS_MAX 256

/* As resources/icons builds them. */
static const int sizes[] = {24, 32, 40, 56, 72, 96, 128};

struct icon {
    char name[32];
    int size;
    IDirectFBSurface *surface; /* NULL: there is none, and that was logged */
};

struct icons {
    IDirectFB *directfb;
    char folder[4096];
    struct icon all[ICONS_MAX];
    size_t count;
};

struct icons *icons_create(IDirectFB *directfb, const char *folder)
{
    struct icons *icons = calloc(1, sizeof(*icons));
    if (icons) {
        icons->directfb = directfb;
        snprintf(icons->folder, sizeof(icons->folder), "%s", folder);
    }
    return icons;
}

void icons_destroy(struct icons *icons)
{
    if (!icons)
        return;
    for (size_t i = 0; i < icons->count; i++)
        if (icons->all[i].surface)
            icons->all[i].surface->Release(icons->all[i].surface);
    free(icons);
}

static IDirectFBSurface *make_surface(IDirectFB *directfb, const struct image *image)
{
    IDirectFBSurface *surface = NULL;
    void *pixels;
    int pitch;
    DFBSurfaceDescription description = {
        .flags = DSDESC_CAPS | DSDESC_WIDTH | DSDESC_HEIGHT | DSDESC_PIXELFORMAT,
        .caps = DSCAPS_SYSTEMONLY,
        .width = image->width,
        .height = image->height,
        .pixelformat = DSPF_A8,
    };
    if (directfb->CreateSurface(directfb, &description, &surface) != DFB_OK)
        return NULL;
    if (surface->Lock(surface, DSLF_WRITE, &pixels, &pitch) == DFB_OK) {
        for (int y = 0; y < image->height; y++)
            for (int x = 0; x < image->width; x++)
                ((uint8_t *)pixels)[(size_t)y * (size_t)pitch + (size_t)x] =
                    (uint8_t)(image->pixels[(size_t)y * (size_t)image->width + (size_t)x] >> 24);
        surface->Unlock(surface);
    }
    return surface;
}

static IDirectFBSurface *load(struct icons *icons, const char *name, int size)
{
    char path[4200];
    struct image image;
    struct error error;
    IDirectFBSurface *surface = NULL;
    snprintf(path, sizeof(path), "%s/%s-%d.png", icons->folder, name, size);
    if (image_read_png(path, &image, &error))
        surface = make_surface(icons->directfb, &image);
    else
        log_warning("icon: %s", error.text);
    image_finish(&image);
    return surface;
}

/* Names come from content too: nothing that leads out of the folder. */
static bool good_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length < sizeof(((struct icon *)0)->name) &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

IDirectFBSurface *icons_get(struct icons *icons, const char *name, int size, int *built)
{
    *built = sizes[0];
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        if (sizes[i] <= size)
            *built = sizes[i];
    if (!icons || !name || !good_name(name))
        return NULL;
    for (size_t i = 0; i < icons->count; i++)
        if (icons->all[i].size == *built && strcmp(icons->all[i].name, name) == 0)
            return icons->all[i].surface;
    if (icons->count == ICONS_MAX)
        return NULL;
    struct icon *icon = &icons->all[icons->count++];
    snprintf(icon->name, sizeof(icon->name), "%s", name);
    icon->size = *built;
    icon->surface = load(icons, name, *built);
    return icon->surface;
}
