/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: a small cable network whose three streams are files and whose frequency list names them. One
 * frequency that the network names has no signal. */
#ifndef KOKONOR_TESTS_NETWORK_AIR_H
#define KOKONOR_TESTS_NETWORK_AIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NETWORK_AIR_ID 0xFF03
#define NETWORK_AIR_STREAMS 3
/* The frequency of stream n (from 0); the one behind the last is dead. */
#define NETWORK_AIR_HZ(n) (307000000u + 8000000u * (uint32_t)(n))
/* Stream n has transport_stream_id n + 1 and the services 10 * (n + 1) and 10 * (n + 1) + 1, the first of
 * television with the channel number n + 1, the other radio without one. Their names are "television 10",
 * "radio 11". */
#define NETWORK_AIR_TELEVISION(n) (uint16_t)(10 * ((n) + 1))
#define NETWORK_AIR_RADIO(n) (uint16_t)(10 * ((n) + 1) + 1)

/* Writes FOLDER/stream-N.ts and FOLDER/frequencies, whose lines have the URLs file://...?OPTIONS. with_dead:
 * the NIT names the dead frequency too. Fails the test where it cannot. */
void network_air_write(const char *folder, const char *options, bool with_dead);
/* The URL of stream n, to url of size bytes. */
void network_air_url(const char *folder, const char *options, unsigned n, char *url, size_t size);

#endif
