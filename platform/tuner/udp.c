/* SPDX-License-Identifier: Apache-2.0 */
/* Transport stream packets in UDP datagrams, unicast or multicast. */
#include "base/log.h"
#include "tuner/backend.h"
#include "tuner/socket.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Ethernet carries no datagram that is larger; less room than this ends a read that has something. */
#define DATAGRAM_USUAL 1500

struct udp {
    int fd;
    bool cut_logged;
};

static const char *const known[] = {"interface", "buffer", NULL};

static bool check_udp(const struct tuner_url *url, struct error *error)
{
    return tuner_socket_check(url, known, error);
}

static void *open_udp(const struct tuner_url *url, struct error *error)
{
    struct udp *udp = calloc(1, sizeof(*udp));
    if (!udp) {
        error_set(error, "udp://%s: out of memory", url->rest);
        return NULL;
    }
    udp->fd = tuner_socket_open(url, known, error);
    if (udp->fd >= 0)
        return udp;
    free(udp);
    return NULL;
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
    return tuner_socket_port(udp_fd(state));
}

const struct tuner_backend tuner_backend_udp = {.scheme = "udp",
                                                .check = check_udp,
                                                .open = open_udp,
                                                .close = close_udp,
                                                .fd = udp_fd,
                                                .read = read_udp,
                                                .port = udp_port};
