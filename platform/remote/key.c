/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/key.h"
#include <stddef.h>
#include <string.h>

static const char *const names[KEY_COUNT] = {
    [KEY_UP] = "up",
    [KEY_DOWN] = "down",
    [KEY_LEFT] = "left",
    [KEY_RIGHT] = "right",
    [KEY_OK] = "ok",
    [KEY_BACK] = "back",
    [KEY_HOME] = "home",
    [KEY_0] = "0",
    [KEY_1] = "1",
    [KEY_2] = "2",
    [KEY_3] = "3",
    [KEY_4] = "4",
    [KEY_5] = "5",
    [KEY_6] = "6",
    [KEY_7] = "7",
    [KEY_8] = "8",
    [KEY_9] = "9",
    [KEY_RED] = "red",
    [KEY_GREEN] = "green",
    [KEY_YELLOW] = "yellow",
    [KEY_BLUE] = "blue",
    [KEY_CHANNEL_UP] = "channel_up",
    [KEY_CHANNEL_DOWN] = "channel_down",
    [KEY_VOLUME_UP] = "volume_up",
    [KEY_VOLUME_DOWN] = "volume_down",
    [KEY_MUTE] = "mute",
    [KEY_INFO] = "info",
    [KEY_MENU] = "menu",
};

const char *key_name(enum key key)
{
    return key > KEY_NONE && key < KEY_COUNT ? names[key] : "none";
}

enum key key_from_name(const char *name)
{
    for (size_t i = KEY_NONE + 1; i < KEY_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return (enum key)i;
    return KEY_NONE;
}
