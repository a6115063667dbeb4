/* SPDX-License-Identifier: Apache-2.0 */
#include "ffmpeg.h"
#include "base/log.h"
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void forward(void *class, int level, const char *format, va_list arguments)
{
    if (level > AV_LOG_WARNING)
        return;
    char line[256];
    int print_prefix = 1;
    av_log_format_line2(class, level, format, arguments, line, sizeof line, &print_prefix);
    line[strcspn(line, "\n")] = '\0';
    if (line[0] != '\0')
        log_debug("%s", line);
}

static void set_callback(void)
{
    av_log_set_level(AV_LOG_WARNING);
    av_log_set_callback(forward);
}

void ffmpeg_quieten(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_callback);
}

const char *ffmpeg_error(int code, char *buffer, size_t size)
{
    if (av_strerror(code, buffer, size) < 0)
        snprintf(buffer, size, "error %d", code);
    return buffer;
}

enum AVPixelFormat ffmpeg_plain_format(enum AVPixelFormat format, int *full_range)
{
    static const struct {
        enum AVPixelFormat from, to;
    } twins[] = {
        {AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P}, {AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P},
        {AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P}, {AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P},
        {AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P},
    };
    for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++) {
        if (twins[i].from == format) {
            *full_range = 1;
            return twins[i].to;
        }
    }
    return format;
}

void ffmpeg_set_colours(struct SwsContext *sws, const AVFrame *frame, int full_range)
{
    int matrix = frame->colorspace;
    if (matrix == AVCOL_SPC_UNSPECIFIED || matrix == AVCOL_SPC_RGB)
        matrix = frame->height > 576 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    if (full_range && frame->colorspace == AVCOL_SPC_UNSPECIFIED)
        matrix = AVCOL_SPC_SMPTE170M; /* JFIF */
    const int *from = sws_getCoefficients(matrix);
    const int *to = sws_getCoefficients(SWS_CS_DEFAULT);
    sws_setColorspaceDetails(sws, from, full_range, to, 1, 0, 1 << 16, 1 << 16);
}
