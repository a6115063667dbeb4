/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/guide.h"
#include "base/clock.h"
#include "base/text.h"
#include "playout/channel_text.h"

void guide_order_languages(enum content_language main, enum content_language languages[CONTENT_LANGUAGES])
{
    size_t count = 0;
    languages[count++] = main;
    for (int language = 0; language < CONTENT_LANGUAGES; language++) {
        if (language != (int)main)
            languages[count++] = language;
    }
}

const char *guide_language_code(enum content_language language)
{
    static const char *const codes[] = {[CONTENT_ZH] = "chi", [CONTENT_BO] = "tib", [CONTENT_EN] = "eng"};
    return codes[language];
}

static void read_start(struct content_json *reader, const json_t *value, struct guide_event *event)
{
    const char *text = content_json_string(reader, value, "start", true, 1, CLOCK_RFC3339_SIZE);
    if (text && !clock_parse_rfc3339(text, &event->start_utc_s))
        channel_text_fail(reader, value, "start", "a time as 2026-11-23T20:00:00+08:00");
}

static void read_event(struct content_json *reader, const json_t *value, const struct guide *guide,
                       struct guide_event *event)
{
    static const char *const known[] = {"minutes", "start", "title", "text", NULL};
    if (!content_json_is_object(reader, value))
        return;
    event->minutes = (int)content_json_integer(reader, value, "minutes", true, 1, 1, 1440);
    if (guide->fixed)
        read_start(reader, value, event);
    channel_text_read(reader, value, "title", true, guide->languages, event->titles[0], SI_NAME_SIZE);
    channel_text_read(reader, value, "text", false, guide->languages, event->texts[0], SI_TEXT_SIZE);
    content_json_warn_unknown(reader, value, known);
}

static void check_order(struct content_json *reader, const struct guide *guide)
{
    for (size_t i = 1; guide->fixed && i < guide->count; i++) {
        const struct guide_event *before = &guide->events[i - 1];
        if (guide->events[i].start_utc_s >= before->start_utc_s + before->minutes * 60)
            continue;
        size_t mark = content_json_enter_index(reader, i);
        content_json_say(reader, CONTENT_ERROR, "expected a start behind the end of the event before");
        content_json_leave(reader, mark);
    }
}

void guide_read(struct content_json *reader, const json_t *root, struct guide *guide)
{
    const json_t *events = content_json_array(reader, root, "events", false, 0, GUIDE_EVENTS_MAX);
    if (!events)
        return;
    size_t mark = content_json_enter_key(reader, "events");
    unsigned before = reader->errors;
    guide->count = json_array_size(events);
    guide->fixed = json_object_get(json_array_get(events, 0), "start") != NULL;
    for (size_t i = 0; i < guide->count; i++) {
        size_t inner = content_json_enter_index(reader, i);
        read_event(reader, json_array_get(events, i), guide, &guide->events[i]);
        content_json_leave(reader, inner);
    }
    if (reader->errors == before)
        check_order(reader, guide);
    content_json_leave(reader, mark);
}

static int64_t duration_s(const struct guide_event *event)
{
    return (int64_t)event->minutes * 60;
}

/* ---- programmes that repeat ---- */

static int64_t cycle_s(const struct guide *guide)
{
    int64_t sum = 0;
    for (size_t i = 0; i < guide->count; i++)
        sum += duration_s(&guide->events[i]);
    return sum;
}

/* The event that runs at utc_s, counted from 1970; -1 before that. */
static int64_t number_at(const struct guide *guide, int64_t utc_s, int64_t *start_utc_s)
{
    int64_t cycle = cycle_s(guide), local_s = utc_s + CLOCK_CHINA_OFFSET_S;
    if (local_s < 0)
        return -1;
    int64_t start_s = local_s / cycle * cycle, number = local_s / cycle * (int64_t)guide->count;
    for (size_t i = 0; start_s + duration_s(&guide->events[i]) <= local_s; i++, number++)
        start_s += duration_s(&guide->events[i]);
    *start_utc_s = start_s - CLOCK_CHINA_OFFSET_S;
    return number;
}

static struct guide_moment moment_of(const struct guide *guide, int64_t number, int64_t start_utc_s)
{
    return (struct guide_moment){.event = &guide->events[number % (int64_t)guide->count],
                                 .event_id = (uint16_t)number,
                                 .start_utc_s = start_utc_s};
}

static int64_t round_at(const struct guide *guide, int64_t utc_s, struct guide_moment *present,
                        struct guide_moment *following)
{
    int64_t start_utc_s = 0, number = number_at(guide, utc_s, &start_utc_s);
    if (number < 0)
        return 0;
    *present = moment_of(guide, number, start_utc_s);
    *following = moment_of(guide, number + 1, start_utc_s + duration_s(present->event));
    return number;
}

static size_t round_between(const struct guide *guide, int64_t from_utc_s, int64_t to_utc_s,
                            struct guide_moment *moments, size_t maximum)
{
    int64_t start_utc_s = 0, number = number_at(guide, from_utc_s, &start_utc_s);
    size_t count = 0;
    for (; number >= 0 && start_utc_s < to_utc_s && count < maximum; number++) {
        struct guide_moment moment = moment_of(guide, number, start_utc_s);
        if (start_utc_s >= from_utc_s)
            moments[count++] = moment;
        start_utc_s += duration_s(moment.event);
    }
    return count;
}

/* ---- programmes with a start ---- */

/* An id that stays the event's when others are added or taken away, and comes again after 45 days. */
static struct guide_moment fixed_moment(const struct guide_event *event)
{
    return (struct guide_moment){
        .event = event, .event_id = (uint16_t)(event->start_utc_s / 60), .start_utc_s = event->start_utc_s};
}

static int64_t fixed_at(const struct guide *guide, int64_t utc_s, struct guide_moment *present,
                        struct guide_moment *following)
{
    int64_t changes = 0;
    for (size_t i = 0; i < guide->count; i++) {
        const struct guide_event *event = &guide->events[i];
        bool started = event->start_utc_s <= utc_s, ended = event->start_utc_s + duration_s(event) <= utc_s;
        changes += started + ended;
        if (started && !ended)
            *present = fixed_moment(event);
        if (!started && !following->event)
            *following = fixed_moment(event);
    }
    return changes;
}

static size_t fixed_between(const struct guide *guide, int64_t from_utc_s, int64_t to_utc_s,
                            struct guide_moment *moments, size_t maximum)
{
    size_t count = 0;
    for (size_t i = 0; i < guide->count && count < maximum; i++) {
        int64_t start = guide->events[i].start_utc_s;
        if (start >= from_utc_s && start < to_utc_s)
            moments[count++] = fixed_moment(&guide->events[i]);
    }
    return count;
}

int64_t guide_at(const struct guide *guide, int64_t utc_s, struct guide_moment *present,
                 struct guide_moment *following)
{
    *present = *following = (struct guide_moment){0};
    if (guide->count == 0)
        return 0;
    return guide->fixed ? fixed_at(guide, utc_s, present, following)
                        : round_at(guide, utc_s, present, following);
}

size_t guide_between(const struct guide *guide, int64_t from_utc_s, int64_t to_utc_s,
                     struct guide_moment *moments, size_t maximum)
{
    if (guide->count == 0)
        return 0;
    return guide->fixed ? fixed_between(guide, from_utc_s, to_utc_s, moments, maximum)
                        : round_between(guide, from_utc_s, to_utc_s, moments, maximum);
}

void guide_source(const struct guide *guide, const struct guide_moment *moment, uint8_t running_status,
                  struct si_event_source_words words[CONTENT_LANGUAGES], struct si_event_source *source)
{
    const struct guide_event *event = moment->event;
    *source = (struct si_event_source){.event_id = moment->event_id,
                                       .start_utc_s = moment->start_utc_s,
                                       .duration_s = event->minutes * 60,
                                       .running_status = running_status,
                                       .words = words};
    for (int i = 0; i < CONTENT_LANGUAGES; i++) {
        if (event->titles[i][0])
            words[source->word_count++] =
                (struct si_event_source_words){.language = guide_language_code(guide->languages[i]),
                                               .name = event->titles[i],
                                               .text = event->texts[i]};
    }
}
