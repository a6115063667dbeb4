/* SPDX-License-Identifier: Apache-2.0 */
/* The television service that carries Kokonor: channel.json of the content folder, which is not on air
 * itself. Any thread; the caller owns what channel_load returns. */
#ifndef KOKONOR_PLAYOUT_CHANNEL_H
#define KOKONOR_PLAYOUT_CHANNEL_H

#include "playout/announced.h"
#include "playout/guide.h"
#include "playout/neighbours.h"

#define CHANNEL_FILE "channel.json"
#define CHANNEL_CLIP_SIZE 512
#define CHANNEL_STREAM_EVENTS_MAX 64
#define CHANNEL_STREAM_EVENT_SIZE 49

/* What cannot change on air, the carousel's rate excepted: PIDs, ids, rates. */
struct channel_frame {
    uint16_t service_id, pmt_pid, pcr_pid, video_pid, audio_pid, carousel_pid, ait_pid;
    uint16_t network_id, original_network_id, transport_stream_id;
    struct si_cable cable;
    uint16_t event_pid; /* 0: no stream events */
    size_t stream_event_count;
    char stream_events[CHANNEL_STREAM_EVENTS_MAX]
                      [CHANNEL_STREAM_EVENT_SIZE]; /* [a-z0-9-]{1,48}; event_id 1 and up */
    int64_t bit_rate, carousel_bit_rate;           /* bits a second */
    char clip[CHANNEL_CLIP_SIZE]; /* relative to the content folder; "" without pictures and sound */
};

/* Names are in the order of the guide's languages. */
struct channel {
    struct channel_frame frame;
    uint16_t lcn; /* 0: none */
    char service_names[CONTENT_LANGUAGES][SI_TRANSLATION_SIZE],
        providers[CONTENT_LANGUAGES][SI_TRANSLATION_SIZE];
    char network_names[CONTENT_LANGUAGES][SI_TRANSLATION_SIZE];
    struct neighbours neighbours;
    struct announced announced;
    struct guide guide;
};

/* Reads folder/channel.json; language is the channel's own, whose texts stand first in the tables. report,
 * which may be NULL, hears of every mistake; the first is in error where NULL is returned. */
struct channel *channel_load(const char *folder, enum content_language language, content_report_fn *report,
                             void *context, struct error *error);
/* The same of a text. */
struct channel *channel_parse(struct bytes text, enum content_language language, content_report_fn *report,
                              void *context, struct error *error);
/* Appends folder/channel.json with value, a JSON text, in the place of its member: events, streams, bouquets
 * or applications, which change on air. False: another member, no JSON, a file that is none; report hears
 * why. */
bool channel_put_member(const char *folder, const char *member, struct bytes value, struct buffer *text,
                        content_report_fn *report, void *context);
void channel_destroy(struct channel *channel); /* NULL does nothing */

/* Appends what of new differs from old and cannot change on air, "service.pmt_pid 256 to 257, clip": all but
 * the carousel's rate. */
void channel_compare(const struct channel_frame *old, const struct channel_frame *new, struct buffer *text);

#endif
