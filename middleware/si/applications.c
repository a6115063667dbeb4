/* SPDX-License-Identifier: Apache-2.0 */
#include "si/applications.h"
#include <stdlib.h>
#include <string.h>

struct running {
    struct si_application_id id;
    bool service_bound;
};

struct si_applications {
    si_application_fn *fn;
    void *context;
    bool has_ait;
    struct si_ait ait; /* the last one that was not NULL */
    size_t running_count;
    struct running running[SI_RUNNING_APPLICATIONS_MAX];
    size_t started_count;
    struct si_application_id started[SI_APPLICATIONS_MAX]; /* AUTOSTART applications that had their turn */
    size_t prefetched_count;
    struct si_application_id prefetched[SI_APPLICATIONS_MAX];
};

struct si_applications *si_applications_create(si_application_fn *fn, void *context)
{
    struct si_applications *applications = calloc(1, sizeof(*applications));
    if (applications) {
        applications->fn = fn;
        applications->context = context;
    }
    return applications;
}

void si_applications_destroy(struct si_applications *applications)
{
    free(applications);
}

static struct si_application_id id_of(const struct si_application *application)
{
    return (struct si_application_id){application->organisation_id, application->application_id};
}

static bool same(const struct si_application_id *a, const struct si_application_id *b)
{
    return a->organisation_id == b->organisation_id && a->application_id == b->application_id;
}

static const struct si_application *signalled(const struct si_applications *applications,
                                              const struct si_application_id *id)
{
    for (size_t i = 0; applications->has_ait && i < applications->ait.application_count; i++) {
        struct si_application_id here = id_of(&applications->ait.applications[i]);
        if (same(&here, id))
            return &applications->ait.applications[i];
    }
    return NULL;
}

static struct running *find_running(const struct si_applications *applications,
                                    const struct si_application_id *id)
{
    for (size_t i = 0; i < applications->running_count; i++)
        if (same(&applications->running[i].id, id))
            return (struct running *)&applications->running[i];
    return NULL;
}

static void call(const struct si_applications *applications, enum si_application_action action,
                 const struct si_application_id *id)
{
    if (applications->fn)
        applications->fn(applications->context, action, id, signalled(applications, id));
}

static void forget_running(struct si_applications *applications, struct running *running)
{
    size_t index = (size_t)(running - applications->running);
    applications->running_count--;
    memmove(running, running + 1, (applications->running_count - index) * sizeof(*running));
}

static void stop(struct si_applications *applications, struct running *running,
                 enum si_application_action action)
{
    struct si_application_id id = running->id;
    forget_running(applications, running);
    call(applications, action, &id);
}

static bool was_started(const struct si_applications *applications, const struct si_application_id *id)
{
    for (size_t i = 0; i < applications->started_count; i++)
        if (same(&applications->started[i], id))
            return true;
    return false;
}

static void mark_started(struct si_applications *applications, const struct si_application_id *id)
{
    if (!was_started(applications, id) && applications->started_count < SI_APPLICATIONS_MAX)
        applications->started[applications->started_count++] = *id;
}

/* Those that are not AUTOSTART now may start by themselves when they are again. */
static void forget_started(struct si_applications *applications)
{
    size_t kept = 0;
    for (size_t i = 0; i < applications->started_count; i++) {
        const struct si_application *application = signalled(applications, &applications->started[i]);
        if (application && application->control_code == SI_CONTROL_AUTOSTART)
            applications->started[kept++] = applications->started[i];
    }
    applications->started_count = kept;
}

static bool start(struct si_applications *applications, const struct si_application *application)
{
    if (applications->running_count == SI_RUNNING_APPLICATIONS_MAX)
        return false;
    struct si_application_id id = id_of(application);
    applications->running[applications->running_count++] =
        (struct running){.id = id, .service_bound = application->service_bound};
    mark_started(applications, &id);
    call(applications, SI_APPLICATION_START, &id);
    return true;
}

/* What a running application's code asks for; true: it goes on. */
static bool may_run(const struct si_application *application, enum si_application_action *action)
{
    *action = SI_APPLICATION_STOP;
    if (!application)
        return false;
    switch (application->control_code) {
    case SI_CONTROL_KILL:
        *action = SI_APPLICATION_KILL;
        return false;
    case SI_CONTROL_DESTROY:
    case SI_CONTROL_DISABLED:
        return false;
    default: /* a reserved code changes nothing for what runs */
        return true;
    }
}

static void end_those_that_must(struct si_applications *applications)
{
    for (size_t i = applications->running_count; i-- > 0;) {
        struct running *running = &applications->running[i];
        const struct si_application *application = signalled(applications, &running->id);
        enum si_application_action action;
        if (may_run(application, &action)) {
            running->service_bound = application->service_bound;
        } else {
            stop(applications, running, action);
        }
    }
}

/* Starts what starts by itself, by falling priority, then in the order of the table. */
static void start_those_that_may(struct si_applications *applications)
{
    const struct si_ait *ait = &applications->ait;
    for (int priority = 255; priority >= 0; priority--) {
        for (size_t i = 0; i < ait->application_count; i++) {
            const struct si_application *application = &ait->applications[i];
            struct si_application_id id = id_of(application);
            if (application->priority == priority && application->control_code == SI_CONTROL_AUTOSTART &&
                !find_running(applications, &id) && !was_started(applications, &id))
                start(applications, application);
        }
    }
}

static void prefetch(struct si_applications *applications)
{
    const struct si_ait *ait = &applications->ait;
    struct si_application_id now[SI_APPLICATIONS_MAX] = {{0, 0}};
    size_t count = 0;
    for (size_t i = 0; i < ait->application_count; i++) {
        if (ait->applications[i].control_code != SI_CONTROL_PREFETCH)
            continue;
        struct si_application_id id = id_of(&ait->applications[i]);
        bool known = find_running(applications, &id) != NULL;
        for (size_t k = 0; k < applications->prefetched_count; k++)
            known |= same(&applications->prefetched[k], &id);
        now[count++] = id;
        if (!known)
            call(applications, SI_APPLICATION_PREFETCH, &id);
    }
    memcpy(applications->prefetched, now, count * sizeof(now[0]));
    applications->prefetched_count = count;
}

void si_applications_select_service(struct si_applications *applications, bool expects_ait)
{
    applications->started_count = 0;
    applications->prefetched_count = 0;
    for (size_t i = applications->running_count; i-- > 0;) {
        struct running *running = &applications->running[i];
        if (running->service_bound || !expects_ait)
            stop(applications, running, SI_APPLICATION_STOP);
    }
    applications->has_ait = false;
}

void si_applications_update(struct si_applications *applications, const struct si_ait *ait)
{
    if (!ait)
        return;
    applications->ait = *ait;
    applications->has_ait = true;
    end_those_that_must(applications);
    forget_started(applications);
    for (size_t i = 0; i < applications->running_count; i++)
        mark_started(applications, &applications->running[i].id);
    start_those_that_may(applications);
    prefetch(applications);
}

bool si_applications_start(struct si_applications *applications, const struct si_application_id *id)
{
    if (find_running(applications, id))
        return true;
    const struct si_application *application = signalled(applications, id);
    if (!application || (application->control_code != SI_CONTROL_AUTOSTART &&
                         application->control_code != SI_CONTROL_PRESENT &&
                         application->control_code != SI_CONTROL_PREFETCH &&
                         application->control_code != SI_CONTROL_PLAYBACK_AUTOSTART))
        return false;
    return start(applications, application);
}

void si_applications_ended(struct si_applications *applications, const struct si_application_id *id)
{
    struct running *running = find_running(applications, id);
    if (running)
        forget_running(applications, running);
}

bool si_applications_is_running(const struct si_applications *applications,
                                const struct si_application_id *id)
{
    return find_running(applications, id) != NULL;
}

size_t si_applications_running(const struct si_applications *applications)
{
    return applications->running_count;
}
