/* SPDX-License-Identifier: Apache-2.0 */
/* A socket that datagrams of a transport stream come in by; shared by the back-ends udp and rtp. */
#ifndef KOKONOR_TUNER_SOCKET_H
#define KOKONOR_TUNER_SOCKET_H

#include "tuner/url.h"

/* Opens, binds and joins what HOST:PORT and the options interface and buffer of url say, not waiting in
 * reads; known names all options that the back-end takes. -1 with a reason in error. */
int tuner_socket_open(const struct tuner_url *url, const char *const *known, struct error *error);
/* What of the above needs no machine: HOST:PORT and the options. */
bool tuner_socket_check(const struct tuner_url *url, const char *const *known, struct error *error);
/* The port that the socket is bound to; 0 where it cannot be told. */
uint16_t tuner_socket_port(int fd);

#endif
