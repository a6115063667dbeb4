/* SPDX-License-Identifier: Apache-2.0 */
/* What an engineer asks a box: signal, carousel, trust, return channel, memory, versions. Opened by a code
 * typed on the settings page. Main thread only. */
#ifndef KOKONOR_CHANNEL_DIAGNOSTICS_H
#define KOKONOR_CHANNEL_DIAGNOSTICS_H

#include "shell/channel.h"

extern const struct channel channel_diagnostics;

#endif
