/* SPDX-License-Identifier: Apache-2.0 */
#include "si/aits.h"
#include "base/reader.h"
#include "ts/section.h"
#include <string.h>

static uint32_t crc_of(const uint8_t *section, size_t size)
{
    struct reader reader;
    reader_init(&reader, section, size);
    reader_skip(&reader, size - TS_SECTION_CRC_SIZE);
    return reader_u32(&reader);
}

static void begin(struct si_ait_slot *slot, const struct si_ait_header *header)
{
    slot->started = true;
    slot->version = header->version;
    slot->last_section = header->last_section_number;
    slot->seen = 0;
    memset(&slot->building, 0, sizeof(slot->building));
}

enum si_ait_result si_ait_slot_push(struct si_ait_slot *slot, const uint8_t *section, size_t size,
                                    struct si_text *text)
{
    struct si_ait_header header;
    if (size == 0 || section[0] != SI_TABLE_AIT)
        return SI_AIT_NOTHING_NEW;
    if (!si_ait_read_header(section, size, &header) || header.last_section_number >= SI_AIT_SECTIONS_MAX)
        return SI_AIT_BAD;
    if (slot->type == SI_AIT_ANY_TYPE)
        slot->type = header.application_type;
    if (slot->type != header.application_type)
        return SI_AIT_NOTHING_NEW;
    uint32_t crc = crc_of(section, size);
    unsigned bit = 1u << header.section_number;
    bool same_table =
        slot->started && slot->version == header.version && slot->last_section == header.last_section_number;
    if (same_table && (slot->seen & bit) && slot->crcs[header.section_number] == crc)
        return SI_AIT_NOTHING_NEW;
    if (!same_table || (slot->seen & bit))
        begin(slot, &header);
    if (!si_ait_read(section, size, text, &slot->building))
        return SI_AIT_BAD;
    slot->seen |= bit;
    slot->crcs[header.section_number] = crc;
    if (slot->seen != (2u << slot->last_section) - 1)
        return SI_AIT_NOTHING_NEW;
    if (slot->complete && memcmp(&slot->current, &slot->building, sizeof(slot->current)) == 0)
        return SI_AIT_NOTHING_NEW;
    memcpy(&slot->current, &slot->building, sizeof(slot->current));
    slot->complete = true;
    return SI_AIT_CHANGED;
}
