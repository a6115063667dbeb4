/* SPDX-License-Identifier: Apache-2.0 */
/* From the service information to what the screens show of a service, in each of their languages. Reception
 * thread only. */
#ifndef KOKONOR_RECEPTION_LINEUP_H
#define KOKONOR_RECEPTION_LINEUP_H

#include "reception/reception.h"
#include "si/text.h"

/* ISO 639-2 code of a screen's language in the broadcast. */
const char *lineup_language(enum content_language language);
/* Fills out from service, a service of watcher. text decodes the guide's words. */
void lineup_fill(struct reception_service *out, const struct si_watcher *watcher, struct si_text *text,
                 const struct si_service *service);

#endif
