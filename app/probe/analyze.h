/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe analyze: rates, continuity, PCRs and the indicators of TR 101 290 of a transport stream. One
 * call, any thread; keeps nothing. */
#ifndef KOKONOR_PROBE_ANALYZE_H
#define KOKONOR_PROBE_ANALYZE_H

/* kokonor-probe analyze FILE|URL [--duration S] [--pcr-interval MS] [--json]: argv[0] is "analyze". A URL is
 * one of tuner/tuner.h and is watched for --duration seconds (10); a FILE is read as fast as it can be, to
 * its end or to that stream time. Prints a table, or with --json an object, on standard output. Returns the
 * exit status: 0 there were packets and no error of first priority, 1 not so, 2 usage or I/O error. */
int probe_analyze(int argc, char **argv);

#endif
