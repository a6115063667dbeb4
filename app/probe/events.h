/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe events: the programme guide in a stream. One call, any thread; keeps nothing. */
#ifndef KOKONOR_PROBE_EVENTS_H
#define KOKONOR_PROBE_EVENTS_H

/* kokonor-probe events SOURCE [--service N] [--duration S] [--charset NAME]: argv[0] is "events". Prints one
 * JSON object. Returns the exit status: 0 there are events and every schedule that was seen is whole, 1 there
 * are none or a schedule is not whole, 2 usage or I/O error. */
int probe_events(int argc, char **argv);

#endif
