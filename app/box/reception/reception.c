/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/reception.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "dsmcc/receiver.h"
#include "reception/intake.h"
#include "tuner/tuner.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define NEWS_INTERVAL_US 200000
#define SILENCE_US 1000000

struct wish {
    uint16_t service_id; /* 0: play nothing */
    int width, height;
};

/* What the player is being fed with. */
struct playing {
    uint16_t service_id;
    uint16_t video_pid, sound_pid, pcr_pid;
    enum video_kind video;
    enum sound_kind sound;
    int width, height;
    struct ts_subscription *video_subscription, *sound_subscription, *pcr_subscription;
};

struct reception {
    struct reception_options options;
    char url[512];
    pthread_t thread;
    bool has_thread;
    int wake_fd;
    atomic_bool stop;

    pthread_mutex_t lock; /* holds the next two */
    struct wish wish;
    struct reception_news *news;

    /* the thread's own */
    struct tuner *tuner;
    struct ts_demux *demux;
    struct si_watcher *watcher;
    struct intake *intake;
    struct dsmcc_receiver *receiver;
    struct si_carousel carousel;   /* that receiver follows */
    struct dsmcc_tree *unverified; /* came before the clock was known */
    struct playing playing;
    uint8_t *chunk;
    bool signal, dirty, si_changed;
    int64_t last_bytes_us, last_news_us;
};

/* ---- the clock ---- */

static int64_t utc_now(const struct reception *reception)
{
    const struct si_clock *clock = si_watcher_clock(reception->watcher);
    if (clock)
        return clock->utc_s + (clock_monotonic_us() - clock->monotonic_us) / 1000000;
    return clock_plausible_utc_s();
}

/* ---- the carousel ---- */

static void take_tree(struct reception *reception, struct dsmcc_tree *tree)
{
    int64_t utc_s = utc_now(reception);
    dsmcc_tree_unref(reception->unverified);
    reception->unverified = utc_s ? NULL : dsmcc_tree_ref(tree);
    intake_tree(reception->intake, tree, utc_s);
    reception->dirty = true;
}

static void on_tree(void *context, struct dsmcc_tree *tree)
{
    take_tree(context, tree);
}

static void on_module(void *context, const struct dsmcc_module_status *module)
{
    (void)module;
    ((struct reception *)context)->dirty = true;
}

static bool find_carousel(const struct reception *reception, struct si_carousel *found)
{
    struct si_carousel carousels[SI_CAROUSELS_MAX];
    size_t count = si_watcher_carousels(reception->watcher, carousels, SI_CAROUSELS_MAX);
    for (size_t i = 0; i < count; i++) {
        uint32_t wanted = reception->options.carousel_id;
        if (wanted == 0 || (carousels[i].has_id && carousels[i].carousel_id == wanted)) {
            *found = carousels[i];
            return true;
        }
    }
    return false;
}

/* The PIDs that the taps of the carousel's service may name (ISO/IEC 13818-6; the component_tag stands for an
 * association_tag). */
static size_t taps_of(const struct reception *reception, uint16_t service_id, struct dsmcc_tap_pid *taps,
                      size_t maximum)
{
    const struct si_service *service = si_watcher_find_service(reception->watcher, service_id);
    size_t count = 0;
    for (size_t i = 0; service && i < service->component_count && count < maximum; i++) {
        const struct si_component *component = &service->components[i];
        int tag = component->association_tag >= 0 ? component->association_tag : component->component_tag;
        if (component->codec == SI_CODEC_CAROUSEL && tag >= 0)
            taps[count++] = (struct dsmcc_tap_pid){.association_tag = (uint16_t)tag, .pid = component->pid};
    }
    return count;
}

static void follow_carousel(struct reception *reception)
{
    struct si_carousel found;
    struct dsmcc_tap_pid taps[SI_COMPONENTS_MAX];
    if (!find_carousel(reception, &found) || (reception->receiver && found.pid == reception->carousel.pid &&
                                              found.carousel_id == reception->carousel.carousel_id))
        return; /* a carousel that has left the PMT is kept: it may come back, and what it brought stays valid
                 */
    size_t count = taps_of(reception, found.service_id, taps, SI_COMPONENTS_MAX);
    const struct dsmcc_receiver_events events = {.context = reception, .tree = on_tree, .module = on_module};
    dsmcc_receiver_destroy(reception->receiver);
    reception->receiver = dsmcc_receiver_create(reception->demux, found.pid, taps, count, NULL, &events);
    reception->carousel = found;
    if (reception->receiver)
        log_info("object carousel %u on PID %u", (unsigned)found.carousel_id, found.pid);
    else
        log_error("the object carousel on PID %u is not received: no memory", found.pid);
}

/* ---- the player ---- */

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

static enum sound_kind sound_kind_of(const struct si_component *component)
{
    switch (component ? component->codec : SI_CODEC_UNKNOWN) {
    case SI_CODEC_AAC:
        return SOUND_AAC_ADTS;
    case SI_CODEC_AAC_LATM:
        return SOUND_AAC_LATM;
    case SI_CODEC_MPEG_AUDIO:
        return SOUND_MPEG;
    case SI_CODEC_AC3:
        return SOUND_AC3;
    case SI_CODEC_EAC3:
        return SOUND_EAC3;
    default:
        return SOUND_NONE;
    }
}

static void on_video(void *context, const struct ts_pes *pes)
{
    player_push_video(((struct reception *)context)->options.player, pes);
}

static void on_sound(void *context, const struct ts_pes *pes)
{
    player_push_audio(((struct reception *)context)->options.player, pes);
}

static void on_pcr(void *context, uint16_t pid, uint64_t pcr_27mhz, uint64_t packet_index, bool discontinuity)
{
    (void)pid;
    (void)packet_index;
    player_push_pcr(((struct reception *)context)->options.player, pcr_27mhz, discontinuity,
                    clock_monotonic_us());
}

static void stop_playing(struct reception *reception)
{
    struct playing *playing = &reception->playing;
    ts_demux_unsubscribe(reception->demux, playing->video_subscription);
    ts_demux_unsubscribe(reception->demux, playing->sound_subscription);
    ts_demux_unsubscribe(reception->demux, playing->pcr_subscription);
    if (playing->service_id)
        player_stop(reception->options.player);
    *playing = (struct playing){0};
}

static void start_playing(struct reception *reception, const struct playing *wanted)
{
    struct playing *playing = &reception->playing;
    *playing = *wanted;
    player_start(reception->options.player, playing->video, playing->sound, playing->width, playing->height);
    if (playing->video)
        playing->video_subscription = ts_demux_pes(reception->demux, playing->video_pid, on_video, reception);
    if (playing->sound)
        playing->sound_subscription = ts_demux_pes(reception->demux, playing->sound_pid, on_sound, reception);
    if (playing->pcr_pid < SI_PID_NONE)
        playing->pcr_subscription = ts_demux_pcr(reception->demux, playing->pcr_pid, on_pcr, reception);
}

/* What main wishes, as far as the service information knows it. Called after either has changed. */
static void update_playing(struct reception *reception)
{
    if (!reception->options.player)
        return;
    pthread_mutex_lock(&reception->lock);
    struct wish wish = reception->wish;
    pthread_mutex_unlock(&reception->lock);

    struct playing *playing = &reception->playing;
    struct playing wanted = {.service_id = wish.service_id, .width = wish.width, .height = wish.height};
    const struct si_service *service =
        wish.service_id ? si_watcher_find_service(reception->watcher, wish.service_id) : NULL;
    const struct si_component *video = service ? si_service_video(service) : NULL;
    const struct si_component *sound = service ? si_service_audio(service, NULL) : NULL;
    wanted.video = video_kind_of(video);
    wanted.sound = sound_kind_of(sound);
    if (!wanted.video && !wanted.sound) {
        stop_playing(reception);
        return;
    }
    wanted.video_pid = video ? video->pid : SI_PID_NONE;
    wanted.sound_pid = sound ? sound->pid : SI_PID_NONE;
    wanted.pcr_pid = service->pcr_pid;
    if (wanted.service_id != playing->service_id || wanted.video_pid != playing->video_pid ||
        wanted.sound_pid != playing->sound_pid || wanted.pcr_pid != playing->pcr_pid ||
        wanted.video != playing->video || wanted.sound != playing->sound) {
        stop_playing(reception);
        start_playing(reception, &wanted);
    } else if (wanted.width != playing->width || wanted.height != playing->height) {
        player_set_output_size(reception->options.player, wanted.width, wanted.height);
        playing->width = wanted.width;
        playing->height = wanted.height;
    }
    player_set_scrambled(reception->options.player, service->scrambled);
}

/* ---- news ---- */

static void fill_service(struct reception_service *out, const struct si_service *service)
{
    out->service_id = service->service_id;
    text_copy(out->name, sizeof(out->name), service->name);
    text_copy(out->provider, sizeof(out->provider), service->provider);
    out->video = video_kind_of(si_service_video(service));
    out->sound = sound_kind_of(si_service_audio(service, NULL));
    out->scrambled = service->scrambled;
    out->present = service->present;
    out->following = service->following;
}

static void fill_carousel(const struct reception *reception, struct reception_news *news)
{
    struct dsmcc_progress progress;
    news->has_carousel = reception->receiver != NULL;
    if (!reception->receiver)
        return;
    dsmcc_receiver_progress(reception->receiver, &progress);
    news->modules = progress.modules;
    news->modules_complete = progress.modules_complete;
    news->carousel_bytes = progress.bytes;
    news->carousel_bytes_have = progress.bytes_have;
}

static struct reception_news *make_news(struct reception *reception)
{
    size_t count = si_watcher_service_count(reception->watcher);
    struct reception_news *news = calloc(1, sizeof(*news) + count * sizeof(news->services[0]));
    if (!news)
        return NULL;
    news->signal = reception->signal;
    const struct si_clock *clock = si_watcher_clock(reception->watcher);
    if (clock) {
        news->utc_s = clock->utc_s;
        news->utc_at_us = clock->monotonic_us;
    }
    const struct si_nit *network = si_watcher_network(reception->watcher);
    if (network)
        text_copy(news->network, sizeof(news->network), network->name);
    ts_demux_counts(reception->demux, &news->counts);
    fill_carousel(reception, news);
    for (int role = 0; role < CONTENT_ROLES; role++) {
        struct intake_role state;
        intake_role(reception->intake, role, &state);
        news->roles[role] = (struct reception_role){.seen = state.seen,
                                                    .result = state.result,
                                                    .sequence = state.sequence,
                                                    .refused_count = state.refused_count};
        text_copy(news->roles[role].reason, sizeof(news->roles[role].reason), state.reason);
    }
    for (size_t i = 0; i < count; i++) {
        const struct si_service *service = si_watcher_service(reception->watcher, i);
        if (service->has_pmt && (si_service_video(service) || si_service_audio(service, NULL)))
            fill_service(&news->services[news->service_count++], service);
    }
    return news;
}

static void publish(struct reception *reception)
{
    struct reception_news *news = make_news(reception);
    if (!news)
        return; /* the next change brings them */
    reception->dirty = false;
    reception->last_news_us = clock_monotonic_us();
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

/* ---- the thread ---- */

static void on_si(void *context, unsigned changed)
{
    struct reception *reception = context;
    if (changed & ~SI_CHANGED_CLOCK)
        reception->dirty = true;
    reception->si_changed = true;
}

/* Outside the demultiplexer's callbacks, where PIDs may come and go. */
static void after_push(struct reception *reception)
{
    if (!reception->si_changed)
        return;
    reception->si_changed = false;
    follow_carousel(reception);
    update_playing(reception);
    if (reception->unverified && si_watcher_clock(reception->watcher)) {
        struct dsmcc_tree *tree = dsmcc_tree_ref(reception->unverified);
        take_tree(reception, tree);
        dsmcc_tree_unref(tree);
        reception->dirty = true;
    }
}

static void set_signal(struct reception *reception, bool signal)
{
    if (signal == reception->signal)
        return;
    reception->signal = signal;
    reception->dirty = true;
    log_info(signal ? "signal" : "no signal");
}

/* Reads what is there, but lets commands in between. False at the end of a file and where reception broke for
 * good. */
static bool read_tuner(struct reception *reception)
{
    for (int i = 0; i < 64; i++) {
        ssize_t got = tuner_read(reception->tuner, reception->chunk, TUNER_READ_SIZE);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (got <= 0) {
            log_info("%s: %s", reception->options.tuner_url, got ? strerror(errno) : "the end");
            ts_demux_flush(reception->demux);
            return false;
        }
        reception->last_bytes_us = clock_monotonic_us();
        set_signal(reception, true);
        ts_demux_push(reception->demux, reception->chunk, (size_t)got);
        after_push(reception);
    }
    return true;
}

/* Until something must be done though nothing comes; -1: nothing. */
static int wait_ms(const struct reception *reception)
{
    int64_t now = clock_monotonic_us(), until = INT64_MAX;
    if (reception->dirty)
        until = reception->last_news_us + NEWS_INTERVAL_US;
    if (reception->signal && reception->last_bytes_us + SILENCE_US < until)
        until = reception->last_bytes_us + SILENCE_US;
    if (until == INT64_MAX)
        return -1;
    return until <= now ? 0 : (int)((until - now) / 1000 + 1);
}

static void *run(void *context)
{
    struct reception *reception = context;
    struct pollfd fds[2] = {{.fd = tuner_fd(reception->tuner), .events = POLLIN},
                            {.fd = reception->wake_fd, .events = POLLIN}};
    while (!atomic_load(&reception->stop)) {
        int ready = poll(fds, 2, wait_ms(reception));
        if (ready < 0 && errno != EINTR) {
            log_error("poll: %s", strerror(errno));
            break;
        }
        if (ready > 0 && fds[1].revents) {
            uint64_t value;
            if (read(reception->wake_fd, &value, sizeof(value)) == sizeof(value))
                update_playing(reception);
        }
        if (ready > 0 && fds[0].revents && !read_tuner(reception))
            fds[0].fd = -1; /* poll passes it over */
        int64_t now = clock_monotonic_us();
        if (reception->signal && now - reception->last_bytes_us >= SILENCE_US)
            set_signal(reception, false);
        if (reception->dirty && now - reception->last_news_us >= NEWS_INTERVAL_US)
            publish(reception);
    }
    stop_playing(reception);
    return NULL;
}

static void wake(struct reception *reception)
{
    uint64_t one = 1;
    ssize_t written = write(reception->wake_fd, &one, sizeof(one));
    (void)written; /* a full counter wakes as well */
}

void reception_play(struct reception *reception, uint16_t service_id, int width, int height)
{
    pthread_mutex_lock(&reception->lock);
    reception->wish = (struct wish){service_id, width, height};
    pthread_mutex_unlock(&reception->lock);
    wake(reception);
}

uint16_t reception_port(const struct reception *reception)
{
    return tuner_port(reception->tuner);
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
        .charset = options->charset, .changed = on_si, .context = reception};
    reception->watcher = si_watcher_create(reception->demux, &watch);
    if (!reception->watcher)
        return error_set(error, "reception: no memory");
    reception->intake = intake_create(options->operator_root, options->store, options->settings, error);
    if (!reception->intake)
        return false;
    reception->tuner = tuner_open(options->tuner_url, error);
    return reception->tuner != NULL;
}

struct reception *reception_create(const struct reception_options *options, struct error *error)
{
    struct reception *reception = calloc(1, sizeof(*reception));
    if (!reception) {
        error_set(error, "reception: no memory");
        return NULL;
    }
    reception->options = *options;
    reception->options.tuner_url = reception->url;
    text_copy(reception->url, sizeof(reception->url), options->tuner_url);
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
    tuner_close(reception->tuner);
    dsmcc_receiver_destroy(reception->receiver);
    dsmcc_tree_unref(reception->unverified);
    si_watcher_destroy(reception->watcher);
    ts_demux_destroy(reception->demux);
    intake_destroy(reception->intake);
    if (reception->wake_fd >= 0)
        close(reception->wake_fd);
    reception_news_destroy(reception->news);
    pthread_mutex_destroy(&reception->lock);
    free(reception->chunk);
    free(reception);
}
