/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/reception.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/queue.h"
#include "base/text.h"
#include "reception/carousel.h"
#include "reception/dial.h"
#include "reception/feed.h"
#include "reception/groups.h"
#include "reception/lineup.h"
#include "reception/numbers.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define NEWS_INTERVAL_US 200000
#define GUIDE_INTERVAL_US 1000000
#define SILENCE_US 1000000
#define GUIDE_BYTES (4u << 20)
#define CLOCK_STEP_S 2
struct reception {
    struct reception_options options;
    uint16_t port;
    pthread_t thread;
    bool has_thread;
    int wake_fd;
    atomic_bool stop;

    pthread_mutex_t lock; /* holds the next twelve */
    struct feed_wish wish;
    unsigned search_run, search_count; /* the search that is wanted, 0: none; searches asked for so far */
    struct wanted screens;
    struct reception_news *news;
    struct programmes_wish asked;
    bool asked_anew;
    struct programmes *programmes; /* the answer */
    bool follows;                  /* followed_id counts */
    uint16_t followed_id;
    struct sound_wish sound;
    bool sound_changed; /* the news have not told */
    struct mark {
        struct reception_key key;
        bool favourite;
    } marks[RECEPTION_MARKS_MAX]; /* not made yet */
    size_t mark_count;

    struct queue *events; /* of struct interaction_event, for main */

    /* the thread's own */
    struct dial *dial;
    struct source *source;     /* the dial's */
    struct source_state tuner; /* as last told */
    struct ts_demux *demux;
    struct si_watcher *watcher;
    struct carousel *carousel;
    struct feed *feed;
    struct interaction *interaction;
    struct numbers *numbers;
    struct si_text *text; /* decodes the guide's words */
    uint8_t *chunk;
    bool signal, dirty, si_changed;
    uint64_t packets; /* counted at last_packet_us */
    int64_t last_packet_us, last_news_us;
    struct programmes_wish answered;
    bool guide_changed; /* since then, and somebody looks at it */
    int64_t answered_us;
    int64_t news_utc_s, news_utc_at_us; /* the clock that the last news told; 0: none */
};

/* ---- the player ---- */

/* Called after what main wishes or what the stream offers has changed. */
static void update_feed(struct reception *reception)
{
    pthread_mutex_lock(&reception->lock);
    struct feed_wish wish = reception->wish;
    wish.sound = reception->sound;
    uint16_t followed_id = reception->follows ? reception->followed_id : wish.service_id;
    pthread_mutex_unlock(&reception->lock);
    if (!dial_has(reception->dial, reception->watcher, &wish))
        wish.service_id = 0; /* one of the same number is another one */
    if (!feed_update(reception->feed, reception->watcher, &wish))
        reception->si_changed = true; /* looks again behind the next bytes */
    interaction_update(reception->interaction, reception->watcher, followed_id);
}

/* ---- other streams ---- */

/* All that is known of the stream that was received; what main was told of it stays until the next news.
 * False without memory: then the thread cannot go on. */
static bool leave_stream(struct reception *reception)
{
    const struct feed_wish nothing = {0};
    feed_update(reception->feed, reception->watcher, &nothing);
    interaction_update(reception->interaction, reception->watcher, 0);
    carousel_leave(reception->carousel);
    ts_demux_reset(reception->demux);
    if (!si_watcher_reset(reception->watcher)) {
        log_error("no memory: nothing is received any more");
        atomic_store(&reception->stop, true);
        return false;
    }
    reception->last_packet_us = clock_monotonic_us(); /* time to lock before it is called silence */
    reception->dirty = reception->si_changed = true;
    return true;
}

/* What main wishes may lie elsewhere, or everywhere. */
static void follow_wishes(struct reception *reception)
{
    int64_t now = clock_monotonic_us();
    pthread_mutex_lock(&reception->lock);
    struct feed_wish wish = reception->wish;
    unsigned run = reception->search_run;
    pthread_mutex_unlock(&reception->lock);
    if (dial_search(reception->dial, run, now)) {
        reception->last_packet_us = now;
        reception->dirty = true;
        ts_demux_reset(reception->demux);
    }
    if (dial_follow(reception->dial, reception->watcher, &wish, now) && !leave_stream(reception))
        return;
    update_feed(reception);
}

static void tick_dial(struct reception *reception)
{
    if (!dial_is_searching(reception->dial))
        return;
    reception->last_packet_us = clock_monotonic_us();
    reception->dirty = true;
    if (!dial_tick(reception->dial, clock_monotonic_us()))
        return;
    reception->si_changed = true;
    follow_wishes(reception);
}

/* ---- news ---- */

static void fill_counts(const struct reception *reception, struct reception_news *news)
{
    struct si_watcher_counts si;
    si_watcher_counts(reception->watcher, &si);
    news->si_rejects = si.bad_sections + si.over_limit;
    ts_demux_counts(reception->demux, &news->counts);
    interaction_state(reception->interaction, &news->interaction);
}

static struct reception_news *make_news(struct reception *reception)
{
    struct lineup lineup = {
        .watcher = reception->watcher, .text = reception->text, .numbers = reception->numbers};
    lineup.has_place = dial_place(reception->dial, reception->watcher, &lineup.original_network_id,
                                  &lineup.transport_stream_id);
    struct reception_news *news =
        calloc(1, sizeof(*news) + lineup_maximum(&lineup) * sizeof(news->services[0]));
    if (!news)
        return NULL;
    news->signal = reception->signal;
    news->tuner = reception->tuner;
    const struct si_clock *clock = si_watcher_clock(reception->watcher);
    if (clock) {
        news->utc_s = reception->news_utc_s = clock->utc_s;
        news->utc_at_us = reception->news_utc_at_us = clock->monotonic_us;
    }
    const struct si_nit *network = si_watcher_network(reception->watcher);
    if (network)
        text_copy(news->network, sizeof(news->network), network->name);
    fill_counts(reception, news);
    carousel_tell(reception->carousel, news);
    dial_tell(reception->dial, &news->search);
    pthread_mutex_lock(&reception->lock);
    struct sound_wish sound = reception->sound;
    pthread_mutex_unlock(&reception->lock);
    lineup.sound = &sound;
    news->service_count = lineup_make(&lineup, news->services);
    groups_fill(news, reception->watcher);
    return news;
}

static void publish(struct reception *reception)
{
    struct reception_news *news = make_news(reception);
    reception->last_news_us = clock_monotonic_us();
    if (!news)
        return; /* still dirty: once more after the interval */
    reception->dirty = false;
    pthread_mutex_lock(&reception->lock);
    struct reception_news *old = reception->news;
    reception->news = news;
    pthread_mutex_unlock(&reception->lock);
    reception_news_destroy(old);
    if (reception->options.wake)
        reception->options.wake(reception->options.context);
}

struct reception_news *reception_take_news(struct reception *reception)
{
    pthread_mutex_lock(&reception->lock);
    struct reception_news *news = reception->news;
    reception->news = NULL;
    pthread_mutex_unlock(&reception->lock);
    return news;
}

void reception_news_destroy(struct reception_news *news)
{
    free(news);
}

static void wake(struct reception *reception)
{
    uint64_t one = 1;
    ssize_t written = write(reception->wake_fd, &one, sizeof(one));
    (void)written; /* a full counter wakes as well */
}

/* ---- the guide ---- */

static void answer(struct reception *reception)
{
    pthread_mutex_lock(&reception->lock);
    reception->answered = reception->asked;
    reception->asked_anew = false;
    pthread_mutex_unlock(&reception->lock);
    reception->guide_changed = false;
    reception->answered_us = clock_monotonic_us();
    if (!reception->answered.service_id)
        return;
    struct programmes *programmes =
        programmes_create(reception->watcher, reception->text, &reception->answered);
    if (!programmes) {
        reception->guide_changed = true; /* once more after the interval */
        return;
    }
    pthread_mutex_lock(&reception->lock);
    struct programmes *unwanted = reception->asked_anew ? programmes : reception->programmes;
    if (!reception->asked_anew)
        reception->programmes = programmes;
    pthread_mutex_unlock(&reception->lock);
    programmes_destroy(unwanted);
    if (reception->options.wake)
        reception->options.wake(reception->options.context);
}

void reception_ask_programmes(struct reception *reception, const struct programmes_wish *wish)
{
    pthread_mutex_lock(&reception->lock);
    reception->asked = *wish;
    reception->asked_anew = true;
    struct programmes *old = reception->programmes;
    reception->programmes = NULL;
    pthread_mutex_unlock(&reception->lock);
    programmes_destroy(old);
    wake(reception);
}

struct programmes *reception_take_programmes(struct reception *reception)
{
    pthread_mutex_lock(&reception->lock);
    struct programmes *programmes = reception->programmes;
    reception->programmes = NULL;
    pthread_mutex_unlock(&reception->lock);
    return programmes;
}

/* ---- the thread ---- */

/* Whether main's idea of the time, from the last news on, is no longer right. */
static bool clock_was_set(const struct reception *reception)
{
    const struct si_clock *clock = si_watcher_clock(reception->watcher);
    if (!clock)
        return false;
    int64_t expected = reception->news_utc_s + (clock->monotonic_us - reception->news_utc_at_us) / 1000000;
    int64_t step = clock->utc_s - expected;
    return !reception->news_utc_s || step >= CLOCK_STEP_S || step <= -CLOCK_STEP_S;
}

static void on_si(void *context, unsigned changed)
{
    struct reception *reception = context;
    if (changed & ~(SI_CHANGED_CLOCK | SI_CHANGED_GUIDE))
        reception->dirty = true;
    if ((changed & SI_CHANGED_CLOCK) && clock_was_set(reception)) {
        reception->dirty = true;
        carousel_clock_set(reception->carousel);
    }
    if ((changed & SI_CHANGED_GUIDE) && reception->answered.service_id)
        reception->guide_changed = true;
    reception->si_changed = true;
}

static void on_interaction(void *context)
{
    ((struct reception *)context)->dirty = true;
}

/* Wakes main by the queue. One that main does not fetch makes room for the next. */
static bool on_stream_event(void *context, const struct interaction_event *event)
{
    struct reception *reception = context;
    struct interaction_event *copy = malloc(sizeof(*copy));
    if (!copy)
        return false;
    *copy = *event;
    return queue_push(reception->events, copy, true);
}

/* Outside the demultiplexer's callbacks, where PIDs may come and go. */
static void after_push(struct reception *reception)
{
    carousel_take(reception->carousel);
    if (reception->si_changed) {
        reception->si_changed = false;
        numbers_update(reception->numbers, reception->watcher);
        if (!carousel_follow(reception->carousel))
            reception->si_changed = true; /* looks again behind the next bytes */
        update_feed(reception);
        carousel_try_again(reception->carousel);
    }
    reception->dirty |= carousel_take_changed(reception->carousel);
}

static void set_signal(struct reception *reception, bool signal)
{
    if (signal == reception->signal)
        return;
    reception->signal = signal;
    reception->dirty = true;
    log_info(signal ? "signal" : "no signal");
}

/* Bytes that are no packets are no signal. */
static void note_packets(struct reception *reception)
{
    struct ts_demux_counts counts;
    ts_demux_counts(reception->demux, &counts);
    if (counts.packets == reception->packets)
        return;
    reception->packets = counts.packets;
    reception->last_packet_us = clock_monotonic_us();
    set_signal(reception, true);
}

/* Reads what is there, but lets commands in between. failed: poll() found an error. */
static void read_source(struct reception *reception, bool failed)
{
    for (int i = 0; i < 64; i++) {
        size_t got = source_read(reception->source, reception->chunk, TUNER_READ_SIZE, clock_monotonic_us());
        if (got == 0) {
            if (failed && i == 0)
                source_fail(reception->source, clock_monotonic_us());
            break;
        }
        if (dial_is_searching(reception->dial)) {
            dial_push(reception->dial, reception->chunk, got, clock_monotonic_us());
            continue;
        }
        ts_demux_push(reception->demux, reception->chunk, got);
        note_packets(reception);
        feed_look(reception->feed);
        after_push(reception);
    }
    if (source_fd(reception->source) < 0) /* it ended or broke */
        ts_demux_flush(reception->demux);
}

static void tick_source(struct reception *reception)
{
    if (!dial_is_searching(reception->dial))
        source_tick(reception->source, clock_monotonic_us());
    reception->dirty |= source_take_state(reception->source, &reception->tuner);
}

/* Until something must be done though nothing comes; -1: nothing. */
static int wait_ms(const struct reception *reception)
{
    int64_t now = clock_monotonic_us(), until = source_due_us(reception->source);
    if (dial_is_searching(reception->dial))
        until = dial_due_us(reception->dial);
    if (reception->dirty && reception->last_news_us + NEWS_INTERVAL_US < until)
        until = reception->last_news_us + NEWS_INTERVAL_US;
    if (reception->signal && reception->last_packet_us + SILENCE_US < until)
        until = reception->last_packet_us + SILENCE_US;
    if (reception->guide_changed && reception->answered_us + GUIDE_INTERVAL_US < until)
        until = reception->answered_us + GUIDE_INTERVAL_US;
    if (until == INT64_MAX)
        return -1;
    return until <= now ? 0 : (int)((until - now) / 1000 + 1);
}

static void make_marks(struct reception *reception, const struct mark *marks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        reception->dirty |= numbers_set_favourite(reception->numbers, marks[i].key.original_network_id,
                                                  marks[i].key.transport_stream_id, marks[i].key.service_id,
                                                  marks[i].favourite);
}

static void read_wishes(struct reception *reception)
{
    uint64_t value;
    if (read(reception->wake_fd, &value, sizeof(value)) != sizeof(value))
        return;
    follow_wishes(reception);
    pthread_mutex_lock(&reception->lock);
    bool asked_anew = reception->asked_anew;
    struct mark marks[RECEPTION_MARKS_MAX];
    size_t mark_count = reception->mark_count;
    memcpy(marks, reception->marks, sizeof(marks));
    reception->mark_count = 0;
    reception->dirty |= reception->sound_changed;
    reception->sound_changed = false;
    struct wanted screens = reception->screens;
    pthread_mutex_unlock(&reception->lock);
    carousel_want(reception->carousel, &screens);
    make_marks(reception, marks, mark_count);
    if (asked_anew)
        answer(reception);
}

static void *run(void *context)
{
    struct reception *reception = context;
    while (!atomic_load(&reception->stop)) {
        struct pollfd fds[2] = {{.fd = source_fd(reception->source), .events = POLLIN},
                                {.fd = reception->wake_fd, .events = POLLIN}};
        int ready = poll(fds, 2, wait_ms(reception));
        if (ready < 0 && errno != EINTR) {
            log_error("poll: %s", strerror(errno));
            break;
        }
        if (ready > 0 && fds[1].revents)
            read_wishes(reception);
        if (ready > 0 && fds[0].revents && fds[0].fd == source_fd(reception->source))
            read_source(reception, fds[0].revents & (POLLERR | POLLHUP | POLLNVAL));
        tick_dial(reception);
        tick_source(reception);
        int64_t now = clock_monotonic_us();
        if (reception->signal && now - reception->last_packet_us >= SILENCE_US)
            set_signal(reception, false);
        if (reception->dirty && now - reception->last_news_us >= NEWS_INTERVAL_US)
            publish(reception);
        if (reception->guide_changed && now - reception->answered_us >= GUIDE_INTERVAL_US)
            answer(reception);
    }
    return NULL;
}

void reception_play(struct reception *reception, uint16_t service_id, int width, int height)
{
    pthread_mutex_lock(&reception->lock);
    reception->wish = (struct feed_wish){.service_id = service_id, .width = width, .height = height};
    pthread_mutex_unlock(&reception->lock);
    wake(reception);
}

void reception_want(struct reception *reception, const char *const *paths, size_t count)
{
    pthread_mutex_lock(&reception->lock);
    wanted_set(&reception->screens, paths, count);
    pthread_mutex_unlock(&reception->lock);
    wake(reception);
}

void reception_follow(struct reception *reception, uint16_t service_id)
{
    pthread_mutex_lock(&reception->lock);
    reception->follows = true;
    reception->followed_id = service_id;
    pthread_mutex_unlock(&reception->lock);
    wake(reception);
}

struct interaction_event *reception_take_event(struct reception *reception)
{
    return queue_pop(reception->events);
}

void reception_watch(struct reception *reception, const struct reception_key *service, int width, int height)
{
    pthread_mutex_lock(&reception->lock);
    reception->wish = (struct feed_wish){.service_id = service->service_id,
                                         .width = width,
                                         .height = height,
                                         .original_network_id = service->original_network_id,
                                         .transport_stream_id = service->transport_stream_id};
    pthread_mutex_unlock(&reception->lock);
    wake(reception);
}

void reception_prefer_sound(struct reception *reception, const struct sound_wish *wish)
{
    pthread_mutex_lock(&reception->lock);
    reception->sound = *wish;
    reception->sound_changed = true;
    pthread_mutex_unlock(&reception->lock);
    wake(reception);
}

void reception_set_favourite(struct reception *reception, const struct reception_key *service, bool favourite)
{
    pthread_mutex_lock(&reception->lock);
    if (reception->mark_count == RECEPTION_MARKS_MAX)
        memmove(&reception->marks[0], &reception->marks[1],
                --reception->mark_count * sizeof(reception->marks[0]));
    reception->marks[reception->mark_count++] = (struct mark){*service, favourite};
    pthread_mutex_unlock(&reception->lock);
    wake(reception);
}

unsigned reception_search(struct reception *reception)
{
    pthread_mutex_lock(&reception->lock);
    unsigned run = reception->search_run = ++reception->search_count;
    pthread_mutex_unlock(&reception->lock);
    wake(reception);
    return run;
}

void reception_end_search(struct reception *reception)
{
    pthread_mutex_lock(&reception->lock);
    reception->search_run = 0;
    pthread_mutex_unlock(&reception->lock);
    wake(reception);
}

uint16_t reception_port(const struct reception *reception)
{
    return reception->port;
}

/* A URL that says nothing is an error; a machine that refuses now may be willing later. */
static bool open_source(struct reception *reception, struct error *error)
{
    struct reception_options *options = &reception->options;
    const struct dial_options dial = {.open = options->open_tuner,
                                      .url = options->tuner_url,
                                      .list_path = options->list_path,
                                      .numbers = reception->numbers,
                                      .charset = options->charset};
    reception->dial = dial_create(&dial, error);
    if (!reception->dial)
        return false;
    reception->source = dial_source(reception->dial);
    reception->port = source_port(reception->source);
    options->tuner_url = options->list_path = NULL; /* the caller's, for the call only */
    return true;
}

static bool open_parts(struct reception *reception, struct error *error)
{
    const struct reception_options *options = &reception->options;
    reception->chunk = malloc(TUNER_READ_SIZE);
    reception->demux = ts_demux_create();
    reception->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!reception->chunk || !reception->demux || reception->wake_fd < 0)
        return error_set(error, "reception: no memory or no descriptors");
    const struct si_watcher_options watch = {
        .charset = options->charset, .changed = on_si, .context = reception, .guide_bytes = GUIDE_BYTES};
    reception->watcher = si_watcher_create(reception->demux, &watch);
    reception->feed = feed_create(reception->demux, options->player);
    const struct interaction_calls calls = {on_interaction, on_stream_event, reception};
    reception->interaction = interaction_create(reception->demux, &calls);
    reception->events = queue_create(RECEPTION_EVENTS_MAX, free, options->wake, options->context);
    reception->text = si_text_create(options->charset);
    reception->numbers = numbers_create(options->channels_path);
    reception->options.channels_path = NULL; /* the caller's, for the call only */
    if (!reception->watcher || !reception->feed || !reception->interaction || !reception->events ||
        !reception->text || !reception->numbers)
        return error_set(error, "reception: no memory");
    const struct carousel_options carousel = {options, reception->demux, reception->watcher,
                                              reception->interaction};
    reception->carousel = carousel_create(&carousel, error);
    if (!reception->carousel)
        return false;
    reception->options.cache_folder = NULL; /* the caller's, for the call only */
    return open_source(reception, error);
}

struct reception *reception_create(const struct reception_options *options, struct error *error)
{
    struct reception *reception = calloc(1, sizeof(*reception));
    if (!reception) {
        error_set(error, "reception: no memory");
        return NULL;
    }
    reception->options = *options;
    reception->wake_fd = -1;
    reception->dirty = true;
    pthread_mutex_init(&reception->lock, NULL);
    if (!open_parts(reception, error)) {
        reception_destroy(reception);
        return NULL;
    }
    if (pthread_create(&reception->thread, NULL, run, reception)) {
        error_set(error, "reception: no thread");
        reception_destroy(reception);
        return NULL;
    }
    reception->has_thread = true;
    return reception;
}

void reception_destroy(struct reception *reception)
{
    if (!reception)
        return;
    if (reception->has_thread) {
        atomic_store(&reception->stop, true);
        wake(reception);
        pthread_join(reception->thread, NULL);
    }
    dial_destroy(reception->dial);
    feed_destroy(reception->feed);
    carousel_destroy(reception->carousel);
    interaction_destroy(reception->interaction);
    queue_destroy(reception->events);
    si_watcher_destroy(reception->watcher);
    ts_demux_destroy(reception->demux);
    numbers_destroy(reception->numbers);
    si_text_destroy(reception->text);
    if (reception->wake_fd >= 0)
        close(reception->wake_fd);
    reception_news_destroy(reception->news);
    programmes_destroy(reception->programmes);
    pthread_mutex_destroy(&reception->lock);
    free(reception->chunk);
    free(reception);
}
