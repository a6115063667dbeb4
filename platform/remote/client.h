/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of the remote's socket: sends a script's lines one by one and shows the answers. Waits; not
 * for a loop. */
#ifndef KOKONOR_REMOTE_CLIENT_H
#define KOKONOR_REMOTE_CLIENT_H

#include "base/error.h"
#include <stdio.h>

/* Sends each line of lines (empty ones and those that begin with # are passed over) to the socket at path and
 * waits for its answer. Stops at the first that is not "ok": false, error names the line and the answer. The
 * program must ignore SIGPIPE. */
bool remote_client_run(const char *path, FILE *lines, struct error *error);

#endif
