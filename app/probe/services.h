/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe services: what the service information of a transport stream says. One call, any thread;
 * keeps nothing. */
#ifndef KOKONOR_PROBE_SERVICES_H
#define KOKONOR_PROBE_SERVICES_H

/* kokonor-probe services SOURCE [--duration S] [--charset gb18030|iso6937]: argv[0] is "services". Prints one
 * JSON object on standard output. Returns the exit status: 0 services were found, each whose PMT is announced
 * with it; 1 there are none, or not all; 2 usage or I/O error. */
int probe_services(int argc, char **argv);

#endif
