/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe carousel: the files of an object carousel in a transport stream file. One call, any thread;
 * keeps nothing. */
#ifndef KOKONOR_PROBE_CAROUSEL_H
#define KOKONOR_PROBE_CAROUSEL_H

/* kokonor-probe carousel FILE --pid N [--output DIR]: argv[0] is "carousel". Writes the files of the carousel
 * on PID N (decimal or 0x) below DIR, which is made where missing; links inside DIR are not followed,
 * existing files are replaced. Prints a JSON summary on standard output. Returns the exit status: 0 complete,
 * 1 not complete (what there is was written), 2 usage or I/O error. */
int probe_carousel(int argc, char **argv);

#endif
