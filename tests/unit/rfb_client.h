/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: as little of an RFB 3.8 viewer (RFC 6143) as sees pixels and presses keys, and plain TCP. Every
 * wait ends after 20 seconds at the latest. */
#ifndef KOKONOR_TESTS_RFB_CLIENT_H
#define KOKONOR_TESTS_RFB_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A connection to 127.0.0.1; -1 where there is none. */
int tcp_open(int port);
/* Whole or not at all. */
bool tcp_send(int fd, const void *data, size_t size);
bool tcp_receive(int fd, void *data, size_t size);
/* Until the other end closes or size - 1 bytes are there; terminated. Returns their number. */
size_t tcp_receive_all(int fd, char *text, size_t size);

struct rfb_client {
    int fd, width, height;
    uint32_t *pixels; /* 0x00RRGGBB */
};

/* Connects, shows the password and reads the size. False where any of it fails; finish it either way. */
bool rfb_open(struct rfb_client *client, int port, const char *password);
void rfb_finish(struct rfb_client *client);
/* Asks for what changed (or all of it); the answer comes when there is one. */
bool rfb_ask(struct rfb_client *client, bool incremental);
/* Takes one update in; the sum of its rectangles' pixels in area. */
bool rfb_take(struct rfb_client *client, size_t *area);
/* True where an update has begun to arrive. */
bool rfb_waits(const struct rfb_client *client);
bool rfb_key(struct rfb_client *client, uint32_t symbol, bool down);

#endif
