/* SPDX-License-Identifier: Apache-2.0 */
/* The player's pictures: decoded ahead a little, turned into RGB32 shortly before their moment, shown at it.
 * The first after a start is shown at once. Only the player's thread uses it; what is shown goes through
 * slots. */
#ifndef KOKONOR_PLAYER_PICTURES_H
#define KOKONOR_PLAYER_PICTURES_H

#include "player/slots.h"

struct player_pictures;

struct player_pictures_status {
    int width, height;       /* of the coded picture; 0: none was decoded */
    uint64_t shown, dropped; /* since player_pictures_begin */
    int64_t shown_us;        /* when the last was shown, or INT64_MIN */
    int64_t shown_line;      /* and its time */
    bool shown_early;        /* it was a first one */
};

struct player_pictures *
player_pictures_create(struct slots *slots);                    /* NULL without memory; slots is borrowed */
void player_pictures_destroy(struct player_pictures *pictures); /* NULL does nothing */
/* Forgets all pictures and begins with a decoder of that kind; VIDEO_NONE: with none. name as for
 * video_decoder_open. */
bool player_pictures_begin(struct player_pictures *pictures, const char *name, enum video_kind kind,
                           unsigned service, struct error *error);
void player_pictures_flush(struct player_pictures *pictures);
void player_pictures_set_size(struct player_pictures *pictures, int width, int height);
const char *player_pictures_decoder(const struct player_pictures *pictures); /* "" where there is none */
bool player_pictures_hungry(const struct player_pictures *pictures);
/* One PES packet's payload, padded; times on the timeline, or TIMELINE_NONE. */
void player_pictures_push(struct player_pictures *pictures, const uint8_t *data, size_t size, int64_t pts,
                          int64_t dts);
/* Shows what is due; base_us: when line 0 is presented. Returns when it wants to be called again, INT64_MAX
 * where only more pictures or a released frame help. */
int64_t player_pictures_show(struct player_pictures *pictures, int64_t now_us, int64_t base_us);
void player_pictures_get_status(const struct player_pictures *pictures,
                                struct player_pictures_status *status);
void player_pictures_counts(const struct player_pictures *pictures, struct video_counts *counts);

#endif
