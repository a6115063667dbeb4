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

static inline struct bytes si_psi_body(const dvbpsi_descriptor_t *descriptor)
{
    return (struct bytes){descriptor->p_data, descriptor->i_length};
}

#endif
