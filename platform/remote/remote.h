/* SPDX-License-Identifier: Apache-2.0 */
/* Remote controls of one box: any number of back-ends send their keys to one callback, on the loop's thread.
 * Back-ends: "socket" (argument: path of a Unix stream socket for scripts), "evdev" (argument:
 * /dev/input/eventN), "memory" (argument ignored: keys come from remote_send only). */
#ifndef KOKONOR_REMOTE_REMOTE_H
#define KOKONOR_REMOTE_REMOTE_H

#include "base/error.h"
#include "remote/key.h"
#include <uv.h>

struct remote;
struct remote_request;

typedef void remote_key_fn(void *context, struct key_event event);
/* A line from a script that is not a key: "shot /tmp/a.png", "wait-idle". The receiver answers exactly once,
 * now or later, with remote_answer. line is valid during the call. */
typedef void remote_command_fn(void *context, struct remote_request *request, const char *line);

struct remote_options {
    uv_loop_t *loop;
    remote_key_fn *key;
    remote_command_fn *command; /* may be NULL: unknown lines are answered with an error */
    void *context;              /* for both */
};

/* NULL only without memory. */
struct remote *remote_create(const struct remote_options *options);
/* No callback after it returns. Handles are closed on the loop: run it once more before closing it. Open
 * requests may still be answered; the answers go nowhere. */
void remote_destroy(struct remote *remote);
/* Opens one more back-end. On failure the others go on. */
bool remote_attach(struct remote *remote, const char *backend, const char *argument, struct error *error);
/* One key as if pressed: tests, and keys that a display's presenter has read. */
void remote_send(struct remote *remote, struct key_event event);

/* Ends a request: "ok\n" where error is NULL, else "error TEXT\n". */
void remote_answer(struct remote_request *request, const char *error);

/* The socket speaks lines of UTF-8, at most 1,024 bytes, at most 8 connections, the socket file readable by
 * its owner only: key NAME              a key of key.h ("key ok", "key 5", "key red"), answered when it has
 * been handled anything else         passed to the command callback Each line is answered by "ok" or "error
 * TEXT"; lines are answered in their order. */

#endif
