/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe carousel: the files of an object carousel in a transport stream. One call, any thread;
 * keeps nothing. */
#ifndef KOKONOR_PROBE_CAROUSEL_H
#define KOKONOR_PROBE_CAROUSEL_H

/* kokonor-probe carousel SOURCE [--pid N] [--carousel ID] [--service N] [--output DIR] [--duration S]:
 * argv[0] is "carousel". Without --pid the first carousel that the PMTs announce, of that id and service; its
 * PIDs are theirs. Follows updates to the end, and writes the latest complete tree (what there is, where none
 * was complete) below DIR, which is made where missing; links inside DIR are not followed, existing files are
 * replaced. Prints a JSON summary on standard output. Returns the exit status: 0 complete, 1 not complete or
 * not found, 2 usage or I/O error. */
int probe_carousel(int argc, char **argv);

#endif
