/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded queue between two threads, of messages whose ownership moves with them. Any thread may call any
 * function. */
#ifndef KOKONOR_BASE_QUEUE_H
#define KOKONOR_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct queue;

/* maximum messages; drop destroys a message that the queue still holds or throws away. wake (may be NULL) is
 * called after each push, outside the lock, on the pusher's thread: an eventfd write, uv_async_send. NULL
 * only without memory. */
struct queue *queue_create(size_t maximum, void (*drop)(void *message), void (*wake)(void *context),
                           void *context);
void queue_destroy(struct queue *queue);
/* Takes the message always. A full queue drops its oldest refreshable message; where it has none, the new one
 * if that is refreshable; else, all being kept ones, it waits for room. Returns false where something was
 * dropped. */
bool queue_push(struct queue *queue, void *message, bool refreshable);
/* The oldest message, now the caller's, or NULL where there is none. */
void *queue_pop(struct queue *queue);
/* As queue_pop, but waits up to timeout_ms for one; less than 0: until one comes or the queue is closed. */
void *queue_wait(struct queue *queue, int timeout_ms);
size_t queue_count(struct queue *queue);
/* Wakes every waiter; from then on queue_wait does not wait and a push drops its message. */
void queue_close(struct queue *queue);

#endif
