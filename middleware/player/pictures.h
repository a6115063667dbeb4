/* SPDX-License-Identifier: Apache-2.0 */
/* The player's pictures: decoded ahead a little, turned into RGB32 shortly before their moment, shown at it.
 * The first after a start is shown at once. Only the player's thread uses it; what is shown goes through
 * slots. */
#ifndef KOKONOR_PLAYER_PICTURES_H
#define KOKONOR_PLAYER_PICTURES_H

#include "player/slots.h"

struct pictures;

struct pictures_status {
    int width, height;       /* of the coded picture; 0: none was decoded */
    uint64_t shown, dropped; /* since pictures_begin */
    int64_t shown_us;        /* when the last was shown, or INT64_MIN */
    int64_t shown_line;      /* and its time */
    bool shown_early;        /* it was a first one */
};

struct pictures *pictures_create(struct slots *slots); /* NULL without memory; slots is borrowed */
void pictures_destroy(struct pictures *pictures);      /* NULL does nothing */
/* Forgets all pictures and begins with a decoder of that kind; VIDEO_NONE: with none. name as for
 * video_decoder_open. */
bool pictures_begin(struct pictures *pictures, const char *name, enum video_kind kind, unsigned service,
                    struct error *error);
void pictures_flush(struct pictures *pictures);
void pictures_set_size(struct pictures *pictures, int width, int height);
const char *pictures_decoder(const struct pictures *pictures); /* "" where there is none */
bool pictures_hungry(const struct pictures *pictures);
/* One PES packet's payload, padded; times on the timeline, or TIMELINE_NONE. */
void pictures_push(struct pictures *pictures, const uint8_t *data, size_t size, int64_t pts, int64_t dts);
/* Shows what is due; base_us: when line 0 is presented. Returns when it wants to be called again, INT64_MAX
 * where only more pictures or a released frame help. */
int64_t pictures_show(struct pictures *pictures, int64_t now_us, int64_t base_us);
void pictures_get_status(const struct pictures *pictures, struct pictures_status *status);
void pictures_counts(const struct pictures *pictures, struct video_counts *counts);

#endif
