/* SPDX-License-Identifier: Apache-2.0 */
/* Where transport stream bytes come from: UDP, a file or memory. A tuner is used by one thread (reception),
 * with poll(). It belongs to who opened it. */
#ifndef KOKONOR_TUNER_TUNER_H
#define KOKONOR_TUNER_TUNER_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tuner;

/* A read into less than this may cut a datagram; 188 is the least. */
#define TUNER_READ_SIZE 65536

/* Opens one of
 *   udp://HOST:PORT[?interface=NAME&buffer=BYTES]  HOST: the address to listen on, a multicast group to join,
 * or empty for every address; an IPv6 address stands in brackets. PORT 0: the system chooses one, see
 * tuner_port. interface: the one to join on; buffer: what the kernel may hold (default 4 MiB, as far as it
 * allows). file://PATH[?pace=pcr|none&loop=yes|no]  pace pcr (the default): as fast as the first PID with
 * PCRs says; none: at once. PATH may have %XX escapes. PATH  as file://PATH, without options and escapes.
 * NULL and a reason in error where the URL is none of these or the machine refuses. */
struct tuner *tuner_open(const char *url, struct error *error);
/* Bytes in memory, which must outlive the tuner, in reads of at most piece bytes. NULL only without memory.
 */
struct tuner *tuner_open_memory(const void *data, size_t size, size_t piece);
void tuner_close(struct tuner *tuner); /* NULL does nothing */

/* A descriptor that poll() finds readable when tuner_read has something to say (bytes, the end, an error).
 * Owned by the tuner: do not read or close it. */
int tuner_fd(const struct tuner *tuner);
/* Never waits. Returns how many bytes were written to buffer, 0 at the end of a file (and from then on), -1
 * with errno EAGAIN where there is nothing now, -1 with another errno where reception broke. UDP gives whole
 * datagrams. */
ssize_t tuner_read(struct tuner *tuner, void *buffer, size_t size);

/* The UDP port that is listened on; 0 for other tuners. */
uint16_t tuner_port(const struct tuner *tuner);

#endif
