/* SPDX-License-Identifier: Apache-2.0 */
/* A stored channel list: what is read is sorted, without a number twice, and the same when written and read
 * again. */
#include "si/channels.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct si_channels channels, again;
    struct error error;
    struct buffer json;
    si_channels_init(&channels);
    si_channels_init(&again);
    buffer_init(&json, 8 * 1024 * 1024);
    if (si_channels_read(&channels, (struct bytes){data, size}, &error)) {
        for (size_t i = 1; i < channels.count; i++)
            require(channels.channels[i - 1].number < channels.channels[i].number);
        require(si_channels_write(&channels, &json));
        require(si_channels_read(&again, buffer_view(&json), &error));
        require(again.count == channels.count);
        si_channels_merge(&again, &channels);
        si_channels_merge_stream(&channels, &again, 9, 2);
        for (size_t i = 1; i < channels.count; i++)
            require(channels.channels[i - 1].number < channels.channels[i].number);
    }
    buffer_finish(&json);
    si_channels_finish(&channels);
    si_channels_finish(&again);
    return 0;
}
