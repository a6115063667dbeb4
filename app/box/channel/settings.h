/* SPDX-License-Identifier: Apache-2.0 */
/* Language, and what an engineer asks about this box. */
#ifndef KOKONOR_CHANNEL_SETTINGS_H
#define KOKONOR_CHANNEL_SETTINGS_H

#include "shell/channel.h"

extern const struct channel channel_settings;

#endif
