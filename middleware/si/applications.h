/* SPDX-License-Identifier: Apache-2.0 */
/* Which broadcast applications run: they start, stop and follow the service as its AIT says (TS 102
 * 809, 5.2.3 and 5.3.5). Belongs to one thread; nothing here runs an application, the callbacks do. */
#ifndef KOKONOR_SI_APPLICATIONS_H
#define KOKONOR_SI_APPLICATIONS_H

#include "si/ait.h"

#define SI_RUNNING_APPLICATIONS_MAX 16

struct si_applications;

struct si_application_id {
    uint32_t organisation_id;
    uint16_t application_id;
};

enum si_application_action {
    SI_APPLICATION_START,
    SI_APPLICATION_PREFETCH, /* load, do not start */
    SI_APPLICATION_STOP,     /* destroy: it may say goodbye */
    SI_APPLICATION_KILL      /* at once */
};

/* application is the signalled one, valid during the call; with STOP and KILL it may be NULL (it is not
 * signalled any more). The callback must not call this module. */
typedef void si_application_fn(void *context, enum si_application_action action,
                               const struct si_application_id *id, const struct si_application *application);

/* NULL without memory. */
struct si_applications *si_applications_create(si_application_fn *fn, void *context);
void si_applications_destroy(struct si_applications *applications); /* calls nothing; NULL does nothing */

/* Another service was chosen. Applications bound to the old one stop; the others wait for the new service's
 * AIT: they run on where it signals them (with another code than KILL, DESTROY or DISABLED), else stop. With
 * expects_ait false (the service has no AIT) they stop now. */
void si_applications_select_service(struct si_applications *applications, bool expects_ait);
/* The service's AIT is this, now; call it with each new version. NULL: the sub-table has vanished from the
 * air: what runs keeps running. What the new version does not name any more is stopped (5.3.5.2: as DESTROY).
 * Among several AUTOSTART applications all start, the highest priority first. An AUTOSTART application that
 * ended by itself or was ended by the viewer is not started again by a mere repetition or by another version,
 * until another service was chosen or its code was another in between. */
void si_applications_update(struct si_applications *applications, const struct si_ait *ait);
/* The viewer asks for one that is signalled. False: it is not, or its code forbids it (DESTROY, KILL, REMOTE,
 * DISABLED). Running already: true, and nothing happens. */
bool si_applications_start(struct si_applications *applications, const struct si_application_id *id);
/* It ended by itself, or the viewer ended it; no callback. */
void si_applications_ended(struct si_applications *applications, const struct si_application_id *id);

bool si_applications_is_running(const struct si_applications *applications,
                                const struct si_application_id *id);
size_t si_applications_running(const struct si_applications *applications);

#endif
