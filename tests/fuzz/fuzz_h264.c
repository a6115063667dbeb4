/* SPDX-License-Identifier: Apache-2.0 */
/* Parameter sets of a clip: whatever the bytes, the buffers said are within what a level has, times four. */
#include "playout/h264.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct h264_buffer buffer;
    if (!h264_read_buffer(data, size, &buffer))
        return 0;
    if (buffer.cpb_bits <= 0 || buffer.bit_rate <= 0 || buffer.cpb_bits > 4 * buffer.level_cpb_bits ||
        buffer.bit_rate > 4 * buffer.level_bit_rate)
        abort();
    return 0;
}
