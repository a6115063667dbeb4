/* SPDX-License-Identifier: Apache-2.0 */
/* What the network has beside the playout's own stream, as channel.json names it: other transport streams
 * with their services, and bouquets. Immutable once read. Any thread. */
#ifndef KOKONOR_PLAYOUT_NEIGHBOURS_H
#define KOKONOR_PLAYOUT_NEIGHBOURS_H

#include "content/json.h"
#include "content/text.h"
#include "si/nit.h"

#define NEIGHBOURS_STREAMS_MAX (SI_STREAMS_MAX - 1)    /* beside the own: more than a cable has carriers */
#define NEIGHBOURS_SERVICES_MAX SI_STREAM_SERVICES_MAX /* of a stream */
#define NEIGHBOURS_BOUQUETS_MAX 16
#define NEIGHBOURS_MEMBERS_MAX 256 /* services of a bouquet */

struct neighbour_service {
    uint16_t service_id, lcn; /* lcn 0: none */
    uint8_t type;
    char names[CONTENT_LANGUAGES][SI_TRANSLATION_SIZE], providers[CONTENT_LANGUAGES][SI_TRANSLATION_SIZE];
};

struct neighbour_stream {
    uint16_t transport_stream_id, original_network_id;
    struct si_cable cable;
    size_t service_count;
    struct neighbour_service *services;
};

struct neighbour_bouquet {
    uint16_t bouquet_id;
    char names[CONTENT_LANGUAGES][SI_TRANSLATION_SIZE];
    size_t count;
    struct neighbour_member {
        uint16_t transport_stream_id, service_id;
    } members[NEIGHBOURS_MEMBERS_MAX];
};

struct neighbours {
    enum content_language languages[CONTENT_LANGUAGES]; /* the order of all names */
    size_t stream_count, bouquet_count;
    struct neighbour_stream *streams;
    struct neighbour_bouquet *bouquets;
};

/* frequency_hz, symbol_rate and modulation of object. */
void neighbours_read_cable(struct content_json *reader, const json_t *object, struct si_cable *cable);
/* Reads the members "streams" and "bouquets" of root, if they are there. original_network_id is that of a
 * stream that names none. Mistakes go to reader. */
void neighbours_read(struct content_json *reader, const json_t *root, uint16_t original_network_id,
                     struct neighbours *neighbours);
void neighbours_finish(struct neighbours *neighbours);

#endif
