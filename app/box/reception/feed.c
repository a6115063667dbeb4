/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/feed.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* A service that changes what it is made of all the time (two senders on one address) is followed no faster.
 */
#define SETTLE_US 1000000

/* What a service is made of, as the player is told. */
struct programme {
    uint16_t service_id; /* 0: nothing is played */
    uint16_t video_pid, sound_pid, pcr_pid;
    enum video_kind video;
    enum sound_kind sound;
};

struct feed {
    struct ts_demux *demux;
    struct player *player;
    struct programme now;
    int width, height;
    uint16_t wished_id; /* at the last update */
    struct sound_wish wished_sound;
    bool told_scrambled; /* to the player */
    bool free_ca;        /* free_CA_mode of the service (EN 300 468, 5.2.3) */
    struct packets {
        uint64_t clear, scrambled;
    } before;           /* of the PID that is looked at, when it was started */
    int64_t changed_us; /* when now changed */
    struct ts_subscription *video, *sound, *pcr;
};

static enum video_kind video_kind_of(const struct si_component *component)
{
    switch (component ? component->codec : SI_CODEC_UNKNOWN) {
    case SI_CODEC_H264:
        return VIDEO_H264;
    case SI_CODEC_HEVC:
        return VIDEO_HEVC;
    case SI_CODEC_MPEG1_VIDEO:
    case SI_CODEC_MPEG2_VIDEO:
        return VIDEO_MPEG2;
    default:
        return VIDEO_NONE;
    }
}

enum video_kind feed_video_kind(const struct si_service *service)
{
    return video_kind_of(si_service_video(service));
}

enum sound_kind feed_sound_kind(const struct si_service *service)
{
    return sounds_kind(sounds_choose(service, NULL));
}

static void on_video(void *context, const struct ts_pes *pes)
{
    player_push_video(((struct feed *)context)->player, pes);
}

static void on_sound(void *context, const struct ts_pes *pes)
{
    player_push_audio(((struct feed *)context)->player, pes);
}

static void on_pcr(void *context, uint16_t pid, uint64_t pcr_27mhz, uint64_t packet_index, bool discontinuity)
{
    (void)pid;
    (void)packet_index;
    player_push_pcr(((struct feed *)context)->player, pcr_27mhz, discontinuity, clock_monotonic_us());
}

/* ---- scrambling: what the packets say, and the tables only while none came ---- */

static struct packets count_packets(const struct feed *feed)
{
    struct ts_pid_counts counts;
    uint16_t pid = feed->now.video ? feed->now.video_pid : feed->now.sound_pid;
    if (!feed->now.service_id || pid >= SI_PID_NONE || !ts_demux_pid_counts(feed->demux, pid, &counts))
        return (struct packets){0};
    return (struct packets){counts.packets - counts.scrambled, counts.scrambled};
}

void feed_look(struct feed *feed)
{
    if (!feed->player || !feed->now.service_id)
        return;
    struct packets now = count_packets(feed);
    bool clear = now.clear > feed->before.clear, scrambled = now.scrambled > feed->before.scrambled;
    bool says = scrambled || (feed->free_ca && !clear);
    if (says == feed->told_scrambled)
        return;
    feed->told_scrambled = says;
    player_set_scrambled(feed->player, says);
}

static void stop(struct feed *feed)
{
    ts_demux_unsubscribe(feed->demux, feed->video);
    ts_demux_unsubscribe(feed->demux, feed->sound);
    ts_demux_unsubscribe(feed->demux, feed->pcr);
    feed->video = feed->sound = feed->pcr = NULL;
    if (feed->now.service_id)
        player_stop(feed->player);
    feed->now = (struct programme){0};
}

static void start(struct feed *feed, const struct programme *programme, int width, int height)
{
    feed->now = *programme;
    feed->width = width;
    feed->height = height;
    feed->before = count_packets(feed);
    feed->told_scrambled = false;
    player_start(feed->player, programme->video, programme->sound, width, height);
    if (programme->video)
        feed->video = ts_demux_pes(feed->demux, programme->video_pid, on_video, feed);
    if (programme->sound)
        feed->sound = ts_demux_pes(feed->demux, programme->sound_pid, on_sound, feed);
    if (programme->pcr_pid < SI_PID_NONE)
        feed->pcr = ts_demux_pcr(feed->demux, programme->pcr_pid, on_pcr, feed);
}

/* Nothing where the service is not known or has nothing that the player plays. */
static struct programme programme_of(const struct si_service *service, const struct sound_wish *wish)
{
    const struct si_component *video = service ? si_service_video(service) : NULL;
    const struct si_component *sound = service ? sounds_choose(service, wish) : NULL;
    struct programme programme = {.video = video_kind_of(video), .sound = sounds_kind(sound)};
    if (!programme.video && !programme.sound)
        return programme;
    programme.service_id = service->service_id;
    programme.video_pid = programme.video ? video->pid : SI_PID_NONE;
    programme.sound_pid = programme.sound ? sound->pid : SI_PID_NONE;
    programme.pcr_pid = service->pcr_pid;
    return programme;
}

static bool same_pictures(const struct programme *a, const struct programme *b)
{
    return a->service_id == b->service_id && a->video_pid == b->video_pid && a->pcr_pid == b->pcr_pid &&
           a->video == b->video;
}

static bool same_sound(const struct programme *a, const struct programme *b)
{
    return a->sound_pid == b->sound_pid && a->sound == b->sound;
}

static bool same_wish(const struct sound_wish *a, const struct sound_wish *b)
{
    return !strcmp(a->language, b->language) && a->description == b->description && a->pid == b->pid;
}

/* The pictures play on. */
static void change_sound(struct feed *feed, const struct programme *programme)
{
    ts_demux_unsubscribe(feed->demux, feed->sound);
    feed->sound = NULL;
    feed->now = *programme;
    player_set_sound(feed->player, programme->sound);
    if (programme->sound)
        feed->sound = ts_demux_pes(feed->demux, programme->sound_pid, on_sound, feed);
}

/* False: it is too early to follow the tables. */
static bool follow(struct feed *feed, const struct programme *programme, const struct feed_wish *wish)
{
    bool pictures = same_pictures(programme, &feed->now);
    bool wished =
        wish->service_id != feed->wished_id || (pictures && !same_wish(&wish->sound, &feed->wished_sound));
    int64_t now = clock_monotonic_us();
    feed->wished_id = wish->service_id;
    feed->wished_sound = wish->sound;
    if (pictures && same_sound(programme, &feed->now))
        return true;
    if (!wished && feed->now.service_id && now - feed->changed_us < SETTLE_US)
        return false;
    feed->changed_us = now;
    if (pictures && programme->video) {
        change_sound(feed, programme);
        return true;
    }
    stop(feed);
    if (programme->service_id)
        start(feed, programme, wish->width, wish->height);
    return true;
}

bool feed_update(struct feed *feed, const struct si_watcher *watcher, const struct feed_wish *wish)
{
    if (!feed->player)
        return true;
    const struct si_service *service =
        wish->service_id ? si_watcher_find_service(watcher, wish->service_id) : NULL;
    struct programme programme = programme_of(service, &wish->sound);
    if (!follow(feed, &programme, wish))
        return false;
    if (programme.service_id && (wish->width != feed->width || wish->height != feed->height)) {
        feed->width = wish->width;
        feed->height = wish->height;
        player_set_output_size(feed->player, wish->width, wish->height);
    }
    feed->free_ca = programme.service_id && service->scrambled;
    feed_look(feed);
    return true;
}

struct feed *feed_create(struct ts_demux *demux, struct player *player)
{
    struct feed *feed = calloc(1, sizeof(*feed));
    if (feed)
        *feed = (struct feed){.demux = demux, .player = player};
    return feed;
}

void feed_destroy(struct feed *feed)
{
    if (!feed)
        return;
    stop(feed);
    free(feed);
}
