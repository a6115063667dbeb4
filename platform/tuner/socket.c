/* SPDX-License-Identifier: Apache-2.0 */
#include "tuner/socket.h"
#include "base/log.h"
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
        error_set(error, "%s://%s: socket: %s", url->scheme, url->rest, strerror(errno));
        return -1;
    }
    bool group = is_multicast(address);
    /* Several boxes of one machine may receive the same group, but a unicast port has one owner. */
    if (group)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    enlarge_buffer(fd, bytes);
    if (bind(fd, address->ai_addr, address->ai_addrlen) < 0)
        error_set(error, "%s://%s: bind: %s", url->scheme, url->rest, strerror(errno));
    else if (group && !join_group(fd, address, interface))
        error_set(error, "%s://%s: joining the group: %s", url->scheme, url->rest, strerror(errno));
    else
        return fd;
    close(fd);
    return -1;
}

/* What the URL says, as far as it needs no machine. */
struct wanted {
    char host[256];
    uint16_t port;
    int bytes;
};

static bool read_wanted(const struct tuner_url *url, const char *const *known, struct wanted *wanted,
                        struct error *error)
{
    if (!tuner_url_check_options(url, known, error) ||
        !tuner_url_address(url, wanted->host, sizeof(wanted->host), &wanted->port, error))
        return false;
    const char *size = tuner_url_option(url, "buffer", NULL);
    char *end = NULL;
    long bytes = size ? strtol(size, &end, 10) : KERNEL_BUFFER;
    if (size && (*end || end == size || bytes < 4096 || bytes > INT_MAX / 2))
        return error_set(error, "%s://%s: buffer: expected bytes from 4096, found \"%s\"", url->scheme,
                         url->rest, size);
    wanted->bytes = (int)bytes;
    return true;
}

bool tuner_socket_check(const struct tuner_url *url, const char *const *known, struct error *error)
{
    struct wanted wanted;
    return read_wanted(url, known, &wanted, error);
}

int tuner_socket_open(const struct tuner_url *url, const char *const *known, struct error *error)
{
    char service[8];
    struct wanted wanted;
    if (!read_wanted(url, known, &wanted, error))
        return -1;
    const char *name = tuner_url_option(url, "interface", NULL);
    unsigned interface = name ? if_nametoindex(name) : 0;
    if (name && interface == 0) {
        error_set(error, "%s://%s: no network interface \"%s\"", url->scheme, url->rest, name);
        return -1;
    }
    const char *host = wanted.host;
    for (unsigned i = 0, divisor = 10000; i < 5; i++, divisor /= 10)
        service[i] = (char)('0' + wanted.port / divisor % 10);
    service[5] = '\0';
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                                   .ai_family = host[0] ? AF_UNSPEC : AF_INET,
                                   .ai_socktype = SOCK_DGRAM};
    struct addrinfo *address = NULL;
    int failed = getaddrinfo(host[0] ? host : NULL, service, &hints, &address);
    if (failed) {
        error_set(error, "%s://%s: %s", url->scheme, url->rest, gai_strerror(failed));
        return -1;
    }
    int fd = open_socket(url, address, interface, wanted.bytes, error);
    freeaddrinfo(address);
    return fd;
}

uint16_t tuner_socket_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)&address)->sin_port);
}
