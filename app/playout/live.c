/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/live.h"
#include "ts/pes.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MS (INT64_C(27000))
#define TICKS_PER_90KHZ 300
#define STREAM_ID_VIDEO 0xE0
#define STREAM_ID_AUDIO 0xC0

/* How long before decoding a picture's bytes may be sent: less than the second of 2.4.2.7, and with room for
 * the largest pictures. */
#define VIDEO_AHEAD (700 * MS)
#define AUDIO_AHEAD_MAX (300 * MS)
#define AUDIO_AHEAD_MIN (60 * MS)
/* The buffer of an AAC decoder with two channels, BSn of 2.4.2.7. */
#define AUDIO_BUFFER 3584
/* Audio leaves the 512-byte transport buffer at 2 Mbit/s: a packet every 752 us can do it no harm. */
#define AUDIO_SPACING (INT64_C(188) * 8 * 27 / 2)
#define PES_OVERHEAD 19

/* Units sent and not yet decoded; 700 ms of pictures are far fewer. */
#define HELD_MAX 256

/* A unit in the decoder's buffer, whole or in part. */
struct held {
    int64_t dts;
    size_t bytes;
};

struct lane {
    uint16_t pid;
    uint8_t stream_id;
    uint8_t counter; /* of the next packet with payload */
    const struct clip_unit *units;
    size_t unit_count;
    uint64_t number; /* of the unit under way, counted through all rounds */
    struct buffer pes;
    size_t sent;
    bool random_access;
    int64_t dts; /* of the unit under way, since the stream's start */
    int64_t ahead, spacing, next_allowed;
    /* What lies in the decoder's buffer (the EB of 2.4.2.7, the CPB of 2.14.3.1): a ring, the oldest at
     * first; the last is the unit under way where something of it was sent. */
    struct held held[HELD_MAX];
    size_t first, count;
    size_t held_bytes, held_max; /* held_max 0: ahead alone bounds it */
};

struct live {
    struct live_options options;
    struct lane lanes[2];
    size_t lane_count;
    struct live_counts counts;
};

/* The size of the pictures' buffer and the pace at which packets may come into the one before it. Without a
 * level, as level 4.0: what every receiver of high definition has. */
static void set_picture_buffer(struct lane *lane, const struct h264_buffer *buffer)
{
    int64_t cpb_bits = buffer->cpb_bits ? buffer->cpb_bits : 25000 * 1200;
    int64_t bit_rate = buffer->bit_rate ? buffer->bit_rate : 20000 * 1200;
    lane->held_max = (size_t)(cpb_bits / 8);
    lane->spacing = INT64_C(188) * 8 * 27000000 / bit_rate;
}

static void load_picture(struct live *live, struct lane *lane)
{
    const struct clip *clip = live->options.clip;
    const struct clip_unit *unit = &clip->pictures[lane->number % clip->picture_count];
    int64_t round = (int64_t)(lane->number / clip->picture_count);
    int64_t dts_90khz = round * clip->duration_90khz + unit->dts_90khz;
    lane->dts = live->options.first_dts_27mhz + dts_90khz * TICKS_PER_90KHZ;
    lane->random_access = unit->random_access;
    uint64_t dts = live->options.time_base_90khz + (uint64_t)(lane->dts / TICKS_PER_90KHZ);
    ts_pes_append(&lane->pes, lane->stream_id, dts + unit->pts_after_dts_90khz, dts, unit->data, unit->size);
}

/* When the number-th frame of sound is heard, from the first picture's DTS. */
static int64_t frame_time_90khz(const struct clip *clip, uint64_t number)
{
    uint64_t samples = number * clip->samples_per_frame;
    return (int64_t)(samples / clip->sample_rate * 90000 +
                     samples % clip->sample_rate * 90000 / clip->sample_rate);
}

/* Frames follow each other without a gap for ever; which one of the clip is heard follows from the pictures'
 * round, so that sound never drifts: where a round is no whole number of frames, one frame is left out or
 * heard twice at its end. */
static void load_frame(struct live *live, struct lane *lane)
{
    const struct clip *clip = live->options.clip;
    int64_t count = (int64_t)clip->frame_count;
    int64_t heard = frame_time_90khz(clip, lane->number);
    int64_t place = heard % clip->duration_90khz - clip->frames_start_90khz;
    int64_t frame_90khz = INT64_C(90000) * clip->samples_per_frame;
    int64_t index = (place * clip->sample_rate + frame_90khz / 2) / frame_90khz;
    index = (index % count + count) % count;
    const struct clip_unit *unit = &clip->frames[index];
    lane->dts = live->options.first_dts_27mhz + heard * TICKS_PER_90KHZ;
    lane->random_access = false;
    uint64_t pts = live->options.time_base_90khz + (uint64_t)(lane->dts / TICKS_PER_90KHZ);
    ts_pes_append(&lane->pes, lane->stream_id, pts, pts, unit->data, unit->size);
}

/* Makes the PES packet of unit lane->number. */
static void load_unit(struct live *live, struct lane *lane)
{
    buffer_clear(&lane->pes);
    lane->sent = 0;
    if (lane->stream_id == STREAM_ID_VIDEO)
        load_picture(live, lane);
    else
        load_frame(live, lane);
    /* The buffer had room for the largest unit since its creation. */
    assert(!lane->pes.failed);
}

static bool init_lane(struct lane *lane, uint16_t pid, uint8_t stream_id, const struct clip_unit *units,
                      size_t count)
{
    size_t largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = units[i].size > largest ? units[i].size : largest;
    *lane = (struct lane){.pid = pid, .stream_id = stream_id, .units = units, .unit_count = count};
    buffer_init(&lane->pes, largest + PES_OVERHEAD);
    uint8_t *zeros = calloc(1, largest + PES_OVERHEAD);
    if (!zeros)
        return false;
    buffer_append(&lane->pes, zeros, largest + PES_OVERHEAD); /* takes the memory now */
    free(zeros);
    return !lane->pes.failed;
}

static int64_t bytes_of(const struct clip_unit *units, size_t count)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += units[i].size;
    return bytes;
}

static int64_t audio_ahead(const struct clip *clip)
{
    int64_t ticks = (int64_t)clip->frame_count * clip->samples_per_frame * 27000000 / clip->sample_rate;
    int64_t ahead = (AUDIO_BUFFER - TS_PACKET_SIZE) * ticks / bytes_of(clip->frames, clip->frame_count);
    if (ahead > AUDIO_AHEAD_MAX)
        return AUDIO_AHEAD_MAX;
    return ahead < AUDIO_AHEAD_MIN ? AUDIO_AHEAD_MIN : ahead;
}

struct live *live_create(const struct live_options *options)
{
    const struct clip *clip = options->clip;
    struct live *live = calloc(1, sizeof(*live));
    if (!live)
        return NULL;
    live->options = *options;
    struct lane *video = &live->lanes[live->lane_count++], *audio = &live->lanes[1];
    bool good = init_lane(video, options->video_pid, STREAM_ID_VIDEO, clip->pictures, clip->picture_count);
    video->ahead = VIDEO_AHEAD;
    set_picture_buffer(video, &clip->picture_buffer);
    if (clip->frame_count > 0) {
        live->lane_count++;
        good = init_lane(audio, options->audio_pid, STREAM_ID_AUDIO, clip->frames, clip->frame_count) && good;
        audio->ahead = audio_ahead(clip);
        audio->held_max = AUDIO_BUFFER;
        audio->spacing = AUDIO_SPACING;
    }
    if (!good) {
        live_destroy(live);
        return NULL;
    }
    for (size_t i = 0; i < live->lane_count; i++)
        load_unit(live, &live->lanes[i]);
    return live;
}

void live_destroy(struct live *live)
{
    if (!live)
        return;
    for (size_t i = 0; i < live->lane_count; i++)
        buffer_finish(&live->lanes[i].pes);
    free(live);
}

/* Takes out of the decoder's buffer what was decoded by now. */
static void decode(struct lane *lane, int64_t now)
{
    while (lane->count > 0 && lane->held[lane->first].dts <= now) {
        lane->held_bytes -= lane->held[lane->first].bytes;
        lane->first = (lane->first + 1) % HELD_MAX;
        lane->count--;
    }
}

static void hold(struct lane *lane, size_t bytes)
{
    size_t last = (lane->first + lane->count + HELD_MAX - 1) % HELD_MAX;
    if (lane->count == 0 || lane->held[last].dts != lane->dts) {
        last = (lane->first + lane->count++) % HELD_MAX;
        lane->held[last] = (struct held){.dts = lane->dts};
    }
    lane->held[last].bytes += bytes;
    lane->held_bytes += bytes;
}

static bool is_full(const struct lane *lane)
{
    return lane->count == HELD_MAX ||
           (lane->held_max > 0 && lane->held_bytes + TS_PACKET_SIZE > lane->held_max);
}

static enum live_need need_of(const struct lane *lane, int64_t now)
{
    int64_t left = lane->dts - now;
    if (now < lane->next_allowed || left > lane->ahead || (is_full(lane) && left > 0))
        return LIVE_NOTHING;
    return left <= lane->ahead / 2 ? LIVE_MUST : LIVE_MAY;
}

/* The lane with the greatest need and, of those, the unit that is decoded first; NULL: none may send. */
static const struct lane *choose(const struct live *live, int64_t now)
{
    const struct lane *chosen = NULL;
    enum live_need greatest = LIVE_NOTHING;
    for (size_t i = 0; i < live->lane_count; i++) {
        const struct lane *lane = &live->lanes[i];
        enum live_need need = need_of(lane, now);
        if (need > greatest || (chosen && need == greatest && lane->dts < chosen->dts)) {
            chosen = lane;
            greatest = need;
        }
    }
    return chosen;
}

enum live_need live_need(struct live *live, int64_t now_27mhz, uint16_t *pid)
{
    for (size_t i = 0; i < live->lane_count; i++)
        decode(&live->lanes[i], now_27mhz);
    const struct lane *lane = choose(live, now_27mhz);
    if (!lane)
        return LIVE_NOTHING;
    *pid = lane->pid;
    return need_of(lane, now_27mhz);
}

static void unit_sent(struct live *live, struct lane *lane, int64_t now)
{
    live->counts.late += now > lane->dts;
    lane->number++;
    if (lane->stream_id == STREAM_ID_VIDEO) {
        live->counts.pictures++;
        live->counts.rounds = lane->number / lane->unit_count;
    } else {
        live->counts.frames++;
    }
    load_unit(live, lane);
}

void live_packet(struct live *live, int64_t now_27mhz, int64_t pcr_27mhz, uint8_t bytes[TS_PACKET_SIZE])
{
    struct lane *lane = (struct lane *)choose(live, now_27mhz);
    assert(lane);
    bool start = lane->sent == 0;
    const struct ts_packet_options options = {.pid = lane->pid,
                                              .continuity_counter = lane->counter,
                                              .payload_unit_start = start,
                                              .random_access = start && lane->random_access,
                                              .has_pcr = pcr_27mhz >= 0,
                                              .pcr_27mhz = pcr_27mhz >= 0 ? (uint64_t)pcr_27mhz : 0};
    size_t written =
        ts_packet_write(bytes, &options, lane->pes.data + lane->sent, lane->pes.size - lane->sent);
    lane->sent += written;
    hold(lane, written);
    lane->counter = (lane->counter + 1) & 15;
    lane->next_allowed = now_27mhz + lane->spacing;
    if (lane->sent == lane->pes.size)
        unit_sent(live, lane, now_27mhz);
}

uint8_t live_counter(const struct live *live, uint16_t pid)
{
    for (size_t i = 0; i < live->lane_count; i++) {
        if (live->lanes[i].pid == pid)
            return (live->lanes[i].counter - 1) & 15;
    }
    return 0;
}

void live_counts(const struct live *live, struct live_counts *counts)
{
    *counts = live->counts;
}

static int64_t packets_of(const struct clip_unit *units, size_t count)
{
    int64_t packets = 0;
    for (size_t i = 0; i < count; i++)
        packets += (units[i].size + PES_OVERHEAD + 183) / 184;
    return packets;
}

int64_t live_bit_rate(const struct clip *clip)
{
    int64_t video =
        packets_of(clip->pictures, clip->picture_count) * TS_PACKET_SIZE * 8 * 90000 / clip->duration_90khz;
    if (clip->frame_count == 0)
        return video;
    int64_t samples = (int64_t)clip->frame_count * clip->samples_per_frame;
    return video +
           packets_of(clip->frames, clip->frame_count) * TS_PACKET_SIZE * 8 * clip->sample_rate / samples;
}
