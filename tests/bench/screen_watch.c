/* SPDX-License-Identifier: Apache-2.0 */
#include "screen_watch.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xcb/damage.h>
#include <xcb/shm.h>
#include <xcb/xcb.h>
#include <xcb/xcb_keysyms.h>
#include <xcb/xtest.h>

struct watch {
    pid_t server;
    xcb_connection_t *connection;
    xcb_window_t root;
    uint8_t damage_event;
    xcb_key_symbols_t *symbols;
    int width, height;
    xcb_shm_seg_t segment;
    uint32_t *now, *before; /* the screen; now is shared with the server */
};

double watch_now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* ---- the server ---- */

/* Xvfb chooses a free display number and writes it to the descriptor. */
static bool start_server(struct watch *watch)
{
    int channel[2];
    char number[16] = "", name[24], size[32], fd[16];
    if (pipe(channel) != 0)
        return false;
    snprintf(size, sizeof(size), "%dx%dx24", watch->width, watch->height);
    snprintf(fd, sizeof(fd), "%d", channel[1]);
    watch->server = fork();
    if (watch->server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* also where this program is killed */
        int quiet = open("/dev/null", O_WRONLY);
        dup2(quiet, STDOUT_FILENO);
        dup2(quiet, STDERR_FILENO);
        execlp("Xvfb", "Xvfb", "-displayfd", fd, "-screen", "0", size, "-nolisten", "tcp", "-noreset",
               (char *)NULL);
        _exit(127);
    }
    close(channel[1]);
    size_t used = 0;
    ssize_t got;
    while (!memchr(number, '\n', used) && used < sizeof(number) - 1 &&
           (got = read(channel[0], number + used, sizeof(number) - 1 - used)) > 0)
        used += (size_t)got;
    close(channel[0]);
    if (!memchr(number, '\n', used)) {
        waitpid(watch->server, NULL, 0);
        watch->server = 0;
        return false;
    }
    snprintf(name, sizeof(name), ":%d", atoi(number));
    setenv("DISPLAY", name, 1);
    return true;
}

/* ---- looking ---- */

static void grab(struct watch *watch)
{
    xcb_shm_get_image_cookie_t cookie =
        xcb_shm_get_image(watch->connection, watch->root, 0, 0, (uint16_t)watch->width,
                          (uint16_t)watch->height, ~0u, XCB_IMAGE_FORMAT_Z_PIXMAP, watch->segment, 0);
    free(xcb_shm_get_image_reply(watch->connection, cookie, NULL));
}

static size_t size_of(const struct watch *watch)
{
    return (size_t)watch->width * (size_t)watch->height * 4;
}

static bool share_screen(struct watch *watch)
{
    int id = shmget(IPC_PRIVATE, size_of(watch), IPC_CREAT | 0600);
    if (id < 0)
        return false;
    void *memory = shmat(id, NULL, 0);
    watch->segment = xcb_generate_id(watch->connection);
    xcb_generic_error_t *refused = xcb_request_check(
        watch->connection, xcb_shm_attach_checked(watch->connection, watch->segment, (uint32_t)id, 0));
    shmctl(id, IPC_RMID, NULL);
    if (memory == (void *)-1 || refused) {
        free(refused);
        return false;
    }
    watch->now = memory;
    watch->before = malloc(size_of(watch));
    return watch->before != NULL;
}

static bool watch_damage(struct watch *watch)
{
    xcb_connection_t *c = watch->connection;
    const xcb_query_extension_reply_t *damage = xcb_get_extension_data(c, &xcb_damage_id);
    const xcb_query_extension_reply_t *test = xcb_get_extension_data(c, &xcb_test_id);
    if (!damage || !damage->present || !test || !test->present)
        return false;
    watch->damage_event = damage->first_event;
    free(xcb_damage_query_version_reply(c, xcb_damage_query_version(c, 1, 1), NULL));
    xcb_damage_create(c, xcb_generate_id(c), watch->root, XCB_DAMAGE_REPORT_LEVEL_RAW_RECTANGLES);
    return true;
}

struct watch *watch_create(int width, int height)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        return NULL;
    watch->width = width;
    watch->height = height;
    if (!start_server(watch)) {
        printf("Xvfb does not start\n");
        watch_destroy(watch);
        return NULL;
    }
    watch->connection = xcb_connect(NULL, NULL);
    if (!xcb_connection_has_error(watch->connection))
        watch->root = xcb_setup_roots_iterator(xcb_get_setup(watch->connection)).data->root;
    if (watch->root)
        watch->symbols = xcb_key_symbols_alloc(watch->connection);
    if (!watch->symbols || !share_screen(watch) || !watch_damage(watch)) {
        printf("the X server lacks shared memory, DAMAGE or XTEST\n");
        watch_destroy(watch);
        return NULL;
    }
    xcb_test_fake_input(watch->connection, XCB_MOTION_NOTIFY, 0, XCB_CURRENT_TIME, watch->root,
                        (int16_t)(width - 2), (int16_t)(height / 2), 0);
    watch_forget(watch);
    return watch;
}

void watch_destroy(struct watch *watch)
{
    if (!watch)
        return;
    if (watch->symbols)
        xcb_key_symbols_free(watch->symbols);
    if (watch->connection)
        xcb_disconnect(watch->connection);
    if (watch->now)
        shmdt(watch->now);
    free(watch->before);
    if (watch->server > 0) {
        kill(watch->server, SIGTERM);
        waitpid(watch->server, NULL, 0);
    }
    free(watch);
}

static bool drain(struct watch *watch)
{
    bool hit = false;
    xcb_generic_event_t *event;
    while ((event = xcb_poll_for_event(watch->connection)) != NULL) {
        hit |= (event->response_type & 0x7f) == watch->damage_event;
        free(event);
    }
    return hit;
}

/* The parts of a second that a clock on the screen changes are changes too: choose a quiet minute. */
bool watch_change(struct watch *watch, double ms, double *at_ms)
{
    double until = watch_now_ms() + ms;
    xcb_flush(watch->connection);
    for (;;) {
        bool hit = drain(watch);
        double now = watch_now_ms();
        if (hit) {
            grab(watch);
            if (memcmp(watch->now, watch->before, size_of(watch)) != 0) {
                memcpy(watch->before, watch->now, size_of(watch));
                if (at_ms)
                    *at_ms = now;
                return true;
            }
            continue;
        }
        if (now >= until)
            return false;
        double left = until - now;
        struct timespec wait = {(time_t)(left / 1e3),
                                (long)(left - 1e3 * (double)(long)(left / 1e3)) * 1000000};
        if (left < 1)
            wait = (struct timespec){0, (long)(left * 1e6)};
        struct pollfd readable = {xcb_get_file_descriptor(watch->connection), POLLIN, 0};
        ppoll(&readable, 1, &wait, NULL);
    }
}

void watch_forget(struct watch *watch)
{
    grab(watch);
    memcpy(watch->before, watch->now, size_of(watch));
    drain(watch);
}

double watch_quiet(struct watch *watch, double ms, double limit_ms)
{
    double limit = watch_now_ms() + limit_ms, last = -1, at;
    while (watch_now_ms() < limit && watch_change(watch, ms, &at))
        last = at;
    return last;
}

uint32_t watch_pixel(struct watch *watch, int x, int y)
{
    return watch->before[(size_t)y * (size_t)watch->width + (size_t)x] & 0xffffff;
}

/* ---- keys ---- */

static void fake(struct watch *watch, uint8_t type, uint32_t keysym)
{
    xcb_keycode_t *codes = xcb_key_symbols_get_keycode(watch->symbols, keysym);
    if (codes && codes[0] != XCB_NO_SYMBOL)
        xcb_test_fake_input(watch->connection, type, codes[0], XCB_CURRENT_TIME, watch->root, 0, 0, 0);
    free(codes);
    xcb_flush(watch->connection);
}

void watch_press(struct watch *watch, uint32_t keysym)
{
    fake(watch, XCB_KEY_PRESS, keysym);
}

void watch_release(struct watch *watch, uint32_t keysym)
{
    fake(watch, XCB_KEY_RELEASE, keysym);
}
