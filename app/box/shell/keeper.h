/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps one setting by a worker: the disk may take its time, the screen may not. Main thread only. Owned by
 * who made it; the settings stay the caller's and outlive the loop's next run to its end. */
#ifndef KOKONOR_SHELL_KEEPER_H
#define KOKONOR_SHELL_KEEPER_H

#include "store/settings.h"
#include <uv.h>

struct keeper;

/* name is not copied. NULL only without memory. */
struct keeper *keeper_create(uv_loop_t *loop, struct settings *settings, const char *name);
/* What was given last is still written. The loop must be run until that is done. NULL does nothing. */
void keeper_destroy(struct keeper *keeper);

/* Writes value (cut at 63 bytes), one write at a time: of several given in a hurry the last one stays. A
 * failure is logged. NULL keeper: nothing is kept. */
void keeper_set(struct keeper *keeper, const char *value);

#endif
