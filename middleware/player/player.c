/* SPDX-License-Identifier: Apache-2.0 */
#include "player/player.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "player/pictures.h"
#include "player/ring.h"
#include "player/timeline.h"
#include "player/voice.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define VIDEO_RING_BYTES (4 * 1024 * 1024)
#define VIDEO_RING_PACKETS 1024
#define AUDIO_RING_BYTES (256 * 1024)
#define AUDIO_RING_PACKETS 512
#define PACKET_MAX (TS_PES_SIZE_MAX + 512)
#define LOOK_US 500000 /* at least so often while started, for the status */
#define RECENT_US 2000000
#define CLOCK_STEP_US 100000 /* the clock of the pictures follows smaller changes smoothly */

/* What was asked for, under the lock; the thread compares it with what it has done. */
struct wanted {
    unsigned service; /* counts starts and stops */
    unsigned flushes;
    unsigned voices; /* counts changes of the sound alone */
    bool started;
    enum video_kind video;
    enum sound_kind sound;
    int width, height;
    int volume;
    bool mute;
};

struct player {
    char decoder_name[32], audio_name[32], audio_device[64];
    void (*wake)(void *context);
    void *wake_context;
    audio_clock_fn *clock;
    void *clock_context;

    pthread_mutex_t lock; /* over the following */
    pthread_cond_t changed;
    bool ending, pending;
    struct wanted wanted;
    struct timeline timeline;
    struct ring video_ring, audio_ring;
    bool scrambled;
    int64_t started_us, packet_us, presented_us; /* INT64_MIN: never */
    struct player_status status;                 /* as the thread last left it, without state */

    struct slots slots; /* locks itself */

    pthread_t thread; /* and this belongs to it */
    bool has_thread;
    struct wanted done;
    struct player_pictures *pictures;
    struct voice *voice; /* NULL until sound was wanted */
    uint8_t *scratch;
    int64_t clock_us; /* when line 0 is presented, for pictures */
    bool clock_set;
    int64_t second_us; /* since when frames are counted */
    uint64_t second_shown;
    int fps;
    uint64_t shown;
    int64_t av_offset_us;
    enum player_state told;
};

static int64_t monotonic(void *context)
{
    (void)context;
    return clock_monotonic_us();
}

static int64_t time_now(const struct player *player)
{
    return player->clock(player->clock_context);
}

const char *player_state_str(enum player_state state)
{
    static const char *const names[] = {"stopped",   "buffering", "playing",
                                        "no signal", "scrambled", "undecodable"};
    return names[state];
}

/* The thread. */

static bool is_recent(int64_t then_us, int64_t now_us, int64_t within_us)
{
    return then_us != INT64_MIN && now_us - then_us < within_us;
}

static enum player_state find_state(const struct player *player, int64_t now_us)
{
    if (!player->wanted.started)
        return PLAYER_STOPPED;
    if (is_recent(player->presented_us, now_us, RECENT_US))
        return PLAYER_PLAYING;
    if (player->scrambled)
        return PLAYER_SCRAMBLED;
    if (!is_recent(player->packet_us, now_us, PLAYER_SILENCE_US) &&
        !is_recent(player->started_us, now_us, PLAYER_SILENCE_US))
        return PLAYER_NO_SIGNAL;
    if (!is_recent(player->presented_us, now_us, PLAYER_UNDECODABLE_US) &&
        !is_recent(player->started_us, now_us, PLAYER_UNDECODABLE_US))
        return PLAYER_UNDECODABLE;
    return PLAYER_BUFFERING;
}

static void open_voice(struct player *player)
{
    const struct audio_options options = {.device =
                                              player->audio_device[0] != '\0' ? player->audio_device : NULL,
                                          .clock = player->clock,
                                          .clock_context = player->clock_context};
    struct error error = {""};
    player->voice = voice_create(player->audio_name, &options, &error);
    if (player->voice == NULL)
        log_error("%s", error.text);
    else
        voice_set_volume(player->voice, player->done.volume, player->done.mute);
}

static void begin_sound(struct player *player, const struct wanted *wanted)
{
    struct error error = {""};
    enum sound_kind sound = wanted->started ? wanted->sound : SOUND_NONE;
    if (sound == SOUND_NONE) {
        voice_destroy(player->voice);
        player->voice = NULL;
    } else if (player->voice == NULL) {
        open_voice(player);
    }
    if (player->voice != NULL && !voice_begin(player->voice, sound, &error))
        log_error("no sound: %s", error.text);
}

/* Opens decoders and devices for what is wanted now; a stopped player holds none. */
static void begin_service(struct player *player, const struct wanted *wanted)
{
    struct error error = {""};
    enum video_kind video = wanted->started ? wanted->video : VIDEO_NONE;
    if (!player_pictures_begin(player->pictures, player->decoder_name, video, wanted->service, &error))
        log_error("no pictures: %s", error.text);
    begin_sound(player, wanted);
    player->clock_set = false;
    player->second_us = time_now(player);
    player->second_shown = player->shown = 0;
    player->fps = 0;
    player->av_offset_us = 0;
}

static void follow_wishes(struct player *player)
{
    pthread_mutex_lock(&player->lock);
    struct wanted wanted = player->wanted;
    player->pending = false;
    pthread_mutex_unlock(&player->lock);
    struct wanted done = player->done;
    player->done = wanted;
    if (wanted.service != done.service) {
        begin_service(player, &wanted);
    } else if (wanted.flushes != done.flushes) {
        player_pictures_flush(player->pictures);
        if (player->voice != NULL)
            voice_flush(player->voice);
        player->clock_set = false;
    }
    if (wanted.service == done.service && wanted.voices != done.voices)
        begin_sound(player, &wanted);
    player_pictures_set_size(player->pictures, wanted.width, wanted.height);
    if (player->voice != NULL && (wanted.volume != done.volume || wanted.mute != done.mute))
        voice_set_volume(player->voice, wanted.volume, wanted.mute);
}

/* The oldest packet of what is being played now; one of a newer service or behind a flush waits until its
 * wish was followed. */
static bool pop(struct player *player, struct ring *ring, struct ring_packet *packet)
{
    pthread_mutex_lock(&player->lock);
    bool same = player->wanted.service == player->done.service &&
                player->wanted.flushes == player->done.flushes &&
                (ring != &player->audio_ring || player->wanted.voices == player->done.voices);
    bool popped = same && ring_pop(ring, packet, player->scratch);
    pthread_mutex_unlock(&player->lock);
    if (popped)
        memset(player->scratch + packet->size, 0, DECODER_PADDING);
    return popped;
}

static void decode_sound(struct player *player)
{
    struct ring_packet packet;
    while (player->voice != NULL && voice_hungry(player->voice) && pop(player, &player->audio_ring, &packet))
        voice_push(player->voice, player->scratch, packet.size, packet.pts);
}

/* One packet at a time: sound must not wait for a run of pictures. */
static bool decode_picture(struct player *player)
{
    struct ring_packet packet;
    if (!player_pictures_hungry(player->pictures) || !pop(player, &player->video_ring, &packet))
        return false;
    player_pictures_push(player->pictures, player->scratch, packet.size, packet.pts, packet.dts);
    return true;
}

/* Sound is the master: ears notice more than eyes. The sound card tells its delay in steps, hence the
 * smoothing. */
static void set_clock(struct player *player, int64_t base_us)
{
    int64_t found = base_us;
    if (player->voice != NULL && !voice_clock(player->voice, &found))
        found = base_us;
    int64_t difference = found - player->clock_us;
    if (!player->clock_set || difference > CLOCK_STEP_US || difference < -CLOCK_STEP_US)
        player->clock_us = found;
    else
        player->clock_us += difference / 8;
    player->clock_set = true;
}

static void measure(struct player *player, const struct player_pictures_status *pictures, int64_t now_us)
{
    if (pictures->shown != player->shown) {
        player->shown = pictures->shown;
        int64_t base_us;
        if (player->voice != NULL && voice_clock(player->voice, &base_us) && !pictures->shown_early)
            player->av_offset_us = pictures->shown_us - (base_us + timeline_us(pictures->shown_line));
    }
    if (now_us - player->second_us >= 1000000) {
        int64_t frames = (int64_t)(player->shown - player->second_shown);
        player->fps = (int)((frames * 1000000 + 500000) / (now_us - player->second_us));
        player->second_us = now_us;
        player->second_shown = player->shown;
    }
}

/* Leaves the figures for player_get_status; true where someone should look. */
static bool report(struct player *player, int64_t now_us, bool sound_plays)
{
    struct player_pictures_status pictures;
    struct video_counts video;
    struct sound_counts sound = {0};
    player_pictures_get_status(player->pictures, &pictures);
    player_pictures_counts(player->pictures, &video);
    if (player->voice != NULL)
        voice_counts(player->voice, &sound);
    bool new_frame = pictures.shown != player->shown;
    measure(player, &pictures, now_us);

    pthread_mutex_lock(&player->lock);
    bool current = player->wanted.service == player->done.service;
    if (current) {
        struct player_status *status = &player->status;
        status->decoder = player_pictures_decoder(player->pictures);
        status->audio = player->voice != NULL ? voice_device(player->voice) : "";
        status->video_width = pictures.width;
        status->video_height = pictures.height;
        status->frames_per_second = player->fps;
        status->frames_shown = pictures.shown;
        status->frames_dropped = pictures.dropped;
        status->decode_errors = video.errors + sound.errors;
        status->underruns = player->voice != NULL ? voice_underruns(player->voice) : 0;
        status->av_offset_us = player->av_offset_us;
        if (sound_plays || new_frame)
            player->presented_us = now_us;
    }
    enum player_state state = find_state(player, now_us);
    pthread_mutex_unlock(&player->lock);
    bool changed = state != player->told;
    if (changed)
        log_debug("%s", player_state_str(state));
    player->told = state;
    return new_frame || changed;
}

/* Does what is due now and returns when there is more. */
static int64_t work(struct player *player)
{
    follow_wishes(player);
    if (!player->done.started) {
        if (report(player, time_now(player), false) && player->wake != NULL)
            player->wake(player->wake_context);
        return INT64_MAX;
    }
    decode_sound(player);
    bool decoded = decode_picture(player);

    pthread_mutex_lock(&player->lock);
    bool anchored = player->timeline.anchored;
    int64_t base_us = timeline_base_us(&player->timeline);
    pthread_mutex_unlock(&player->lock);
    int64_t now_us = time_now(player);
    int64_t next_us = now_us + LOOK_US, again_us;
    bool sound_plays = false;
    if (anchored) {
        if (player->voice != NULL) {
            int64_t unused;
            again_us = voice_play(player->voice, now_us, base_us);
            next_us = again_us < next_us ? again_us : next_us;
            sound_plays = voice_clock(player->voice, &unused);
        }
        set_clock(player, base_us);
        again_us = player_pictures_show(player->pictures, now_us, player->clock_us);
        next_us = again_us < next_us ? again_us : next_us;
    }
    if (report(player, now_us, sound_plays) && player->wake != NULL)
        player->wake(player->wake_context);
    return decoded ? now_us : next_us;
}

int64_t player_tick(struct player *player)
{
    return work(player);
}

static void sleep_until(struct player *player, int64_t until_us)
{
    struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
                             .tv_nsec = (long)(until_us % 1000000) * 1000};
    pthread_mutex_lock(&player->lock);
    while (!player->pending && !player->ending) {
        if (until_us == INT64_MAX)
            pthread_cond_wait(&player->changed, &player->lock);
        else if (pthread_cond_timedwait(&player->changed, &player->lock, &until) == ETIMEDOUT)
            break;
    }
    pthread_mutex_unlock(&player->lock);
}

static void *run(void *context)
{
    struct player *player = context;
    for (;;) {
        int64_t until_us = work(player);
        if (until_us > time_now(player))
            sleep_until(player, until_us);
        pthread_mutex_lock(&player->lock);
        bool ending = player->ending;
        pthread_mutex_unlock(&player->lock);
        if (ending)
            return NULL;
    }
}

/* From any thread. */

static void take_options(struct player *player, const struct player_options *options)
{
    static const struct player_options none = {0};
    if (options == NULL)
        options = &none;
    text_copy(player->decoder_name, sizeof player->decoder_name,
              options->decoder != NULL ? options->decoder : "auto");
    text_copy(player->audio_name, sizeof player->audio_name,
              options->audio != NULL ? options->audio : "auto");
    text_copy(player->audio_device, sizeof player->audio_device,
              options->audio_device != NULL ? options->audio_device : "");
    player->wake = options->wake;
    player->wake_context = options->wake_context;
    player->clock = options->clock != NULL ? options->clock : monotonic;
    player->clock_context = options->clock_context;
}

static void init_locks(struct player *player)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&player->lock, NULL);
    pthread_cond_init(&player->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    slots_init(&player->slots);
}

struct player *player_create(const struct player_options *options, struct error *error)
{
    struct player *player = calloc(1, sizeof *player);
    if (player == NULL) {
        error_set(error, "player: out of memory");
        return NULL;
    }
    take_options(player, options);
    init_locks(player);
    timeline_init(&player->timeline);
    player->wanted.volume = player->done.volume = AUDIO_VOLUME_MAX;
    player->wanted.width = player->wanted.height = 1;
    player->started_us = player->packet_us = player->presented_us = INT64_MIN;
    player->status.decoder = player->status.audio = "";
    player->pictures = player_pictures_create(&player->slots);
    player->scratch = malloc(PACKET_MAX + DECODER_PADDING);
    bool memory = player->pictures != NULL && player->scratch != NULL &&
                  ring_init(&player->video_ring, VIDEO_RING_BYTES, VIDEO_RING_PACKETS) &&
                  ring_init(&player->audio_ring, AUDIO_RING_BYTES, AUDIO_RING_PACKETS);
    if (memory && (options == NULL || options->clock == NULL))
        player->has_thread = pthread_create(&player->thread, NULL, run, player) == 0;
    if (!memory || (!player->has_thread && (options == NULL || options->clock == NULL))) {
        error_set(error, "player: %s", memory ? "no thread" : "out of memory");
        player_destroy(player);
        return NULL;
    }
    return player;
}

void player_destroy(struct player *player)
{
    if (player == NULL)
        return;
    if (player->has_thread) {
        pthread_mutex_lock(&player->lock);
        player->ending = true;
        pthread_cond_signal(&player->changed);
        pthread_mutex_unlock(&player->lock);
        pthread_join(player->thread, NULL);
    }
    voice_destroy(player->voice);
    player_pictures_destroy(player->pictures);
    ring_finish(&player->video_ring);
    ring_finish(&player->audio_ring);
    slots_finish(&player->slots);
    free(player->scratch);
    pthread_cond_destroy(&player->changed);
    pthread_mutex_destroy(&player->lock);
    free(player);
}

static void unlock_and_signal(struct player *player)
{
    player->pending = true;
    pthread_cond_signal(&player->changed);
    pthread_mutex_unlock(&player->lock);
}

static void forget_input(struct player *player)
{
    ring_clear(&player->video_ring);
    ring_clear(&player->audio_ring);
    timeline_reset(&player->timeline);
}

/* Under the lock: another service, or none. */
static void change_service(struct player *player, bool started)
{
    player->wanted.started = started;
    player->wanted.service++;
    player->scrambled = false;
    player->timeline.discontinuities = 0;
    forget_input(player);
    player->packet_us = player->presented_us = INT64_MIN;
    player->started_us = started ? time_now(player) : INT64_MIN;
    player->status = (struct player_status){.decoder = "", .audio = ""};
    slots_begin(&player->slots, player->wanted.service);
}

static int side(int value)
{
    return value < 1 ? 1 : value > VIDEO_SIDE_MAX ? VIDEO_SIDE_MAX : value;
}

void player_start(struct player *player, enum video_kind video, enum sound_kind sound, int width, int height)
{
    pthread_mutex_lock(&player->lock);
    player->wanted.video = video;
    player->wanted.sound = sound;
    player->wanted.width = side(width);
    player->wanted.height = side(height);
    change_service(player, true);
    unlock_and_signal(player);
    log_info("playing %s, %s", video_kind_str(video), sound_kind_str(sound));
}

void player_stop(struct player *player)
{
    pthread_mutex_lock(&player->lock);
    if (player->wanted.started)
        change_service(player, false);
    unlock_and_signal(player);
}

void player_flush(struct player *player)
{
    pthread_mutex_lock(&player->lock);
    player->wanted.flushes++;
    forget_input(player);
    unlock_and_signal(player);
}

void player_set_sound(struct player *player, enum sound_kind sound)
{
    pthread_mutex_lock(&player->lock);
    if (player->wanted.started) {
        player->wanted.sound = sound;
        player->wanted.voices++;
        ring_clear(&player->audio_ring);
    }
    unlock_and_signal(player);
    log_info("sound %s", sound_kind_str(sound));
}

void player_set_output_size(struct player *player, int width, int height)
{
    pthread_mutex_lock(&player->lock);
    player->wanted.width = side(width);
    player->wanted.height = side(height);
    unlock_and_signal(player);
}

/* Places the packet on the timeline by its decoding time, its presentation time by the distance between the
 * two. */
static struct ring_packet place(struct player *player, enum timeline_stream stream, const struct ts_pes *pes,
                                int64_t now_us)
{
    struct ring_packet packet = {.pts = TIMELINE_NONE,
                                 .dts = TIMELINE_NONE,
                                 .key = pes->random_access,
                                 .lost = pes->lost,
                                 .size = pes->size};
    if (pes->has_pts) {
        packet.dts = timeline_packet(&player->timeline, stream, pes->dts_90khz, now_us);
        packet.pts = packet.dts + timeline_difference(pes->pts_90khz, pes->dts_90khz);
        timeline_expect(&player->timeline, packet.dts);
    }
    return packet;
}

static void push(struct player *player, enum timeline_stream stream, const struct ts_pes *pes)
{
    bool video = stream == TIMELINE_VIDEO;
    int64_t now_us = time_now(player);
    pthread_mutex_lock(&player->lock);
    const struct wanted *wanted = &player->wanted;
    if (!wanted->started || (video ? wanted->video == VIDEO_NONE : wanted->sound == SOUND_NONE)) {
        pthread_mutex_unlock(&player->lock);
        return;
    }
    player->packet_us = now_us;
    if (pes->size > PACKET_MAX) {
        player->status.packets_dropped++;
    } else if (pes->size > 0) {
        struct ring_packet packet = place(player, stream, pes, now_us);
        struct ring *ring = video ? &player->video_ring : &player->audio_ring;
        player->status.packets_dropped += (unsigned)ring_push(ring, &packet, pes->data, video);
    }
    unlock_and_signal(player);
}

void player_push_video(struct player *player, const struct ts_pes *pes)
{
    push(player, TIMELINE_VIDEO, pes);
}

void player_push_audio(struct player *player, const struct ts_pes *pes)
{
    push(player, TIMELINE_AUDIO, pes);
}

void player_push_pcr(struct player *player, uint64_t pcr_27mhz, bool discontinuity, int64_t monotonic_us)
{
    pthread_mutex_lock(&player->lock);
    if (player->wanted.started)
        timeline_pcr(&player->timeline, pcr_27mhz, discontinuity, monotonic_us);
    pthread_mutex_unlock(&player->lock);
}

void player_set_scrambled(struct player *player, bool scrambled)
{
    pthread_mutex_lock(&player->lock);
    player->scrambled = scrambled;
    unlock_and_signal(player);
}

bool player_take_frame(struct player *player, struct player_frame *frame)
{
    return slots_take(&player->slots, frame);
}

void player_release_frame(struct player *player, const struct player_frame *frame)
{
    if (!slots_release(&player->slots, frame))
        return;
    pthread_mutex_lock(&player->lock);
    unlock_and_signal(player);
}

void player_set_volume(struct player *player, int volume)
{
    pthread_mutex_lock(&player->lock);
    player->wanted.volume = volume;
    unlock_and_signal(player);
}

void player_set_mute(struct player *player, bool mute)
{
    pthread_mutex_lock(&player->lock);
    player->wanted.mute = mute;
    unlock_and_signal(player);
}

void player_get_status(struct player *player, struct player_status *status)
{
    int64_t now_us = time_now(player);
    pthread_mutex_lock(&player->lock);
    *status = player->status;
    status->state = find_state(player, now_us);
    status->discontinuities = player->timeline.discontinuities;
    status->latency_us = player->timeline.margin_us;
    pthread_mutex_unlock(&player->lock);
}
