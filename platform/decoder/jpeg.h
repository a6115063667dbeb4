/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG stills through libjpeg, as planes: what screens show needs no libavcodec. Any thread. */
#ifndef KOKONOR_DECODER_JPEG_H
#define KOKONOR_DECODER_JPEG_H

#include "base/error.h"
#include <libavutil/frame.h>

enum jpeg_result {
    JPEG_DECODED,
    JPEG_REFUSED, /* damaged, cut short, beyond a limit or without memory: error says which */
    JPEG_OTHER,   /* colours or a subsampling that this does not read */
};

/* Fills frame, which was empty: grey or YCbCr 4:2:0, 4:2:2, 4:4:0 or 4:4:4 of full range. On failure frame
 * may hold something, the caller's to free like the frame. */
enum jpeg_result jpeg_decode(const void *data, size_t size, AVFrame *frame, struct error *error);

#endif
