/* SPDX-License-Identifier: Apache-2.0 */
/* Where transport stream bytes come from: a cable, UDP, RTP, a file or memory. A tuner is used by one thread
 * (reception), with poll(). It belongs to who opened it. */
#ifndef KOKONOR_TUNER_TUNER_H
#define KOKONOR_TUNER_TUNER_H

#include "base/error.h"
#include <stdbool.h>
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
 * allows).
 *   rtp://HOST:PORT[?interface=NAME&buffer=BYTES&window=N]  the same with RTP (RFC 2250), put in order where
 * at most N datagrams (1 .. 256, default 32) came before a late one, and a late one within 100 ms.
 *   dvb://ADAPTER/FRONTEND?frequency=HZ&symbol_rate=BAUD[&modulation=64QAM&demux=N&pids=P+P+...]  a DVB-C
 * (annex A) frontend of the Linux DVB API; the whole stream, or the PIDs named where a demultiplexer cannot
 * give all. It need not be locked when this returns, see tuner_status.
 *   file://PATH[?pace=pcr|none&loop=yes|no]  pace pcr (the default): as fast as the first PID with
 * PCRs says; none: at once. PATH may have %XX escapes. PATH  as file://PATH, without options and escapes.
 * NULL and a reason in error where the URL is none of these or the machine refuses. */
struct tuner *tuner_open(const char *url, struct error *error);
/* Whether tuner_open understands the URL. It asks the machine nothing: a device that is not there, a port
 * that is taken or a file that is missing may be there later. */
bool tuner_check(const char *url, struct error *error);
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

/* What is known of the reception. Fields whose has_... is false are 0. */
struct tuner_status {
    bool locked; /* a frontend: to signal and multiplex; RTP: something came */
    bool has_strength_dbm, has_cnr_db;
    int strength_mdbm; /* 0.001 dBm */
    int cnr_mdb;       /* carrier to noise, 0.001 dB */
    bool has_strength, has_cnr;
    unsigned strength_permille, cnr_permille; /* of the driver's scale, where it has no other */
    bool has_ber;
    double ber; /* bit errors before error correction, of all bits */
    bool has_bit_errors;
    uint64_t bit_errors; /* where there is no ber: the driver's count, in no common unit */
    bool has_uncorrected;
    uint64_t uncorrected_blocks; /* since it was tuned */
    uint64_t overruns;           /* times that the kernel's buffer was full and bytes were lost */
    /* RTP. */
    uint64_t datagrams, datagrams_lost,
        datagrams_late; /* late ones came again, or after they were given up */
    uint64_t datagrams_reordered, datagrams_bad;
};
/* False where this kind of tuner knows nothing. For a frontend it asks the driver; call it once in a while.
 */
bool tuner_status(struct tuner *tuner, struct tuner_status *status);

/* The UDP port that is listened on; 0 for other tuners. */
uint16_t tuner_port(const struct tuner *tuner);

#endif
