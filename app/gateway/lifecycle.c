/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/lifecycle.h"
#include <stdio.h>
#include <string.h>

/* Cash on delivery is shipped before it is paid, and completed when the money came; the other ways are paid
 * first. */
static const struct {
    const char *from;
    const char *to[4];
} moves[] = {
    {"accepted", {"paid", "shipped", "cancelled"}},
    {"paid", {"shipped", "returning"}},
    {"shipped", {"delivered", "returning"}},
    {"delivered", {"completed", "returning"}},
    {"completed", {"returning"}},
    {"cancelled", {NULL}},
    {"returning", {"refunded"}},
    {"refunded", {NULL}},
};

static const char *const *find(const char *from)
{
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        if (strcmp(moves[i].from, from) == 0) {
            return moves[i].to;
        }
    }
    return NULL;
}

bool lifecycle_is_state(const char *state)
{
    return find(state) != NULL;
}

bool lifecycle_allows(const char *from, const char *to)
{
    const char *const *next = find(from);
    for (; next && *next; next++) {
        if (strcmp(*next, to) == 0) {
            return true;
        }
    }
    return false;
}

void lifecycle_next(const char *from, char *text, size_t size)
{
    const char *const *next = find(from);
    int used = 0;
    snprintf(text, size, "none");
    for (; next && *next && used >= 0 && (size_t)used < size; next++) {
        used += snprintf(text + used, size - (size_t)used, "%s%s", used ? ", " : "", *next);
    }
}
