/* SPDX-License-Identifier: Apache-2.0 */
/* What the programme that the viewer watches asks the box to do: a stream event shows a product, the AIT
 * offers channels of the box as applications (TS 102 809, 5.2.3). Neither is signed, so neither brings words
 * or pictures: both only point at what the box has. Knows no clock, no pixels and no thread; main owns it. */
#ifndef KOKONOR_SHELL_PROGRAMME_H
#define KOKONOR_SHELL_PROGRAMME_H

#include "reception/interaction.h"

/* The event's name in the carousel; its payload is the id of a product of the accepted commerce content. */
#define PROGRAMME_PRODUCT_EVENT "product"
#define PROGRAMME_PRODUCT_US INT64_C(25000000) /* how long it stays */
#define PROGRAMME_ID_MAX 48

/* What an application of the AIT is on this box. */
struct programme_application {
    uint32_t organisation_id;
    uint16_t application_id;
    const char *channel;     /* that it opens */
    const char *icon, *name; /* name: a key of the strings */
};
#define PROGRAMME_ORGANISATION 0x4B4B
#define PROGRAMME_APPLICATIONS 3
extern const struct programme_application programme_applications[PROGRAMME_APPLICATIONS];

enum programme_refusal {
    PROGRAMME_TOO_LONG,
    PROGRAMME_NOT_UTF8,
    PROGRAMME_NOT_AN_ID,
    PROGRAMME_UNKNOWN_PRODUCT, /* not in accepted content, or not for this box */
    PROGRAMME_REFUSALS
};

struct programme_counts {
    uint64_t products; /* shown */
    uint64_t passed;   /* events with another name, or of a service that is not watched any more */
    uint64_t refused[PROGRAMME_REFUSALS];
};

struct programme_options {
    bool (*has_product)(void *context, const char *id);
    void *context;
};

struct programme;

struct programme *programme_create(const struct programme_options *options); /* NULL without memory */
void programme_destroy(struct programme *programme);                         /* NULL does nothing */

/* The viewer watches this service (0: none). Another one than before: the product goes, and so do the
 * applications that are bound to the former; the others wait for what the new one's AIT says of them. */
void programme_watch(struct programme *programme, uint16_t service_id);

/* ---- products ---- */

/* True where it shows a product now. now_us is any clock that only goes forward. */
bool programme_take_event(struct programme *programme, const struct interaction_event *event, int64_t now_us);
/* The product's id and how long it stays yet; NULL where there is none (any more). */
const char *programme_product(const struct programme *programme, int64_t now_us, int64_t *left_us);
void programme_dismiss_product(struct programme *programme);
void programme_counts(const struct programme *programme, struct programme_counts *counts);
const char *programme_refusal_str(enum programme_refusal refusal);

/* ---- applications ---- */

struct programme_offer {
    const struct programme_application *application;
    bool invites; /* it runs by itself (AUTOSTART): say so on screen; else it is there when asked for */
};

/* Takes what the AIT of the service says now; nothing where it is another service's. Call it with all news.
 */
void programme_take_applications(struct programme *programme, const struct interaction_state *state);
/* What the viewer may open now: first those that invite, by falling priority. Returns how many. */
size_t programme_offers(const struct programme *programme,
                        struct programme_offer offers[PROGRAMME_APPLICATIONS]);
/* The viewer opens one of them, one at a time; false: it is not offered any more. */
bool programme_open(struct programme *programme, const struct programme_application *application);
/* The viewer has left it. One that runs by itself goes on inviting. */
void programme_left(struct programme *programme);

enum programme_end {
    PROGRAMME_ENDED,        /* KILL, DESTROY, DISABLED, or the AIT does not name it any more */
    PROGRAMME_OTHER_SERVICE /* the viewer watches another service, which does not have it */
};
/* The application that the viewer has open and that must close now: told once, NULL where there is none. */
const struct programme_application *programme_take_end(struct programme *programme, enum programme_end *end);
/* How many applications run, those of other makers included. */
size_t programme_running(const struct programme *programme);

#endif
