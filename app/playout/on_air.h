/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the object carousel: one edition of each role that has one. Two threads share it: the desk's
 * makes changes and writes the state, the multiplexer's applies them and takes sections, and neither waits
 * for the other's work. The desk must not prepare a change before the one before was applied or destroyed. */
#ifndef KOKONOR_PLAYOUT_ON_AIR_H
#define KOKONOR_PLAYOUT_ON_AIR_H

#include "dsmcc/builder.h"
#include "playout/channel.h"
#include "playout/edition.h"

struct on_air;

#define ON_AIR_DEMAND_DOCUMENT 8 /* what every screen needs, beside a picture, which one screen needs */
#define ON_AIR_DEMAND_PICTURE 1
#define ON_AIR_EVENTS_PATH "events" /* of the stream-event object, where the channel has stream events */

struct on_air_options {
    uint32_t carousel_id;
    int64_t bit_rate;                  /* of the carousel */
    const struct channel_frame *frame; /* copied */
    const char *state_folder;          /* copied; NULL: nothing is kept */
    unsigned longest_interval;         /* as dsmcc/builder.h's; 0: the default */
};

/* What is kept there lets receivers go on over a
 * restart; where it is damaged, that is logged and the carousel begins anew. NULL and a reason in error. */
struct on_air *on_air_create(const struct on_air_options *options, struct error *error);
void on_air_destroy(struct on_air *on_air); /* NULL does nothing */

/* The desk's side: makes the carousel with edition in the place of its role's former one and writes what must
 * be remembered of it. Takes edition always; on failure (NULL and a reason in error) the former one stays. */
struct dsmcc_change *on_air_prepare(struct on_air *on_air, struct edition *edition, struct error *error);
/* Puts the first editions on air together (NULL: the role has none), so that the modules that the state
 * remembers of every role are found again. Takes them on success only. Before the first on_air_prepare, while
 * nothing is sent. */
bool on_air_put_first(struct on_air *on_air, struct edition *const editions[CONTENT_ROLES],
                      struct error *error);
/* The role's edition last prepared, NULL where it has none. */
const struct edition *on_air_edition(const struct on_air *on_air, enum content_role role);

/* The multiplexer's side. on_air_apply takes change. */
void on_air_apply(struct on_air *on_air, struct dsmcc_change *change);
/* As ts_section_source_fn: the next section to send. */
const uint8_t *on_air_next_section(void *on_air, size_t *size);
void on_air_info(const struct on_air *on_air, struct dsmcc_builder_info *info);

#endif
