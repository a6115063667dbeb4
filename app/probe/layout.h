/* SPDX-License-Identifier: Apache-2.0 */
/* A small language that says how the bytes of a table or descriptor are laid out, and its reader into JSON: a
 * new table is a line, not a function. Layouts are our constants; the bytes are from the air.
 *
 * Fields are separated by a blank, in order:
 *   NAME:N        an unsigned number of N bits; NAME:Nx as "0x..."; -:N are N bits passed over
 *   NAME:T8       text (EN 300 468 Annex A) with its length in 8 bits before it; NAME:T to the end
 *   NAME:U8 :U    UTF-8, the same way; NAME:X8 :X bytes as hexadecimal; NAME:HN exactly N of them
 *   NAME:L        three letters; NAME:I an IPv4 address
 *   NAME:M        date and time, 40 bits; NAME:S duration, 24 bits BCD, as seconds; NAME:BN N BCD digits
 *   NAME:=        the number of bytes to the end
 *   NAME[ ... ]   repeated to the end; NAME[8 ... ] length in 8 bits before it, and so [12, [16;
 *                 NAME[=COUNT ... ] as often as the field COUNT before it says
 *   NAME:DN       descriptors, length in N bits before them; NAME:D to the end
 *   ?NAME( ... )  only where that field before it, here or outside, is not 0; ?!NAME( where it is 0,
 *                 ?NAME=V( where it is V, ?+( where there are bytes left */
#ifndef KOKONOR_PROBE_LAYOUT_H
#define KOKONOR_PROBE_LAYOUT_H

#include "base/buffer.h"
#include "si/text.h"
#include <jansson.h>

/* Whose numbers descriptor tags are. EXTENSION: descriptor_tag_extension of an extension_descriptor. In AIT,
 * UNT and INT, tags from 0x40 on are those of SI too. */
enum layout_context {
    LAYOUT_SI,
    LAYOUT_AIT,
    LAYOUT_STREAM,
    LAYOUT_EXTENSION,
    LAYOUT_UNT,
    LAYOUT_INT,
    LAYOUT_MODULE,
    LAYOUT_SPLICE
};

/* Puts the fields into object. False: the bytes ended before the layout (what was read is in object). Bytes
 * behind the layout come as "more". */
bool layout_read(const char *layout, struct bytes bytes, enum layout_context context, struct si_text *text,
                 json_t *object);
/* A descriptor loop as an array: {"tag", "descriptor": name or null, fields ... or "hex"}. */
json_t *layout_descriptors(struct bytes loop, enum layout_context context, struct si_text *text);
json_t *layout_hex(struct bytes bytes);
/* Bytes that ought to be text: hexadecimal where they are none, or have control characters. */
json_t *layout_utf8(struct bytes bytes);

/* The tables of layouts_si.c and layouts_more.c, for layout_find_descriptor. */
struct layout_descriptor;
struct layout_list {
    const struct layout_descriptor *entries;
    size_t count;
};
extern const struct layout_list layout_list_si, layout_list_more;

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
    uint32_t
        specifier; /* private_data_specifier, or format_identifier of a registration, it needs; 0: none */
    const char *name;
    const char *body;
};
/* specifier: what holds at its place in the loop, 0: nothing. NULL: unknown. */
const struct layout_descriptor *layout_find_descriptor(enum layout_context context, uint8_t tag,
                                                       uint32_t specifier);

#endif
