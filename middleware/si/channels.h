/* SPDX-License-Identifier: Apache-2.0 */
/* The list of channels that a viewer zaps through: what a scan found and a living network changes, with what
 * the viewer did to it (favourites, numbers) kept. Belongs to one thread; plain data, ready to be stored. */
#ifndef KOKONOR_SI_CHANNELS_H
#define KOKONOR_SI_CHANNELS_H

#include "base/buffer.h"
#include "base/error.h"
#include "si/nit.h"
#include "si/watcher.h"

#define SI_CHANNELS_MAX 1024
#define SI_CHANNEL_NUMBER_MAX 9999

struct si_channel {
    uint16_t original_network_id, transport_stream_id, service_id;
    struct si_cable cable; /* where it is */
    uint8_t type;          /* service_type */
    bool scrambled;
    bool hidden;     /* the network wants it left out of lists */
    uint16_t lcn;    /* the network's number; 0: none */
    uint16_t number; /* what the viewer types: 1 .. SI_CHANNEL_NUMBER_MAX, each once */
    bool favourite;
    bool own_number; /* the viewer chose the number */
    bool absent;     /* a favourite that the network does not send any more */
    char name[SI_NAME_SIZE], provider[SI_NAME_SIZE];
    struct si_names names; /* in other languages */
};

struct si_channels {
    size_t count;
    size_t capacity;
    struct si_channel *channels; /* ascending by number */
    uint64_t left_out;           /* over SI_CHANNELS_MAX, or without memory */
};

void si_channels_init(struct si_channels *channels);
void si_channels_finish(struct si_channels *channels);

const struct si_channel *si_channels_find(const struct si_channels *channels, uint16_t original_network_id,
                                          uint16_t transport_stream_id, uint16_t service_id);
const struct si_channel *si_channels_by_number(const struct si_channels *channels, unsigned number);
const char *si_channel_name(const struct si_channel *channel, const char *language);

/* Appends a channel without a number to a list being collected; false: no room. */
bool si_channels_add(struct si_channels *channels, const struct si_channel *channel);
/* The services of one stream, as the watcher knows them now, become (or are among) those of found; cable says
 * where it is. Only television, radio and data services that are on air count. */
void si_channels_collect(struct si_channels *found, const struct si_watcher *watcher,
                         const struct si_cable *cable);

/* Takes over a whole scan: channels of the same ids keep favourite, and a number that the viewer chose; a
 * channel whose ids are new and whose name, provider and type are those of one that is gone is that one
 * moved. Channels that were not found go, favourites stay and are absent. Numbers: the viewer's own first,
 * then the network's logical_channel_number, then the number it had, then the first that is free behind the
 * last of the network's. True where anything changed. found is not changed. */
bool si_channels_merge(struct si_channels *channels, const struct si_channels *found);
/* The same for one transport stream while it is being watched: channels of other streams stay as they are. */
bool si_channels_merge_stream(struct si_channels *channels, const struct si_channels *found,
                              uint16_t original_network_id, uint16_t transport_stream_id);

/* The viewer's doings. False: no such channel, or (number) not in range. A number that another channel has is
 * exchanged with it. */
bool si_channels_set_favourite(struct si_channels *channels, size_t index, bool favourite);
bool si_channels_set_number(struct si_channels *channels, size_t index, unsigned number);

/* JSON, UTF-8: {"format":1,"channels":[...]}. Appends to out; false where out failed. */
bool si_channels_write(const struct si_channels *channels, struct buffer *out);
/* Replaces the list. False and the reason in error, the list as it was: not such JSON. */
bool si_channels_read(struct si_channels *channels, struct bytes json, struct error *error);

#endif
