/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/sender.h"
#include "base/clock.h"
#include "base/log.h"
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What is held goes out before what is pushed now: the multiplexer's thread never waits for a disk, so this
 * needs to cover scheduling only. */
#define HELD_MS 200
/* What was missed for longer than this is not sent in a burst: the stream's time is moved instead. */
#define CATCH_UP_US 200000

struct sender {
    struct output *output;
    int64_t bit_rate;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t changed;
    uint8_t (*ring)[OUTPUT_SIZE];
    size_t capacity, first, count;
    bool stop, drain, failed;
    struct error error;
    int64_t start_us; /* when the stream's first byte went out, moved where time was lost; -1 before */
    uint64_t sent;
};

static int64_t time_of(const struct sender *sender, uint64_t number)
{
    uint64_t bits = number * OUTPUT_SIZE * 8, rate = (uint64_t)sender->bit_rate;
    return (int64_t)(bits / rate * 1000000 + bits % rate * 1000000 / rate);
}

static void sleep_until(int64_t at_us)
{
    const struct timespec at = {.tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
}

/* Waits for a datagram and copies it; false: it is time to end. Called and returns with the mutex held. */
static bool wait_for_one(struct sender *sender, uint8_t *data)
{
    while (sender->count == 0 && !sender->stop)
        pthread_cond_wait(&sender->changed, &sender->mutex);
    if (sender->count == 0 || (sender->stop && !sender->drain))
        return false;
    memcpy(data, sender->ring[sender->first], OUTPUT_SIZE);
    return true;
}

/* When the next datagram goes out; moves the stream's time where it is too late for that. */
static int64_t next_due(struct sender *sender)
{
    int64_t now = clock_monotonic_us(), since_start = time_of(sender, sender->sent);
    if (sender->start_us < 0)
        sender->start_us = now;
    int64_t late = now - (sender->start_us + since_start);
    if (late > CATCH_UP_US) {
        log_warning("the stream is %" PRId64 " ms late: its clock jumps", late / 1000);
        sender->start_us += late;
    }
    return sender->start_us + since_start;
}

static void *run(void *context)
{
    struct sender *sender = context;
    uint8_t data[OUTPUT_SIZE];
    pthread_mutex_lock(&sender->mutex);
    while (!sender->failed && wait_for_one(sender, data)) {
        int64_t due = next_due(sender);
        pthread_mutex_unlock(&sender->mutex);
        sleep_until(due);
        struct error error = {0};
        bool good = output_write(sender->output, data, OUTPUT_SIZE, &error);
        pthread_mutex_lock(&sender->mutex);
        sender->failed = !good;
        sender->error = error;
        sender->first = (sender->first + 1) % sender->capacity;
        sender->count--;
        sender->sent++;
        pthread_cond_broadcast(&sender->changed);
    }
    pthread_cond_broadcast(&sender->changed);
    pthread_mutex_unlock(&sender->mutex);
    return NULL;
}

static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct sender *sender_create(struct output *output, int64_t bit_rate)
{
    struct sender *sender = calloc(1, sizeof(*sender));
    if (!sender)
        return NULL;
    sender->output = output;
    sender->bit_rate = bit_rate;
    sender->start_us = -1;
    sender->capacity = (size_t)(bit_rate * HELD_MS / 1000 / 8 / OUTPUT_SIZE) + 2;
    sender->ring = calloc(sender->capacity, OUTPUT_SIZE);
    pthread_mutex_init(&sender->mutex, NULL);
    init_condition(&sender->changed);
    if (sender->ring && pthread_create(&sender->thread, NULL, run, sender) == 0)
        return sender;
    pthread_cond_destroy(&sender->changed);
    pthread_mutex_destroy(&sender->mutex);
    free(sender->ring);
    free(sender);
    return NULL;
}

void sender_destroy(struct sender *sender, bool drain)
{
    if (!sender)
        return;
    pthread_mutex_lock(&sender->mutex);
    sender->stop = true;
    sender->drain = drain;
    pthread_cond_broadcast(&sender->changed);
    pthread_mutex_unlock(&sender->mutex);
    pthread_join(sender->thread, NULL);
    pthread_cond_destroy(&sender->changed);
    pthread_mutex_destroy(&sender->mutex);
    free(sender->ring);
    free(sender);
}

bool sender_push(struct sender *sender, const uint8_t data[OUTPUT_SIZE], int timeout_ms)
{
    int64_t until = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    const struct timespec at = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    pthread_mutex_lock(&sender->mutex);
    while (sender->count == sender->capacity && !sender->failed &&
           pthread_cond_timedwait(&sender->changed, &sender->mutex, &at) == 0) {
    }
    bool good = sender->count < sender->capacity && !sender->failed;
    if (good) {
        memcpy(sender->ring[(sender->first + sender->count) % sender->capacity], data, OUTPUT_SIZE);
        sender->count++;
        pthread_cond_broadcast(&sender->changed);
    }
    pthread_mutex_unlock(&sender->mutex);
    return good;
}

bool sender_failed(struct sender *sender, struct error *error)
{
    pthread_mutex_lock(&sender->mutex);
    bool failed = sender->failed;
    if (failed && error)
        *error = sender->error;
    pthread_mutex_unlock(&sender->mutex);
    return failed;
}

int64_t sender_due_us(struct sender *sender, int64_t time_us)
{
    pthread_mutex_lock(&sender->mutex);
    int64_t due = sender->start_us < 0 ? -1 : sender->start_us + time_us;
    pthread_mutex_unlock(&sender->mutex);
    return due;
}

uint64_t sender_count(struct sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    uint64_t sent = sender->sent;
    pthread_mutex_unlock(&sender->mutex);
    return sent;
}

void sender_held(struct sender *sender, size_t *held, size_t *capacity)
{
    pthread_mutex_lock(&sender->mutex);
    *held = sender->count;
    *capacity = sender->capacity;
    pthread_mutex_unlock(&sender->mutex);
}
