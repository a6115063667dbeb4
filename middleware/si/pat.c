/* SPDX-License-Identifier: Apache-2.0 */
#include "si/pat.h"
#include "si/psi.h"
#include "si/writer.h"
#include <string.h>

size_t si_pat_read(const dvbpsi_pat_t *table, struct si_pat *pat)
{
    memset(pat, 0, sizeof(*pat));
    pat->transport_stream_id = table->i_ts_id;
    pat->nit_pid = SI_PID_NONE;
    size_t left_out = 0;
    for (const dvbpsi_pat_program_t *entry = table->p_first_program; entry; entry = entry->p_next) {
        /* Below 0x10 lie the tables that are found without a PAT; a PMT there would be fed with them. */
        if (entry->i_pid < 0x10 || entry->i_pid == SI_PID_NONE)
            left_out++;
        else if (entry->i_number == 0)
            pat->nit_pid = entry->i_pid;
        else if (pat->program_count == SI_SERVICES_MAX)
            left_out++;
        else
            pat->programs[pat->program_count++] = (struct si_pat_program){entry->i_number, entry->i_pid};
    }
    return left_out;
}

static bool add_program(struct si_sections *entries, uint16_t number, uint16_t pid)
{
    const uint8_t entry[4] = {(uint8_t)(number >> 8), (uint8_t)number, (uint8_t)(0xE0 | (pid >> 8 & 0x1F)),
                              (uint8_t)pid};
    return si_sections_append(entries, entry, sizeof(entry));
}

bool si_build_pat(struct si_sections *out, const struct si_pat *pat, unsigned version)
{
    struct si_sections entries;
    si_sections_init(&entries);
    bool ok = pat->nit_pid == SI_PID_NONE || add_program(&entries, 0, pat->nit_pid);
    for (size_t i = 0; ok && i < pat->program_count; i++)
        ok = add_program(&entries, pat->programs[i].program_number, pat->programs[i].pid);
    const struct ts_section_header header = {.table_id = 0x00,
                                             .table_id_extension = pat->transport_stream_id,
                                             .version = (uint8_t)(version & 31),
                                             .current_next = true};
    ok = ok && si_sections_split(out, header, (struct bytes){NULL, 0}, false, &entries);
    si_sections_finish(&entries);
    return ok;
}
