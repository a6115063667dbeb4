/* SPDX-License-Identifier: Apache-2.0 */
/* Transport stream packets in RTP (RFC 3550, RFC 2250), put in order again within a window. */
#include "base/clock.h"
#include "tuner/backend.h"
#include "tuner/rtp_order.h"
#include "tuner/socket.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define WINDOW_DEFAULT 32

struct rtp {
    int fd, timer, poll; /* poll: readable when one of the others is */
    struct rtp_order *order;
};

static void close_rtp(void *state)
{
    struct rtp *rtp = state;
    if (rtp->poll >= 0)
        close(rtp->poll);
    if (rtp->timer >= 0)
        close(rtp->timer);
    if (rtp->fd >= 0)
        close(rtp->fd);
    rtp_order_destroy(rtp->order);
    free(rtp);
}

static const char *const known[] = {"interface", "buffer", "window", NULL};

static bool read_window(const struct tuner_url *url, unsigned *window, struct error *error)
{
    const char *text = tuner_url_option(url, "window", NULL);
    char *end = NULL;
    unsigned long number = text ? strtoul(text, &end, 10) : WINDOW_DEFAULT;
    if (text && (*end || end == text || number < 1 || number > RTP_WINDOW_MAX))
        return error_set(error, "rtp://%s: window: expected 1 to %d datagrams, found \"%s\"", url->rest,
                         RTP_WINDOW_MAX, text);
    *window = (unsigned)number;
    return true;
}

static bool check_rtp(const struct tuner_url *url, struct error *error)
{
    unsigned window;
    return tuner_socket_check(url, known, error) && read_window(url, &window, error);
}

static bool open_descriptors(struct rtp *rtp, const struct tuner_url *url, struct error *error)
{
    rtp->fd = tuner_socket_open(url, known, error);
    if (rtp->fd < 0)
        return false;
    rtp->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    rtp->poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (rtp->timer < 0 || rtp->poll < 0 || epoll_ctl(rtp->poll, EPOLL_CTL_ADD, rtp->fd, &event) < 0 ||
        epoll_ctl(rtp->poll, EPOLL_CTL_ADD, rtp->timer, &event) < 0)
        return error_set(error, "rtp://%s: %s", url->rest, strerror(errno));
    return true;
}

static void *open_rtp(const struct tuner_url *url, struct error *error)
{
    unsigned window;
    if (!read_window(url, &window, error))
        return NULL;
    struct rtp *rtp = calloc(1, sizeof(*rtp));
    if (!rtp) {
        error_set(error, "rtp://%s: out of memory", url->rest);
        return NULL;
    }
    rtp->fd = rtp->timer = rtp->poll = -1;
    rtp->order = rtp_order_create(window);
    if (!rtp->order)
        error_set(error, "rtp://%s: out of memory", url->rest);
    if (rtp->order && open_descriptors(rtp, url, error))
        return rtp;
    close_rtp(rtp);
    return NULL;
}

static int rtp_fd(const void *state)
{
    return ((const struct rtp *)state)->poll;
}

/* The descriptor becomes readable again at once where something was left for want of room, else when the gap
 * is to be given up. */
static void set_timer(struct rtp *rtp)
{
    int64_t us = rtp_order_due_us(rtp->order);
    const struct itimerspec when = {.it_value = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000}};
    timerfd_settime(rtp->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static ssize_t receive(void *context, void *buffer, size_t size)
{
    return recv(((const struct rtp *)context)->fd, buffer, size, 0);
}

static ssize_t read_rtp(void *state, void *buffer, size_t size)
{
    struct rtp *rtp = state;
    ssize_t got = rtp_order_read(rtp->order, buffer, size, clock_monotonic_us(), receive, rtp);
    int reason = errno;
    set_timer(rtp);
    errno = reason;
    return got;
}

static uint16_t rtp_port(const void *state)
{
    return tuner_socket_port(((const struct rtp *)state)->fd);
}

static bool rtp_status(void *state, struct tuner_status *status)
{
    rtp_order_status(((const struct rtp *)state)->order, status);
    return true;
}

const struct tuner_backend tuner_backend_rtp = {.scheme = "rtp",
                                                .check = check_rtp,
                                                .open = open_rtp,
                                                .close = close_rtp,
                                                .fd = rtp_fd,
                                                .read = read_rtp,
                                                .port = rtp_port,
                                                .status = rtp_status};
