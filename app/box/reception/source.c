/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/source.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct source {
    source_open_fn *open;
    const struct tuner_plan *plan;
    char url[TUNER_URL_SIZE];
    struct tuner *tuner; /* NULL unless it is open */
    struct source_state state;
    bool changed;      /* state, since it was taken */
    unsigned failures; /* in a row: what the wait follows */
    int64_t retry_us, opened_us, asked_us;
    char told[sizeof(((struct source_state *)0)->problem)]; /* the break that the log has no return of; "" */
};

struct source *source_create(source_open_fn *open, const struct tuner_plan *plan)
{
    struct source *source = calloc(1, sizeof(*source));
    if (!source)
        return NULL;
    source->open = open ? open : tuner_open;
    source->plan = plan;
    source->state.condition = SOURCE_ENDED;
    return source;
}

void source_destroy(struct source *source)
{
    if (!source)
        return;
    tuner_close(source->tuner);
    free(source);
}

static int64_t wait_us(unsigned failures)
{
    int64_t wait = SOURCE_RETRY_FIRST_US;
    for (unsigned i = 1; i < failures && wait < SOURCE_RETRY_MAX_US; i++)
        wait *= 2;
    wait = wait < SOURCE_RETRY_MAX_US ? wait : SOURCE_RETRY_MAX_US;
    uint16_t chance = UINT16_MAX / 2; /* where the kernel has none yet */
    if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
        return wait;
    return wait * 3 / 4 + wait / 2 * chance / UINT16_MAX;
}

static void close_tuner(struct source *source, enum source_condition condition, const char *problem)
{
    tuner_close(source->tuner);
    source->tuner = NULL;
    source->changed = true;
    source->state.condition = condition;
    source->state.has_status = false;
    text_copy(source->state.problem, sizeof(source->state.problem), problem);
}

/* Said once for each reason, however often it is tried. */
static void tell_lost(struct source *source, const char *problem)
{
    if (!strcmp(problem, source->told))
        return;
    log_error("%s: %s; it is tried again", source->url, problem);
    text_copy(source->told, sizeof(source->told), problem);
}

static void lose(struct source *source, const char *problem, int64_t now_us)
{
    char cut[sizeof(source->told)];
    text_copy(cut, sizeof(cut), problem);
    tell_lost(source, cut);
    if (source->tuner && now_us - source->opened_us >= SOURCE_STEADY_US)
        source->failures = 0;
    source->failures++;
    source->retry_us = now_us + wait_us(source->failures);
    close_tuner(source, SOURCE_BROKEN, cut);
}

static void open_tuner(struct source *source, int64_t now_us)
{
    struct error error = {"it does not open"};
    source->tuner = source->open(source->url, &error);
    if (!source->tuner) {
        lose(source, error.text, now_us);
        return;
    }
    source->opened_us = now_us;
    source->asked_us = now_us - SOURCE_STATUS_US; /* at once */
    source->changed = true;
    source->state.condition = SOURCE_OPEN;
    source->state.problem[0] = '\0';
}

void source_tune(struct source *source, const char *url, int64_t now_us)
{
    struct tuner_carrier carrier;
    if (source->tuner && !strcmp(source->url, url))
        return;
    tuner_close(source->tuner);
    source->tuner = NULL;
    text_copy(source->url, sizeof(source->url), url);
    tuner_plan_locate(source->plan, url, &carrier);
    source->state = (struct source_state){.frequency_hz = carrier.frequency_hz};
    source->failures = 0;
    source->told[0] = '\0';
    open_tuner(source, now_us);
}

const char *source_url(const struct source *source)
{
    return source->url;
}

int source_fd(const struct source *source)
{
    return source->tuner ? tuner_fd(source->tuner) : -1;
}

static void note_bytes(struct source *source)
{
    if (source->told[0])
        log_info("%s: received again", source->url);
    source->told[0] = '\0';
    source->changed |= source->state.attempts > 0;
    source->state.attempts = 0;
}

size_t source_read(struct source *source, void *buffer, size_t size, int64_t now_us)
{
    if (!source->tuner)
        return 0;
    ssize_t got = tuner_read(source->tuner, buffer, size);
    if (got > 0) {
        note_bytes(source);
        return (size_t)got;
    }
    if (got == 0) {
        log_info("%s: the end", source->url);
        close_tuner(source, SOURCE_ENDED, "");
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        lose(source, strerror(errno), now_us);
    }
    return 0;
}

void source_fail(struct source *source, int64_t now_us)
{
    if (source->tuner)
        lose(source, "the device is gone", now_us);
}

int64_t source_due_us(const struct source *source)
{
    if (source->state.condition == SOURCE_BROKEN)
        return source->retry_us;
    return source->tuner ? source->asked_us + SOURCE_STATUS_US : INT64_MAX;
}

static bool same_status(const struct tuner_status *a, const struct tuner_status *b)
{
    return !memcmp(a, b, sizeof(*a)); /* padding that differs costs a message, no more */
}

static void ask_status(struct source *source, int64_t now_us)
{
    struct tuner_status status;
    bool has = tuner_status(source->tuner, &status);
    /* One that knows nothing at first will not learn it. */
    source->asked_us = has || source->state.has_status ? now_us : INT64_MAX - SOURCE_STATUS_US;
    if (has == source->state.has_status && (!has || same_status(&status, &source->state.status)))
        return;
    source->state.has_status = has;
    source->state.status = status;
    source->changed = true;
}

void source_tick(struct source *source, int64_t now_us)
{
    if (now_us < source_due_us(source))
        return;
    if (source->tuner) {
        ask_status(source, now_us);
        return;
    }
    source->state.attempts++;
    source->changed = true;
    open_tuner(source, now_us);
}

bool source_take_state(struct source *source, struct source_state *state)
{
    bool changed = source->changed;
    source->changed = false;
    *state = source->state;
    return changed;
}

uint16_t source_port(const struct source *source)
{
    return source->tuner ? tuner_port(source->tuner) : 0;
}
