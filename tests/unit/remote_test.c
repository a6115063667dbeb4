/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include "base/file.h"
#include "remote/keysym.h"
#include "remote/remote.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct world {
    uv_loop_t loop;
    struct remote *remote;
    char folder[64], path[96];
    char log[512]; /* what was called, in order */
    struct remote_request *waiting;
    bool destroy_on_key;
};

static void on_key(void *context, struct key_event event)
{
    struct world *world = context;
    strcat(strcat(world->log, key_name(event.key)), event.repeat ? "* " : " ");
    if (world->destroy_on_key) {
        remote_destroy(world->remote);
        world->remote = NULL;
    }
}

static void on_command(void *context, struct remote_request *request, const char *line)
{
    struct world *world = context;
    strcat(strcat(strcat(world->log, "["), line), "] ");
    if (strcmp(line, "wait-idle") == 0)
        world->waiting = request;
    else
        remote_answer(request, strcmp(line, "fine") == 0 ? NULL : "no such thing");
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    strcpy(world->folder, "/tmp/kokonor-remote-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    snprintf(world->path, sizeof(world->path), "%s/remote", world->folder);
    uv_loop_init(&world->loop);
    world->remote = remote_create(&(struct remote_options){&world->loop, on_key, on_command, world});
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    remote_destroy(world->remote);
    uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world->loop), 0);
    assert_int_not_equal(access(world->path, F_OK), 0); /* the socket file is gone */
    file_remove_tree(world->folder, NULL);
    free(world);
    return 0;
}

static int dial(struct world *world)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    strcpy(address.sun_path, world->path);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Turns the loop until size bytes or the end have come; returns how many. */
static size_t receive(struct world *world, int fd, char *text, size_t size)
{
    size_t used = 0;
    for (int turn = 0; turn < 200000 && used < size; turn++) {
        uv_run(&world->loop, UV_RUN_NOWAIT);
        ssize_t got = read(fd, text + used, size - used);
        if (got == 0)
            break;
        if (got > 0)
            used += (size_t)got;
    }
    text[used] = '\0';
    return used;
}

static void expect(struct world *world, int fd, const char *send, const char *answer)
{
    char text[2048];
    assert_int_equal(write(fd, send, strlen(send)), strlen(send));
    receive(world, fd, text, strlen(answer));
    assert_string_equal(text, answer);
}

static void names(void **state)
{
    (void)state;
    for (int key = KEY_NONE + 1; key < KEY_COUNT; key++)
        assert_int_equal(key_from_name(key_name((enum key)key)), key);
    assert_int_equal(key_from_name("none"), KEY_NONE);
    assert_int_equal(key_from_name(""), KEY_NONE);
    assert_string_equal(key_name(KEY_COUNT), "none");
}

static void memory(void **state)
{
    struct world *world = *state;
    struct error error;
    assert_true(remote_attach(world->remote, "memory", NULL, &error));
    remote_send(world->remote, (struct key_event){KEY_RED, true});
    remote_send(world->remote, (struct key_event){KEY_NONE, false});
    assert_string_equal(world->log, "red* ");
    assert_false(remote_attach(world->remote, "infrared", NULL, &error));
    assert_non_null(strstr(error.text, "infrared"));
    assert_false(remote_attach(world->remote, "evdev", "/nowhere/event0", &error));
    assert_non_null(strstr(error.text, "/nowhere/event0"));
}

static void script(void **state)
{
    struct world *world = *state;
    struct error error;
    struct stat status;
    assert_true(remote_attach(world->remote, "socket", world->path, &error));
    assert_int_equal(stat(world->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    int fd = dial(world);
    expect(world, fd, "key ok\n", "ok\n");
    expect(world, fd, "key 5\nkey channel_up\r\n", "ok\nok\n");
    expect(world, fd, "key jump\n", "error \"jump\" is no key of the remote\n");
    expect(world, fd, "fine\nfoul\n", "ok\nerror no such thing\n");
    assert_string_equal(world->log, "ok 5 channel_up [fine] [foul] ");
    close(fd);
}

static void answers_wait_in_order(void **state)
{
    struct world *world = *state;
    char text[64];
    assert_true(remote_attach(world->remote, "socket", world->path, NULL));
    int fd = dial(world);
    assert_int_equal(write(fd, "wait-idle\nkey up\n", 17), 17);
    for (int i = 0; i < 1000 && !world->waiting; i++)
        uv_run(&world->loop, UV_RUN_NOWAIT);
    for (int i = 0; i < 50; i++)
        uv_run(&world->loop, UV_RUN_NOWAIT);
    assert_string_equal(world->log, "[wait-idle] "); /* the key waits behind the answer */
    remote_answer(world->waiting, NULL);
    receive(world, fd, text, 6);
    assert_string_equal(text, "ok\nok\n");
    assert_string_equal(world->log, "[wait-idle] up ");
    close(fd);
}

static void asker_goes_away(void **state)
{
    struct world *world = *state;
    assert_true(remote_attach(world->remote, "socket", world->path, NULL));
    int fd = dial(world);
    assert_int_equal(write(fd, "wait-idle\n", 10), 10);
    for (int i = 0; i < 1000 && !world->waiting; i++)
        uv_run(&world->loop, UV_RUN_NOWAIT);
    close(fd);
    for (int i = 0; i < 50; i++)
        uv_run(&world->loop, UV_RUN_NOWAIT);
    remote_answer(world->waiting, NULL); /* must not touch what is gone */
}

static void key_ends_the_remote(void **state)
{
    struct world *world = *state;
    char text[64];
    assert_true(remote_attach(world->remote, "socket", world->path, NULL));
    int fd = dial(world);
    world->destroy_on_key = true;
    assert_int_equal(write(fd, "key home\nkey up\n", 16), 16);
    assert_int_equal(receive(world, fd, text, sizeof(text) - 1), 0);
    assert_string_equal(world->log, "home ");
    close(fd);
}

static void endless_line(void **state)
{
    struct world *world = *state;
    char text[2000];
    assert_true(remote_attach(world->remote, "socket", world->path, NULL));
    int fd = dial(world);
    memset(text, 'a', sizeof(text));
    assert_true(write(fd, text, sizeof(text)) > 0);
    assert_int_equal(receive(world, fd, text, 10), 0); /* cut off */
    close(fd);
    fd = dial(world);
    expect(world, fd, "key ok\n", "ok\n");
    close(fd);
}

static void paths(void **state)
{
    struct world *world = *state;
    struct error error;
    assert_true(remote_attach(world->remote, "socket", world->path, NULL));
    assert_false(remote_attach(world->remote, "socket", world->path, &error)); /* in use */
    assert_non_null(strstr(error.text, "in use"));
    char other[128];
    snprintf(other, sizeof(other), "%s/file", world->folder);
    assert_true(file_write(other, "x", 1, NULL));
    assert_false(remote_attach(world->remote, "socket", other, &error));
    assert_int_equal(access(other, F_OK), 0); /* somebody's file is left alone */
    /* what a killed program left is taken over */
    snprintf(other, sizeof(other), "%s/stale", world->folder);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, other);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
    assert_true(remote_attach(world->remote, "socket", other, &error));
}

static void a_keyboard_is_a_remote(void **state)
{
    static const struct {
        uint32_t symbol;
        const char *name;
    } cases[] = {
        {0xff52, "up"},
        {0xff8d, "ok"},
        {0xff1b, "back"},
        {0x1008ff18, "home"},
        {0xffbe, "red"},
        {0xffc1, "blue"},
        {0xff56, "channel_down"},
        {'=', "volume_up"},
        {0xffc7, "menu"},
        {'0', "0"},
        {'9', "9"},
        {0xffb0, "0"},
        {0xffb9, "9"},
        {'/', "none"},
        {':', "none"},
        {0xffba, "none"},
        {0, "none"},
        {UINT32_MAX, "none"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(key_name(key_from_keysym(cases[i].symbol)), cases[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_keyboard_is_a_remote),
        cmocka_unit_test(names),
        cmocka_unit_test_setup_teardown(memory, setup, teardown),
        cmocka_unit_test_setup_teardown(script, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_wait_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(asker_goes_away, setup, teardown),
        cmocka_unit_test_setup_teardown(key_ends_the_remote, setup, teardown),
        cmocka_unit_test_setup_teardown(endless_line, setup, teardown),
        cmocka_unit_test_setup_teardown(paths, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
