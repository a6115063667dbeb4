/* SPDX-License-Identifier: Apache-2.0 */
/* The picture decoder over any bytes, in both fits; every pixel of what it accepts is read. */
#include "decoder/still.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_fit(const uint8_t *data, size_t size, int width, int height, enum still_fit fit)
{
    struct still still;
    struct error error = {""};
    if (!still_decode_fit(data, size, width, height, fit, &still, &error)) {
        if (still.pixels != NULL || error.text[0] == '\0')
            abort();
        return;
    }
    if (still.width < 1 || still.width > width || still.height < 1 || still.height > height ||
        still.stride < still.width)
        abort();
    uint32_t alpha = 0xFF000000U;
    for (int y = 0; y < still.height; y++)
        for (int x = 0; x < still.width; x++)
            alpha &= still.pixels[(size_t)y * (size_t)still.stride + (size_t)x];
    if (still.opaque != (alpha >> 24 == 0xFF))
        abort();
    still_finish(&still);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_fit(data, size, 31, 17, STILL_CONTAIN);
    try_fit(data, size, 20, 24, STILL_COVER);
    return 0;
}
