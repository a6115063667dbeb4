/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_SIZE 1024

static int connect_to(const char *path, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        error_set(error, "%s: the path is too long for a socket", path);
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        error_set(error, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static bool ask(FILE *to, FILE *from, const char *line, struct error *error)
{
    char answer[LINE_SIZE];
    if (fprintf(to, "%s\n", line) < 0 || fflush(to) != 0 || !fgets(answer, sizeof(answer), from))
        return error_set(error, "\"%s\": the box is gone", line);
    answer[strcspn(answer, "\n")] = 0;
    return !strcmp(answer, "ok") || error_set(error, "\"%s\": %s", line, answer);
}

/* Two streams over one socket: what is written and what is read may not share a buffer. */
static bool open_streams(int fd, FILE **to, FILE **from)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    *from = copy >= 0 ? fdopen(copy, "r") : NULL;
    if (!*from && copy >= 0)
        close(copy);
    *to = fdopen(fd, "w");
    if (!*to)
        close(fd);
    return *to && *from;
}

bool remote_client_run(const char *path, FILE *lines, struct error *error)
{
    char line[LINE_SIZE];
    FILE *to, *from;
    int fd = connect_to(path, error);
    if (fd < 0)
        return false;
    bool ok = open_streams(fd, &to, &from);
    if (!ok)
        error_set(error, "%s: %s", path, strerror(errno));
    while (ok && fgets(line, sizeof(line), lines)) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] && line[0] != '#')
            ok = ask(to, from, line, error);
    }
    if (from)
        fclose(from);
    if (to)
        fclose(to);
    return ok;
}
