/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/remote.h"
#include "base/log.h"
#include "remote/backend.h"
#include <stdlib.h>
#include <string.h>

#define SOURCES_MAX 8

struct remote {
    struct remote_options options;
    struct {
        const struct remote_backend *backend;
        void *source;
    } sources[SOURCES_MAX];
    size_t count;
};

static void *memory_open(struct remote *remote, const char *argument, struct error *error)
{
    (void)argument;
    (void)error;
    return remote;
}

static void memory_close(void *source)
{
    (void)source;
}

const struct remote_backend remote_backend_memory = {"memory", memory_open, memory_close};

static const struct remote_backend *const backends[] = {
    &remote_backend_socket,
    &remote_backend_evdev,
    &remote_backend_memory,
};

struct remote *remote_create(const struct remote_options *options)
{
    struct remote *remote = calloc(1, sizeof(*remote));
    if (remote)
        remote->options = *options;
    return remote;
}

void remote_destroy(struct remote *remote)
{
    if (!remote)
        return;
    for (size_t i = 0; i < remote->count; i++)
        remote->sources[i].backend->close(remote->sources[i].source);
    free(remote);
}

bool remote_attach(struct remote *remote, const char *name, const char *argument, struct error *error)
{
    if (remote->count == SOURCES_MAX)
        return error_set(error, "remote: more than %d back-ends", SOURCES_MAX);
    for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
        if (strcmp(backends[i]->name, name) != 0)
            continue;
        void *source = backends[i]->open(remote, argument, error);
        if (!source)
            return false;
        remote->sources[remote->count].backend = backends[i];
        remote->sources[remote->count++].source = source;
        log_debug("%s %s", name, argument ? argument : "");
        return true;
    }
    return error_set(error, "remote: \"%s\" is no back-end (socket, evdev, memory)", name);
}

void remote_send(struct remote *remote, struct key_event event)
{
    if (event.key > KEY_NONE && event.key < KEY_COUNT)
        remote->options.key(remote->options.context, event);
}

uv_loop_t *remote_loop(const struct remote *remote)
{
    return remote->options.loop;
}

bool remote_command(struct remote *remote, struct remote_request *request, const char *line)
{
    if (!remote->options.command)
        return false;
    remote->options.command(remote->options.context, request, line);
    return true;
}
