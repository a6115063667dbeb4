/* SPDX-License-Identifier: Apache-2.0 */
/* Transport stream packets in RTP (RFC 3550, RFC 2250), put in order again within a window. */
#include "base/clock.h"
#include "base/log.h"
#include "base/reader.h"
#include "tuner/backend.h"
#include "tuner/socket.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define PACKET_SIZE 188
#define SYNC_BYTE 0x47
#define DATAGRAM_MAX 9000 /* a jumbo frame */
#define PAYLOAD_MAX (47 * PACKET_SIZE)
#define WINDOW_DEFAULT 32
#define WINDOW_MAX 256
/* A gap is given up when nothing has filled it for so long. */
#define GAP_WAIT_US 100000
/* Numbers that lie further back are not late: the sender has begun anew. */
#define LATE_MAX 1000

struct slot {
    size_t size; /* 0: empty */
    uint8_t payload[PAYLOAD_MAX];
};

struct header {
    uint16_t number;
    uint32_t ssrc;
    struct bytes payload;
};

struct rtp {
    int fd, timer, poll; /* poll: readable when one of the others is */
    unsigned window;
    bool started;
    uint32_t ssrc;
    uint16_t next;   /* the number that is due */
    unsigned held;   /* slots that are full */
    int64_t give_up; /* monotonic time in microseconds; where something is held */
    struct tuner_status counts;
    bool has_pending; /* a datagram that is still to find its place */
    struct header pending;
    uint8_t datagram[DATAGRAM_MAX]; /* what pending lies in */
    struct slot slots[];            /* window of them, by number modulo window */
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
    free(rtp);
}

static const char *const known[] = {"interface", "buffer", "window", NULL};

static bool read_window(const struct tuner_url *url, unsigned *window, struct error *error)
{
    const char *text = tuner_url_option(url, "window", NULL);
    char *end = NULL;
    unsigned long number = text ? strtoul(text, &end, 10) : WINDOW_DEFAULT;
    if (text && (*end || end == text || number < 1 || number > WINDOW_MAX))
        return error_set(error, "rtp://%s: window: expected 1 to %d datagrams, found \"%s\"", url->rest,
                         WINDOW_MAX, text);
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
    struct rtp *rtp = calloc(1, sizeof(*rtp) + window * sizeof(struct slot));
    if (!rtp) {
        error_set(error, "rtp://%s: out of memory", url->rest);
        return NULL;
    }
    rtp->fd = rtp->timer = rtp->poll = -1;
    rtp->window = window;
    if (open_descriptors(rtp, url, error))
        return rtp;
    close_rtp(rtp);
    return NULL;
}

static int rtp_fd(const void *state)
{
    return ((const struct rtp *)state)->poll;
}

/* RFC 3550, 5.1 and 5.3.1; RFC 2250, 2: whole transport packets. */
static bool read_header(const uint8_t *datagram, size_t size, struct header *header)
{
    struct reader reader;
    reader_init(&reader, datagram, size);
    unsigned first = reader_u8(&reader);
    reader_skip(&reader, 1); /* marker and payload type, which is 33 or agreed otherwise */
    header->number = reader_u16(&reader);
    reader_skip(&reader, 4); /* timestamp: the PCRs are better */
    header->ssrc = reader_u32(&reader);
    reader_skip(&reader, 4 * (size_t)(first & 15));
    if (first & 0x10) {
        reader_skip(&reader, 2);
        reader_skip(&reader, 4 * (size_t)reader_u16(&reader));
    }
    size_t left = reader_left(&reader), padding = first & 0x20 && left > 0 ? datagram[size - 1] : 0;
    if (reader.failed || first >> 6 != 2 || padding > left)
        return false;
    header->payload = reader_bytes(&reader, left - padding);
    return header->payload.size > 0 && header->payload.size % PACKET_SIZE == 0 &&
           header->payload.size <= PAYLOAD_MAX && header->payload.data[0] == SYNC_BYTE;
}

static struct slot *due_slot(struct rtp *rtp)
{
    return &rtp->slots[rtp->next % rtp->window];
}

/* A later datagram may take the place of what is due, which is lost. */
static void step_over_gap(struct rtp *rtp)
{
    while (rtp->held > 0 && due_slot(rtp)->size == 0) {
        rtp->next++;
        rtp->counts.datagrams_lost++;
    }
}

static void begin(struct rtp *rtp, const struct header *header)
{
    for (unsigned i = 0; i < rtp->window; i++)
        rtp->slots[i].size = 0;
    rtp->held = 0;
    rtp->started = true;
    rtp->ssrc = header->ssrc;
    rtp->next = header->number;
}

/* Puts a datagram in its slot. False: what is due has to go, or be given up, before there is room for it. */
static bool take(struct rtp *rtp, const struct header *header)
{
    if (!rtp->started || header->ssrc != rtp->ssrc)
        begin(rtp, header);
    int ahead = (int16_t)(uint16_t)(header->number - rtp->next);
    if (ahead < -LATE_MAX || ahead >= LATE_MAX) {
        begin(rtp, header);
        ahead = 0;
    }
    if (ahead >= (int)rtp->window)
        return false;
    struct slot *slot = &rtp->slots[header->number % rtp->window];
    if (ahead < 0 || slot->size > 0) {
        rtp->counts.datagrams_late++;
        return true;
    }
    if (rtp->held == 0)
        rtp->give_up = clock_monotonic_us() + GAP_WAIT_US;
    for (unsigned i = (unsigned)ahead + 1; i < rtp->window; i++) {
        if (rtp->slots[(uint16_t)(rtp->next + i) % rtp->window].size > 0) {
            rtp->counts.datagrams_reordered++;
            break;
        }
    }
    memcpy(slot->payload, header->payload.data, header->payload.size);
    slot->size = header->payload.size;
    rtp->held++;
    return true;
}

/* Writes what is due and there, as far as there is room. */
static size_t give(struct rtp *rtp, uint8_t *buffer, size_t size)
{
    size_t used = 0;
    while (rtp->held > 0 && due_slot(rtp)->size > 0 && due_slot(rtp)->size <= size - used) {
        struct slot *slot = due_slot(rtp);
        memcpy(buffer + used, slot->payload, slot->size);
        used += slot->size;
        slot->size = 0;
        rtp->held--;
        rtp->next++;
        rtp->give_up = clock_monotonic_us() + GAP_WAIT_US;
    }
    return used;
}

/* The descriptor becomes readable again at once where something was left for want of room, else when the gap
 * is to be given up. */
static void set_timer(struct rtp *rtp)
{
    int64_t us = rtp->has_pending ? 1 : rtp->held == 0 ? 0 : due_slot(rtp)->size > 0 ? 1 : rtp->give_up;
    const struct itimerspec when = {.it_value = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000}};
    timerfd_settime(rtp->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* The next datagram; false: there is none, errno tells why. */
static bool receive(struct rtp *rtp, struct header *header)
{
    for (;;) {
        ssize_t got = recv(rtp->fd, rtp->datagram, sizeof(rtp->datagram), 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        rtp->counts.datagrams++;
        if (read_header(rtp->datagram, (size_t)got, header))
            return true;
        rtp->counts.datagrams_bad++;
    }
}

static ssize_t read_rtp(void *state, void *buffer, size_t size)
{
    struct rtp *rtp = state;
    uint8_t *bytes = buffer;
    size_t used = 0;
    for (;;) {
        used += give(rtp, bytes + used, size - used);
        if (rtp->held > 0 && due_slot(rtp)->size > 0)
            break; /* no room */
        if (!rtp->has_pending && !receive(rtp, &rtp->pending)) {
            if (errno != EAGAIN && errno != EWOULDBLOCK && used == 0)
                return -1;
            if (rtp->held == 0 || clock_monotonic_us() < rtp->give_up)
                break;
            step_over_gap(rtp);
            continue;
        }
        rtp->has_pending = !take(rtp, &rtp->pending);
        if (rtp->has_pending && rtp->held > 0) {
            step_over_gap(rtp);
        } else if (rtp->has_pending) { /* the gap is wider than the window */
            rtp->counts.datagrams_lost += (uint16_t)(rtp->pending.number - rtp->next);
            rtp->next = rtp->pending.number;
        }
    }
    set_timer(rtp);
    if (used > 0)
        return (ssize_t)used;
    errno = rtp->held > 0 && due_slot(rtp)->size > 0 ? EINVAL : EAGAIN;
    return -1;
}

static uint16_t rtp_port(const void *state)
{
    return tuner_socket_port(((const struct rtp *)state)->fd);
}

static bool rtp_status(void *state, struct tuner_status *status)
{
    struct rtp *rtp = state;
    *status = rtp->counts;
    status->locked = rtp->started;
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
