/* SPDX-License-Identifier: Apache-2.0 */
/* Confirming an order and what became of it. Argument: "PRODUCT QUANTITY", and " live" where it
 * was opened from the live picture and is to lead back there. */
#ifndef KOKONOR_CHANNEL_PURCHASE_H
#define KOKONOR_CHANNEL_PURCHASE_H

#include "shell/channel.h"

extern const struct channel channel_purchase;

#endif
