/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/evdev_code.h"
#include <errno.h>
#include <linux/input.h>
#include <stddef.h>
#include <unistd.h>

static const struct {
    unsigned short code;
    const char *name;
} codes[] = {
    {KEY_UP, "up"},
    {KEY_DOWN, "down"},
    {KEY_LEFT, "left"},
    {KEY_RIGHT, "right"},
    {KEY_OK, "ok"},
    {KEY_ENTER, "ok"},
    {KEY_SELECT, "ok"},
    {KEY_KPENTER, "ok"},
    {KEY_BACK, "back"},
    {KEY_ESC, "back"},
    {KEY_BACKSPACE, "back"},
    {KEY_EXIT, "back"},
    {KEY_HOME, "home"},
    {KEY_HOMEPAGE, "home"},
    {KEY_0, "0"},
    {KEY_1, "1"},
    {KEY_2, "2"},
    {KEY_3, "3"},
    {KEY_4, "4"},
    {KEY_5, "5"},
    {KEY_6, "6"},
    {KEY_7, "7"},
    {KEY_8, "8"},
    {KEY_9, "9"},
    {KEY_NUMERIC_0, "0"},
    {KEY_NUMERIC_1, "1"},
    {KEY_NUMERIC_2, "2"},
    {KEY_NUMERIC_3, "3"},
    {KEY_NUMERIC_4, "4"},
    {KEY_NUMERIC_5, "5"},
    {KEY_NUMERIC_6, "6"},
    {KEY_NUMERIC_7, "7"},
    {KEY_NUMERIC_8, "8"},
    {KEY_NUMERIC_9, "9"},
    {KEY_RED, "red"},
    {KEY_GREEN, "green"},
    {KEY_YELLOW, "yellow"},
    {KEY_BLUE, "blue"},
    {KEY_F1, "red"},
    {KEY_F2, "green"},
    {KEY_F3, "yellow"},
    {KEY_F4, "blue"},
    {KEY_CHANNELUP, "channel_up"},
    {KEY_PAGEUP, "channel_up"},
    {KEY_CHANNELDOWN, "channel_down"},
    {KEY_PAGEDOWN, "channel_down"},
    {KEY_VOLUMEUP, "volume_up"},
    {KEY_VOLUMEDOWN, "volume_down"},
    {KEY_MUTE, "mute"},
    {KEY_INFO, "info"},
    {KEY_MENU, "menu"},
    {KEY_CONTEXT_MENU, "menu"},
};

int evdev_read(int fd, const char **name, bool *repeat)
{
    struct input_event event;
    ssize_t size = read(fd, &event, sizeof(event));
    *name = NULL;
    *repeat = false;
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (size != (ssize_t)sizeof(event))
        return -1;
    if (event.type != EV_KEY || event.value == 0)
        return 1;
    *repeat = event.value == 2;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (codes[i].code == event.code)
            *name = codes[i].name;
    return 1;
}
