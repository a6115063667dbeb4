/* SPDX-License-Identifier: Apache-2.0 */
/* What the playout must remember of its tables over a restart. Any thread. */
#ifndef KOKONOR_PLAYOUT_STATE_H
#define KOKONOR_PLAYOUT_STATE_H

#include "playout/tables.h"

/* Fills memory with what state_folder keeps; with nothing where it keeps nothing, or is NULL, or makes no
 * sense (which is logged). */
void state_read_tables(const char *state_folder, struct tables_memory *memory);
/* Keeps memory before this returns. A failure is logged. state_folder NULL does nothing. */
void state_write_tables(const char *state_folder, const struct tables_memory *memory);

#endif
