/* SPDX-License-Identifier: Apache-2.0 */
/* libdvbpsi's headers, which must be included once and in order, and its descriptor lists. Inside si only. */
#ifndef KOKONOR_SI_PSI_H
#define KOKONOR_SI_PSI_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <dvbpsi/dvbpsi.h>

#include <dvbpsi/psi.h>

#include <dvbpsi/descriptor.h>

#include <dvbpsi/demux.h>

#include <dvbpsi/nit.h>
#include <dvbpsi/pat.h>
#include <dvbpsi/pmt.h>
#include <dvbpsi/sdt.h>
#include <dvbpsi/tot.h>

#include "base/buffer.h"
#include "si/descriptor.h"

static inline struct bytes si_psi_body(const dvbpsi_descriptor_t *descriptor)
{
    return (struct bytes){descriptor->p_data, descriptor->i_length};
}

/* As si_descriptor_next, over a list of libdvbpsi's; *list moves on. */
static inline bool si_psi_next(const dvbpsi_descriptor_t **list, struct si_descriptor *descriptor)
{
    if (!*list)
        return false;
    struct bytes body = si_psi_body(*list);
    if ((*list)->i_tag == SI_TAG_PRIVATE_DATA_SPECIFIER) {
        struct reader reader;
        reader_init(&reader, body.data, body.size);
        uint32_t specifier = reader_u32(&reader);
        descriptor->specifier = reader.failed ? 0 : specifier;
    }
    descriptor->tag = (*list)->i_tag;
    descriptor->body = body;
    *list = (*list)->p_next;
    return true;
}

#endif
