/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe scan: the channels of a cable network. One call, any thread; keeps nothing. */
#ifndef KOKONOR_PROBE_SCAN_H
#define KOKONOR_PROBE_SCAN_H

/* kokonor-probe scan [SOURCE] [--list FILE] [--tuner URL] [--network ID] [--wait S] [--charset NAME]
 * [--json]: argv[0] is "scan". SOURCE is the home frequency, a URL or a number of Hz, and the NIT leads on;
 * without it the frequencies of FILE are scanned. Prints a table or a JSON object on standard output. Returns
 * the exit status: 0 what was asked for was found whole, 1 not, 2 usage or I/O error. */
int probe_scan(int argc, char **argv);

#endif
