/* SPDX-License-Identifier: Apache-2.0 */
#include "display/fbdev.h"
#include "base/log.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define WIDTH_MAX 4096
#define MEMORY_MAX (256u << 20)
#define RECTS_MAX 64
#define THRESHOLDS 16

struct fbdev {
    const struct fbdev_kernel *kernel;
    int fd;
    struct fb_var_screeninfo before, now;
    uint8_t *memory;
    size_t size, line;
    int width, height, bytes;          /* bytes: of a pixel */
    int pages, shown;                  /* shown: the page on the screen, from 0 */
    size_t origin;                     /* of page 0 in memory */
    size_t offset;                     /* lines to what was on the screen at first */
    bool plain;                        /* the canvas's own pixels */
    uint32_t bits[THRESHOLDS][3][256]; /* red, green, blue of eight bits as the screen's */
    struct rect late[RECTS_MAX];       /* what the page behind lacks */
    size_t late_count;
};

static int threshold(int x, int y)
{
    static const uint8_t pattern[4][4] = {{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}};
    return pattern[y & 3][x & 3];
}

/* ---- pixels ---- */

static void fill_table(struct fbdev *fbdev, int colour, const struct fb_bitfield *field)
{
    unsigned most = (1u << field->length) - 1;
    for (unsigned t = 0; t < THRESHOLDS; t++)
        for (unsigned v = 0; v < 256; v++) /* v * most / 255 rounded up or down by (t + 1/2) / 16 */
            fbdev->bits[t][colour][v] = ((v * most * 32 + (2 * t + 1) * 255) / (255 * 32)) << field->offset;
}

static bool good_field(const struct fb_bitfield *field, unsigned bits)
{
    return field->length >= 4 && field->length <= 8 && field->offset <= bits - field->length &&
           field->msb_right == 0;
}

static bool learn_pixels(struct fbdev *fbdev, const char *path, struct error *error)
{
    const struct fb_var_screeninfo *now = &fbdev->now;
    const struct fb_bitfield *fields[3] = {&now->red, &now->green, &now->blue};
    unsigned bits = now->bits_per_pixel;
    bool good = (bits == 16 || bits == 32) && now->grayscale == 0 && now->nonstd == 0;
    for (int i = 0; i < 3 && good; i++) {
        good = good_field(fields[i], bits);
        if (good)
            fill_table(fbdev, i, fields[i]);
    }
    if (!good)
        return error_set(error, "fbdev: %s has pixels of another kind than 16 or 32 bits of red, green, blue",
                         path);
    fbdev->bytes = (int)bits / 8;
    fbdev->plain = bits == 32 && now->red.offset == 16 && now->green.offset == 8 && now->blue.offset == 0 &&
                   now->red.length == 8 && now->green.length == 8 && now->blue.length == 8;
    return true;
}

static void convert(const struct fbdev *fbdev, uint8_t *to, const uint32_t *from, int x, int y, int w)
{
    if (fbdev->plain) {
        memcpy(to, from, (size_t)w * sizeof(*from));
        return;
    }
    for (int i = 0; i < w; i++) {
        const uint32_t(*bits)[256] = fbdev->bits[threshold(x + i, y)];
        uint32_t pixel =
            bits[0][from[i] >> 16 & 0xff] | bits[1][from[i] >> 8 & 0xff] | bits[2][from[i] & 0xff];
        if (fbdev->bytes == 4) {
            memcpy(to + (size_t)i * 4, &pixel, 4);
        } else {
            uint16_t small = (uint16_t)pixel;
            memcpy(to + (size_t)i * 2, &small, 2);
        }
    }
}

static void draw(struct fbdev *fbdev, int page, const struct presenter_picture *picture, struct rect rect)
{
    uint8_t *to = fbdev->memory + fbdev->origin + (size_t)page * (size_t)fbdev->height * fbdev->line;
    for (int y = rect.y; y < rect.y + rect.h; y++)
        convert(fbdev, to + (size_t)y * fbdev->line + (size_t)rect.x * (size_t)fbdev->bytes,
                (const uint32_t *)(const void *)(picture->pixels + (size_t)y * (size_t)picture->pitch) +
                    rect.x,
                rect.x, y, rect.w);
}

/* ---- pages ---- */

static bool show(struct fbdev *fbdev, int page)
{
    fbdev->now.yoffset = (uint32_t)page * (uint32_t)fbdev->height;
    if (fbdev->kernel->ioctl(fbdev->fd, FBIOPAN_DISPLAY, &fbdev->now) != 0)
        return false;
    fbdev->shown = page;
    return true;
}

/* Draws behind, then shows it. What was drawn last time is on the other page: it is drawn here too. */
static void present_behind(struct fbdev *fbdev, const struct presenter_picture *picture,
                           const struct rect *rects, size_t count)
{
    int behind = 1 - fbdev->shown;
    for (size_t i = 0; i < fbdev->late_count; i++)
        draw(fbdev, behind, picture, fbdev->late[i]);
    for (size_t i = 0; i < count; i++)
        draw(fbdev, behind, picture, rects[i]);
    fbdev->late_count = 0;
    for (size_t i = 0; i < count; i++)
        if (i < RECTS_MAX)
            fbdev->late[fbdev->late_count++] = rects[i];
        else
            fbdev->late[RECTS_MAX - 1] = rect_union(fbdev->late[RECTS_MAX - 1], rects[i]);
    if (show(fbdev, behind))
        return;
    log_warning("fbdev: the page cannot be turned: %s; one page from now on", strerror(errno));
    fbdev->pages = 1;
    fbdev->origin += (size_t)fbdev->shown * (size_t)fbdev->height * fbdev->line;
    fbdev->shown = 0;
    for (size_t i = 0; i < count; i++)
        draw(fbdev, 0, picture, rects[i]);
}

void fbdev_present(struct fbdev *fbdev, const struct presenter_picture *picture, const struct rect *rects,
                   size_t count)
{
    if (fbdev->pages == 2) {
        present_behind(fbdev, picture, rects, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        draw(fbdev, 0, picture, rects[i]);
}

/* ---- open and close ---- */

/* Asks for a second page where there is none; a driver may say yes and give none. */
static bool learn_device(struct fbdev *fbdev, const char *path, struct fb_fix_screeninfo *fixed,
                         struct error *error)
{
    const struct fbdev_kernel *kernel = fbdev->kernel;
    if (kernel->ioctl(fbdev->fd, FBIOGET_VSCREENINFO, &fbdev->before) != 0 ||
        kernel->ioctl(fbdev->fd, FBIOGET_FSCREENINFO, fixed) != 0)
        return error_set(error, "fbdev: %s is no frame buffer: %s", path, strerror(errno));
    fbdev->now = fbdev->before;
    if (fixed->ypanstep == 1 && fbdev->now.yres_virtual / 2 < fbdev->now.yres) {
        struct fb_var_screeninfo wanted = fbdev->before;
        wanted.yres_virtual = 2 * wanted.yres;
        wanted.xoffset = wanted.yoffset = 0;
        wanted.activate = FB_ACTIVATE_NOW;
        if (kernel->ioctl(fbdev->fd, FBIOPUT_VSCREENINFO, &wanted) != 0)
            log_debug("fbdev: no second page: %s", strerror(errno));
        if (kernel->ioctl(fbdev->fd, FBIOGET_VSCREENINFO, &fbdev->now) != 0 ||
            kernel->ioctl(fbdev->fd, FBIOGET_FSCREENINFO, fixed) != 0)
            return error_set(error, "fbdev: %s: %s", path, strerror(errno));
    }
    return true;
}

static bool learn_size(struct fbdev *fbdev, const char *path, const struct fb_fix_screeninfo *fixed,
                       struct error *error)
{
    const struct fb_var_screeninfo *now = &fbdev->now;
    if (now->xres < 320 || now->yres < 180 || now->xres > WIDTH_MAX || now->yres > WIDTH_MAX ||
        now->xoffset > WIDTH_MAX || now->yoffset > 4 * WIDTH_MAX || fixed->smem_len > MEMORY_MAX)
        return error_set(error, "fbdev: %s: %ux%u is no screen for this", path, now->xres, now->yres);
    if (fixed->type != FB_TYPE_PACKED_PIXELS ||
        (fixed->visual != FB_VISUAL_TRUECOLOR && fixed->visual != FB_VISUAL_DIRECTCOLOR))
        return error_set(error, "fbdev: %s: its colours are not in its pixels", path);
    fbdev->width = (int)now->xres;
    fbdev->height = (int)now->yres;
    fbdev->line = fixed->line_length;
    fbdev->offset = now->yoffset;
    fbdev->size = fixed->smem_len;
    uint64_t row = ((uint64_t)now->xoffset + now->xres) * (unsigned)fbdev->bytes;
    uint64_t page = (uint64_t)now->yres * fbdev->line;
    if (row > fbdev->line || (now->yoffset + (uint64_t)now->yres) * fbdev->line > fbdev->size)
        return error_set(error, "fbdev: %s: its memory is smaller than its screen", path);
    bool two = fixed->ypanstep == 1 && now->yres_virtual >= 2 * now->yres && 2 * page <= fbdev->size;
    fbdev->pages = two ? 2 : 1;
    fbdev->origin =
        (size_t)now->xoffset * (size_t)fbdev->bytes + (two ? 0 : (size_t)now->yoffset * fbdev->line);
    return true;
}

static void clear(struct fbdev *fbdev)
{
    for (int y = 0; y < fbdev->pages * fbdev->height; y++)
        memset(fbdev->memory + fbdev->origin + (size_t)y * fbdev->line, 0,
               (size_t)fbdev->width * (size_t)fbdev->bytes);
}

struct fbdev *fbdev_open(const struct fbdev_kernel *kernel, const char *path, struct error *error)
{
    struct fb_fix_screeninfo fixed = {0};
    struct fbdev *fbdev = calloc(1, sizeof(*fbdev));
    if (!fbdev) {
        error_set(error, "fbdev: out of memory");
        return NULL;
    }
    fbdev->kernel = kernel;
    fbdev->fd = kernel->open(path);
    if (fbdev->fd < 0) {
        error_set(error, "fbdev: %s: %s", path, strerror(errno));
        free(fbdev);
        return NULL;
    }
    bool good = learn_device(fbdev, path, &fixed, error) && learn_pixels(fbdev, path, error) &&
                learn_size(fbdev, path, &fixed, error);
    if (good)
        fbdev->memory = kernel->map(fbdev->fd, fbdev->size);
    if (!good || !fbdev->memory) {
        if (good)
            error_set(error, "fbdev: %s: its memory cannot be mapped: %s", path, strerror(errno));
        fbdev_close(fbdev);
        return NULL;
    }
    clear(fbdev);
    if (fbdev->pages == 2 && !show(fbdev, 0)) { /* says it can, and cannot */
        fbdev->pages = 1;
        fbdev->origin += fbdev->offset * fbdev->line;
        clear(fbdev);
    }
    kernel->ioctl(fbdev->fd, FBIOBLANK, (void *)(uintptr_t)FB_BLANK_UNBLANK); /* many have none to lift */
    log_info("fbdev: %s, %dx%d, %d bits a pixel, %d page%s", path, fbdev->width, fbdev->height,
             fbdev->bytes * 8, fbdev->pages, fbdev->pages == 1 ? "" : "s");
    return fbdev;
}

void fbdev_close(struct fbdev *fbdev)
{
    if (!fbdev)
        return;
    if (fbdev->memory)
        fbdev->kernel->unmap(fbdev->memory, fbdev->size);
    if (fbdev->before.xres && fbdev->kernel->ioctl(fbdev->fd, FBIOPUT_VSCREENINFO, &fbdev->before) != 0)
        log_debug("fbdev: left as it is: %s", strerror(errno));
    fbdev->kernel->close(fbdev->fd);
    free(fbdev);
}

void fbdev_size(const struct fbdev *fbdev, int *width, int *height)
{
    *width = fbdev->width;
    *height = fbdev->height;
}

int fbdev_pages(const struct fbdev *fbdev)
{
    return fbdev->pages;
}

/* ---- the presenter ---- */

static int really_open(const char *path)
{
    return open(path, O_RDWR | O_CLOEXEC);
}

static int really_ioctl(int fd, unsigned long request, void *argument)
{
    return ioctl(fd, request, argument);
}

static void *really_map(int fd, size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static void really_unmap(void *memory, size_t size)
{
    munmap(memory, size);
}

static void really_close(int fd)
{
    close(fd);
}

static void *open_screen(const struct display_options *options, int width, int height, struct error *error)
{
    static const struct fbdev_kernel kernel = {really_open, really_ioctl, really_map, really_unmap,
                                               really_close};
    (void)width;
    (void)height;
    return fbdev_open(&kernel, options->device ? options->device : "/dev/fb0", error);
}

static void close_screen(void *screen)
{
    fbdev_close(screen);
}

static void present_screen(void *screen, const struct presenter_picture *picture, const struct rect *rects,
                           size_t count)
{
    fbdev_present(screen, picture, rects, count);
}

static void size_of_screen(void *screen, int *width, int *height)
{
    fbdev_size(screen, width, height);
}

const struct display_presenter display_presenter_fbdev = {
    .name = "fbdev",
    .system = "dummy",
    .open = open_screen,
    .close = close_screen,
    .present = present_screen,
    .size = size_of_screen,
};
