/* SPDX-License-Identifier: Apache-2.0 */
/* What a careful viewer would complain about on the screen that stands now, found in the laid out scene
 * without drawing it: no focus to be seen, words that are cut, stick out or run into others, a key or a {0}
 * instead of words. Single thread; the ui stays the caller's. */
#ifndef KOKONOR_GOLDEN_INSPECT_H
#define KOKONOR_GOLDEN_INSPECT_H

#include "ui/ui.h"

/* complaint: one line, valid during the call. */
typedef void inspect_fn(void *context, const char *complaint);

struct inspection {
    uint64_t screen; /* a number made of all that can be read and where; the same for the same picture */
    uint64_t state;  /* that and where the focus is */
    uint64_t focus;  /* which thing has it, wherever that is; 0: none, or a text that scrolls */
    bool has_focus;  /* false: there is nothing on the screen that could have it */
    bool dialog;     /* one stands before the screen */
    size_t texts;    /* words in view */
};

/* complain may be NULL. What is on the toast layer is looked at, but is not part of the state. */
struct inspection inspect(struct ui *ui, inspect_fn *complain, void *context);

#endif
