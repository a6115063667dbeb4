/* SPDX-License-Identifier: Apache-2.0 */
#include "order/names.h"
#include <string.h>

struct words {
    const char *name;
    const char *text_key;
};

static const struct words states[ORDER_STATE_COUNT] = {
    [ORDER_QUEUED] = {"queued", "orders.state.queued"},
    [ORDER_SENT] = {"sent", "orders.state.sent"},
    [ORDER_ACCEPTED] = {"accepted", "orders.state.accepted"},
    [ORDER_REFUSED] = {"refused", "orders.state.refused"},
    [ORDER_PAID] = {"paid", "orders.state.paid"},
    [ORDER_SHIPPED] = {"shipped", "orders.state.shipped"},
    [ORDER_DELIVERED] = {"delivered", "orders.state.delivered"},
    [ORDER_COMPLETED] = {"completed", "orders.state.completed"},
    [ORDER_CANCELLED] = {"cancelled", "orders.state.cancelled"},
    [ORDER_RETURNING] = {"returning", "orders.state.returning"},
    [ORDER_REFUNDED] = {"refunded", "orders.state.refunded"},
};

static const struct words reasons[ORDER_REASON_COUNT] = {
    [ORDER_REASON_NONE] = {"none", "order.refused.other"},
    [ORDER_REASON_PRICE_CHANGED] = {"price_changed", "order.refused.price_changed"},
    [ORDER_REASON_OUT_OF_STOCK] = {"out_of_stock", "order.refused.out_of_stock"},
    [ORDER_REASON_UNKNOWN_PRODUCT] = {"unknown_product", "order.refused.unknown_product"},
    [ORDER_REASON_NOT_A_SUBSCRIBER] = {"not_a_subscriber", "order.refused.not_a_subscriber"},
    [ORDER_REASON_INVALID] = {"invalid", "order.refused.other"},
};

const char *order_state_str(enum order_state state)
{
    return (unsigned)state < ORDER_STATE_COUNT ? states[state].name : "?";
}

const char *order_state_text_key(enum order_state state)
{
    return (unsigned)state < ORDER_STATE_COUNT ? states[state].text_key : "";
}

bool order_state_parse(const char *text, enum order_state *state)
{
    for (unsigned i = 0; i < ORDER_STATE_COUNT; i++) {
        if (strcmp(text, states[i].name) == 0) {
            *state = (enum order_state)i;
            return true;
        }
    }
    return false;
}

const char *order_reason_str(enum order_reason reason)
{
    return (unsigned)reason < ORDER_REASON_COUNT ? reasons[reason].name : "?";
}

const char *order_reason_text_key(enum order_reason reason)
{
    return (unsigned)reason < ORDER_REASON_COUNT ? reasons[reason].text_key : "";
}

bool order_reason_parse(const char *text, enum order_reason *reason)
{
    for (unsigned i = 0; i < ORDER_REASON_COUNT; i++) {
        if (strcmp(text, reasons[i].name) == 0) {
            *reason = (enum order_reason)i;
            return true;
        }
    }
    return false;
}
