/* SPDX-License-Identifier: Apache-2.0 */
/* Village services: sections with their pages ("community"), and one page ("page", argument: its id). */
#ifndef KOKONOR_CHANNEL_COMMUNITY_H
#define KOKONOR_CHANNEL_COMMUNITY_H

#include "shell/channel.h"

extern const struct channel channel_community;
extern const struct channel channel_page;

#endif
