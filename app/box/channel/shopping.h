/* SPDX-License-Identifier: Apache-2.0 */
/* The shop: categories with their products ("shopping"), and one product ("product", argument: its id). */
#ifndef KOKONOR_CHANNEL_SHOPPING_H
#define KOKONOR_CHANNEL_SHOPPING_H

#include "shell/channel.h"

extern const struct channel channel_shopping;
extern const struct channel channel_product;

#endif
