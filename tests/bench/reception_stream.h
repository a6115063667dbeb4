/* SPDX-License-Identifier: Apache-2.0 */
/* The streams that reception_bench receives, made by the sending halves into memory. */
#ifndef KOKONOR_TESTS_RECEPTION_STREAM_H
#define KOKONOR_TESTS_RECEPTION_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STREAM_PROGRAMS 20
#define STREAM_PMT_PID(i) ((uint16_t)(0x100 + (i)))
#define STREAM_VIDEO_PID(i) ((uint16_t)(0x200 + (i)))
#define STREAM_AUDIO_PID(i) ((uint16_t)(0x300 + (i)))
#define STREAM_CAROUSEL_PID 0x400
#define STREAM_FILES 400

struct stream {
    uint8_t *data; /* size bytes, mapped */
    size_t size;
    size_t carousel_bytes;  /* of the files */
    size_t carousel_rounds; /* times that it could go out, about */
    size_t carousel_updates;
};

/* Of thousand packets so many are the carousel's; the others are pictures and sound of STREAM_PROGRAMS
 * programmes, with their PAT and PMTs, and a tenth of them null packets. updates: times that a tenth of the
 * carousel's files change. False without memory. */
bool stream_make(struct stream *stream, size_t size, unsigned carousel_share, unsigned updates);
void stream_free(struct stream *stream);

#endif
