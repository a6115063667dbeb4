/* SPDX-License-Identifier: Apache-2.0 */
/* What a source of keys must offer to remote.c: one const descriptor a back-end. The loop's thread only. */
#ifndef KOKONOR_REMOTE_BACKEND_H
#define KOKONOR_REMOTE_BACKEND_H

#include "remote/remote.h"

struct remote_backend {
    const char *name;
    /* NULL with error set on failure; what is returned is given back by close, which may finish on the loop.
     */
    void *(*open)(struct remote *remote, const char *argument, struct error *error);
    void (*close)(void *source);
};

extern const struct remote_backend remote_backend_socket;
extern const struct remote_backend remote_backend_evdev;
extern const struct remote_backend remote_backend_memory;

uv_loop_t *remote_loop(const struct remote *remote);
/* Hands a line that is not a key to the program's callback; false where there is none. */
bool remote_command(struct remote *remote, struct remote_request *request, const char *line);

#endif
