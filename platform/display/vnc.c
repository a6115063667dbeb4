/* SPDX-License-Identifier: Apache-2.0 */
/* Over the network: the screen as VNC, and a page that shows it in a browser with a drawn remote control.
 * Main copies what changed into a frame that viewers copy from; where nobody watches there is no frame. */
#include "display/vnc.h"
#include "base/log.h"
#include "base/text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

void vnc_wake(int event_fd)
{
    uint64_t one = 1;
    ssize_t written;
    do
        written = write(event_fd, &one, sizeof(one));
    while (written < 0 && errno == EINTR);
}

static struct rect whole_of(const struct vnc *vnc)
{
    return (struct rect){0, 0, vnc->width, vnc->height};
}

/* ---- the frame ---- */

static void add_dirty(struct vnc_session *session, struct rect rect)
{
    struct rect *last = &session->dirty[VNC_DIRTY - 1];
    if (session->dirty_count < VNC_DIRTY)
        session->dirty[session->dirty_count++] = rect;
    else
        *last = rect_union(*last, rect);
}

static void copy_rect(const struct vnc *vnc, uint32_t *to, const uint8_t *from, int pitch, struct rect rect)
{
    for (int y = rect.y; y < rect.y + rect.h; y++)
        memcpy(to + (size_t)y * (size_t)vnc->width + rect.x,
               from + (size_t)y * (size_t)pitch + (size_t)rect.x * 4, (size_t)rect.w * 4);
}

bool vnc_join(struct vnc_session *session)
{
    struct vnc *vnc = session->vnc;
    size_t count = (size_t)vnc->width * (size_t)vnc->height;
    session->pixels = calloc(count, sizeof(uint32_t));
    if (!session->pixels)
        return false;
    pthread_mutex_lock(&vnc->frame.lock);
    if (!vnc->frame.pixels)
        vnc->frame.pixels = calloc(count, sizeof(uint32_t));
    bool good = vnc->frame.pixels != NULL, hungry = good && !vnc->frame.whole;
    if (good) {
        vnc->frame.viewers++;
        session->joined = true;
        session->dirty_count = 0;
        if (vnc->frame.whole)
            add_dirty(session, whole_of(vnc));
    } else {
        free(session->pixels);
        session->pixels = NULL;
    }
    pthread_mutex_unlock(&vnc->frame.lock);
    if (hungry)
        vnc_wake(vnc->events);
    return good;
}

void vnc_leave(struct vnc_session *session)
{
    struct vnc *vnc = session->vnc;
    pthread_mutex_lock(&vnc->frame.lock);
    if (session->joined && --vnc->frame.viewers == 0) {
        free(vnc->frame.pixels);
        vnc->frame.pixels = NULL;
        vnc->frame.whole = false;
    }
    session->joined = false;
    pthread_mutex_unlock(&vnc->frame.lock);
    free(session->pixels);
    session->pixels = NULL;
}

size_t vnc_take_dirty(struct vnc_session *session, struct rect out[VNC_DIRTY])
{
    struct vnc *vnc = session->vnc;
    pthread_mutex_lock(&vnc->frame.lock);
    size_t count = session->joined ? session->dirty_count : 0;
    for (size_t i = 0; i < count; i++) {
        out[i] = session->dirty[i];
        copy_rect(vnc, session->pixels, (const uint8_t *)vnc->frame.pixels, vnc->width * 4, out[i]);
    }
    session->dirty_count = 0;
    pthread_mutex_unlock(&vnc->frame.lock);
    return count;
}

static void vnc_present(void *screen, const struct presenter_picture *picture, const struct rect *rects,
                        size_t count)
{
    struct vnc *vnc = screen;
    struct vnc_frame *frame = &vnc->frame;
    pthread_mutex_lock(&frame->lock);
    for (size_t i = 0; i < count && frame->viewers > 0; i++) {
        frame->whole |= rect_equal(rects[i], whole_of(vnc));
        if (!frame->whole) /* it is asked for, and nobody may see less */
            continue;
        copy_rect(vnc, frame->pixels, picture->pixels, picture->pitch, rects[i]);
        for (size_t s = 0; s < VNC_SESSIONS; s++)
            if (vnc->sessions[s].joined)
                add_dirty(&vnc->sessions[s], rects[i]);
    }
    for (size_t s = 0; s < VNC_SESSIONS && frame->viewers > 0; s++)
        if (vnc->sessions[s].joined && vnc->sessions[s].dirty_count > 0)
            vnc_wake(vnc->sessions[s].wake);
    pthread_mutex_unlock(&frame->lock);
}

static bool vnc_hungry(void *screen)
{
    struct vnc_frame *frame = &((struct vnc *)screen)->frame;
    pthread_mutex_lock(&frame->lock);
    bool hungry = frame->viewers > 0 && !frame->whole;
    pthread_mutex_unlock(&frame->lock);
    return hungry;
}

/* ---- keys ---- */

void vnc_push_key(struct vnc *vnc, struct key_event event)
{
    pthread_mutex_lock(&vnc->keys_lock);
    bool room = vnc->keys_count < VNC_KEYS;
    if (room)
        vnc->keys[vnc->keys_count++] = event;
    pthread_mutex_unlock(&vnc->keys_lock);
    if (room)
        vnc_wake(vnc->events);
}

static int vnc_fd(void *screen)
{
    return ((struct vnc *)screen)->events;
}

static void vnc_dispatch(void *screen, display_key_fn *key, display_closed_fn *closed, void *context)
{
    struct vnc *vnc = screen;
    struct key_event keys[VNC_KEYS];
    uint64_t count;
    (void)closed; /* viewers come and go, the screen stays */
    if (read(vnc->events, &count, sizeof(count)) < 0 && errno != EAGAIN && errno != EINTR)
        log_warning("vnc: events cannot be read: %s", strerror(errno));
    pthread_mutex_lock(&vnc->keys_lock);
    size_t taken = vnc->keys_count;
    memcpy(keys, vnc->keys, taken * sizeof(keys[0]));
    vnc->keys_count = 0;
    pthread_mutex_unlock(&vnc->keys_lock);
    for (size_t i = 0; i < taken; i++)
        key(context, keys[i]);
}

/* ---- open and close ---- */

static void vnc_close(void *screen)
{
    struct vnc *vnc = screen;
    vnc_door_close(vnc->door);
    vnc_web_close(vnc->web);
    for (size_t i = 0; i < VNC_SESSIONS; i++)
        vnc_session_finish(&vnc->sessions[i]);
    if (vnc->events >= 0)
        close(vnc->events);
    pthread_mutex_destroy(&vnc->frame.lock);
    pthread_mutex_destroy(&vnc->keys_lock);
    pthread_mutex_destroy(&vnc->guess_lock);
    explicit_bzero(vnc->password, sizeof(vnc->password));
    free(vnc);
}

static bool good_password(const char *password, struct error *error)
{
    size_t length = password ? strlen(password) : 0;
    return (length >= VNC_PASSWORD_MIN && length <= VNC_PASSWORD_MAX) ||
           error_set(error, "display.vnc_password: expected %d to %d characters (VNC looks at no more)",
                     VNC_PASSWORD_MIN, VNC_PASSWORD_MAX);
}

static void *vnc_open(const struct display_options *options, int width, int height, struct error *error)
{
    if (!good_password(options->vnc.password, error))
        return NULL;
    struct vnc *vnc = calloc(1, sizeof(*vnc));
    if (!vnc) {
        error_set(error, "vnc: out of memory");
        return NULL;
    }
    vnc->width = width;
    vnc->height = height;
    text_copy(vnc->title, sizeof(vnc->title), options->title ? options->title : "Kokonor");
    text_copy(vnc->password, sizeof(vnc->password), options->vnc.password);
    vnc->passwords[0] = vnc->password;
    pthread_mutex_init(&vnc->frame.lock, NULL);
    pthread_mutex_init(&vnc->keys_lock, NULL);
    pthread_mutex_init(&vnc->guess_lock, NULL);
    vnc->events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool good = vnc->events >= 0;
    for (size_t i = 0; i < VNC_SESSIONS && good; i++) {
        vnc->sessions[i].vnc = vnc;
        good = vnc_session_prepare(&vnc->sessions[i]);
    }
    if (!good)
        error_set(error, "vnc: out of memory");
    vnc->web = good ? vnc_web_open(options, error) : NULL;
    vnc->door = vnc->web ? vnc_door_open(vnc, options, error) : NULL;
    if (vnc->door)
        return vnc;
    vnc_close(vnc);
    return NULL;
}

static void vnc_address(void *screen, char *text, size_t size)
{
    const struct vnc *vnc = screen;
    snprintf(text, size, "web %d vnc %d", vnc_door_web_port(vnc->door), vnc_door_vnc_port(vnc->door));
}

const struct display_presenter display_presenter_vnc = {
    .name = "vnc",
    .system = "dummy",
    .open = vnc_open,
    .close = vnc_close,
    .present = vnc_present,
    .fd = vnc_fd,
    .dispatch = vnc_dispatch,
    .hungry = vnc_hungry,
    .address = vnc_address,
};
