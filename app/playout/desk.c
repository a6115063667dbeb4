/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/desk.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/queue.h"
#include "base/text.h"
#include "playout/clip.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define NEWS_MAX 16
#define POLL_MS 1000
#define POLL_STEP_MS 50

struct watched {
    uint64_t seen;    /* fingerprint at the last look */
    uint64_t handled; /* fingerprint of what was last checked, good or bad */
    int64_t renewal;  /* when to sign anew; 0: nothing of it is on air */
};

struct desk {
    char folder[EDITION_PATH_SIZE], state_folder[EDITION_PATH_SIZE];
    enum content_language language;
    struct publisher publishers[CONTENT_ROLES];
    struct watched roles[CONTENT_ROLES], channel;
    struct queue *news;
    pthread_t thread;
    bool watching;
    atomic_bool stop;
};

static void drop_news(void *message)
{
    struct desk_news *news = message;
    edition_destroy(news->edition);
    channel_destroy(news->channel);
    free(news);
}

struct desk *desk_create(const struct desk_options *options)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    if (!desk)
        return NULL;
    desk->news = queue_create(NEWS_MAX, drop_news, NULL, NULL);
    bool good = desk->news && text_copy(desk->folder, sizeof(desk->folder), options->folder) &&
                (!options->state_folder ||
                 text_copy(desk->state_folder, sizeof(desk->state_folder), options->state_folder));
    if (!good) {
        desk_destroy(desk);
        return NULL;
    }
    desk->language = options->language;
    for (int role = 0; role < CONTENT_ROLES; role++)
        publisher_read(&desk->publishers[role], options->config, role);
    desk->channel.seen = desk->channel.handled = content_file_fingerprint(desk->folder, CHANNEL_FILE);
    return desk;
}

void desk_destroy(struct desk *desk)
{
    if (!desk)
        return;
    atomic_store(&desk->stop, true);
    if (desk->news)
        queue_close(desk->news);
    if (desk->watching)
        pthread_join(desk->thread, NULL);
    queue_destroy(desk->news);
    free(desk);
}

/* context: how many errors were reported. */
static void log_report(void *context, enum content_severity severity, const char *text)
{
    unsigned *errors = context;
    *errors += severity == CONTENT_ERROR;
    log_write(severity == CONTENT_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, LOG_MODULE, "%s", text);
}

/* channel_load with every mistake logged. */
static struct channel *load_channel(const char *folder, enum content_language language)
{
    struct error error = {0};
    unsigned errors = 0;
    struct channel *channel = channel_load(folder, language, log_report, &errors, &error);
    if (!channel && errors == 0)
        log_error("%s", error.text);
    return channel;
}

static void destroy_sets(struct content_set *sets[CONTENT_ROLES])
{
    for (int role = 0; role < CONTENT_ROLES; role++) {
        content_set_destroy(sets[role]);
        sets[role] = NULL;
    }
}

/* The role's files, checked, with those of other roles as far as they can be read for references. NULL: why
 * was logged. */
static struct content_set *load_checked(const char *folder, enum content_role role)
{
    struct content_set *sets[CONTENT_ROLES] = {0};
    for (int other = 0; other < CONTENT_ROLES; other++) {
        struct error error = {0};
        sets[other] = content_set_load(folder, other, &error);
        if (!sets[other] && other == (int)role) {
            log_error("%s", error.text);
            destroy_sets(sets);
            return NULL;
        }
    }
    struct content_set *set = sets[role];
    unsigned errors = 0;
    bool good = set->count > 0 && content_set_check(sets, role, log_report, &errors);
    if (set->count == 0)
        log_error("%s/%s: expected the role's documents, found no file", folder, content_role_str(role));
    if (good)
        sets[role] = NULL;
    destroy_sets(sets);
    return good ? set : NULL;
}

struct channel *desk_channel(struct desk *desk)
{
    return load_channel(desk->folder, desk->language);
}

struct edition *desk_edition(struct desk *desk, enum content_role role, int64_t now_utc)
{
    struct watched *watched = &desk->roles[role];
    struct error error = {0};
    watched->seen = watched->handled = content_set_fingerprint(desk->folder, role);
    struct content_set *set = load_checked(desk->folder, role);
    if (!set)
        return NULL;
    struct edition *edition = edition_make(
        set, &desk->publishers[role], desk->state_folder[0] ? desk->state_folder : NULL, now_utc, &error);
    if (!edition)
        log_error("%s", error.text);
    else
        watched->renewal = edition_renewal(edition);
    return edition;
}

static void hand_over(struct desk *desk, struct edition *edition, struct channel *channel)
{
    struct desk_news *news = malloc(sizeof(*news));
    if (!news) {
        log_error("out of memory: a change of the content does not go on air");
        edition_destroy(edition);
        channel_destroy(channel);
        return;
    }
    *news = (struct desk_news){.edition = edition, .channel = channel};
    queue_push(desk->news, news, false);
}

/* True where the thing has changed since it was handled, and not since the last look. */
static bool has_settled(struct watched *watched, uint64_t fingerprint)
{
    bool settled = fingerprint == watched->seen && fingerprint != watched->handled;
    watched->seen = fingerprint;
    return settled;
}

static void look_at_role(struct desk *desk, enum content_role role)
{
    struct watched *watched = &desk->roles[role];
    int64_t now_utc = clock_utc_s();
    bool changed = has_settled(watched, content_set_fingerprint(desk->folder, role));
    bool stale = watched->renewal > 0 && now_utc >= watched->renewal;
    if (!changed && !stale)
        return;
    bool on_air = watched->renewal > 0;
    struct edition *edition = desk_edition(desk, role, now_utc);
    if (edition) {
        hand_over(desk, edition, NULL);
        return;
    }
    log_error("%s: refused; %s", content_role_str(role),
              on_air ? "the last good version stays on air" : "it stays off air");
    if (stale)
        watched->renewal = now_utc + 3600; /* try again, and say so again, in an hour */
}

static void look_at_channel(struct desk *desk)
{
    uint64_t fingerprint = content_file_fingerprint(desk->folder, CHANNEL_FILE);
    if (!has_settled(&desk->channel, fingerprint))
        return;
    desk->channel.handled = fingerprint;
    struct channel *channel = load_channel(desk->folder, desk->language);
    if (channel)
        hand_over(desk, NULL, channel);
    else
        log_error(CHANNEL_FILE ": refused; the last good version stays on air");
}

static void *watch(void *context)
{
    struct desk *desk = context;
    while (!atomic_load(&desk->stop)) {
        for (int role = 0; role < CONTENT_ROLES && !atomic_load(&desk->stop); role++)
            look_at_role(desk, role);
        look_at_channel(desk);
        for (int ms = 0; ms < POLL_MS && !atomic_load(&desk->stop); ms += POLL_STEP_MS)
            clock_sleep_us(POLL_STEP_MS * 1000);
    }
    return NULL;
}

bool desk_watch(struct desk *desk)
{
    desk->watching = pthread_create(&desk->thread, NULL, watch, desk) == 0;
    return desk->watching;
}

bool desk_take(struct desk *desk, struct desk_news *news)
{
    struct desk_news *message = queue_pop(desk->news);
    if (!message)
        return false;
    *news = *message;
    free(message);
    return true;
}

static bool check_clip(const char *folder, const char *name)
{
    char path[2 * EDITION_PATH_SIZE];
    struct error error = {0};
    if (!name[0])
        return true;
    struct clip *clip = NULL;
    if (!file_join(path, sizeof(path), folder, name))
        error_set(&error, "%s: the path is too long", name);
    else
        clip = clip_load(path, &error);
    if (!clip)
        log_error("%s", error.text);
    clip_destroy(clip);
    return clip != NULL;
}

bool desk_check(const char *folder)
{
    struct channel *channel = load_channel(folder, CONTENT_ZH);
    bool good = channel && check_clip(folder, channel->frame.clip);
    channel_destroy(channel);
    for (int role = 0; role < CONTENT_ROLES; role++) {
        struct content_set *set = load_checked(folder, role);
        good = set && good;
        content_set_destroy(set);
    }
    return good;
}
