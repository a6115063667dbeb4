/* SPDX-License-Identifier: Apache-2.0 */
/* The pages for browsers: our own, the strings, and noVNC's modules; read-only files below three folders. */
#include "base/log.h"
#include "display/vnc.h"
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONNECTIONS 32
#define IDLE_S 15
#define CONNECTION_MEMORY (16 * 1024)
#define PATH_SIZE 1024
#define FILE_SIZE_MAX (4 * 1024 * 1024)
#define NOVNC "/usr/share/novnc"

enum { FOLDER_PAGE, FOLDER_STRINGS, FOLDER_NOVNC, FOLDERS };

struct vnc_web {
    struct MHD_Daemon *daemon;
    char folders[FOLDERS][PATH_SIZE];
};

static const struct {
    const char *prefix;
    int folder;
} routes[] = {
    {"/strings/", FOLDER_STRINGS},
    {"/novnc/core/", FOLDER_NOVNC},
    {"/novnc/vendor/", FOLDER_NOVNC},
    {"/", FOLDER_PAGE},
};

static const char *type_of(const char *path)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(dot, types[i][0]) == 0)
            return types[i][1];
    return NULL;
}

/* Letters, digits and -_. only, no segment that begins with a dot: no way out of the folder. */
static bool plain(const char *path)
{
    for (const char *c = path; *c; c++) {
        bool first = c == path || c[-1] == '/';
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
        if (!letter && !(!first && strchr("-_./", *c)) && !(first && *c == '_'))
            return false;
    }
    return *path != 0;
}

static int open_file(const struct vnc_web *web, const char *url, const char **type, uint64_t *size)
{
    char path[2 * PATH_SIZE];
    struct stat info;
    if (strcmp(url, "/") == 0)
        url = "/index.html";
    *type = type_of(url);
    if (strlen(url) >= PATH_SIZE || !*type)
        return -1;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (strncmp(url, routes[i].prefix, strlen(routes[i].prefix)) != 0)
            continue;
        const char *name = url + strlen(routes[i].prefix);
        if (routes[i].folder == FOLDER_NOVNC)
            name = url + strlen("/novnc/");
        if (!plain(name))
            return -1;
        snprintf(path, sizeof(path), "%s/%s", web->folders[routes[i].folder], name);
        break;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > FILE_SIZE_MAX)) {
        close(fd);
        fd = -1;
    }
    if (fd >= 0)
        *size = (uint64_t)info.st_size;
    return fd;
}

static enum MHD_Result answer_plain(struct MHD_Connection *connection, unsigned status, const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **request)
{
    static const char *const headers[][2] = {
        {"Cache-Control", "no-cache"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        /* noVNC sets styles of elements; its pictures are data */
        {"Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' "
                                    "data: blob:; connect-src 'self' ws: wss:; frame-ancestors 'none'"},
    };
    const char *type = NULL;
    uint64_t size = 0;
    (void)version;
    (void)upload;
    (void)upload_size;
    (void)request;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return answer_plain(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    int fd = open_file(context, url, &type, &size);
    if (fd < 0)
        return answer_plain(connection, MHD_HTTP_NOT_FOUND, "no such page\n");
    struct MHD_Response *response = MHD_create_response_from_fd64(size, fd);
    if (!response) {
        close(fd);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

void vnc_web_serve(struct vnc_web *web, int connection)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    if (getpeername(connection, (struct sockaddr *)&address, &size) != 0)
        close(connection);
    else if (MHD_add_connection(web->daemon, connection, (struct sockaddr *)&address, size) != MHD_YES)
        log_debug("vnc: a page's connection was not taken"); /* and is closed */
}

static bool find_folders(struct vnc_web *web, const struct display_options *options, struct error *error)
{
    char probe[PATH_SIZE + 32];
    const char *resources = options->vnc.resources ? options->vnc.resources : ".";
    const char *novnc = options->vnc.novnc ? options->vnc.novnc : NOVNC;
    if (strlen(resources) > PATH_SIZE - 16 || strlen(novnc) > PATH_SIZE - 16)
        return error_set(error, "vnc: the name of a folder is too long");
    snprintf(web->folders[FOLDER_PAGE], PATH_SIZE, "%s/web", resources);
    snprintf(web->folders[FOLDER_STRINGS], PATH_SIZE, "%s/strings", resources);
    snprintf(web->folders[FOLDER_NOVNC], PATH_SIZE, "%s", novnc);
    snprintf(probe, sizeof(probe), "%s/core/rfb.js", novnc);
    if (access(probe, R_OK) != 0)
        return error_set(error, "vnc: %s is not there: install noVNC (package novnc)", probe);
    snprintf(probe, sizeof(probe), "%s/index.html", web->folders[FOLDER_PAGE]);
    return access(probe, R_OK) == 0 || error_set(error, "vnc: %s is not there", probe);
}

struct vnc_web *vnc_web_open(const struct display_options *options, struct error *error)
{
    unsigned flags = MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC;
    struct vnc_web *web = calloc(1, sizeof(*web));
    if (!web) {
        error_set(error, "vnc: out of memory");
        return NULL;
    }
    if (!find_folders(web, options, error)) {
        free(web);
        return NULL;
    }
    web->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, on_request, web, MHD_OPTION_CONNECTION_LIMIT,
                         (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
    if (web->daemon)
        return web;
    error_set(error, "vnc: the pages cannot be served");
    free(web);
    return NULL;
}

void vnc_web_close(struct vnc_web *web)
{
    if (!web)
        return;
    MHD_stop_daemon(web->daemon);
    free(web);
}
