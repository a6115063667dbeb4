/* SPDX-License-Identifier: Apache-2.0 */
/* Where content is checked and signed before it goes on air, and the folder watched for what changed. Its
 * thread hands finished editions over; everything else may be called by the thread that created it. */
#ifndef KOKONOR_PLAYOUT_DESK_H
#define KOKONOR_PLAYOUT_DESK_H

#include "playout/channel.h"
#include "playout/edition.h"

struct desk;

/* What changed: one of the two is not NULL, and the receiver's. */
struct desk_news {
    struct edition *edition;
    struct channel *channel;
};

struct desk_options {
    const char *folder;       /* copied */
    const char *state_folder; /* copied; NULL: nothing is kept */
    const struct config *config;
    enum content_language language; /* of the channel's texts */
};

/* NULL without memory. */
struct desk *desk_create(const struct desk_options *options);
/* Stops watching first. NULL does nothing. */
void desk_destroy(struct desk *desk);

/* Reads channel.json now. NULL where it is not good; why was logged. Not while watching. */
struct channel *desk_channel(struct desk *desk);
/* Reads, checks and signs one role now. NULL where there is no good version; why was logged. Not while
 * watching. */
struct edition *desk_edition(struct desk *desk, enum content_role role, int64_t now_utc);

/* Watches from now on, once a second: what has changed and then stood still for a second is checked, and, if
 * it is good, handed over. Editions are signed anew when half of their time is over. False without a thread.
 */
bool desk_watch(struct desk *desk);
/* The next piece of news; false where there is none. */
bool desk_take(struct desk *desk, struct desk_news *news);

/* Checks everything in folder as it would be before it goes on air, pictures and sound included; each mistake
 * is logged. True where nothing would be refused. */
bool desk_check(const char *folder);

#endif
