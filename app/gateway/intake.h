/* SPDX-License-Identifier: Apache-2.0 */
/* The body of POST /v1/orders, read and checked before the database is asked. Any thread. */
#ifndef KOKONOR_GATEWAY_INTAKE_H
#define KOKONOR_GATEWAY_INTAKE_H

#include "base/buffer.h"
#include "base/error.h"
#include <stdint.h>

#define INTAKE_BODY_MAXIMUM (64 * 1024)
#define INTAKE_LINES_MAXIMUM 50
#define INTAKE_QUANTITY_MAXIMUM 999
#define INTAKE_PRICE_MAXIMUM_FEN INT64_C(1000000000)
#define INTAKE_TEXT_MAXIMUM 200 /* bytes of a part of the delivery address */

struct intake {
    char payment[16];
    int64_t total_fen;                           /* equals the sum of the lines */
    char delivery_name[INTAKE_TEXT_MAXIMUM + 1]; /* all three empty: the registered address */
    char delivery_phone[INTAKE_TEXT_MAXIMUM + 1];
    char delivery_address[INTAKE_TEXT_MAXIMUM + 1];
    size_t line_count; /* at least 1; each product once */
    struct intake_line {
        char product[49];
        int64_t quantity;
        int64_t unit_price_fen; /* what the viewer saw */
    } lines[INTAKE_LINES_MAXIMUM];
};

/* False with error naming the JSON path, what was expected and what was found. */
bool intake_parse(struct bytes body, struct intake *intake, struct error *error);

#endif
