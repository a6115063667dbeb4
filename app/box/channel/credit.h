/* SPDX-License-Identifier: Apache-2.0 */
/* Public credit notices: the two lists ("credit"), and one notice ("notice", argument: its id). */
#ifndef KOKONOR_CHANNEL_CREDIT_H
#define KOKONOR_CHANNEL_CREDIT_H

#include "shell/channel.h"

extern const struct channel channel_credit;
extern const struct channel channel_notice;

#endif
