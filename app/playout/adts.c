/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/adts.h"
#include "base/reader.h"

bool adts_read(const uint8_t *data, size_t size, struct adts_header *header)
{
    static const unsigned rates[16] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                       22050, 16000, 12000, 11025, 8000,  7350};
    struct reader reader;
    reader_init(&reader, data, size);
    unsigned sync = reader_u16(&reader);
    unsigned rate = reader_u8(&reader);
    uint32_t rest = reader_u32(&reader);
    if (reader.failed || (sync & 0xFFF6) != 0xFFF0) /* layer is 0 */
        return false;
    header->sample_rate = rates[rate >> 2 & 15];
    header->frame_size = rest >> 13 & 0x1FFF;
    header->samples = 1024 * ((rest & 3) + 1);
    return header->sample_rate != 0 && header->frame_size > ADTS_HEADER_SIZE;
}
