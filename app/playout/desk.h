/* SPDX-License-Identifier: Apache-2.0 */
/* Where content is checked, signed and made ready for the air, and the folder watched for what changed. It
 * has a thread of its own; the multiplexer's thread takes what is ready with desk_take and never waits. */
#ifndef KOKONOR_PLAYOUT_DESK_H
#define KOKONOR_PLAYOUT_DESK_H

#include "playout/on_air.h"
#include "playout/status.h"
#include "playout/tables.h"

struct desk;

/* Ready to go on air: one of the two is not NULL, and the receiver's. */
struct desk_news {
    struct dsmcc_change *change;
    struct tables *tables;
    int64_t carousel_bit_rate; /* with tables: the one to use from now on; 0: as before */
};

struct desk_options {
    const char *folder;       /* copied */
    const char *state_folder; /* copied; NULL: nothing is kept */
    const char *ready_file;   /* copied; written after desk_sending; NULL: none */
    const struct config *config;
    enum content_language language; /* of the channel's texts */
    struct board *board;            /* borrowed: hears what is on air and what was refused */
};

/* NULL without memory. */
struct desk *desk_create(const struct desk_options *options);
/* Stops everything first. NULL does nothing. */
void desk_destroy(struct desk *desk);
/* Lets nobody wait in desk_reload or desk_push any more; nothing goes on air from then on. Any thread. */
void desk_stop(struct desk *desk);

/* Reads channel.json now. NULL where it is not good; why was logged. Not while watching. */
struct channel *desk_channel(struct desk *desk);
/* Reads, checks and signs one role now. NULL where there is no good version; why was logged. Not while
 * watching. */
struct edition *desk_edition(struct desk *desk, enum content_role role, int64_t now_utc);
/* Tells the board of an edition that was put on air (NULL: none). Not while watching. */
void desk_tell(struct desk *desk, enum content_role role, const struct edition *edition);

/* What is on air when watching begins. All are borrowed; frame and memory are copied. */
struct desk_air {
    struct on_air *on_air;
    const struct channel_frame *frame;
    const struct tables_options *tables;
    const struct tables_memory *memory;
    bool fixed_carousel_bit_rate; /* the settings have one: channel.json's does not count */
};

/* Watches from now on: what has changed and then stood still (60 ms after a file was closed or moved, a
 * second where one is still written to or the kernel tells nothing) is checked and, if it is good, made
 * ready. Editions are signed anew when half of their time is over, and where the clock was set back to before
 * it. False without a thread. */
bool desk_watch(struct desk *desk, const struct desk_air *air);
/* The next piece of news; false where there is none. Never waits for the desk's work. After putting it on air
 * call desk_taken. */
bool desk_take(struct desk *desk, struct desk_news *news);
void desk_taken(struct desk *desk);
/* The first packets are out. */
void desk_sending(struct desk *desk);

/* For the control socket, from any other thread, while watching; they wait for work under way and until what
 * they changed is on air. Each adds its mistakes (texts) to the array mistakes. */

/* Reads again what differs from what is on air, or was refused. True where nothing was refused. */
bool desk_reload(struct desk *desk, json_t *mistakes);
/* Puts a document into the content folder, as one whole, and on air, if the role is good with it; else
 * nothing changes. path: "commerce/catalogue/dairy.json"; "channel.json", which is refused where it says
 * something else that cannot change on air, or "channel.json/events", "/streams", "/bouquets" and
 * "/applications" for that of it.
 */
bool desk_push(struct desk *desk, const char *path, struct bytes document, json_t *mistakes);

/* Checks everything in folder as it would be before it goes on air, pictures and sound included; each mistake
 * is logged. True where nothing would be refused. */
bool desk_check(const char *folder);

#endif
