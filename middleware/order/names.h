/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the order room: the words for reasons, as JSON and the disk have them. */
#ifndef KOKONOR_ORDER_NAMES_H
#define KOKONOR_ORDER_NAMES_H

#include "order/order.h"

bool order_reason_parse(const char *text, enum order_reason *reason);

#endif
