/* SPDX-License-Identifier: Apache-2.0 */
/* The screen over the network: what viewers see and press, and what they must not be able to do. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include "base/log.h"
#include "display/display.h"
#include "rfb_client.h"
#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASSWORD "lake3196"

struct world {
    struct display *display;
    uv_loop_t loop;
    int web, vnc;
    char keys[512];
};

static const struct display_vnc place = {.password = PASSWORD, .resources = SOURCE_DIR "/resources"};
static atomic_int not_looked_at;

static void on_log(void *context, enum log_level level, const char *module, const char *text)
{
    (void)context;
    (void)level;
    (void)module;
    assert_null(strstr(text, PASSWORD));
    if (strstr(text, "not looked at"))
        atomic_fetch_add(&not_looked_at, 1);
}

static void on_key(void *context, struct key_event event)
{
    struct world *world = context;
    strcat(strcat(world->keys, key_name(event.key)), event.repeat ? "* " : " ");
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct error error = {""};
    char address[64];
    const struct display_options options = {.presenter = "vnc", .width = 640, .height = 360, .vnc = place};
    log_set_sink(on_log, NULL);
    world->display = display_create(&options, &error);
    if (!world->display)
        fail_msg("%s", error.text);
    display_address(world->display, address, sizeof(address));
    assert_int_equal(sscanf(address, "web %d vnc %d", &world->web, &world->vnc), 2);
    uv_loop_init(&world->loop);
    assert_true(display_watch(world->display, &world->loop, on_key, NULL, world, &error));
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    display_destroy(world->display); /* with whoever is still connected */
    uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world->loop), 0);
    free(world);
    log_set_sink(NULL, NULL);
    return 0;
}

static void fill(struct world *world, int x, int y, int w, int h, uint32_t colour)
{
    IDirectFBSurface *canvas = display_canvas(world->display);
    canvas->SetColor(canvas, (u8)(colour >> 16), (u8)(colour >> 8), (u8)colour, 0xff);
    canvas->FillRectangle(canvas, x, y, w, h);
}

static void present(struct world *world, int x, int y, int w, int h)
{
    display_present(world->display, &(struct rect){x, y, w, h}, 1);
}

/* Each pixel differs from its neighbours. */
static void paint(struct world *world)
{
    void *pixels;
    int pitch;
    IDirectFBSurface *canvas = display_canvas(world->display);
    assert_int_equal(canvas->Lock(canvas, DSLF_WRITE, &pixels, &pitch), DFB_OK);
    for (int y = 0; y < 360; y++)
        for (int x = 0; x < 640; x++)
            ((uint32_t *)(void *)((char *)pixels + y * pitch))[x] =
                0xff000000u | (uint32_t)(x * 0x10101 + y * 0x30507);
    canvas->Unlock(canvas);
}

static bool same(struct world *world, const struct rfb_client *client)
{
    void *pixels;
    int pitch;
    bool good = true;
    IDirectFBSurface *canvas = display_canvas(world->display);
    assert_int_equal(canvas->Lock(canvas, DSLF_READ, &pixels, &pitch), DFB_OK);
    for (int y = 0; y < 360 && good; y++)
        for (int x = 0; x < 640 && good; x++)
            good = (((uint32_t *)(void *)((char *)pixels + y * pitch))[x] & 0xffffff) ==
                   client->pixels[y * 640 + x];
    canvas->Unlock(canvas);
    return good;
}

/* Asks and takes until an update is there, while main goes on; the area of that update. */
static size_t update(struct world *world, struct rfb_client *client)
{
    size_t area;
    assert_true(rfb_ask(client, true));
    for (int i = 0; i < 4000 && !rfb_waits(client); i++) {
        uv_run(&world->loop, UV_RUN_NOWAIT);
        usleep(5000);
    }
    assert_true(rfb_take(client, &area));
    return area;
}

static struct rfb_client viewer(struct world *world)
{
    struct rfb_client client;
    if (!rfb_open(&client, world->vnc, PASSWORD))
        fail_msg("no viewer gets in");
    assert_int_equal(client.width, 640);
    assert_int_equal(client.height, 360);
    return client;
}

static void see(struct world *world, struct rfb_client *client)
{
    for (int i = 0; i < 20 && !same(world, client); i++)
        update(world, client);
    assert_true(same(world, client));
}

static void pixels_arrive(void **state)
{
    struct world *world = *state;
    paint(world);
    present(world, 0, 0, 640, 360); /* nobody watches yet */
    struct rfb_client one = viewer(world), two;
    see(world, &one);
    fill(world, 100, 50, 30, 20, 0x123456);
    fill(world, 300, 50, 30, 20, 0x654321); /* not presented */
    present(world, 100, 50, 30, 20);
    size_t area = update(world, &one);
    assert_int_equal(area, 30 * 20); /* what changed, and no more */
    assert_int_equal(one.pixels[60 * 640 + 110], 0x123456);
    assert_false(same(world, &one));
    present(world, 300, 50, 30, 20);
    two = viewer(world);
    see(world, &two);
    see(world, &one);
    rfb_finish(&one);
    fill(world, 0, 0, 640, 360, 0x00ff00);
    present(world, 0, 0, 640, 360);
    see(world, &two);
    rfb_finish(&two);
    fill(world, 5, 5, 300, 300, 0xff00ff); /* while nobody watches, then someone again */
    present(world, 5, 5, 300, 300);
    one = viewer(world);
    see(world, &one);
    rfb_finish(&one);
}

static void keys_arrive(void **state)
{
    static const uint32_t symbols[] = {0xff52, 0xff0d, 0xff1b, 0xff50, '7', 0xffbe, 0xff55, '-', 'm', 'q'};
    struct world *world = *state;
    struct rfb_client client = viewer(world);
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        assert_true(rfb_key(&client, symbols[i], true));
        assert_true(rfb_key(&client, symbols[i], false));
    }
    for (int i = 0; i < 3; i++) /* held */
        assert_true(rfb_key(&client, 0xff54, true));
    assert_true(rfb_key(&client, 0xff54, false));
    assert_true(rfb_key(&client, 0xff54, true));
    const char *expected = "up ok back home 7 red channel_up volume_down mute down down* down* down ";
    for (int i = 0; i < 4000 && strlen(world->keys) < strlen(expected); i++) {
        uv_run(&world->loop, UV_RUN_NOWAIT);
        usleep(5000);
    }
    assert_string_equal(world->keys, expected);
    for (int i = 0; i < 5000; i++) /* a flood, and main is busy: some are dropped, nothing grows */
        assert_true(rfb_key(&client, '5', i % 2 == 0));
    see(world, &client);
    world->keys[0] = 0;
    uv_run(&world->loop, UV_RUN_NOWAIT);
    assert_true(strlen(world->keys) < sizeof(world->keys) - 1);
    rfb_finish(&client);
}

static void wrong_passwords(void **state)
{
    struct world *world = *state;
    struct rfb_client client;
    for (int i = 0; i < 100 && atomic_load(&not_looked_at) == 0; i++) {
        assert_false(rfb_open(&client, world->vnc, i % 2 ? "lake3197" : ""));
        rfb_finish(&client);
    }
    assert_true(atomic_load(&not_looked_at) > 0); /* guessing is slow */
    bool in = false;
    for (int i = 0; i < 100 && !in; i++) {
        in = rfb_open(&client, world->vnc, PASSWORD);
        if (!in)
            rfb_finish(&client);
        usleep(in ? 0 : 100000);
    }
    assert_true(in);
    see(world, &client);
    rfb_finish(&client);
}

/* Left open until the end of the test. */
static void rubbish(struct world *world, int port, const void *data, size_t size, int *fd)
{
    *fd = tcp_open(port);
    assert_true(*fd >= 0);
    tcp_send(*fd, data, size); /* it may have been closed already */
    struct rfb_client client = viewer(world);
    see(world, &client);
    rfb_finish(&client);
}

#define BYTES(text) text, sizeof(text) - 1

static void rubbish_before_the_password(void **state)
{
    static const struct {
        const char *data;
        size_t size;
    } cases[] = {
        {BYTES("")},
        {BYTES("R")},
        {BYTES("RFB 003.008\n\2")},
        {BYTES("RFB 999.999\n\1\1\1\1")},
        {BYTES("RFB 003.003\n0123456789abcdef")},
        {BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03rubbish")},
        {BYTES("\x80\x2e\x01\x00\x02")},
        {BYTES("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n")},
        {BYTES("GET /\r\n\r\n")},
        {BYTES("GET / HTTP/1.1\r\nSec-WebSocket-Key: \r\nSec-WebSocket-Version: 13\r\nHost: \r\nOrigin: "
               "\r\n\r\n")},
        {BYTES("\r\n\r\n")},
        {BYTES("\0\0\0\0\r\n\r\n")},
        {BYTES("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\nabc")},
    };
    struct world *world = *state;
    char large[20000];
    int fds[64];
    size_t count = 0;
    memset(large, 'a', sizeof(large));
    memcpy(large, "GET /", 5);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rubbish(world, world->vnc, cases[i].data, cases[i].size, &fds[count++]);
        rubbish(world, world->web, cases[i].data, cases[i].size, &fds[count++]);
    }
    rubbish(world, world->vnc, large, sizeof(large), &fds[count++]);
    rubbish(world, world->web, large, sizeof(large), &fds[count++]);
    while (count > 0)
        close(fds[--count]);
}

static void rubbish_behind_the_password(void **state)
{
    static const struct {
        const char *data;
        size_t size;
    } cases[] = {
        {BYTES("\xff\xff\xff\xff")},
        {BYTES("\x06\0\0\0\xff\xff\xff\xff")},                         /* a clipboard of 4 GiB */
        {BYTES("\x06\0\0\0\x80\0\0\0")},                               /* an extended one of 2 GiB */
        {BYTES("\x06\0\0\0\0\x0f\xff\xff")},                           /* one that never comes */
        {BYTES("\2\0\xff\xff")},                                       /* 65535 encodings that never come */
        {BYTES("\0\0\0\0\x18\x18\0\1\0\xff\0\xff\0\xff\0\0\0\0\0\0")}, /* 24 bits a pixel */
        {BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\0\0\0")},
        {BYTES("\0\0\0\0\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\3\0\0\0\0\0\xff\xff\xff\xff")},
        {BYTES("\3\0\xff\xff\xff\xff\xff\xff\xff\xff")}, /* pixels outside */
        {BYTES("\7\0\0\0\0\0\0\0")},                     /* a file */
        {BYTES("\x08\0\0\0")},                           /* scale 0 */
        {BYTES("\x08\xff\0\0\3\0\0\0\0\0\2\x80\1\x68")}, /* scale 255 */
        {BYTES("\x0f\1\0\0\3\0\0\0\0\0\2\x80\1\x68")},
        {BYTES("\xfb\0\x7f\xff\x7f\xff\xff\0")}, /* a desktop of another size, 255 screens */
        {BYTES("\xfa\0\1\2")},
    };
    struct world *world = *state;
    struct rfb_client bad[sizeof(cases) / sizeof(cases[0])], good;
    paint(world);
    present(world, 0, 0, 640, 360);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bad[i] = viewer(world);
        tcp_send(bad[i].fd, cases[i].data, cases[i].size);
        good = viewer(world);
        see(world, &good);
        rfb_finish(&good);
        rfb_finish(&bad[i]);
    }
}

static void crowd(void **state)
{
    struct world *world = *state;
    int fds[120];
    for (size_t i = 0; i < 120; i++) /* silent, or in the middle of a word */
        assert_true((fds[i] = tcp_open(i % 2 ? world->vnc : world->web)) >= 0 &&
                    (i % 3 || tcp_send(fds[i], "G", 1)));
    struct rfb_client client = {.fd = -1};
    bool in = false;
    for (int i = 0; i < 50 && !in; i++) {
        in = rfb_open(&client, world->vnc, PASSWORD);
        if (!in)
            rfb_finish(&client);
    }
    assert_true(in);
    see(world, &client);
    for (size_t i = 0; i < 120; i++)
        close(fds[i]);
    see(world, &client);
    rfb_finish(&client);
}

/* One asks for everything again and again and reads nothing: neither main nor the other viewer waits for it,
 * and the display can be closed. */
static void slow_viewer(void **state)
{
    struct world *world = *state;
    struct rfb_client slow = viewer(world), quick = viewer(world);
    see(world, &quick);
    for (int i = 0; i < 60; i++) {
        rfb_ask(&slow, false);
        fill(world, 0, 0, 640, 360, (uint32_t)i * 0x040201);
        present(world, 0, 0, 640, 360);
        see(world, &quick);
    }
    rfb_finish(&quick);
    teardown(state);
    rfb_finish(&slow);
    setup(state);
}

static void page(struct world *world, const char *request, int status, const char *holds)
{
    char text[256 * 1024], expected[32];
    int fd = tcp_open(world->web);
    assert_true(fd >= 0 && tcp_send(fd, request, strlen(request)));
    tcp_receive_all(fd, text, sizeof(text));
    close(fd);
    snprintf(expected, sizeof(expected), "HTTP/1.1 %d ", status);
    if (strncmp(text, expected, strlen(expected)) != 0 || !strstr(text, holds))
        fail_msg("%s: expected %d and %s, found %.200s", request, status, holds, text);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

static void pages(void **state)
{
    struct world *world = *state;
    page(world, GET("/"), 200, "remote.js");
    page(world, GET("/?a=b"), 200, "remote.js");
    page(world, GET("/remote.js"), 200, "text/javascript");
    page(world, GET("/remote.css"), 200, "Content-Security-Policy");
    page(world, GET("/icon.svg"), 200, "image/svg+xml");
    page(world, GET("/strings/bo.json"), 200, "remote.password");
    page(world, GET("/novnc/core/rfb.js"), 200, "export default class RFB");
    page(world, GET("/novnc/vendor/pako/lib/zlib/inflate.js"), 200, "text/javascript");
    page(world, GET("/nothing.html"), 404, "no such page");
    page(world, GET("/novnc/vnc.html"), 404, "no such page");
    page(world, GET("/../strings/bo.json"), 404, "no such page");
    page(world, GET("/%2e%2e/strings/bo.json"), 404, "no such page");
    page(world, GET("/novnc/core/../../../../etc/passwd.js"), 404, "no such page");
    page(world, GET("/strings//bo.json"), 404, "no such page");
    page(world, GET("/strings/"), 404, "no such page");
    page(world, GET("/.hidden.js"), 404, "no such page");
    page(world, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 405,
         "only GET");
}

static size_t open_socket(struct world *world, const char *origin, int *fd, char *text, size_t size)
{
    char request[512];
    snprintf(request, sizeof(request),
             "GET /screen HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Origin: %s\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
             world->web, origin);
    *fd = tcp_open(world->web);
    assert_true(*fd >= 0 && tcp_send(*fd, request, 60)); /* in two parts */
    usleep(20000);
    assert_true(tcp_send(*fd, request + 60, strlen(request) - 60));
    return tcp_receive_all(*fd, text, size);
}

static void browser(void **state)
{
    struct world *world = *state;
    char text[144], origin[64];
    int fd;
    snprintf(origin, sizeof(origin), "http://127.0.0.1:%d", world->web);
    open_socket(world, origin, &fd, text, sizeof(text));
    assert_non_null(strstr(text, "101 Switching"));
    assert_non_null(strstr(text, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")); /* RFC 6455, 1.3 */
    assert_non_null(strstr(text, "\r\n\r\n\x82\x0cRFB 003.008\n"));
    close(fd);
    assert_int_equal(open_socket(world, "http://elsewhere.example", &fd, text, sizeof(text)), 0);
    close(fd);
    assert_int_equal(open_socket(world, "null", &fd, text, sizeof(text)), 0);
    close(fd);
}

static void rubbish_in_frames(void **state)
{
    static const struct {
        const char *data;
        size_t size;
    } cases[] = {
        {BYTES("rubbish that is no frame")},
        {BYTES("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\1\2\3\4RFB 003.008\n")}, /* 2^63 bytes */
        {BYTES("\x82\xfe\xff\xff\1\2\3\4")},
        {BYTES("\x82\x05short")}, /* not masked */
        {BYTES("\x82\x80\1\2\3\4\x82\x80\1\2\3\4")},
        {BYTES("\x89\x80\1\2\3\4\x8a\x80\1\2\3\4\x88\x82\1\2\3\4\2\xea")},
        {BYTES("\x02\x81\0\0\0\0R\0\x81\0\0\0\0F\x80\xff\xff\xff\xff")},
        {BYTES("\xf7\xff\0\0\0\0\xff\xff\xff\xff\0\0\0\0")},
    };
    struct world *world = *state;
    char text[144], origin[64];
    int fd;
    snprintf(origin, sizeof(origin), "http://127.0.0.1:%d", world->web);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        open_socket(world, origin, &fd, text, sizeof(text));
        tcp_send(fd, cases[i].data, cases[i].size);
        struct rfb_client client = viewer(world);
        see(world, &client);
        rfb_finish(&client);
        close(fd);
    }
}

/* The times that the presenter's threads have run, and how many there are. */
static long turns(size_t *threads)
{
    long sum = 0, count;
    char path[300], line[128];
    DIR *folder = opendir("/proc/self/task");
    struct dirent *entry;
    assert_non_null(folder);
    *threads = 0;
    while ((entry = readdir(folder)) != NULL) {
        bool ours = false;
        snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
        FILE *file = fopen(path, "r");
        while (file && fgets(line, sizeof(line), file)) {
            ours |= strncmp(line, "Name:\tvnc", 9) == 0 || strncmp(line, "Name:\tMHD", 9) == 0;
            if (ours && (sscanf(line, "voluntary_ctxt_switches: %ld", &count) == 1 ||
                         sscanf(line, "nonvoluntary_ctxt_switches: %ld", &count) == 1))
                sum += count;
        }
        *threads += ours;
        if (file)
            fclose(file);
    }
    closedir(folder);
    return sum;
}

static void sleeps_while_nobody_watches(void **state)
{
    struct world *world = *state;
    size_t threads;
    struct rfb_client client = viewer(world);
    see(world, &client);
    rfb_finish(&client);
    turns(&threads);
    for (int i = 0; i < 4000 && threads > 2; i++) { /* the viewer's thread ends */
        usleep(5000);
        turns(&threads);
    }
    assert_int_equal(threads, 2);
    usleep(100000);
    long before = turns(&threads);
    for (int i = 0; i < 50; i++) {
        present(world, 0, 0, 640, 360); /* a moving picture that nobody sees */
        usleep(10000);
    }
    assert_int_equal(turns(&threads), before);
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        struct display_vnc vnc;
        const char *says;
    } cases[] = {
        {{.resources = SOURCE_DIR "/resources"}, "vnc_password"},
        {{.password = "", .listen = "0.0.0.0", .resources = SOURCE_DIR "/resources"}, "vnc_password"},
        {{.password = "short", .resources = SOURCE_DIR "/resources"}, "vnc_password"},
        {{.password = "longer than eight", .resources = SOURCE_DIR "/resources"}, "vnc_password"},
        {{.password = PASSWORD, .resources = "/nowhere"}, "/nowhere/web/index.html"},
        {{.password = PASSWORD, .resources = SOURCE_DIR "/resources", .novnc = "/nowhere"}, "novnc"},
        {{.password = PASSWORD, .resources = SOURCE_DIR "/resources", .listen = "here"}, "vnc_listen"},
        {{.password = PASSWORD, .resources = SOURCE_DIR "/resources", .listen = "192.0.2.1"}, "192.0.2.1"},
    };
    struct error error;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        error.text[0] = 0;
        assert_null(
            display_create(&(struct display_options){.presenter = "vnc", .vnc = cases[i].vnc}, &error));
        if (!strstr(error.text, cases[i].says))
            fail_msg("expected %s, found %s", cases[i].says, error.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pixels_arrive, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_arrive, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_passwords, setup, teardown),
        cmocka_unit_test_setup_teardown(rubbish_before_the_password, setup, teardown),
        cmocka_unit_test_setup_teardown(rubbish_behind_the_password, setup, teardown),
        cmocka_unit_test_setup_teardown(crowd, setup, teardown),
        cmocka_unit_test_setup_teardown(slow_viewer, setup, teardown),
        cmocka_unit_test_setup_teardown(pages, setup, teardown),
        cmocka_unit_test_setup_teardown(browser, setup, teardown),
        cmocka_unit_test_setup_teardown(rubbish_in_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(sleeps_while_nobody_watches, setup, teardown),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
