/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/output.h"
#include "base/log.h"
#include "tuner/url.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEND_BUFFER (1024 * 1024)

struct output {
    int fd;
    bool is_udp;
    char name[256];
    struct sockaddr_storage
        address; /* UDP: not connected, so that a receiver that is not there yet is no error */
    socklen_t address_size;
    uint64_t refused;
    bool refusing;
};

static bool set_multicast(struct output *output, int family, unsigned interface, int ttl)
{
    const int on = 1;
    if (family == AF_INET6)
        return setsockopt(output->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &ttl, sizeof(ttl)) == 0 &&
               setsockopt(output->fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &on, sizeof(on)) == 0 &&
               (!interface ||
                setsockopt(output->fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &interface, sizeof(interface)) == 0);
    const struct ip_mreqn request = {.imr_ifindex = (int)interface};
    return setsockopt(output->fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl)) == 0 &&
           setsockopt(output->fd, IPPROTO_IP, IP_MULTICAST_LOOP, &on, sizeof(on)) == 0 &&
           (!interface ||
            setsockopt(output->fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof(request)) == 0);
}

static bool read_options(const struct tuner_url *url, unsigned *interface, int *ttl, struct error *error)
{
    static const char *const known[] = {"interface", "ttl", NULL};
    if (!tuner_url_check_options(url, known, error))
        return false;
    const char *name = tuner_url_option(url, "interface", NULL), *hops = tuner_url_option(url, "ttl", "1");
    char *end = NULL;
    long number = strtol(hops, &end, 10);
    *interface = name ? if_nametoindex(name) : 0;
    *ttl = (int)number;
    if (name && *interface == 0)
        return error_set(error, "udp://%s: no network interface \"%s\"", url->rest, name);
    if (*end || end == hops || number < 0 || number > 255)
        return error_set(error, "udp://%s: ttl: expected 0 to 255, found \"%s\"", url->rest, hops);
    return true;
}

static bool resolve(struct output *output, const struct tuner_url *url, struct error *error)
{
    char host[256], service[8];
    uint16_t port;
    if (!tuner_url_address(url, host, sizeof(host), &port, error))
        return false;
    if (!host[0] || port == 0)
        return error_set(error, "udp://%s: expected a host and a port to send to", url->rest);
    snprintf(service, sizeof(service), "%u", port);
    const struct addrinfo hints = {.ai_flags = AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *address = NULL;
    int failed = getaddrinfo(host, service, &hints, &address);
    if (failed)
        return error_set(error, "udp://%s: %s", url->rest, gai_strerror(failed));
    memcpy(&output->address, address->ai_addr, address->ai_addrlen);
    output->address_size = address->ai_addrlen;
    freeaddrinfo(address);
    return true;
}

static bool open_udp(struct output *output, const struct tuner_url *url, struct error *error)
{
    const int bytes = SEND_BUFFER;
    unsigned interface = 0;
    int ttl = 1;
    if (!read_options(url, &interface, &ttl, error) || !resolve(output, url, error))
        return false;
    int family = output->address.ss_family;
    output->is_udp = true;
    output->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (output->fd < 0 || !set_multicast(output, family, interface, ttl))
        return error_set(error, "udp://%s: %s", url->rest, strerror(errno));
    setsockopt(output->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    return true;
}

static bool open_any(struct output *output, const char *text, struct error *error)
{
    struct tuner_url url;
    if (!strcmp(text, "-")) {
        output->fd = dup(STDOUT_FILENO);
        return output->fd >= 0 || error_set(error, "standard output: %s", strerror(errno));
    }
    if (!strncmp(text, "file:", 5)) {
        const char *path = strncmp(text, "file://", 7) ? text + 5 : text + 7;
        output->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        return output->fd >= 0 || error_set(error, "%s: %s", path, strerror(errno));
    }
    if (!strncmp(text, "udp://", 6))
        return tuner_url_parse(text, &url, error) && open_udp(output, &url, error);
    return error_set(error, "%s: expected udp://HOST:PORT, file:PATH or -", text);
}

struct output *output_open(const char *url, struct error *error)
{
    struct output *output = calloc(1, sizeof(*output));
    if (!output) {
        error_set(error, "%s: out of memory", url);
        return NULL;
    }
    output->fd = -1;
    snprintf(output->name, sizeof(output->name), "%s", url);
    if (open_any(output, url, error))
        return output;
    output_close(output);
    return NULL;
}

void output_close(struct output *output)
{
    if (!output)
        return;
    if (output->fd >= 0)
        close(output->fd);
    free(output);
}

bool output_is_live(const struct output *output)
{
    return output->is_udp;
}

static void send_datagram(struct output *output, const uint8_t *data, size_t size)
{
    ssize_t sent;
    do {
        sent = sendto(output->fd, data, size, 0, (const struct sockaddr *)&output->address,
                      output->address_size);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) {
        if (!output->refusing)
            log_warning("%s: %s; datagrams are being lost", output->name, strerror(errno));
        output->refused++;
    } else if (output->refusing) {
        log_info("%s: sending again; %" PRIu64 " datagrams were lost so far", output->name, output->refused);
    }
    output->refusing = sent < 0;
}

bool output_write(struct output *output, const uint8_t *data, size_t size, struct error *error)
{
    if (output->is_udp) {
        send_datagram(output, data, size);
        return true;
    }
    while (size > 0) {
        ssize_t written = write(output->fd, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return error_set(error, "%s: %s", output->name, strerror(errno));
        data += written;
        size -= (size_t)written;
    }
    return true;
}
