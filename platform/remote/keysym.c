/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/keysym.h"
#include <stddef.h>

static const struct {
    uint32_t symbol;
    enum key key;
} keys[] = {
    {0xff52, KEY_UP},
    {0xff97, KEY_UP},
    {0xff54, KEY_DOWN},
    {0xff99, KEY_DOWN},
    {0xff51, KEY_LEFT},
    {0xff96, KEY_LEFT},
    {0xff53, KEY_RIGHT},
    {0xff98, KEY_RIGHT},
    {0xff0d, KEY_OK},           /* Return */
    {0xff8d, KEY_OK},           /* KP_Enter */
    {0xff1b, KEY_BACK},         /* Escape */
    {0xff08, KEY_BACK},         /* BackSpace */
    {0x1008ff26, KEY_BACK},     /* XF86Back */
    {0xff50, KEY_HOME},         /* Home */
    {0x1008ff18, KEY_HOME},     /* XF86HomePage */
    {0xffbe, KEY_RED},          /* F1 */
    {0xffbf, KEY_GREEN},        /* F2 */
    {0xffc0, KEY_YELLOW},       /* F3 */
    {0xffc1, KEY_BLUE},         /* F4 */
    {0xff55, KEY_CHANNEL_UP},   /* Page_Up */
    {0xff56, KEY_CHANNEL_DOWN}, /* Page_Down */
    {'+', KEY_VOLUME_UP},
    {'=', KEY_VOLUME_UP},
    {0xffab, KEY_VOLUME_UP},     /* KP_Add */
    {0x1008ff13, KEY_VOLUME_UP}, /* XF86AudioRaiseVolume */
    {'-', KEY_VOLUME_DOWN},
    {0xffad, KEY_VOLUME_DOWN},     /* KP_Subtract */
    {0x1008ff11, KEY_VOLUME_DOWN}, /* XF86AudioLowerVolume */
    {'m', KEY_MUTE},
    {0x1008ff12, KEY_MUTE}, /* XF86AudioMute */
    {'i', KEY_INFO},
    {0xffc7, KEY_MENU}, /* F10 */
    {0xff67, KEY_MENU}, /* Menu */
};

enum key key_from_keysym(uint32_t symbol)
{
    if (symbol >= '0' && symbol <= '9')
        return (enum key)(KEY_0 + (symbol - '0'));
    if (symbol >= 0xffb0 && symbol <= 0xffb9) /* KP_0 to KP_9 */
        return (enum key)(KEY_0 + (symbol - 0xffb0));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (keys[i].symbol == symbol)
            return keys[i].key;
    return KEY_NONE;
}
