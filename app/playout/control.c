/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/control.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_TIMEOUT_MS 5000 /* for one request to come in whole, and for its answer to be taken */
#define WAITING_MAX 8

struct control {
    int fd, stop_fd;
    control_handle_fn *handle;
    void *context;
    pthread_t thread;
    bool running;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/* One end of a connection: non-blocking, with a time by which it must be done. stop_fd < 0: none. */
struct wire {
    int fd, stop_fd;
    int64_t until_us;
};

json_t *control_error(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    text_make_plain(text); /* JSON takes nothing else */
    return json_pack("{s:b, s:s}", "ok", 0, "error", text);
}

/* Waits until fd is ready for events; false: too late, or stopped. */
static bool wait_for(const struct wire *wire, short events)
{
    int64_t left_us = wire->until_us - clock_monotonic_us();
    struct pollfd fds[2] = {{.fd = wire->fd, .events = events}, {.fd = wire->stop_fd, .events = POLLIN}};
    return left_us > 0 && poll(fds, 2, (int)(left_us / 1000) + 1) > 0 && !fds[1].revents;
}

static bool write_all(const struct wire *wire, const void *data, size_t size)
{
    const uint8_t *at = data;
    while (size > 0) {
        ssize_t sent = send(wire->fd, at, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (sent < 0 && !wait_for(wire, POLLOUT))
            return false;
        if (sent > 0) {
            at += sent;
            size -= (size_t)sent;
        }
    }
    return true;
}

static ssize_t read_some(const struct wire *wire, void *data, size_t size)
{
    for (;;) {
        ssize_t got = recv(wire->fd, data, size, MSG_DONTWAIT);
        if (got >= 0 || (errno != EAGAIN && errno != EINTR))
            return got;
        if (!wait_for(wire, POLLIN))
            return -1;
    }
}

/* Reads until a line's end, which is not kept, and what came behind it stays in rest. False: no whole line
 * within maximum bytes, or the connection ended. */
static bool read_line(const struct wire *wire, struct buffer *line, struct buffer *rest)
{
    char bytes[4096];
    for (;;) {
        ssize_t got = read_some(wire, bytes, sizeof(bytes));
        if (got <= 0)
            return false;
        const char *end = memchr(bytes, '\n', (size_t)got);
        size_t size = end ? (size_t)(end - bytes) : (size_t)got;
        buffer_append(line, bytes, size);
        if (line->failed)
            return false;
        if (!end)
            continue;
        buffer_append(rest, end + 1, (size_t)got - size - 1);
        return !rest->failed;
    }
}

static bool read_body(const struct wire *wire, struct buffer *body, size_t size)
{
    char bytes[16384];
    while (body->size < size) {
        size_t left = size - body->size;
        ssize_t got = read_some(wire, bytes, left < sizeof(bytes) ? left : sizeof(bytes));
        if (got <= 0)
            return false;
        buffer_append(body, bytes, (size_t)got);
        if (body->failed)
            return false;
    }
    return true;
}

static bool send_json(const struct wire *wire, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    bool good = text && write_all(wire, text, strlen(text)) && write_all(wire, "\n", 1);
    free(text);
    return good;
}

/* The answer to what came in; NULL without memory or where nobody waits for one any more. */
static json_t *answer(struct control *control, const struct wire *wire, struct buffer *line,
                      struct buffer *body)
{
    if (!read_line(wire, line, body))
        return line->failed ? control_error("expected a line of at most %d bytes", CONTROL_LINE_MAX) : NULL;
    json_error_t where;
    json_t *request = json_loadb((const char *)line->data, line->size, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_object(request)) {
        json_decref(request);
        return control_error("expected a JSON object on a line");
    }
    json_int_t size = json_integer_value(json_object_get(request, "size"));
    json_t *result;
    if (size < 0 || size > CONTROL_BODY_MAX || (size_t)size < body->size)
        result = control_error("size: expected 0 to %u, the bytes behind the line", CONTROL_BODY_MAX);
    else if (!read_body(wire, body, (size_t)size))
        result = control_error("expected %lld bytes behind the line, found fewer", (long long)size);
    else
        result = control->handle(control->context, request, buffer_view(body));
    json_decref(request);
    return result;
}

static void serve(struct control *control, int fd)
{
    struct wire wire = {.fd = fd,
                        .stop_fd = control->stop_fd,
                        .until_us = clock_monotonic_us() + REQUEST_TIMEOUT_MS * INT64_C(1000)};
    struct buffer line, body;
    buffer_init(&line, CONTROL_LINE_MAX);
    buffer_init(&body, CONTROL_BODY_MAX);
    json_t *result = answer(control, &wire, &line, &body);
    wire.until_us = clock_monotonic_us() + REQUEST_TIMEOUT_MS * INT64_C(1000);
    /* stop was perhaps what was asked for: the answer goes out all the same */
    wire.stop_fd = -1;
    if (result && !send_json(&wire, result))
        log_debug("control: a client was gone before its answer");
    json_decref(result);
    buffer_finish(&line);
    buffer_finish(&body);
}

static void *run(void *context)
{
    struct control *control = context;
    struct pollfd fds[2] = {{.fd = control->fd, .events = POLLIN},
                            {.fd = control->stop_fd, .events = POLLIN}};
    while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
        if (fds[1].revents)
            break;
        if (!fds[0].revents)
            continue;
        int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            serve(control, fd);
            close(fd);
        } else if (errno != EINTR && errno != ECONNABORTED && errno != EAGAIN) {
            clock_sleep_us(100000); /* no file descriptors: others may free some */
        }
    }
    return NULL;
}

static bool set_address(struct sockaddr_un *address, const char *path, struct error *error)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (!path[0] || strlen(path) >= sizeof(address->sun_path))
        return error_set(error, "%s: a socket's path has 1 to %zu bytes", path,
                         sizeof(address->sun_path) - 1);
    strcpy(address->sun_path, path);
    return true;
}

static int connect_to(const char *path, struct error *error)
{
    struct sockaddr_un address;
    if (!set_address(&address, path, error))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    error_set(error, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool remove_stale(const char *path, struct error *error)
{
    struct stat status;
    if (lstat(path, &status) < 0)
        return true;
    if (!S_ISSOCK(status.st_mode))
        return error_set(error, "%s: expected no file or an unused socket, found a file", path);
    int fd = connect_to(path, NULL);
    if (fd >= 0) {
        close(fd);
        return error_set(error, "%s: another program listens there", path);
    }
    unlink(path);
    return true;
}

static bool listen_at(struct control *control, const char *path, struct error *error)
{
    struct sockaddr_un address;
    if (!set_address(&address, path, error) || !remove_stale(path, error))
        return false;
    control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    control->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (control->fd < 0 || control->stop_fd < 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    /* The socket's own mode becomes the file's: umask would change what other threads create. */
    if (fchmod(control->fd, 0600) < 0 ||
        bind(control->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    strcpy(control->path, path);
    if (chmod(path, 0600) < 0 || listen(control->fd, WAITING_MAX) < 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    return true;
}

struct control *control_open(const char *path, control_handle_fn *handle, void *context, struct error *error)
{
    struct control *control = calloc(1, sizeof(*control));
    if (!control) {
        error_set(error, "control socket: out of memory");
        return NULL;
    }
    *control = (struct control){.fd = -1, .stop_fd = -1, .handle = handle, .context = context};
    if (listen_at(control, path, error)) {
        control->running = pthread_create(&control->thread, NULL, run, control) == 0;
        if (control->running)
            return control;
        error_set(error, "control socket: no thread");
    }
    control_close(control);
    return NULL;
}

void control_close(struct control *control)
{
    if (!control)
        return;
    if (control->running) {
        eventfd_write(control->stop_fd, 1);
        pthread_join(control->thread, NULL);
    }
    if (control->path[0])
        unlink(control->path);
    if (control->fd >= 0)
        close(control->fd);
    if (control->stop_fd >= 0)
        close(control->stop_fd);
    free(control);
}

json_t *control_ask(const char *path, const json_t *request, struct bytes body, int timeout_ms,
                    struct error *error)
{
    struct buffer line, rest;
    struct wire wire = {.fd = connect_to(path, error),
                        .stop_fd = -1,
                        .until_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000};
    if (wire.fd < 0)
        return NULL;
    buffer_init(&line, CONTROL_ANSWER_MAX);
    buffer_init(&rest, 4096);
    json_t *result = NULL;
    json_error_t where;
    bool sent = send_json(&wire, request) && (body.size == 0 || write_all(&wire, body.data, body.size));
    /* A server that refuses answers before it has read all. */
    if (read_line(&wire, &line, &rest))
        result = json_loadb((const char *)line.data, line.size, 0, &where);
    if (!result)
        error_set(error, "%s: %s", path, sent ? "no answer" : "the request was not taken");
    buffer_finish(&line);
    buffer_finish(&rest);
    close(wire.fd);
    return result;
}
