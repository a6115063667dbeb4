/* SPDX-License-Identifier: Apache-2.0 */
#include "display/display.h"
#include "base/log.h"
#include "display/image.h"
#include "display/presenter.h"
#include "display/scale.h"
#include <stdlib.h>
#include <string.h>

#define PRESENT_MAX 64

struct watch;

struct display {
    const struct display_presenter *presenter;
    void *screen;
    IDirectFB *directfb;
    IDirectFBSurface *canvas;
    int width, height;
    struct scale *scale; /* NULL: the screen has the canvas's size */
    uint32_t *output;    /* the canvas in the screen's size */
    int output_width, output_height;
    struct watch *watch;
};

/* Its handles outlive the display by a turn of the loop. */
struct watch {
    uv_poll_t poll;
    uv_async_t again;
    int handles;
    struct display *display; /* NULL: the display is gone */
    display_key_fn *key;
    display_closed_fn *closed;
    void *context;
};

static const struct display_presenter *const presenters[] = {
    &display_presenter_x11,
    &display_presenter_offscreen,
    &display_presenter_fbdev,
#ifdef KOKONOR_VNC
    &display_presenter_vnc,
#endif
};
#define AUTOMATIC 2 /* the first ones, in this order */

static const struct display_presenter *find_presenter(const char *name)
{
    for (size_t i = 0; i < sizeof(presenters) / sizeof(presenters[0]); i++)
        if (strcmp(presenters[i]->name, name) == 0)
            return presenters[i];
    return NULL;
}

static bool open_presenter(struct display *display, const struct display_options *options,
                           struct error *error)
{
    const char *name = options->presenter ? options->presenter : "auto";
    if (strcmp(name, "auto") != 0) {
        display->presenter = find_presenter(name);
        if (!display->presenter)
            return error_set(error, "display: \"%s\" is no presenter (auto, x11, offscreen, fbdev, vnc)",
                             name);
        display->screen =
            display->presenter->open(options, display->output_width, display->output_height, error);
        return display->screen != NULL;
    }
    struct error why = {""};
    for (size_t i = 0; i < AUTOMATIC; i++) {
        display->presenter = presenters[i];
        display->screen = presenters[i]->open(options, display->output_width, display->output_height, &why);
        if (display->screen)
            break;
        log_info("%s", why.text);
    }
    return display->screen != NULL || error_set(error, "%s", why.text);
}

/* What the program decides is said after DirectFBInit has read the machine's directfbrc and $DFBARGS, so that
 * it wins. No input module: keys come from presenters and from platform/remote, and some modules grab a
 * console. */
static void set_options(const char *system)
{
    static const char *const modules[] = {
        "gl",       "gles2",    "joystick",    "keyboard", "linux_input", "lirc",     "input_hub", "mutouch",
        "penmount", "ps2mouse", "serialmouse", "sonypi",   "wm97xx_ts",   "zytronic", "matrox",
    };
    static const char *const switches[] = {"no-banner", "quiet", "no-sighandler", "no-cursor",
                                           "no-deinit-check"};
    DirectFBSetOption("system", system);
    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
        DirectFBSetOption(switches[i], NULL);
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
        DirectFBSetOption("disable-module", modules[i]);
    DirectFBSetOption("memcpy", "libc");
    DirectFBSetOption("mode", "64x64"); /* of a layer that nobody sees: the canvas is a surface of its own */
}

/* DirectFB is one for a process, and when it is closed its dispatcher thread may still read the memory that
 * is being freed (1.7.7: one close in some hundreds crashes). So it is opened once and left open until the
 * process ends. */
static IDirectFB *directfb_of_process;

static bool start_directfb(const char *system, struct error *error)
{
    char name[] = "kokonor", *arguments[] = {name, NULL}, **argv = arguments;
    int argc = 1; /* none of the program's own: DirectFB would read --dfb: out of them */
    if (directfb_of_process)
        return true;
    DFBResult result = DirectFBInit(&argc, &argv);
    if (result != DFB_OK)
        return error_set(error, "display: DirectFB does not start: %s", DirectFBErrorString(result));
    set_options(system);
    result = DirectFBCreate(&directfb_of_process);
    return result == DFB_OK ||
           error_set(error, "display: DirectFB does not open: %s", DirectFBErrorString(result));
}

static bool open_canvas(struct display *display, struct error *error)
{
    if (!start_directfb(display->presenter->system, error))
        return false;
    display->directfb = directfb_of_process;
    DFBSurfaceDescription description = {
        .flags = DSDESC_CAPS | DSDESC_WIDTH | DSDESC_HEIGHT | DSDESC_PIXELFORMAT,
        .caps = DSCAPS_SYSTEMONLY,
        .width = display->width,
        .height = display->height,
        .pixelformat = DSPF_ARGB,
    };
    DFBResult result = display->directfb->CreateSurface(display->directfb, &description, &display->canvas);
    if (result != DFB_OK)
        return error_set(error, "display: no canvas of %dx%d: %s", display->width, display->height,
                         DirectFBErrorString(result));
    display->canvas->Clear(display->canvas, 0, 0, 0, 0xff);
    return true;
}

static bool good_size(int width, int height, struct error *error)
{
    return (width >= 320 && width <= 3840 && height >= 180 && height <= 2160) ||
           error_set(error, "display: %dx%d is outside 320x180 to 3840x2160", width, height);
}

static bool choose_sizes(struct display *display, const struct display_options *options, struct error *error)
{
    display->width = options->width ? options->width : 1280;
    display->height = options->height ? options->height : 720;
    display->output_width = options->output_width ? options->output_width : display->width;
    display->output_height = options->output_height ? options->output_height : display->height;
    return good_size(display->width, display->height, error) &&
           good_size(display->output_width, display->output_height, error);
}

static bool open_output(struct display *display, struct error *error)
{
    if (display->presenter->size)
        display->presenter->size(display->screen, &display->output_width, &display->output_height);
    if (display->output_width == display->width && display->output_height == display->height)
        return true;
    size_t count = (size_t)display->output_width * (size_t)display->output_height;
    display->scale =
        scale_create(display->width, display->height, display->output_width, display->output_height);
    display->output = calloc(count, sizeof(uint32_t));
    return (display->scale && display->output) ||
           error_set(error, "display: a picture of %dx%d cannot be scaled to %dx%d", display->width,
                     display->height, display->output_width, display->output_height);
}

struct display *display_create(const struct display_options *options, struct error *error)
{
    struct display *display = calloc(1, sizeof(*display));
    if (!display) {
        error_set(error, "display: out of memory");
        return NULL;
    }
    if (!choose_sizes(display, options, error) || !open_presenter(display, options, error) ||
        !open_canvas(display, error) || !open_output(display, error)) {
        display_destroy(display);
        return NULL;
    }
    log_info("%s, %dx%d, a picture of %dx%d", display->presenter->name, display->output_width,
             display->output_height, display->width, display->height);
    return display;
}

static void watch_freed(uv_handle_t *handle)
{
    struct watch *watch = handle->data;
    if (--watch->handles == 0)
        free(watch);
}

void display_destroy(struct display *display)
{
    if (!display)
        return;
    if (display->watch) {
        display->watch->display = NULL;
        uv_close((uv_handle_t *)&display->watch->poll, watch_freed);
        uv_close((uv_handle_t *)&display->watch->again, watch_freed);
    }
    if (display->canvas)
        display->canvas->Release(display->canvas);
    if (display->screen)
        display->presenter->close(display->screen);
    scale_destroy(display->scale);
    free(display->output);
    free(display);
}

int display_width(const struct display *display)
{
    return display->width;
}

int display_height(const struct display *display)
{
    return display->height;
}

void display_output_size(const struct display *display, int *width, int *height)
{
    *width = display->output_width;
    *height = display->output_height;
}

const char *display_presenter_name(const struct display *display)
{
    return display->presenter->name;
}

void display_address(const struct display *display, char *text, size_t size)
{
    if (size > 0)
        text[0] = 0;
    if (display->presenter->address)
        display->presenter->address(display->screen, text, size);
}

IDirectFBSurface *display_canvas(struct display *display)
{
    return display->canvas;
}

IDirectFB *display_directfb(struct display *display)
{
    return display->directfb;
}

static bool lock(struct display *display, struct presenter_picture *picture)
{
    void *pixels;
    int pitch;
    if (display->canvas->Lock(display->canvas, DSLF_READ, &pixels, &pitch) != DFB_OK)
        return false;
    *picture = (struct presenter_picture){pixels, pitch, display->width, display->height};
    return true;
}

/* Scales these parts of the picture into the output, which *picture is afterwards; rects become the output's.
 */
static void scale(struct display *display, struct presenter_picture *picture, struct rect *rects,
                  size_t count)
{
    if (!display->scale)
        return;
    for (size_t i = 0; i < count; i++) {
        rects[i] = scale_map(display->scale, rects[i]);
        scale_draw(display->scale, picture, display->output, rects[i]);
    }
    *picture = (struct presenter_picture){(const uint8_t *)display->output, display->output_width * 4,
                                          display->output_width, display->output_height};
}

void display_present(struct display *display, const struct rect *rects, size_t count)
{
    struct presenter_picture picture;
    struct rect cut[PRESENT_MAX];
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct rect rect = rect_intersect(rects[i], (struct rect){0, 0, display->width, display->height});
        if (rect_empty(rect))
            continue;
        if (kept < PRESENT_MAX)
            cut[kept++] = rect;
        else
            cut[PRESENT_MAX - 1] = rect_union(cut[PRESENT_MAX - 1], rect);
    }
    if (kept == 0 || !lock(display, &picture))
        return;
    scale(display, &picture, cut, kept);
    display->presenter->present(display->screen, &picture, cut, kept);
    display->canvas->Unlock(display->canvas);
    if (display->watch && display->presenter->pending && display->presenter->pending(display->screen))
        uv_async_send(&display->watch->again);
}

bool display_save_png(struct display *display, const char *path, struct error *error)
{
    struct presenter_picture picture;
    struct rect whole = {0, 0, display->width, display->height};
    if (!lock(display, &picture))
        return error_set(error, "display: the canvas cannot be read");
    scale(display, &picture, &whole, 1);
    bool good = image_write_png(path, (const uint32_t *)(const void *)picture.pixels, picture.width,
                                picture.height, picture.pitch, false, error);
    display->canvas->Unlock(display->canvas);
    return good;
}

int display_fd(const struct display *display)
{
    return display->presenter->fd ? display->presenter->fd(display->screen) : -1;
}

void display_dispatch(struct display *display, display_key_fn *key, display_closed_fn *closed, void *context)
{
    if (display->presenter->dispatch)
        display->presenter->dispatch(display->screen, key, closed, context);
    if (display->presenter->hungry && display->presenter->hungry(display->screen))
        display_present(display, &(struct rect){0, 0, display->width, display->height}, 1);
}

static void watch_dispatch(struct watch *watch)
{
    if (watch->display)
        display_dispatch(watch->display, watch->key, watch->closed, watch->context);
}

static void watch_readable(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    (void)events;
    if (status != 0)
        uv_poll_stop(poll);
    watch_dispatch(watch);
}

static void watch_again(uv_async_t *async)
{
    watch_dispatch(async->data);
}

bool display_watch(struct display *display, uv_loop_t *loop, display_key_fn *key, display_closed_fn *closed,
                   void *context, struct error *error)
{
    int fd = display_fd(display);
    if (fd < 0)
        return true;
    struct watch *watch = calloc(1, sizeof(*watch));
    if (!watch || uv_poll_init(loop, &watch->poll, fd) != 0) {
        free(watch);
        return error_set(error, "display: its events cannot be watched");
    }
    uv_async_init(loop, &watch->again, watch_again);
    uv_unref((uv_handle_t *)&watch->again);
    watch->handles = 2;
    watch->poll.data = watch->again.data = watch;
    watch->display = display;
    watch->key = key;
    watch->closed = closed;
    watch->context = context;
    display->watch = watch;
    uv_poll_start(&watch->poll, UV_READABLE, watch_readable);
    uv_async_send(&watch->again); /* what came before */
    return true;
}
