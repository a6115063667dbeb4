/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of AAC frames in ADTS (ISO/IEC 13818-7, 6.2). No state. */
#ifndef KOKONOR_PLAYOUT_ADTS_H
#define KOKONOR_PLAYOUT_ADTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADTS_HEADER_SIZE 7

struct adts_header {
    unsigned sample_rate;
    unsigned samples;
    size_t frame_size; /* header included */
};

/* False: fewer than seven bytes, or no header. */
bool adts_read(const uint8_t *data, size_t size, struct adts_header *header);

#endif
