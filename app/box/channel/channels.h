/* SPDX-License-Identifier: Apache-2.0 */
/* The channels of the box. To add one: its own file pair here and a line in channels.c. */
#ifndef KOKONOR_CHANNEL_CHANNELS_H
#define KOKONOR_CHANNEL_CHANNELS_H

#include "shell/channel.h"

/* Ends with NULL; the portal first. */
extern const struct channel *const channels[];

#endif
