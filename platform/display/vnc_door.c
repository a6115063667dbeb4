/* SPDX-License-Identifier: Apache-2.0 */
/* Who may come in. Two ports: on one the server speaks first (VNC viewers), on the other the client does
 * (browsers: pages and a WebSocket on one port, so that one tunnel is enough). A thread of its own; whatever
 * comes, the number of connections and their time are bounded here. */
#include "base/clock.h"
#include "base/log.h"
#include "display/vnc.h"
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 16
#define CALLERS 32         /* that have not sent a whole request yet; the oldest goes */
#define CALLER_US 10000000 /* to send it */

/* A connection to the port of browsers before it is known what it wants. */
struct caller {
    int fd; /* -1: none */
    int64_t until_us;
};

struct vnc_door {
    struct vnc *vnc;
    int epoll, wake, web, rfb; /* descriptors */
    struct caller callers[CALLERS];
    pthread_t thread;
    bool running;
    atomic_bool stop;
};

/* ---- what a browser wants ---- */

/* The value of a header in a request's head (name with its colon), without its blanks. */
static bool header(const char *head, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, length) != 0)
            continue;
        const char *start = line + length, *end = strstr(start, "\r\n");
        while (*start == ' ' || *start == '\t')
            start++;
        while (end && end > start && (end[-1] == ' ' || end[-1] == '\t'))
            end--;
        if (!end || end < start || (size_t)(end - start) >= size)
            return false;
        memcpy(value, start, (size_t)(end - start));
        value[end - start] = 0;
        return true;
    }
    return false;
}

enum wish { WISH_MORE, WISH_PAGE, WISH_SCREEN, WISH_NONE };

/* A page of another site may open a WebSocket to this machine too: its origin is not our address. */
static enum wish wish_of(const char *head, size_t size)
{
    char upgrade[32], origin[300], host[256];
    if (!strstr(head, "\r\n\r\n"))
        return size >= VNC_HEAD ? WISH_NONE : WISH_MORE;
    if (!header(head, "upgrade:", upgrade, sizeof(upgrade)))
        return WISH_PAGE;
    if (strncmp(head, "GET ", 4) != 0 || strcasecmp(upgrade, "websocket") != 0 ||
        !header(head, "origin:", origin, sizeof(origin)) || !header(head, "host:", host, sizeof(host)))
        return WISH_NONE;
    const char *site = strstr(origin, "://");
    return site && strcasecmp(site + 3, host) == 0 ? WISH_SCREEN : WISH_NONE;
}

static void start_session(struct vnc_door *door, int fd, const char *head, size_t head_size)
{
    struct vnc_session *sessions = door->vnc->sessions, *free_one = NULL, *oldest = NULL;
    size_t used = 0;
    for (size_t i = 0; i < VNC_SESSIONS; i++) {
        struct vnc_session *session = &sessions[i];
        used += session->used;
        if (!session->used)
            free_one = session;
        else if (!atomic_load(&session->authentic) && !atomic_load(&session->stop) &&
                 (!oldest || session->since_us < oldest->since_us))
            oldest = session;
    }
    if (used >= VNC_VIEWERS && oldest)
        vnc_session_stop(oldest);
    if (!free_one || (used >= VNC_VIEWERS && !oldest)) {
        log_warning("vnc: too many viewers, one more is refused");
        close(fd);
    } else if (!vnc_session_start(free_one, fd, head, head_size)) {
        log_warning("vnc: no thread for a viewer");
    }
}

static void hang_up(struct caller *caller)
{
    if (caller->fd >= 0)
        close(caller->fd);
    caller->fd = -1;
}

/* The request stays unread: whoever answers it reads it. */
static void hear(struct vnc_door *door, struct caller *caller)
{
    char head[VNC_HEAD + 1];
    ssize_t size = recv(caller->fd, head, VNC_HEAD, MSG_PEEK | MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0) {
        hang_up(caller);
        return;
    }
    head[size] = 0;
    enum wish wish = strlen(head) == (size_t)size ? wish_of(head, (size_t)size) : WISH_NONE;
    if (wish == WISH_MORE)
        return;
    int fd = caller->fd;
    caller->fd = -1;
    epoll_ctl(door->epoll, EPOLL_CTL_DEL, fd, NULL);
    if (wish == WISH_PAGE)
        vnc_web_serve(door->vnc->web, fd);
    else if (wish == WISH_SCREEN)
        start_session(door, fd, head, (size_t)(strstr(head, "\r\n\r\n") + 4 - head));
    else
        close(fd);
}

static void add_caller(struct vnc_door *door, int fd)
{
    struct caller *place = &door->callers[0];
    for (size_t i = 0; i < CALLERS && place->fd >= 0; i++)
        if (door->callers[i].fd < 0 || door->callers[i].until_us < place->until_us)
            place = &door->callers[i];
    hang_up(place);
    place->fd = fd;
    place->until_us = clock_monotonic_us() + CALLER_US;
    /* edge: bytes that are only looked at do not wake it again */
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = place};
    if (epoll_ctl(door->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        hang_up(place);
}

/* ---- the thread ---- */

static void let_in(struct vnc_door *door, int listener)
{
    for (int i = 0; i < BACKLOG; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0 && listener == door->web) {
            add_caller(door, fd);
        } else if (fd >= 0) {
            start_session(door, fd, "", 0);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            log_warning("vnc: a connection cannot be taken: %s", strerror(errno));
            poll(&(struct pollfd){door->wake, POLLIN, 0}, 1, 500); /* it stays readable: no mad loop */
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

static void clear_away(struct vnc_door *door)
{
    for (size_t i = 0; i < VNC_SESSIONS; i++)
        if (door->vnc->sessions[i].used && atomic_load(&door->vnc->sessions[i].ended))
            vnc_session_join(&door->vnc->sessions[i]);
}

/* Milliseconds to the end of the first caller's time; -1: there is none. Late ones are hung up on. */
static int patience(struct vnc_door *door)
{
    int64_t now = clock_monotonic_us(), least = -1;
    for (size_t i = 0; i < CALLERS; i++) {
        struct caller *caller = &door->callers[i];
        if (caller->fd >= 0 && caller->until_us <= now)
            hang_up(caller);
        if (caller->fd >= 0 && (least < 0 || caller->until_us - now < least))
            least = caller->until_us - now;
    }
    return least < 0 ? -1 : (int)(least / 1000 + 1);
}

static void *run(void *context)
{
    struct vnc_door *door = context;
    struct epoll_event events[16];
    uint64_t count;
    pthread_setname_np(pthread_self(), "vnc-door");
    while (!atomic_load(&door->stop)) {
        int ready = epoll_wait(door->epoll, events, 16, patience(door));
        for (int i = 0; i < ready; i++) {
            void *what = events[i].data.ptr;
            if (what == &door->web || what == &door->rfb)
                let_in(door, *(int *)what);
            else if (what != &door->wake && ((struct caller *)what)->fd >= 0)
                hear(door, what);
            else if (what == &door->wake && read(door->wake, &count, sizeof(count)) < 0)
                continue;
        }
        clear_away(door);
    }
    for (size_t i = 0; i < VNC_SESSIONS; i++)
        if (door->vnc->sessions[i].used)
            vnc_session_stop(&door->vnc->sessions[i]);
    for (size_t i = 0; i < VNC_SESSIONS; i++)
        if (door->vnc->sessions[i].used)
            vnc_session_join(&door->vnc->sessions[i]);
    return NULL;
}

void vnc_door_wake(struct vnc_door *door)
{
    vnc_wake(door->wake);
}

/* ---- open and close ---- */

static int open_listener(const char *address, int port, struct error *error)
{
    char service[16];
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM},
                    *found = NULL;
    int yes = 1;
    snprintf(service, sizeof(service), "%d", port);
    if (getaddrinfo(address, service, &hints, &found) != 0) {
        error_set(error, "display.vnc_listen: expected a numeric IPv4 or IPv6 address, found \"%s\"",
                  address);
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        error_set(error, "vnc: %s port %d: %s", address, port, strerror(errno));
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

static bool open_descriptors(struct vnc_door *door, const struct display_options *options,
                             struct error *error)
{
    const char *address = options->vnc.listen ? options->vnc.listen : "127.0.0.1";
    door->web = open_listener(address, options->vnc.web_port, error);
    door->rfb = door->web >= 0 ? open_listener(address, options->vnc.port, error) : -1;
    if (door->rfb < 0)
        return false;
    door->epoll = epoll_create1(EPOLL_CLOEXEC);
    door->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int *watched[] = {&door->wake, &door->web, &door->rfb};
    for (size_t i = 0; i < 3; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = watched[i]};
        if (epoll_ctl(door->epoll, EPOLL_CTL_ADD, *watched[i], &event) != 0)
            return error_set(error, "vnc: %s", strerror(errno));
    }
    return true;
}

void vnc_door_close(struct vnc_door *door)
{
    if (!door)
        return;
    if (door->running) {
        atomic_store(&door->stop, true);
        vnc_wake(door->wake);
        pthread_join(door->thread, NULL);
    }
    for (size_t i = 0; i < CALLERS; i++)
        hang_up(&door->callers[i]);
    int fds[] = {door->epoll, door->wake, door->web, door->rfb};
    for (size_t i = 0; i < 4; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    door->vnc->door = NULL;
    free(door);
}

struct vnc_door *vnc_door_open(struct vnc *vnc, const struct display_options *options, struct error *error)
{
    struct vnc_door *door = calloc(1, sizeof(*door));
    if (!door) {
        error_set(error, "vnc: out of memory");
        return NULL;
    }
    door->vnc = vnc;
    door->epoll = door->wake = door->web = door->rfb = -1;
    for (size_t i = 0; i < CALLERS; i++)
        door->callers[i].fd = -1;
    vnc->door = door; /* sessions tell it that they have ended */
    door->running =
        open_descriptors(door, options, error) &&
        (pthread_create(&door->thread, NULL, run, door) == 0 || error_set(error, "vnc: no thread"));
    if (door->running)
        return door;
    vnc_door_close(door);
    return NULL;
}

static int port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    char service[16] = "0";
    if (getsockname(fd, (struct sockaddr *)&address, &size) == 0)
        getnameinfo((struct sockaddr *)&address, size, NULL, 0, service, sizeof(service), NI_NUMERICSERV);
    return atoi(service);
}

int vnc_door_web_port(const struct vnc_door *door)
{
    return port_of(door->web);
}

int vnc_door_vnc_port(const struct vnc_door *door)
{
    return port_of(door->rfb);
}
