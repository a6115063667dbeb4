/* SPDX-License-Identifier: Apache-2.0 */
#include "player/slots.h"
#include <stdlib.h>
#include <string.h>

void slots_init(struct slots *slots)
{
    memset(slots, 0, sizeof *slots);
    pthread_mutex_init(&slots->lock, NULL);
}

void slots_finish(struct slots *slots)
{
    for (int i = 0; i < SLOTS; i++)
        free(slots->slot[i].pixels);
    pthread_mutex_destroy(&slots->lock);
}

static struct slot *find(struct slots *slots, enum slot_state state)
{
    for (int i = 0; i < SLOTS; i++)
        if (slots->slot[i].state == state)
            return &slots->slot[i];
    return NULL;
}

void slots_begin(struct slots *slots, unsigned service)
{
    pthread_mutex_lock(&slots->lock);
    struct slot *due = find(slots, SLOT_DUE);
    if (due != NULL)
        due->state = SLOT_FREE;
    slots->service = service;
    slots->number = 0;
    pthread_mutex_unlock(&slots->lock);
}

/* Rows begin on 64 bytes, and swscale may write a little behind the last one. */
static bool resize(struct slot *slot, int width, int height)
{
    if (slot->pixels != NULL && slot->width == width && slot->height == height)
        return true;
    free(slot->pixels);
    slot->width = width;
    slot->height = height;
    slot->stride = (width + 15) & ~15;
    slot->pixels = aligned_alloc(64, (size_t)slot->stride * (size_t)height * sizeof(uint32_t) + 64);
    return slot->pixels != NULL;
}

struct slot *slots_make(struct slots *slots, int width, int height)
{
    pthread_mutex_lock(&slots->lock);
    struct slot *slot = find(slots, SLOT_FREE);
    if (slot != NULL && resize(slot, width, height))
        slot->state = SLOT_MADE;
    else
        slot = NULL;
    pthread_mutex_unlock(&slots->lock);
    return slot;
}

void slots_discard(struct slots *slots, struct slot *slot)
{
    if (slot == NULL)
        return;
    pthread_mutex_lock(&slots->lock);
    slot->state = SLOT_FREE;
    pthread_mutex_unlock(&slots->lock);
}

bool slots_publish(struct slots *slots, struct slot *slot, unsigned service, bool *replaced)
{
    pthread_mutex_lock(&slots->lock);
    bool current = service == slots->service;
    struct slot *due = find(slots, SLOT_DUE);
    *replaced = current && due != NULL;
    if (*replaced)
        due->state = SLOT_FREE;
    slot->state = current ? SLOT_DUE : SLOT_FREE;
    if (current)
        slot->number = ++slots->number;
    pthread_mutex_unlock(&slots->lock);
    return current;
}

bool slots_take(struct slots *slots, struct player_frame *frame)
{
    pthread_mutex_lock(&slots->lock);
    struct slot *due = find(slots, SLOT_DUE);
    if (due != NULL) {
        due->state = SLOT_TAKEN;
        *frame = (struct player_frame){.pixels = due->pixels,
                                       .width = due->width,
                                       .height = due->height,
                                       .stride = due->stride,
                                       .time_90khz = due->time_90khz,
                                       .number = due->number};
    }
    pthread_mutex_unlock(&slots->lock);
    return due != NULL;
}

bool slots_release(struct slots *slots, const struct player_frame *frame)
{
    bool released = false;
    pthread_mutex_lock(&slots->lock);
    for (int i = 0; i < SLOTS && !released; i++) {
        struct slot *slot = &slots->slot[i];
        released = slot->state == SLOT_TAKEN && slot->pixels == frame->pixels;
        if (released)
            slot->state = SLOT_FREE;
    }
    pthread_mutex_unlock(&slots->lock);
    return released;
}
