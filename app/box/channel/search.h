/* SPDX-License-Identifier: Apache-2.0 */
/* Products and companies by the digits of the remote. Argument: digits typed already, or "". */
#ifndef KOKONOR_CHANNEL_SEARCH_H
#define KOKONOR_CHANNEL_SEARCH_H

#include "shell/channel.h"

struct shell;

extern const struct channel channel_search;

/* For the key function of other channels: a digit opens the search with it. False: it was none. */
bool search_begin(struct shell *shell, struct key_event event);

#endif
