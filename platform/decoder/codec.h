/* SPDX-License-Identifier: Apache-2.0 */
/* libavcodec, opened when something is decoded first: it brings some seventy libraries along, which cost a
 * program's start more than all else it does, and memory that a screen without video needs not have. Files
 * of this room that call it include this instead of libavcodec/avcodec.h. Any thread. */
#ifndef KOKONOR_DECODER_CODEC_H
#define KOKONOR_DECODER_CODEC_H

#include "base/error.h"
#include <libavcodec/avcodec.h>
#include <stdbool.h>

#define CODEC_CALLS(CALL)                                                                                    \
    CALL(av_new_packet)                                                                                      \
    CALL(av_packet_alloc)                                                                                    \
    CALL(av_packet_free)                                                                                     \
    CALL(av_parser_close)                                                                                    \
    CALL(av_parser_init)                                                                                     \
    CALL(av_parser_parse2)                                                                                   \
    CALL(avcodec_alloc_context3)                                                                             \
    CALL(avcodec_default_get_buffer2)                                                                        \
    CALL(avcodec_find_decoder)                                                                               \
    CALL(avcodec_find_decoder_by_name)                                                                       \
    CALL(avcodec_flush_buffers)                                                                              \
    CALL(avcodec_free_context)                                                                               \
    CALL(avcodec_get_hw_config)                                                                              \
    CALL(avcodec_open2)                                                                                      \
    CALL(avcodec_receive_frame)                                                                              \
    CALL(avcodec_send_packet)

struct codec_calls {
#define CALL(name) __typeof__(&name) call_##name;
    CODEC_CALLS(CALL)
#undef CALL
};

/* Opens the library, once for a process; false with error set, each time, where that is not there or lacks a
 * function. Whoever makes a decoder asks first; all other calls stand on one that was made. */
bool codec_open(struct error *error);
/* Valid once codec_open has said true. */
const struct codec_calls *codec_calls(void);

#ifndef CODEC_KEEP_NAMES
#define av_new_packet (codec_calls()->call_av_new_packet)
#define av_packet_alloc (codec_calls()->call_av_packet_alloc)
#define av_packet_free (codec_calls()->call_av_packet_free)
#define av_parser_close (codec_calls()->call_av_parser_close)
#define av_parser_init (codec_calls()->call_av_parser_init)
#define av_parser_parse2 (codec_calls()->call_av_parser_parse2)
#define avcodec_alloc_context3 (codec_calls()->call_avcodec_alloc_context3)
#define avcodec_default_get_buffer2 (codec_calls()->call_avcodec_default_get_buffer2)
#define avcodec_find_decoder (codec_calls()->call_avcodec_find_decoder)
#define avcodec_find_decoder_by_name (codec_calls()->call_avcodec_find_decoder_by_name)
#define avcodec_flush_buffers (codec_calls()->call_avcodec_flush_buffers)
#define avcodec_free_context (codec_calls()->call_avcodec_free_context)
#define avcodec_get_hw_config (codec_calls()->call_avcodec_get_hw_config)
#define avcodec_open2 (codec_calls()->call_avcodec_open2)
#define avcodec_receive_frame (codec_calls()->call_avcodec_receive_frame)
#define avcodec_send_packet (codec_calls()->call_avcodec_send_packet)
#endif

#endif
