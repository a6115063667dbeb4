/* SPDX-License-Identifier: Apache-2.0 */
/* Stream events that happen now (ISO/IEC 13818-6, 8.3; TS 102 809, B.2.4): each is sent at once and then
 * repeated for EVENTS_REPEAT_MS with the same version, so that a lost packet loses no event. Between them
 * normal play time is told (8.1), which counts from the stream's start: the PID is never silent.
 * events_trigger may be called by one thread beside the multiplexer's, which calls the rest. */
#ifndef KOKONOR_PLAYOUT_EVENTS_H
#define KOKONOR_PLAYOUT_EVENTS_H

#include "base/error.h"
#include "playout/channel.h"
#include "ts/packet.h"

#define EVENTS_REPEAT_MS 3000
#define EVENTS_INTERVAL_MS 250
#define EVENTS_PAYLOAD_MAX 245
#define EVENTS_AT_ONCE_MAX 32
#define EVENTS_NPT_INTERVAL_MS 500
#define EVENTS_NPT_BASE_S 60 /* the reference moves on so often */

struct events;

/* frame is copied; time_base_90khz is what the PCR's base says at the stream's start. state_folder (may be
 * NULL: nothing is kept) is copied, too: each event goes on there with a new version after a restart. NULL
 * without memory. */
struct events *events_create(const struct channel_frame *frame, uint64_t time_base_90khz,
                             const char *state_folder);
void events_destroy(struct events *events); /* NULL does nothing */

/* Makes the event happen. False and a reason in error: no such name, a payload that is too long, too many at
 * once, or the channel has no event_pid. */
bool events_trigger(struct events *events, const char *name, const char *payload, struct error *error);
/* Writes the packet that is due at now, in 27 MHz ticks since the stream's start; false: none is. */
bool events_packet(struct events *events, int64_t now_27mhz, uint8_t bytes[TS_PACKET_SIZE]);

#endif
