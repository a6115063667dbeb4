/* SPDX-License-Identifier: Apache-2.0 */
/* The applications that channel.json announces with the service, for the AIT. Immutable once read. Any
 * thread.
 */
#ifndef KOKONOR_PLAYOUT_ANNOUNCED_H
#define KOKONOR_PLAYOUT_ANNOUNCED_H

#include "content/json.h"
#include "content/text.h"
#include "si/ait.h"

struct announced_application {
    uint16_t application_id;
    uint8_t control_code; /* enum si_control_code */
    uint8_t priority;
    bool service_bound;
    char names[CONTENT_LANGUAGES][SI_TRANSLATION_SIZE];
};

struct announced {
    bool given; /* channel.json says which; else the AIT has the one of the settings */
    size_t count;
    struct announced_application applications[SI_APPLICATIONS_MAX];
};

/* Reads root's "applications", names in the order of languages; mistakes go to reader. */
void announced_read(struct content_json *reader, const json_t *root,
                    const enum content_language languages[CONTENT_LANGUAGES], struct announced *announced);

#endif
