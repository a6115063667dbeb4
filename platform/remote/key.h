/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a remote control, whatever device they come from. */
#ifndef KOKONOR_REMOTE_KEY_H
#define KOKONOR_REMOTE_KEY_H

#include <stdbool.h>

/* clang-format off: one line a group of the remote */
enum key {
    KEY_NONE,
    KEY_UP,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_OK,
    KEY_BACK,
    KEY_HOME,
    KEY_0,
    KEY_1,
    KEY_2,
    KEY_3,
    KEY_4,
    KEY_5,
    KEY_6,
    KEY_7,
    KEY_8,
    KEY_9,
    KEY_RED,
    KEY_GREEN,
    KEY_YELLOW,
    KEY_BLUE,
    KEY_CHANNEL_UP,
    KEY_CHANNEL_DOWN,
    KEY_VOLUME_UP,
    KEY_VOLUME_DOWN,
    KEY_MUTE,
    KEY_INFO,
    KEY_MENU,
    KEY_COUNT
};

struct key_event {
    enum key key;
    bool repeat; /* sent again while held */
};

/* "up", "ok", "5", "red", "channel_up" ... and back; KEY_NONE for an unknown name. */
const char *key_name(enum key key);
enum key key_from_name(const char *name);

#endif
