/* SPDX-License-Identifier: Apache-2.0 */
/* Which state of an order leads to which. Constants. */
#ifndef KOKONOR_GATEWAY_LIFECYCLE_H
#define KOKONOR_GATEWAY_LIFECYCLE_H

#include <stdbool.h>
#include <stddef.h>

/* "accepted" ... "refunded" */
bool lifecycle_is_state(const char *state);
bool lifecycle_allows(const char *from, const char *to);
/* The states that from leads to, "a, b" or "none", for a message. */
void lifecycle_next(const char *from, char *text, size_t size);

#endif
