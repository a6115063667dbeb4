/* SPDX-License-Identifier: Apache-2.0 */
/* A Linux frame buffer (/dev/fb0): 16 or 32 bits a pixel in whatever order, one page or two. Main thread.
 * What it asks of the kernel goes through a table, so that tests can be the kernel. */
#ifndef KOKONOR_DISPLAY_FBDEV_H
#define KOKONOR_DISPLAY_FBDEV_H

#include "display/presenter.h"

/* As the system calls of these names, errno included. */
struct fbdev_kernel {
    int (*open)(const char *path);
    int (*ioctl)(int fd, unsigned long request, void *argument);
    void *(*map)(int fd, size_t size); /* NULL where it fails */
    void (*unmap)(void *memory, size_t size);
    void (*close)(int fd);
};

struct fbdev;

/* Shows its first page, black. Two pages where the driver has or gives the memory and can pan. NULL with
 * error set where there is no such device or its pixels are of another kind. kernel must outlive it. */
struct fbdev *fbdev_open(const struct fbdev_kernel *kernel, const char *path, struct error *error);
/* Gives the device back as it was. */
void fbdev_close(struct fbdev *fbdev);
/* The size of the screen in pixels. */
void fbdev_size(const struct fbdev *fbdev, int *width, int *height);
int fbdev_pages(const struct fbdev *fbdev);
/* A picture of that size. Colours of fewer than eight bits are dithered by a fixed 4x4 pattern, so that what
 * is drawn in parts looks as if drawn at once. */
void fbdev_present(struct fbdev *fbdev, const struct presenter_picture *picture, const struct rect *rects,
                   size_t count);

#endif
