/* SPDX-License-Identifier: Apache-2.0 */
/* When to try again: exponential back-off with jitter, so that boxes that failed together do not come back
 * together, and never earlier than the gateway asked (Retry-After, RFC 9110 section 10.2.3). Plain data, no
 * allocation; any thread with its own. */
#ifndef KOKONOR_LINK_BACKOFF_H
#define KOKONOR_LINK_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct backoff {
    int64_t first_ms;
    int64_t maximum_ms;
    int failures; /* in a row */
};

/* first_ms: the longest first wait (at least 1); maximum_ms: the longest wait that failures alone lead to. */
void backoff_init(struct backoff *backoff, int64_t first_ms, int64_t maximum_ms);
/* After a success: the next failure waits as the first did. */
void backoff_reset(struct backoff *backoff);
/* After a failure: how long to wait, in ms. The ceiling is first_ms doubled for each failure before, up to
 * maximum_ms; the wait lies in the upper half of it, where random (any number, all bits used) says.
 * retry_after_s >= 0 is honoured up to a day: the wait is then at least that, plus up to the same half
 * ceiling. */
int64_t backoff_next_ms(struct backoff *backoff, int64_t retry_after_s, uint32_t random);
/* True for the HTTP statuses after which the same request may succeed later: 408, 425, 429 and every 5xx but
 * 501 and 505. */
bool backoff_is_transient(int status);

#endif
