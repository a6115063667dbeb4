/* SPDX-License-Identifier: Apache-2.0 */
/* The first screen: what is on air, and the doors to the channels. */
#ifndef KOKONOR_CHANNEL_PORTAL_H
#define KOKONOR_CHANNEL_PORTAL_H

#include "shell/channel.h"

extern const struct channel channel_portal;

#endif
