/* SPDX-License-Identifier: Apache-2.0 */
/* The few buffers in which shown pictures travel from the player's thread to the main one. Locks itself; any
 * thread. */
#ifndef KOKONOR_PLAYER_SLOTS_H
#define KOKONOR_PLAYER_SLOTS_H

#include "player/player.h"
#include <pthread.h>

#define SLOTS 3 /* one being made, one due, one on the screen */

enum slot_state { SLOT_FREE, SLOT_MADE, SLOT_DUE, SLOT_TAKEN };

struct slot {
    enum slot_state state;
    uint32_t *pixels;
    int width, height, stride;
    int64_t time_90khz;
    uint64_t number;
};

struct slots {
    pthread_mutex_t lock;
    struct slot slot[SLOTS];
    unsigned service; /* whose pictures may become due */
    uint64_t number;
};

void slots_init(struct slots *slots);
void slots_finish(struct slots *slots);
/* Nothing is due any more; from now on only pictures of service become so. */
void slots_begin(struct slots *slots, unsigned service);
/* A free slot of that size, for the player's thread to fill; NULL: none is free, or no memory. */
struct slot *slots_make(struct slots *slots, int width, int height);
/* Gives a slot back that was made but is not to be shown. NULL does nothing. */
void slots_discard(struct slots *slots, struct slot *slot);
/* The picture is the newest now; false where it was of another service and is discarded. replaced: an older
 * one was never taken. */
bool slots_publish(struct slots *slots, struct slot *slot, unsigned service, bool *replaced);
bool slots_take(struct slots *slots, struct player_frame *frame);
/* True where the frame was one of ours and taken. */
bool slots_release(struct slots *slots, const struct player_frame *frame);

#endif
