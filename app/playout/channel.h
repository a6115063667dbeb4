/* SPDX-License-Identifier: Apache-2.0 */
/* The television service that carries Kokonor: channel.json of the content folder, which is not on air
 * itself. Any thread; the caller owns what channel_load returns. */
#ifndef KOKONOR_PLAYOUT_CHANNEL_H
#define KOKONOR_PLAYOUT_CHANNEL_H

#include "content/json.h"
#include "content/text.h"
#include "si/eit.h"
#include "si/nit.h"

#define CHANNEL_FILE "channel.json"
#define CHANNEL_EVENTS_MAX 500
#define CHANNEL_CLIP_SIZE 512

struct channel_event {
    int minutes; /* 1 .. 1440 */
    char title[SI_NAME_SIZE];
    char text[SI_TEXT_SIZE];
};

/* What cannot change on air, the carousel's rate excepted: PIDs, ids, rates. */
struct channel_frame {
    uint16_t service_id, pmt_pid, pcr_pid, video_pid, audio_pid, carousel_pid, ait_pid;
    uint16_t network_id, original_network_id, transport_stream_id;
    struct si_cable cable;
    int64_t bit_rate, carousel_bit_rate; /* bits a second */
    char clip[CHANNEL_CLIP_SIZE];        /* relative to the content folder; "" without pictures and sound */
};

struct channel {
    struct channel_frame frame;
    char service_name[SI_NAME_SIZE], provider[SI_NAME_SIZE], network_name[SI_NAME_SIZE];
    char language[SI_LANGUAGE_SIZE]; /* of the texts: ISO 639-2 */
    size_t event_count;
    struct channel_event events[CHANNEL_EVENTS_MAX]; /* one after the other, round and round from midnight in
                                                        China of 1970-01-01 */
};

/* Reads folder/channel.json, taking texts in language (Chinese where a text lacks it). report, which may be
 * NULL, hears of every mistake; the first is in error where NULL is returned. */
struct channel *channel_load(const char *folder, enum content_language language, content_report_fn *report,
                             void *context, struct error *error);
void channel_destroy(struct channel *channel); /* NULL does nothing */

/* Appends what of new differs from old and cannot change on air, "service.pmt_pid 256 to 257, clip": all but
 * the carousel's rate. */
void channel_compare(const struct channel_frame *old, const struct channel_frame *new, struct buffer *text);

/* The events that run and follow at utc_s. */
void channel_events_at(const struct channel *channel, int64_t utc_s, struct si_event *present,
                       struct si_event *following);

#endif
