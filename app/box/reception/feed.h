/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds the player with one service of the stream: its pictures, its sound and its clock. Reception thread
 * only, and not from the demultiplexer's callbacks. */
#ifndef KOKONOR_RECEPTION_FEED_H
#define KOKONOR_RECEPTION_FEED_H

#include "player/player.h"
#include "reception/sounds.h"
#include "si/watcher.h"

struct feed;

/* What is to be played: service_id 0 nothing; width and height of the frames. */
struct feed_wish {
    uint16_t service_id;
    int width, height;
    uint16_t original_network_id, transport_stream_id; /* for who tunes; the feed looks at one stream */
    struct sound_wish sound;
};

/* demux and player (NULL: none, then nothing is fed) stay the caller's and outlive it. NULL only without
 * memory. */
struct feed *feed_create(struct ts_demux *demux, struct player *player);
/* Stops the player. NULL does nothing. */
void feed_destroy(struct feed *feed);

/* Starts, changes or stops what is played, as far as the service information knows the service; other sound
 * with the same pictures leaves these alone. Called when
 * the wish or the information changed; nothing happens where neither matters. False: the service had changed
 * a moment ago already, ask again soon. */
bool feed_update(struct feed *feed, const struct si_watcher *watcher, const struct feed_wish *wish);

/* Tells the player where packets come scrambled. Called behind the packets; costs a look at two counters. */
void feed_look(struct feed *feed);

/* What the player would play of a service. */
enum video_kind feed_video_kind(const struct si_service *service);
enum sound_kind feed_sound_kind(const struct si_service *service);

#endif
