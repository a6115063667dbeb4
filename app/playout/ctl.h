/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-playout ctl: asks a running playout over its control socket and prints its answer. */
#ifndef KOKONOR_PLAYOUT_CTL_H
#define KOKONOR_PLAYOUT_CTL_H

/* argv[0] is "ctl". The exit status: 0 done, 1 refused or nobody there, 2 not a proper command line. */
int ctl_run(int argc, char **argv);

#endif
