/* SPDX-License-Identifier: Apache-2.0 */
/* A transport stream with one H.264 and one AAC stream that nobody can watch, but that is built as a real
 * one: for tests of what handles clips without decoding them. */
#ifndef KOKONOR_TESTS_CLIP_STREAM_H
#define KOKONOR_TESTS_CLIP_STREAM_H

#include "base/buffer.h"

#define CLIP_STREAM_VIDEO_PID 0x31
#define CLIP_STREAM_AUDIO_PID 0x32

struct clip_stream {
    unsigned pictures; /* 25 a second, a random access point every ten */
    unsigned first;  /* number of the first picture sent: those before a random access point are of no use */
    unsigned frames; /* of sound, 48 kHz; 0: no such stream in the PMT */
    uint64_t first_dts;    /* 33 bits, may wrap */
    unsigned picture_size; /* bytes of each slice, at most 65536; 0: 1200 and some 300 */
    bool no_parameters;    /* without sequence parameter sets */
    bool broken_sound;     /* no ADTS */
    bool times_go_back;
    unsigned lost_packet; /* number of the packet left out; 0: none */
};

/* Appends the packets. */
void clip_stream_append(struct buffer *buffer, const struct clip_stream *options);

#endif
