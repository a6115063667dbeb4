/* SPDX-License-Identifier: Apache-2.0 */
/* Where the stream goes: UDP or RTP datagrams, a file or standard output. Used by one thread at a time;
 * belongs to who opened it. */
#ifndef KOKONOR_PLAYOUT_OUTPUT_H
#define KOKONOR_PLAYOUT_OUTPUT_H

#include "base/error.h"
#include "ts/packet.h"

#define OUTPUT_PACKETS 7 /* a datagram: what fits an Ethernet frame */
#define OUTPUT_SIZE (OUTPUT_PACKETS * TS_PACKET_SIZE)

struct output;

/* udp://HOST:PORT[?interface=NAME&ttl=N] (interface and ttl, 1 by default, of multicast), rtp:// likewise
 * (RFC 2250), file:PATH, or - for standard output. NULL and a reason in error. */
struct output *output_open(const char *url, struct error *error);
void output_close(struct output *output); /* NULL does nothing */
/* Of the stream: RTP's times are made from it. Before the first byte. */
void output_set_bit_rate(struct output *output, int64_t bit_rate);
/* True for UDP and RTP: the stream must be sent in its own time. */
bool output_is_live(const struct output *output);
/* Writes at most OUTPUT_SIZE bytes. False: a file or pipe took no more. Datagrams that the network refuses
 * are counted and logged once until it takes them again; that is no failure. */
bool output_write(struct output *output, const uint8_t *data, size_t size, struct error *error);

#endif
