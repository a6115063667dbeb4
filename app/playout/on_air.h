/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the object carousel: one edition of each role that has one. Belongs to one thread (the
 * multiplexer's). */
#ifndef KOKONOR_PLAYOUT_ON_AIR_H
#define KOKONOR_PLAYOUT_ON_AIR_H

#include "dsmcc/builder.h"
#include "playout/edition.h"

struct on_air;

/* state_folder (may be NULL: nothing is kept) is copied. What is kept there lets receivers go on over a
 * restart; where it is damaged, that is logged and the carousel begins anew. NULL and a reason in error. */
struct on_air *on_air_create(uint32_t carousel_id, const char *state_folder, struct error *error);
void on_air_destroy(struct on_air *on_air); /* NULL does nothing */

/* Puts an edition on air in the place of its role's former one. Takes it always. On failure the former one
 * stays. */
bool on_air_put(struct on_air *on_air, struct edition *edition, struct error *error);
/* Puts the first editions on air together (NULL: the role has none), so that the modules that the state
 * remembers of every role are found again. Takes them on success only. Before the first on_air_put. */
bool on_air_put_first(struct on_air *on_air, struct edition *const editions[CONTENT_ROLES],
                      struct error *error);
/* As ts_section_source_fn: the next section to send. */
const uint8_t *on_air_next_section(void *on_air, size_t *size);
void on_air_info(const struct on_air *on_air, struct dsmcc_builder_info *info);
/* The role's edition on air, NULL where it has none. */
const struct edition *on_air_edition(const struct on_air *on_air, enum content_role role);

#endif
