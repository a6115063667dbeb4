/* SPDX-License-Identifier: Apache-2.0 */
/* Audio and video of one service, in sync, on a thread of its own. Every function may be called from any
 * thread and none waits for decoding: reception pushes, main takes frames. Packets go to the service that was
 * started last, so whoever pushes also starts, flushes and stops, or pushes nothing until that is done. */
#ifndef KOKONOR_PLAYER_PLAYER_H
#define KOKONOR_PLAYER_PLAYER_H

#include "audio/audio.h"
#include "decoder/sound.h"
#include "decoder/video.h"
#include "ts/demux.h"

struct player;

struct player_options {
    const char *decoder;      /* video_decoder_open's name; NULL: "auto" */
    const char *audio;        /* audio_open's name; NULL: "auto" */
    const char *audio_device; /* alsa's device; NULL: "default" */
    /* A new frame can be taken, or the status changed. Called on the player's thread, without locks held; it
     * must not wait and must not call the player (uv_async_send). NULL: nobody is told. */
    void (*wake)(void *context);
    void *wake_context;
    /* Tests: a clock of their own, and no thread: then player_tick does the work. NULL: the monotonic clock
     * and a thread. */
    audio_clock_fn *clock;
    void *clock_context;
};

enum player_state {
    PLAYER_STOPPED,
    PLAYER_BUFFERING, /* started, nothing to show or hear yet */
    PLAYER_PLAYING,
    PLAYER_NO_SIGNAL,  /* no packets for PLAYER_SILENCE_US */
    PLAYER_SCRAMBLED,  /* as told by player_set_scrambled, and nothing decodes */
    PLAYER_UNDECODABLE /* packets arrive, but have not become pictures or sound for PLAYER_UNDECODABLE_US */
};
#define PLAYER_SILENCE_US 2000000
#define PLAYER_UNDECODABLE_US 4000000
const char *player_state_str(enum player_state state);

struct player_status {
    enum player_state state;
    const char *decoder;           /* video back-end in use, "" without video; static storage */
    const char *audio;             /* audio back-end in use, "" until started; static storage */
    int video_width, video_height; /* of the coded picture; 0 until one was decoded */
    int frames_per_second;         /* shown in the last full second */
    uint64_t frames_shown;         /* this and the following: since player_start */
    uint64_t frames_dropped;       /* too late, or not taken before the next was due */
    uint64_t packets_dropped;      /* the input was full */
    uint64_t decode_errors;
    uint64_t discontinuities; /* jumps of the stream's clock that were bridged */
    uint64_t underruns;       /* sound ran out while playing */
    int64_t av_offset_us;     /* when the last frame was shown: positive, the picture is behind the sound; 0
                                 without either */
    int64_t latency_us;       /* from a PCR's arrival until its moment is presented */
};

/* One picture, as native-endian 0xFFRRGGBB; letterboxed into the output size. */
struct player_frame {
    const uint32_t *pixels;
    int width, height;
    int stride;         /* pixels */
    int64_t time_90khz; /* presentation time on the player's continuous line; grows from frame to frame */
    uint64_t number;    /* 1 for the first shown since player_start */
};

/* Makes a stopped player; opens no device before player_start. options (may be NULL) is copied, its strings
 * too. NULL with error set without memory or thread. */
struct player *player_create(const struct player_options *options, struct error *error);
/* Ends the thread and closes the devices. Frames that were taken end with it. NULL does nothing. */
void player_destroy(struct player *player);

/* Plays a service from its next packets on; one that was playing is stopped first. Either kind may be NONE,
 * not both. width and height: size of the frames, 1..VIDEO_SIDE_MAX. A decoder that does not open is logged
 * and shows as PLAYER_UNDECODABLE. */
void player_start(struct player *player, enum video_kind video, enum sound_kind sound, int width, int height);
/* Silence; player_take_frame gives nothing more. */
void player_stop(struct player *player);
/* Forgets all that was pushed and not yet presented (the sender jumped, the tuner lost the signal, a file was
 * rewound). The last picture stays until a new one is there. */
void player_flush(struct player *player);
/* Plays other sound with the same pictures, which go on: what of the former was not heard yet is forgotten,
 * and the packets pushed from now on are of that kind. Nothing where nothing plays. */
void player_set_sound(struct player *player, enum sound_kind sound);
void player_set_output_size(struct player *player, int width, int height);

/* Copies the packet into a bounded ring; a full one drops its oldest up to the next random access point. Does
 * nothing unless started with that kind of stream. */
void player_push_video(struct player *player, const struct ts_pes *pes);
void player_push_audio(struct player *player, const struct ts_pes *pes);
/* The sender's clock, as it arrived at monotonic_us. Jumps and the wrap at 2^33 are bridged. Without any PCR
 * the packets' own times serve. */
void player_push_pcr(struct player *player, uint64_t pcr_27mhz, bool discontinuity, int64_t monotonic_us);
/* The service's packets arrive scrambled (ts_demux counts them and delivers none). */
void player_set_scrambled(struct player *player, bool scrambled);

/* The newest frame that is due, if it was not taken yet: valid until player_release_frame. At most one frame
 * is held at a time besides the one being taken: take the new one, then release the old. False: nothing new.
 */
bool player_take_frame(struct player *player, struct player_frame *frame);
/* Also after player_stop; a frame that is not held is ignored. */
void player_release_frame(struct player *player, const struct player_frame *frame);

void player_set_volume(struct player *player, int volume); /* 0..AUDIO_VOLUME_MAX */
void player_set_mute(struct player *player, bool mute);
void player_get_status(struct player *player, struct player_status *status);

/* Only with a clock of the caller's: does what is due and returns the time at which it wants to be called
 * again (INT64_MAX: when something is pushed); at or before now where there is more to do at once. */
int64_t player_tick(struct player *player);

#endif
