/* SPDX-License-Identifier: Apache-2.0 */
/* A window on a desk: shared memory where the server is on this machine, put_image where it is not; its
 * keyboard is the remote. */
#include "base/log.h"
#include "display/presenter.h"
#include "remote/keysym.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <xcb/shm.h>
#include <xcb/xcb.h>
#include <xcb/xcb_icccm.h>
#include <xcb/xcb_keysyms.h>

struct x11 {
    xcb_connection_t *connection;
    xcb_screen_t *screen;
    xcb_window_t window;
    xcb_gcontext_t gc;
    xcb_key_symbols_t *symbols;
    xcb_atom_t delete_window;
    xcb_shm_seg_t segment; /* 0: put_image */
    uint32_t *pixels;      /* the window's content: what is exposed again is taken from here */
    int width, height;
    xcb_get_input_focus_cookie_t fence; /* sequence 0: none outstanding */
    xcb_generic_event_t *held;
    uint8_t down[32]; /* a bit a key code */
    bool broken;
};

/* 32 bits a pixel, 0xRRGGBB, in this machine's order: anything else would need a conversion that no desk
 * needs today. */
static bool usable(const struct x11 *x11, struct error *error)
{
    const xcb_setup_t *setup = xcb_get_setup(x11->connection);
    uint16_t probe = 1;
    uint8_t first;
    bool depth = false, visual = false;
    memcpy(&first, &probe, 1);
    for (xcb_format_iterator_t it = xcb_setup_pixmap_formats_iterator(setup); it.rem; xcb_format_next(&it))
        depth |= it.data->depth == x11->screen->root_depth && it.data->depth == 24 &&
                 it.data->bits_per_pixel == 32;
    for (xcb_depth_iterator_t it = xcb_screen_allowed_depths_iterator(x11->screen); it.rem;
         xcb_depth_next(&it))
        for (xcb_visualtype_iterator_t v = xcb_depth_visuals_iterator(it.data); v.rem;
             xcb_visualtype_next(&v))
            visual |= v.data->visual_id == x11->screen->root_visual && v.data->red_mask == 0xff0000;
    if (!depth || !visual || (setup->image_byte_order == XCB_IMAGE_ORDER_LSB_FIRST) != (first == 1))
        return error_set(error, "x11: the screen must have 24 bits of colour in 32 bits a pixel");
    return true;
}

static xcb_atom_t atom(struct x11 *x11, const char *name)
{
    xcb_intern_atom_cookie_t cookie = xcb_intern_atom(x11->connection, 0, (uint16_t)strlen(name), name);
    xcb_intern_atom_reply_t *reply = xcb_intern_atom_reply(x11->connection, cookie, NULL);
    xcb_atom_t found = reply ? reply->atom : XCB_ATOM_NONE;
    free(reply);
    return found;
}

static void open_window(struct x11 *x11, const char *title)
{
    uint32_t values[] = {x11->screen->black_pixel,
                         XCB_EVENT_MASK_EXPOSURE | XCB_EVENT_MASK_KEY_PRESS | XCB_EVENT_MASK_KEY_RELEASE};
    xcb_connection_t *c = x11->connection;
    x11->window = xcb_generate_id(c);
    xcb_create_window(c, x11->screen->root_depth, x11->window, x11->screen->root, 0, 0, (uint16_t)x11->width,
                      (uint16_t)x11->height, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT, x11->screen->root_visual,
                      XCB_CW_BACK_PIXEL | XCB_CW_EVENT_MASK, values);
    x11->gc = xcb_generate_id(c);
    xcb_create_gc(c, x11->gc, x11->window, XCB_GC_GRAPHICS_EXPOSURES, (uint32_t[]){0});
    xcb_icccm_set_wm_name(c, x11->window, XCB_ATOM_STRING, 8, (uint32_t)strlen(title), title);
    xcb_change_property(c, XCB_PROP_MODE_REPLACE, x11->window, atom(x11, "_NET_WM_NAME"),
                        atom(x11, "UTF8_STRING"), 8, (uint32_t)strlen(title), title);
    xcb_icccm_set_wm_class(c, x11->window, 16, "kokonor\0Kokonor");
    xcb_size_hints_t hints = {0};
    xcb_icccm_size_hints_set_min_size(&hints, x11->width, x11->height);
    xcb_icccm_size_hints_set_max_size(&hints, x11->width, x11->height);
    xcb_icccm_set_wm_normal_hints(c, x11->window, &hints);
    x11->delete_window = atom(x11, "WM_DELETE_WINDOW");
    xcb_atom_t protocols = atom(x11, "WM_PROTOCOLS");
    xcb_icccm_set_wm_protocols(c, x11->window, protocols, 1, &x11->delete_window);
    xcb_map_window(c, x11->window);
}

/* Memory that the server can read, or plain memory where it cannot (another machine, no permission). */
static bool open_pixels(struct x11 *x11)
{
    size_t size = (size_t)x11->width * (size_t)x11->height * 4;
    const xcb_query_extension_reply_t *extension = xcb_get_extension_data(x11->connection, &xcb_shm_id);
    int id = extension && extension->present ? shmget(IPC_PRIVATE, size, IPC_CREAT | 0600) : -1;
    if (id >= 0) {
        void *memory = shmat(id, NULL, 0);
        xcb_shm_seg_t segment = xcb_generate_id(x11->connection);
        xcb_generic_error_t *refused = NULL;
        if (memory != (void *)-1)
            refused = xcb_request_check(x11->connection,
                                        xcb_shm_attach_checked(x11->connection, segment, (uint32_t)id, 0));
        shmctl(id, IPC_RMID, NULL); /* goes when both have let go, however this process ends */
        if (memory != (void *)-1 && !refused && !xcb_connection_has_error(x11->connection)) {
            memset(memory, 0, size);
            x11->segment = segment;
            x11->pixels = memory;
            return true;
        }
        free(refused);
        if (memory != (void *)-1)
            shmdt(memory);
    }
    log_info("x11: no shared memory with this server, pictures are sent");
    x11->pixels = calloc(1, size);
    return x11->pixels != NULL;
}

static void x11_close(void *screen)
{
    struct x11 *x11 = screen;
    if (x11->connection) {
        if (x11->segment)
            xcb_shm_detach(x11->connection, x11->segment);
        if (x11->symbols)
            xcb_key_symbols_free(x11->symbols);
        xcb_disconnect(x11->connection);
    }
    if (x11->segment)
        shmdt(x11->pixels);
    else
        free(x11->pixels);
    free(x11->held);
    free(x11);
}

static void *x11_open(const struct display_options *options, int width, int height, struct error *error)
{
    const char *name = getenv("DISPLAY");
    int number = 0;
    if (!name || !*name) {
        error_set(error, "x11: DISPLAY is not set");
        return NULL;
    }
    struct x11 *x11 = calloc(1, sizeof(*x11));
    if (!x11) {
        error_set(error, "x11: out of memory");
        return NULL;
    }
    x11->width = width;
    x11->height = height;
    x11->connection = xcb_connect(NULL, &number);
    if (xcb_connection_has_error(x11->connection)) {
        error_set(error, "x11: the display %s does not answer", name);
        goto failed;
    }
    xcb_screen_iterator_t screens = xcb_setup_roots_iterator(xcb_get_setup(x11->connection));
    while (number-- > 0 && screens.rem > 1)
        xcb_screen_next(&screens);
    x11->screen = screens.data;
    if (!usable(x11, error))
        goto failed;
    x11->symbols = xcb_key_symbols_alloc(x11->connection);
    if (!x11->symbols || !open_pixels(x11)) {
        error_set(error, "x11: out of memory");
        goto failed;
    }
    open_window(x11, options->title ? options->title : "Kokonor");
    xcb_flush(x11->connection);
    return x11;
failed:
    x11_close(x11);
    return NULL;
}

static void put(struct x11 *x11, struct rect rect)
{
    if (x11->segment) {
        xcb_shm_put_image(x11->connection, x11->window, x11->gc, (uint16_t)x11->width, (uint16_t)x11->height,
                          (uint16_t)rect.x, (uint16_t)rect.y, (uint16_t)rect.w, (uint16_t)rect.h,
                          (int16_t)rect.x, (int16_t)rect.y, x11->screen->root_depth,
                          XCB_IMAGE_FORMAT_Z_PIXMAP, 0, x11->segment, 0);
        return;
    }
    size_t room = (size_t)xcb_get_maximum_request_length(x11->connection) * 4 - 64;
    int rows = (int)(room / ((size_t)rect.w * 4));
    uint32_t *packed = malloc((size_t)rect.w * (size_t)rect.h * 4);
    if (!packed || rows < 1) {
        free(packed);
        return;
    }
    for (int y = 0; y < rect.h; y++)
        memcpy(packed + (size_t)y * (size_t)rect.w,
               x11->pixels + (size_t)(rect.y + y) * (size_t)x11->width + rect.x, (size_t)rect.w * 4);
    for (int y = 0; y < rect.h; y += rows) {
        int n = rect.h - y < rows ? rect.h - y : rows;
        xcb_put_image(x11->connection, XCB_IMAGE_FORMAT_Z_PIXMAP, x11->window, x11->gc, (uint16_t)rect.w,
                      (uint16_t)n, (int16_t)rect.x, (int16_t)(rect.y + y), 0, x11->screen->root_depth,
                      (uint32_t)((size_t)rect.w * (size_t)n * 4),
                      (const uint8_t *)(packed + (size_t)y * (size_t)rect.w));
    }
    free(packed);
}

/* The server must have read the shared memory before it is written again. */
static void wait_for_fence(struct x11 *x11)
{
    if (x11->fence.sequence)
        free(xcb_get_input_focus_reply(x11->connection, x11->fence, NULL));
    x11->fence.sequence = 0;
}

static void set_fence(struct x11 *x11)
{
    if (x11->segment && !x11->fence.sequence)
        x11->fence = xcb_get_input_focus(x11->connection);
    xcb_flush(x11->connection);
}

static void x11_present(void *screen, const struct presenter_picture *picture, const struct rect *rects,
                        size_t count)
{
    struct x11 *x11 = screen;
    wait_for_fence(x11);
    for (size_t i = 0; i < count; i++) {
        struct rect rect = rects[i];
        for (int y = rect.y; y < rect.y + rect.h; y++)
            memcpy(x11->pixels + (size_t)y * (size_t)x11->width + rect.x,
                   picture->pixels + (size_t)y * (size_t)picture->pitch + (size_t)rect.x * 4,
                   (size_t)rect.w * 4);
        put(x11, rect);
    }
    set_fence(x11);
}

static int x11_fd(void *screen)
{
    return xcb_get_file_descriptor(((struct x11 *)screen)->connection);
}

static xcb_generic_event_t *next_event(struct x11 *x11)
{
    xcb_generic_event_t *event = x11->held;
    x11->held = NULL;
    return event ? event : xcb_poll_for_event(x11->connection);
}

static bool x11_pending(void *screen)
{
    struct x11 *x11 = screen;
    if (!x11->held)
        x11->held = xcb_poll_for_queued_event(x11->connection);
    return x11->held != NULL;
}

static void press(struct x11 *x11, const xcb_key_press_event_t *event, display_key_fn *key, void *context)
{
    uint8_t bit = (uint8_t)(1u << (event->detail & 7));
    enum key found = key_from_keysym(xcb_key_symbols_get_keysym(x11->symbols, event->detail, 0));
    if (found == KEY_NONE) /* the keypad's digits stand in the second column */
        found = key_from_keysym(xcb_key_symbols_get_keysym(x11->symbols, event->detail, 1));
    bool repeat = (x11->down[event->detail >> 3] & bit) != 0;
    x11->down[event->detail >> 3] |= bit;
    if (found != KEY_NONE)
        key(context, (struct key_event){found, repeat});
}

/* A held key comes as release and press of one instant: that release is none. */
static void release(struct x11 *x11, const xcb_key_release_event_t *event)
{
    if (!x11->held)
        x11->held = xcb_poll_for_event(x11->connection);
    const xcb_key_press_event_t *next = (const xcb_key_press_event_t *)x11->held;
    if (next && (next->response_type & 0x7f) == XCB_KEY_PRESS && next->detail == event->detail &&
        next->time == event->time)
        return;
    x11->down[event->detail >> 3] &= (uint8_t) ~(1u << (event->detail & 7));
}

static void x11_dispatch(void *screen, display_key_fn *key, display_closed_fn *closed, void *context)
{
    struct x11 *x11 = screen;
    bool close = false;
    xcb_generic_event_t *event;
    while (!close && (event = next_event(x11)) != NULL) {
        switch (event->response_type & 0x7f) {
        case XCB_EXPOSE: {
            const xcb_expose_event_t *expose = (const xcb_expose_event_t *)event;
            struct rect rect = {expose->x, expose->y, expose->width, expose->height};
            rect = rect_intersect(rect, (struct rect){0, 0, x11->width, x11->height});
            if (!rect_empty(rect))
                put(x11, rect);
            set_fence(x11);
            break;
        }
        case XCB_KEY_PRESS:
            press(x11, (const xcb_key_press_event_t *)event, key, context);
            break;
        case XCB_KEY_RELEASE:
            release(x11, (const xcb_key_release_event_t *)event);
            break;
        case XCB_MAPPING_NOTIFY:
            xcb_refresh_keyboard_mapping(x11->symbols, (xcb_mapping_notify_event_t *)event);
            break;
        case XCB_CLIENT_MESSAGE:
            close = ((const xcb_client_message_event_t *)event)->data.data32[0] == x11->delete_window;
            break;
        default:
            break;
        }
        free(event);
    }
    if (!x11->broken && xcb_connection_has_error(x11->connection)) {
        x11->broken = close = true;
        log_warning("x11: the display is gone");
    }
    if (close && closed)
        closed(context);
}

const struct display_presenter display_presenter_x11 = {
    .name = "x11",
    .system = "dummy",
    .open = x11_open,
    .close = x11_close,
    .present = x11_present,
    .fd = x11_fd,
    .dispatch = x11_dispatch,
    .pending = x11_pending,
};
