/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors that say how a stream reaches the box: cable_delivery_system, service_list and
 * logical_channel. Inside si only.
 * Parsed here: libdvbpsi's decoder of the first reads beyond a short one. */
#ifndef KOKONOR_SI_CABLE_H
#define KOKONOR_SI_CABLE_H

#include "base/buffer.h"
#include "si/descriptor.h"
#include "si/nit.h"

#define SI_TAG_SERVICE_LIST 0x41
#define SI_TAG_CABLE_DELIVERY 0x44

/* Broken ones change nothing. */
void si_cable_read(struct bytes body, struct si_stream *stream);
void si_service_list_read(struct bytes body, struct si_stream *stream);
/* 0x83 or 0x87 behind a private_data_specifier that gives it that meaning; nothing behind any other. */
void si_lcn_read(const struct si_descriptor *descriptor, struct si_stream *stream);
void si_lcn_write(struct buffer *buffer, const struct si_stream *stream);
void si_cable_write(struct buffer *buffer, const struct si_cable *cable);
void si_service_list_write(struct buffer *buffer, const struct si_stream *stream);

#endif
