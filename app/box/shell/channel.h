/* SPDX-License-Identifier: Apache-2.0 */
/* What the shell knows of a channel: one const descriptor in the table that main gives it. A channel is a
 * guest: it draws with ui, asks the shell for everything else, and knows no other channel but by name. Main
 * thread only. */
#ifndef KOKONOR_SHELL_CHANNEL_H
#define KOKONOR_SHELL_CHANNEL_H

#include "remote/key.h"
#include <stdbool.h>

struct view;

/* What has changed, as bits. */
enum shell_change {
    SHELL_CHANGED_CONTENT = 1,    /* the store has a newer commerce, credit or community */
    SHELL_CHANGED_ORDERS = 2,     /* the order book */
    SHELL_CHANGED_NEWS = 4,       /* services, events, signal (reception's news) */
    SHELL_CHANGED_LANGUAGE = 8,   /* and with it every text that is content; also the look: build it anew */
    SHELL_CHANGED_PLAYER = 16,    /* the player's state, decoder or size of picture; not each frame */
    SHELL_CHANGED_PROGRAMME = 32, /* what the programme shows (shell_product) or offers (shell_offers) */
    SHELL_CHANGED_GUIDE = 64,     /* the programmes that were asked for */
    SHELL_CHANGED_SOUND = 128,    /* muted, or heard again */
};

struct channel {
    const char *name; /* what shell_open calls it */
    /* Builds its screen with view_screen or view_overlay and returns its own state, which close frees; NULL:
     * it cannot be shown, the view goes away again. argument: "" or what shell_open was given, valid during
     * the call. It must not call shell_open, shell_back or shell_home. */
    void *(*open)(struct view *view, const char *argument);
    /* A key that nothing on its screen wanted; true: used. BACK and HOME come here first too. May be NULL. */
    bool (*key)(void *self, struct key_event event);
    /* The time asked for with view_tick_in has come. May be NULL. */
    void (*tick)(void *self);
    /* It is in front and something changed (since it was last told). May be NULL. */
    void (*changed)(void *self, unsigned changes);
    /* The view ends; its nodes are destroyed after the call. */
    void (*close)(void *self);
};

#endif
