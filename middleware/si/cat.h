/* SPDX-License-Identifier: Apache-2.0 */
/* Conditional access table (ISO/IEC 13818-1, 2.4.4.6), read and built. No state; any thread. */
#ifndef KOKONOR_SI_CAT_H
#define KOKONOR_SI_CAT_H

#include "si/model.h"
#include "si/sections.h"

#define SI_TABLE_CAT 0x01
#define SI_PID_CAT 0x0001

struct si_cat {
    size_t access_count;
    struct si_access accesses[SI_ACCESSES_MAX]; /* pid: of the EMMs */
};

/* Reads one section whose CRC_32 was right and appends its CA_descriptors (the caller begins with count 0);
 * those over the limit are left out. False: not a current CAT section. */
bool si_cat_read_section(const uint8_t *section, size_t size, struct si_cat *cat);
/* Appends the section. False (nothing appended): no memory or the list is full. */
bool si_build_cat(struct si_sections *out, const struct si_cat *cat, unsigned version);

#endif
