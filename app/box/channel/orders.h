/* SPDX-License-Identifier: Apache-2.0 */
/* The household's orders ("orders"), and one of them ("order", argument: its key). */
#ifndef KOKONOR_CHANNEL_ORDERS_H
#define KOKONOR_CHANNEL_ORDERS_H

#include "shell/channel.h"

extern const struct channel channel_orders;
extern const struct channel channel_order;

#endif
