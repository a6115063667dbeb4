/* SPDX-License-Identifier: Apache-2.0 */
#include "base/queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct slot {
    void *message;
    bool refreshable;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled, freed;
    size_t maximum, first, count;
    bool closed;
    void (*drop)(void *message);
    void (*wake)(void *context);
    void *context;
    struct slot slots[];
};

struct queue *queue_create(size_t maximum, void (*drop)(void *message), void (*wake)(void *context),
                           void *context)
{
    struct queue *queue = calloc(1, sizeof(*queue) + maximum * sizeof(struct slot));
    if (!queue)
        return NULL;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->filled, &attributes);
    pthread_cond_init(&queue->freed, &attributes);
    pthread_condattr_destroy(&attributes);
    queue->maximum = maximum;
    queue->drop = drop;
    queue->wake = wake;
    queue->context = context;
    return queue;
}

void queue_destroy(struct queue *queue)
{
    if (!queue)
        return;
    for (size_t i = 0; i < queue->count; i++)
        queue->drop(queue->slots[(queue->first + i) % queue->maximum].message);
    pthread_cond_destroy(&queue->filled);
    pthread_cond_destroy(&queue->freed);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

/* Takes the oldest refreshable message out, closing its gap; NULL where there is none. */
static void *take_refreshable(struct queue *queue)
{
    size_t i = 0;
    while (i < queue->count && !queue->slots[(queue->first + i) % queue->maximum].refreshable)
        i++;
    if (i == queue->count)
        return NULL;
    void *message = queue->slots[(queue->first + i) % queue->maximum].message;
    for (; i + 1 < queue->count; i++)
        queue->slots[(queue->first + i) % queue->maximum] =
            queue->slots[(queue->first + i + 1) % queue->maximum];
    queue->count--;
    return message;
}

bool queue_push(struct queue *queue, void *message, bool refreshable)
{
    void *dropped = NULL;
    pthread_mutex_lock(&queue->lock);
    while (!queue->closed && queue->count == queue->maximum) {
        dropped = take_refreshable(queue);
        if (dropped || refreshable)
            break;
        pthread_cond_wait(&queue->freed, &queue->lock);
    }
    if (queue->closed || queue->count == queue->maximum) {
        dropped = message;
    } else {
        queue->slots[(queue->first + queue->count) % queue->maximum] = (struct slot){message, refreshable};
        queue->count++;
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->lock);
    if (dropped)
        queue->drop(dropped);
    if (dropped != message && queue->wake)
        queue->wake(queue->context);
    return !dropped;
}

static void *pop_locked(struct queue *queue)
{
    if (queue->count == 0)
        return NULL;
    void *message = queue->slots[queue->first].message;
    queue->first = (queue->first + 1) % queue->maximum;
    queue->count--;
    pthread_cond_signal(&queue->freed);
    return message;
}

void *queue_pop(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    void *message = pop_locked(queue);
    pthread_mutex_unlock(&queue->lock);
    return message;
}

void *queue_wait(struct queue *queue, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    long ns = until.tv_nsec + timeout_ms % 1000 * 1000000L;
    until.tv_sec += timeout_ms / 1000 + ns / 1000000000L;
    until.tv_nsec = ns % 1000000000L;
    pthread_mutex_lock(&queue->lock);
    while (queue->count == 0 && !queue->closed) {
        if (timeout_ms < 0)
            pthread_cond_wait(&queue->filled, &queue->lock);
        else if (pthread_cond_timedwait(&queue->filled, &queue->lock, &until) == ETIMEDOUT)
            break;
    }
    void *message = pop_locked(queue);
    pthread_mutex_unlock(&queue->lock);
    return message;
}

size_t queue_count(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    size_t count = queue->count;
    pthread_mutex_unlock(&queue->lock);
    return count;
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_cond_broadcast(&queue->freed);
    pthread_mutex_unlock(&queue->lock);
}
