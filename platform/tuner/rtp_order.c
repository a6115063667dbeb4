/* SPDX-License-Identifier: Apache-2.0 */
#include "tuner/rtp_order.h"
#include "base/reader.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_SIZE 188
#define SYNC_BYTE 0x47
#define PAYLOAD_MAX (47 * PACKET_SIZE)
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

struct rtp_order {
    unsigned window;
    bool started;
    uint32_t ssrc;
    uint16_t next;           /* the number that is due */
    unsigned held;           /* slots that are full */
    int64_t now_us, give_up; /* monotonic time; the latter where something is held */
    struct tuner_status counts;
    bool has_pending; /* a datagram that is still to find its place */
    struct header pending;
    uint8_t datagram[RTP_DATAGRAM_MAX]; /* what pending lies in */
    struct slot slots[];                /* window of them, by number modulo window */
};

struct rtp_order *rtp_order_create(unsigned window)
{
    struct rtp_order *order = calloc(1, sizeof(*order) + window * sizeof(struct slot));
    if (order)
        order->window = window;
    return order;
}

void rtp_order_destroy(struct rtp_order *order)
{
    free(order);
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

static struct slot *due_slot(struct rtp_order *order)
{
    return &order->slots[order->next % order->window];
}

/* A later datagram may take the place of what is due, which is lost. */
static void step_over_gap(struct rtp_order *order)
{
    while (order->held > 0 && due_slot(order)->size == 0) {
        order->next++;
        order->counts.datagrams_lost++;
    }
}

static void begin(struct rtp_order *order, const struct header *header)
{
    for (unsigned i = 0; i < order->window; i++)
        order->slots[i].size = 0;
    order->held = 0;
    order->started = true;
    order->ssrc = header->ssrc;
    order->next = header->number;
}

/* Puts a datagram in its slot. False: what is due has to go, or be given up, before there is room for it. */
static bool take(struct rtp_order *order, const struct header *header)
{
    if (!order->started || header->ssrc != order->ssrc)
        begin(order, header);
    int ahead = (int16_t)(uint16_t)(header->number - order->next);
    if (ahead < -LATE_MAX || ahead >= LATE_MAX) {
        begin(order, header);
        ahead = 0;
    }
    if (ahead >= (int)order->window)
        return false;
    struct slot *slot = &order->slots[header->number % order->window];
    if (ahead < 0 || slot->size > 0) {
        order->counts.datagrams_late++;
        return true;
    }
    if (order->held == 0)
        order->give_up = order->now_us + GAP_WAIT_US;
    for (unsigned i = (unsigned)ahead + 1; i < order->window; i++) {
        if (order->slots[(uint16_t)(order->next + i) % order->window].size > 0) {
            order->counts.datagrams_reordered++;
            break;
        }
    }
    memcpy(slot->payload, header->payload.data, header->payload.size);
    slot->size = header->payload.size;
    order->held++;
    return true;
}

/* Writes what is due and there, as far as there is room. */
static size_t give(struct rtp_order *order, uint8_t *buffer, size_t size)
{
    size_t used = 0;
    while (order->held > 0 && due_slot(order)->size > 0 && due_slot(order)->size <= size - used) {
        struct slot *slot = due_slot(order);
        memcpy(buffer + used, slot->payload, slot->size);
        used += slot->size;
        slot->size = 0;
        order->held--;
        order->next++;
        order->give_up = order->now_us + GAP_WAIT_US;
    }
    return used;
}

/* The next datagram; false: there is none, errno tells why. */
static bool receive_next(struct rtp_order *order, struct header *header, rtp_receive_fn *receive,
                         void *context)
{
    for (;;) {
        ssize_t got = receive(context, order->datagram, sizeof(order->datagram));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        order->counts.datagrams++;
        if (read_header(order->datagram, (size_t)got, header))
            return true;
        order->counts.datagrams_bad++;
    }
}

int64_t rtp_order_due_us(const struct rtp_order *order)
{
    if (order->has_pending)
        return 1;
    if (order->held == 0)
        return 0;
    return order->slots[order->next % order->window].size > 0 ? 1 : order->give_up;
}

ssize_t rtp_order_read(struct rtp_order *order, void *buffer, size_t size, int64_t now_us,
                       rtp_receive_fn *receive, void *context)
{
    uint8_t *bytes = buffer;
    size_t used = 0;
    order->now_us = now_us;
    for (;;) {
        used += give(order, bytes + used, size - used);
        if (order->held > 0 && due_slot(order)->size > 0)
            break; /* no room */
        if (!order->has_pending && !receive_next(order, &order->pending, receive, context)) {
            if (errno != EAGAIN && errno != EWOULDBLOCK && used == 0)
                return -1;
            if (order->held == 0 || now_us < order->give_up)
                break;
            step_over_gap(order);
            continue;
        }
        order->has_pending = !take(order, &order->pending);
        if (order->has_pending && order->held > 0) {
            step_over_gap(order);
        } else if (order->has_pending) { /* the gap is wider than the window */
            order->counts.datagrams_lost += (uint16_t)(order->pending.number - order->next);
            order->next = order->pending.number;
        }
    }
    if (used > 0)
        return (ssize_t)used;
    errno = order->held > 0 && due_slot(order)->size > 0 ? EINVAL : EAGAIN;
    return -1;
}

void rtp_order_status(const struct rtp_order *order, struct tuner_status *status)
{
    *status = order->counts;
    status->locked = order->started;
}
