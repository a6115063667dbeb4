/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/server.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "gateway/identity.h"
#include "gateway/intake.h"
#include "gateway/route.h"
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PEM_MAXIMUM = 256 * 1024,
    HEADERS_MAXIMUM = 32,
    CONNECTION_MEMORY = 32 * 1024,
    BACKLOG = 256,
    POLL_US = 5000,
};

struct server {
    struct ledger *ledger;
    struct MHD_Daemon *daemon;
    int socket;
    int port;
    struct buffer certificate, key, client_ca;
    atomic_uint in_flight;
    atomic_uint lose_replies;
    atomic_bool stopping;
};

/* One request while its body comes in. */
struct exchange {
    struct buffer body;
};

/* --- one request
 * ------------------------------------------------------------------------------------------------------------
 */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    if (value[0]) {
        MHD_add_response_header(response, name, value);
    }
}

static enum MHD_Result send_reply(struct server *server, struct MHD_Connection *connection,
                                  struct reply *reply)
{
    char seconds[16] = "";
    struct MHD_Response *response =
        MHD_create_response_from_buffer(reply->body.size, reply->body.data, MHD_RESPMEM_MUST_COPY);
    if (!response) {
        return MHD_NO;
    }
    if (reply->retry_after_s) {
        snprintf(seconds, sizeof seconds, "%d", reply->retry_after_s);
    }
    add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
    add_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    add_header(response, MHD_HTTP_HEADER_LOCATION, reply->location);
    add_header(response, MHD_HTTP_HEADER_ALLOW, reply->allow);
    add_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    add_header(response, "Idempotent-Replay", reply->replay ? "true" : "");
    add_header(response, MHD_HTTP_HEADER_CONNECTION, atomic_load(&server->stopping) ? "close" : "");
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct server *server, struct MHD_Connection *connection, enum problem problem)
{
    struct reply reply;
    reply_init(&reply);
    reply_problem(&reply, problem, NULL, NULL);
    enum MHD_Result result = send_reply(server, connection, &reply);
    reply_finish(&reply);
    return result;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool says_too_much(struct MHD_Connection *connection)
{
    const char *size = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return size && strtoull(size, NULL, 10) > INTAKE_BODY_MAXIMUM;
}

/* A fault that a test asked for: the order stands, the box does not hear of it. */
static bool is_lost(struct server *server, const char *method)
{
    unsigned left = atomic_load(&server->lose_replies);
    while (left > 0 && strcmp(method, "POST") == 0) {
        if (atomic_compare_exchange_weak(&server->lose_replies, &left, left - 1)) {
            return true;
        }
    }
    return false;
}

static enum MHD_Result answer(struct server *server, struct MHD_Connection *connection, const char *path,
                              const char *method, const struct exchange *exchange)
{
    char box[LEDGER_BOX_MAXIMUM + 1];
    struct reply reply;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (!info || !identity_read(info->tls_session, box)) {
        return refuse(server, connection, PROBLEM_NOT_A_SUBSCRIBER);
    }
    const struct request request = {
        .method = method,
        .path = path,
        .box = box,
        .key = header(connection, "Idempotency-Key"),
        .content_type = header(connection, MHD_HTTP_HEADER_CONTENT_TYPE),
        .body = buffer_view(&exchange->body),
    };
    reply_init(&reply);
    route_request(server->ledger, &request, &reply);
    enum MHD_Result result = is_lost(server, method) ? MHD_NO : send_reply(server, connection, &reply);
    reply_finish(&reply);
    return result;
}

/* Called once when the headers are here, then for each piece of body, then once at the end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    struct server *server = context;
    struct exchange *exchange = *state;
    (void)version;
    if (!exchange) {
        exchange = calloc(1, sizeof *exchange);
        if (!exchange) {
            return MHD_NO;
        }
        buffer_init(&exchange->body, INTAKE_BODY_MAXIMUM);
        *state = exchange;
        atomic_fetch_add(&server->in_flight, 1);
        if (MHD_get_connection_values(connection, MHD_HEADER_KIND, NULL, NULL) > HEADERS_MAXIMUM) {
            return refuse(server, connection, PROBLEM_TOO_MANY_HEADERS);
        }
        return says_too_much(connection) ? refuse(server, connection, PROBLEM_TOO_LARGE) : MHD_YES;
    }
    if (*upload_size > 0) {
        buffer_append(&exchange->body, upload, *upload_size);
        *upload_size = 0;
        return exchange->body.failed ? MHD_NO : MHD_YES; /* more than it said: no answer */
    }
    return answer(server, connection, path, method, exchange);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct server *server = context;
    struct exchange *exchange = *state;
    (void)connection;
    (void)code;
    if (exchange) {
        buffer_finish(&exchange->body);
        free(exchange);
        *state = NULL;
        atomic_fetch_sub(&server->in_flight, 1);
    }
}

static void on_connection(void *context, struct MHD_Connection *connection, void **state,
                          enum MHD_ConnectionNotificationCode code)
{
    (void)context;
    (void)state;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
        if (info) {
            identity_require(info->tls_session);
        }
    }
}

static void __attribute__((format(printf, 2, 0))) on_log(void *context, const char *format, va_list values)
{
    char text[256];
    (void)context;
    vsnprintf(text, sizeof text, format, values);
    text[strcspn(text, "\n")] = '\0';
    log_debug("%s", text);
}

/* --- start and stop
 * ---------------------------------------------------------------------------------------------------------
 */

static bool read_pem(const char *what, const char *path, struct buffer *pem, struct error *error)
{
    if (!path || !path[0]) {
        return error_set(error, "%s: no file is named in the settings", what);
    }
    if (!file_read(path, pem, error)) {
        return false;
    }
    const char *text = buffer_text(pem);
    return (text && strstr(text, "-----BEGIN ")) || error_set(error, "%s: %s holds no PEM block", what, path);
}

static int open_socket(const char *address, int port, struct error *error)
{
    char service[16];
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM},
                    *found = NULL;
    int yes = 1;
    snprintf(service, sizeof service, "%d", port);
    if (getaddrinfo(address, service, &hints, &found) != 0) {
        error_set(error, "listen address \"%.80s\": expected a numeric IPv4 or IPv6 address", address);
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool good = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
    if (!good) {
        error_set(error, "%s port %d: %s", address, port, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

static int port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char service[16] = "0";
    if (getsockname(fd, (struct sockaddr *)&address, &size) == 0) {
        getnameinfo((struct sockaddr *)&address, size, NULL, 0, service, sizeof service, NI_NUMERICSERV);
    }
    return atoi(service);
}

static struct MHD_Daemon *start_daemon(struct server *server, const struct server_options *options)
{
    unsigned flags = MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_TLS | MHD_USE_ERROR_LOG | MHD_USE_ITC;
    struct MHD_OptionItem items[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)buffer_text(&server->certificate)},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)buffer_text(&server->key)},
        {MHD_OPTION_HTTPS_MEM_TRUST, 0, (void *)buffer_text(&server->client_ca)},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {MHD_OPTION_LISTEN_SOCKET, server->socket, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)options->connections, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)options->connections_per_address, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)options->idle_s, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
        {MHD_OPTION_THREAD_POOL_SIZE, options->threads > 1 ? (intptr_t)options->threads : 0, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_log,
                            NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
                            MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_ARRAY, items,
                            MHD_OPTION_END);
}

static void free_server(struct server *server)
{
    if (server->socket >= 0) {
        close(server->socket);
    }
    if (server->key.data) {
        explicit_bzero(server->key.data, server->key.size);
    }
    buffer_finish(&server->certificate);
    buffer_finish(&server->key);
    buffer_finish(&server->client_ca);
    free(server);
}

struct server *server_start(struct ledger *ledger, const struct server_options *options, struct error *error)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server) {
        error_set(error, "no memory");
        return NULL;
    }
    server->ledger = ledger;
    server->socket = -1;
    atomic_init(&server->lose_replies, options->lose_replies);
    buffer_init(&server->certificate, PEM_MAXIMUM);
    buffer_init(&server->key, PEM_MAXIMUM);
    buffer_init(&server->client_ca, PEM_MAXIMUM);
    bool good = read_pem("certificate", options->certificate_path, &server->certificate, error) &&
                read_pem("key", options->key_path, &server->key, error) &&
                read_pem("client_ca", options->client_ca_path, &server->client_ca, error);
    server->socket = good ? open_socket(options->address, options->port, error) : -1;
    if (server->socket >= 0) {
        server->port = port_of(server->socket);
        server->daemon = start_daemon(server, options);
        if (!server->daemon) {
            error_set(error, "HTTPS cannot start: is %s the certificate of the key %s?",
                      options->certificate_path, options->key_path);
        }
    }
    if (!server->daemon) {
        free_server(server);
        return NULL;
    }
    return server;
}

int server_port(const struct server *server)
{
    return server->port;
}

void server_stop(struct server *server, int grace_ms)
{
    if (!server) {
        return;
    }
    int64_t end_us = clock_monotonic_us() + (int64_t)grace_ms * 1000;
    atomic_store(&server->stopping, true);
    int fd = MHD_quiesce_daemon(server->daemon);
    if (fd >= 0) {
        close(fd);
    }
    server->socket = -1;
    while (atomic_load(&server->in_flight) > 0 && clock_monotonic_us() < end_us) {
        clock_sleep_us(POLL_US);
    }
    MHD_stop_daemon(server->daemon);
    free_server(server);
}
