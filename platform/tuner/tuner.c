/* SPDX-License-Identifier: Apache-2.0 */
#include "tuner/tuner.h"
#include "tuner/backend.h"
#include <stdlib.h>
#include <string.h>

struct tuner {
    const struct tuner_backend *backend;
    void *state;
};

static const struct tuner_backend *const backends[] = {&tuner_backend_udp, &tuner_backend_rtp,
                                                       &tuner_backend_dvb, &tuner_backend_file};

static const struct tuner_backend *find_backend(const char *scheme)
{
    for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
        if (!strcmp(backends[i]->scheme, scheme))
            return backends[i];
    }
    return NULL;
}

struct tuner *tuner_create(const struct tuner_backend *backend, void *state)
{
    struct tuner *tuner = malloc(sizeof(*tuner));
    if (!tuner) {
        backend->close(state);
        return NULL;
    }
    tuner->backend = backend;
    tuner->state = state;
    return tuner;
}

/* The parts of the URL and who takes it; NULL with a reason in error. */
static const struct tuner_backend *read_url(const char *text, struct tuner_url *url, struct error *error)
{
    if (!tuner_url_parse(text, url, error))
        return NULL;
    const struct tuner_backend *backend = find_backend(url->scheme);
    if (!backend)
        error_set(error, "%s: no tuner for \"%s\"; expected udp://, rtp://, dvb:// or file://", text,
                  url->scheme);
    return backend;
}

bool tuner_check(const char *text, struct error *error)
{
    struct tuner_url url;
    const struct tuner_backend *backend = read_url(text, &url, error);
    return backend && backend->check(&url, error);
}

struct tuner *tuner_open(const char *text, struct error *error)
{
    struct tuner_url url;
    const struct tuner_backend *backend = read_url(text, &url, error);
    if (!backend)
        return NULL;
    void *state = backend->open(&url, error);
    if (!state)
        return NULL;
    struct tuner *tuner = tuner_create(backend, state);
    if (!tuner)
        error_set(error, "%s: out of memory", text);
    return tuner;
}

struct tuner *tuner_open_memory(const void *data, size_t size, size_t piece)
{
    void *state = tuner_memory_create(data, size, piece);
    return state ? tuner_create(&tuner_backend_memory, state) : NULL;
}

void tuner_close(struct tuner *tuner)
{
    if (!tuner)
        return;
    tuner->backend->close(tuner->state);
    free(tuner);
}

int tuner_fd(const struct tuner *tuner)
{
    return tuner->backend->fd(tuner->state);
}

ssize_t tuner_read(struct tuner *tuner, void *buffer, size_t size)
{
    return tuner->backend->read(tuner->state, buffer, size);
}

uint16_t tuner_port(const struct tuner *tuner)
{
    return tuner->backend->port ? tuner->backend->port(tuner->state) : 0;
}

bool tuner_status(struct tuner *tuner, struct tuner_status *status)
{
    *status = (struct tuner_status){0};
    return tuner->backend->status && tuner->backend->status(tuner->state, status);
}
