/* SPDX-License-Identifier: Apache-2.0 */
/* Building PES packets (ISO/IEC 13818-1, 2.4.3.6). The demultiplexer of demux.h reads them. */
#ifndef KOKONOR_TS_PES_H
#define KOKONOR_TS_PES_H

#include "base/buffer.h"

/* Appends one PES packet. data_alignment_indicator is set; PES_packet_length is 0 where a video payload is
 * too long for it. dts is written only where it differs from pts. Times are taken modulo 2^33. */
void ts_pes_append(struct buffer *buffer, uint8_t stream_id, uint64_t pts_90khz, uint64_t dts_90khz,
                   const void *data, size_t size);

#endif
