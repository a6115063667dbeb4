/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptors of one elementary stream in a PMT: what the stream is, which carousel or AIT it carries.
 * Inside si only. Parsed here and not by libdvbpsi, whose decoders refuse the usual short forms of 0x13, 0x14
 * and 0x66 and know no 0x6F. */
#ifndef KOKONOR_SI_COMPONENT_H
#define KOKONOR_SI_COMPONENT_H

#include "base/buffer.h"
#include "si/model.h"

/* Takes in one descriptor; one that is broken or of no interest changes nothing. */
void si_component_read_descriptor(struct si_component *component, uint8_t tag, struct bytes body);
/* Says the codec from stream_type where no descriptor said it. After the last descriptor. hdmv: the program
 * is registered as "HDMV", whose stream_types from 0x80 on differ. */
void si_component_finish(struct si_component *component, bool hdmv);
/* Appends the descriptors that component asks for. */
void si_component_write_descriptors(struct buffer *buffer, const struct si_component *component);

#endif
