/* SPDX-License-Identifier: Apache-2.0 */
/* RTP datagrams (RFC 3550, RFC 2250) put in order again within a window, and their transport packets taken
 * out. Knows no socket and no clock. Belongs to one thread. */
#ifndef KOKONOR_TUNER_RTP_ORDER_H
#define KOKONOR_TUNER_RTP_ORDER_H

#include "tuner/tuner.h"

#define RTP_DATAGRAM_MAX 9000 /* a jumbo frame */
#define RTP_WINDOW_MAX 256

struct rtp_order;

/* Writes the next datagram to buffer and returns its size, as recv() does; -1 with errno: there is none. */
typedef ssize_t rtp_receive_fn(void *context, void *buffer, size_t size);

/* window: 1 .. RTP_WINDOW_MAX datagrams. NULL only without memory. */
struct rtp_order *rtp_order_create(unsigned window);
void rtp_order_destroy(struct rtp_order *order); /* NULL does nothing */
/* Takes datagrams until there are no more or buffer is full; what is missing is waited for, for 100 ms.
 * Returns how many bytes were written, whole transport packets; -1 with EAGAIN: nothing now, with EINVAL:
 * size has no room for the next datagram, or what receive said. */
ssize_t rtp_order_read(struct rtp_order *order, void *buffer, size_t size, int64_t now_us,
                       rtp_receive_fn *receive, void *context);
/* When to read again though nothing comes; 0: not, 1: at once. */
int64_t rtp_order_due_us(const struct rtp_order *order);
/* Its counts, and whether anything came (locked). */
void rtp_order_status(const struct rtp_order *order, struct tuner_status *status);

#endif
