/* SPDX-License-Identifier: Apache-2.0 */
/* What the playout must remember of its tables over a restart. Any thread. */
#ifndef KOKONOR_PLAYOUT_STATE_H
#define KOKONOR_PLAYOUT_STATE_H

/* The version_number of the tables made from folder/channel.json: one more, modulo 32, than what state_folder
 * keeps where the file's bytes differ from then; kept before this returns. state_folder NULL, or nothing
 * kept: 0. */
unsigned state_table_version(const char *state_folder, const char *folder);

#endif
