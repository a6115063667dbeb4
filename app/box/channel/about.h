/* SPDX-License-Identifier: Apache-2.0 */
/* What this box is: version, number, licence. Main thread only. */
#ifndef KOKONOR_CHANNEL_ABOUT_H
#define KOKONOR_CHANNEL_ABOUT_H

#include "shell/channel.h"

extern const struct channel channel_about;

#endif
