/* SPDX-License-Identifier: Apache-2.0 */
/* What a script may ask besides keys, over the remote's socket: pictures of the screen and waiting for what a
 * person would wait for. Main thread. */
#ifndef KOKONOR_SHELL_SCRIPT_H
#define KOKONOR_SHELL_SCRIPT_H

#include "remote/remote.h"
#include "shell/shell.h"

struct script;

/* Both stay the caller's. NULL only without memory. */
struct script *script_create(uv_loop_t *loop, struct shell *shell);
/* Answers what still waits with an error. The loop must be run once more. */
void script_destroy(struct script *script);

/* A line of the remote's socket (remote_command_fn):
 *     shot PATH                   draws what changed and writes the screen as a PNG
 *     wait CONDITION [SECONDS]    answered when it holds, with an error after SECONDS (20):
 *         idle                    nothing to draw, no picture on its way
 *         content                 every role's manifest has been accepted
 *         video                   a picture was shown after the line came
 *         front CHANNEL           that channel is in front
 *         order STATE             the newest order has the state ("accepted"), or has gone beyond it
 *         product ID              the programme shows that product
 *         offer CHANNEL           the programme offers that channel */
void script_command(struct script *script, struct remote_request *request, const char *line);

#endif
