/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/desk.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "playout/clip.h"
#include "playout/folder_watch.h"
#include "playout/key_maker.h"
#include "playout/state.h"
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETTLE_MS 60
#define SETTLE_WRITING_MS 1000
#define SETTLE_MAX_MS 5000 /* a folder that never stands still is looked at all the same */
#define LOOK_MS 5000       /* where the kernel tells of changes: for those that it does not */
#define LOOK_BLIND_MS 1000

struct watched {
    uint64_t seen;    /* fingerprint at the last look */
    uint64_t handled; /* fingerprint of what was last checked, good or bad */
    int64_t renewal;  /* when to sign anew; 0: nothing of it is on air */
    int64_t begins;   /* what is on air does not count before; INT64_MIN: that was tried in vain */
    bool refused;
};

struct desk {
    char folder[EDITION_PATH_SIZE], state_folder[EDITION_PATH_SIZE], ready_file[EDITION_PATH_SIZE];
    enum content_language language;
    struct publisher publishers[CONTENT_ROLES];
    struct board *board;
    struct on_air *on_air;
    struct tables_options tables_options;
    bool fixed_carousel_bit_rate;
    int wake_fd;
    pthread_t thread;
    bool watching, ready_written;
    atomic_bool stop, sending;

    pthread_mutex_t work; /* held while something is checked and made ready; guards what follows */
    struct watched roles[CONTENT_ROLES], channel;
    struct key_maker *keys;     /* NULL: none are made */
    struct channel_frame frame; /* on air */
    struct tables_memory memory;

    pthread_mutex_t handing; /* guards news, for as long as copying it takes */
    pthread_cond_t taken;
    struct desk_news news;
    atomic_bool has_news; /* until desk_taken */
};

/* Where mistakes go: the log, the first of them, and a list if there is one. */
struct report {
    unsigned errors;
    struct error first;
    json_t *mistakes;
};

static void add_mistake(struct report *report, const char *text)
{
    struct error plain = {""};
    error_set(&plain, "%s", text);
    if (report->errors++ == 0)
        report->first = plain;
    if (report->mistakes)
        json_array_append_new(report->mistakes, json_string(plain.text));
}

static void hear(void *context, enum content_severity severity, const char *text)
{
    if (severity == CONTENT_ERROR)
        add_mistake(context, text);
    log_write(severity == CONTENT_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, LOG_MODULE, "%s", text);
}

static void hear_error(struct report *report, const struct error *error)
{
    hear(report, CONTENT_ERROR, error->text);
}

struct desk *desk_create(const struct desk_options *options)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    if (!desk)
        return NULL;
    pthread_mutex_init(&desk->work, NULL);
    pthread_mutex_init(&desk->handing, NULL);
    pthread_cond_init(&desk->taken, NULL);
    desk->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    desk->board = options->board;
    bool good =
        desk->wake_fd >= 0 && text_copy(desk->folder, sizeof(desk->folder), options->folder) &&
        (!options->state_folder ||
         text_copy(desk->state_folder, sizeof(desk->state_folder), options->state_folder)) &&
        (!options->ready_file || text_copy(desk->ready_file, sizeof(desk->ready_file), options->ready_file));
    if (!good) {
        desk_destroy(desk);
        return NULL;
    }
    desk->language = options->language;
    struct error error = {0};
    desk->keys = key_maker_create(&error);
    if (!desk->keys)
        log_warning("%s; boxes will find things by Latin words alone", error.text);
    for (int role = 0; role < CONTENT_ROLES; role++)
        publisher_read(&desk->publishers[role], options->config, role);
    desk->channel.seen = desk->channel.handled = content_file_fingerprint(desk->folder, CHANNEL_FILE);
    return desk;
}

void desk_stop(struct desk *desk)
{
    pthread_mutex_lock(&desk->handing);
    atomic_store(&desk->stop, true);
    pthread_cond_broadcast(&desk->taken);
    pthread_mutex_unlock(&desk->handing);
    eventfd_write(desk->wake_fd, 1);
}

void desk_destroy(struct desk *desk)
{
    if (!desk)
        return;
    desk_stop(desk);
    if (desk->watching)
        pthread_join(desk->thread, NULL);
    dsmcc_change_destroy(desk->news.change);
    tables_destroy(desk->news.tables);
    key_maker_destroy(desk->keys);
    if (desk->wake_fd >= 0)
        close(desk->wake_fd);
    pthread_cond_destroy(&desk->taken);
    pthread_mutex_destroy(&desk->handing);
    pthread_mutex_destroy(&desk->work);
    free(desk);
}

static const char *state_folder(const struct desk *desk)
{
    return desk->state_folder[0] ? desk->state_folder : NULL;
}

/* channel_load with every mistake heard. */
static struct channel *load_channel(const char *folder, enum content_language language, struct report *report)
{
    struct error error = {0};
    struct channel *channel = channel_load(folder, language, hear, report, &error);
    if (!channel && report->errors == 0)
        hear_error(report, &error);
    return channel;
}

static void destroy_sets(struct content_set *sets[CONTENT_ROLES])
{
    for (int role = 0; role < CONTENT_ROLES; role++) {
        content_set_destroy(sets[role]);
        sets[role] = NULL;
    }
}

/* The role's files and, as far as they can be read, those of other roles for references. False: why was
 * heard. */
static bool load_sets(const char *folder, enum content_role role, struct content_set *sets[CONTENT_ROLES],
                      struct report *report)
{
    for (int other = 0; other < CONTENT_ROLES; other++) {
        struct error error = {0};
        sets[other] = content_set_load(folder, other, &error);
        if (!sets[other] && other == (int)role) {
            hear_error(report, &error);
            return false;
        }
    }
    return true;
}

/* The role's files, checked. NULL: why was heard. */
static struct content_set *load_checked(const char *folder, enum content_role role, struct report *report)
{
    struct content_set *sets[CONTENT_ROLES] = {0};
    bool good = load_sets(folder, role, sets, report);
    struct content_set *set = sets[role];
    if (good && set->count == 0) {
        struct error error;
        good = error_set(&error, "%s/%s: expected the role's documents, found no file", folder,
                         content_role_str(role));
        hear_error(report, &error);
    }
    good = good && content_set_check(sets, role, hear, report);
    if (good)
        sets[role] = NULL;
    destroy_sets(sets);
    return good ? set : NULL;
}

struct channel *desk_channel(struct desk *desk)
{
    struct report report = {0};
    return load_channel(desk->folder, desk->language, &report);
}

static struct edition *make_edition(struct desk *desk, enum content_role role, int64_t now_utc,
                                    struct report *report)
{
    struct watched *watched = &desk->roles[role];
    struct error error = {0};
    watched->seen = watched->handled = content_set_fingerprint(desk->folder, role);
    struct content_set *set = load_checked(desk->folder, role, report);
    if (!set)
        return NULL;
    key_maker_fill(desk->keys, set);
    struct edition *edition = edition_make(set, &desk->publishers[role], state_folder(desk), now_utc, &error);
    if (!edition)
        hear_error(report, &error);
    return edition;
}

static void tell_refusal(struct desk *desk, struct status_refusal *refusal, const struct error *why)
{
    board_lock(desk->board);
    *refusal = (struct status_refusal){.utc_s = clock_utc_s()};
    text_copy(refusal->text, sizeof(refusal->text), why ? why->text : "");
    board_unlock(desk->board);
}

/* The board's place for what was refused of a role; written under the board's lock only. */
static struct status_refusal *refusal_of(struct desk *desk, enum content_role role)
{
    struct status *status = board_lock(desk->board);
    struct status_refusal *refusal = &status->roles[role].refusal;
    board_unlock(desk->board);
    return refusal;
}

struct edition *desk_edition(struct desk *desk, enum content_role role, int64_t now_utc)
{
    struct report report = {0};
    struct edition *edition = make_edition(desk, role, now_utc, &report);
    desk->roles[role].refused = !edition;
    tell_refusal(desk, refusal_of(desk, role), edition ? NULL : &report.first);
    return edition;
}

void desk_tell(struct desk *desk, enum content_role role, const struct edition *edition)
{
    struct status *status = board_lock(desk->board);
    struct status_role *told = &status->roles[role];
    told->sequence = edition ? edition->sequence : 0;
    told->valid_until = edition ? edition->valid_until : 0;
    told->files = edition ? edition->set->count : 0;
    board_unlock(desk->board);
    desk->roles[role].renewal = edition ? edition_renewal(edition) : 0;
    desk->roles[role].begins = edition ? edition->valid_from : 0;
}

/* ---- handing over ---- */

/* Waits until the multiplexer has put it on air; false: it will not. */
static bool hand_over(struct desk *desk, struct desk_news news)
{
    pthread_mutex_lock(&desk->handing);
    desk->news = news;
    atomic_store(&desk->has_news, true);
    while (atomic_load(&desk->has_news) && !atomic_load(&desk->stop))
        pthread_cond_wait(&desk->taken, &desk->handing);
    bool taken = !atomic_load(&desk->has_news);
    pthread_mutex_unlock(&desk->handing);
    return taken;
}

bool desk_take(struct desk *desk, struct desk_news *news)
{
    if (!atomic_load(&desk->has_news))
        return false;
    pthread_mutex_lock(&desk->handing);
    *news = desk->news;
    desk->news = (struct desk_news){0};
    pthread_mutex_unlock(&desk->handing);
    return news->change || news->tables;
}

void desk_taken(struct desk *desk)
{
    pthread_mutex_lock(&desk->handing);
    atomic_store(&desk->has_news, false);
    pthread_cond_broadcast(&desk->taken);
    pthread_mutex_unlock(&desk->handing);
}

/* ---- one role, one channel ---- */

/* Half of its time is over, or it has not begun: the clock, which boxes go by, was set back. */
static bool is_stale(const struct watched *watched)
{
    int64_t now_utc = clock_utc_s();
    return watched->renewal > 0 && (now_utc >= watched->renewal || now_utc < watched->begins);
}

static void refuse_role(struct desk *desk, enum content_role role, const struct error *why)
{
    struct watched *watched = &desk->roles[role];
    log_error("%s: refused; %s", content_role_str(role),
              watched->renewal > 0 ? "the last good version stays on air" : "it stays off air");
    tell_refusal(desk, refusal_of(desk, role), why);
    watched->refused = true;
    if (is_stale(watched)) {
        watched->renewal = clock_utc_s() + 3600; /* try again, and say so again, in an hour */
        watched->begins = INT64_MIN;
    }
}

/* Reads the role, and puts it on air where it is good. With the work lock held. */
static bool publish_role(struct desk *desk, enum content_role role, struct report *report)
{
    struct error error = {0};
    struct edition *edition = make_edition(desk, role, clock_utc_s(), report);
    struct dsmcc_change *change = edition ? on_air_prepare(desk->on_air, edition, &error) : NULL;
    if (edition && !change)
        hear_error(report, &error);
    if (!change) {
        refuse_role(desk, role, &report->first);
        return false;
    }
    desk->roles[role].refused = false;
    if (!hand_over(desk, (struct desk_news){.change = change}))
        return false;
    edition = (struct edition *)on_air_edition(desk->on_air, role);
    desk_tell(desk, role, edition);
    tell_refusal(desk, refusal_of(desk, role), NULL);
    log_info("%s on air: sequence %" PRId64 ", %zu files", content_role_str(role), edition->sequence,
             edition->set->count);
    return true;
}

/* What of the new frame cannot go on air before the next start, as one text. */
static bool frame_differs(const struct channel_frame *old, const struct channel_frame *new, struct error *why)
{
    struct buffer text;
    buffer_init(&text, sizeof(why->text) - 1);
    channel_compare(old, new, &text);
    bool differs = text.size > 0 || text.failed;
    if (differs)
        error_set(why, CHANNEL_FILE ": %s%s: on air at the next start only",
                  text.size ? buffer_text(&text) : "", text.failed ? " and more" : "");
    buffer_finish(&text);
    return differs;
}

static void log_versions(const struct tables_memory *before, const struct tables_memory *now)
{
    struct buffer text;
    buffer_init(&text, 128);
    for (int kind = 0; kind < TABLES_KINDS; kind++) {
        if (before->versions[kind].number != now->versions[kind].number)
            buffer_printf(&text, "%s%s", text.size ? ", " : "", tables_kind_names[kind]);
    }
    log_info(CHANNEL_FILE " on air: %s%s", text.size ? "new versions of " : "no table says anything else",
             text.size ? buffer_text(&text) : "");
    buffer_finish(&text);
}

static void tell_versions(struct desk *desk)
{
    struct status *status = board_lock(desk->board);
    for (int kind = 0; kind < TABLES_KINDS; kind++)
        status->table_versions[kind] = desk->memory.versions[kind].number;
    board_unlock(desk->board);
}

/* A channel's tables, ready to go on air. */
struct ready {
    struct tables *tables;
    struct tables_memory memory;
    int64_t carousel_bit_rate;
};

static bool prepare_channel(struct desk *desk, struct channel *channel, struct ready *ready,
                            struct error *error)
{
    ready->memory = desk->memory;
    ready->carousel_bit_rate = desk->fixed_carousel_bit_rate ? 0 : channel->frame.carousel_bit_rate;
    channel->frame = desk->frame;
    ready->tables = tables_create(channel, &desk->tables_options, &ready->memory, error);
    if (!ready->tables)
        return false;
    int64_t bit_rate = tables_bit_rate(ready->tables);
    if (bit_rate <= TABLES_BIT_RATE_MAX)
        return true;
    tables_destroy(ready->tables);
    return error_set(error, CHANNEL_FILE ": its tables need %" PRId64 " bit/s, a receiver takes %d", bit_rate,
                     TABLES_BIT_RATE_MAX);
}

/* Takes ready's tables. */
static bool put_ready(struct desk *desk, struct ready *ready, struct error *error)
{
    state_write_tables(state_folder(desk), &ready->memory);
    if (!hand_over(
            desk, (struct desk_news){.tables = ready->tables, .carousel_bit_rate = ready->carousel_bit_rate}))
        return error_set(error, CHANNEL_FILE ": the playout ends");
    log_versions(&desk->memory, &ready->memory);
    desk->memory = ready->memory;
    tell_versions(desk);
    return true;
}

/* Puts names, events and the carousel's rate on air. False: why is in error. */
static bool put_channel(struct desk *desk, struct channel *channel, struct error *error)
{
    struct ready ready;
    if (!prepare_channel(desk, channel, &ready, error))
        return false;
    return put_ready(desk, &ready, error);
}

static bool publish_channel(struct desk *desk, struct report *report)
{
    struct error error = {0}, why = {0};
    struct status *status = board_lock(desk->board);
    struct status_refusal *refusal = &status->channel;
    board_unlock(desk->board);
    struct channel *channel = load_channel(desk->folder, desk->language, report);
    bool differs = channel && frame_differs(&desk->frame, &channel->frame, &why);
    bool good = channel && put_channel(desk, channel, &error);
    if (channel && !good)
        hear_error(report, &error);
    if (!good)
        log_error(CHANNEL_FILE ": refused; the last good version stays on air");
    if (good && differs) {
        log_warning("%s", why.text);
        add_mistake(report, why.text);
    }
    channel_destroy(channel);
    desk->channel.refused = !good || differs;
    tell_refusal(desk, refusal, !good ? &report->first : differs ? &why : NULL);
    return good && !differs;
}

/* ---- watching ---- */

enum look { LOOK_SETTLED, LOOK_CHANGED, LOOK_AGAIN };

/* Whether the thing is to be handled: settled, it must have stood still since the last look; again, it is
 * also where it was refused. */
static bool is_due(struct watched *watched, uint64_t fingerprint, enum look look)
{
    bool still = fingerprint == watched->seen;
    watched->seen = fingerprint;
    if (look == LOOK_AGAIN && watched->refused)
        return true;
    return fingerprint != watched->handled && (still || look != LOOK_SETTLED);
}

static bool look(struct desk *desk, enum look how, json_t *mistakes)
{
    bool good = true;
    pthread_mutex_lock(&desk->work);
    for (int role = 0; role < CONTENT_ROLES && !atomic_load(&desk->stop); role++) {
        struct report report = {.mistakes = mistakes};
        struct watched *watched = &desk->roles[role];
        bool stale = is_stale(watched);
        if (is_due(watched, content_set_fingerprint(desk->folder, role), how) || stale)
            good = publish_role(desk, role, &report) && good;
    }
    uint64_t fingerprint = content_file_fingerprint(desk->folder, CHANNEL_FILE);
    if (is_due(&desk->channel, fingerprint, how) && !atomic_load(&desk->stop)) {
        struct report report = {.mistakes = mistakes};
        desk->channel.handled = fingerprint;
        good = publish_channel(desk, &report) && good;
    }
    pthread_mutex_unlock(&desk->work);
    return good;
}

static void write_ready(struct desk *desk)
{
    struct error error = {0};
    if (desk->ready_written || !atomic_load(&desk->sending))
        return;
    desk->ready_written = true;
    if (desk->ready_file[0] && !file_write(desk->ready_file, "ready\n", 6, &error))
        log_error("%s", error.text);
}

/* Time of the next look, and whether it is one that the kernel asked for. */
struct plan {
    int64_t due_us, since_us; /* since when something changes; 0: nothing does */
};

static void plan_look(struct plan *plan, int64_t now_us, int64_t settle_ms)
{
    if (plan->since_us == 0)
        plan->since_us = now_us;
    int64_t latest = plan->since_us + SETTLE_MAX_MS * INT64_C(1000);
    plan->due_us = now_us + settle_ms * 1000 < latest ? now_us + settle_ms * 1000 : latest;
}

static void take_changes(struct desk *desk, struct folder_watch **watch, struct plan *plan)
{
    enum folder_change change = folder_watch_take(*watch);
    int64_t now_us = clock_monotonic_us();
    if (change == FOLDER_LOST) {
        folder_watch_destroy(*watch);
        *watch = folder_watch_create(desk->folder);
    }
    if (change != FOLDER_SAME)
        plan_look(plan, now_us, change == FOLDER_WRITING ? SETTLE_WRITING_MS : SETTLE_MS);
}

static void wait_for_change(struct desk *desk, struct folder_watch **watch, struct plan *plan)
{
    struct pollfd fds[2] = {{.fd = desk->wake_fd, .events = POLLIN},
                            {.fd = *watch ? folder_watch_fd(*watch) : -1, .events = POLLIN}};
    int64_t left_us = plan->due_us - clock_monotonic_us();
    eventfd_t value;
    if (left_us > 0 && poll(fds, 2, (int)(left_us / 1000) + 1) < 0 && errno != EINTR)
        clock_sleep_us(left_us);
    eventfd_read(desk->wake_fd, &value);
    if (*watch)
        take_changes(desk, watch, plan);
}

static void *watch_folder(void *context)
{
    struct desk *desk = context;
    struct folder_watch *watch = folder_watch_create(desk->folder);
    struct plan plan = {.due_us = clock_monotonic_us()};
    if (!watch)
        log_warning("%s: the kernel does not tell of changes here; looking every second", desk->folder);
    while (!atomic_load(&desk->stop)) {
        wait_for_change(desk, &watch, &plan);
        write_ready(desk);
        if (atomic_load(&desk->stop) || clock_monotonic_us() < plan.due_us)
            continue;
        look(desk, plan.since_us ? LOOK_CHANGED : LOOK_SETTLED, NULL);
        plan.since_us = 0;
        plan.due_us = clock_monotonic_us() + (watch ? LOOK_MS : LOOK_BLIND_MS) * INT64_C(1000);
        if (!watch)
            watch = folder_watch_create(desk->folder);
    }
    folder_watch_destroy(watch);
    return NULL;
}

bool desk_watch(struct desk *desk, const struct desk_air *air)
{
    desk->on_air = air->on_air;
    desk->frame = *air->frame;
    desk->tables_options = *air->tables;
    desk->memory = *air->memory;
    tell_versions(desk);
    desk->fixed_carousel_bit_rate = air->fixed_carousel_bit_rate;
    desk->watching = pthread_create(&desk->thread, NULL, watch_folder, desk) == 0;
    return desk->watching;
}

void desk_sending(struct desk *desk)
{
    atomic_store(&desk->sending, true);
    eventfd_write(desk->wake_fd, 1);
}

/* ---- the control socket's ---- */

bool desk_reload(struct desk *desk, json_t *mistakes)
{
    return look(desk, LOOK_AGAIN, mistakes);
}

/* The role's files with document in the place of path, checked as a whole. */
static bool check_with(struct desk *desk, enum content_role role, const char *path, struct bytes document,
                       struct report *report)
{
    struct content_set *sets[CONTENT_ROLES] = {0};
    struct error error = {0};
    bool good = load_sets(desk->folder, role, sets, report);
    if (good && !content_set_put(sets[role], path, document, &error)) {
        hear_error(report, &error);
        good = false;
    }
    good = good && content_set_check(sets, role, hear, report);
    destroy_sets(sets);
    return good;
}

/* Whether no folder of path below the role's is a link: what lies there is neither of this folder nor on air.
 */
static bool leads_inside(const struct desk *desk, const char *path, struct error *error)
{
    char part[2 * EDITION_PATH_SIZE];
    struct stat status;
    if (!file_join(part, sizeof(part), desk->folder, path))
        return error_set(error, "%s: the path is too long", path);
    char *role = part + strlen(desk->folder) + 1, *slash = strchr(role, '/');
    while (slash && (slash = strchr(slash + 1, '/'))) {
        *slash = '\0';
        if (lstat(part, &status) == 0 && S_ISLNK(status.st_mode))
            return error_set(error, "%s: expected a folder, found a link, which does not go on air", role);
        *slash = '/';
    }
    return true;
}

static bool write_document(struct desk *desk, const char *path, struct bytes document, struct error *error)
{
    char whole[2 * EDITION_PATH_SIZE], parent[2 * EDITION_PATH_SIZE];
    if (!file_join(whole, sizeof(whole), desk->folder, path))
        return error_set(error, "%s: the path is too long", path);
    text_copy(parent, sizeof(parent), whole);
    *strrchr(parent, '/') = '\0';
    return file_make_folder(parent, error) && file_write(whole, document.data, document.size, error);
}

static bool push_document(struct desk *desk, const char *path, struct bytes document, struct report *report)
{
    struct error error = {0};
    enum content_role role;
    if (!content_set_role_of(path, &role, &error)) {
        hear_error(report, &error);
        return false;
    }
    if (!check_with(desk, role, path, document, report))
        return false;
    if (!leads_inside(desk, path, &error) || !write_document(desk, path, document, &error)) {
        hear_error(report, &error);
        return false;
    }
    return publish_role(desk, role, report);
}

/* Puts what is checked on air once it is written. */
static bool write_channel(struct desk *desk, struct channel *channel, struct bytes text,
                          struct report *report)
{
    struct error error = {0};
    struct ready ready;
    bool good = !frame_differs(&desk->frame, &channel->frame, &error) &&
                prepare_channel(desk, channel, &ready, &error);
    if (good && !write_document(desk, CHANNEL_FILE, text, &error)) {
        tables_destroy(ready.tables);
        good = false;
    }
    if (good)
        desk->channel.seen = desk->channel.handled = content_file_fingerprint(desk->folder, CHANNEL_FILE);
    good = good && put_ready(desk, &ready, &error);
    if (!good) {
        hear_error(report, &error);
        return false;
    }
    desk->channel.refused = false;
    struct status *status = board_lock(desk->board);
    struct status_refusal *refusal = &status->channel;
    board_unlock(desk->board);
    tell_refusal(desk, refusal, NULL);
    return true;
}

/* All of channel.json, or where member is not NULL that of it. */
static bool push_channel(struct desk *desk, const char *member, struct bytes document, struct report *report)
{
    struct buffer text;
    struct error error = {0};
    buffer_init(&text, 2 * 1024 * 1024);
    bool good = !member || channel_put_member(desk->folder, member, document, &text, hear, report);
    if (member)
        document = buffer_view(&text);
    struct channel *channel = good ? channel_parse(document, desk->language, hear, report, &error) : NULL;
    if (good && !channel && report->errors == 0)
        hear_error(report, &error);
    good = channel && write_channel(desk, channel, document, report);
    channel_destroy(channel);
    buffer_finish(&text);
    return good;
}

bool desk_push(struct desk *desk, const char *path, struct bytes document, json_t *mistakes)
{
    static const size_t name_size = sizeof(CHANNEL_FILE) - 1;
    struct report report = {.mistakes = mistakes};
    bool is_channel = !strncmp(path, CHANNEL_FILE, name_size);
    pthread_mutex_lock(&desk->work);
    bool good = is_channel && path[name_size] == '\0' ? push_channel(desk, NULL, document, &report)
                : is_channel && path[name_size] == '/'
                    ? push_channel(desk, path + name_size + 1, document, &report)
                    : push_document(desk, path, document, &report);
    pthread_mutex_unlock(&desk->work);
    if (!good)
        log_warning("%s: pushed and refused", path);
    return good;
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
    struct report report = {0};
    struct channel *channel = load_channel(folder, CONTENT_ZH, &report);
    bool good = channel && check_clip(folder, channel->frame.clip);
    channel_destroy(channel);
    for (int role = 0; role < CONTENT_ROLES; role++) {
        struct content_set *set = load_checked(folder, role, &report);
        good = set && good;
        content_set_destroy(set);
    }
    return good;
}
