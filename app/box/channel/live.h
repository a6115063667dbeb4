/* SPDX-License-Identifier: Apache-2.0 */
/* Live television, full picture, with the channel's banner. */
#ifndef KOKONOR_CHANNEL_LIVE_H
#define KOKONOR_CHANNEL_LIVE_H

#include "shell/channel.h"

extern const struct channel channel_live;

#endif
