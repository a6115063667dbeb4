/* SPDX-License-Identifier: Apache-2.0 */
/* From the service information to what the screens show of a service, in each of their languages. Reception
 * thread only. */
#ifndef KOKONOR_RECEPTION_LINEUP_H
#define KOKONOR_RECEPTION_LINEUP_H

#include "reception/numbers.h"
#include "reception/reception.h"
#include "si/text.h"

/* ISO 639-2 code of a screen's language in the broadcast. */
const char *lineup_language(enum content_language language);
/* Fills out from service, a service of watcher. text decodes the guide's words. */
void lineup_fill(struct reception_service *out, const struct si_watcher *watcher, struct si_text *text,
                 const struct si_service *service);
/* A channel's name in the screens' languages. */
void lineup_names(const struct si_channel *channel, char names[CONTENT_LANGUAGES][SI_NAME_SIZE]);
/* Whether a service of this service_type (EN 300 468, Table 87) is heard and not seen. */
bool lineup_is_radio(uint8_t type);

/* What a list of services is made of. */
struct lineup {
    const struct si_watcher *watcher;
    struct si_text *text;
    const struct numbers *numbers;
    bool has_place; /* the stream that is received is known */
    uint16_t original_network_id, transport_stream_id;
    const struct sound_wish *sound; /* may be NULL */
};

/* So many services lineup_make writes at most. */
size_t lineup_maximum(const struct lineup *lineup);
/* The services of the stream that is received, and those of the stored list that lie elsewhere, by number.
 * Returns how many. */
size_t lineup_make(const struct lineup *lineup, struct reception_service *services);

#endif
