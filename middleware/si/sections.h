/* SPDX-License-Identifier: Apache-2.0 */
/* A growing list of whole sections, as the si_build_ functions append them and a ts_sectioner sends them.
 * The caller owns the list. No locks: one thread at a time. */
#ifndef KOKONOR_SI_SECTIONS_H
#define KOKONOR_SI_SECTIONS_H

#include "base/buffer.h"

#define SI_SECTIONS_MAX 512

struct si_sections {
    struct buffer bytes;
    uint32_t ends[SI_SECTIONS_MAX]; /* where each section ends in bytes */
    size_t count;
};

void si_sections_init(struct si_sections *sections);
void si_sections_finish(struct si_sections *sections);
/* Forgets the sections, keeps the memory. */
void si_sections_clear(struct si_sections *sections);
/* Section index (< count), valid until the next append, clear or finish. */
struct bytes si_sections_get(const struct si_sections *sections, size_t index);

#endif
