/* SPDX-License-Identifier: Apache-2.0 */
/* The search for channels: begins when it is opened, ends when it is left. */
#ifndef KOKONOR_CHANNEL_SCAN_H
#define KOKONOR_CHANNEL_SCAN_H

#include "shell/channel.h"

extern const struct channel channel_scan;

#endif
