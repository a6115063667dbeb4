/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket of a running playout and its client: a JSON object on a line of at most
 * CONTROL_LINE_MAX bytes, with "size" that many bytes behind it, is answered by a JSON object on a line. The
 * server has a thread of its own. */
#ifndef KOKONOR_PLAYOUT_CONTROL_H
#define KOKONOR_PLAYOUT_CONTROL_H

#include "base/buffer.h"
#include "base/error.h"
#include <jansson.h>

#define CONTROL_LINE_MAX 4096
#define CONTROL_BODY_MAX (8u * 1024 * 1024)
#define CONTROL_ANSWER_MAX (256u * 1024)

struct control;

/* Answers one request, on the server's thread: a new reference; NULL without memory. */
typedef json_t *control_handle_fn(void *context, const json_t *request, struct bytes body);

/* Listens at path, for its own user only (mode 0600). A socket that a killed program left there is replaced;
 * one in use, and any other file, is not. NULL and a reason in error. */
struct control *control_open(const char *path, control_handle_fn *handle, void *context, struct error *error);
/* Ends the connection under way and removes the socket. NULL does nothing. */
void control_close(struct control *control);

/* The client: sends request with body behind it and waits for the answer, a new reference. NULL and a reason
 * in error: nobody listens, or no answer within timeout_ms. */
json_t *control_ask(const char *path, const json_t *request, struct bytes body, int timeout_ms,
                    struct error *error);

/* {"ok": false, "error": text} */
json_t *control_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
