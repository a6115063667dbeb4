/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe applications: the AITs of a stream. One call, any thread; keeps nothing. */
#ifndef KOKONOR_PROBE_APPLICATIONS_H
#define KOKONOR_PROBE_APPLICATIONS_H

/* kokonor-probe applications SOURCE [--duration S] [--charset NAME]: argv[0] is "applications". Prints one
 * JSON object. Returns the exit status: 0 every AIT that a PMT names came whole, and there is one; 1 there is
 * none, or one did not; 2 usage or I/O error. */
int probe_applications(int argc, char **argv);

#endif
