/* SPDX-License-Identifier: Apache-2.0 */
/* Linux input events as names of keys: apart from key.h, whose names the kernel's header defines as macros.
 */
#ifndef KOKONOR_REMOTE_EVDEV_CODE_H
#define KOKONOR_REMOTE_EVDEV_CODE_H

#include <stdbool.h>

/* Reads one event from a non-blocking /dev/input/eventN. Returns 1 with *name (NULL: no key of a remote, or a
 * release) and *repeat, 0 where there is none now, -1 where the device is gone. */
int evdev_read(int fd, const char **name, bool *repeat);

#endif
