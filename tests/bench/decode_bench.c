/* SPDX-License-Identifier: Apache-2.0 */
/* Processor time to decode 1280x720 H.264 and turn it into RGB32, as a ratio to what the ffmpeg command line
 * takes for the same clip, measured in the same run. */
#include "../unit/clip.h"
#include "base/clock.h"
#include "base/file.h"
#include "decoder/video.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define SECONDS "20"
#define PIECE 65536

struct work {
    struct video_scaler *scaler;
    uint32_t *pixels;
    int width, height, frames;
};

static double seconds_of(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void draw(void *context, struct video_frame *frame)
{
    struct work *work = context;
    work->frames += video_scale(work->scaler, frame, work->pixels, work->width, work->height, work->width);
    video_frame_release(frame);
}

static double measure_ours(const struct buffer *clip, struct work *work)
{
    static uint8_t piece[PIECE + DECODER_PADDING];
    double begin = seconds_of(RUSAGE_SELF);
    work->frames = 0;
    struct video_decoder *decoder = video_decoder_open("software", VIDEO_H264, NULL);
    for (size_t at = 0; decoder != NULL && at < clip->size; at += PIECE) {
        size_t size = clip->size - at < PIECE ? clip->size - at : PIECE;
        memcpy(piece, clip->data + at, size);
        video_decoder_push(decoder, piece, size, VIDEO_TIME_NONE, VIDEO_TIME_NONE, draw, work);
    }
    if (decoder != NULL)
        video_decoder_drain(decoder, draw, work);
    video_decoder_close(decoder);
    return seconds_of(RUSAGE_SELF) - begin;
}

static double measure_ffmpeg(const char *path, const struct work *work)
{
    char command[1024];
    snprintf(command, sizeof command,
             "ffmpeg -nostdin -loglevel error -threads 2 -f h264 -i %s -vf "
             "scale=%d:%d:flags=fast_bilinear,format=bgra "
             "-f null - >/dev/null 2>&1",
             path, work->width, work->height);
    double begin = seconds_of(RUSAGE_CHILDREN);
    return system(command) == 0 ? seconds_of(RUSAGE_CHILDREN) - begin : -1;
}

static bool compare(const struct buffer *clip, const char *path, int width, int height)
{
    struct work work = {.scaler = video_scaler_create(), .width = width, .height = height};
    work.pixels = malloc((size_t)width * (size_t)height * sizeof *work.pixels + 64);
    bool done = work.scaler != NULL && work.pixels != NULL;
    if (done) {
        double ours = measure_ours(clip, &work), reference = measure_ffmpeg(path, &work);
        done = work.frames == atoi(SECONDS) * 25 && reference > 0;
        printf("1280x720 to %dx%d: %.2f ms a frame, %.2f of ffmpeg's\n", width, height,
               ours * 1000 / work.frames, ours / reference);
    }
    free(work.pixels);
    video_scaler_destroy(work.scaler);
    return done;
}

int main(void)
{
    char folder[] = "/tmp/kokonor-bench-XXXXXX", path[64];
    struct buffer clip;
    if (!clip_can("libx264"))
        return 77;
    buffer_init(&clip, 64 << 20);
    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/clip.h264", folder);
    bool done =
        clip_make(&clip, "-f lavfi -i testsrc2=s=1280x720:r=25:d=" SECONDS
                         ",noise=alls=6:allf=t -c:v libx264 -preset veryfast -pix_fmt yuv420p -bf 2 -g 25 "
                         "-b:v 4M -f h264") &&
        file_write(path, clip.data, clip.size, NULL) && compare(&clip, path, 1280, 720) &&
        compare(&clip, path, 640, 360);
    file_remove_tree(folder, NULL);
    buffer_finish(&clip);
    return done ? 0 : 1;
}
