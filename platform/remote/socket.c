/* SPDX-License-Identifier: Apache-2.0 */
/* The scripted remote: a Unix stream socket on the loop that takes a line, does it and answers. One line of a
 * connection is worked on at a time; reading stops meanwhile. */
#include "base/log.h"
#include "remote/backend.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024
#define CONNECTIONS_MAX 8

struct connection;

struct socket_source {
    uv_pipe_t server; /* data: the source, also after the remote is gone, until closed */
    struct remote *remote;
    struct connection *connections[CONNECTIONS_MAX];
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

struct connection {
    uv_pipe_t pipe;
    uv_idle_t later;
    int handles;                  /* not closed yet */
    struct socket_source *source; /* NULL: being closed */
    struct remote_request *request;
    char line[LINE_MAX_BYTES];
    size_t used;
};

struct remote_request {
    struct connection *connection; /* NULL: nobody waits for the answer any more */
};

struct answer {
    uv_write_t write;
    char text[600];
};

static void free_connection(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    if (--connection->handles == 0)
        free(connection);
}

static void close_connection(struct connection *connection)
{
    if (!connection->source)
        return;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        if (connection->source->connections[i] == connection)
            connection->source->connections[i] = NULL;
    connection->source = NULL;
    if (connection->request)
        connection->request->connection = NULL;
    uv_close((uv_handle_t *)&connection->pipe, free_connection);
    uv_close((uv_handle_t *)&connection->later, free_connection);
}

static void answered(uv_write_t *write, int status)
{
    (void)status;
    free(write->data);
}

static void send_answer(struct connection *connection, const char *error)
{
    struct answer *answer = malloc(sizeof(*answer));
    if (!answer) {
        close_connection(connection);
        return;
    }
    if (error)
        snprintf(answer->text, sizeof(answer->text), "error %.580s\n", error);
    else
        snprintf(answer->text, sizeof(answer->text), "ok\n");
    uv_buf_t buf = uv_buf_init(answer->text, (unsigned)strlen(answer->text));
    answer->write.data = answer;
    if (uv_write(&answer->write, (uv_stream_t *)&connection->pipe, &buf, 1, answered) != 0) {
        free(answer);
        close_connection(connection);
    }
}

static void send_key(struct connection *connection, const char *name)
{
    enum key key = key_from_name(name);
    char text[120];
    if (key == KEY_NONE) {
        snprintf(text, sizeof(text), "\"%.40s\" is no key of the remote", name);
        send_answer(connection, text);
        return;
    }
    /* The key may close this remote: the request tells whether the connection is still there. */
    struct remote_request *request = calloc(1, sizeof(*request));
    if (!request) {
        send_answer(connection, "out of memory");
        return;
    }
    request->connection = connection;
    connection->request = request;
    remote_send(connection->source->remote, (struct key_event){.key = key});
    remote_answer(request, NULL);
}

static void handle_line(struct connection *connection, const char *line)
{
    if (strncmp(line, "key ", 4) == 0) {
        send_key(connection, line + 4);
        return;
    }
    struct remote_request *request = calloc(1, sizeof(*request));
    if (!request) {
        send_answer(connection, "out of memory");
        return;
    }
    request->connection = connection;
    connection->request = request;
    if (!remote_command(connection->source->remote, request, line))
        remote_answer(request, "unknown command");
}

static void answered_late(uv_idle_t *idle);
static void take_lines(struct connection *connection);

void remote_answer(struct remote_request *request, const char *error)
{
    struct connection *connection = request->connection;
    free(request);
    if (!connection)
        return;
    connection->request = NULL;
    send_answer(connection, error);
    if (connection->source && connection->used > 0)
        uv_idle_start(&connection->later, answered_late);
}

static void make_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct connection *connection = handle->data;
    *buf = uv_buf_init(connection->line + connection->used,
                       (unsigned)(sizeof(connection->line) - connection->used));
}

static void received(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
    (void)buf;
    struct connection *connection = stream->data;
    if (size < 0) { /* closed, or UV_ENOBUFS: a script that does not wait for its answers */
        close_connection(connection);
        return;
    }
    connection->used += (size_t)size;
    if (connection->used == sizeof(connection->line) && !memchr(connection->line, '\n', connection->used))
        close_connection(connection); /* a line without an end */
    else
        take_lines(connection);
}

/* Works on whole lines until one is waiting for its answer; the loop's later reads go on from there. */
static void take_lines(struct connection *connection)
{
    while (connection->source && !connection->request) {
        char *end = memchr(connection->line, '\n', connection->used);
        if (!end)
            return;
        char line[LINE_MAX_BYTES];
        size_t length = (size_t)(end - connection->line);
        memcpy(line, connection->line, length);
        line[length] = '\0';
        if (length > 0 && line[length - 1] == '\r')
            line[length - 1] = '\0';
        connection->used -= length + 1;
        memmove(connection->line, end + 1, connection->used);
        handle_line(connection, line);
    }
}

/* Lines that came while an answer was outstanding are taken on the loop's next turn, not inside the answer.
 */
static void answered_late(uv_idle_t *idle)
{
    uv_idle_stop(idle);
    take_lines(idle->data);
}

static void accept_connection(uv_stream_t *server, int status)
{
    struct socket_source *source = server->data;
    if (status != 0)
        return;
    struct connection *connection = calloc(1, sizeof(*connection));
    if (!connection)
        return;
    connection->pipe.data = connection;
    connection->later.data = connection;
    connection->handles = 2;
    uv_pipe_init(server->loop, &connection->pipe, 0);
    uv_idle_init(server->loop, &connection->later);
    connection->source = source;
    size_t slot = 0;
    while (slot < CONNECTIONS_MAX && source->connections[slot])
        slot++;
    if (uv_accept(server, (uv_stream_t *)&connection->pipe) != 0 || slot == CONNECTIONS_MAX) {
        close_connection(connection);
        return;
    }
    source->connections[slot] = connection;
    uv_read_start((uv_stream_t *)&connection->pipe, make_room, received);
}

static void free_source(uv_handle_t *handle)
{
    free(handle->data);
}

/* A socket file that nobody listens at was left by a killed program and is taken over. */
static bool remove_stale(const char *path, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    if (lstat(path, &status) != 0)
        return true;
    if (!S_ISSOCK(status.st_mode))
        return error_set(error, "remote: %s is there and is no socket; choose another path", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_set(error, "remote: no socket: %m");
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    bool used = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    close(fd);
    if (used)
        return error_set(error, "remote: %s is in use by another program", path);
    unlink(path);
    return true;
}

static void *socket_open(struct remote *remote, const char *argument, struct error *error)
{
    struct socket_source *source = calloc(1, sizeof(*source));
    if (!source || !argument || strlen(argument) >= sizeof(source->path)) {
        free(source);
        error_set(error, "remote: a socket's path must be given and have at most 107 bytes");
        return NULL;
    }
    snprintf(source->path, sizeof(source->path), "%s", argument);
    source->remote = remote;
    if (!remove_stale(argument, error)) {
        free(source);
        return NULL;
    }
    uv_pipe_init(remote_loop(remote), &source->server, 0);
    source->server.data = source;
    mode_t mask = umask(0177);
    int status = uv_pipe_bind(&source->server, argument);
    umask(mask);
    if (status == 0)
        status = uv_listen((uv_stream_t *)&source->server, CONNECTIONS_MAX, accept_connection);
    if (status != 0) {
        error_set(error, "remote: cannot listen at %s: %s", argument, uv_strerror(status));
        uv_close((uv_handle_t *)&source->server, free_source);
        return NULL;
    }
    return source;
}

static void socket_close(void *context)
{
    struct socket_source *source = context;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        if (source->connections[i])
            close_connection(source->connections[i]);
    uv_close((uv_handle_t *)&source->server, free_source); /* removes the socket file */
}

const struct remote_backend remote_backend_socket = {"socket", socket_open, socket_close};
