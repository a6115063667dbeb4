/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of DSM-CC carousels as JSON. One call, any thread; keeps nothing. */
#ifndef KOKONOR_PROBE_MESSAGE_H
#define KOKONOR_PROBE_MESSAGE_H

#include "base/buffer.h"
#include "si/text.h"
#include <jansson.h>

/* Puts the fields of a DII, DSI or DDB (ISO/IEC 13818-6, 7.2 and 7.3) into object: the body of a section of
 * table_id 0x3B or 0x3C. False: it ended too early (what was read is in object). */
bool message_read(struct bytes body, struct si_text *text, json_t *object);

#endif
