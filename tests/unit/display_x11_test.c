/* SPDX-License-Identifier: Apache-2.0 */
/* The window, under an Xvfb of its own. Skipped where there is none. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include "display/display.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xcb/xcb.h>

struct world {
    struct display *display;
    xcb_connection_t *other; /* a second client that looks and types */
    xcb_window_t window;
    uv_loop_t loop;
    char keys[256];
    int closed;
};

static pid_t server;

/* Xvfb chooses a free display number and writes it to the descriptor. */
static bool start_server(void)
{
    int channel[2];
    char number[16] = "", name[24];
    if (pipe(channel) != 0)
        return false;
    server = fork();
    if (server == 0) {
        char fd[16];
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* also where this test is killed */
        int quiet = open("/dev/null", O_WRONLY);
        snprintf(fd, sizeof(fd), "%d", channel[1]);
        dup2(quiet, STDOUT_FILENO);
        dup2(quiet, STDERR_FILENO);
        execlp("Xvfb", "Xvfb", "-displayfd", fd, "-screen", "0", "1400x800x24", "-nolisten", "tcp",
               "-noreset", (char *)NULL);
        _exit(127);
    }
    close(channel[1]);
    size_t used = 0;
    ssize_t got;
    while (used < sizeof(number) - 1 &&
           (got = read(channel[0], number + used, sizeof(number) - 1 - used)) > 0) {
        used += (size_t)got;
        if (memchr(number, '\n', used))
            break;
    }
    close(channel[0]);
    if (used == 0 || !memchr(number, '\n', used)) {
        waitpid(server, NULL, 0);
        return false;
    }
    snprintf(name, sizeof(name), ":%d", atoi(number));
    setenv("DISPLAY", name, 1);
    return true;
}

static void stop_server(void)
{
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
}

static void on_key(void *context, struct key_event event)
{
    struct world *world = context;
    strcat(strcat(world->keys, key_name(event.key)), event.repeat ? "* " : " ");
}

static void on_closed(void *context)
{
    ((struct world *)context)->closed++;
}

/* The only child of the root is the window. */
static xcb_window_t find_window(xcb_connection_t *connection)
{
    xcb_window_t root = xcb_setup_roots_iterator(xcb_get_setup(connection)).data->root;
    xcb_query_tree_reply_t *tree = xcb_query_tree_reply(connection, xcb_query_tree(connection, root), NULL);
    assert_non_null(tree);
    assert_int_equal(xcb_query_tree_children_length(tree), 1);
    xcb_window_t window = xcb_query_tree_children(tree)[0];
    free(tree);
    return window;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct error error = {""};
    world->display = display_create(&(struct display_options){.presenter = "auto"}, &error);
    if (!world->display)
        fail_msg("%s", error.text);
    assert_string_equal(display_presenter_name(world->display), "x11");
    uv_loop_init(&world->loop);
    assert_true(display_watch(world->display, &world->loop, on_key, on_closed, world, &error));
    world->other = xcb_connect(NULL, NULL);
    world->window = find_window(world->other);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    xcb_disconnect(world->other);
    display_destroy(world->display);
    uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world->loop), 0);
    free(world);
    return 0;
}

static uint32_t pixel(struct world *world, int x, int y)
{
    xcb_get_image_cookie_t cookie = xcb_get_image(world->other, XCB_IMAGE_FORMAT_Z_PIXMAP, world->window,
                                                  (int16_t)x, (int16_t)y, 1, 1, ~0u);
    xcb_get_image_reply_t *reply = xcb_get_image_reply(world->other, cookie, NULL);
    uint32_t value;
    assert_non_null(reply);
    memcpy(&value, xcb_get_image_data(reply), 4);
    free(reply);
    return value & 0xffffff;
}

static void fill(struct world *world, int x, int y, int red)
{
    IDirectFBSurface *canvas = display_canvas(world->display);
    canvas->SetColor(canvas, (u8)red, 0x22, 0x33, 0xff);
    canvas->FillRectangle(canvas, x, y, 40, 40);
}

/* Until the server has shown it, or for five seconds. */
static uint32_t pixel_soon(struct world *world, int x, int y, uint32_t expected)
{
    for (int i = 0; i < 500 && pixel(world, x, y) != expected; i++) {
        uv_run(&world->loop, UV_RUN_NOWAIT);
        usleep(10000);
    }
    return pixel(world, x, y);
}

static void shows_what_is_presented(void **state)
{
    struct world *world = *state;
    fill(world, 10, 10, 0xaa);
    fill(world, 300, 200, 0xbb);
    display_present(world->display, &(struct rect){0, 0, 1280, 720}, 1);
    assert_int_equal(pixel_soon(world, 320, 220, 0xbb2233), 0xbb2233);
    fill(world, 10, 10, 0x11);
    fill(world, 300, 200, 0x44);
    display_present(world->display, &(struct rect){290, 190, 60, 60}, 1);
    assert_int_equal(pixel_soon(world, 320, 220, 0x442233), 0x442233);
    assert_int_equal(pixel(world, 20, 20), 0xaa2233); /* not presented, not shown */
    for (int i = 0; i < 200; i++) {                   /* many in a row do not overtake each other */
        fill(world, 10, 10, i);
        display_present(world->display, &(struct rect){0, 0, 100, 100}, 1);
    }
    assert_int_equal(pixel_soon(world, 20, 20, 0xc72233), 0xc72233);
}

static void send_key(struct world *world, uint8_t type, xcb_keycode_t code, xcb_timestamp_t time)
{
    xcb_key_press_event_t event;
    memset(&event, 0, sizeof(event));
    event.response_type = type;
    event.detail = code;
    event.time = time;
    event.event = world->window;
    event.same_screen = 1;
    xcb_send_event(world->other, 0, world->window, XCB_EVENT_MASK_KEY_PRESS | XCB_EVENT_MASK_KEY_RELEASE,
                   (const char *)&event);
    xcb_flush(world->other);
}

/* The key code that the server's keyboard has for a symbol. */
static xcb_keycode_t code_of(struct world *world, uint32_t symbol)
{
    const xcb_setup_t *setup = xcb_get_setup(world->other);
    xcb_get_keyboard_mapping_reply_t *map = xcb_get_keyboard_mapping_reply(
        world->other,
        xcb_get_keyboard_mapping(world->other, setup->min_keycode,
                                 (uint8_t)(setup->max_keycode - setup->min_keycode + 1)),
        NULL);
    assert_non_null(map);
    const xcb_keysym_t *symbols = xcb_get_keyboard_mapping_keysyms(map);
    xcb_keycode_t found = 0;
    for (int i = 0; i < xcb_get_keyboard_mapping_keysyms_length(map) && !found; i += map->keysyms_per_keycode)
        if (symbols[i] == symbol)
            found = (xcb_keycode_t)(setup->min_keycode + i / map->keysyms_per_keycode);
    free(map);
    assert_true(found != 0);
    return found;
}

static void expect_keys(struct world *world, const char *keys)
{
    for (int i = 0; i < 500 && strlen(world->keys) < strlen(keys); i++) {
        uv_run(&world->loop, UV_RUN_NOWAIT);
        usleep(10000);
    }
    assert_string_equal(world->keys, keys);
}

static void keyboard_is_the_remote(void **state)
{
    static const uint32_t symbols[] = {0xff52, 0xff54, 0xff51, 0xff53, 0xff0d, 0xff1b, 0xff08, 0xff50, '7',
                                       0xffbe, 0xffc1, 0xff55, '-',    'm',    'i',    0xffc7, 'q'};
    struct world *world = *state;
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        xcb_keycode_t code = code_of(world, symbols[i]);
        send_key(world, XCB_KEY_PRESS, code, (xcb_timestamp_t)(100 + i * 10));
        send_key(world, XCB_KEY_RELEASE, code, (xcb_timestamp_t)(105 + i * 10));
    }
    expect_keys(world,
                "up down left right ok back back home 7 red blue channel_up volume_down mute info menu ");
}

static void a_held_key_repeats(void **state)
{
    struct world *world = *state;
    xcb_keycode_t code = code_of(world, 0xff54);
    send_key(world, XCB_KEY_PRESS, code, 100);
    for (xcb_timestamp_t time = 200; time < 400; time += 100) { /* how X says that a key is held */
        send_key(world, XCB_KEY_RELEASE, code, time);
        send_key(world, XCB_KEY_PRESS, code, time);
    }
    send_key(world, XCB_KEY_RELEASE, code, 500);
    send_key(world, XCB_KEY_PRESS, code, 600);
    expect_keys(world, "down down* down* down ");
}

static void close_button(void **state)
{
    struct world *world = *state;
    xcb_intern_atom_reply_t *atoms[2];
    const char *names[2] = {"WM_PROTOCOLS", "WM_DELETE_WINDOW"};
    for (int i = 0; i < 2; i++)
        atoms[i] = xcb_intern_atom_reply(
            world->other, xcb_intern_atom(world->other, 0, (uint16_t)strlen(names[i]), names[i]), NULL);
    xcb_client_message_event_t event = {
        .response_type = XCB_CLIENT_MESSAGE, .format = 32, .window = world->window, .type = atoms[0]->atom};
    event.data.data32[0] = atoms[1]->atom;
    xcb_send_event(world->other, 0, world->window, 0, (const char *)&event);
    xcb_flush(world->other);
    for (int i = 0; i < 500 && !world->closed; i++) {
        uv_run(&world->loop, UV_RUN_NOWAIT);
        usleep(10000);
    }
    assert_int_equal(world->closed, 1);
    free(atoms[0]);
    free(atoms[1]);
}

int main(void)
{
    if (!start_server()) {
        printf("skipped: no Xvfb here (package xvfb)\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shows_what_is_presented, setup, teardown),
        cmocka_unit_test_setup_teardown(keyboard_is_the_remote, setup, teardown),
        cmocka_unit_test_setup_teardown(a_held_key_repeats, setup, teardown),
        cmocka_unit_test_setup_teardown(close_button, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stop_server();
    return failed;
}
