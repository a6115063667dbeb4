/* SPDX-License-Identifier: Apache-2.0 */
#include "si/sections.h"
#include <assert.h>
#include <string.h>

/* Every section of the list at its longest would be far more than any network sends. */
#define BYTES_MAX ((size_t)512 * 1024)

void si_sections_init(struct si_sections *sections)
{
    memset(sections, 0, sizeof(*sections));
    buffer_init(&sections->bytes, BYTES_MAX);
}

void si_sections_finish(struct si_sections *sections)
{
    buffer_finish(&sections->bytes);
    sections->count = 0;
}

void si_sections_clear(struct si_sections *sections)
{
    buffer_clear(&sections->bytes);
    sections->count = 0;
}

struct bytes si_sections_get(const struct si_sections *sections, size_t index)
{
    assert(index < sections->count);
    size_t start = index ? sections->ends[index - 1] : 0;
    return (struct bytes){sections->bytes.data + start, sections->ends[index] - start};
}
