/* SPDX-License-Identifier: Apache-2.0 */
/* The first start: in which language, and where the box is; then the portal. Nothing else leaves it. Main
 * thread only. */
#ifndef KOKONOR_CHANNEL_WELCOME_H
#define KOKONOR_CHANNEL_WELCOME_H

#include "shell/channel.h"

/* Argument: "area" where the language is known already. */
extern const struct channel channel_welcome;

#endif
