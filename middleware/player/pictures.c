/* SPDX-License-Identifier: Apache-2.0 */
#include "player/pictures.h"
#include "player/timeline.h"
#include <stdlib.h>
#include <string.h>

#define WAITING_MAX 32   /* a decoder hands out as many at once when it is drained */
#define WAITING_ENOUGH 4 /* decoded ahead; each is a whole picture in memory */
#define SCALE_AHEAD_US 60000
#define DUE_US 2000             /* sooner than this is now: a sleep is not exact */
#define SHOW_AT_LEAST_US 200000 /* a box that is too slow still shows some of the late pictures */
#define HURRY_US 80000          /* so late, pictures that no other needs are left out */
#define CALM_US (-20000)
#define FIELD 3600 /* 25 frames a second, where a stream has no times */

struct player_pictures {
    struct slots *slots;
    struct video_scaler *scaler;
    struct video_decoder *decoder;
    unsigned service;
    int width, height;
    struct video_frame *waiting[WAITING_MAX];
    int64_t times[WAITING_MAX];
    int first, count;
    int64_t last_time; /* of the newest that waited, or TIMELINE_NONE */
    struct slot *made;
    bool first_shown;
    struct player_pictures_status status;
};

struct player_pictures *player_pictures_create(struct slots *slots)
{
    struct player_pictures *pictures = calloc(1, sizeof *pictures);
    if (pictures == NULL)
        return NULL;
    pictures->slots = slots;
    pictures->last_time = TIMELINE_NONE;
    pictures->status.shown_us = INT64_MIN;
    pictures->scaler = video_scaler_create();
    if (pictures->scaler == NULL) {
        free(pictures);
        return NULL;
    }
    return pictures;
}

static void drop_head(struct player_pictures *pictures)
{
    video_frame_release(pictures->waiting[pictures->first]);
    pictures->first = (pictures->first + 1) % WAITING_MAX;
    pictures->count--;
}

static void discard_made(struct player_pictures *pictures)
{
    slots_discard(pictures->slots, pictures->made);
    pictures->made = NULL;
}

static void forget(struct player_pictures *pictures)
{
    while (pictures->count > 0)
        drop_head(pictures);
    discard_made(pictures);
    pictures->last_time = TIMELINE_NONE;
    pictures->first_shown = false;
}

void player_pictures_destroy(struct player_pictures *pictures)
{
    if (pictures == NULL)
        return;
    forget(pictures);
    video_decoder_close(pictures->decoder);
    video_scaler_destroy(pictures->scaler);
    free(pictures);
}

bool player_pictures_begin(struct player_pictures *pictures, const char *name, enum video_kind kind,
                           unsigned service, struct error *error)
{
    forget(pictures);
    video_decoder_close(pictures->decoder);
    pictures->decoder = NULL;
    pictures->service = service;
    pictures->status = (struct player_pictures_status){.shown_us = INT64_MIN};
    if (kind == VIDEO_NONE)
        return true;
    pictures->decoder = video_decoder_open(name, kind, error);
    return pictures->decoder != NULL;
}

void player_pictures_flush(struct player_pictures *pictures)
{
    forget(pictures);
    if (pictures->decoder != NULL)
        video_decoder_flush(pictures->decoder);
}

void player_pictures_set_size(struct player_pictures *pictures, int width, int height)
{
    pictures->width = width;
    pictures->height = height;
}

const char *player_pictures_decoder(const struct player_pictures *pictures)
{
    return pictures->decoder == NULL ? "" : video_decoder_name(pictures->decoder);
}

bool player_pictures_hungry(const struct player_pictures *pictures)
{
    return pictures->decoder != NULL && pictures->count < WAITING_ENOUGH;
}

static void on_frame(void *context, struct video_frame *frame)
{
    struct player_pictures *pictures = context;
    struct video_picture picture;
    video_frame_picture(frame, &picture);
    int64_t time = picture.time_90khz;
    if (time == VIDEO_TIME_NONE)
        time = pictures->last_time == TIMELINE_NONE ? TIMELINE_NONE : pictures->last_time + FIELD;
    pictures->status.width = picture.width;
    pictures->status.height = picture.height;
    bool forward =
        time != TIMELINE_NONE && (pictures->last_time == TIMELINE_NONE || time > pictures->last_time);
    if (!forward || pictures->count == WAITING_MAX) {
        pictures->status.dropped++;
        video_frame_release(frame);
        return;
    }
    int at = (pictures->first + pictures->count++) % WAITING_MAX;
    pictures->waiting[at] = frame;
    pictures->times[at] = pictures->last_time = time;
}

void player_pictures_push(struct player_pictures *pictures, const uint8_t *data, size_t size, int64_t pts,
                          int64_t dts)
{
    if (pictures->decoder != NULL)
        video_decoder_push(pictures->decoder, data, size, pts, dts, on_frame, pictures);
}

/* Leaves out pictures whose successor is due as well, unless nothing was shown for too long. */
static void drop_late(struct player_pictures *pictures, int64_t now_us, int64_t base_us)
{
    if (!pictures->first_shown || now_us - pictures->status.shown_us > SHOW_AT_LEAST_US)
        return;
    if (pictures->made != NULL && pictures->count > 0 &&
        base_us + timeline_us(pictures->times[pictures->first]) <= now_us) {
        discard_made(pictures);
        pictures->status.dropped++;
    }
    while (pictures->made == NULL && pictures->count > 1 &&
           base_us + timeline_us(pictures->times[(pictures->first + 1) % WAITING_MAX]) <= now_us) {
        drop_head(pictures);
        pictures->status.dropped++;
    }
}

static void hurry(struct player_pictures *pictures, int64_t late_us)
{
    if (late_us > HURRY_US)
        video_decoder_hurry(pictures->decoder, true);
    else if (late_us < CALM_US)
        video_decoder_hurry(pictures->decoder, false);
}

static void make(struct player_pictures *pictures)
{
    struct slot *slot = slots_make(pictures->slots, pictures->width, pictures->height);
    if (slot == NULL)
        return; /* comes again when a frame is released */
    const struct video_frame *frame = pictures->waiting[pictures->first];
    bool scaled = video_scale(pictures->scaler, frame, slot->pixels, slot->width, slot->height, slot->stride);
    slot->time_90khz = pictures->times[pictures->first];
    drop_head(pictures);
    if (scaled) {
        pictures->made = slot;
    } else {
        slots_discard(pictures->slots, slot);
        pictures->status.dropped++;
    }
}

static void publish(struct player_pictures *pictures, int64_t now_us)
{
    bool replaced;
    int64_t line = pictures->made->time_90khz;
    bool shown = slots_publish(pictures->slots, pictures->made, pictures->service, &replaced);
    pictures->made = NULL;
    pictures->status.dropped += replaced;
    if (!shown)
        return;
    pictures->status.shown++;
    pictures->status.shown_us = now_us;
    pictures->status.shown_line = line;
    pictures->status.shown_early = !pictures->first_shown;
    pictures->first_shown = true;
}

int64_t player_pictures_show(struct player_pictures *pictures, int64_t now_us, int64_t base_us)
{
    drop_late(pictures, now_us, base_us);
    if (pictures->made == NULL && pictures->count > 0) {
        int64_t due_us = base_us + timeline_us(pictures->times[pictures->first]);
        if (pictures->first_shown)
            hurry(pictures, now_us - due_us);
        if (pictures->first_shown && due_us - now_us > SCALE_AHEAD_US)
            return due_us - SCALE_AHEAD_US;
        make(pictures);
    }
    if (pictures->made == NULL)
        return INT64_MAX;
    int64_t due_us = base_us + timeline_us(pictures->made->time_90khz);
    if (pictures->first_shown && due_us - now_us > DUE_US)
        return due_us;
    publish(pictures, now_us);
    return now_us;
}

void player_pictures_get_status(const struct player_pictures *pictures, struct player_pictures_status *status)
{
    *status = pictures->status;
}

void player_pictures_counts(const struct player_pictures *pictures, struct video_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    if (pictures->decoder != NULL)
        video_decoder_counts(pictures->decoder, counts);
}
