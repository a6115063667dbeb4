/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the devices of the Linux DVB API, so that a test can stand in for the kernel. */
#ifndef KOKONOR_TUNER_DVB_H
#define KOKONOR_TUNER_DVB_H

#include "tuner/tuner.h"

/* open, close, ioctl and read of the system: the same values, the same errno. */
struct tuner_dvb_system {
    int (*open)(const char *path, int flags);
    int (*close)(int fd);
    int (*ioctl)(int fd, unsigned long request, void *argument);
    ssize_t (*read)(int fd, void *buffer, size_t size);
};

/* tuner_open for a dvb:// URL over another system, which must outlive the tuner. */
struct tuner *tuner_open_dvb(const char *url, const struct tuner_dvb_system *system, struct error *error);

#endif
