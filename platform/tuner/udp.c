/* SPDX-License-Identifier: Apache-2.0 */
/* Transport stream packets in UDP datagrams, unicast or multicast. */
#include "base/log.h"
#include "tuner/backend.h"
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KERNEL_BUFFER (4 * 1024 * 1024)
/* Ethernet carries no datagram that is larger; less room than this ends a read that has something. */
#define DATAGRAM_USUAL 1500

struct udp {
    int fd;
    bool cut_logged;
};

static bool is_multicast(const struct addrinfo *address)
{
    if (address->ai_family == AF_INET6)
        return IN6_IS_ADDR_MULTICAST(&((const struct sockaddr_in6 *)address->ai_addr)->sin6_addr);
    const struct sockaddr_in *four = (const struct sockaddr_in *)address->ai_addr;
    return IN_MULTICAST(ntohl(four->sin_addr.s_addr));
}

static bool join_group(int fd, const struct addrinfo *address, unsigned interface)
{
    struct group_req request = {.gr_interface = interface};
    memcpy(&request.gr_group, address->ai_addr, address->ai_addrlen);
    int level = address->ai_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
    return setsockopt(fd, level, MCAST_JOIN_GROUP, &request, sizeof(request)) == 0;
}

/* As much as the kernel allows of what was asked for: a privileged process may exceed the system's limit. */
static void enlarge_buffer(int fd, int bytes)
{
    int granted = 0;
    socklen_t length = sizeof(granted);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &granted, &length) == 0 && granted < bytes)
        log_info(
            "the kernel holds %d bytes of reception, %d were wanted; sysctl net.core.rmem_max allows more",
            granted, bytes);
}

/* The socket, or -1 with a reason in error. */
static int open_socket(const struct tuner_url *url, const struct addrinfo *address, unsigned interface,
                       int bytes, struct error *error)
{
    const int one = 1;
    int fd = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        error_set(error, "udp://%s: socket: %s", url->rest, strerror(errno));
        return -1;
    }
    bool group = is_multicast(address);
    /* Several boxes of one machine may receive the same group, but a unicast port has one owner. */
    if (group)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    enlarge_buffer(fd, bytes);
    if (bind(fd, address->ai_addr, address->ai_addrlen) < 0)
        error_set(error, "udp://%s: bind: %s", url->rest, strerror(errno));
    else if (group && !join_group(fd, address, interface))
        error_set(error, "udp://%s: joining the group: %s", url->rest, strerror(errno));
    else
        return fd;
    close(fd);
    return -1;
}

static bool read_options(const struct tuner_url *url, unsigned *interface, int *bytes, struct error *error)
{
    static const char *const known[] = {"interface", "buffer", NULL};
    if (!tuner_url_check_options(url, known, error))
        return false;
    const char *name = tuner_url_option(url, "interface", NULL);
    *interface = name ? if_nametoindex(name) : 0;
    if (name && *interface == 0)
        return error_set(error, "udp://%s: no network interface \"%s\"", url->rest, name);
    const char *size = tuner_url_option(url, "buffer", NULL);
    char *end = NULL;
    long wanted = size ? strtol(size, &end, 10) : KERNEL_BUFFER;
    if (size && (*end || end == size || wanted < 4096 || wanted > INT_MAX / 2))
        return error_set(error, "udp://%s: buffer: expected bytes from 4096, found \"%s\"", url->rest, size);
    *bytes = (int)wanted;
    return true;
}

static void *open_udp(const struct tuner_url *url, struct error *error)
{
    char host[256], service[8];
    uint16_t port;
    unsigned interface = 0;
    int bytes = 0;
    if (!tuner_url_address(url, host, sizeof(host), &port, error) ||
        !read_options(url, &interface, &bytes, error))
        return NULL;
    for (unsigned i = 0, divisor = 10000; i < 5; i++, divisor /= 10)
        service[i] = (char)('0' + port / divisor % 10);
    service[5] = '\0';
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                                   .ai_family = host[0] ? AF_UNSPEC : AF_INET,
                                   .ai_socktype = SOCK_DGRAM};
    struct addrinfo *address = NULL;
    int failed = getaddrinfo(host[0] ? host : NULL, service, &hints, &address);
    if (failed) {
        error_set(error, "udp://%s: %s", url->rest, gai_strerror(failed));
        return NULL;
    }
    struct udp *udp = calloc(1, sizeof(*udp));
    if (!udp)
        error_set(error, "udp://%s: out of memory", url->rest);
    else if ((udp->fd = open_socket(url, address, interface, bytes, error)) < 0) {
        free(udp);
        udp = NULL;
    }
    freeaddrinfo(address);
    return udp;
}

static void close_udp(void *state)
{
    struct udp *udp = state;
    close(udp->fd);
    free(udp);
}

static int udp_fd(const void *state)
{
    return ((const struct udp *)state)->fd;
}

static void note_cut(struct udp *udp, size_t size, size_t room)
{
    if (!udp->cut_logged)
        log_warning("a datagram of %zu bytes was cut to %zu", size, room);
    udp->cut_logged = true;
}

/* As many datagrams as there are and fit. Empty ones are passed over: a return of 0 would say "the end". */
static ssize_t read_udp(void *state, void *buffer, size_t size)
{
    struct udp *udp = state;
    size_t used = 0;
    while (used == 0 || size - used >= DATAGRAM_USUAL) {
        size_t room = size - used;
        /* Behind the first datagram only one that fits is taken: look at its size before taking it. */
        if (used > 0) {
            ssize_t next = recv(udp->fd, NULL, 0, MSG_PEEK | MSG_TRUNC);
            if (next < 0 || (size_t)next > room)
                break;
        }
        ssize_t got = recv(udp->fd, (uint8_t *)buffer + used, room, MSG_TRUNC);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return used ? (ssize_t)used : -1;
        if ((size_t)got > room) {
            note_cut(udp, (size_t)got, room);
            got = (ssize_t)room;
        }
        used += (size_t)got;
    }
    return (ssize_t)used;
}

static uint16_t udp_port(const void *state)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    if (getsockname(udp_fd(state), (struct sockaddr *)&address, &length) < 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

const struct tuner_backend tuner_backend_udp = {
    .scheme = "udp", .open = open_udp, .close = close_udp, .fd = udp_fd, .read = read_udp, .port = udp_port};
