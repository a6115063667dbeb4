/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/programme.h"

#include "base/log.h"
#include "base/text.h"
#include "si/applications.h"

#include <stdlib.h>
#include <string.h>

const struct programme_application programme_applications[PROGRAMME_APPLICATIONS] = {
    {PROGRAMME_ORGANISATION, 2, "shopping", "shop", "portal.shopping"},
    {PROGRAMME_ORGANISATION, 3, "credit", "credit", "portal.credit"},
    {PROGRAMME_ORGANISATION, 4, "community", "community", "portal.community"},
};

struct programme {
    struct programme_options options;
    uint16_t service_id; /* that is watched; 0: none */

    char product[PROGRAMME_ID_MAX + 1]; /* "": none */
    int64_t product_until_us;
    struct programme_counts counts;

    struct si_applications *applications;
    struct si_ait *ait; /* of the service, as far as applications matter here */
    bool has_ait, awaits_ait, selecting;
    const struct programme_application *open; /* the viewer is in it; NULL: in none */
    bool opened_by_viewer;                    /* it did not run by itself */
    const struct programme_application *ended;
    enum programme_end end;
};

/* ---- products ---- */

static bool is_id(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!text[i] || !strchr("abcdefghijklmnopqrstuvwxyz0123456789-", text[i]))
            return false;
    return size > 0;
}

static bool refuse(struct programme *programme, enum programme_refusal refusal)
{
    if (programme->counts.refused[refusal]++ == 0)
        log_warning("a stream event is refused: %s", programme_refusal_str(refusal));
    return false;
}

bool programme_take_event(struct programme *programme, const struct interaction_event *event, int64_t now_us)
{
    char id[PROGRAMME_ID_MAX + 1];
    const char *text = (const char *)event->payload;
    if (!programme->service_id || event->service_id != programme->service_id ||
        strcmp(event->name, PROGRAMME_PRODUCT_EVENT) != 0) {
        programme->counts.passed++;
        return false;
    }
    if (event->size > PROGRAMME_ID_MAX)
        return refuse(programme, PROGRAMME_TOO_LONG);
    if (!text_is_utf8(text, event->size))
        return refuse(programme, PROGRAMME_NOT_UTF8);
    if (!is_id(text, event->size))
        return refuse(programme, PROGRAMME_NOT_AN_ID);
    memcpy(id, text, event->size);
    id[event->size] = 0;
    if (!programme->options.has_product(programme->options.context, id))
        return refuse(programme, PROGRAMME_UNKNOWN_PRODUCT);
    memcpy(programme->product, id, sizeof(id));
    programme->product_until_us = now_us + PROGRAMME_PRODUCT_US;
    programme->counts.products++;
    return true;
}

const char *programme_product(const struct programme *programme, int64_t now_us, int64_t *left_us)
{
    *left_us = programme->product_until_us - now_us;
    return programme->product[0] && *left_us > 0 ? programme->product : NULL;
}

void programme_dismiss_product(struct programme *programme)
{
    programme->product[0] = 0;
}

void programme_counts(const struct programme *programme, struct programme_counts *counts)
{
    *counts = programme->counts;
}

const char *programme_refusal_str(enum programme_refusal refusal)
{
    static const char *const words[PROGRAMME_REFUSALS] = {
        [PROGRAMME_TOO_LONG] = "its payload is longer than a product's id",
        [PROGRAMME_NOT_UTF8] = "its payload is not UTF-8",
        [PROGRAMME_NOT_AN_ID] = "its payload is not a product's id",
        [PROGRAMME_UNKNOWN_PRODUCT] = "no accepted content for this box has its product"};
    return words[refusal];
}

/* ---- applications ---- */

static struct si_application_id id_of(const struct programme_application *application)
{
    return (struct si_application_id){application->organisation_id, application->application_id};
}

static void on_application(void *context, enum si_application_action action,
                           const struct si_application_id *id, const struct si_application *application)
{
    static const char *const words[] = {"starts", "is to be fetched", "stops", "is killed"};
    struct programme *programme = context;
    const struct programme_application *open = programme->open;
    (void)application;
    log_info("application %08x.%04x %s", (unsigned)id->organisation_id, id->application_id, words[action]);
    if ((action != SI_APPLICATION_STOP && action != SI_APPLICATION_KILL) || !open ||
        open->organisation_id != id->organisation_id || open->application_id != id->application_id)
        return;
    programme->ended = open;
    programme->end = programme->selecting ? PROGRAMME_OTHER_SERVICE : PROGRAMME_ENDED;
    programme->open = NULL;
}

static void select_service(struct programme *programme, bool expects_ait)
{
    programme->selecting = true;
    si_applications_select_service(programme->applications, expects_ait);
    programme->selecting = false;
}

void programme_watch(struct programme *programme, uint16_t service_id)
{
    if (service_id == programme->service_id)
        return;
    programme->service_id = service_id;
    programme->product[0] = 0;
    programme->has_ait = false;
    programme->awaits_ait = service_id != 0;
    select_service(programme, service_id != 0);
}

/* As si_applications takes it; true where it is another than before. */
static bool fill_ait(struct programme *programme, const struct interaction_state *state)
{
    struct si_ait *ait = programme->ait;
    bool other = !programme->has_ait || ait->application_count != state->signalled_count;
    for (size_t i = 0; i < state->signalled_count; i++) {
        const struct interaction_application *from = &state->signalled[i];
        struct si_application *to = &ait->applications[i];
        other |= to->organisation_id != from->organisation_id || to->application_id != from->application_id ||
                 to->control_code != from->control_code || to->priority != from->priority ||
                 to->service_bound != from->service_bound;
        to->organisation_id = from->organisation_id;
        to->application_id = from->application_id;
        to->control_code = from->control_code;
        to->priority = from->priority;
        to->service_bound = from->service_bound;
    }
    ait->application_count = state->signalled_count;
    programme->has_ait = true;
    return other;
}

void programme_take_applications(struct programme *programme, const struct interaction_state *state)
{
    if (!programme->service_id || state->service_id != programme->service_id ||
        state->ait == INTERACTION_AIT_AWAITED)
        return;
    bool first = programme->awaits_ait;
    programme->awaits_ait = false;
    if (state->ait == INTERACTION_AIT_NONE && first)
        select_service(programme, false);
    if (state->ait != INTERACTION_AIT_HERE || !fill_ait(programme, state))
        return; /* one that goes off the air leaves everything as it is */
    programme->selecting = first;
    si_applications_update(programme->applications, programme->ait);
    programme->selecting = false;
}

static const struct si_application *signalled(const struct programme *programme,
                                              const struct programme_application *application)
{
    for (size_t i = 0; programme->has_ait && i < programme->ait->application_count; i++) {
        const struct si_application *here = &programme->ait->applications[i];
        if (here->organisation_id == application->organisation_id &&
            here->application_id == application->application_id)
            return here;
    }
    return NULL;
}

static bool may_start(const struct si_application *application)
{
    switch (application->control_code) {
    case SI_CONTROL_AUTOSTART:
    case SI_CONTROL_PRESENT:
    case SI_CONTROL_PREFETCH:
    case SI_CONTROL_PLAYBACK_AUTOSTART:
        return true;
    default:
        return false;
    }
}

/* What comes first is offered first. */
static int rank(const struct programme *programme, const struct programme_offer *offer)
{
    return (offer->invites ? 256 : 0) + signalled(programme, offer->application)->priority;
}

size_t programme_offers(const struct programme *programme,
                        struct programme_offer offers[PROGRAMME_APPLICATIONS])
{
    size_t count = 0;
    for (size_t i = 0; i < PROGRAMME_APPLICATIONS; i++) {
        struct programme_offer offer = {&programme_applications[i], false};
        struct si_application_id id = id_of(offer.application);
        const struct si_application *here = signalled(programme, offer.application);
        bool runs = here && si_applications_is_running(programme->applications, &id);
        offer.invites = runs && !(programme->open == offer.application && programme->opened_by_viewer);
        if (!here || (!runs && !may_start(here)))
            continue;
        size_t at = count++;
        for (; at > 0 && rank(programme, &offers[at - 1]) < rank(programme, &offer); at--)
            offers[at] = offers[at - 1];
        offers[at] = offer;
    }
    return count;
}

bool programme_open(struct programme *programme, const struct programme_application *application)
{
    struct si_application_id id = id_of(application);
    bool ran = si_applications_is_running(programme->applications, &id);
    programme_left(programme);
    if (!signalled(programme, application) || !si_applications_start(programme->applications, &id))
        return false;
    programme->open = application;
    programme->opened_by_viewer = !ran;
    return true;
}

void programme_left(struct programme *programme)
{
    if (programme->open && programme->opened_by_viewer) {
        struct si_application_id id = id_of(programme->open);
        si_applications_ended(programme->applications, &id);
    }
    programme->open = programme->ended = NULL;
}

const struct programme_application *programme_take_end(struct programme *programme, enum programme_end *end)
{
    const struct programme_application *ended = programme->ended;
    *end = programme->end;
    programme->ended = NULL;
    return ended;
}

size_t programme_running(const struct programme *programme)
{
    return si_applications_running(programme->applications);
}

/* ---- life ---- */

struct programme *programme_create(const struct programme_options *options)
{
    struct programme *programme = calloc(1, sizeof(*programme));
    if (!programme)
        return NULL;
    programme->options = *options;
    programme->ait = calloc(1, sizeof(*programme->ait));
    programme->applications = si_applications_create(on_application, programme);
    if (programme->ait && programme->applications)
        return programme;
    programme_destroy(programme);
    return NULL;
}

void programme_destroy(struct programme *programme)
{
    if (!programme)
        return;
    si_applications_destroy(programme->applications);
    free(programme->ait);
    free(programme);
}
