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
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define SEND_BUFFER (1024 * 1024)
/* RFC 3550, 5.1; RFC 2250, 2; RFC 3551, 6. */
#define RTP_HEADER_SIZE 12
#define RTP_VERSION_2 0x80
#define RTP_TYPE_MP2T 33

struct output {
    int fd;
    bool is_datagrams; /* UDP, by itself or below RTP */
    bool is_rtp;
    struct {
        uint16_t sequence;
        uint32_t source, first_timestamp;
        int64_t bit_rate;
        uint64_t bytes; /* of the stream so far */
    } rtp;
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

static bool read_options(const struct output *output, const struct tuner_url *url, unsigned *interface,
                         int *ttl, struct error *error)
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
        return error_set(error, "%s: no network interface \"%s\"", output->name, name);
    if (*end || end == hops || number < 0 || number > 255)
        return error_set(error, "%s: ttl: expected 0 to 255, found \"%s\"", output->name, hops);
    return true;
}

static bool resolve(struct output *output, const struct tuner_url *url, struct error *error)
{
    char host[256], service[8];
    uint16_t port;
    if (!tuner_url_address(url, host, sizeof(host), &port, error))
        return false;
    if (!host[0] || port == 0)
        return error_set(error, "%s: expected a host and a port to send to", output->name);
    snprintf(service, sizeof(service), "%u", port);
    const struct addrinfo hints = {.ai_flags = AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *address = NULL;
    int failed = getaddrinfo(host, service, &hints, &address);
    if (failed)
        return error_set(error, "%s: %s", output->name, gai_strerror(failed));
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
    if (!read_options(output, url, &interface, &ttl, error) || !resolve(output, url, error))
        return false;
    int family = output->address.ss_family;
    output->is_datagrams = true;
    output->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (output->fd < 0 || !set_multicast(output, family, interface, ttl))
        return error_set(error, "%s: %s", output->name, strerror(errno));
    setsockopt(output->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    return true;
}

/* Sequence, source and time begin anywhere (RFC 3550, 5.1). */
static bool begin_rtp(struct output *output, struct error *error)
{
    uint32_t random[3];
    if (getrandom(random, sizeof(random), 0) != sizeof(random))
        return error_set(error, "%s: no random numbers: %s", output->name, strerror(errno));
    output->is_rtp = true;
    output->rtp.sequence = (uint16_t)random[0];
    output->rtp.source = random[1];
    output->rtp.first_timestamp = random[2];
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
    if (!strncmp(text, "rtp://", 6))
        return tuner_url_parse(text, &url, error) && open_udp(output, &url, error) &&
               begin_rtp(output, error);
    return error_set(error, "%s: expected udp://HOST:PORT, rtp://HOST:PORT, file:PATH or -", text);
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
    return output->is_datagrams;
}

void output_set_bit_rate(struct output *output, int64_t bit_rate)
{
    output->rtp.bit_rate = bit_rate;
}

static void put(uint8_t *bytes, uint32_t value, int size)
{
    for (int i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

/* The time of a datagram is that of its first byte in the stream, in 90 kHz (RFC 2250, 2). */
static void write_rtp_header(struct output *output, size_t size, uint8_t header[RTP_HEADER_SIZE])
{
    uint64_t bits = output->rtp.bytes * 8, rate = (uint64_t)output->rtp.bit_rate;
    uint64_t ticks = rate ? bits / rate * 90000 + bits % rate * 90000 / rate : 0;
    header[0] = RTP_VERSION_2;
    header[1] = RTP_TYPE_MP2T;
    put(header + 2, output->rtp.sequence++, 2);
    put(header + 4, output->rtp.first_timestamp + (uint32_t)ticks, 4);
    put(header + 8, output->rtp.source, 4);
    output->rtp.bytes += size;
}

static void send_datagram(struct output *output, const uint8_t *data, size_t size)
{
    uint8_t header[RTP_HEADER_SIZE];
    struct iovec parts[2] = {{.iov_base = header, .iov_len = sizeof(header)},
                             {.iov_base = (void *)(uintptr_t)data, .iov_len = size}};
    const struct msghdr message = {.msg_name = &output->address,
                                   .msg_namelen = output->address_size,
                                   .msg_iov = output->is_rtp ? parts : parts + 1,
                                   .msg_iovlen = output->is_rtp ? 2 : 1};
    ssize_t sent;
    if (output->is_rtp)
        write_rtp_header(output, size, header);
    do {
        sent = sendmsg(output->fd, &message, 0);
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
    if (output->is_datagrams) {
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
