/* SPDX-License-Identifier: Apache-2.0 */
#include "link/backoff.h"

enum { RETRY_AFTER_MAXIMUM_S = 24 * 3600 };

void backoff_init(struct backoff *backoff, int64_t first_ms, int64_t maximum_ms)
{
    backoff->first_ms = first_ms < 1 ? 1 : first_ms;
    backoff->maximum_ms = maximum_ms < backoff->first_ms ? backoff->first_ms : maximum_ms;
    backoff->failures = 0;
}

void backoff_reset(struct backoff *backoff)
{
    backoff->failures = 0;
}

static int64_t ceiling_ms(const struct backoff *backoff)
{
    int64_t ceiling = backoff->first_ms;
    for (int i = 0; i < backoff->failures; i++) {
        if (ceiling >= backoff->maximum_ms / 2) {
            return backoff->maximum_ms;
        }
        ceiling *= 2;
    }
    return ceiling;
}

int64_t backoff_next_ms(struct backoff *backoff, int64_t retry_after_s, uint32_t random)
{
    int64_t ceiling = ceiling_ms(backoff);
    int64_t half = ceiling / 2;
    int64_t spread = (int64_t)((double)half * ((double)random / UINT32_MAX));
    int64_t wait = ceiling - half + spread;
    if (backoff->failures < 62) {
        backoff->failures++;
    }
    if (retry_after_s > RETRY_AFTER_MAXIMUM_S) {
        retry_after_s = RETRY_AFTER_MAXIMUM_S;
    }
    if (retry_after_s >= 0 && retry_after_s * 1000 + spread > wait) {
        wait = retry_after_s * 1000 + spread;
    }
    return wait;
}

bool backoff_is_transient(int status)
{
    if (status == 408 || status == 425 || status == 429) {
        return true;
    }
    return status >= 500 && status <= 599 && status != 501 && status != 505;
}
