/* SPDX-License-Identifier: Apache-2.0 */
/* Where the household lives: province, prefecture, county. Main thread only. */
#ifndef KOKONOR_CHANNEL_AREA_H
#define KOKONOR_CHANNEL_AREA_H

#include "shell/channel.h"

extern const struct channel channel_area;

#endif
