/* SPDX-License-Identifier: Apache-2.0 */
/* A remote (or keyboard) that Linux knows as /dev/input/eventN. */
#include "base/log.h"
#include "remote/backend.h"
#include "remote/evdev_code.h"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct evdev {
    uv_poll_t poll;
    struct remote *remote; /* NULL: closed, perhaps by the key that is being sent */
    int fd;
};

static void freed(uv_handle_t *handle)
{
    struct evdev *evdev = handle->data;
    close(evdev->fd);
    free(evdev);
}

static void readable(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct evdev *evdev = poll->data;
    const char *name;
    bool repeat;
    int got = status == 0 ? 1 : -1;
    for (int i = 0; i < 64 && got == 1 && evdev->remote; i++) {
        got = evdev_read(evdev->fd, &name, &repeat);
        if (got == 1 && name)
            remote_send(evdev->remote, (struct key_event){key_from_name(name), repeat});
    }
    if (got < 0) {
        log_warning("an input device is gone");
        uv_poll_stop(poll);
    }
}

static void *evdev_open(struct remote *remote, const char *argument, struct error *error)
{
    struct evdev *evdev = calloc(1, sizeof(*evdev));
    if (!evdev || !argument) {
        free(evdev);
        error_set(error, "remote: evdev needs a device such as /dev/input/event0");
        return NULL;
    }
    evdev->fd = open(argument, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (evdev->fd < 0 || uv_poll_init(remote_loop(remote), &evdev->poll, evdev->fd) != 0) {
        error_set(error, "remote: cannot read %s: %m", argument);
        if (evdev->fd >= 0)
            close(evdev->fd);
        free(evdev);
        return NULL;
    }
    evdev->remote = remote;
    evdev->poll.data = evdev;
    uv_poll_start(&evdev->poll, UV_READABLE, readable);
    return evdev;
}

static void evdev_close(void *source)
{
    struct evdev *evdev = source;
    evdev->remote = NULL;
    uv_close((uv_handle_t *)&evdev->poll, freed);
}

const struct remote_backend remote_backend_evdev = {"evdev", evdev_open, evdev_close};
