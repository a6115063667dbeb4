/* SPDX-License-Identifier: Apache-2.0 */
/* A screen that is watched from outside: an X server of its own, keys sent as a keyboard would, and the
 * moments at which its pixels change, all on one monotonic clock in milliseconds. Single thread. */
#ifndef KOKONOR_BENCH_SCREEN_WATCH_H
#define KOKONOR_BENCH_SCREEN_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch;

/* Starts Xvfb with a screen of this size and sets DISPLAY. NULL, and the reason printed, where it cannot. */
struct watch *watch_create(int width, int height);
void watch_destroy(struct watch *watch);

double watch_now_ms(void);
/* Waits at most ms for a change of the screen. *at_ms (may be NULL): when it was noticed. False where there
 * was none in time. Pixels that were written but are as before are no change. */
bool watch_change(struct watch *watch, double ms, double *at_ms);
/* Takes the screen as it is now for what it was before. */
void watch_forget(struct watch *watch);
/* Waits until nothing has changed for ms, at most limit_ms; gives when the last change was noticed, -1 where
 * there was none. */
double watch_quiet(struct watch *watch, double ms, double limit_ms);
uint32_t watch_pixel(struct watch *watch, int x, int y); /* 0xRRGGBB */
/* A key by its X keysym, pressed and let go. */
void watch_press(struct watch *watch, uint32_t keysym);
void watch_release(struct watch *watch, uint32_t keysym);

#endif
