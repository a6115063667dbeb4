/* SPDX-License-Identifier: Apache-2.0 */
/* A small language that says how the bytes of a table or descriptor are laid out, and its reader into JSON: a
 * new table is a line, not a function. Layouts are our constants; the bytes are from the air.
 *
 * Fields are separated by a blank, in order:
 *   NAME:N    an unsigned number of N bits        NAME:Nx   the same as "0x..."        -:N  N bits passed
 * over NAME:T8   text (EN 300 468 Annex A), length in 8 bits before it     NAME:T    text to the end NAME:U8
 * UTF-8, length in 8 bits before it                         NAME:U    UTF-8 to the end NAME:L    three
 * letters                                             NAME:M    date and time, 40 bits NAME:S    duration, 24
 * bits BCD, as seconds                         NAME:BN   N BCD digits as a number NAME:X8, NAME:X    bytes as
 * hexadecimal, counted or to the end      NAME:=N   the number of bytes to the end NAME[ ... ]       repeated
 * to the end                NAME[8 ... ]  repeated, length in 8 bits before it; also [12, [16 NAME:DN
 * descriptors, length in N bits before them   NAME:D    descriptors to the end */
#ifndef KOKONOR_PROBE_LAYOUT_H
#define KOKONOR_PROBE_LAYOUT_H

#include "base/buffer.h"
#include "si/text.h"
#include <jansson.h>

enum layout_context { LAYOUT_SI, LAYOUT_AIT, LAYOUT_STREAM };

/* Puts the fields into object. False: the bytes ended before the layout (what was read is in object). Bytes
 * behind the layout come as "more". */
bool layout_read(const char *layout, struct bytes bytes, enum layout_context context, struct si_text *text,
                 json_t *object);
/* A descriptor loop as an array: {"tag", "descriptor": name or null, fields ... or "hex"}. */
json_t *layout_descriptors(struct bytes loop, enum layout_context context, struct si_text *text);
json_t *layout_hex(struct bytes bytes);

struct layout_table {
    uint8_t first, last; /* table_id */
    const char *name;
    const char *extension; /* what table_id_extension is called; NULL: short header */
    const char *body;
    enum layout_context context;
};
/* NULL: unknown. */
const struct layout_table *layout_find_table(uint8_t table_id);

struct layout_descriptor {
    enum layout_context context;
    uint8_t tag;
    uint32_t specifier; /* private_data_specifier it needs; 0: none */
    const char *name;
    const char *body;
};
/* NULL: unknown. */
const struct layout_descriptor *layout_find_descriptor(enum layout_context context, uint8_t tag,
                                                       uint32_t specifier);

#endif
