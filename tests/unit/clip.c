/* SPDX-License-Identifier: Apache-2.0 */
#include "clip.h"
#include <stdio.h>
#include <string.h>

/* The thread sanitizer cannot see how FFmpeg's own threads, built without it, keep order among themselves. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "called_from_lib:libavcodec.so\ncalled_from_lib:libavutil.so\ncalled_from_lib:libswscale.so\n"
           "race:av_buffer_unref\nrace:libavcodec.so\nrace:libavutil.so\n";
}

static bool run(const char *command, struct buffer *buffer)
{
    FILE *pipe = popen(command, "r");
    if (pipe == NULL)
        return false;
    char piece[65536];
    size_t size;
    while ((size = fread(piece, 1, sizeof piece, pipe)) > 0)
        buffer_append(buffer, piece, size);
    return pclose(pipe) == 0 && !buffer->failed;
}

bool clip_can(const char *encoder)
{
    char command[256];
    struct buffer nothing;
    buffer_init(&nothing, 1 << 20);
    snprintf(command, sizeof command, "ffmpeg -hide_banner -encoders 2>/dev/null | grep -qw %s", encoder);
    bool can = run(command, &nothing);
    buffer_finish(&nothing);
    if (!can)
        printf("skipped: no ffmpeg with the encoder %s on this machine\n", encoder);
    return can;
}

bool clip_make(struct buffer *buffer, const char *arguments)
{
    char command[2048];
    int size =
        snprintf(command, sizeof command, "ffmpeg -nostdin -hide_banner -loglevel error %s -", arguments);
    return size < (int)sizeof command && run(command, buffer) && buffer->size > 0;
}
