/* SPDX-License-Identifier: Apache-2.0 */
#include "si/cat.h"
#include "si/descriptor.h"
#include "si/writer.h"

bool si_cat_read_section(const uint8_t *section, size_t size, struct si_cat *cat)
{
    struct ts_section_header header;
    if (!ts_section_read_header(section, size, &header) || header.table_id != SI_TABLE_CAT ||
        !header.current_next)
        return false;
    struct reader loop;
    reader_init(&loop, section, size - TS_SECTION_CRC_SIZE);
    reader_skip(&loop, TS_SECTION_HEADER_SIZE);
    for (struct si_descriptor descriptor = {0}; si_descriptor_next(&loop, &descriptor);)
        if (descriptor.tag == SI_TAG_CA && cat->access_count < SI_ACCESSES_MAX &&
            si_access_read(descriptor.body, &cat->accesses[cat->access_count]))
            cat->access_count++;
    return true;
}

bool si_build_cat(struct si_sections *out, const struct si_cat *cat, unsigned version)
{
    struct buffer body;
    buffer_init(&body, SI_SECTION_BODY_MAX);
    for (size_t i = 0; i < cat->access_count && i < SI_ACCESSES_MAX; i++)
        si_access_write(&body, &cat->accesses[i]);
    const struct ts_section_header header = {.table_id = SI_TABLE_CAT,
                                             .table_id_extension = 0xFFFF,
                                             .version = (uint8_t)(version & 31),
                                             .current_next = true};
    bool ok = si_sections_append_table(out, &header, &body);
    buffer_finish(&body);
    return ok;
}
