/* SPDX-License-Identifier: Apache-2.0 */
/* The tuner that reception listens to: opened, opened again where it breaks, and asked how well it receives.
 * Reception thread only. */
#ifndef KOKONOR_RECEPTION_SOURCE_H
#define KOKONOR_RECEPTION_SOURCE_H

#include "tuner/plan.h"
#include "tuner/tuner.h"

/* Between two attempts to open it: from the first, doubled each time, with a quarter more or less by chance,
 * so that a building's boxes do not knock all at once. */
#define SOURCE_RETRY_FIRST_US INT64_C(500000)
#define SOURCE_RETRY_MAX_US INT64_C(30000000)
/* It must have gone well for so long before a break counts as the first one. */
#define SOURCE_STEADY_US INT64_C(10000000)
/* The tuner is asked for its status no more often. */
#define SOURCE_STATUS_US INT64_C(2000000)

struct source;

typedef struct tuner *source_open_fn(const char *url, struct error *error);

enum source_condition {
    SOURCE_OPEN,
    SOURCE_BROKEN, /* is opened again when its time has come */
    SOURCE_ENDED,  /* a file has been played */
};

struct source_state {
    enum source_condition condition;
    char problem[160];     /* English, for the engineer; "" where it is open */
    unsigned attempts;     /* in vain since it broke */
    uint32_t frequency_hz; /* 0: not known */
    bool has_status;       /* the tuner knows of the following */
    struct tuner_status status;
};

/* open stands in for tuner_open (tests); NULL: tuner_open. plan (may be NULL) must outlive it. It is ended
 * until it is tuned. NULL only without memory. */
struct source *source_create(source_open_fn *open, const struct tuner_plan *plan);
void source_destroy(struct source *source); /* NULL does nothing */

/* Leaves what it listened to and opens url (shorter than TUNER_URL_SIZE); where that fails it is broken. What
 * is open already stays so: a port that the system chose would be another one. */
void source_tune(struct source *source, const char *url, int64_t now_us);
const char *source_url(const struct source *source);
/* For poll(); -1 while there is nothing to wait for. It may be another one after any of the calls below. */
int source_fd(const struct source *source);
/* Bytes that are there now; 0: none. A tuner that ends or breaks is closed. */
size_t source_read(struct source *source, void *buffer, size_t size, int64_t now_us);
/* poll() found an error and source_read nothing: the device is gone. */
void source_fail(struct source *source, int64_t now_us);
/* When source_tick has something to do; INT64_MAX: never. */
int64_t source_due_us(const struct source *source);
/* Opens it again, and asks for the status, when it is time. */
void source_tick(struct source *source, int64_t now_us);
/* True where the state was another when it was last taken. */
bool source_take_state(struct source *source, struct source_state *state);
uint16_t source_port(const struct source *source); /* 0: none */

#endif
