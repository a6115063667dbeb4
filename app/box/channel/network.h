/* SPDX-License-Identifier: Apache-2.0 */
/* Whether signal, content and return channel work, in the viewer's words. Main thread only. */
#ifndef KOKONOR_CHANNEL_NETWORK_H
#define KOKONOR_CHANNEL_NETWORK_H

#include "shell/channel.h"

extern const struct channel channel_network;

#endif
