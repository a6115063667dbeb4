/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a constant bit rate stream in its own time, from a thread of its own, so that work of the
 * multiplexer's thread is never seen on the wire. The thread that created it calls everything here. */
#ifndef KOKONOR_PLAYOUT_SENDER_H
#define KOKONOR_PLAYOUT_SENDER_H

#include "playout/output.h"

struct sender;

/* Holds up to 200 ms of stream. output is borrowed. NULL without memory or a thread. */
struct sender *sender_create(struct output *output, int64_t bit_rate);
/* Stops, at once or after what it holds was sent. NULL does nothing. */
void sender_destroy(struct sender *sender, bool drain);
/* Waits for room up to timeout_ms and takes a copy of the OUTPUT_SIZE bytes that follow those before. False:
 * there was no room, or the output failed. */
bool sender_push(struct sender *sender, const uint8_t data[OUTPUT_SIZE], int timeout_ms);
/* Whether the output failed, with the reason. */
bool sender_failed(struct sender *sender, struct error *error);
/* When the byte time_us after the stream's first goes out, by the monotonic clock; -1 before the first was
 * sent. */
int64_t sender_due_us(struct sender *sender, int64_t time_us);
uint64_t sender_count(struct sender *sender); /* datagrams sent */
/* How many datagrams wait to be sent, and how many can. */
void sender_held(struct sender *sender, size_t *held, size_t *capacity);

#endif
